"""Counters of new contacts, beside the connections. They have no `userId`, so no index lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chat.adapters.dynamodb.errors import CONDITION_FAILED, error_code, translated
from chat.ports.limits import Limit, Opening

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "opened#"


class DynamoDBOpenings:
    """Implements `chat.ports.limits.OpeningCounter`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def count(self, key: str, opening: Opening, expires_at: int) -> Limit | None:
        """Count an opening, once, until `expires_at` (epoch seconds) in one conditional update; what it is too many of.

        The item has a set of starts for each device, and how many there are in each group.
        """
        with translated():
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key={"connectionId": {"S": PREFIX + key}},
                    UpdateExpression="SET expiresAt = :until ADD #device :starts, #group :one",
                    ConditionExpression=(
                        "(attribute_not_exists(#device)"
                        " OR (NOT contains(#device, :start) AND size(#device) < :of_device))"
                        " AND (attribute_not_exists(#group) OR #group < :of_group)"
                    ),
                    ExpressionAttributeNames={"#device": _device(opening), "#group": opening.group},
                    ExpressionAttributeValues={
                        ":until": {"N": str(expires_at)},
                        ":start": {"S": opening.start},
                        ":starts": {"SS": [opening.start]},
                        ":one": {"N": "1"},
                        ":of_device": {"N": str(opening.device_limit)},
                        ":of_group": {"N": str(opening.group_limit)},
                    },
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                if not error_code(error).startswith(CONDITION_FAILED):
                    raise
                item: dict[str, Any] = error.response.get("Item", {})  # type: ignore[assignment]
                return _in_the_way(opening, item)
        return None


def _device(opening: Opening) -> str:
    # No group is called like this.
    return f"of {opening.device}"


def _in_the_way(opening: Opening, item: dict[str, Any]) -> Limit | None:
    starts = item[_device(opening)]["SS"] if _device(opening) in item else []
    if opening.start in starts:
        return None
    return Limit.DEVICE if len(starts) >= opening.device_limit else Limit.ADDRESS
