"""Programs that talk to a deployed system over real WebSockets."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from local_aws.strict.switches import Strictness
from tests import asyncapi
from tests.end_to_end.deployed_system import DeployedSystem, wait_until

Frame = dict[str, Any]

PATIENCE_SECONDS = 20.0
"""How long an expected frame may take; the first call of every function starts a process."""

CLOSE_SECONDS = 1.0
"""How long to wait for the other end of a connection to close; a busy emulator takes its time, and nothing needs it."""

QUIET_SECONDS = 1.0
"""How long to listen for a frame that must not come."""

UNKNOWN_SECONDS = Strictness().longest_index_lag_seconds or 0
"""How long an index may not know what has just changed, such as a connection that has opened: the widget asks again."""

_ON_A_BUSY_MACHINE: dict[str, Any] = {
    "open_timeout": PATIENCE_SECONDS,
    "close_timeout": CLOSE_SECONDS,
    "ping_interval": None,
}


class Client:
    """One open WebSocket. It keeps all frames received, oldest first, and takes none that is not documented."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.frames: list[Frame] = []

    def send(self, frame: object) -> None:
        """Send a value as JSON."""
        self.send_raw(json.dumps(frame))

    def send_raw(self, message: str | bytes) -> None:
        """Send text as a text frame, or bytes as a binary one."""
        self._socket.send(message)

    def receive(self, wanted: Callable[[Frame], bool], seconds: float = PATIENCE_SECONDS) -> Frame:
        """Return the next frame that is wanted; whatever comes before it is kept in `frames` too.

        Raises TimeoutError that lists what came instead.
        """
        deadline = time.monotonic() + seconds
        while (remaining := deadline - time.monotonic()) > 0:
            try:
                frame = self._next(remaining)
            except TimeoutError:
                break
            if wanted(frame):
                return frame
        raise TimeoutError(f"The frame did not come; these came so far: {self.frames}")

    def ask(self, frame: object) -> Frame:
        """Send a frame and return the next one that comes."""
        self.send(frame)
        return self.receive(lambda _: True)

    def leave(self) -> None:
        """Close the connection."""
        self._socket.close()

    def listen(self, seconds: float = QUIET_SECONDS) -> None:
        """Take in whatever comes within a time."""
        deadline = time.monotonic() + seconds
        while (remaining := deadline - time.monotonic()) > 0:
            try:
                self._next(remaining)
            except TimeoutError:
                return

    def on_message(self, frame: Frame) -> None:
        """Called with every frame that comes."""

    def _next(self, seconds: float) -> Frame:
        # API Gateway sends an empty frame where a function has nothing to answer.
        deadline = time.monotonic() + seconds
        while not (received := self._socket.recv(timeout=max(0, deadline - time.monotonic()), decode=False)):
            pass
        asyncapi.check_received(received)
        frame: Frame = json.loads(received)
        self.frames.append(frame)
        self.on_message(frame)
        return frame


class DocumentVisitor(Client):
    """The widget of the original design document: these are all the frames it sends, and all it reads of what comes."""

    def __init__(self, socket: ClientConnection, *, device_id: str, seller_id: str) -> None:
        super().__init__(socket)
        self.device_id = device_id
        self.seller_id = seller_id
        self.contact_id: str | None = None
        self.chat_lines: list[str] = []

    def submit_user_info(self, user_info: Frame, *, action: str = "InitChat") -> str:
        """Start the chat and return the contact id that the widget holds then."""
        self.send({"action": action, "sellerId": self.seller_id, "userInfo": user_info, "timestamp": _now()})
        self.receive(lambda _: self.contact_id is not None)
        return str(self.contact_id)

    def send_message(self, message: str) -> None:
        """Send a text to the seller."""
        self.send(
            {
                "action": "sendMessage",
                "type": "message",
                "from": self.device_id,
                "to": self.seller_id,
                "message": message,
                "timestamp": _now(),
            }
        )

    def on_message(self, frame: Frame) -> None:
        """Read a frame exactly as the document's `onmessage` does."""
        if frame.get("action") == "InitChat":
            self.contact_id = frame["contact_id"]
            return
        if frame.get("type") == "message" or frame.get("message"):
            self.chat_lines.append(frame.get("message") or frame.get("text") or "No message content")


def fall_back_to_rest(
    system: DeployedSystem, seller_id: str, user_info: Frame, message: str, **kept: str
) -> dict[str, Any]:
    """What the document's widget does where its socket is not open; it keeps nothing, unless something is said here."""
    body = {
        "sellerId": seller_id,
        "widgetId": "widget-1",
        "message": message,
        "userInfo": user_info,
        "timestamp": _now(),
        **kept,
    }
    answer = system.call("POST", "/sendmessage", body)
    assert answer.status == 200
    answered: dict[str, Any] = answer.json()
    return answered


@contextmanager
def visitor(
    system: DeployedSystem, *, seller_id: str, device_id: str | None = None, origin: str | None = None
) -> Iterator[DocumentVisitor]:
    """A visitor whose page asks for a seller, with a new device id unless one is given; in a browser if it has an
    origin."""
    device_id = device_id or f"device-{uuid.uuid4()}"
    url = f"{system.web_socket_url}?userId={quote(device_id)}"
    page = None if origin is None else Origin(origin)
    with connect(url, origin=page, **_ON_A_BUSY_MACHINE) as socket:
        time.sleep(UNKNOWN_SECONDS)
        yield DocumentVisitor(socket, device_id=device_id, seller_id=seller_id)


@contextmanager
def seller(system: DeployedSystem, seller_id: str, *, token: str | None = None) -> Iterator[Client]:
    """A seller with a valid token of his own unless another is given."""
    token = token or system.seller_token(seller_id)
    url = f"{system.web_socket_url}?userId={quote(seller_id)}"
    protocols = [Subprotocol("seller-chat"), Subprotocol(token)]
    with connect(url, subprotocols=protocols, **_ON_A_BUSY_MACHINE) as socket:
        time.sleep(UNKNOWN_SECONDS)
        yield Client(socket)


def only_log_of(system: DeployedSystem, seller_id: str) -> list[Any]:
    """The seller's only contact from its first entry on, as a device of the seller's own reads it."""
    log: list[Any] = []
    with seller(system, seller_id) as desk:
        (contact,) = listed(desk, {"action": "inbox"})
        more = True
        while more:
            page = answer(desk, {"action": "sync", "contact_id": contact["contact_id"], "after": len(log)})
            log += page["entries"]
            more = page["more"]
    return log


def messages(client: Client) -> list[str]:
    """The texts that were delivered to a client, in the order they came."""
    return [frame["message"] for frame in client.frames if frame["action"] == "sendMessage"]


def is_message(frame: Frame) -> bool:
    """Tell whether a frame delivers a message."""
    return bool(frame["action"] == "sendMessage")


def is_ack(frame: Frame) -> bool:
    """Tell whether a frame acknowledges one that was sent."""
    return bool(frame["action"] == "ack")


def is_entry(frame: Frame, kind: str) -> bool:
    """Tell whether a frame tells of an entry of this kind."""
    return bool(frame["action"] == "entry" and frame["entry"]["kind"] == kind)


def entry_of(client: Client, kind: str, contact_id: str) -> Any:
    """The next entry of a kind and contact that a client is told of."""
    return client.receive(lambda frame: is_entry(frame, kind) and frame["contact_id"] == contact_id)["entry"]


def answer(desk: Client, frame: Frame) -> Frame:
    """What comes back, past the receipts that other devices still send."""
    desk.send(frame)
    return desk.receive(lambda received: received["action"] == frame["action"])


def listed(desk: Client, frame: Frame, is_there: Callable[[Frame], bool] = lambda _contact: True) -> list[Frame]:
    """The contacts of an inbox, once one of them is as it shall be: an index is a moment behind its table."""
    contacts: list[Frame] = []

    def shows_it() -> bool:
        contacts[:] = answer(desk, frame)["contacts"]
        return any(map(is_there, contacts))

    wait_until(shows_it, seconds=10, what="the inbox to show it")
    return contacts


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
