"""Who may open a chat: nobody who is blocked, and a device or an address only so many.

That keeps one visitor from filling every seller's inbox.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import partial

from chat.limits.blocks import Blocks
from chat.model.errors import ChatError, Code
from chat.model.timestamps import epoch_seconds
from chat.ports.errors import StoreBusyError, StoreUnavailableError
from chat.ports.limits import OpeningCounter
from chat.ports.machine import Runtime

HOUR = 3600
START_CHARACTERS = 24
"""96 bits: nobody finds a start that is taken for another, which would count for nothing."""


class Openings:
    """Counts new contacts by the clock's hour; going on in an open contact is free."""

    def __init__(
        self, *, counter: OpeningCounter, blocks: Blocks, runtime: Runtime, device_limit: int, address_limit: int
    ) -> None:
        self._counter = counter
        self._blocks = blocks
        self._clock = runtime.clock
        self._journal = runtime.journal
        self._parallel = runtime.parallel
        self._device_limit = device_limit
        self._address_limit = address_limit

    def admit(self, start: str, device: str, address: str) -> None:
        """Count one new contact of a device at an address (empty if unknown).

        `start` is the same for every attempt to open it, so that a visitor who is told to try again does so for free.
        Raises `ChatError`: `blocked`, `slow_down`, `try_again`.
        """
        counts = [
            partial(self._blocks.require_none, device),
            partial(self._count, "device", device, start, self._device_limit),
        ]
        if address:
            counts.insert(1, partial(self._count, "address", address, start, self._address_limit))
        self._parallel.run(counts)

    def _count(self, kind: str, name: str, start: str, limit: int) -> None:
        now = self._clock.now()
        hour = epoch_seconds(now) // HOUR
        ends = (hour + 1) * HOUR
        # The hour is part of what is hashed, so that nobody can follow an address from hour to hour.
        key = hashlib.sha256(f"{kind}\n{hour}\n{name}".encode()).hexdigest()
        try:
            # Another one for each name and hour, so that what was once found out serves nobody elsewhere.
            mark = hashlib.sha256(f"{key}\n{start}".encode()).hexdigest()[:START_CHARACTERS]
            admitted = self._counter.count(key, mark, limit, ends)
        except (StoreBusyError, StoreUnavailableError) as error:
            # A limit that cannot be counted must not keep people from the shop.
            self._journal.note("opening_not_counted", kind=kind, error=type(error).__name__)
            return
        if not admitted:
            wait = timedelta(seconds=ends) - timedelta(seconds=now.timestamp())
            raise ChatError(
                Code.SLOW_DOWN,
                f"Too many new chats from this {kind}. Go on in an open one, or try again later.",
                retry_after_ms=round(wait.total_seconds() * 1000) + 1,
            )


class Uncounted:
    """An `OpeningCounter` that never reaches a limit."""

    def count(self, key: str, start: str, limit: int, expires_at: int) -> bool:  # noqa: ARG002 - the port's signature
        """Always True."""
        return True
