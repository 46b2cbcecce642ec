"""A model of the client core: what widget/src/core does, in as few words as the schedules need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from chat.model.identity import Role

if TYPE_CHECKING:
    from chat.model.identity import Principal
    from tests.simulation.world import Socket, World

Frame = dict[str, Any]
RETRYABLE = {"try_again", "slow_down"}
ACK_TIMEOUT = 10.0
SECOND_SYNC = 3.0
GIVE_UP = 120.0


@dataclass
class Pending:
    """A message in the outbox. `base` is the cursor of its last attempt: it is in nothing that was held then."""

    id: str
    text: str
    minted_at: float
    base: int | None = None


@dataclass
class Device:
    """What survives a reload and is shared by tabs: the contact, the outbox, and what became of the messages."""

    person: Principal
    contact: str | None = None
    outbox: list[Pending] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    minted: int = 0
    tabs: list[Tab] = field(default_factory=list)

    def mint(self, prefix: str) -> str:
        """A new message id."""
        self.minted += 1
        return f"{prefix}{self.minted}"

    @property
    def is_seller(self) -> bool:
        """Whether its owner answers; he finds his contacts in his inbox."""
        return self.person.role is Role.SELLER

    @property
    def sender(self) -> Tab | None:
        """The tab that sends for all of them: what a lock shared by tabs decides."""
        return next((tab for tab in self.tabs if tab.socket), None)

    def settle(self, message_id: str) -> None:
        """A message of ours is stored."""
        self.outbox[:] = [pending for pending in self.outbox if pending.id != message_id]


@dataclass
class Tab:
    """One page: its socket, how far it has read, and what it shows."""

    world: World
    device: Device
    name: str
    second_sync: bool = True
    socket: Socket | None = None
    cursor: int = 0
    shown: list[tuple[int, str]] = field(default_factory=list)
    in_flight: str | None = None
    syncing: int = 0
    announced: bool = False
    started: bool = False
    asked: dict[str, Frame] = field(default_factory=dict)
    life: int = 0

    # -- what the person does

    def start(self) -> None:
        """Open the chat, and ask again until there is an answer; both tabs do, to no other effect than one."""
        if not self.started:
            self._send({"action": "InitChat", "sellerId": self.world.seller_id, "userInfo": {}})
            self._on_socket(ACK_TIMEOUT, self.start)

    def write(self) -> None:
        """Say something; a seller has to have the contact before he can."""
        if self.device.is_seller and self.device.contact is None:
            return
        message_id = self.device.mint(self.device.person.user_id[:1])
        self.device.outbox.append(Pending(message_id, f"text of {message_id}", self.world.kernel.now))
        if self.device.sender:
            self.device.sender.pump()

    def close(self) -> None:
        """End the contact."""
        self._ask("closeChat")

    def transfer(self, to: str) -> None:
        """Hand the contact to a colleague."""
        self._ask("transferChat", to=to)

    def report(self) -> None:
        """Tell how far one has read; nobody waits for the answer."""
        if self.device.contact and self.cursor:
            read = self.world.kernel.random.randint(0, self.cursor)
            self._send({"action": "receipt", "contact_id": self.device.contact, "delivered": self.cursor, "read": read})

    def reload(self) -> None:
        """Lose everything but the outbox, and with it the contact that a seller has something to say in."""
        self.life += 1
        self.in_flight, self.syncing = None, 0
        self._forget()
        if self.device.is_seller and not self.device.outbox:
            self.device.contact = None
        if self.socket:
            self.world.leave(self.socket)
        self.socket = None
        self._later(0.1, self.connect)

    # -- the socket

    def connect(self) -> None:
        """Open a socket, unless there is one."""
        if self.socket is None:
            self.world.connect(self)

    def opened(self, socket: Socket) -> None:
        """The socket is open."""
        self.socket = socket
        self.in_flight = None
        self.announced = False
        if not self.device.is_seller:
            self.start()
        self.catch_up()
        if self.second_sync:
            self._on_socket(SECOND_SYNC, self.catch_up)
        for frame in list(self.asked.values()):
            self._repeat(frame)
        self.pump()

    def closed(self) -> None:
        """The socket is gone."""
        self.socket = None
        self.in_flight = None
        self.syncing = 0
        if self.device.sender:
            self.device.sender.pump()
        self._later(self.world.kernel.random.uniform(0.1, 4), self.connect)

    def received(self, data: bytes) -> None:
        """A frame came in."""
        frame: Frame = msgspec.json.decode(data)
        handler: Callable[[Frame], None] = getattr(self, f"_on_{frame['action']}")
        handler(frame)

    # -- the log

    def catch_up(self) -> None:
        """Ask for what one may have missed."""
        if self.device.is_seller:
            self._look()
        self.sync()

    def sync(self) -> None:
        """Ask for what follows the cursor; a visitor's first question over a socket announces it."""
        if self.socket is None or self.device.contact is None:
            return
        self.syncing += 1
        asked = self.syncing
        frame = {"action": "sync", "contact_id": self.device.contact, "after": self.cursor, **self.world.page}
        self._send(frame if self.announced or self.device.is_seller else {**frame, "announce": True})
        self._on_socket(ACK_TIMEOUT, lambda: self.sync() if self.syncing == asked else None)

    def _look(self) -> None:
        """Ask which contacts are one's own; the first time over a socket, announce it."""
        self._send({"action": "inbox"} if self.announced else {"action": "inbox", "announce": True})
        self._on_socket(ACK_TIMEOUT, lambda: None if self.announced else self._look())

    def _on_inbox(self, frame: Frame) -> None:
        self.announced = True
        for listed in frame["contacts"]:
            self._found(listed["contact_id"])

    def _found(self, contact_id: str) -> None:
        if self.device.contact is None:
            self.device.contact = contact_id
            self.sync()

    def _lost(self) -> None:
        """The contact is somebody else's now."""
        self._forget()
        self.asked.clear()
        self.device.contact = None
        for pending in list(self.device.outbox):
            self._fail(pending.id)
        self._on_socket(0.5, self._look)

    def _forget(self) -> None:
        self.cursor, self.shown = 0, []

    def _integrate(self, entry: Frame) -> None:
        seq = entry["seq"]
        if seq == self.cursor + 1:
            self.cursor = seq
            self.shown.append((seq, entry["id"]))
            self.device.settle(entry["id"])
        elif seq > self.cursor:
            self.sync()

    def _on_sendMessage(self, frame: Frame) -> None:  # noqa: N802 - named after the action
        self._found(frame["contact_id"])
        self._integrate(frame)

    def _on_entry(self, frame: Frame) -> None:
        self._found(frame["contact_id"])
        self._integrate(frame["entry"])

    def _on_receipt(self, frame: Frame) -> None:
        pass

    def _on_sync(self, frame: Frame) -> None:
        self.syncing = 0
        self.announced = self.announced or not self.device.is_seller
        gap = frame.get("gap")
        if gap and gap["reason"] == "unknown_cursor":
            self._forget()
        elif gap and gap["from"] <= self.cursor + 1 <= gap["to"]:
            self.cursor = gap["to"]
        for entry in frame["entries"]:
            if entry["seq"] == self.cursor + 1:
                self._integrate(entry)
        self.pump()
        if frame["more"]:
            self.sync()

    # -- the outbox

    def pump(self) -> None:
        """Send the oldest unacknowledged message, if this tab is the one that sends and none is under way."""
        if not self._may_send():
            return
        pending = self.device.outbox[0]
        if self.world.kernel.now - pending.minted_at > GIVE_UP:
            self._fail(pending.id)
            return
        pending.base = self.cursor
        self.in_flight = pending.id
        self._send(
            {
                "action": "sendMessage",
                "contact_id": self.device.contact,
                "message": pending.text,
                "id": pending.id,
                "base": pending.base,
            },
            pending.base,
        )
        self._on_socket(ACK_TIMEOUT, lambda: self._retry(pending.id))

    def _may_send(self) -> bool:
        return bool(
            self is self.device.sender
            and self.device.outbox
            and self.in_flight is None
            and self.device.contact is not None
        )

    def _retry(self, message_id: str) -> None:
        if self.in_flight == message_id:
            self.in_flight = None
            self.pump()

    def _fail(self, message_id: str) -> None:
        self.device.settle(message_id)
        self.device.failed.add(message_id)
        self.in_flight = None
        self.pump()

    def _on_ack(self, frame: Frame) -> None:
        if self.asked.pop(frame["of"], None):
            # Its number alone says nothing of what came before it.
            self.sync()
        if frame["of"] != "sendMessage":
            return
        self.world.check_acknowledged(frame)
        self.device.acknowledged[frame["id"]] = frame["seq"]
        self.device.settle(frame["id"])
        if self.in_flight == frame["id"]:
            self.in_flight = None
        self._integrate(frame)
        self.pump()

    def _on_error(self, frame: Frame) -> None:
        is_final = frame["code"] not in RETRYABLE
        if frame.get("of") == "sendMessage" and frame.get("field") == "base":
            # It is sent again from where what is read now ends.
            self.sync()
            self._refused(frame["id"], 0.5)
        elif frame.get("of") == "sendMessage":
            self._refused(frame["id"], None if is_final else frame.get("retry_after_ms", 500) / 1000)
        elif frame.get("of") == "sync" and is_final and self.device.is_seller:
            self._lost()
        elif is_final:
            self.asked.pop(frame.get("of", ""), None)

    def _refused(self, message_id: str, retry_after: float | None) -> None:
        if retry_after is None:
            self._fail(message_id)
        else:
            self._on_socket(retry_after, lambda: self._retry(message_id))

    def _on_InitChat(self, frame: Frame) -> None:  # noqa: N802
        self.started = True
        self.device.contact = frame["contact_id"]
        self.sync()
        self.pump()

    # -- moves

    def _ask(self, action: str, **fields: str) -> None:
        """Ask for a move of the contact, in the same words until there is an answer."""
        if self.socket is None or self.device.contact is None:
            return
        move_id = self.device.mint(self.device.person.user_id[:1])
        frame = {"action": action, "contact_id": self.device.contact, "id": move_id, "base": self.cursor, **fields}
        self.asked[action] = frame
        self._repeat(frame)

    def _repeat(self, frame: Frame) -> None:
        if self.asked.get(frame["action"]) is frame:
            self._send(frame)
            self._on_socket(ACK_TIMEOUT, lambda: self._repeat(frame))

    # -- time

    def _later(self, delay: float, call: Callable[[], object]) -> None:
        life = self.life
        self.world.kernel.at(delay, lambda: call() if life == self.life else None)

    def _on_socket(self, delay: float, call: Callable[[], object]) -> None:
        socket = self.socket
        self._later(delay, lambda: call() if socket is self.socket else None)

    def _send(self, frame: Frame, base: int | None = None) -> None:
        if self.socket:
            self.world.send(self.socket, msgspec.json.encode(frame), base)
