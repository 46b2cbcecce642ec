"""The counter of opened contacts."""

from __future__ import annotations

from typing import Protocol


class OpeningCounter(Protocol):
    """Counts how often something was opened."""

    def count(self, key: str, start: str, limit: int, expires_at: int) -> bool:
        """Count a `start` under `key` until `expires_at` (epoch seconds), once; False, without counting, at `limit`.

        May raise `StoreBusyError` or `StoreUnavailableError`.
        """
