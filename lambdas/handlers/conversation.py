"""Every frame that has a route of its own; `chat.protocol.frames` lists them."""

from __future__ import annotations

from chat.api.dispatch import Dispatch
from handlers import composition, events

_dispatch = Dispatch(composition.services())


def handle(event: events.Event, _context: object) -> events.Response:
    """Answer one frame over the connection it came from."""
    frame = _dispatch.answer(
        event.get("body") or "", events.sender(event), is_binary=bool(event.get("isBase64Encoded"))
    )
    return events.answered(frame)
