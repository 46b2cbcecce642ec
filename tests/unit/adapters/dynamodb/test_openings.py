"""The table counts different starts, up to the limits of a device and of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.adapters.dynamodb.openings import DynamoDBOpenings
from chat.ports.limits import Limit, Opening
from tests.worlds.tables import CONNECTIONS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENDS = 1_800_000_000


def of(device: str, start: str, group: str = "known") -> Opening:
    return Opening(start=start, device=device, device_limit=2, group=group, group_limit=3)


def test_the_table_counts_a_device_up_to_its_limit_and_a_start_once(dynamodb: DynamoDBClient) -> None:
    openings = DynamoDBOpenings(dynamodb, CONNECTIONS)

    counted = [openings.count("key", of("ana", start), ENDS) for start in ("one", "two", "three", "two", "three")]

    assert counted == [None, None, Limit.DEVICE, None, Limit.DEVICE]
    (item,) = dynamodb.scan(TableName=CONNECTIONS)["Items"]
    assert item == {
        "connectionId": {"S": "opened#key"},
        "of ana": {"SS": ["one", "two"]},
        "known": {"N": "2"},
        "expiresAt": {"N": str(ENDS)},
    }


def test_the_table_counts_a_group_up_to_its_limit_apart_from_the_other(dynamodb: DynamoDBClient) -> None:
    openings = DynamoDBOpenings(dynamodb, CONNECTIONS)

    counted = [openings.count("key", of(f"device-{number}", "one"), ENDS) for number in range(4)]

    assert counted == [None, None, None, Limit.ADDRESS]
    assert openings.count("key", of("device-4", "one", "strangers"), ENDS) is None
    assert openings.count("key", of("device-0", "one"), ENDS) is None
