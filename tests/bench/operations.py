"""The operations that are measured, on the real handlers, and the same requests by plain boto3."""

from __future__ import annotations

import importlib
import itertools
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import boto3
from botocore.config import Config

from chat.adapters.aws import clients as aws
from chat.model.identity import Principal, Role
from tests import events
from tests.worlds.functions import VARIABLES
from tests.worlds.tables import create_tables

SELLER = Principal("123456", Role.SELLER)
DEVICE = "device-7c9e6679-7425-40de-944b-e07fc1f90ae{}"
Request = tuple[str, dict[str, Any]]
RATES = {"VISITOR_RATE": "1000000/1000000", "SELLER_RATE": "1000000/1000000"}
"""Nobody is slowed down."""


class Functions:
    """The functions of one deployment, loaded once as a sandbox does."""

    def __init__(self, endpoints: Mapping[str, str]) -> None:
        credentials = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_DEFAULT_REGION": "eu-central-1"}
        os.environ.update({**VARIABLES, **RATES, **credentials, **endpoints})
        create_tables(boto3.client("dynamodb"))
        self._connection = importlib.import_module("handlers.connection")
        self._conversation = importlib.import_module("handlers.conversation")

    def connect(self, person: Principal, connection_id: str) -> None:
        """$connect."""
        self._connection.handle(events.connect(person, connection_id), None)

    def disconnect(self, person: Principal, connection_id: str) -> None:
        """$disconnect."""
        self._connection.handle(events.disconnect(person, connection_id), None)

    def send(self, person: Principal, connection_id: str, **frame: object) -> dict[str, Any]:
        """A frame; its answer. Raises `AssertionError` for a refusal, which would be no measurement."""
        response = self._conversation.handle(events.message(person, connection_id, json.dumps(frame)), None)
        answer: dict[str, Any] = json.loads(response.get("body") or "{}")
        assert answer.get("action") != "error", answer
        return answer


@dataclass(frozen=True)
class Operation:
    """Something that a person does; `again` does it once more."""

    name: str
    again: Callable[[], object]


def operations(functions: Functions) -> list[Operation]:
    """All of them, each with people and contacts of its own."""
    functions.connect(SELLER, "seller")
    functions.send(SELLER, "seller", action="presence", status="online")
    opened = itertools.count()

    def init_chat() -> None:
        device = Principal(DEVICE.format(next(opened)), Role.VISITOR)
        started = functions.send(device, f"v-{device.user_id}", action="InitChat", sellerId="123456", userInfo={})
        functions.send(device, f"v-{device.user_id}", action="closeChat", contact_id=started["contact_id"])

    sends = [_send(functions, connections) for connections in (1, 5, 39)]
    visitor, contact = _chat(functions, "a", 1)
    return [
        *sends,
        Operation("InitChat, then closeChat", init_chat),
        Operation(
            "sync, nothing new", lambda: functions.send(visitor, "a-0", action="sync", contact_id=contact, after=2)
        ),
        Operation("typing", lambda: functions.send(visitor, "a-0", action="typing", contact_id=contact)),
        Operation("inbox", lambda: functions.send(SELLER, "seller", action="inbox")),
        Operation("presence", lambda: functions.send(SELLER, "seller", action="presence", status="online")),
        Operation("connect", lambda: functions.connect(visitor, "again")),
        Operation("disconnect", lambda: functions.disconnect(visitor, "again")),
    ]


def _send(functions: Functions, connections: int) -> Operation:
    visitor, contact = _chat(functions, f"send{connections}", connections)
    base = itertools.count(2)

    def again() -> None:
        functions.send(
            visitor, f"send{connections}-0", action="sendMessage", contact_id=contact, message="Hello", base=next(base)
        )

    return Operation(f"sendMessage to {connections}", again)


def _chat(functions: Functions, name: str, connections: int) -> tuple[Principal, str]:
    """A contact with so many connections beside the one that writes: of the visitor, and of a seller of their own."""
    visitor = Principal(DEVICE.format(f"-{name}"), Role.VISITOR)
    seller = Principal(f"seller{name}", Role.SELLER)
    on_the_seller = (connections + 1) // 2
    for number in range(on_the_seller):
        functions.connect(seller, f"{name}-s{number}")
    for number in range(1 + connections - on_the_seller):
        functions.connect(visitor, f"{name}-{number}")
    functions.send(seller, f"{name}-s0", action="presence", status="online")
    started = functions.send(visitor, f"{name}-0", action="InitChat", sellerId=seller.user_id, userInfo={})
    assert started["status"] == "open"
    return visitor, str(started["contact_id"])


def recorded(operation: Operation) -> list[Request]:
    """The requests that it makes."""
    made: list[Request] = []
    ask, post = aws.DynamoDB._carried_out, aws.Connections.post_to_connection

    def asked(client: aws.DynamoDB, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        made.append((name, dict(parameters)))
        return ask(client, name, parameters)

    def posted(client: aws.Connections, **parameters: Any) -> None:
        made.append(("PostToConnection", parameters))
        post(client, **parameters)

    with (
        patch.object(aws.DynamoDB, "_carried_out", asked),
        patch.object(aws.Connections, "post_to_connection", posted),
    ):
        operation.again()
    return made


class PlainBoto3:
    """Makes the same requests one after another, by clients that are made once."""

    def __init__(self) -> None:
        config = Config(max_pool_connections=16, retries={"mode": "standard", "total_max_attempts": 3})
        self._dynamodb = boto3.client("dynamodb", config=config)
        self._connections = boto3.client("apigatewaymanagementapi", config=config)

    def repeat(self, requests: list[Request]) -> None:
        """Make them; a condition that fails the second time costs as much as one that holds."""
        for name, parameters in requests:
            client: Any = self._connections if name == "PostToConnection" else self._dynamodb
            try:
                client._make_api_call(name, parameters)
            except (
                self._dynamodb.exceptions.ConditionalCheckFailedException,
                self._dynamodb.exceptions.TransactionCanceledException,
            ):
                continue
