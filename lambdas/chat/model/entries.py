"""The log of a contact: its entries and the state that each of them carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from chat.model.identity import Principal, Role

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class Kind(StrEnum):
    """What an entry records."""

    OPENED = "opened"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    TRANSFERRED = "transferred"
    MESSAGE = "message"
    CLOSED = "closed"
    REOPENED = "reopened"


class Status(StrEnum):
    """Where a contact stands."""

    OPEN = "open"
    QUEUED = "queued"
    CLOSED = "closed"


@dataclass(frozen=True)
class Bucket:
    """A token bucket: `tokens` that were left at `at_ms` (epoch milliseconds)."""

    tokens: float
    at_ms: int


@dataclass(frozen=True)
class State:
    """The conversation after an entry; small, since every entry carries it.

    `visitor` is the device id (never leaves the back end), `seller` who answers (None while queued), `requested` the
    seller or team the page asked for. `claimed` if the contact takes up the seller's capacity, `answered` once he has
    written; `assigned_at` is ISO 8601.
    """

    status: Status
    visitor: str
    requested: str
    opened_at: str
    seller: str | None = None
    claimed: bool = False
    answered: bool = False
    assigned_at: str = ""
    buckets: Mapping[Role, Bucket] = field(default_factory=dict)

    def admits(self, principal: Principal) -> bool:
        """Whether `principal` takes part in this conversation."""
        if principal.role is Role.VISITOR:
            return principal.user_id == self.visitor
        return principal.user_id == self.seller

    def given_to(self, seller: str, at: str, *, claimed: bool) -> State:
        """The state once `seller` is to answer."""
        return replace(self, status=Status.OPEN, seller=seller, claimed=claimed, answered=False, assigned_at=at)

    def waiting(self) -> State:
        """The state once nobody is to answer."""
        return replace(self, status=Status.QUEUED, seller=None, claimed=False, answered=False, assigned_at="")

    def participants(self) -> tuple[Principal, ...]:
        """Everyone to whom an entry goes."""
        visitor = Principal(self.visitor, Role.VISITOR)
        return (visitor, Principal(self.seller, Role.SELLER)) if self.seller else (visitor,)


@dataclass(frozen=True)
class Entry:
    """One immutable entry of a contact's log.

    `seq` is dense from 1; `sender` is a seller's id, the visitor's alias or `system`; `at` is ISO 8601 in UTC with
    milliseconds; `expires_at` is in epoch seconds.
    """

    contact_id: str
    seq: int
    kind: Kind
    id: str
    sender: str
    at: str
    state: State
    expires_at: int
    text: str | None = None
    details: Mapping[str, Json] = field(default_factory=dict)

    def is_by(self, sender: str, message_id: str) -> bool:
        """Whether this is what `sender` sent under `message_id`."""
        return self.id == message_id and self.sender == sender


@dataclass(frozen=True, order=True)
class Place:
    """Where a contact stands in an inbox: by time, and those of one moment by their ids."""

    since: str
    contact_id: str


@dataclass(frozen=True)
class Head:
    """The contact in an inbox. Holds nothing personal, since it outlives the entries.

    `since` (ISO 8601) is when the contact came into this status.
    """

    contact_id: str
    status: Status
    requested: str
    since: str
    opened_at: str
    seller: str | None = None

    @classmethod
    def after(cls, entry: Entry) -> Head:
        """The head that goes with an entry which changed where the contact stands."""
        state = entry.state
        return cls(
            contact_id=entry.contact_id,
            status=state.status,
            requested=state.requested,
            since=entry.at,
            opened_at=state.opened_at,
            seller=state.seller,
        )

    @property
    def place(self) -> Place:
        """Where it stands among its kind."""
        return Place(self.since, self.contact_id)

    @property
    def inbox(self) -> str:
        """The partition of `InboxIndex` in which the contact is listed."""
        return inbox_of(self.seller or self.requested, self.status)


def inbox_of(owner: str, status: Status) -> str:
    """The `InboxIndex` partition of a seller's contacts, or of a team's queue."""
    return f"{owner}#{status}"


@dataclass(frozen=True)
class Mark:
    """How far one side has received (`delivered`) and seen (`read`) the log; both only rise."""

    delivered: int = 0
    read: int = 0

    def raised_to(self, delivered: int, read: int) -> Mark:
        """The mark after a receipt; what was read was also delivered."""
        seen = max(self.read, read)
        return Mark(delivered=max(self.delivered, delivered, seen), read=seen)


@dataclass(frozen=True)
class Window:
    """What one strongly consistent read of a contact returned: entries in order, and its head and marks.

    `complete` is False when a page limit cut the entries off; head and marks are then missing.
    """

    entries: tuple[Entry, ...] = ()
    head: Head | None = None
    marks: Mapping[Role, Mark] = field(default_factory=dict)
    complete: bool = True

    @property
    def newest(self) -> Entry | None:
        """The last entry read."""
        return self.entries[-1] if self.entries else None

    def find(self, sender: str, message_id: str) -> Entry | None:
        """The entry that `sender` sent under `message_id`, if it is in the window."""
        return next((entry for entry in self.entries if entry.is_by(sender, message_id)), None)

    def state_before(self, entry: Entry) -> State:
        """The conversation before an entry of the window; as after it, if what precedes it is not in there."""
        return next((each.state for each in self.entries if each.seq == entry.seq - 1), entry.state)

    def mark(self, role: Role) -> Mark:
        """The mark of one side; zero before its first receipt."""
        return self.marks.get(role, Mark())

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


@dataclass(frozen=True)
class Pointer:
    """Which contact a visitor has with a seller.

    `replaces` is the contact it must still point to when it is written; None where there must be no pointer yet.
    """

    visitor: str
    requested: str
    contact_id: str
    replaces: str | None = None


@dataclass(frozen=True)
class Change:
    """What is written together or not at all.

    `claim` takes up one place of a registered seller's capacity, `release` gives one back.
    """

    entries: tuple[Entry, ...]
    head: Head | None = None
    pointer: Pointer | None = None
    claim: str | None = None
    release: str | None = None
