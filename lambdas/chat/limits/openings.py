"""Who may open or reopen a chat: nobody who is blocked, and a device or an address only so often.

That keeps one visitor from filling every seller's inbox.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import NamedTuple

from chat.limits.addresses import network_of
from chat.limits.blocks import Blocks
from chat.model.errors import ChatError, Code
from chat.model.identity import Sender
from chat.ports.errors import StoreBusyError, StoreUnavailableError
from chat.ports.limits import Limit, Opening, OpeningCounter
from chat.ports.machine import Runtime

HOUR = 3600
START_CHARACTERS = 24
"""96 bits: nobody finds a start that is taken for another, which would count for nothing."""
DEVICE_CHARACTERS = 16


class _Group(NamedTuple):
    """Of whom there may be only so many: at an address those who are known, or the strangers; or one device."""

    kind: Limit
    place: str
    name: str


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
        self._limits = {Limit.DEVICE: device_limit, Limit.ADDRESS: address_limit}

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
        device, is_vouched_for = sender.principal.user_id, sender.principal.expires_at is not None
        # A device that nobody vouches for can be made up, and is counted within its address alone.
        if is_vouched_for or not sender.address:
            self._count(start, device, _Group(Limit.DEVICE, device, "all"))
        if sender.address:
            name = "known" if is_known or is_vouched_for else "strangers"
            self._count(start, device, _Group(Limit.ADDRESS, network_of(sender.address), name))

    def _count(self, start: str, device: str, group: _Group) -> None:
        hour, passed = divmod(self._clock.now().timestamp(), HOUR)
        # The hour is part of what is hashed, so that nobody can follow an address from hour to hour.
        key = _hash(group.kind, f"{hour:.0f}", group.place)
        opening = Opening(
            # Another one for each address and hour, so that what was once found out serves nobody elsewhere.
            start=_hash(key, start)[:START_CHARACTERS],
            device=_hash(key, device)[:DEVICE_CHARACTERS],
            device_limit=self._limits[Limit.DEVICE] + self._back(Limit.DEVICE, passed),
            group=group.name,
            group_limit=self._limits[group.kind] + self._back(group.kind, passed),
        )
        try:
            reached = self._counter.count(key, opening, int(hour + 1) * HOUR)
        except (StoreBusyError, StoreUnavailableError) as error:
            # A limit that cannot be counted must not keep people from the shop.
            self._journal.note("opening_not_counted", kind=group.kind, error=type(error).__name__)
            return
        if reached:
            next_one = (self._back(reached, passed) + 1) * HOUR / self._limits[reached]
            raise ChatError(
                Code.SLOW_DOWN,
                f"Too many new chats from this {reached}. Go on in an open one, or try again later.",
                retry_after_ms=round((next_one - passed) * 1000) + 1,
            )

    def _back(self, limit: Limit, passed: float) -> int:
        """As many as may be opened at once come back over the hour; how many of them have."""
        return int(self._limits[limit] * passed / HOUR)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Uncounted:
    """An `OpeningCounter` that never reaches a limit."""

    def count(self, key: str, opening: Opening, expires_at: int) -> Limit | None:  # noqa: ARG002 - the port's signature
        """Always None."""
        return None
