"""The conversations table, in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from chat.model.entries import Entry, Mark, Status
from chat.model.identity import Role
from chat.model.inbox import Listing, Place, Snooze, Standing
from chat.ports.conversations import Change, Current, Excerpt, Pointer
from chat.ports.errors import ListingMovedError, NumberTakenError, PointerMovedError, SellerFullError
from tests.doubles.sellers import MemorySellers


@dataclass
class MemoryConversations:
    """The conversations table: strongly consistent, conditional, all or nothing. Counts its requests by kind."""

    entries: dict[str, dict[int, Entry]] = field(default_factory=lambda: defaultdict(dict))
    listings: dict[str, Listing] = field(default_factory=dict)
    marks: dict[str, dict[Role, Mark]] = field(default_factory=lambda: defaultdict(dict))
    pointers: dict[tuple[str, str], Current] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    sellers: MemorySellers = field(default_factory=MemorySellers)

    def read(self, contact_id: str, first: int, limit: int | None = None) -> Excerpt:
        self.requests["read"] += 1
        log = self.entries.get(contact_id, {})
        wanted = [log[seq] for seq in sorted(log) if seq >= first]
        if limit is not None and len(wanted) > limit:
            return Excerpt(tuple(wanted[:limit]), complete=False)
        return self._excerpt(contact_id, wanted)

    def latest(self, contact_id: str) -> Excerpt:
        self.requests["latest"] += 1
        log = self.entries.get(contact_id, {})
        return self._excerpt(contact_id, [log[max(log)]] if log else [])

    def listing(self, contact_id: str) -> Listing | None:
        self.requests["listing"] += 1
        return self.listings.get(contact_id)

    def commit(self, change: Change) -> None:
        self.requests["commit"] += 1
        if any(entry.seq in self.entries.get(entry.contact_id, {}) for entry in change.entries):
            raise NumberTakenError
        if change.listing and change.entries[0].seq == 1 and change.listing.contact_id in self.listings:
            raise NumberTakenError
        if change.listing and change.relies_on not in {None, self.listings.get(change.listing.contact_id)}:
            raise ListingMovedError
        current = self._replaceable(change.pointer) if change.pointer else None
        self._check_room(change)
        if change.pointer:
            version = current.version + 1 if current else 1
            pointed = (change.pointer.visitor, change.pointer.requested)
            self.pointers[pointed] = Current(change.pointer.contact_id, version)
        for entry in change.entries:
            self.entries[entry.contact_id][entry.seq] = entry
        self._move_counts(change)
        if change.listing:
            self.listings[change.listing.contact_id] = change.listing

    def _replaceable(self, pointer: Pointer) -> Current | None:
        current = self.pointers.get((pointer.visitor, pointer.requested))
        if (current.contact_id if current else None) != pointer.replaces:
            raise PointerMovedError
        if current and pointer.version not in {None, current.version}:
            raise PointerMovedError
        return current

    def _check_room(self, change: Change) -> None:
        seller = self.sellers.items.get(change.claim) if change.claim else None
        if change.claim and (seller is None or not seller.has_room):
            raise SellerFullError(change.claim)

    def _move_counts(self, change: Change) -> None:
        if change.claim:
            self.sellers.count(change.claim, 1, change.entries[-1].at)
        if change.release and change.release in self.sellers.items:
            self.sellers.count(change.release, -1)

    def raise_mark(self, contact_id: str, role: Role, mark: Mark, expires_at: int) -> bool:
        self.requests["raise_mark"] += 1
        before = self.marks[contact_id].get(role, Mark())
        if before.delivered > mark.delivered or before.read > mark.read:
            return False
        self.marks[contact_id][role] = mark
        return True

    def current_contact(self, visitor: str, requested: str) -> Current | None:
        self.requests["current_contact"] += 1
        return self.pointers.get((visitor, requested))

    def keep_beside(self, newest: Entry) -> None:
        self.requests["keep_beside"] += 1

    def inbox(self, owner: str, status: Status, limit: int, after: Place | None = None) -> Sequence[Listing]:
        self.requests["inbox"] += 1
        forward = status is Status.QUEUED
        listed = [listing for listing in self.listings.values() if (listing.owner, listing.status) == (owner, status)]
        listed.sort(key=lambda listing: listing.place, reverse=not forward)
        if after:
            listed = [listing for listing in listed if (listing.place > after if forward else listing.place < after)]
        return listed[:limit]

    def longest_open(self, seller: str, limit: int) -> Sequence[Listing]:
        self.requests["longest_open"] += 1
        listed = [
            listing for listing in self.listings.values() if (listing.owner, listing.status) == (seller, Status.OPEN)
        ]
        return sorted(listed, key=lambda listing: listing.place)[:limit]

    def snooze(self, listing: Listing, snooze: Snooze) -> bool:
        self.requests["snooze"] += 1
        if self.listings.get(listing.contact_id) != listing or not listing.visitor:
            return False
        self.listings[listing.contact_id] = replace(listing, snooze=snooze)
        return True

    def retire(self, listing: Listing) -> None:
        self.requests["retire"] += 1
        if self.listings.get(listing.contact_id) == listing:
            self.listings[listing.contact_id] = replace(
                listing, status=Status.CLOSED, claimed=False, standing=Standing.SPOKEN, snooze=None
            )
            if listing.claimed and listing.seller in self.sellers.items:
                self.sellers.count(listing.seller, -1)

    def expire(self, contact_id: str, through: int, *, deleted: Callable[[int], bool] = lambda _: True) -> None:
        """What TTL does to the entries up to a number: their time is over, and some or all of them are deleted."""
        log = self.entries[contact_id]
        for seq in [seq for seq in log if seq <= through]:
            log[seq] = replace(log[seq], expires_at=0)
            if deleted(seq):
                del log[seq]

    def _excerpt(self, contact_id: str, entries: Sequence[Entry]) -> Excerpt:
        return Excerpt(tuple(entries), self.listings.get(contact_id), dict(self.marks.get(contact_id, {})))


class ContestedConversations(MemoryConversations):
    """Lets somebody else do something before each of the next writes."""

    def __init__(self) -> None:
        super().__init__()
        self.before_writing: list[Callable[[], object]] = []

    def commit(self, change: Change) -> None:
        if self.before_writing:
            self.before_writing.pop(0)()
        super().commit(change)


class TwoAtTheEnd(MemoryConversations):
    """Reads the end of a log as DynamoDB does: with an entry before the newest one, and its listing anew each time."""

    def latest(self, contact_id: str) -> Excerpt:
        end = super().latest(contact_id)
        before = self.entries.get(contact_id, {}).get(end.newest.seq - 1) if end.newest else None
        entries = (before, *end.entries) if before else end.entries
        return replace(end, entries=entries, listing=replace(end.listing) if end.listing else None)
