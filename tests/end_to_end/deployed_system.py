"""A deployed system as its tests see it: where it is, and its tables from the inside."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import urllib3
from boto3.dynamodb.conditions import Attr, Key

from administration.seller_token import seller_token
from chat.model.timestamps import iso
from local_aws.credentials import Credentials
from local_aws.emulator import REGION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource, Table
    from mypy_boto3_lambda.type_defs import FunctionConfigurationTypeDef
    from mypy_boto3_sqs.type_defs import MessageTypeDef

ANSWER_SECONDS = 20.0
"""How long a REST call may take; the first call of every function starts a process."""


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str = "it") -> None:
    """Return when something is so. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.1)


@dataclass(frozen=True)
class DeployedSystem:
    """The outputs of all stacks by name, and the endpoint and the key of the AWS they are deployed to."""

    endpoint: str
    outputs: dict[str, str]
    credentials: Credentials

    @property
    def web_socket_url(self) -> str:
        """What clients connect to."""
        return self.outputs["WebSocketUrl"]

    def seller_token(self, seller_id: str, *, lifetime_seconds: int = 600) -> str:
        """A token as the shop's back end would issue it; an expired one if its lifetime is negative."""
        key = self.secret(self.outputs["SellerTokenSecret"])
        return seller_token(seller_id, key, lifetime_seconds=lifetime_seconds)

    def call(
        self, method: str, path: str, body: object = None, *, bearer: str | None = None, **headers: str
    ) -> urllib3.BaseHTTPResponse:
        """One REST call, of JSON unless it is said of what. Underscores in names of headers become hyphens."""
        named = {} if body is None else {"Content-Type": "application/json"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        if bearer is not None:
            named["Authorization"] = f"Bearer {bearer}"
        url = self.outputs["RestUrl"] + path
        content = None if body is None else json.dumps(body)
        return urllib3.request(
            method, url, body=content, headers=named, timeout=ANSWER_SECONDS, retries=False, redirect=False
        )

    @property
    def sellers(self) -> Table:
        """The sellers table."""
        return self._tables().Table(self.outputs["SellerTable"])

    def register_seller(self, seller_id: str, *, team: str, capacity: int) -> None:
        """Register a seller who is not there yet."""
        self.sellers.put_item(
            Item={
                "seller_id": seller_id,
                "team": team,
                "name": seller_id,
                "capacity": capacity,
                "open_count": 0,
                "availability": "offline",
            }
        )

    def secret(self, name: str) -> str:
        """What a secret holds, as its owner reads it."""
        secrets = self.client("secretsmanager")
        value: str = secrets.get_secret_value(SecretId=name)["SecretString"]
        return value

    def client(self, service: str) -> Any:
        """A client of an AWS service, for who may do everything."""
        return self._session().client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload]

    def function(self, module: str) -> FunctionConfigurationTypeDef:
        """The function of a handler's module."""
        functions = self.client("lambda").list_functions()["Functions"]
        found: list[FunctionConfigurationTypeDef] = [
            each for each in functions if each["Handler"] == f"handlers.{module}.handle"
        ]
        return found[0]

    def queue_url(self, queue: str) -> str:
        """Where the queue with this logical id is."""
        sqs = self.client("sqs")
        urls: list[str] = sqs.list_queues()["QueueUrls"]
        (url,) = [each for each in urls if re.search(rf"{queue}[0-9A-F]{{8}}-", each)]
        return url

    def in_flight(self, queue: str) -> int:
        """Count the messages that were taken from the queue with this logical id, and not deleted since."""
        sqs = self.client("sqs")
        attributes = sqs.get_queue_attributes(
            QueueUrl=self.queue_url(queue), AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
        )
        return int(attributes["Attributes"]["ApproximateNumberOfMessagesNotVisible"])

    def messages(self, queue: str) -> list[MessageTypeDef]:
        """The first ten messages of the queue with this logical id; they stay there."""
        sqs = self.client("sqs")
        answer = sqs.receive_message(
            QueueUrl=self.queue_url(queue), MaxNumberOfMessages=10, VisibilityTimeout=0, MessageAttributeNames=["All"]
        )
        found: list[MessageTypeDef] = answer.get("Messages", [])
        return found

    def logged(self, since: float = 0.0) -> list[str]:
        """Every line of every log group from a moment on, in seconds since 1970. A whole run has many."""
        logs = self.client("logs")
        groups = [group for page in logs.get_paginator("describe_log_groups").paginate() for group in page["logGroups"]]
        events = logs.get_paginator("filter_log_events")

        def asked(group: Any) -> Any:
            return events.paginate(logGroupName=group["logGroupName"], startTime=int(since * 1000))

        pages = (page for group in groups for page in asked(group))
        return [event["message"] for page in pages for event in page["events"]]

    @property
    def connections(self) -> Table:
        """The connections table."""
        return self._tables().Table(self.outputs["ConnectionTable"])

    def forget_openings(self) -> None:
        """Drop the counts of who opened how many contacts, which would refuse the tests that follow."""
        counts = self.connections.scan(
            FilterExpression=Attr("connectionId").begins_with("opened#"), ProjectionExpression="connectionId"
        )["Items"]
        with self.connections.batch_writer() as batch:
            for count in counts:
                batch.delete_item(Key={"connectionId": count["connectionId"]})

    def let_block_end_in(self, seconds: int, *, visitor: str) -> None:
        """Shorten a block, found by its visitor's reference."""
        self._tables().Table(self.outputs["ConversationTable"]).update_item(
            Key={"contact_id": f"blocked#{visitor}", "item": "block"},
            UpdateExpression="SET expiresAt = :end",
            ConditionExpression="attribute_exists(expiresAt)",
            ExpressionAttributeValues={":end": int(time.time()) + seconds},
        )

    def let_be_of_yesterday(self, contact_id: str) -> str:
        """Have all that is in a contact's log happen a day before; that day, in UTC, as `2026-11-28`."""
        table = self._tables().Table(self.outputs["ConversationTable"])
        log = Key("contact_id").eq(contact_id) & Key("item").begins_with("entry#")
        entries = table.query(KeyConditionExpression=log)["Items"]
        for entry in entries:
            table.update_item(
                Key={"contact_id": contact_id, "item": entry["item"]},
                UpdateExpression="SET #at = :before",
                ExpressionAttributeNames={"#at": "at"},
                ExpressionAttributeValues={":before": iso(_day_before(entry["at"]))},
            )
        return _day_before(entries[0]["at"]).date().isoformat()

    def leave_dead_connection(self, connection_id: str, *, user_id: str, role: str) -> None:
        """Store a connection that is not open, as when its `$disconnect` never came."""
        self.connections.put_item(
            Item={
                "connectionId": connection_id,
                "userId": user_id,
                "role": role,
                "connectedAt": "2026-11-23T10:00:00.000Z",
                "status": "connected",
                "expiresAt": int(time.time()) + 3600,
            }
        )

    def has_connection(self, connection_id: str) -> bool:
        """Tell whether a connection is in the table."""
        return "Item" in self.connections.get_item(Key={"connectionId": connection_id}, ConsistentRead=True)

    def connections_of(self, user_id: str) -> int:
        """Count a person's connections."""
        return self.connections.query(
            IndexName="UserIdIndex", KeyConditionExpression=Key("userId").eq(user_id), Select="COUNT"
        )["Count"]

    def wait_until_gone(self, user_id: str, *, seconds: float = 10) -> None:
        """Return when a person has no connection any more; `$disconnect` comes after the socket has closed.

        Raises TimeoutError.
        """
        wait_until(lambda: not self.connections_of(user_id), seconds=seconds, what=f"{user_id} to have no connections")

    def _tables(self) -> DynamoDBServiceResource:
        return self._session().resource("dynamodb", endpoint_url=self.endpoint)

    def _session(self) -> boto3.Session:
        return self.credentials.session(REGION)


def _day_before(timestamp: object) -> datetime:
    return datetime.fromisoformat(str(timestamp)) - timedelta(days=1)
