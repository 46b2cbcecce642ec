"""The sellers table. `open_count` is written by the conversations' transactions, and corrected here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from chat.adapters.dynamodb.errors import CONDITION_FAILED, condition_may_fail, error_code, is_written, translated
from chat.model.hours import BadHoursError, Hours
from chat.model.sellers import Availability, Seller, SharedReplies
from chat.ports.errors import NumberTakenError
from chat.ports.machine import Journal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

# A contact that is given back by a seller who was removed leaves an item of its count alone.
_REGISTERED = "team"


class DynamoDBSellers:
    """Implements `chat.ports.sellers.SellerStore`."""

    def __init__(self, client: DynamoDBClient, table: str, journal: Journal) -> None:
        self._client = client
        self._table = table
        self._journal = journal

    def get(self, seller_id: str) -> Seller | None:
        """A seller, read strongly consistently."""
        with translated():
            answer = self._client.get_item(TableName=self._table, Key=_key(seller_id), ConsistentRead=True)
        item = answer.get("Item")
        return self._seller(item) if item and _REGISTERED in item else None

    def team(self, team: str) -> Sequence[Seller]:
        """The sellers of a team, from the index. One page: 1 MB holds thousands of sellers."""
        with translated():
            answer = self._client.query(
                TableName=self._table,
                IndexName="TeamIndex",
                KeyConditionExpression="team = :team",
                ExpressionAttributeValues={":team": {"S": team}},
            )
        return [self._seller(item) for item in answer["Items"]]

    def some(self, limit: int) -> Sequence[Seller]:
        """Sellers of all teams, from the index, which has nobody else: one page."""
        with translated():
            answer = self._client.scan(TableName=self._table, IndexName="TeamIndex", Limit=limit)
        return [self._seller(item) for item in answer["Items"]]

    def beat(
        self, seller_id: str, availability: Availability | None, at: int, connection_id: str = ""
    ) -> Seller | None:
        """Note that a seller is heard of, where, and what they say of themselves, if anything."""
        said = "" if availability is None else ", availability = :a"
        values = {":at": {"N": str(at)}, ":on": {"S": connection_id}}
        with translated():
            try:
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=_key(seller_id),
                    UpdateExpression=f"SET heartbeat_at = :at, heard_on = :on{said}",
                    ConditionExpression=f"attribute_exists({_REGISTERED})",
                    ExpressionAttributeValues=values if availability is None else {**values, ":a": {"S": availability}},
                    ReturnValues="ALL_NEW",
                )
            except ClientError as error:
                if error_code(error).startswith(CONDITION_FAILED):
                    return None
                raise
        return self._seller(answer["Attributes"])

    def leave(self, seller_id: str, connection_id: str, remaining: str | None = None) -> None:
        """Note that a seller is gone, or where they still are, if they were heard of last over this connection."""
        name, value = ("heartbeat_at", {"N": "0"}) if remaining is None else ("heard_on", {"S": remaining})
        with translated(), condition_may_fail():
            self._client.update_item(
                TableName=self._table,
                Key=_key(seller_id),
                UpdateExpression=f"SET {name} = :value",
                ConditionExpression="heard_on = :on",
                ExpressionAttributeValues={":value": value, ":on": {"S": connection_id}},
            )

    def drained(self, seller_id: str, to: str) -> None:
        """Note where the seller's next heartbeat goes on in the queue."""
        with translated(), condition_may_fail():
            self._client.update_item(
                TableName=self._table,
                Key=_key(seller_id),
                UpdateExpression="SET drained_to = :to",
                ConditionExpression=f"attribute_exists({_REGISTERED})",
                ExpressionAttributeValues={":to": {"S": to}},
            )

    def recount(self, seller: Seller, open_count: int) -> bool:
        """Correct the count, unless a transaction has changed it since the seller was read."""
        return is_written(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=_key(seller.id),
                UpdateExpression="SET open_count = :now",
                ConditionExpression="open_count = :seen AND last_assigned = :assigned",
                ExpressionAttributeValues={
                    ":now": {"N": str(open_count)},
                    ":seen": {"N": str(seller.open_count)},
                    ":assigned": {"S": seller.last_assigned},
                },
            )
        )

    def register(self, seller: Seller) -> None:
        """Add a seller, unless they are registered."""
        with translated(), condition_may_fail():
            self._client.put_item(
                TableName=self._table,
                Item=_item(seller),
                ConditionExpression=f"attribute_not_exists({_REGISTERED})",
            )

    def replies(self, team: str) -> SharedReplies:
        """What a team shares: one item, under a key that is no seller's."""
        with translated():
            answer = self._client.get_item(TableName=self._table, Key=_replies_key(team), ConsistentRead=True)
        item = answer.get("Item")
        return _replies.decode(item["replies"]["S"]) if item else SharedReplies()

    def keep_replies(self, team: str, replies: SharedReplies) -> None:
        """Keep the version that follows the one which is there."""
        first = "attribute_not_exists(version) OR " if replies.version == 1 else ""
        is_next = is_written(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=_replies_key(team),
                UpdateExpression="SET replies = :replies, version = :version",
                ConditionExpression=f"{first}version = :before",
                ExpressionAttributeValues={
                    ":replies": {"S": msgspec.json.encode(replies).decode()},
                    ":version": {"N": str(replies.version)},
                    ":before": {"N": str(replies.version - 1)},
                },
            )
        )
        if not is_next:
            raise NumberTakenError

    def _seller(self, item: Item) -> Seller:
        return Seller(
            id=item["seller_id"]["S"],
            team=item["team"]["S"],
            capacity=_number(item, "capacity"),
            open_count=_number(item, "open_count"),
            availability=Availability(item["availability"]["S"] if "availability" in item else "offline"),
            heartbeat_at=_number(item, "heartbeat_at"),
            last_assigned=item["last_assigned"]["S"] if "last_assigned" in item else "",
            drained_to=item["drained_to"]["S"] if "drained_to" in item else "",
            hours=self._hours(item),
            name=item["name"]["S"] if "name" in item else "",
        )

    def _hours(self, item: Item) -> Hours | None:
        if "hours" not in item:
            return None
        try:
            return Hours.parse(json.loads(item["hours"]["S"]))
        except (BadHoursError, KeyError, ValueError) as error:
            # Hours that cannot be read must not close the shop.
            self._journal.note("hours_ignored", error=type(error).__name__)
            return None


_replies = msgspec.json.Decoder(SharedReplies)


def _replies_key(team: str) -> Item:
    # No seller's id has such a sign in it, and what has no team is in no index.
    return _key(f"replies#{team}")


def _key(seller_id: str) -> Item:
    return {"seller_id": {"S": seller_id}}


def _number(item: Item, name: str) -> int:
    return int(item[name]["N"]) if name in item else 0


def _item(seller: Seller) -> Item:
    return {
        **_key(seller.id),
        "team": {"S": seller.team},
        "capacity": {"N": str(seller.capacity)},
        "open_count": {"N": str(seller.open_count)},
        "availability": {"S": seller.availability},
        "heartbeat_at": {"N": str(seller.heartbeat_at)},
        "last_assigned": {"S": seller.last_assigned},
    }
