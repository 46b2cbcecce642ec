"""A deployment in one process: the functions as sandboxes load them, with a clock that can be set."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from chat.adapters.dynamodb.blocks import DynamoDBBlocks
from chat.adapters.dynamodb.conversations import DynamoDBConversations, entry_of
from chat.adapters.dynamodb.notes import DynamoDBNotes
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.adapters.system import Jitter, SystemClock
from chat.events import event_of
from chat.model.entries import Entry, EntryKind, Status
from chat.model.identity import Principal, Role
from chat.model.inbox import Listing
from chat.model.sellers import Seller
from chat.ports.conversations import Note
from chat.team.notes import MOST_NOTES
from tests import events
from tests.botocore_clients import let_moto_answer
from tests.doubles.machine import OneAfterAnother, RecordingJournal
from tests.interleaving.wire import Invocation, Wire
from tests.worlds.functions import apart
from tests.worlds.tables import CONNECTIONS, CONVERSATIONS, SELLERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

VISITOR = Principal("0f8fad5b-d9cb-469f-a165-70867728950e", Role.VISITOR)
OTHER_VISITOR = Principal("6fa459ea-ee8a-4ca4-894e-db77e160355e", Role.VISITOR)
FUNCTIONS = ("conversation", "connection", "rest", "attendant")
TOLD_TO_THE_ATTENDANT = {
    EntryKind.QUEUED,
    EntryKind.ASSIGNED,
    EntryKind.TRANSFERRED,
    EntryKind.CLOSED,
    EntryKind.REOPENED,
}


@dataclass
class Clock:
    """The time. `steps` are what it jumps by before each of the next looks at it."""

    moment: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    steps: list[timedelta] = field(default_factory=list)

    def now(self) -> datetime:
        if self.steps:
            self.moment += self.steps.pop(0)
        return self.moment

    def advance(self, **duration: float) -> None:
        self.moment += timedelta(**duration)


def sandboxes(variables: Mapping[str, str]) -> dict[str, ModuleType]:
    """The functions, loaded anew; their threads run one after the other, so that a schedule decides what is first."""
    with (
        apart(),
        patch("chat.adapters.threads.Threads", lambda _size: OneAfterAnother()),
        patch.dict("os.environ", variables),
    ):
        let_moto_answer()
        return {name: importlib.import_module(f"handlers.{name}") for name in FUNCTIONS}


@dataclass
class Cloud:
    """The functions, what they reach, and what one may look at."""

    functions: Mapping[str, ModuleType]
    dynamodb: DynamoDBClient
    wire: Wire
    clock: Clock
    brought: set[tuple[str, int]] = field(default_factory=set)

    @contextmanager
    def running(self) -> Iterator[Cloud]:
        """The clock and the waiting are ours."""
        now = lambda _clock: self.clock.now()  # noqa: E731 - in place of a method
        with (
            patch.object(SystemClock, "now", now),
            patch.object(Jitter, "after_attempt", lambda _jitter, _attempt: None),
            patch("botocore.endpoint.time.sleep", lambda _seconds: None),
            self.wire.connected(),
        ):
            yield self

    # -- what people do

    @staticmethod
    def laptop(person: Principal) -> str:
        """The connection of a person."""
        return f"{person.user_id}-laptop"

    def send(self, person: Principal, action: str, **frame: object) -> dict[str, Any]:
        """The answer to a frame."""
        event = events.message(person, self.laptop(person), json.dumps({"action": action, **frame}))
        response = self.functions["conversation"].handle(event, None)
        answer: dict[str, Any] = json.loads(response["body"]) if "body" in response else {}
        return answer

    def connect(self, person: Principal) -> dict[str, Any]:
        """Open a connection; what API Gateway is answered."""
        response: dict[str, Any] = self.functions["connection"].handle(
            events.connect(person, self.laptop(person)), None
        )
        return response

    def disconnect(self, person: Principal) -> dict[str, Any]:
        """Close it; what API Gateway is answered."""
        event = events.disconnect(person, self.laptop(person))
        response: dict[str, Any] = self.functions["connection"].handle(event, None)
        return response

    @staticmethod
    def person(seller: str) -> Principal:
        """A seller, as a token proves it."""
        return Principal(seller, Role.SELLER)

    def start(self, person: Principal = VISITOR, requested: str = "support") -> str:
        """The contact that a visitor gets."""
        return str(self.send(person, "InitChat", sellerId=requested, userInfo={})["contact_id"])

    def call(self, route: str, person: Principal, body: object, **path: str) -> dict[str, Any]:
        """The answer to a REST call."""
        response = self.functions["rest"].handle(events.call(route, body, bearer=person.user_id, path=path), None)
        answer: dict[str, Any] = json.loads(response["body"])
        return answer

    def forget(self) -> None:
        """The functions remember nobody, as those that have just been started."""
        for name in ("conversation", "rest"):
            self.functions[name]._services.log._known.clear()

    def begin(self, call: Callable[[], Any]) -> Invocation:
        """A call that can be held up."""
        return Invocation(self.wire, call)

    # -- what happens by itself

    def hear(self, entry: Entry) -> list[str]:
        """Bring an entry's event to the attendant; what failed."""
        return self._attend(events.from_bus(dict(event_of(entry))))

    def bring_events(self) -> None:
        """Bring every event to the attendant that has not been brought, until there is none."""
        while fresh := [entry for entry in self.entries() if (entry.contact_id, entry.seq) not in self.brought]:
            for entry in fresh:
                self.brought.add((entry.contact_id, entry.seq))
                if entry.kind in TOLD_TO_THE_ATTENDANT:
                    self.hear(entry)

    def check_up(self, contact_id: str) -> list[str]:
        """Let the contact's check-up come; what failed."""
        return self._attend({"contact_id": contact_id})

    def _attend(self, message: object) -> list[str]:
        # As often as it takes for a contact that has just begun to wait.
        answer = self.functions["attendant"].handle(events.from_queue(message, receives=2), None)
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]

    # -- what is stored

    @property
    def store(self) -> DynamoDBConversations:
        """The conversations."""
        return DynamoDBConversations(self.dynamodb, CONVERSATIONS, SELLERS)

    @property
    def sellers(self) -> DynamoDBSellers:
        """The sellers."""
        return DynamoDBSellers(self.dynamodb, SELLERS, RecordingJournal())

    @property
    def blocks(self) -> DynamoDBBlocks:
        """The blocks of visitors."""
        return DynamoDBBlocks(self.dynamodb, CONVERSATIONS)

    def notes(self, contact_id: str) -> Sequence[Note]:
        """The notes about a contact."""
        return DynamoDBNotes(self.dynamodb, CONVERSATIONS).notes(contact_id, 0, MOST_NOTES)

    def employ(self, name: str, *, capacity: int = 1, team: str = "support") -> Principal:
        """Register a seller who is there."""
        self.sellers.register(Seller(name, team, capacity))
        seller = Principal(name, Role.SELLER)
        self.connect(seller)
        self.send(seller, "presence", status="online")
        return seller

    def items(self, kind: str) -> list[dict[str, Any]]:
        """The items of the conversations whose sort key begins with `kind`."""
        found = self.dynamodb.scan(TableName=CONVERSATIONS, ConsistentRead=True)["Items"]
        return [item for item in found if item["item"]["S"].startswith(kind)]

    def entries(self) -> list[Entry]:
        """All entries, in the order of their logs."""
        items = sorted(self.items("entry#"), key=lambda item: (item["contact_id"]["S"], item["item"]["S"]))
        return [entry_of(item) for item in items]

    def newest(self, contact_id: str) -> Entry:
        """The end of a log."""
        newest = self.store.latest(contact_id).newest
        assert newest is not None
        return newest

    def not_closed(self, person: Principal = VISITOR) -> list[str]:
        """A visitor's contacts that are not closed."""
        newest = {entry.contact_id: entry for entry in self.entries()}
        return [
            each.contact_id
            for each in newest.values()
            if each.state.visitor == person.user_id and each.state.status is not Status.CLOSED
        ]

    def listing(self, contact_id: str) -> Listing:
        """How a contact is listed."""
        listing = self.store.latest(contact_id).listing
        assert listing is not None
        return listing

    def open_count(self, seller: str) -> int:
        """What a seller's place in the table says that he carries."""
        found = self.sellers.get(seller)
        assert found is not None
        return found.open_count

    def connected(self) -> list[str]:
        """The connections that are stored."""
        items = self.dynamodb.scan(TableName=CONNECTIONS, ConsistentRead=True)["Items"]
        return [item["connectionId"]["S"] for item in items if "userId" in item]

    def expire(self, contact_id: str) -> None:
        """TTL deletes a contact's entries and marks."""
        for item in self.items(""):
            if item["contact_id"]["S"] == contact_id and item["item"]["S"] != "head":
                self.dynamodb.delete_item(
                    TableName=CONVERSATIONS, Key={name: item[name] for name in ("contact_id", "item")}
                )
