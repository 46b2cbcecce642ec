"""The operations that are measured, on the real handlers, and the same requests by plain boto3."""

from __future__ import annotations

import importlib
import itertools
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import boto3

from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.adapters.json_journal import JsonJournal
from chat.model.identity import Principal, Role
from chat.model.sellers import Seller
from tests import events
from tests.worlds.functions import BUS, VARIABLES
from tests.worlds.tables import CONNECTIONS, CONVERSATIONS, SELLERS, create_tables

SELLER = Principal("123456", Role.SELLER)
DEVICE = "device-7c9e6679-7425-40de-944b-e07fc1f90ae{}"
VISITOR = Principal(DEVICE.format("-a"), Role.VISITOR)
RATES = {
    "VISITOR_RATE": "1000000/1000000",
    "SELLER_RATE": "1000000/1000000",
    "OPENINGS_RATE": "1000000/1000000",
    "LOG_LEVEL": "INFO",
    "ENVIRONMENT": "test",
}
"""Nobody is slowed down, and as little is logged as in production."""


class Functions:
    """The functions of one deployment, loaded once as a sandbox does."""

    def __init__(self, endpoints: Mapping[str, str]) -> None:
        credentials = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_DEFAULT_REGION": "eu-central-1"}
        os.environ.update({**VARIABLES, **RATES, **credentials, **endpoints})
        self.dynamodb = boto3.client("dynamodb")
        create_tables(self.dynamodb)
        boto3.client("events").create_event_bus(Name=BUS)
        self._authorizer = importlib.import_module("handlers.authorizer")
        self._connection = importlib.import_module("handlers.connection")
        self._conversation = importlib.import_module("handlers.conversation")
        self._publisher = importlib.import_module("handlers.publisher")

    def forget_everything(self) -> None:
        """Empty the tables."""
        for table in (CONNECTIONS, CONVERSATIONS, SELLERS):
            self.dynamodb.delete_table(TableName=table)
        create_tables(self.dynamodb)

    def register(self, seller: str, team: str, capacity: int) -> None:
        """Write a seller into the table, as `make seed-sellers` does."""
        DynamoDBSellers(self.dynamodb, SELLERS, JsonJournal("INFO")).register(Seller(seller, team, capacity))

    def authorize(self, person: Principal) -> None:
        """The question whether somebody may connect."""
        policy = self._authorizer.handle(events.authorizer(userId=person.user_id), None)
        assert policy["context"]["userId"] == person.user_id, policy

    def connect(self, person: Principal, connection_id: str) -> None:
        """$connect."""
        self._connection.handle(events.connect(person, connection_id), None)

    def disconnect(self, person: Principal, connection_id: str) -> None:
        """$disconnect."""
        self._connection.handle(events.disconnect(person, connection_id), None)

    def publish(self, contact: str, entries: int) -> Callable[[], object]:
        """Hands the publisher the first entries of a contact, as its stream does, each time that it is called."""
        items = self.dynamodb.query(
            TableName=CONVERSATIONS,
            KeyConditionExpression="contact_id = :contact",
            ExpressionAttributeValues={":contact": {"S": contact}},
            Limit=entries,
        )["Items"]
        told = events.stream([dict(each) for each in items])

        def publish() -> None:
            left = self._publisher.handle(told, None)
            assert left == {"batchItemFailures": []}, left

        return publish

    def send(self, person: Principal, connection_id: str, **frame: object) -> dict[str, Any]:
        """A frame; its answer. Raises `AssertionError` for a refusal, which would be no measurement."""
        event = events.message(person, connection_id, json.dumps(frame))
        # An address may not open many either.
        event["requestContext"]["identity"]["sourceIp"] = str(ip_address(zlib.crc32(connection_id.encode())))
        self.answered = self._conversation.handle(event, None).get("body") or "{}"
        answer: dict[str, Any] = json.loads(self.answered)
        assert answer.get("action") != "error", answer
        return answer

    def start(self, visitor: Principal, connection_id: str, seller: str = SELLER.user_id) -> str:
        """The visitor's contact with a seller, opened where there is none."""
        started = self.send(visitor, connection_id, action="InitChat", sellerId=seller, userInfo={"name": "Ada"})
        return str(started["contact_id"])


@dataclass(frozen=True)
class Operation:
    """Something that a person does; `again` does it once more, after `before`, which is not measured."""

    name: str
    again: Callable[[], object]
    before: Callable[[], object] = lambda: None


Made = Callable[[Functions], Operation]
"""Prepares an operation."""


def operations(functions: Functions) -> Iterator[Operation]:
    """All of them, each with people and contacts of its own, and nothing else in the tables."""
    for made in _MADE:
        # What stands in for DynamoDB copies its tables for each transaction.
        functions.forget_everything()
        # As shops have them; who is registered by nobody is a team of their own, which is one look-up more.
        functions.register(SELLER.user_id, "support", capacity=100)
        functions.connect(SELLER, "seller")
        functions.send(SELLER, "seller", action="presence", status="online")
        functions.connect(VISITOR, "a-0")
        yield made(functions)


def _of_visitor(name: str, action: str, **fields: object) -> Made:
    def made(functions: Functions) -> Operation:
        contact = functions.start(VISITOR, "a-0")
        return Operation(name, lambda: functions.send(VISITOR, "a-0", action=action, contact_id=contact, **fields))

    return made


def _of_seller(name: str, **fields: object) -> Made:
    return lambda functions: Operation(name, lambda: functions.send(SELLER, "seller", action=name, **fields))


def _inbox_of_five(name: str, **wanted: bool) -> Made:
    def made(functions: Functions) -> Operation:
        for number in range(5):
            functions.connect(device(f"open{number}"), f"open{number}")
            functions.start(device(f"open{number}"), f"open{number}")
        return Operation(name, lambda: functions.send(SELLER, "seller", action="inbox", **wanted))

    return made


def _init_chat_again(functions: Functions) -> Operation:
    functions.start(VISITOR, "a-0")
    return Operation("InitChat, again", lambda: functions.start(VISITOR, "a-0"))


def _authorizer(functions: Functions) -> Operation:
    return Operation("authorizer", lambda: functions.authorize(VISITOR))


def _connect(functions: Functions) -> Operation:
    return Operation("connect", lambda: functions.connect(VISITOR, "again"))


def _disconnect(functions: Functions) -> Operation:
    return Operation(
        "disconnect",
        lambda: functions.disconnect(VISITOR, "again"),
        before=lambda: functions.connect(VISITOR, "again"),
    )


def _init_chat(functions: Functions) -> Operation:
    """Of another visitor each time; the last one leaves, since a seller has a hundred places."""
    chat = _Chats(functions, "new")

    def before() -> None:
        if chat.contact:
            chat.close()
        chat.arrive()

    return Operation("InitChat, new", chat.open, before)


def _close_chat(functions: Functions) -> Operation:
    chat = _Chats(functions, "closes")

    def before() -> None:
        chat.arrive()
        chat.open()

    return Operation("closeChat", chat.close, before)


class _Chats:
    """One visitor after another, with a contact each: nobody may open many."""

    def __init__(self, functions: Functions, name: str) -> None:
        self._functions = functions
        self._names = (f"{name}-{number}" for number in itertools.count())
        self._connection = ""
        self.contact = ""

    def arrive(self) -> None:
        self._connection = next(self._names)
        self._functions.connect(device(self._connection), self._connection)

    def open(self) -> None:
        self.contact = self._functions.start(device(self._connection), self._connection)

    def close(self) -> None:
        frame = {"action": "closeChat", "contact_id": self.contact}
        self._functions.send(device(self._connection), self._connection, **frame)


def _receipt(name: str, action: str) -> Made:
    """Of a message that has just come."""

    def made(functions: Functions) -> Operation:
        visitor, seller, contact = _chat(functions, action, 1)
        read = itertools.count(3)
        say = {"action": "sendMessage", "contact_id": contact, "message": "Hello"}
        return Operation(
            name,
            lambda: functions.send(visitor, f"{action}-0", action=action, contact_id=contact, read=next(read)),
            before=lambda: functions.send(seller, f"{action}-s0", **say),
        )

    return made


def _sync(name: str, text: str, count: int) -> Made:
    def made(functions: Functions) -> Operation:
        contact = functions.start(VISITOR, "a-0")
        for _ in range(count):
            functions.send(VISITOR, "a-0", action="sendMessage", contact_id=contact, message=text)
        sync = {"action": "sync", "contact_id": contact, "after": 2}
        return Operation(f"sync, {name}", lambda: functions.send(VISITOR, "a-0", **sync))

    return made


def _presence_with_a_queue(functions: Functions) -> Operation:
    """Of a seller who has no room for those who wait."""
    seller = Principal("crowded", Role.SELLER)
    functions.register(seller.user_id, "crowd", capacity=1)
    functions.connect(seller, "crowded")
    functions.send(seller, "crowded", action="presence", status="online")
    for number in range(6):
        functions.connect(device(f"waits{number}"), f"waits{number}")
        functions.start(device(f"waits{number}"), f"waits{number}", "crowd")
    return Operation(
        "presence, five wait", lambda: functions.send(seller, "crowded", action="presence", status="online")
    )


def _send(connections: int) -> Made:
    def made(functions: Functions) -> Operation:
        visitor, _, contact = _chat(functions, "send", connections)
        base = itertools.count(2)
        message = {"action": "sendMessage", "contact_id": contact, "message": "Hello"}
        return Operation(
            f"sendMessage to {connections}",
            lambda: functions.send(visitor, "send-0", **message, base=next(base)),
        )

    return made


def _publisher(entries: int) -> Made:
    def made(functions: Functions) -> Operation:
        visitor, _, contact = _chat(functions, "told", 1)
        for _ in range(entries):
            functions.send(visitor, "told-0", action="sendMessage", contact_id=contact, message="Hello")
        noun = "entry" if entries == 1 else "entries"
        return Operation(f"publisher, {entries} {noun}", functions.publish(contact, entries))

    return made


def device(name: str) -> Principal:
    """A visitor."""
    return Principal(DEVICE.format(f"-{name}"), Role.VISITOR)


def _chat(functions: Functions, name: str, connections: int) -> tuple[Principal, Principal, str]:
    """A contact with so many connections beside the one that writes: of the visitor, and of a seller of their own."""
    visitor = device(name)
    seller = Principal(f"seller{name}", Role.SELLER)
    on_the_seller = (connections + 1) // 2
    for number in range(on_the_seller):
        functions.connect(seller, f"{name}-s{number}")
    for number in range(1 + connections - on_the_seller):
        functions.connect(visitor, f"{name}-{number}")
    functions.send(seller, f"{name}-s0", action="presence", status="online")
    return visitor, seller, functions.start(visitor, f"{name}-0", seller.user_id)


_MADE: Sequence[Made] = (
    *(_send(connections) for connections in (1, 5, 39)),
    _init_chat,
    _init_chat_again,
    _close_chat,
    _receipt("receipt", "receipt"),
    _receipt("typing, with a receipt", "typing"),
    _of_visitor("typing", "typing"),
    _of_visitor("sync, nothing new", "sync", after=2),
    _sync("100 short messages", "Hello", 100),
    _sync("a page of long messages", "Hello" * 800, 30),
    _of_seller("inbox"),
    _inbox_of_five("inbox, with tails", tails=True),
    _inbox_of_five("inbox, with the queue", queued=True),
    _inbox_of_five("inbox, with tails and the queue", tails=True, queued=True),
    _inbox_of_five("inbox, every minute", tails=True, queued=True, beat=True),
    _of_seller("replies"),
    _of_seller("presence", status="online"),
    _presence_with_a_queue,
    _authorizer,
    _connect,
    _disconnect,
    _publisher(1),
    _publisher(10),
)
