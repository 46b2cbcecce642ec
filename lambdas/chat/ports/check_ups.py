"""When contacts are looked after."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class CheckUps(Protocol):
    """At most one check-up of each contact is pending, whatever is asked how often."""

    def put(self, contact_id: str, at: datetime) -> None:
        """Check up on the contact then, and not when it was to be before."""

    def remove(self, contact_id: str) -> None:
        """Check up on the contact no more; nothing happens if none is pending."""


class NoCheckUps:
    """Of a function that looks after no contact."""

    def put(self, contact_id: str, at: datetime) -> None:
        """Nothing."""

    def remove(self, contact_id: str) -> None:
        """Nothing."""
