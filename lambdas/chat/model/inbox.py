"""How a contact is listed: for its seller, or in a queue."""

from __future__ import annotations

from dataclasses import dataclass

from chat.model.entries import Entry, Status


@dataclass(frozen=True, order=True)
class Place:
    """Where a contact stands in an inbox: by time, and those of one moment by their ids."""

    since: str
    contact_id: str


@dataclass(frozen=True)
class Listing:
    """The contact in an inbox. Holds nothing personal, since it outlives the entries.

    `since` (ISO 8601) is when the contact came into this status; `claimed` if it takes up the seller's capacity.
    """

    contact_id: str
    status: Status
    requested: str
    since: str
    opened_at: str
    seller: str | None = None
    claimed: bool = False

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
