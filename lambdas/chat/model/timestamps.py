"""Times as they are stored and sent."""

from __future__ import annotations

from datetime import datetime


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and a `Z`, like JavaScript's `toISOString`."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch_ms(moment: datetime) -> int:
    """Epoch milliseconds."""
    return round(moment.timestamp() * 1000)


def epoch_seconds(moment: datetime) -> int:
    """Epoch seconds, the unit of DynamoDB's TTL."""
    return int(moment.timestamp())
