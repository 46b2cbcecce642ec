"""What others are told of a contact: one event per entry of its log, under the entry's number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chat.model.entries import Entry, EntryKind, Json
from chat.model.identity import reference_of

TYPES: Mapping[EntryKind, str] = {
    EntryKind.OPENED: "contact.opened",
    EntryKind.QUEUED: "contact.queued",
    EntryKind.ASSIGNED: "contact.assigned",
    EntryKind.TRANSFERRED: "contact.transferred",
    EntryKind.MESSAGE: "message.created",
    EntryKind.CLOSED: "contact.closed",
    EntryKind.REOPENED: "contact.reopened",
    EntryKind.IDENTIFIED: "contact.identified",
}
SOURCE = "seller-chat"
ERASED = "visitor.erased"


def event_of(entry: Entry, *, is_forgotten: bool = False) -> dict[str, Json]:
    """`{id, type, timestamp, data}`; docs/php-backend.md describes it. The device id is not in it.

    Of a contact whose visitor was erased only that is told by which sellers get their room back.
    """
    data: dict[str, Json] = {
        "contact_id": entry.contact_id,
        "seq": entry.seq,
        "kind": entry.kind,
        "from": entry.sender,
        "timestamp": entry.at,
        "status": entry.state.status,
        "seller_id": entry.state.seller,
        "requested": entry.state.requested,
    }
    if not is_forgotten:
        data |= {"visitor": reference_of(entry.state.visitor), **entry.details}
        if entry.text is not None:
            data["message"] = entry.text
    return {"id": f"{entry.contact_id}/{entry.seq}", "type": TYPES[entry.kind], "timestamp": entry.at, "data": data}


def erased_event(visitor: str, contact_ids: Sequence[str], at: str) -> dict[str, Json]:
    """That a visitor was erased, by the reference under which others know them, at a time in ISO 8601."""
    data: dict[str, Json] = {"visitor": visitor, "contact_ids": list(contact_ids), "timestamp": at}
    return {"id": f"{visitor}/erased/{at}/{contact_ids[0]}", "type": ERASED, "timestamp": at, "data": data}
