"""Counters of new contacts, beside the connections. They have no `userId`, so no index lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from chat.adapters.dynamodb.errors import CONDITION_FAILED, error_code, translated

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "opened#"


class DynamoDBOpenings:
    """Implements `chat.ports.limits.OpeningCounter`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def count(self, key: str, start: str, limit: int, expires_at: int) -> bool:
        """Count a start, once, until `expires_at` (epoch seconds) in one conditional update; False at `limit`."""
        with translated():
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key={"connectionId": {"S": PREFIX + key}},
                    UpdateExpression="SET expiresAt = :until ADD starts :starts",
                    ConditionExpression=(
                        "attribute_not_exists(starts) OR contains(starts, :start) OR size(starts) < :limit"
                    ),
                    ExpressionAttributeValues={
                        ":until": {"N": str(expires_at)},
                        ":start": {"S": start},
                        ":starts": {"SS": [start]},
                        ":limit": {"N": str(limit)},
                    },
                )
            except ClientError as error:
                if error_code(error).startswith(CONDITION_FAILED):
                    return False
                raise
        return True
