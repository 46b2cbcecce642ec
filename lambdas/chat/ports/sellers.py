"""The store of the registered sellers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chat.model.sellers import Availability, Seller, SharedReplies


class SellerStore(Protocol):
    """The registered sellers. Every method may raise `StoreBusyError` or `StoreUnavailableError`."""

    def get(self, seller_id: str) -> Seller | None:
        """A seller, read strongly consistently; None if they are not registered."""

    def team(self, team: str) -> Sequence[Seller]:
        """The sellers of a team, eventually consistent: a claim checks again."""

    def some(self, limit: int) -> Sequence[Seller]:
        """Sellers of all teams, at most `limit` of them in no order; eventually consistent."""

    def beat(
        self, seller_id: str, availability: Availability | None, at: int, connection_id: str = ""
    ) -> Seller | None:
        """Note that a seller is heard of at `at` (epoch seconds), and where; None if they are not registered.

        Without an `availability` what they said last holds.
        """

    def leave(self, seller_id: str, connection_id: str, remaining: str | None = None) -> None:
        """Note that a seller is gone until they are heard of again, if they were heard of last over this connection.

        With a `remaining` connection they stay there, and it counts as the one over which they were heard of.
        """

    def drained(self, seller_id: str, to: str) -> None:
        """Note where the seller's next heartbeat goes on in the queue; nothing happens if they are not registered."""

    def recount(self, seller: Seller, open_count: int) -> bool:
        """Correct how many contacts a seller carries; False if that has changed since the seller was read."""

    def register(self, seller: Seller) -> None:
        """Add a seller, unless they are registered."""

    def replies(self, team: str) -> SharedReplies:
        """What the sellers of a team share, read strongly consistently."""

    def keep_replies(self, team: str, replies: SharedReplies) -> None:
        """Keep the next version. Raises `NumberTakenError` where it is not the next one any more."""
