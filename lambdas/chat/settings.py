"""What an environment decides about conversations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """A token bucket's size and how many tokens come back per second."""

    burst: int
    per_second: float


@dataclass(frozen=True)
class Settings:
    """Values that differ between environments; their units are in their names."""

    retention_days: int = 90
    reopens_closed: bool = True
    accepts_unknown_sellers: bool = True
    default_capacity: int = 20
    lease_seconds: int = 120
    idle_seconds: int = 1800
    visitor_rate: Rate = Rate(burst=20, per_second=1)
    seller_rate: Rate = Rate(burst=60, per_second=5)
