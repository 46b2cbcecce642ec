"""The ports of the domain with everything that can go wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from chat.model.entries import Entry, Mark, Status
from chat.model.identity import Principal, Role
from chat.model.inbox import Listing, Place, Snooze
from chat.ports.connections import Connection, Description
from chat.ports.conversations import Change, Current, Excerpt
from chat.ports.errors import StoreBusyError, StoreUnavailableError
from tests.doubles.connections import MemoryConnections
from tests.doubles.conversations import MemoryConversations
from tests.simulation.kernel import CrashError, Kernel, current

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")


@dataclass
class Faults:
    """How likely each fault is, per step; `off()` ends them all."""

    crash_before: float = 0.0
    crash_after: float = 0.0
    busy: float = 0.0
    failed_before: float = 0.0
    failed_after: float = 0.0
    stalled: float = 0.0
    index_lag: float = 0.0
    inbox_lag: float = 0.0
    gone_but_delivered: float = 0.0
    sent_but_lost: float = 0.0
    push_failed: float = 0.0
    cut: float = 0.0
    disconnect_missing: float = 0.0
    disconnect_early: float = 0.0
    invoked_twice: float = 0.0
    reload: float = 0.0
    clock_skew: float = 0.0

    @classmethod
    def drawn(cls, random: Random) -> Faults:
        """Each kind of fault is absent, rare or frequent: all of them at once would hide what few of them do."""
        faults = cls()
        for each in fields(cls):
            setattr(faults, each.name, random.choice((0.0, 0.0, 0.03, 0.15)))
        faults.index_lag = random.choice((0.0, 0.3, 0.9))
        faults.inbox_lag = random.choice((0.0, 0.3, 0.9))
        faults.clock_skew = random.choice((0.0, 5.0))
        return faults

    def off(self) -> None:
        """No more faults from here on."""
        for each in fields(self):
            setattr(self, each.name, 0.0)


class Steps:
    """Every request of an invocation goes through here: it takes time, is counted, and may go wrong."""

    def __init__(self, kernel: Kernel, faults: Faults) -> None:
        self._kernel = kernel
        self._faults = faults

    def take(self, name: str, call: Callable[[], T], *, stores: bool = True) -> T:
        """One request. Raises what the store would, or `CrashError`."""
        invocation, random, faults = current(), self._kernel.random, self._faults
        invocation.requests.append(name)
        self._pass_time()
        if random.random() < faults.crash_before:
            raise CrashError
        if stores:
            self._refuse()
        result = call()
        if random.random() < faults.crash_after:
            raise CrashError
        if stores and random.random() < faults.failed_after:
            invocation.disturbed = True
            raise StoreUnavailableError("timed out")
        if random.random() < 0.3:
            self._pass_time()
        return result

    def _refuse(self) -> None:
        draw = self._kernel.random.random()
        if draw < self._faults.busy:
            current().disturbed = True
            raise StoreBusyError("throttled")
        if draw < self._faults.busy + self._faults.failed_before:
            current().disturbed = True
            raise StoreUnavailableError("no answer")

    def _pass_time(self) -> None:
        random = self._kernel.random
        stalled = random.random() < self._faults.stalled
        self._kernel.sleep(random.uniform(5, 20) if stalled else random.uniform(0.001, 0.05))
        if current().dead:
            raise CrashError


class SimulatedClock:
    """Implements `chat.ports.machine.Clock`: every sandbox has its own idea of the time."""

    def now(self) -> datetime:
        return current().now()


class SimulatedPause:
    """Implements `chat.ports.machine.Pause`."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def after_attempt(self, attempt: int) -> None:
        current().disturbed = True
        self._kernel.sleep(self._kernel.random.uniform(0, 0.05 * 2**attempt))


@dataclass
class SimulatedConversations:
    """Implements `chat.ports.machine.ConversationStore` over the faithful fake, and tells the world what was written.

    Its inbox lags behind the table by up to two seconds.
    """

    kernel: Kernel
    steps: Steps
    faults: Faults
    committed: Callable[[Change], None]
    marked: Callable[[Role, Mark], None]
    table: MemoryConversations = field(default_factory=MemoryConversations)
    listed: list[tuple[float, Listing]] = field(default_factory=list)

    def read(self, contact_id: str, first: int, limit: int | None = None) -> Excerpt:
        return self.steps.take("read", lambda: self.table.read(contact_id, first, limit))

    def latest(self, contact_id: str) -> Excerpt:
        return self.steps.take("read", lambda: self.table.latest(contact_id))

    def listing(self, contact_id: str) -> Listing | None:
        return self.steps.take("listing", lambda: self.table.listing(contact_id))

    def commit(self, change: Change) -> None:
        def commit() -> None:
            self.table.commit(change)
            if change.listing:
                self.listed.append((self.kernel.now + lag(self.kernel, self.faults.inbox_lag), change.listing))
            self.committed(change)

        self.steps.take("commit", commit)

    def raise_mark(self, contact_id: str, role: Role, mark: Mark, expires_at: int) -> bool:
        def raise_mark() -> bool:
            is_raised = self.table.raise_mark(contact_id, role, mark, expires_at)
            if is_raised:
                self.marked(role, mark)
            return is_raised

        return self.steps.take("raise_mark", raise_mark)

    def current_contact(self, visitor: str, requested: str) -> Current | None:
        return self.steps.take("pointer", lambda: self.table.current_contact(visitor, requested))

    def keep_beside(self, newest: Entry) -> None:
        self.steps.take("keep beside", lambda: self.table.keep_beside(newest))

    def inbox(self, owner: str, status: Status, limit: int, after: Place | None = None) -> Sequence[Listing]:
        return self.steps.take("inbox", lambda: self._visible().inbox(owner, status, limit, after))

    def longest_open(self, seller: str, limit: int) -> Sequence[Listing]:
        return self.steps.take("inbox", lambda: self._visible().longest_open(seller, limit))

    def snooze(self, listing: Listing, snooze: Snooze) -> bool:
        return self.steps.take("snooze", lambda: self.table.snooze(listing, snooze))

    def retire(self, listing: Listing) -> None:
        self.steps.take("retire", lambda: self.table.retire(listing))

    def _visible(self) -> MemoryConversations:
        # One listing's moves become visible in their order.
        return MemoryConversations(
            listings={listing.contact_id: listing for at, listing in self.listed if at <= self.kernel.now}
        )


@dataclass
class SimulatedConnections:
    """Implements `chat.ports.machine.ConnectionStore`; its index lags behind the table by up to two seconds."""

    kernel: Kernel
    steps: Steps
    faults: Faults
    table: MemoryConnections = field(default_factory=MemoryConnections)
    visible_at: dict[str, float] = field(default_factory=dict)
    lingering: dict[str, tuple[Connection, float]] = field(default_factory=dict)

    def add(self, connection: Connection, expires_at: int) -> None:
        def add() -> None:
            self.table.add(connection, expires_at)
            self.visible_at[connection.id] = self.kernel.now + self._lag()

        self.steps.take("add", add)

    def restore(self, connection: Connection, expires_at: int, learned: Description | None = None) -> None:
        def restore() -> None:
            if connection.id not in self.table.items:
                self.visible_at[connection.id] = self.kernel.now + self._lag()
            self.table.restore(connection, expires_at, learned)

        self.steps.take("restore", restore)

    def remove(self, connection_id: str) -> Connection | None:
        def remove() -> Connection | None:
            if item := self.table.items.get(connection_id):
                self.lingering[connection_id] = (item, self.kernel.now + self._lag())
            return self.table.remove(connection_id)

        return self.steps.take("remove", remove)

    def forget(self, connection: Connection) -> None:
        def forget() -> None:
            if connection.id in self.table.items:
                self.lingering[connection.id] = (connection, self.kernel.now + self._lag())
            self.table.forget(connection)

        self.steps.take("remove", forget)

    def holds(self, connection_id: str) -> bool:
        return self.steps.take("holds", lambda: self.table.holds(connection_id))

    def of(self, person: Principal, enough: int | None = None) -> Sequence[Connection]:
        return self.steps.take("of", lambda: self._visible(person)[:enough])

    def _visible(self, person: Principal) -> Sequence[Connection]:
        now = self.kernel.now
        present = [item for item in self.table.of(person) if self.visible_at[item.id] <= now]
        removed = [
            item
            for item, until in self.lingering.values()
            if until > now and (item.user_id, item.role) == (person.user_id, person.role)
        ]
        return present + removed

    def _lag(self) -> float:
        return lag(self.kernel, self.faults.index_lag)


def lag(kernel: Kernel, probability: float) -> float:
    """For how long an index shows what was before, in seconds."""
    return kernel.random.uniform(0, 2) if kernel.random.random() < probability else 0.0


class GoneException(ClientError):  # noqa: N818 - botocore's name
    """What botocore raises for 410: a subclass of ClientError."""


class _Exceptions:
    GoneException = GoneException


@dataclass
class SimulatedManagementApi:
    """The botocore client under the real `WebSocketPush`, over the world's sockets."""

    kernel: Kernel
    steps: Steps
    faults: Faults
    world: World
    exceptions: type[_Exceptions] = _Exceptions

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803 - botocore's names
        self.steps.take("post", lambda: self._post(ConnectionId, Data), stores=False)

    def _post(self, connection_id: str, frame: bytes) -> None:
        random = self.kernel.random
        if not self.world.is_open(connection_id):
            raise GoneException({"Error": {"Code": "GoneException"}}, "PostToConnection")
        if random.random() < self.faults.push_failed:
            raise ClientError({"Error": {"Code": "LimitExceededException"}}, "PostToConnection")
        if random.random() >= self.faults.sent_but_lost:
            self.world.push(connection_id, frame)
        if random.random() < self.faults.gone_but_delivered:
            self.world.hang_up(connection_id)
            raise GoneException({"Error": {"Code": "GoneException"}}, "PostToConnection")
