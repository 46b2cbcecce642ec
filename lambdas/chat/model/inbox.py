"""How a contact is listed: for its seller, or in a queue."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from chat.model.entries import Entry, Status
from chat.model.identity import Principal, Role


@dataclass(frozen=True, order=True)
class Place:
    """Where a contact stands in an inbox: by time, and those of one moment by their ids."""

    since: str
    contact_id: str

    def __str__(self) -> str:
        """As it is stored and as a client hands it back; no time and no id has a slash in it."""
        return f"{self.since}/{self.contact_id}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """The place that was written so."""
        since, _, contact_id = text.partition("/")
        return cls(since, contact_id)


@dataclass(frozen=True)
class Listing:
    """The contact in an inbox. Holds nothing personal, since it outlives the entries.

    `since` (ISO 8601) is when the contact came into this status; `claimed` if it takes up the seller's capacity.
    `visitor` is a digest that tells of a device id whether it is the visitor's; empty once they were forgotten.
    `former` are sellers who had the contact before.
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

    @classmethod
    def after(cls, entry: Entry) -> Listing:
        """The listing that goes with an entry which changed where the contact stands."""
        state = entry.state
        return cls(
            contact_id=entry.contact_id,
            status=state.status,
            requested=state.requested,
            since=entry.at,
            opened_at=state.opened_at,
            seller=state.seller,
            claimed=state.claimed,
            visitor=_digest(entry.contact_id, state.visitor),
            former=state.former,
        )

    def knows(self, person: Principal) -> bool:
        """Whether a person takes part in the conversation, or did: all others need not be told that there is one."""
        if person.role is Role.VISITOR:
            return self.visitor == _digest(self.contact_id, person.user_id)
        return person.user_id in {self.seller, *self.former}

    @property
    def place(self) -> Place:
        """Where it stands among its kind."""
        return Place(self.since, self.contact_id)

    @property
    def owner(self) -> str:
        """In whose inbox or queue it is: the seller who has it, or the seller or team that it waits for."""
        return self.seller or self.requested


def _digest(contact_id: str, device: str) -> str:
    # Another one in each contact: nobody can tell by it which contacts are of one visitor.
    return hashlib.sha256(f"{contact_id}\n{device}".encode()).hexdigest()[:32]
