"""A deployed system as its tests see it: where it is, and its tables from the inside."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from boto3.dynamodb.conditions import Key

from local_aws.emulator import REGION
from local_aws.seller_token import seller_token

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource, Table


@dataclass(frozen=True)
class DeployedSystem:
    """The outputs of all stacks by name, and the endpoint of the AWS they are deployed to."""

    endpoint: str
    outputs: dict[str, str]

    @property
    def web_socket_url(self) -> str:
        """What clients connect to."""
        return self.outputs["WebSocketUrl"]

    def seller_token(self, seller_id: str, *, lifetime_seconds: int = 600) -> str:
        """A token as the shop's back end would issue it; an expired one if its lifetime is negative."""
        outputs = {**self.outputs, "Endpoint": self.endpoint}
        return seller_token(seller_id, outputs, lifetime_seconds=lifetime_seconds)

    @property
    def connections(self) -> Table:
        """The connections table."""
        return self._tables().Table(self.outputs["ConnectionTable"])

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
        deadline = time.monotonic() + seconds
        while self.connections_of(user_id):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{user_id} still has connections")
            time.sleep(0.1)

    def _tables(self) -> DynamoDBServiceResource:
        return boto3.resource(
            "dynamodb",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
