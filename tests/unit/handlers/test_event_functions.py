"""The functions that nobody calls: from the table's stream to the bus, the attendant and the shop's back end."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto import mock_aws
from standardwebhooks import Webhook

from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.adapters.dynamodb.visitors import DynamoDBVisitorData
from chat.adapters.json_journal import ALLOWED_FIELDS
from chat.adapters.system import SystemClock
from chat.contacts.lifecycle import Command
from chat.contacts.starting import Start
from chat.events import TYPES, erased_event, event_of
from chat.model.entries import EntryKind
from chat.model.identity import Principal, Role, Sender
from chat.model.sellers import Availability, Seller
from chat.model.timestamps import epoch_seconds
from chat.ports.conversations import Change, Pointer
from chat.ports.shop import ContactRequest, DirectoryUnavailableError, RegisteredContact
from handlers.variables import VariableError
from tests import events
from tests.doubles.machine import RecordingJournal
from tests.worlds import functions
from tests.worlds.domain import System
from tests.worlds.functions import CHECK_UP_GROUP, CHECK_UPS, DEAD_LETTERS, KEY, SECRET
from tests.worlds.tables import CONNECTIONS, CONVERSATIONS, SELLERS, create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

DEVICE = "canary-device-0f8fad5b-d9cb-469f-a165-70867728950e"
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
        status, answer = self.answers.pop(0) if self.answers else (200, _accepted(body))
        return AWSResponse(request.url, status, {}, _Body(json.dumps(answer).encode()))  # type: ignore[arg-type]


def _sending(client: Any) -> str:
    return f"before-send.{client.meta.service_model.service_id.hyphenize()}"


class _Body(io.BytesIO):
    def stream(self, **_options: object) -> Iterator[bytes]:
        yield self.read()


def _accepted(body: dict[str, Any]) -> dict[str, Any]:
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


@pytest.fixture
def dynamodb(dynamodb_client: DynamoDBClient) -> Iterator[DynamoDBClient]:
    """The tables, empty, and the secrets."""
    with mock_aws():
        create_tables(dynamodb_client)
        secrets = boto3.client("secretsmanager")
        secrets.create_secret(Name=SECRET, SecretString=KEY)
        # Secrets that were pasted often end in a line break.
        secrets.create_secret(Name=SHOP_KEY_SECRET, SecretString=SHOP_KEY + "\n")
        yield dynamodb_client


# Events


def test_every_kind_of_entry_is_an_event_of_its_own_type() -> None:
    assert set(TYPES) == set(EntryKind)
    assert len(set(TYPES.values())) == len(EntryKind)


def test_an_event_has_the_entrys_number_as_its_id_and_all_that_the_entry_says() -> None:
    opened, assigned, message, *_ = bus_events(conversation())
    contact_id = opened["data"]["contact_id"]

    assert [each["id"] for each in (opened, assigned, message)] == [f"{contact_id}/{seq}" for seq in (1, 2, 3)]
    assert [each["type"] for each in (opened, assigned, message)] == [
        "contact.opened",
        "contact.assigned",
        "message.created",
    ]
    assert opened["data"]["user_info"] == {"name": "canary-info"}
    assert opened["data"]["registered"] is True
    assert (assigned["data"]["seller_id"], assigned["data"]["status"]) == ("123456", "open")
    assert (message["data"]["message"], message["data"]["from"]) == ("canary-text", f"visitor-{contact_id}")


def test_no_event_holds_the_device_id_but_all_of_a_visitor_hold_one_name_of_his() -> None:
    told = bus_events(conversation())

    assert DEVICE not in json.dumps(told)
    assert len({each["data"]["visitor"] for each in told}) == 1


# The publisher


@pytest.fixture(scope="session")
def publisher_module(aws_environment: pytest.MonkeyPatch) -> Any:
    """handlers.publisher."""
    return functions.load("publisher", aws_environment)


@dataclass
class Published:
    """The publisher, the bus behind it, and the dead letters."""

    module: Any
    bus: Aws
    dead_letters: Aws
    items: Sequence[dict[str, Any]]

    def handle(self, event: events.Event) -> list[str]:
        """The sequence numbers from which the stream goes on."""
        answer = functions.call(self.module, event)
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


@pytest.fixture
def published(publisher_module: Any, dynamodb: DynamoDBClient) -> Iterator[Published]:
    """A publisher, with a table's items of a contact of 22 entries."""
    system = System()
    visitor = system.connect(Principal(DEVICE, Role.VISITOR), "v")
    contact_id = visitor.send("InitChat", sellerId="123456", userInfo={})["contact_id"]
    for number in range(20):
        visitor.send("sendMessage", contact_id=contact_id, message=f"Message {number}", id=f"m{number}")
    first, second, *others = system.store.entries[contact_id].values()
    store = DynamoDBConversations(dynamodb, CONVERSATIONS, SELLERS)
    store.commit(Change((first, second), system.store.listings[contact_id], Pointer(DEVICE, "123456", contact_id)))
    for entry in others:
        store.commit(Change((entry,)))
    items = dynamodb.scan(TableName=CONVERSATIONS)["Items"]
    bus, dead_letters = Aws(), Aws()
    bus.listen_to(publisher_module._bus._client)
    dead_letters.listen_to(publisher_module._dead_letters.client)
    yield Published(publisher_module, bus, dead_letters, sorted(items, key=lambda item: item["item"]["S"]))
    bus.forget(publisher_module._bus._client)
    dead_letters.forget(publisher_module._dead_letters.client)


def entries_of(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item for item in items if item["item"]["S"].startswith("entry#")]


def test_every_entry_is_published_once_in_the_order_of_the_log_ten_at_a_time(published: Published) -> None:
    assert published.handle(events.stream(entries_of(published.items))) == []

    contact_id = entries_of(published.items)[0]["contact_id"]["S"]
    assert [len(call["Entries"]) for call in published.bus.sent] == [10, 10, 2]
    assert published.ids == [f"{contact_id}/{seq}" for seq in range(1, 23)]
    first = published.bus.sent[0]["Entries"][0]
    assert (first["EventBusName"], first["Source"], first["DetailType"]) == (
        functions.BUS,
        "seller-chat",
        "contact.opened",
    )


def test_what_is_no_new_entry_is_no_event(published: Published) -> None:
    others = [item for item in published.items if not item["item"]["S"].startswith("entry#")]
    assert {item["item"]["S"] for item in others} == {"head", "pointer"}

    assert published.handle(events.stream(others)) == []
    assert published.handle(events.stream(entries_of(published.items), kind="REMOVE")) == []
    assert published.bus.sent == []


def test_the_stream_goes_on_from_the_first_entry_that_the_bus_refused(published: Published) -> None:
    refused = [{"EventId": str(number)} for number in range(10)]
    refused[3] = {"ErrorCode": "ThrottlingException"}
    published.bus.answers = [
        (200, _accepted({"Entries": [{}] * 10})),
        (200, {"FailedEntryCount": 1, "Entries": refused}),
    ]

    assert published.handle(events.stream(entries_of(published.items))) == [f"{14:021}"]
    assert len(published.bus.sent) == 2


def test_a_bus_that_fails_altogether_gets_the_whole_batch_again(published: Published) -> None:
    published.bus.answers = [(400, {"__type": "InternalException"})] * 3

    assert published.handle(events.stream(entries_of(published.items))) == [f"{1:021}"]


def of_a_later_version(item: dict[str, Any]) -> dict[str, Any]:
    """An entry of a kind that this version does not know."""
    return {**item, "kind": {"S": "sung"}}


def test_an_entry_that_cannot_be_read_is_set_aside_and_holds_up_none_of_the_others(published: Published) -> None:
    entries = entries_of(published.items)
    hundred = [*entries[2:]] * 5
    hundred[50] = of_a_later_version(hundred[50])

    assert published.handle(events.stream(hundred)) == []
    assert len(published.ids) == 99
    ((reason, letter),) = published.set_aside
    assert reason == "unreadable: ValueError"
    assert letter["dynamodb"]["NewImage"] == hundred[50]


def test_what_the_bus_will_never_take_is_set_aside_and_the_rest_goes_on(published: Published) -> None:
    answers = [{"EventId": str(number)} for number in range(10)]
    answers[3] = {"ErrorCode": "MalformedDetail"}
    published.bus.answers = [(200, {"FailedEntryCount": 1, "Entries": answers})]

    assert published.handle(events.stream(entries_of(published.items))) == []
    assert len(published.ids) == 22
    ((reason, letter),) = published.set_aside
    assert reason == "refused: MalformedDetail"
    assert letter["dynamodb"]["NewImage"] == entries_of(published.items)[3]


def test_what_comes_again_is_not_set_aside_before_its_turn(published: Published) -> None:
    entries = entries_of(published.items)
    entries[20] = of_a_later_version(entries[20])
    published.bus.answers = [(200, {"FailedEntryCount": 10, "Entries": [{"ErrorCode": "InternalFailure"}] * 10})]

    assert published.handle(events.stream(entries)) == [f"{1:021}"]
    assert published.set_aside == []


def test_what_cannot_even_be_set_aside_comes_again(published: Published) -> None:
    entries = entries_of(published.items)
    entries[4] = of_a_later_version(entries[4])
    published.dead_letters.answers = [(400, {"__type": "AccessDenied"})] * 3

    assert published.handle(events.stream(entries)) == [f"{5:021}"]


def test_what_was_set_aside_is_published_once_it_is_brought_back(published: Published) -> None:
    entry, other = entries_of(published.items)[2:4]
    letters = [{"dynamodb": {"NewImage": each}} for each in (entry, of_a_later_version(other))]

    assert published.handle(events.from_queue(*letters, "no letter")) == ["message-2", "message-3"]
    assert published.ids == [f"{entry['contact_id']['S']}/3"]
    assert published.set_aside == []


def test_what_the_bus_refuses_once_more_stays_with_the_queue(published: Published) -> None:
    letter = {"dynamodb": {"NewImage": entries_of(published.items)[2]}}
    published.bus.answers = [(200, {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "MalformedDetail"}]})]

    assert published.handle(events.from_queue(letter)) == ["message-1"]


def forget_whose(dynamodb: DynamoDBClient, contact_id: str) -> None:
    """What an erasure does first."""
    DynamoDBVisitorData(dynamodb, CONVERSATIONS).forget_whose(contact_id)


def test_of_a_visitor_who_was_erased_meanwhile_only_what_frees_sellers_is_published(
    published: Published, dynamodb: DynamoDBClient
) -> None:
    entries = entries_of(published.items)
    contact_id = entries[0]["contact_id"]["S"]
    forget_whose(dynamodb, contact_id)

    assert published.handle(events.stream(entries)) == []
    assert published.handle(events.from_queue({"dynamodb": {"NewImage": entries[2]}})) == []

    assert published.ids == [f"{contact_id}/{seq}" for seq in (*range(1, 23), 3)]
    details = [json.loads(entry["Detail"])["data"] for call in published.bus.sent for entry in call["Entries"]]
    assert {name for each in details for name in each} == {
        "contact_id", "seq", "kind", "from", "timestamp", "status", "seller_id", "requested"
    }  # fmt: skip
    assert "Message" not in json.dumps(published.bus.sent)


def test_nothing_of_a_visitor_who_was_erased_is_set_aside(published: Published, dynamodb: DynamoDBClient) -> None:
    entries = entries_of(published.items)
    entries[20] = of_a_later_version(entries[20])
    forget_whose(dynamodb, entries[0]["contact_id"]["S"])

    assert published.handle(events.stream(entries)) == []
    assert published.set_aside == []


def test_while_nobody_says_who_was_erased_nothing_is_published(published: Published, dynamodb: DynamoDBClient) -> None:
    dynamodb.delete_table(TableName=CONVERSATIONS)

    assert published.handle(events.stream(entries_of(published.items))) == [f"{1:021}"]
    assert published.handle(events.from_queue({"dynamodb": {"NewImage": entries_of(published.items)[0]}})) != []
    assert published.bus.sent == []


# The attendant


@pytest.fixture(scope="session")
def attendant_module(aws_environment: pytest.MonkeyPatch) -> Any:
    """handlers.attendant."""
    return functions.load("attendant", aws_environment)


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
        answer = functions.call(self.module, events.from_queue(*bodies, receives=receives))
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]

    def due(self) -> dict[str, float]:
        """The contacts that have a check-up, and in how many seconds it is."""
        listed = self.scheduler.list_schedules(GroupName=CHECK_UP_GROUP)["Schedules"]
        now = datetime.now(UTC).replace(tzinfo=None)
        return {each["Name"]: (self._moment(each["Name"]) - now).total_seconds() for each in listed}

    def _moment(self, name: str) -> datetime:
        schedule = self.scheduler.get_schedule(Name=name, GroupName=CHECK_UP_GROUP)
        return datetime.strptime(schedule["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)")


@pytest.fixture
def office(attendant_module: Any, dynamodb: DynamoDBClient) -> Iterator[Office]:
    """An attendant."""
    queue = Aws()
    queue.listen_to(attendant_module._queue)
    scheduler = boto3.client("scheduler")
    scheduler.create_schedule_group(Name=CHECK_UP_GROUP)
    yield Office(attendant_module, queue, scheduler, dynamodb)
    queue.forget(attendant_module._queue)


def close(office: Office, contact_id: str, seller: str) -> None:
    office.module._services.lifecycle.close(Command(Sender(Principal(seller, Role.SELLER)), contact_id))


def test_an_event_of_a_close_gives_the_free_place_to_who_waits_longest(office: Office) -> None:
    office.employ("ana")
    first, second, third = (office.start(number) for number in range(3))
    close(office, first, "ana")

    assert office.hear(office.newest(first)) == []

    assert [office.newest(each)["data"]["status"] for each in (first, second, third)] == ["closed", "open", "queued"]


def test_an_event_that_comes_again_changes_nothing(office: Office) -> None:
    office.employ("ana")
    first, second, _ = (office.start(number) for number in range(3))
    close(office, first, "ana")
    closed = office.newest(first)

    office.hear(closed)
    given = office.newest(second)
    office.hear(closed)

    assert office.newest(second) == given
    seller = office.sellers.get("ana")
    assert seller is not None
    assert seller.open_count == 1


def test_who_begins_to_wait_is_looked_for_once_more_when_the_indexes_have_settled(office: Office) -> None:
    office.employ("ana")
    _, waiting = (office.start(number) for number in range(2))

    assert office.hear(office.newest(waiting), receives=1) == ["message-1"]

    # The same message comes again, and no other: what is delivered twice does not go on twice.
    (again,) = office.queue.sent
    assert (again["QueueUrl"], again["VisibilityTimeout"]) == (CHECK_UPS, 5)
    assert office.hear(office.newest(waiting), receives=2) == []
    assert len(office.queue.sent) == 1


def test_a_contact_has_one_check_up_when_its_lease_ends_however_often_it_is_told_of(office: Office) -> None:
    office.employ("ana")
    contact_id = office.start(1)

    for _ in range(5):
        assert office.check_up(contact_id, contact_id) == []
        assert office.hear(office.newest(contact_id)) == []

    assert list(office.due()) == [contact_id]
    assert 100 < office.due()[contact_id] <= 121
    assert office.queue.sent == []


def test_a_seller_who_vanished_loses_the_contact_and_the_next_one_answers(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.employ("ana")
    contact_id = office.start(1)
    office.employ("bo")
    office.vanish("ana")
    monkeypatch.setattr(office.module._attending, "_lease", timedelta())

    office.check_up(contact_id)

    transferred = office.newest(contact_id)
    assert transferred["type"] == "contact.transferred"
    assert (transferred["data"]["seller_id"], transferred["data"]["reason"]) == ("bo", "lease")
    assert [(each.id, each.open_count) for each in office.sellers.team("support")] == [("ana", 0), ("bo", 1)]


def test_what_is_over_is_not_checked_again(office: Office) -> None:
    office.employ("ana")
    contact_id = office.start(1)
    close(office, contact_id, "ana")

    assert office.check_up(contact_id, "no-such-contact") == []
    assert office.due() == {}


def test_a_message_that_cannot_be_read_comes_back_alone(office: Office) -> None:
    office.employ("ana")
    contact_id = office.start(1)

    assert office.check_up("no-such-contact", {"nonsense": True}, contact_id) == ["message-2"]
    assert list(office.due()) == [contact_id]


def test_a_table_that_is_gone_brings_every_message_and_every_event_back(office: Office) -> None:
    office.employ("ana")
    contact_id = office.start(1)
    event = office.newest(contact_id)
    office.dynamodb.delete_table(TableName=CONVERSATIONS)

    assert office.check_up(contact_id, contact_id) == ["message-1", "message-2"]
    assert office.hear(event) == ["message-1"]


# The courier


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
        if headers["authorization"] != f"Bearer {SHOP_KEY}":
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


@pytest.fixture(scope="module")
def shop_address() -> Iterator[tuple[str, list[ShopServer]]]:
    """Where the shop listens, and who answers there."""
    current = [ShopServer()]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                status, answer = current[0].answer(self.path, headers, content)
            except Exception as error:  # noqa: BLE001 - a signature that is wrong is the shop's 401
                status, answer = 401, {"error": str(error)}
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", current
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def courier_modules() -> dict[str, Any]:
    """handlers.courier, once it was loaded."""
    return {}


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
        answer = functions.call(self.module, events.from_queue(*bodies))
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


@pytest.fixture
def courier(
    aws_environment: pytest.MonkeyPatch,
    dynamodb: DynamoDBClient,
    shop_address: tuple[str, list[ShopServer]],
    courier_modules: dict[str, Any],
) -> Iterator[Courier]:
    """A courier, and a shop that is new."""
    url, current = shop_address
    current[0] = ShopServer()
    if not courier_modules:
        courier_modules["courier"] = functions.load(
            "courier",
            aws_environment,
            PHP_API_URL=url,
            PHP_API_KEY_SECRET=SHOP_KEY_SECRET,
        )
    module, dead_letters = courier_modules["courier"], Aws()
    dead_letters.listen_to(module._dead_letters.client)
    yield Courier(module, current[0], dead_letters)
    dead_letters.forget(module._dead_letters.client)


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


@pytest.mark.enable_socket
def test_every_event_arrives_signed(courier: Courier) -> None:
    told = bus_events(conversation())

    assert courier.bring(*told) == []

    assert list(courier.shop.events.values()) == told
    assert courier.shop.contacts == {}


@pytest.mark.enable_socket
def test_a_contact_that_began_while_the_shop_was_down_is_registered_once_and_every_event_arrives(
    courier: Courier,
) -> None:
    system, contact_id = started_while_the_shop_was_down()
    told = bus_events(system)
    assert told[0]["data"]["registered"] is False

    courier.shop.is_down = True
    assert courier.bring(*told[:2]) == ["message-1", "message-2"]
    courier.shop.is_down = False
    assert courier.bring(*told) == []
    assert courier.bring(*told) == []

    assert list(courier.shop.events) == [f"{contact_id}/{seq}" for seq in (1, 2, 3)]
    (registered,) = courier.shop.contacts.values()
    assert registered == {
        "seller_id": "123456",
        "user_info": {"name": "canary-info"},
        "visitor": told[0]["data"]["visitor"],
        "proposed_contact_id": contact_id,
    }
    (key,) = courier.shop.contacts
    assert key == told[0]["data"]["idempotency_key"]


@pytest.mark.enable_socket
def test_nothing_is_brought_of_a_visitor_who_was_erased_but_that_it_was_so(
    courier: Courier, dynamodb: DynamoDBClient
) -> None:
    system, contact_id = started_while_the_shop_was_down()
    told, news = bus_events(system), erased_event("v-1", [contact_id], "2026-11-23T10:00:00.000Z")
    courier.shop.is_down = True
    assert len(courier.bring(*told)) == 3
    courier.shop.is_down = False
    first, second, *_ = system.store.entries[contact_id].values()
    store = DynamoDBConversations(dynamodb, CONVERSATIONS, SELLERS)
    store.commit(Change((first, second), system.store.listings[contact_id], Pointer(DEVICE, "123456", contact_id)))
    forget_whose(dynamodb, contact_id)

    assert courier.bring(*told, news) == []
    assert list(courier.shop.events.values()) == [news]
    assert courier.shop.contacts == {}
    assert courier.set_aside == []


@pytest.mark.enable_socket
def test_while_nobody_says_who_was_erased_nothing_is_brought(courier: Courier, dynamodb: DynamoDBClient) -> None:
    dynamodb.delete_table(TableName=CONVERSATIONS)

    assert courier.bring(*bus_events(conversation())[:2]) == ["message-1", "message-2"]
    assert courier.shop.events == {}


@pytest.mark.enable_socket
@pytest.mark.parametrize("status", [401, 403, 404, 408, 409, 425, 429, 500, 503])
def test_what_the_shop_may_take_later_comes_back_alone(courier: Courier, status: int) -> None:
    told = bus_events(conversation())
    courier.shop.refuses, courier.shop.refusal = frozenset({told[1]["id"]}), status

    assert courier.bring(*told) == ["message-2"]
    assert list(courier.shop.events) == [each["id"] for each in told if each is not told[1]]
    assert courier.set_aside == []


@pytest.mark.enable_socket
@pytest.mark.parametrize("status", [400, 410, 413, 422])
def test_what_the_shop_will_never_take_is_set_aside_alone_as_it_came(courier: Courier, status: int) -> None:
    told = bus_events(conversation())
    courier.shop.refuses, courier.shop.refusal = frozenset({told[1]["id"]}), status

    assert courier.bring(*told) == []
    assert list(courier.shop.events) == [each["id"] for each in told if each is not told[1]]
    ((body, reason),) = courier.set_aside
    assert json.loads(body) == events.from_bus(told[1])
    assert reason == f"answered {status}"


@pytest.mark.enable_socket
def test_a_contact_that_the_shop_will_never_register_is_set_aside_with_its_first_event(courier: Courier) -> None:
    system, _ = started_while_the_shop_was_down()
    told = bus_events(system)
    courier.shop.refuses_contacts = True

    assert courier.bring(*told) == []
    assert list(courier.shop.events) == [each["id"] for each in told[1:]]
    ((body, _),) = courier.set_aside
    assert json.loads(body)["detail"] == told[0]


@pytest.mark.enable_socket
def test_what_cannot_be_set_aside_comes_back(courier: Courier) -> None:
    told = bus_events(conversation())
    courier.shop.refuses = frozenset({told[0]["id"]})
    courier.dead_letters.answers = [(400, {"__type": "AccessDenied"})]

    assert courier.bring(*told[:2]) == ["message-1"]


@pytest.mark.enable_socket
def test_a_message_that_cannot_be_read_is_set_aside_and_holds_up_no_other(courier: Courier) -> None:
    told = bus_events(conversation())

    assert courier.bring("nonsense", {"no": "event"}, ["a list"], told[0]) == []
    assert list(courier.shop.events) == [told[0]["id"]]
    assert [reason for _, reason in courier.set_aside] == ["no event"] * 3


# Configuration


def test_a_strategy_that_does_not_exist_stops_the_deployment_with_one_clear_line(
    aws_environment: pytest.MonkeyPatch,
) -> None:
    from handlers import composition

    with pytest.raises(VariableError, match="ASSIGNMENT=lottery is none of external, direct, least_loaded"):
        composition._strategy("lottery", None)
    with pytest.raises(VariableError, match="ASSIGNMENT=external needs PHP_API_URL"):
        composition._strategy("external", None)


# The journal


@pytest.mark.enable_socket
def test_no_log_line_holds_a_text_a_key_a_device_id_or_what_a_visitor_told(
    courier: Courier, office: Office, published: Published, capsys: pytest.CaptureFixture[str]
) -> None:
    system, _ = started_while_the_shop_was_down()
    told = bus_events(system)
    published.bus.answers = [(400, {"__type": "InternalException", "message": "canary-text"})] * 3

    published.handle(events.stream(entries_of(published.items)))
    courier.shop.is_down = True
    courier.bring(*told, "canary-text", {"canary": "text"})
    office.check_up("canary text", {"canary": "text"}, "canary-text")
    office.dynamodb.delete_table(TableName=CONVERSATIONS)
    office.dynamodb.delete_table(TableName=CONNECTIONS)
    office.check_up("canary-text")

    lines = capsys.readouterr().out.splitlines()
    assert {json.loads(line)["event"] for line in lines} == {
        "publish_failed",
        "delivery_failed",
        "event_set_aside",
        "check_up_failed",
    }
    assert not [line for line in lines if "canary" in line or KEY in line or SHOP_KEY in line]
    assert not [line for line in lines if json.loads(line).keys() - ALLOWED_FIELDS - {"event"}]
