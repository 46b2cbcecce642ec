"""The functions that nobody calls, and what is around each: the stream's items, the bus, queues, the shop's server."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from standardwebhooks import Webhook

from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.adapters.dynamodb.visitors import DynamoDBVisitorData
from chat.adapters.system import SystemClock
from chat.contacts.starting import Start
from chat.events import event_of
from chat.model.entries import Status
from chat.model.identity import Principal, Role, Sender
from chat.model.sellers import Availability, Seller
from chat.model.timestamps import epoch_seconds
from chat.ports.shop import ContactRequest, DirectoryUnavailableError, RegisteredContact
from tests import events
from tests.doubles.machine import RecordingJournal
from tests.worlds.deployment import DEVICE, Body
from tests.worlds.domain import System
from tests.worlds.functions import CHECK_UP_GROUP, DEAD_LETTERS, call
from tests.worlds.tables import CONVERSATIONS, SELLERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient


SHOP_KEY_SECRET = "seller-chat/test/php-api-key"
SHOP_KEY = "canary-api-key-of-the-shop"


@dataclass
class Aws:
    """Answers a client's calls as it is told and keeps what was sent; it has no network behind it."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    def listen_to(self, client: Any) -> None:
        client.meta.events.register(_sending(client), self._answer, unique_id="test")

    def forget(self, client: Any) -> None:
        client.meta.events.unregister(_sending(client), unique_id="test")

    def _answer(self, request: AWSPreparedRequest, **_rest: object) -> AWSResponse:
        body = json.loads(request.body or b"{}")  # type: ignore[arg-type]
        self.sent.append(body)
        status, answer = self.answers.pop(0) if self.answers else (200, accepted(body))
        return AWSResponse(request.url, status, {}, Body(json.dumps(answer).encode()))  # type: ignore[arg-type]


def _sending(client: Any) -> str:
    return f"before-send.{client.meta.service_model.service_id.hyphenize()}"


def accepted(body: dict[str, Any]) -> dict[str, Any]:
    entries = [{"EventId": str(number)} for number, _ in enumerate(body.get("Entries", []))]
    return {"FailedEntryCount": 0, "Entries": entries, "MessageId": "m", "MD5OfMessageBody": "0" * 32}


def conversation() -> System:
    """A contact of five entries, which a visitor opened and closed himself."""
    system = System()
    system.ids.prefix = "contact-"
    visitor = system.connect(Principal(DEVICE, Role.VISITOR), "visitor-laptop")
    contact_id = visitor.send("InitChat", sellerId="123456", userInfo={"name": "canary-info"})["contact_id"]
    visitor.send("sendMessage", contact_id=contact_id, message="canary-text")
    system.connect(Principal("123456", Role.SELLER), "s").send("sendMessage", contact_id=contact_id, message="Hello")
    visitor.send("closeChat", contact_id=contact_id)
    return system


def bus_events(system: System) -> list[dict[str, Any]]:
    """One event per entry, as the publisher makes them."""
    return [dict(event_of(entry)) for log in system.store.entries.values() for entry in log.values()]


@dataclass
class Published:
    """The publisher, the bus behind it, and the dead letters."""

    module: Any
    bus: Aws
    dead_letters: Aws
    items: Sequence[dict[str, Any]]

    def handle(self, event: events.Event) -> list[str]:
        """The sequence numbers from which the stream goes on."""
        answer = call(self.module, event)
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]

    @property
    def ids(self) -> list[str]:
        """The ids of all events that were handed to the bus, in their order."""
        return [json.loads(entry["Detail"])["id"] for call in self.bus.sent for entry in call["Entries"]]

    @property
    def set_aside(self) -> list[tuple[str, Any]]:
        """Why something is a dead letter, and what it is."""
        assert {each["QueueUrl"] for each in self.dead_letters.sent} <= {DEAD_LETTERS}
        return [
            (each["MessageAttributes"]["reason"]["StringValue"], json.loads(each["MessageBody"]))
            for each in self.dead_letters.sent
        ]


def entries_of(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item for item in items if item["item"]["S"].startswith("entry#")]


@dataclass
class Office:
    """The attendant, its queue, the schedules, and a team in the table."""

    module: Any
    queue: Aws
    scheduler: EventBridgeSchedulerClient
    dynamodb: DynamoDBClient

    @property
    def sellers(self) -> DynamoDBSellers:
        return DynamoDBSellers(self.dynamodb, SELLERS, RecordingJournal())

    def employ(self, name: str, capacity: int = 1) -> None:
        now = epoch_seconds(SystemClock().now())
        self.sellers.register(Seller(name, "support", capacity, 0, Availability.ONLINE, now))

    def vanish(self, name: str) -> None:
        self.sellers.beat(name, Availability.ONLINE, 0)

    def start(self, number: int) -> str:
        start = Start(Sender(Principal(f"{DEVICE}-{number}", Role.VISITOR)), "support", {})
        return self.module._services.starting.start(start).contact_id  # type: ignore[no-any-return]

    def newest(self, contact_id: str) -> dict[str, Any]:
        store = DynamoDBConversations(self.dynamodb, CONVERSATIONS, SELLERS)
        newest = store.latest(contact_id).newest
        assert newest is not None
        return dict(event_of(newest))

    def hear(self, event: dict[str, Any], *, receives: int = 2) -> list[str]:
        return self._take(events.from_bus(event), receives=receives)

    def check_up(self, *contacts: object) -> list[str]:
        return self._take(*({"contact_id": each} if isinstance(each, str) else each for each in contacts), receives=1)

    def _take(self, *bodies: object, receives: int) -> list[str]:
        answer = call(self.module, events.from_queue(*bodies, receives=receives))
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]

    def due(self) -> dict[str, float]:
        """The contacts that have a check-up, and in how many seconds it is."""
        listed = self.scheduler.list_schedules(GroupName=CHECK_UP_GROUP)["Schedules"]
        now = datetime.now(UTC).replace(tzinfo=None)
        return {each["Name"]: (self._moment(each["Name"]) - now).total_seconds() for each in listed}

    def _moment(self, name: str) -> datetime:
        schedule = self.scheduler.get_schedule(Name=name, GroupName=CHECK_UP_GROUP)
        return datetime.strptime(schedule["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)")


@dataclass
class ShopServer:
    """A shop's back end: takes contacts once per key and events once per id, if they are signed; and may be down."""

    is_down: bool = False
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuses: frozenset[str] = frozenset()
    refusal: int = 422
    refuses_contacts: bool = False

    def answer(self, path: str, headers: dict[str, str], content: bytes) -> tuple[int, dict[str, Any]]:
        self.calls.append((path, headers))
        if self.is_down:
            return 503, {}
        shown = {"/contacts": f"Bearer {SHOP_KEY}", "/events": ""}[path]
        if headers.get("authorization", "") != shown:
            return 401, {}
        body = json.loads(content)
        if path == "/contacts" and self.refuses_contacts:
            return 400, {}
        if path == "/contacts":
            known = self.contacts.setdefault(headers["idempotency-key"], body)
            return 200, {"contact_id": known["proposed_contact_id"]}
        if body["id"] in self.refuses:
            return self.refusal, {}
        # A shop has the key as Standard Webhooks writes secrets.
        secret = "whsec_" + base64.b64encode(SHOP_KEY.encode()).decode()
        Webhook(secret).verify(content, headers)
        assert headers["webhook-id"] == body["id"]
        self.events.setdefault(body["id"], body)
        return 200, {"id": body["id"]}


@dataclass
class Courier:
    """The courier, the shop to which it goes, and the queue of dead letters."""

    module: Any
    shop: ShopServer
    dead_letters: Aws

    @property
    def set_aside(self) -> list[tuple[str, str]]:
        """The messages that wait for a person, and why."""
        assert {each["QueueUrl"] for each in self.dead_letters.sent} <= {DEAD_LETTERS}
        return [
            (each["MessageBody"], each["MessageAttributes"]["reason"]["StringValue"]) for each in self.dead_letters.sent
        ]

    def bring(self, *told: object) -> list[str]:
        bodies = [events.from_bus(each) if isinstance(each, dict) else each for each in told]
        answer = call(self.module, events.from_queue(*bodies))
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


class Down:
    """A shop that cannot be reached."""

    def register(self, request: ContactRequest) -> RegisteredContact:
        raise DirectoryUnavailableError("no answer in time")


def started_while_the_shop_was_down() -> tuple[System, str]:
    system = System(directory=Down())
    visitor = system.connect(Principal(DEVICE, Role.VISITOR), "v")
    reply = visitor.send("InitChat", sellerId="123456", userInfo={"name": "canary-info"})
    visitor.send("sendMessage", contact_id=reply["contact_id"], message="canary-text")
    assert reply["action"] == "InitChat"
    return system, reply["contact_id"]


def forget_whose(dynamodb: DynamoDBClient, contact_id: str) -> None:
    """What an erasure does first."""
    DynamoDBVisitorData(dynamodb, CONVERSATIONS).forget_whose(contact_id, Status.OPEN)
