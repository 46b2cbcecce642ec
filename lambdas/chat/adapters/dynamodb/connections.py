"""The connections table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from chat.adapters.dynamodb.errors import condition_may_fail, translated
from chat.model.identity import Principal, Role
from chat.model.timestamps import epoch_seconds
from chat.ports.connections import Connection, Description
from chat.ports.machine import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

MOST_PAGES = 8
"""Of one person's connections: 8 MB of all; where a few are enough that many, of which nearly all must have expired."""


class DynamoDBConnections:
    """Implements `chat.ports.connections.ConnectionStore`."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def add(self, connection: Connection, expires_at: int) -> None:
        """Store a connection until `expires_at` (epoch seconds)."""
        with translated():
            self._client.put_item(TableName=self._table, Item=_item(connection, expires_at))

    def restore(self, connection: Connection, expires_at: int, learned: Description | None = None) -> None:
        """Store a connection again, or only its new `connected_at` if it is there, with what a start learned of it."""
        item = _item(connection, expires_at) | (_learned(learned) if learned else {})
        key = {"connectionId": item.pop("connectionId")}
        with translated():
            self._client.update_item(
                TableName=self._table,
                Key=key,
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in item),
                ExpressionAttributeNames={f"#{name}": name for name in item},
                ExpressionAttributeValues={f":{name}": value for name, value in item.items()},
            )

    def remove(self, connection_id: str) -> Connection | None:
        """Forget a connection; whose it was."""
        with translated():
            answer = self._client.delete_item(
                TableName=self._table, Key={"connectionId": {"S": connection_id}}, ReturnValues="ALL_OLD"
            )
        item = answer.get("Attributes")
        return _connection(item) if item else None

    def forget(self, connection: Connection) -> None:
        """Forget a connection that was found gone, unless it has been restored since it was looked up."""
        with translated(), condition_may_fail():
            self._client.delete_item(
                TableName=self._table,
                Key={"connectionId": {"S": connection.id}},
                ConditionExpression="attribute_not_exists(connectedAt) OR connectedAt = :seen",
                ExpressionAttributeValues={":seen": {"S": connection.connected_at}},
            )

    def holds(self, connection_id: str) -> bool:
        """Whether a connection is stored: half a read unit more than the index takes."""
        with translated():
            answer = self._client.get_item(
                TableName=self._table,
                Key={"connectionId": {"S": connection_id}},
                ConsistentRead=True,
                ProjectionExpression="connectionId",
            )
        return "Item" in answer

    def of(self, person: Principal, enough: int | None = None) -> Sequence[Connection]:
        """The connections of a person that have not expired; a page has as many as are `enough`, else thousands.

        More than one is read only for a person with as many that were lost.
        """
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": "UserIdIndex",
            "KeyConditionExpression": "userId = :user AND #role = :role",
            # TTL deletes late, so what has expired is left out here.
            "FilterExpression": "expiresAt > :now",
            "ExpressionAttributeNames": {"#role": "role"},
            "ExpressionAttributeValues": {
                ":user": {"S": person.user_id},
                ":role": {"S": person.role},
                ":now": {"N": str(epoch_seconds(self._clock.now()))},
            },
        }
        if enough is not None:
            request["Limit"] = enough
        found: list[Connection] = []
        for _ in range(MOST_PAGES):
            with translated():
                answer = self._client.query(**request)
            found += [_connection(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer or (enough is not None and len(found) >= enough):
                break
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        return found


def _item(connection: Connection, expires_at: int) -> dict[str, AttributeValueTypeDef]:
    return {
        "connectionId": {"S": connection.id},
        "userId": {"S": connection.user_id},
        "role": {"S": connection.role},
        "connectedAt": {"S": connection.connected_at},
        "status": {"S": "connected"},
        "expiresAt": {"N": str(expires_at)},
    }


def _learned(learned: Description) -> dict[str, AttributeValueTypeDef]:
    return {
        "sellerId": {"S": learned.seller_id},
        "userInfo": {"S": msgspec.json.encode(learned.user_info).decode()},
        "contact_id": {"S": learned.contact_id},
        "updatedAt": {"S": learned.at},
    }


def _connection(item: dict[str, AttributeValueTypeDef]) -> Connection:
    return Connection(
        id=item["connectionId"]["S"],
        user_id=item["userId"]["S"],
        role=Role(item["role"]["S"]),
        connected_at=item["connectedAt"]["S"] if "connectedAt" in item else "",
    )
