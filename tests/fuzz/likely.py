"""What would be accepted: made-up inputs begin with it, since whatever lies behind the checks is never reached else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from chat.api.rest import ReportRequest, SendRequest, StartRequest
from chat.model.identity import reference_of
from chat.protocol.frames import KNOWN, CloseChat, Identify, Receipt
from tests.fuzz.surface import CONTACT, PAST, SELLER, VISITOR

FIELDS: Mapping[str, Any] = {
    "add": "refund",
    "after": None,
    "announce": True,
    "base": 0,
    "beat": True,
    "contact_id": CONTACT,
    "delivered": 1,
    "deviceId": VISITOR.user_id,
    "earlier": PAST,
    "failed_sends": 1,
    "ends": "2026-01-20T09:00:00.000Z",
    "id": "m1",
    "limit": 10,
    "lines": True,
    "message": "Hello",
    "minutes": 60,
    "name": "hello",
    "query": "Hello",
    "queued": True,
    "read": 1,
    "reason": "Insults",
    "reconnects": 2,
    "remove": "spam",
    "sellerId": SELLER.user_id,
    "slowest_send_ms": 7000,
    "status": None,
    "tails": True,
    "text": "Asked for a refund",
    "to": SELLER.user_id,
    "typing": True,
    "until": "2026-01-20T09:00:00.000Z",
    "since": "2026-11-23T10:00:00.000Z",
    "userInfo": {"name": "Ana"},
    "visitor": reference_of(VISITOR.user_id),
    "widgetId": "widget-1",
}
"""A value for each field that is taken wherever the field is."""
ELSEWHERE: Mapping[tuple[str, str], Any] = {
    ("sync", "after"): 0,
    ("readEarlier", "after"): 0,
    ("snooze", "base"): None,
    ("snooze", "ends"): None,
}
"""Where another one is."""


def frame(action: str) -> dict[str, Any]:
    """A frame that is taken."""
    return {"action": action, **_object(KNOWN[action], action)}


def body(route: str) -> dict[str, Any]:
    """The body of a call that is taken."""
    kinds: dict[str, type[Struct]] = {
        "POST /sendmessage": SendRequest,
        "POST /chats": StartRequest,
        "POST /reports": ReportRequest,
        "POST /chats/{contact_id}/receipts": Receipt,
        "POST /chats/{contact_id}/identify": Identify,
        "POST /chats/{contact_id}/close": CloseChat,
    }
    return _object(kinds[route], route) if route in kinds else {}


def _object(kind: type[Struct], name: str) -> dict[str, Any]:
    return {field: ELSEWHERE.get((name, field), FIELDS[field]) for field in kind.__struct_fields__}
