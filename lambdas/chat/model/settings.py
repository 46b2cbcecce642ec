"""What an environment decides about conversations."""

from __future__ import annotations

from dataclasses import dataclass, field

from chat.model.identity import Role
from chat.model.rates import Rate

FRAMES_PER_MESSAGE = 4
"""Beside each message a client may send as many receipts, typing signals, syncs and pings."""


@dataclass(frozen=True)
class Settings:
    """Values that differ between environments; their units are in their names."""

    retention_days: int = 90
    reopens_closed: bool = True
    accepts_unknown_sellers: bool = True
    default_capacity: int = 20
    lease_seconds: int = 120
    idle_seconds: int = 1800
    visitor_rate: Rate = field(default_factory=lambda: Rate(burst=20, per_second=1))
    seller_rate: Rate = field(default_factory=lambda: Rate(burst=60, per_second=5))
    connections_per_person: int = 20
    device_chats_per_hour: int = 20
    address_chats_per_hour: int = 200

    def message_rate(self, role: Role) -> Rate:
        """How many messages one side may send in a contact."""
        return self.visitor_rate if role is Role.VISITOR else self.seller_rate

    def frame_rate(self, role: Role) -> Rate:
        """How many frames of any kind one connection may send."""
        messages = self.message_rate(role)
        return Rate(FRAMES_PER_MESSAGE * messages.burst, FRAMES_PER_MESSAGE * messages.per_second)
