"""The store of tickets."""

from __future__ import annotations

from typing import Protocol

from chat.model.identity import Principal


class TicketStore(Protocol):
    """Where tickets wait to be used. Both methods may raise `StoreBusyError` or `StoreUnavailableError`."""

    def put(self, digest: str, person: Principal, expires_at: int) -> None:
        """Keep a ticket until `expires_at` (epoch seconds)."""

    def take(self, digest: str, now: int) -> Principal | None:
        """Whose ticket it was; None if there is none, or none any more. It cannot be taken twice."""
