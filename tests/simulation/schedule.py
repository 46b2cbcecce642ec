"""One seeded schedule, from first connect to convergence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from chat.model.entries import Status
from chat.model.identity import Principal, Role
from chat.services import Ports, Services
from tests.simulation.client import Device, Tab
from tests.simulation.faults import Faults
from tests.simulation.world import LIE, RIVAL_ID, SELLER_ID, Violation, World, participants

CHAOS_SECONDS = 30.0
HOW_OFTEN_MOVED = 0.5
"""In how many of the other schedules the contact is closed, reopened and handed to a colleague."""
CALM_EVERY = 4
"""Every fourth schedule has no fault but a lagging index, and must converge without any further sync."""


@dataclass(frozen=True)
class Variant:
    """What runs in place of the product's code: nothing, or a mutant."""

    name: str = "the product"
    build: Callable[[Ports], Services] = Services
    push: Callable[[Any], Any] | None = None
    second_sync: bool = True
    watches_budget: bool = True


def run(seed: int, variant: Variant | None = None, trace: Callable[[str], None] | None = None) -> str | None:
    """The promise that a schedule broke, or None."""
    schedule = _Schedule(seed, variant or Variant(), trace)
    try:
        schedule.run()
    except Violation as violation:
        return str(violation)
    finally:
        schedule.world.kernel.end()
    return None


class _Schedule:
    def __init__(self, seed: int, variant: Variant, trace: Callable[[str], None] | None) -> None:
        self.random = Random(seed)  # noqa: S311 - a schedule must be repeatable
        self.calm = seed % CALM_EVERY == 0
        self.faults = Faults(index_lag=0.7) if self.calm else Faults.drawn(self.random)
        options = {"push": variant.push} if variant.push else {}
        self.world = World(self.random, self.faults, build=variant.build, trace=trace, **options)
        self.world.watches_budget = variant.watches_budget
        self.moves = not self.calm and self.random.random() < HOW_OFTEN_MOVED
        self.devices = participants(self.world, second_sync=variant.second_sync, rival=self.moves)

    @property
    def tabs(self) -> list[Tab]:
        return [tab for device in self.devices for tab in device.tabs]

    def run(self) -> None:
        self._plan()
        self.world.kernel.run(CHAOS_SECONDS)
        self.faults.off()
        self.world.tell("the faults stop")
        self._settle()
        self._check()

    def _plan(self) -> None:
        random, kernel = self.random, self.world.kernel
        for tab in self.tabs:
            kernel.at(random.uniform(0, 3), tab.connect)
        # In a calm schedule people write while the others are still connecting: there the lagging index matters.
        last = 5.0 if self.calm else CHAOS_SECONDS
        for _ in range(random.randint(2, 5)):
            kernel.at(random.uniform(2, last), random.choice(self.tabs).write)
        if self.calm:
            return
        self._plan_trouble()

    def _plan_trouble(self) -> None:
        random, kernel, world = self.random, self.world.kernel, self.world
        world.add_outsider(Principal("eve", Role.VISITOR))
        world.add_outsider(Principal(SELLER_ID, Role.VISITOR))
        kernel.at(random.uniform(3, CHAOS_SECONDS), lambda: world.pry(random.choice([*world.outsiders.values()])))
        self._plan_cuts()
        if random.random() < 0.3:
            self.world.page = {"limit": 2}
        if self.moves:
            self._plan_moves()
        if random.random() < 0.2:
            kernel.at(random.uniform(5, CHAOS_SECONDS), self._lie)
        if random.random() < 0.2:
            kernel.at(random.uniform(15, CHAOS_SECONDS), self._expire)

    def _plan_cuts(self) -> None:
        random, kernel = self.random, self.world.kernel
        for tab in self.tabs:
            for _ in range(4):
                if random.random() < self.faults.cut * 3:
                    kernel.at(random.uniform(3, CHAOS_SECONDS), partial(self._cut, tab))
                if random.random() < self.faults.reload:
                    kernel.at(random.uniform(3, CHAOS_SECONDS), tab.reload)

    def _plan_moves(self) -> None:
        random, kernel = self.random, self.world.kernel
        kernel.at(random.uniform(3, CHAOS_SECONDS), self._report)
        for _ in range(random.randint(1, 4)):
            kernel.at(random.uniform(3, CHAOS_SECONDS), random.choice((self._close, self._transfer, self._transfer)))

    def _close(self) -> None:
        """Not while a chat is being started, which would rightly lead to another contact."""
        visitors = self.devices[0].tabs
        if self.world.kernel.now > CHAOS_SECONDS:
            return
        if self.world.starts_under_way or not all(tab.started for tab in visitors):
            self.world.kernel.at(0.5, self._close)
        else:
            self.random.choice(self.tabs).close()

    def _report(self) -> None:
        """All of them at once, so that the marks of one side race each other."""
        for tab in self.tabs:
            self.world.kernel.at(self.random.uniform(0, 0.05), tab.report)

    def _transfer(self) -> None:
        holders = [tab for tab in self.tabs if tab.device.is_seller and tab.device.contact]
        if holders:
            giver = self.random.choice(holders)
            giver.transfer(SELLER_ID if giver.device.person.user_id == RIVAL_ID else RIVAL_ID)

    def _cut(self, tab: Tab) -> None:
        if tab.socket:
            self.world.hang_up(tab.socket.id)

    def _lie(self) -> None:
        """A message whose `base` was never handed out; its sender gives up the guarantee for it, nobody else does."""
        tab = self.random.choice(self.tabs)
        body = (
            f'{{"action":"sendMessage","contact_id":"{self.world.contact_id}","message":"lie","id":"lie","base":{LIE}}}'
        )
        if tab.socket and self.world.contact_id:
            self.world.send(tab.socket, body.encode(), LIE)

    def _expire(self) -> None:
        """TTL takes what is older than any request under way and any message that may still be retried."""
        world = self.world
        if world.under_way:
            world.kernel.at(0.5, self._expire)
            return
        bases = [pending.base or 0 for device in self.devices for pending in device.outbox]
        bases += [frame["base"] for tab in self.tabs for frame in tab.asked.values()]
        through = min([len(world.history.entries) - 1, *bases])
        if through > world.history.expired and world.contact_id:
            world.history.expired = through
            # It is deleted some time later, and in no order.
            world.store.table.expire(world.contact_id, through, deleted=lambda _: self.random.random() < 0.5)

    def _settle(self) -> None:
        """Let retries end; then everyone syncs once, unless nothing but the index was ever wrong."""
        kernel = self.world.kernel
        kernel.run(kernel.now + 30)
        while any(device.outbox for device in self.devices) and kernel.now < CHAOS_SECONDS + 200:
            kernel.run(kernel.now + 10)
        if self.calm:
            return
        for tab in self.tabs:
            tab.catch_up()
        kernel.run(kernel.now + 5)
        self._check_converged()
        # One more message each way meets every stale connection that is left.
        for device in self._taking_part()[:2]:
            device.tabs[0].write()
        kernel.run(kernel.now + 15)

    def _check(self) -> None:
        world = self.world
        for tab in self.tabs:
            world.check_shown(tab)
        self._check_converged()
        self._check_sends()
        if not self.calm:
            self._check_stale_connections()

    def _taking_part(self) -> list[Device]:
        """Those to whom the contact belongs now; a seller has to look for one that is closed."""
        state = self.world.history.state
        if state is None:
            return []
        is_open = state.status is not Status.CLOSED
        return [each for each in self.devices if state.admits(each.person) and (is_open or each.contact)]

    def _check_converged(self) -> None:
        tail = len(self.world.history.entries)
        for tab in (tab for device in self._taking_part() for tab in device.tabs):
            if tab.cursor != tail:
                raise Violation(f"converged one sync after the faults stop: {tab.name} has {tab.cursor} of {tail}")

    def _check_sends(self) -> None:
        stored = {entry.id for entry in self.world.history.entries}
        for device in self.devices:
            _check_device(device, stored)

    def _check_stale_connections(self) -> None:
        taking_part = [device.person for device in self._taking_part()]
        for connection_id, connection in self.world.connections.table.items.items():
            person = Principal(connection.user_id, connection.role)
            if person in taking_part and not self.world.is_open(connection_id):
                raise Violation(f"a connection that is gone is forgotten: {connection_id} is still there")


def _check_device(device: Device, stored: set[str]) -> None:
    if device.outbox:
        raise Violation(f"every send ends acknowledged or visibly failed: {device.outbox[0].id} did neither")
    for message_id in device.acknowledged:
        if message_id not in stored:
            raise Violation(f"acknowledged is durable: {message_id} is not in the log")
