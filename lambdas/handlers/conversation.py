"""InitChat, sendMessage, sync, receipt, typing, inbox, presence, transferChat and closeChat."""

from __future__ import annotations

from handlers import composition, events
from handlers.environment import Environment

_dispatch = composition.system(Environment()).dispatch


def handle(event: events.Event, _context: object) -> events.Response:
    """Answer one frame over the connection it came from."""
    frame = _dispatch.answer(
        event.get("body") or "", events.sender(event), is_binary=bool(event.get("isBase64Encoded"))
    )
    return events.answered(frame)
