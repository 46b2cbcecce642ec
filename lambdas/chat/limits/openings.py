"""Who may open or reopen a chat: nobody who is blocked, and a device or an address only so often.

That keeps one visitor from filling every seller's inbox.
"""

from __future__ import annotations

import hashlib
from functools import partial

from chat.limits.addresses import network_of
from chat.limits.blocks import Blocks
from chat.model.errors import ChatError, Code
from chat.model.identity import Sender
from chat.ports.errors import StoreBusyError, StoreUnavailableError
from chat.ports.limits import OpeningCounter
from chat.ports.machine import Runtime

HOUR = 3600
START_CHARACTERS = 24
"""96 bits: nobody finds a start that is taken for another, which would count for nothing."""


class Openings:
    """Counts contacts that visitors open and reopen, by the clock's hour; going on in an open contact is free."""

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

    def admit(self, start: str, sender: Sender, *, is_known: bool) -> None:
        """Count one more contact that a visitor opens or reopens.

        `start` is the same for every attempt to open it, so that a visitor who is told to try again does so for free.
        Who `is_known`, since they had a contact before or the shop vouches for them, is counted apart from the
        strangers at their address, who can be made up. Raises `ChatError`: `blocked`, `slow_down`, `try_again`.
        """
        device = sender.principal.user_id
        tasks = [partial(self._blocks.require_none, device), partial(self._count_all, start, sender, is_known=is_known)]
        self._parallel.run(tasks)

    def _count_all(self, start: str, sender: Sender, *, is_known: bool) -> None:
        # One after the other: what a device is refused takes nothing from the others at its address.
        self._count("device", sender.principal.user_id, start, self._device_limit)
        if sender.address:
            kind = "known at address" if is_known or sender.principal.expires_at is not None else "address"
            self._count(kind, network_of(sender.address), start, self._address_limit)

    def _count(self, kind: str, name: str, start: str, limit: int) -> None:
        now = self._clock.now()
        hour, passed = divmod(now.timestamp(), HOUR)
        # The hour is part of what is hashed, so that nobody can follow an address from hour to hour.
        key = hashlib.sha256(f"{kind}\n{hour:.0f}\n{name}".encode()).hexdigest()
        # As many as may be opened at once come back over the hour.
        back = int(limit * passed / HOUR)
        try:
            # Another one for each name and hour, so that what was once found out serves nobody elsewhere.
            mark = hashlib.sha256(f"{key}\n{start}".encode()).hexdigest()[:START_CHARACTERS]
            admitted = self._counter.count(key, mark, limit + back, int(hour + 1) * HOUR)
        except (StoreBusyError, StoreUnavailableError) as error:
            # A limit that cannot be counted must not keep people from the shop.
            self._journal.note("opening_not_counted", kind=kind, error=type(error).__name__)
            return
        if not admitted:
            raise ChatError(
                Code.SLOW_DOWN,
                f"Too many new chats from this {kind.split()[-1]}. Go on in an open one, or try again later.",
                retry_after_ms=round(((back + 1) * HOUR / limit - passed) * 1000) + 1,
            )


class Uncounted:
    """An `OpeningCounter` that never reaches a limit."""

    def count(self, key: str, start: str, limit: int, expires_at: int) -> bool:  # noqa: ARG002 - the port's signature
        """Always True."""
        return True
