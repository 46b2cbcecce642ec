"""Holds back who sends more frames than any person could, and cuts off who does not stop.

It counts in this sandbox's memory: it costs no request, and a flood that Lambda spreads over ten sandboxes is let
through ten times as much of. What counts exactly, a message's bucket, travels in the log.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from chat.limits.addresses import network_of
from chat.model.errors import ChatError, Code
from chat.model.identity import Role, Sender
from chat.model.rates import SHORTEST_WAIT_MS, Bucket, Rate, take
from chat.model.settings import Settings
from chat.model.timestamps import epoch_ms
from chat.ports.connections import Push
from chat.ports.errors import PushFailedError
from chat.ports.machine import Clock, Journal

OFFICE = 10
"""How many people may be behind one address, as far as the limit of REST calls goes."""
REMEMBERED = 2000
"""Connections, devices and addresses kept in mind; the one that has been silent for longest is forgotten first."""
REFUSALS = Rate(burst=40, per_second=1000 / SHORTEST_WAIT_MS)
"""How often a connection may be told no before it is cut off: a client that waits as it is told never is."""


@dataclass
class _Seen:
    frames: Mapping[Role, Bucket] = field(default_factory=dict)
    refusals: Mapping[Role, Bucket] = field(default_factory=dict)
    is_cut_off: bool = False


class Floodgate:
    """Counts the frames and the refusals of each connection."""

    def __init__(self, *, push: Push, clock: Clock, journal: Journal, settings: Settings) -> None:
        self._push = push
        self._clock = clock
        self._journal = journal
        self._settings = settings
        self._seen: OrderedDict[str, _Seen] = OrderedDict()

    def admit(self, sender: Sender) -> None:
        """Count a frame. Raises `ChatError`: `slow_down`."""
        role = sender.principal.role
        self._count(sender.connection_id or "", role, self._settings.frame_rate(role))

    def admit_call(self, sender: Sender) -> None:
        """Count a REST call of a device, if one is named, and of an address. Raises `ChatError`: `slow_down`.

        A device id costs nothing to make up, so the address counts, too; many people may share one.
        """
        role = sender.principal.role
        rate = self._settings.frame_rate(role)
        if sender.principal.user_id:
            self._count(f"device {sender.principal.user_id}", role, rate)
        self._count(f"address {network_of(sender.address)}", role, Rate(OFFICE * rate.burst, OFFICE * rate.per_second))

    def refused(self, code: Code, sender: Sender) -> None:
        """Count a refusal; the connection is closed when there were too many."""
        connection_id = sender.connection_id or ""
        seen = self._of(connection_id)
        if code is Code.TRY_AGAIN or seen.is_cut_off:
            return
        try:
            seen.refusals = take(seen.refusals, sender.principal.role, REFUSALS, epoch_ms(self._clock.now()))
        except ChatError:
            seen.is_cut_off = self._cut_off(connection_id)

    def _count(self, caller: str, role: Role, rate: Rate) -> None:
        seen = self._of(caller)
        seen.frames = take(seen.frames, role, rate, epoch_ms(self._clock.now()))

    def _of(self, caller: str) -> _Seen:
        seen = self._seen.setdefault(caller, _Seen())
        self._seen.move_to_end(caller)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return seen

    def _cut_off(self, connection_id: str) -> bool:
        """False if it could not be done; it is tried again at the next refusal."""
        try:
            self._push.close(connection_id)
        except PushFailedError as error:
            self._journal.note("close_failed", connection_id=connection_id, error=str(error))
            return False
        self._journal.note("cut_off", connection_id=connection_id)
        return True
