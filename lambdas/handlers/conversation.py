"""Every frame that has a route of its own; `chat.protocol.frames` lists them."""

from __future__ import annotations

from chat.api.dispatch import Dispatch
from chat.protocol.frames import UNANSWERED
from handlers import composition, events

_services = composition.services()
_dispatch = Dispatch(_services)


def handle(event: events.Event, _context: object) -> events.Response:
    """Answer one frame over the connection it came from."""
    frame = _dispatch.answer(
        event.get("body") or "",
        events.sender(event),
        is_binary=bool(event.get("isBase64Encoded")),
        route=events.action(event),
    )
    if frame is not None and events.action(event) in UNANSWERED:
        # Its route hands nothing back, so that what goes well is no frame that is paid for.
        _services.delivery.reply(events.connection_id(event), frame)
        frame = None
    return events.answered(frame)
