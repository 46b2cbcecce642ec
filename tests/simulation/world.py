"""Sockets, invocations and people around the real domain code, with a watch on every promise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

import msgspec

from chat.adapters.websocket_push import WebSocketPush
from chat.api.dispatch import Dispatch
from chat.model.entries import Entry, EntryKind, Mark, State
from chat.model.identity import Principal, Role, Sender
from chat.model.metrics import Metric
from chat.model.rates import Rate
from chat.model.settings import Settings
from chat.model.timestamps import iso
from chat.ports.connections import Connection, Push
from chat.ports.conversations import Change
from chat.ports.errors import StoreBusyError, StoreUnavailableError
from chat.ports.machine import Journal, Runtime
from chat.services import Ports, Services
from tests.doubles.blocks import MemoryBlocks
from tests.doubles.machine import CountingIds
from tests.doubles.notes import MemoryNotes
from tests.simulation.client import Device, Tab
from tests.simulation.faults import (
    Faults,
    SimulatedClock,
    SimulatedConnections,
    SimulatedConversations,
    SimulatedManagementApi,
    SimulatedPause,
    Steps,
)
from tests.simulation.kernel import CrashError, Invocation, Kernel, Threads, current

SELLER_ID = "seller"
RIVAL_ID = "rival"
LIE = 9999
LYING = b'"base":9999'
STARTING = b'"InitChat"'
UNLIMITED = Rate(burst=1_000_000, per_second=1_000_000)


class Violation(BaseException):
    """A promise was broken; the text begins with its name."""


class Silent:
    """A journal that keeps nothing."""

    def note(self, event: str, **fields: str | int | float | bool | None) -> None:
        pass

    def measure(self, values: Mapping[Metric, float]) -> None:
        pass


@dataclass
class Socket:
    """A WebSocket: `open` on the server's side; the client may notice later that it is not."""

    id: str
    tab: Tab
    open: bool = True


@dataclass
class Outsider:
    """Somebody who has a connection, knows the contact's id, and must get nothing for it."""

    person: Principal
    connection_id: str


@dataclass
class History:
    """Everything that was ever appended, also what has expired since, and the marks."""

    entries: list[Entry] = field(default_factory=list)
    written_up_to: list[int] = field(default_factory=list)
    origins: set[tuple[str, str]] = field(default_factory=set)
    marks: dict[Role, Mark] = field(default_factory=dict)
    expired: int = 0

    @property
    def state(self) -> State | None:
        """The conversation as it is now."""
        return self.entries[-1].state if self.entries else None

    def admitted(self, person: Principal, first: int, last: int) -> bool:
        """Whether a person took part after any of the entries from `first` to `last`."""
        return any(entry.state.admits(person) for entry in self.entries[max(first - 1, 0) : last])

    def append(self, entry: Entry, up_to: int) -> None:
        """Take note of an entry that was written together with what follows it `up_to` a number. Raises `Violation`."""
        if entry.seq != len(self.entries) + 1:
            raise Violation(f"numbers are dense: {entry.seq} follows {len(self.entries)}")
        if (entry.sender, entry.id) in self.origins:
            raise Violation(f"at most one entry per sender and id: {entry.id} again at {entry.seq}")
        self.entries.append(entry)
        self.written_up_to.append(up_to)
        self.origins.add((entry.sender, entry.id))

    def mark(self, role: Role, mark: Mark) -> None:
        """Raises `Violation`."""
        before = self.marks.get(role, Mark())
        if mark.delivered < before.delivered or mark.read < before.read:
            raise Violation(f"marks never go back: {mark} follows {before}")
        if not mark.read <= mark.delivered <= len(self.entries):
            raise Violation(f"marks stay within the log: {mark} of {len(self.entries)}")
        self.marks[role] = mark


class World:
    """One schedule's surroundings. `build` may put a mutant in place of the domain's services."""

    def __init__(
        self,
        random: Random,
        faults: Faults,
        *,
        build: Callable[[Ports], Services] = Services,
        push: Callable[[Any], Push] = lambda client: WebSocketPush(client),
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self.kernel = Kernel(random)
        self.faults = faults
        self.seller_id = SELLER_ID
        self.contact_id: str | None = None
        self.history = History()
        self.sockets: dict[str, Socket] = {}
        self.outsiders: dict[str, Outsider] = {}
        self.under_way = 0
        self.starts_under_way = 0
        self.watches_budget = True
        self.page: dict[str, int] = {}
        self.connections_made = 0
        self.trace = trace
        steps = Steps(self.kernel, faults)
        self.store = SimulatedConversations(self.kernel, steps, faults, self._committed, self.history.mark)
        self.connections = SimulatedConnections(self.kernel, steps, faults)
        clock, journal = SimulatedClock(), cast(Journal, Silent())
        settings = Settings(visitor_rate=UNLIMITED, seller_rate=UNLIMITED)
        self.dispatch = Dispatch(
            build(
                Ports(
                    store=self.store,
                    connections=self.connections,
                    sellers=self.store.table.sellers,
                    blocks=MemoryBlocks(),
                    notes=MemoryNotes(),
                    push=push(SimulatedManagementApi(self.kernel, steps, faults, self)),
                    settings=settings,
                    runtime=Runtime(
                        clock=clock,
                        ids=CountingIds("c"),
                        pause=SimulatedPause(self.kernel),
                        parallel=Threads(self.kernel),
                        journal=journal,
                    ),
                )
            )
        )

    def tell(self, line: str) -> None:
        """Write a line of the schedule, when it is being replayed."""
        if self.trace:
            self.trace(f"{self.kernel.now:9.3f}  {line}")

    # -- sockets

    def connect(self, tab: Tab) -> None:
        """Open a socket as `$connect` does: stored first, then open."""
        self.connections_made += 1
        socket = Socket(f"k{self.connections_made}", tab, open=False)
        life = tab.life

        def connect() -> None:
            person = tab.device.person
            stored = Connection(socket.id, person.user_id, person.role, iso(current().now()))
            try:
                self.connections.add(stored, 0)
            except (StoreBusyError, StoreUnavailableError):
                self.kernel.at(1, lambda: tab.closed() if tab.life == life else None)
                return
            self.kernel.at(0.01, opened)

        def opened() -> None:
            if tab.life != life or tab.socket is not None:
                return
            socket.open = True
            self.sockets[socket.id] = socket
            self.tell(f"{tab.name} connects as {socket.id}")
            tab.opened(socket)

        self._invoke("$connect", connect, crashed=lambda: tab.closed() if tab.life == life else None)

    def is_open(self, connection_id: str) -> bool:
        """Whether the server still has the socket."""
        return connection_id in self.sockets or connection_id in self.outsiders

    def hang_up(self, connection_id: str) -> None:
        """The socket ends on the server's side; `$disconnect` and the client hear of it when, and if, they do."""
        socket = self.sockets.pop(connection_id, None)
        if socket is None:
            return
        self.tell(f"{socket.tab.name} loses {connection_id}")
        socket.open = False
        self._disconnect(connection_id)
        tab = socket.tab
        self.kernel.at(self.kernel.random.uniform(0, 3), lambda: tab.closed() if tab.socket is socket else None)

    def leave(self, socket: Socket) -> None:
        """The client closes its socket."""
        self.sockets.pop(socket.id, None)
        self._disconnect(socket.id)

    def send(self, socket: Socket, body: bytes, base: int | None = None) -> None:
        """A frame on its way in; it is lost with its socket, and two of them may overtake each other."""
        random = self.kernel.random
        self.tell(f"{socket.tab.name} sends {body.decode()}")
        self._travel(random.uniform(0.001, 0.05), socket, body)
        # Whoever lies about his base gives up the guarantee for his repeats, so there are none.
        if base != LIE and random.random() < self.faults.invoked_twice:
            self._travel(random.uniform(0.001, 30), socket, body, zombie=True)

    def push(self, connection_id: str, frame: bytes) -> None:
        """A frame that nobody asked for, on its way out. Raises `Violation`."""
        if connection_id in self.outsiders:
            raise Violation("nothing reaches anyone outside the contact: pushed to an outsider")
        self._check_audience(self.sockets[connection_id].tab.device.person, msgspec.json.decode(frame))
        self.deliver(connection_id, frame)

    def deliver(self, connection_id: str, frame: bytes) -> None:
        """A frame on its way out."""
        socket = self.sockets.get(connection_id)
        if socket is None:
            return
        life = socket.tab.life

        def arrive() -> None:
            if socket.tab.socket is socket and socket.tab.life == life:
                self.tell(f"{socket.tab.name} gets {frame.decode()}")
                socket.tab.received(frame)

        self.kernel.at(self.kernel.random.uniform(0.001, 0.05), arrive)

    def _travel(self, delay: float, socket: Socket, body: bytes, *, zombie: bool = False) -> None:
        self.under_way += 1
        self.starts_under_way += STARTING in body
        self.kernel.at(delay, lambda: self._arrive(socket, body, zombie=zombie))

    def _arrive(self, socket: Socket, body: bytes, *, zombie: bool) -> None:
        self.under_way -= 1
        if not socket.open and not zombie:
            self._handled(body)
            return
        sender = Sender(socket.tab.device.person, socket.id)

        def answer() -> None:
            reply = self.dispatch.answer(body, sender)
            self._check_budget(body, reply)
            if reply:
                self._check_answer(sender.principal, reply)
                self.deliver(socket.id, reply)

        self._invoke("frame", answer, ended=lambda: self._handled(body))

    def _handled(self, body: bytes) -> None:
        self.starts_under_way -= STARTING in body

    def _disconnect(self, connection_id: str) -> None:
        random = self.kernel.random
        if random.random() < self.faults.disconnect_missing:
            return
        self.kernel.at(random.uniform(0, 5), lambda: self._invoke("$disconnect", lambda: self._forget(connection_id)))

    def _forget(self, connection_id: str) -> None:
        try:
            self.connections.remove(connection_id)
        except (StoreBusyError, StoreUnavailableError):
            return

    def _invoke(
        self,
        action: str,
        call: Callable[[], None],
        *,
        crashed: Callable[[], object] = lambda: None,
        ended: Callable[[], object] = lambda: None,
    ) -> None:
        skew = self.faults.clock_skew
        offset = self.kernel.random.uniform(-skew, skew) if skew else 0.0
        invocation = Invocation(self.kernel, action, offset, since=len(self.history.entries))

        def run() -> None:
            try:
                call()
            except CrashError:
                self.tell(f"{action} crashes after {invocation.requests}")
                invocation.dead = True
                self.kernel.at(1, crashed)
            self.under_way -= 1
            ended()

        self.under_way += 1
        self.kernel.spawn(invocation, run)

    # -- outsiders

    def add_outsider(self, person: Principal) -> None:
        """Connect somebody whom the contact is no business of."""
        outsider = Outsider(person, f"x{len(self.outsiders)}")
        self.outsiders[outsider.connection_id] = outsider
        self.connections.table.add(Connection(outsider.connection_id, person.user_id, person.role, ""), 0)
        self.connections.visible_at[outsider.connection_id] = 0.0

    def pry(self, outsider: Outsider) -> None:
        """An outsider tries to read and to write."""
        frame = self.kernel.random.choice(
            (
                {"action": "sync", "after": 0},
                {"action": "sendMessage", "message": "let me in", "id": "pry", "base": 0},
                {"action": "receipt", "read": 99},
                {"action": "closeChat"},
                {"action": "transferChat", "to": "rival"},
            )
        )
        body = msgspec.json.encode({**frame, "contact_id": self.contact_id})

        def answer() -> None:
            reply = self.dispatch.answer(body, Sender(outsider.person, outsider.connection_id))
            if reply is None or msgspec.json.decode(reply)["action"] != "error":
                raise Violation(f"nothing reaches anyone outside the contact: an outsider got {reply!r}")

        if self.contact_id is not None:
            self._invoke("pry", answer)

    # -- the watch

    def _committed(self, change: Change) -> None:
        for entry in change.entries:
            self.tell(f"stored {entry.seq} {entry.kind} {entry.id}")
            if entry.kind is EntryKind.OPENED:
                if self.contact_id is not None:
                    raise Violation("starting twice gives one contact: a second one was opened")
                self.contact_id = entry.contact_id
            self.history.append(entry, up_to=change.entries[-1].seq)

    def check_acknowledged(self, frame: dict[str, Any]) -> None:
        """Acknowledged means durable. Raises `Violation`."""
        stored = self.history.entries[frame["seq"] - 1] if frame["seq"] <= len(self.history.entries) else None
        if stored is None or stored.id != frame["id"]:
            raise Violation(f"acknowledged is durable: {frame['id']} is not at {frame['seq']}")

    def check_shown(self, tab: Tab) -> None:
        """What a tab shows is a prefix of the log, but for what had expired before it looked. Raises `Violation`."""
        expected = 1
        for seq, message_id in tab.shown:
            if seq != expected and not (expected <= self.history.expired + 1 and seq <= self.history.expired + 1):
                raise Violation(f"what a client shows is a prefix: {tab.name} shows {seq} where {expected} belongs")
            if self.history.entries[seq - 1].id != message_id:
                raise Violation(f"what a client shows is a prefix: {tab.name} shows another entry {seq}")
            expected = seq + 1

    def _check_answer(self, person: Principal, reply: bytes) -> None:
        """Entries are for who takes part at some moment while he is answered."""
        if msgspec.json.decode(reply)["action"] == "sync":
            self._check_took_part(person, "was answered")

    def _check_audience(self, person: Principal, frame: dict[str, Any]) -> None:
        """An entry is for who took part once it was stored; a move also for who took part until then."""
        entry = frame.get("entry", frame)
        seq = entry.get("seq")
        if seq is None:
            self._check_took_part(person, f"was told of {frame['action']}")
            return
        if seq > len(self.history.entries):
            raise Violation(f"nothing is pushed before it is stored: {seq} of {len(self.history.entries)}")
        is_message = entry.get("kind", EntryKind.MESSAGE) == EntryKind.MESSAGE
        if not self.history.admitted(person, seq if is_message else seq - 1, self.history.written_up_to[seq - 1]):
            raise Violation(f"nothing reaches anyone outside the contact: {person.user_id} was told of {seq}")

    def _check_took_part(self, person: Principal, what: str) -> None:
        if not self.history.admitted(person, current().since, len(self.history.entries)):
            raise Violation(f"nothing reaches anyone outside the contact: {person.user_id} {what}")

    def _check_budget(self, body: bytes, reply: bytes | None) -> None:
        invocation = current()
        if (
            not self.watches_budget
            or invocation.disturbed
            or reply is None
            or b'"ack"' not in reply
            or b'"sendMessage"' not in body
        ):
            return
        asked = [request for request in invocation.requests if request not in {"post", "remove"}]
        # Twice without a write: a repeat, and one of which nobody may have heard yet.
        allowed: tuple[list[str], ...] = (["commit", "of", "of"], [], ["of", "of"])
        # Who may is asked of whom the function has not met in this contact.
        # A second read of entries, where others wrote more than a few since the first attempt.
        reads = asked.count("read")
        # And what has expired above an old base and is not deleted yet is halved: the end, the halves, the rest.
        most = 2 + (2 + self.history.expired.bit_length() if self.history.expired else 0)
        others = sorted(request for request in asked if request not in {"read", "listing"})
        if (others not in allowed or not 1 <= reads <= most or asked.count("listing") > 1) and LYING not in body:
            raise Violation(f"the request budget holds exactly: {asked}")


def participants(world: World, *, second_sync: bool = True, rival: bool = False) -> list[Device]:
    """A visitor with two tabs, a seller with two devices that share nothing, and perhaps a colleague of his."""
    seller = Principal(SELLER_ID, Role.SELLER)
    people = [Principal("visitor", Role.VISITOR), seller, seller]
    devices = [Device(person) for person in people]
    names = [(devices[0], "visitor tab 1"), (devices[0], "visitor tab 2")]
    names += [(devices[1], "seller phone"), (devices[2], "seller laptop")]
    if rival:
        devices.append(Device(Principal(RIVAL_ID, Role.SELLER)))
        names.append((devices[-1], "rival"))
    for device, name in names:
        device.tabs.append(Tab(world, device, name, second_sync=second_sync))
    devices[2].minted = 1000
    return devices
