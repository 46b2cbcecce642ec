"""How a contact is listed: for its seller, or in a queue."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import IntEnum

from chat.model.entries import Entry, State, Status
from chat.model.identity import Principal, Role

_BEHIND = "~"
"""Sorts behind every time."""


class Standing(IntEnum):
    """Who comes first of those who wait, however long: who has spoken, who has not, who kept a seller in vain."""

    SPOKEN = 0
    SILENT = 1
    PARKED = 2

    @classmethod
    def of(cls, state: State) -> Standing:
        """The standing of a contact; all that nobody waits in are alike."""
        if state.status is not Status.QUEUED or state.spoken:
            return cls.SPOKEN
        return cls.PARKED if state.parked_at else cls.SILENT

    @classmethod
    def read_from(cls, since: str) -> Standing:
        """The standing in a place as it is stored."""
        return cls(len(since) - len(since.lstrip(_BEHIND)))


@dataclass(frozen=True, order=True)
class Place:
    """Where a contact stands in an inbox: by standing, by time, and those of one moment by their ids.

    `since` is a time with a sign before it for each step of the standing, so that it sorts as text.
    """

    since: str
    contact_id: str

    def __str__(self) -> str:
        """As it is stored and as a client hands it back; no time and no id has a slash in it."""
        return f"{self.since}/{self.contact_id}"

    @property
    def time(self) -> str:
        """The time alone, in ISO 8601."""
        return self.since.lstrip(_BEHIND)

    @classmethod
    def parse(cls, text: str) -> Place:
        """The place that was written so."""
        since, _, contact_id = text.partition("/")
        return cls(since, contact_id)


@dataclass(frozen=True)
class Snooze:
    """That its seller does not want to see an open contact until a time, or until its visitor writes.

    `seq` is the last entry that the seller had, `asked` how many messages the visitor had written by then, `id` what
    the seller called it. `woken_at` is when the seller saw that the contact was back, or took the snooze back; empty
    until then. Both times are ISO 8601.
    """

    id: str
    until: str
    seq: int
    asked: int
    woken_at: str = ""

    @property
    def is_away(self) -> bool:
        """Whether the seller has not looked at the contact since, though its time may have come."""
        return not self.woken_at

    @classmethod
    def of(cls, newest: Entry, *, snooze_id: str, until: str, seq: int) -> Snooze:
        """A snooze of a contact that has come to `newest`, of which the seller had everything up to `seq`."""
        return cls(id=snooze_id, until=until, seq=seq, asked=_asked(newest))


@dataclass(frozen=True)
class Listing:
    """The contact in an inbox. Holds nothing personal, since it outlives the entries.

    `since` (ISO 8601) is when the contact came into this status; `claimed` if it takes up the seller's capacity.
    `visitor` is a digest that tells of a device id whether it is the visitor's; empty once they were forgotten.
    `requested` is the seller or team in whose queue it waits, when it does. `former` are sellers who had the contact
    before; `standing` is who comes first of those who wait. `snooze` is what the seller wanted last; whatever moves the
    contact lists it anew, and so without one; `snooze_as_stored` may say more of it than this release knows.
    `is_erased` once nobody may read or write it any more.
    """

    contact_id: str
    status: Status
    requested: str
    since: str
    opened_at: str
    seller: str | None = None
    claimed: bool = False
    visitor: str = ""
    former: tuple[str, ...] = ()
    standing: Standing = Standing.SPOKEN
    snooze: Snooze | None = None
    snooze_as_stored: str = field(default="", compare=False)
    is_erased: bool = False

    @classmethod
    def after(cls, entry: Entry) -> Listing:
        """The listing that goes with an entry which changed where the contact stands."""
        state = entry.state
        return cls(
            contact_id=entry.contact_id,
            status=state.status,
            requested=state.asked,
            since=entry.at,
            opened_at=state.opened_at,
            seller=state.seller,
            claimed=state.claimed,
            visitor=_digest(entry.contact_id, state.visitor),
            former=state.former,
            standing=Standing.of(state),
        )

    def knows(self, person: Principal) -> bool:
        """Whether a person takes part in the conversation, or did: all others need not be told that there is one."""
        if person.role is Role.VISITOR:
            return self.visitor == _digest(self.contact_id, person.user_id)
        return person.user_id in {self.seller, *self.former}

    def snooze_after(self, newest: Entry) -> Snooze | None:
        """The snooze, unless something has ended it by the newest entry: the visitor wrote, or the contact moved."""
        state = newest.state
        is_as_listed = state.status is Status.OPEN and state.seller == self.seller
        return self.snooze if self.snooze and is_as_listed and self.snooze.asked == _asked(newest) else None

    @property
    def place(self) -> Place:
        """Where it stands among its kind."""
        return Place(_BEHIND * self.standing + self.since, self.contact_id)

    @property
    def owner(self) -> str:
        """In whose inbox or queue it is: the seller who has it, or the seller or team that it waits for."""
        return self.seller or self.requested


@dataclass(frozen=True)
class Line:
    """A contact as a list shows it.

    `tail` is the number of its newest entry, written at `at`; `read` how far the seller has seen it; `message`
    is the newest message, None before there is one or once it has expired. `unread` counts the visitor's messages
    behind `read`; `waits_since` (ISO 8601) is empty for who waits for nothing.
    """

    name: str
    tail: int
    at: str
    read: int
    message: Entry | None
    unread: int
    waits_since: str
    is_answered: bool


def _asked(newest: Entry) -> int:
    """How many messages the visitor has written; where that was not counted yet, how many entries there are."""
    talk = newest.state.talk
    return talk.asked if talk else newest.seq


def _digest(contact_id: str, device: str) -> str:
    # Another one in each contact: nobody can tell by it which contacts are of one visitor.
    return hashlib.sha256(f"{contact_id}\n{device}".encode()).hexdigest()[:32]
