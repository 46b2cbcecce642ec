"""What is due, in memory."""

from __future__ import annotations

from datetime import datetime


class MemoryCheckUps:
    """Implements `chat.ports.check_ups.CheckUps`."""

    def __init__(self) -> None:
        self.pending: dict[str, datetime] = {}

    def put(self, contact_id: str, at: datetime) -> None:
        self.pending[contact_id] = at

    def remove(self, contact_id: str) -> None:
        self.pending.pop(contact_id, None)
