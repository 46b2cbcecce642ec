"""In-memory implementations of the domain's ports, faithful to what the real ones promise and to nothing more."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from chat.adapters.json_journal import origin_of
from chat.model.entries import Entry, Json, Mark, Status
from chat.model.identity import Principal, Role
from chat.model.inbox import Listing, Place, inbox_of
from chat.model.sellers import Availability, Seller
from chat.ports.connections import Connection, Description
from chat.ports.conversations import Change, Current, Excerpt, Pointer
from chat.ports.errors import ConnectionGoneError, NumberTakenError, PointerMovedError, SellerFullError

T = TypeVar("T")
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class FakeClock:
    """A clock that stands still until it is told to move."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def advance(self, **duration: float) -> None:
        self.moment += timedelta(**duration)


@dataclass
class CountingIds:
    """`prefix1`, `prefix2` …"""

    prefix: str = "id-"
    count: int = 0

    def new(self) -> str:
        self.count += 1
        return f"{self.prefix}{self.count}"


class NoPause:
    """Does not wait."""

    def after_attempt(self, attempt: int) -> None:
        pass


class OneAfterAnother:
    """Runs tasks in order, all of them even if one raises, like `chat.adapters.threads.Threads`."""

    def run(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        results: list[T] = []
        errors: list[Exception] = []
        for task in tasks:
            try:
                results.append(task())
            except Exception as error:  # noqa: BLE001 - handed on below
                errors.append(error)
        if errors:
            raise errors[0]
        return results


@dataclass
class RecordingJournal:
    """Keeps what was noted."""

    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def note(self, event: str, **fields: str | int | float | bool | None) -> None:
        self.notes.append((event, dict(fields)))

    def failed(self, event: str, error: Exception, **fields: str | int | float | bool | None) -> None:
        self.note(event, error=origin_of(error), **fields)


@dataclass
class MemorySellers:
    """The sellers table."""

    items: dict[str, Seller] = field(default_factory=dict)
    heard_on: dict[str, str] = field(default_factory=dict)

    def get(self, seller_id: str) -> Seller | None:
        return self.items.get(seller_id)

    def team(self, team: str) -> Sequence[Seller]:
        return [seller for seller in self.items.values() if seller.team == team]

    def beat(
        self, seller_id: str, availability: Availability | None, at: int, connection_id: str = ""
    ) -> Seller | None:
        if seller_id not in self.items:
            return None
        self.heard_on[seller_id] = connection_id
        seller = self.items[seller_id]
        self.items[seller_id] = replace(seller, availability=availability or seller.availability, heartbeat_at=at)
        return self.items[seller_id]

    def leave(self, seller_id: str, connection_id: str, remaining: str | None = None) -> None:
        if self.heard_on.get(seller_id) != connection_id:
            return
        if remaining:
            self.heard_on[seller_id] = remaining
        else:
            self.items[seller_id] = replace(self.items[seller_id], heartbeat_at=0)

    def drained(self, seller_id: str, to: str) -> None:
        if seller_id in self.items:
            self.items[seller_id] = replace(self.items[seller_id], drained_to=to)

    def register(self, seller: Seller) -> None:
        self.items.setdefault(seller.id, seller)

    def count(self, seller_id: str, change: int, assigned_at: str | None = None) -> None:
        seller = self.items[seller_id]
        self.items[seller_id] = replace(
            seller, open_count=seller.open_count + change, last_assigned=assigned_at or seller.last_assigned
        )


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

    def inbox(self, owner: str, status: Status, limit: int, after: Place | None = None) -> Sequence[Listing]:
        self.requests["inbox"] += 1
        forward = status is Status.QUEUED
        listed = [listing for listing in self.listings.values() if listing.inbox == inbox_of(owner, status)]
        listed.sort(key=lambda listing: listing.place, reverse=not forward)
        if after:
            listed = [listing for listing in listed if (listing.place > after if forward else listing.place < after)]
        return listed[:limit]

    def longest_open(self, seller: str, limit: int) -> Sequence[Listing]:
        self.requests["longest_open"] += 1
        listed = [listing for listing in self.listings.values() if listing.inbox == inbox_of(seller, Status.OPEN)]
        return sorted(listed, key=lambda listing: listing.place)[:limit]

    def retire(self, listing: Listing) -> None:
        self.requests["retire"] += 1
        if self.listings.get(listing.contact_id) == listing:
            self.listings[listing.contact_id] = replace(listing, status=Status.CLOSED, claimed=False)
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


@dataclass
class MemoryConnections:
    """The connections table. `requests` counts."""

    items: dict[str, Connection] = field(default_factory=dict)
    described: dict[str, tuple[str, Json, str]] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)

    def add(self, connection: Connection, expires_at: int) -> None:
        self.requests["add"] += 1
        self.items[connection.id] = connection

    def restore(self, connection: Connection, expires_at: int) -> None:
        self.requests["restore"] += 1
        self.items[connection.id] = connection

    def remove(self, connection_id: str) -> Connection | None:
        self.requests["remove"] += 1
        return self.items.pop(connection_id, None)

    def forget(self, connection: Connection) -> None:
        self.requests["remove"] += 1
        if self.items.get(connection.id) == connection:
            del self.items[connection.id]

    def of(self, person: Principal) -> Sequence[Connection]:
        self.requests["of"] += 1
        return [item for item in self.items.values() if item.user_id == person.user_id and item.role is person.role]

    def describe(self, connection_id: str, learned: Description) -> None:
        self.requests["describe"] += 1
        if connection_id in self.items:
            self.described[connection_id] = (learned.seller_id, learned.user_info, learned.contact_id)


@dataclass
class MemoryOpenings:
    """The counters of new contacts; `failure`, if there is one, is raised."""

    counts: dict[str, set[str]] = field(default_factory=dict)
    failure: Exception | None = None

    def count(self, key: str, start: str, limit: int, expires_at: int) -> bool:
        if self.failure:
            raise self.failure
        starts = self.counts.setdefault(key, set())
        if start not in starts and len(starts) >= limit:
            return False
        starts.add(start)
        return True


@dataclass
class RecordingPush:
    """Keeps the frames posted to each connection; those in `gone` answer 410, those in `failing` raise."""

    frames: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    gone: set[str] = field(default_factory=set)
    failing: dict[str, Exception] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)

    def post(self, connection_id: str, frame: bytes) -> None:
        if connection_id in self.gone:
            raise ConnectionGoneError(connection_id)
        if connection_id in self.failing:
            raise self.failing[connection_id]
        self.frames[connection_id].append(frame)

    def close(self, connection_id: str) -> None:
        if connection_id in self.failing:
            raise self.failing[connection_id]
        self.closed.append(connection_id)


class MemoryCheckUps:
    """Implements `chat.ports.check_ups.CheckUps`."""

    def __init__(self) -> None:
        self.pending: dict[str, datetime] = {}

    def put(self, contact_id: str, at: datetime) -> None:
        self.pending[contact_id] = at

    def remove(self, contact_id: str) -> None:
        self.pending.pop(contact_id, None)
