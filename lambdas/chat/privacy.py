"""What visitors may ask of those who keep the chats: to be shown what is kept of them, and to be forgotten.

The source of both is the General Data Protection Regulation, articles 15 and 17.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from chat.contacts import Command
from chat.limits import ends
from chat.model.entries import Status
from chat.model.errors import ChatError, Code
from chat.model.identity import Principal, Role, Sender, reference_of
from chat.ports.limits import Block
from chat.ports.visitors import VisitorCopies, VisitorData, VisitorNews
from chat.protocol.replies import marks_of, view
from chat.services import Services

PASSES = 5
"""How often to look again for what went on while it was to be erased."""


class StillWrittenError(Exception):
    """Something went on again and again while it was to be erased: erase once more."""


@dataclass(frozen=True)
class Erased:
    """How much was deleted; `items` counts all but connections and `letters`, which waited for a person."""

    contacts: int
    items: int
    connections: int
    letters: int


class Privacy:
    """Exports and erases visitors. It costs a read of the whole table, and is asked for rarely."""

    def __init__(
        self,
        *,
        services: Services,
        data: VisitorData,
        news: VisitorNews,
        copies: VisitorCopies,
        let_finish: Callable[[], None],
    ) -> None:
        """`let_finish` waits until what is at work now has been written, or never will be."""
        self._data = data
        self._let_finish = let_finish
        self._news = news
        self._copies = copies
        self._store = services.ports.store
        self._connections = services.ports.connections
        self._blocks = services.ports.blocks
        self._delivery = services.delivery
        self._lifecycle = services.lifecycle

    def device_of(self, contact_id: str) -> str | None:
        """The device id behind a contact, which is all that a shop knows of a visitor; None if none is known."""
        newest = self._store.latest(contact_id).newest
        return newest.state.visitor if newest else None

    def export(self, device: str) -> dict[str, Any]:
        """All that is kept of a visitor, as JSON: contacts with every entry, open connections, and the last block."""
        contacts = [self._exported(contact_id) for contact_id in self._data.contacts_of(device)]
        connections = [{"connected_at": each.connected_at} for each in self._connections.of(_visitor(device))]
        block = self._blocks.of(reference_of(device))
        blocks = [_exported_block(block)] if block else []
        return {"device_id": device, "contacts": contacts, "connections": connections, "blocks": blocks}

    def erase(self, device: str, last: str | None = None) -> Erased:
        """Delete all that is kept of a visitor. Open contacts are closed first, and their sellers are told.

        `last` is the contact by which an operator knows the visitor, and will ask again if this is cut off.

        No contact loses an entry before others were told: what is cut off is found and told again. Raises
        `StillWrittenError`, `NotToldError`, the stores' errors, and `ChatError`: `try_again`. It may be repeated.
        """
        visitor = _visitor(device)
        connections = self._disconnect(visitor)
        for attempt in range(PASSES):
            found = self._data.contacts_of(device)
            going_on = [each for each in found if attempt == 0 or not self._is_sealed(each)]
            if not going_on:
                connections += self._disconnect(visitor)
                return self._deleted(device, sorted(found, key=lambda each: each == last), connections)
            for contact_id in going_on:
                self._close(visitor, contact_id)
                # From here on nobody begins to write to it or is brought anything of it, and then they hear why.
                # One that was reopened holds a place, which its end gives back.
                self._data.forget_whose(contact_id, Status.CLOSED)
            self._news.erased(reference_of(device), going_on)
            # Before the first number is free again, for which somebody may have looked already.
            self._let_finish()
        raise StillWrittenError(f"{len(going_on)} contacts were reopened while they were to be erased.")

    def _deleted(self, device: str, contacts: Sequence[str], connections: int) -> Erased:
        """Last of each contact its newest entry, by which an erasure that was cut off finds it again."""
        items = self._data.forget_device(device, contacts)
        items += sum(self._data.forget_contact(each, but_newest=True) for each in contacts)
        letters = self._copies.forget()
        items += sum(map(self._data.forget_contact, contacts))
        return Erased(len(contacts), items, connections, letters)

    def _is_sealed(self, contact_id: str) -> bool:
        """Whether it is as it was left: what somebody was about to do then may have listed it anew."""
        listing = self._store.listing(contact_id)
        return listing is None or listing.is_erased

    def _disconnect(self, visitor: Principal) -> int:
        open_now = len(self._connections.of(visitor))
        self._delivery.close_all(visitor)
        return open_now

    def _exported(self, contact_id: str) -> dict[str, Any]:
        excerpt = self._store.read(contact_id, 1)
        entries = [view(entry) for entry in excerpt.entries]
        exported = {"contact_id": contact_id, "entries": entries, "marks": marks_of(excerpt)}
        plain: dict[str, Any] = msgspec.to_builtins(exported, str_keys=True)
        return plain

    def _close(self, visitor: Principal, contact_id: str) -> None:
        try:
            self._lifecycle.close(Command(Sender(visitor), contact_id))
        except ChatError as error:
            # What was left half erased, or has expired, has no end to write any more.
            if error.code not in {Code.FORBIDDEN, Code.CONTACT_EXPIRED}:
                raise
            listing = self._store.listing(contact_id)
            if listing and listing.status is not Status.CLOSED:
                self._store.retire(listing)


def _visitor(device: str) -> Principal:
    return Principal(device, Role.VISITOR)


def _exported_block(block: Block) -> dict[str, str]:
    return {"reason": block.reason, "seller_id": block.seller_id, "since": block.since, "until": ends(block)}
