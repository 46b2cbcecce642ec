"""Blocks of visitors, beside the conversations; listed by the same index, in an inbox that is nobody's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chat.adapters.dynamodb.errors import condition_may_fail, is_written, translated
from chat.adapters.dynamodb.keys import Item, block_key
from chat.ports.limits import Block

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# No seller and no team can be called like this.
_INBOX = "#blocked"


class DynamoDBBlocks:
    """Implements `chat.ports.limits.BlockStore`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def put(self, block: Block) -> bool:
        """One item for each visitor."""
        item: Item = {
            **block_key(block.visitor),
            "visitor": {"S": block.visitor},
            "met_in": {"S": block.contact_id},
            "seller_id": {"S": block.seller_id},
            "reason": {"S": block.reason},
            "inbox": {"S": _INBOX},
            "since": {"S": block.place},
            "expiresAt": {"N": str(block.until)},
        }
        if not block.id:
            with translated():
                self._client.put_item(TableName=self._table, Item=item)
            return True
        return is_written(
            lambda: self._client.put_item(
                TableName=self._table,
                Item={**item, "id": {"S": block.id}},
                ConditionExpression="attribute_not_exists(id) OR id <> :id",
                ExpressionAttributeValues={":id": {"S": block.id}},
            )
        )

    def of(self, visitor: str) -> Block | None:
        """The block of a visitor: one read unit."""
        with translated():
            answer = self._client.get_item(TableName=self._table, Key=block_key(visitor), ConsistentRead=True)
        return _block(answer["Item"]) if "Item" in answer else None

    def lift(self, visitor: str, now: int, since: str | None = None) -> None:
        """Let the item expire now, and take it off the list; the function that lifts blocks may delete nothing."""
        # Those that were lifted before have no inbox any more, and expire when they expired.
        condition, values = "attribute_exists(inbox)", {":now": {"N": str(now)}}
        if since is not None:
            condition += " AND begins_with(since, :since)"
            values[":since"] = {"S": since}
        with translated(), condition_may_fail():
            self._client.update_item(
                TableName=self._table,
                Key=block_key(visitor),
                UpdateExpression="SET expiresAt = :now REMOVE inbox",
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )

    def newest(self, limit: int, before: str | None = None) -> Sequence[Block]:
        """The blocks by the index, newest first."""
        values: dict[str, Any] = {":inbox": {"S": _INBOX}}
        condition = "inbox = :inbox"
        if before:
            condition += " AND since < :before"
            values[":before"] = {"S": before}
        with translated():
            answer = self._client.query(
                TableName=self._table,
                IndexName="InboxIndex",
                KeyConditionExpression=condition,
                ExpressionAttributeValues=values,
                ScanIndexForward=False,
                Limit=limit,
            )
        return [_block(item) for item in answer["Items"]]


def _block(item: Item) -> Block:
    return Block(
        visitor=item["visitor"]["S"],
        contact_id=item["met_in"]["S"],
        seller_id=item["seller_id"]["S"],
        reason=item["reason"]["S"],
        since=item["since"]["S"].partition("/")[0],
        until=int(item["expiresAt"]["N"]),
        id=item["id"]["S"] if "id" in item else "",
    )
