"""What ours are measured against: plain boto3 with the same requests, and the document's own handlers."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from chat.model.identity import Principal, Role
from tests import events
from tests.bench.document.handlers import Handlers
from tests.worlds.requests import POST, PUT_EVENTS, Taken

FOLDER = Path(__file__).parent / "document"
TABLE, MESSAGES = "document-connections", "document-messages"
Event = dict[str, Any]
HANDLERS = {"connect": "connect", "init-chat": "init_chat", "send-message": "send_message"}
"""The handlers' files in JavaScript, and what they are called in Python."""


class PlainBoto3:
    """Makes the same requests one after another, by clients that are made once."""

    def __init__(self) -> None:
        config = Config(max_pool_connections=16, retries={"mode": "standard", "total_max_attempts": 3})
        self._dynamodb = boto3.client("dynamodb", config=config)
        self._others = {
            POST: boto3.client("apigatewaymanagementapi", config=config),
            PUT_EVENTS: boto3.client("events", config=config),
        }

    def repeat(self, requests: list[Taken]) -> None:
        """Make them; a condition that fails the second time costs as much as one that holds."""
        for each in requests:
            client: Any = self._others.get(each.operation, self._dynamodb)
            try:
                client._make_api_call(each.operation, dict(each.request))
            except (
                self._dynamodb.exceptions.ConditionalCheckFailedException,
                self._dynamodb.exceptions.TransactionCanceledException,
            ):
                continue


@dataclass(frozen=True)
class Called:
    """What a call of a handler cost on average."""

    seconds: float
    logged: float


Measure = Callable[[str, int], Called]
"""Calls a handler of the document so many times."""


def create_tables() -> None:
    """The document's table of connections, and one for the messages that its last step stores."""
    client = boto3.client("dynamodb")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("connectionId", "userId")],
        KeySchema=[{"AttributeName": "connectionId", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "UserIdIndex",
                "KeySchema": [{"AttributeName": "userId", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    client.create_table(
        TableName=MESSAGES,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("contact_id", "item")],
        KeySchema=[
            {"AttributeName": "contact_id", "KeyType": "HASH"},
            {"AttributeName": "item", "KeyType": "RANGE"},
        ],
    )


def events_of_the_document() -> Mapping[str, Event]:
    """One event for each handler."""
    visitor = Principal("device-of-the-document", Role.VISITOR)
    start = {"action": "InitChat", "sellerId": "123456", "userInfo": {"name": "Ada"}}
    say = {"action": "sendMessage", "type": "message", "from": visitor.user_id, "to": visitor.user_id}
    connect = events.connect(visitor, "document")
    connect["queryStringParameters"] = {"userId": visitor.user_id}
    return {
        "connect": connect,
        "init-chat": events.message(visitor, "document", json.dumps(start)),
        "send-message": events.message(visitor, "document", json.dumps({**say, "message": "Hello"})),
    }


def in_python(*, keep_clients: bool, store: bool) -> Measure:
    """The transcription in Python, in this process."""
    os.environ.update({"TABLE_NAME": TABLE, "MESSAGE_TABLE": MESSAGES})
    logged: list[int] = []
    handlers = Handlers(keep_clients=keep_clients, store=store, log=lambda line: logged.append(len(line.encode())))
    given = events_of_the_document()

    def measure(handler: str, calls: int) -> Called:
        logged.clear()
        handle, begun = getattr(handlers, HANDLERS[handler]), time.process_time()
        for _ in range(calls):
            assert handle(given[handler])["statusCode"] == 200
        return Called((time.process_time() - begun) / calls, sum(logged) / calls)

    return measure


@contextmanager
def in_node(endpoints: Mapping[str, str], *, keep_clients: bool, store: bool) -> Iterator[Measure]:
    """The document's own JavaScript, in a process of its own."""
    variables = {
        **os.environ,
        "TABLE_NAME": TABLE,
        "MESSAGE_TABLE": MESSAGES,
        "CONNECTIONS_ENDPOINT": endpoints["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"],
        "AWS_REGION": os.environ["AWS_DEFAULT_REGION"],
        "KEEP_CLIENTS": str(int(keep_clients)),
        "STORE": str(int(store)),
    }
    command = ["node", "measure.js"]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=FOLDER, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        given = events_of_the_document()

        def measure(handler: str, calls: int) -> Called:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps({"handler": handler, "event": given[handler], "calls": calls}) + "\n")
            process.stdin.flush()
            told = json.loads(process.stdout.readline())
            assert told["answer"]["statusCode"] == 200, told
            return Called(told["seconds"] / calls, told["logged"])

        try:
            yield measure
        finally:
            process.terminate()
