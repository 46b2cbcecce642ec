"""The table counts different starts, up to a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.adapters.dynamodb.openings import DynamoDBOpenings
from tests.worlds.tables import CONNECTIONS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def test_the_table_counts_up_to_the_limit_and_no_further(dynamodb: DynamoDBClient) -> None:
    openings = DynamoDBOpenings(dynamodb, CONNECTIONS)

    counted = [openings.count("key", start, 2, 1_800_000_000) for start in ("one", "two", "three", "two", "three")]
    assert counted == [True, True, False, True, False]
    (item,) = dynamodb.scan(TableName=CONNECTIONS)["Items"]
    assert item == {
        "connectionId": {"S": "opened#key"},
        "starts": {"SS": ["one", "two"]},
        "expiresAt": {"N": "1800000000"},
    }
