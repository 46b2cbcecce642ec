"""The log of a contact: its entries and the state that each of them carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from chat.model.identity import Principal, Role
from chat.model.rates import Bucket

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class EntryKind(StrEnum):
    """What an entry records."""

    OPENED = "opened"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    TRANSFERRED = "transferred"
    MESSAGE = "message"
    CLOSED = "closed"
    REOPENED = "reopened"
    IDENTIFIED = "identified"


GIVING = frozenset({EntryKind.ASSIGNED, EntryKind.TRANSFERRED, EntryKind.REOPENED})
"""What gives a contact to a seller."""

TALK = frozenset({EntryKind.MESSAGE, EntryKind.IDENTIFIED})
"""What leaves a contact where it stands."""

PREVIOUS_CONTACT = "previous_contact"
"""Among the details of the first entry: the contact that the same visitor had before with the same seller or team."""

LONGEST_NAME = 80
"""Of a name as a list shows it, in characters."""

FORMER = 5
"""How many sellers who had a contact it remembers: what they sent last may come once more."""


class Status(StrEnum):
    """Where a contact stands."""

    OPEN = "open"
    QUEUED = "queued"
    CLOSED = "closed"


@dataclass(frozen=True)
class Talk:
    """What a list shows of a conversation beside where it stands.

    `name` is what visitors call themselves, cut off; `said` is the number of the newest message, `asked` how many the
    visitor wrote. `since` (ISO 8601) is when they wrote the first that no seller has answered yet, empty for none.
    """

    name: str = ""
    said: int = 0
    asked: int = 0
    since: str = ""

    def after_message(self, seq: int, at: str, *, by_visitor: bool) -> Talk:
        """The talk once message `seq` was written."""
        if by_visitor:
            return replace(self, said=seq, asked=self.asked + 1, since=self.since or at)
        return replace(self, said=seq, since="")

    def after_details(self, details: Mapping[str, Json]) -> Talk:
        """The talk once visitors have told `details` of themselves."""
        name = details.get("name")
        return replace(self, name=name.strip()[:LONGEST_NAME]) if isinstance(name, str) else self


@dataclass(frozen=True)
class State:
    """The conversation after an entry; small, since every entry carries it.

    `visitor` is the device id (never leaves the back end), `seller` who answers (None while queued), `requested` the
    seller or team the page asked for. `claimed` if the contact takes up the seller's capacity, `answered` once the
    seller wrote; `assigned_at` is ISO 8601, `assigned_in` the number of the entry that gave the contact to the seller.
    `former` are the last of those who had it before, `heard_at` is when the seller wrote last (ISO 8601).

    `handed_to` is the team that a seller handed the contact to last; empty if that was never another than `requested`.

    `spoken` once the visitor has written; `parked_at` is when a seller's place was first taken from one who had not.
    `talk` is what lists show; None where the contact began before that was noted.
    """

    status: Status
    visitor: str
    requested: str
    opened_at: str
    seller: str | None = None
    claimed: bool = False
    answered: bool = False
    assigned_at: str = ""
    assigned_in: int = 0
    buckets: Mapping[Role, Bucket] = field(default_factory=dict)
    former: tuple[str, ...] = ()
    heard_at: str = ""
    # Nobody whose contact began before this was noted loses a place for it.
    spoken: bool = True
    parked_at: str = ""
    talk: Talk | None = None
    handed_to: str = ""

    @property
    def asked(self) -> str:
        """The seller or team in whose queue the contact waits, when it does."""
        return self.handed_to or self.requested

    def admits(self, principal: Principal) -> bool:
        """Whether `principal` takes part in this conversation."""
        if principal.role is Role.VISITOR:
            return principal.user_id == self.visitor
        return principal.user_id == self.seller

    def given_to(self, seller: str, at: str, *, claimed: bool) -> State:
        """The state once `seller` is to answer."""
        return replace(
            self,
            status=Status.OPEN,
            seller=seller,
            claimed=claimed,
            answered=False,
            assigned_at=at,
            former=self._former_after(seller),
        )

    def waiting(self) -> State:
        """The state once nobody is to answer."""
        return replace(
            self,
            status=Status.QUEUED,
            seller=None,
            claimed=False,
            answered=False,
            assigned_at="",
            former=self._former_after(None),
        )

    def handed_on(self, team: str) -> State:
        """The state as a team's to serve."""
        return replace(self, handed_to="" if team == self.requested else team)

    def _former_after(self, seller: str | None) -> tuple[str, ...]:
        if self.seller is None or self.seller == seller:
            return self.former
        return (*(each for each in self.former if each != self.seller), self.seller)[-FORMER:]

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
    kind: EntryKind
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


@dataclass(frozen=True)
class Mark:
    """How far one side has received (`delivered`) and seen (`read`) the log; both only rise."""

    delivered: int = 0
    read: int = 0

    def raised_to(self, delivered: int, read: int) -> Mark:
        """The mark after a receipt; what was read was also delivered."""
        seen = max(self.read, read)
        return Mark(delivered=max(self.delivered, delivered, seen), read=seen)
