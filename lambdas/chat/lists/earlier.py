"""What a visitor had before a contact: each opening notes which one it follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chat.log import Log
from chat.model.entries import PREVIOUS_CONTACT, Entry, EntryKind
from chat.model.identity import Principal, alias_of
from chat.model.inbox import Listing
from chat.ports.conversations import Excerpt
from chat.ports.machine import Parallel
from chat.protocol.replies import EarlierListed, EarlierView, earlier_view

PAGE = 5
"""How many contacts one answer looks at: each is read after the one that follows it, which says which it is."""

BEGINNING = 3
"""Entries that are read of each: it was opened, given to somebody, and mostly the visitor said what they want."""

MayRead = Callable[[Listing], bool]
"""Whether somebody may read a contact that is listed so."""


class Earlier:
    """Walks from a contact to those that its visitor had before with the same seller or team."""

    def __init__(self, *, log: Log, parallel: Parallel) -> None:
        self._log = log
        self._parallel = parallel

    def listed(self, contact_id: str, after: str | None, visitor: Principal, may_read: MayRead) -> EarlierListed:
        """Those before `after`, or before the contact, that may be read: the newest first, of the next `PAGE`.

        Raises `ChatError`: `try_again`.
        """
        found: list[EarlierView] = []
        last = after or contact_id
        previous = _previous(self._log.beginning(last, 1))
        for _ in range(PAGE):
            if previous is None:
                break
            end, beginning = self._both_ends(previous)
            if end.newest is None or end.listing is None or not end.listing.knows(visitor):
                # It has expired, as all before it have; or the visitor is being erased.
                previous = None
                break
            if may_read(end.listing):
                found.append(earlier_view(end.listing, end.newest, _first_message(beginning)))
            last, previous = previous, _previous(beginning)
        return EarlierListed.of(contact_id, found, after=last if previous else None)

    def _both_ends(self, contact_id: str) -> tuple[Excerpt, Sequence[Entry]]:
        ends: list[Excerpt] = []
        beginnings: list[Sequence[Entry]] = []
        tasks: list[Callable[[], None]] = [
            lambda: ends.append(self._log.end(contact_id)),
            lambda: beginnings.append(self._log.beginning(contact_id, BEGINNING)),
        ]
        self._parallel.run(tasks)
        return ends[0], beginnings[0]


def _previous(beginning: Sequence[Entry]) -> str | None:
    previous = beginning[0].details.get(PREVIOUS_CONTACT) if beginning else None
    return previous if isinstance(previous, str) else None


def _first_message(beginning: Sequence[Entry]) -> Entry | None:
    by_visitor = (each for each in beginning if each.sender == alias_of(each.contact_id))
    return next((each for each in by_visitor if each.kind is EntryKind.MESSAGE), None)
