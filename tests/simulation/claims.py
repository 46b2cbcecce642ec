"""Schedules of starts, closings and crashes against a small team: nobody is given more than he can carry.

`python -m tests.simulation claims 0:3000` runs them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import cast

from chat.contacts.lifecycle import Command
from chat.contacts.starting import Start
from chat.model.entries import Entry, Kind, Status
from chat.model.errors import ChatError
from chat.model.identity import Principal, Role, Sender
from chat.model.sellers import Availability, Seller
from chat.model.settings import Settings
from chat.ports.conversations import Change
from chat.ports.machine import Journal, Runtime
from chat.services import Ports, Services
from tests.fakes import CountingIds, MemorySellers, RecordingPush
from tests.simulation.faults import (
    Faults,
    SimulatedClock,
    SimulatedConnections,
    SimulatedConversations,
    SimulatedPause,
    Steps,
    lag,
)
from tests.simulation.kernel import Invocation, Kernel, Threads
from tests.simulation.world import History, Silent, Violation

TEAM = "shop"
SELLERS = 3
VISITORS = 12
CHAOS_SECONDS = 20.0
FOREVER = 10**12
MOVES_THE_QUEUE = {Kind.QUEUED, Kind.CLOSED, Kind.TRANSFERRED}


@dataclass
class SimulatedSellers:
    """Implements `chat.ports.machine.SellerStore` over the faithful fake; its team index lags by up to two seconds."""

    kernel: Kernel
    steps: Steps
    faults: Faults
    table: MemorySellers
    shown: dict[str, tuple[float, Sequence[Seller]]] = field(default_factory=dict)

    def get(self, seller_id: str) -> Seller | None:
        return self.steps.take("seller", lambda: self.table.get(seller_id))

    def team(self, team: str) -> Sequence[Seller]:
        return self.steps.take("team", lambda: self._shown(team))

    def _shown(self, team: str) -> Sequence[Seller]:
        until, shown = self.shown.get(team, (0.0, ()))
        if until <= self.kernel.now:
            shown = self.table.team(team)
            self.shown[team] = self.kernel.now + lag(self.kernel, self.faults.index_lag), shown
        return shown

    def beat(
        self, seller_id: str, availability: Availability | None, at: int, connection_id: str = ""
    ) -> Seller | None:
        return self.steps.take("beat", lambda: self.table.beat(seller_id, availability, at, connection_id))

    def leave(self, seller_id: str, connection_id: str, remaining: str | None = None) -> None:
        self.steps.take("leave", lambda: self.table.leave(seller_id, connection_id, remaining))

    def drained(self, seller_id: str, to: str) -> None:
        self.steps.take("drained", lambda: self.table.drained(seller_id, to))

    def register(self, seller: Seller) -> None:
        self.steps.take("register", lambda: self.table.register(seller))


@dataclass
class Office:
    """A team, its visitors, and the event bus that tells the attendant what happened, at least once."""

    random: Random
    faults: Faults
    capacity: int = field(init=False)
    kernel: Kernel = field(init=False)
    store: SimulatedConversations = field(init=False)
    domain: Services = field(init=False)
    newest: dict[str, Entry] = field(default_factory=dict)
    served: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.capacity = self.random.choice((1, 2, 3))
        self.kernel = Kernel(self.random)
        steps = Steps(self.kernel, self.faults)
        self.store = SimulatedConversations(self.kernel, steps, self.faults, self._committed, History().mark)
        for number in range(SELLERS):
            self.store.table.sellers.register(
                Seller(f"seller-{number}", TEAM, self.capacity, 0, Availability.ONLINE, heartbeat_at=FOREVER)
            )
        self.domain = Services(
            Ports(
                store=self.store,
                connections=SimulatedConnections(self.kernel, steps, self.faults),
                sellers=SimulatedSellers(self.kernel, steps, self.faults, self.store.table.sellers),
                push=RecordingPush(),
                settings=Settings(),
                runtime=Runtime(
                    clock=SimulatedClock(),
                    ids=CountingIds("c"),
                    pause=SimulatedPause(self.kernel),
                    parallel=Threads(self.kernel),
                    journal=cast(Journal, Silent()),
                ),
            )
        )

    def start(self, name: str) -> None:
        """A visitor asks, and asks again until he is answered."""

        def ask() -> None:
            self.domain.starting.start(Start(Sender(Principal(name, Role.VISITOR)), TEAM, {}))
            self.served.add(name)

        self._until_done(ask)

    def close_one(self) -> None:
        """Some contact that is open ends."""
        busy = [entry for entry in self.newest.values() if entry.state.status is Status.OPEN]
        if not busy:
            return
        entry = self.random.choice(busy)
        seller = Principal(entry.state.seller or "", Role.SELLER)
        move = Command(Sender(seller), entry.contact_id, id=f"close-{entry.seq}", base=entry.seq)
        self._until_done(lambda: self.domain.lifecycle.close(move))

    def run(self) -> None:
        """The whole schedule. Raises `Violation`."""
        # All at once they fill the queue; over time, each of them may be the one whom nobody behind him would wake.
        last = self.random.choice((2.0, CHAOS_SECONDS))
        for number in range(VISITORS):
            for _ in range(self.random.choice((1, 1, 2))):
                self.kernel.at(self.random.uniform(0, last), lambda name=f"visitor-{number}": self.start(name))  # type: ignore[misc]
        for _ in range(self.random.randint(0, VISITORS)):
            self.kernel.at(self.random.uniform(1, CHAOS_SECONDS), self.close_one)
        self.kernel.run(CHAOS_SECONDS)
        self.faults.off()
        self.kernel.run(CHAOS_SECONDS + 200)
        self._check_settled()

    def _until_done(self, call: Callable[[], object]) -> None:
        """At least once, as clients, streams and queues do it: again until an attempt has come to its end."""
        ended = False

        def attempt() -> None:
            nonlocal ended
            try:
                call()
                ended = True
            except ChatError as error:
                ended = error.retry_after_ms is None

        def again() -> None:
            if ended:
                return
            self.kernel.at(10, again)
            skew = self.faults.clock_skew
            offset = self.random.uniform(-skew, skew) if skew else 0.0
            self.kernel.spawn(Invocation(self.kernel, "claims", offset), attempt)

        again()

    def _committed(self, change: Change) -> None:
        for entry in change.entries:
            before = self.newest.get(entry.contact_id)
            if entry.kind is Kind.OPENED:
                self._check_only_one(entry)
            if entry.kind is Kind.ASSIGNED and before and before.state.seller:
                raise Violation(f"no chat is given twice: {entry.contact_id} to {before.state.seller} and another")
            self.newest[entry.contact_id] = entry
            if entry.kind is Kind.QUEUED and self.random.random() < 0.3:
                # The moment at which it is easily missed that there is room.
                self.kernel.at(self.random.uniform(0, 0.5), self.close_one)
            if entry.kind in MOVES_THE_QUEUE:
                seller = entry.state.seller
                self.kernel.at(
                    self.random.uniform(0.01, 1),
                    lambda entry=entry, seller=seller: self._until_done(lambda: self._attend(entry, seller)),  # type: ignore[misc]
                )
        self._check_capacity()

    def _attend(self, entry: Entry, seller: str | None) -> None:
        """What the attendant does with an event: at once, and again when it is told to."""
        attending = self.domain.attending
        if again := attending.room_may_be_free(entry.contact_id, seller):
            self.kernel.at(
                again.total_seconds(),
                lambda: self._until_done(lambda: attending.check(entry.contact_id, since=entry.seq)),
            )

    def _check_only_one(self, opened: Entry) -> None:
        for entry in self.newest.values():
            if entry.state.visitor == opened.state.visitor and entry.state.status is not Status.CLOSED:
                raise Violation(f"starting twice gives one contact: {opened.contact_id} beside {entry.contact_id}")

    def _check_capacity(self) -> None:
        carried = self._carried()
        for seller in self.store.table.sellers.items.values():
            if carried.get(seller.id, 0) > seller.capacity:
                raise Violation(f"capacity is never exceeded: {seller.id} has {carried[seller.id]} contacts")

    def _carried(self) -> dict[str, int]:
        carried: dict[str, int] = {}
        for entry in self.newest.values():
            if entry.state.status is Status.OPEN and entry.state.seller:
                carried[entry.state.seller] = carried.get(entry.state.seller, 0) + 1
        return carried

    def _check_settled(self) -> None:
        carried = self._carried()
        for seller in self.store.table.sellers.items.values():
            if seller.open_count != carried.get(seller.id, 0):
                raise Violation(
                    f"counts are true: {seller.id} counts {seller.open_count}, has {carried.get(seller.id, 0)}"
                )
        waiting = [entry.contact_id for entry in self.newest.values() if entry.state.status is Status.QUEUED]
        if waiting and sum(carried.values()) < SELLERS * self.capacity:
            raise Violation(f"the queue is drained: {waiting[0]} waits though there is room")
        if len(self.served) != VISITORS:
            raise Violation(f"every visitor has a contact: {VISITORS - len(self.served)} have none")


def run(seed: int) -> str | None:
    """The promise that a schedule broke, or None."""
    random = Random(seed)  # noqa: S311 - a schedule must be repeatable
    office = Office(random, Faults.drawn(random))
    try:
        office.run()
    except Violation as violation:
        return str(violation)
    finally:
        office.kernel.end()
    return None
