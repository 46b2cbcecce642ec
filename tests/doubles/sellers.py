"""The sellers table, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chat.model.sellers import Availability, Seller, SharedReplies
from chat.ports.errors import NumberTakenError


@dataclass
class MemorySellers:
    """The sellers table."""

    items: dict[str, Seller] = field(default_factory=dict)
    heard_on: dict[str, str] = field(default_factory=dict)
    shared: dict[str, SharedReplies] = field(default_factory=dict)

    def get(self, seller_id: str) -> Seller | None:
        return self.items.get(seller_id)

    def team(self, team: str) -> Sequence[Seller]:
        return [seller for seller in self.items.values() if seller.team == team]

    def some(self, limit: int) -> Sequence[Seller]:
        return list(self.items.values())[:limit]

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

    def replies(self, team: str) -> SharedReplies:
        return self.shared.get(team, SharedReplies())

    def keep_replies(self, team: str, replies: SharedReplies) -> None:
        if replies.version != self.replies(team).version + 1:
            raise NumberTakenError
        self.shared[team] = replies

    def recount(self, seller: Seller, open_count: int) -> bool:
        known = self.items[seller.id]
        if (known.open_count, known.last_assigned) != (seller.open_count, seller.last_assigned):
            return False
        self.items[seller.id] = replace(known, open_count=open_count)
        return True

    def register(self, seller: Seller) -> None:
        self.items.setdefault(seller.id, seller)

    def count(self, seller_id: str, change: int, assigned_at: str | None = None) -> None:
        seller = self.items[seller_id]
        self.items[seller_id] = replace(
            seller, open_count=seller.open_count + change, last_assigned=assigned_at or seller.last_assigned
        )
