"""Tickets, beside the connections they are for. They have no `userId`, so no index lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.adapters.dynamodb.errors import translated
from chat.model.identity import Principal, Role

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "ticket#"


class DynamoDBTickets:
    """Implements `chat.ports.connections.TicketStore`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def put(self, digest: str, person: Principal, expires_at: int) -> None:
        """Keep a ticket until `expires_at` (epoch seconds)."""
        with translated():
            self._client.put_item(
                TableName=self._table,
                Item={
                    "connectionId": {"S": PREFIX + digest},
                    "seller_id": {"S": person.user_id},
                    "session_ends": {"N": str(person.expires_at or 0)},
                    "expiresAt": {"N": str(expires_at)},
                },
            )

    def take(self, digest: str, now: int) -> Principal | None:
        """Delete the ticket and say whose it was: of two who try, DynamoDB shows it to one."""
        with translated():
            answer = self._client.delete_item(
                TableName=self._table, Key={"connectionId": {"S": PREFIX + digest}}, ReturnValues="ALL_OLD"
            )
        item = answer.get("Attributes")
        if not item or int(item["expiresAt"]["N"]) <= now:
            return None
        return Principal(item["seller_id"]["S"], Role.SELLER, expires_at=int(item["session_ends"]["N"]) or None)
