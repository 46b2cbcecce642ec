"""All that is kept of a visitor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class VisitorData(Protocol):
    """Finds and deletes what belongs to a visitor. Every method may raise the stores' errors."""

    def contacts_of(self, device: str) -> Sequence[str]:
        """The ids of all contacts in whose logs the device is; reads the whole table."""

    def forget_contact(self, contact_id: str) -> int:
        """Delete all of a contact but its listing, which keeps its id from being given out again; how many items."""

    def forget_pointers(self, device: str) -> int:
        """Delete what leads from a device to its contacts; how many items."""
