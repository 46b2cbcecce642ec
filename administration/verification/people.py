"""The visitor and the seller of a verification, whom nobody else meets and who leave nothing behind."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import urllib3
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from administration.deployments import Deployment
from administration.seed_sellers import TeamMember, seed
from administration.seller_token import token_of
from administration.verification.resources import Resources
from administration.verification.step import ANSWER_SECONDS, NotAsItShouldBeError, expect, wait_until
from administration.visitor_data import services_of
from chat.adapters.dynamodb.keys import listing_key, pointer_key
from chat.adapters.dynamodb.visitors import DynamoDBVisitorData
from chat.contacts import Command
from chat.model.errors import ChatError
from chat.model.identity import Principal, Role, Sender

TOKEN_SECONDS = 600
CLOSE_SECONDS = 1.0
LONGEST_WORD = 20
NAME = "Verification"
PROTOCOL = "seller-chat"

Frame = dict[str, Any]


@dataclass(frozen=True)
class People:
    """A seller in a team of its own with room for one contact, and a visitor's device."""

    deployment: Deployment
    resources: Resources
    seller_id: str = field(default_factory=lambda: f"verify-{uuid.uuid4().hex}")
    device_id: str = field(default_factory=lambda: f"verify-{uuid.uuid4()}")
    contacts: set[str] = field(default_factory=set)
    gone: threading.Event = field(default_factory=threading.Event)
    """Set when they do nothing any more, also in a step that was given up."""

    @property
    def visitor(self) -> Principal:
        """The visitor, as the domain knows people."""
        return Principal(self.device_id, Role.VISITOR)

    @property
    def seller(self) -> Principal:
        """The seller."""
        return Principal(self.seller_id, Role.SELLER)

    @property
    def is_seller_proven(self) -> bool:
        """Whether the seller can be proven; not where an identity provider signs sellers' tokens."""
        return "SELLER_TOKEN_JWKS_URL" not in self.resources.variables

    def register(self) -> None:
        """Register the seller."""
        member = TeamMember(seller_id=self.seller_id, team=self.seller_id, name=NAME, capacity=1)
        seed(self.resources.client("dynamodb"), self.deployment.outputs["SellerTable"], [member])

    def proof(self, person: Principal) -> str:
        """What a person is proven by: a token as the shop would make it, or a visitor's device id."""
        if person.role is Role.VISITOR and self.resources.variables.get("VISITOR_TOKENS") != "required":
            return person.user_id
        secrets = self.resources.client("secretsmanager")
        key = secrets.get_secret_value(SecretId=self.deployment.outputs["SellerTokenSecret"])["SecretString"]
        return token_of(person, key, lifetime_seconds=TOKEN_SECONDS)

    def call(self, method: str, path: str, body: object = None, *, bearer: str | None) -> urllib3.BaseHTTPResponse:
        """One REST call."""
        self._unless_gone()
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        return urllib3.request(
            method,
            self.deployment.outputs["RestUrl"].rstrip("/") + path,
            body=None if body is None else json.dumps(body),
            headers=headers,
            timeout=ANSWER_SECONDS,
            retries=False,
        )

    def answer(self, method: str, path: str, body: object = None, *, by: Principal | None = None) -> Frame:
        """What a REST call says that works, by the visitor unless it is said by whom."""
        response = self.call(method, path, body, bearer=self.proof(by or self.visitor))
        expect(f"the status of {method} {_pattern(path)}", response.status, 200)
        said: Frame = response.json()
        self.contacts.update(filter(None, [said.get("contact_id")]))
        return said

    @contextmanager
    def socket(self, *protocols: str, **query: str) -> Iterator[Socket]:
        """An open WebSocket with this query."""
        self._unless_gone()
        url = self.deployment.outputs["WebSocketUrl"] + "?" + urlencode(query)
        spoken = [Subprotocol(each) for each in protocols] or None
        with connect(url, subprotocols=spoken, open_timeout=ANSWER_SECONDS, close_timeout=CLOSE_SECONDS) as connection:
            yield Socket(connection, self)

    @contextmanager
    def socket_of(self, person: Principal) -> Iterator[Socket]:
        """An open WebSocket of one of them."""
        proof = self.proof(person)
        protocols = () if proof == person.user_id else (PROTOCOL, proof)
        with self.socket(*protocols, userId=person.user_id) as socket:
            yield socket

    def start(self, socket: Socket) -> Frame:
        """Open a contact as the visitor."""
        details = {"name": NAME}
        started = socket.ask({"action": "InitChat", "sellerId": self.seller_id, "userInfo": details}, "InitChat")
        self.contacts.add(started["contact_id"])
        return started

    def leave(self) -> None:
        """Delete all that is kept of both, and look whether anything is left."""
        self.gone.set()
        services = services_of(self.deployment)
        conversations, sellers = (self.deployment.outputs[f"{name}Table"] for name in ("Conversation", "Seller"))
        dynamodb = self.resources.client("dynamodb")
        if current := services.ports.store.current_contact(self.device_id, self.seller_id):
            self.contacts.add(current.contact_id)
        for contact_id in self.contacts:
            with contextlib.suppress(ChatError):
                services.lifecycle.close(Command(Sender(self.visitor), contact_id))
        for person in (self.visitor, self.seller):
            services.delivery.close_all(person)
        connections = services.ports.connections
        wait_until("that both are disconnected", lambda: not self._connected(connections), ANSWER_SECONDS)
        for contact_id in self.contacts:
            # Nobody is given its id again, so its listing, too, is not needed any more.
            DynamoDBVisitorData(dynamodb, conversations).forget_contact(contact_id)
            dynamodb.delete_item(TableName=conversations, Key=listing_key(contact_id))
        dynamodb.delete_item(TableName=conversations, Key=pointer_key(self.device_id, self.seller_id))
        dynamodb.delete_item(TableName=sellers, Key={"seller_id": {"S": self.seller_id}})
        left = dynamodb.get_item(TableName=sellers, Key={"seller_id": {"S": self.seller_id}}, ConsistentRead=True)
        expect("whether the seller is still there", "Item" in left, wanted=False)

    def _connected(self, connections: Any) -> bool:
        return any(connections.of(person) for person in (self.visitor, self.seller))

    def _unless_gone(self) -> None:
        if self.gone.is_set():
            raise NotAsItShouldBeError("It was given up.")


@dataclass(frozen=True)
class Socket:
    """An open WebSocket."""

    connection: ClientConnection
    people: People

    def send(self, frame: Frame) -> None:
        """Send a frame."""
        self.connection.send(json.dumps(frame))

    def receive(self, what: str, wanted: Callable[[Frame], bool], seconds: float = ANSWER_SECONDS) -> Frame:
        """The next frame that is wanted; raises `NotAsItShouldBeError` if it does not come."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self.people.gone.is_set():
            try:
                received = self.connection.recv(timeout=left)
            except TimeoutError:
                break
            # API Gateway answers some frames with an empty one.
            frame: Frame = json.loads(received) if received else {}
            if wanted(frame):
                return frame
        raise NotAsItShouldBeError(f"{what} did not come within {seconds:.0f} s.")

    def ask(self, frame: Frame, action: str) -> Frame:
        """Send a frame and return the next one with this action."""
        self.send(frame)
        return self.receive(f"the answer {action!r} to {frame['action']!r}", lambda each: each.get("action") == action)


def _pattern(path: str) -> str:
    """A path without what is different each time."""
    return "/".join("…" if len(part) > LONGEST_WORD else part for part in path.partition("?")[0].split("/"))
