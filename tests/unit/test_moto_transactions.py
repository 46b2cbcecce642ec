"""What stands in for DynamoDB undoes all of a transaction that fails, though it copies no table for that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from tests.worlds.tables import CONVERSATIONS, SELLERS, create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

SELLER = {"seller_id": {"S": "ana"}}
HEAD, ENTRY = ({"contact_id": {"S": "c1"}, "item": {"S": item}} for item in ("head", "entry#1"))
STORED: dict[str, Any] = {"tags": {"M": {"first": {"S": "refund"}}}, "places": {"L": [{"S": "one"}]}, "n": {"N": "1"}}
NEVER = "attribute_exists(nothing)"


@pytest.fixture
def client() -> Iterator[DynamoDBClient]:
    """A seller and the head of a contact."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        create_tables(client)
        client.put_item(TableName=SELLERS, Item={**SELLER, "open_count": {"N": "1"}})
        client.put_item(TableName=CONVERSATIONS, Item={**HEAD, **STORED})
        yield client


def everything(client: DynamoDBClient) -> list[Any]:
    return [client.scan(TableName=table)["Items"] for table in (SELLERS, CONVERSATIONS)]


def update(key: Any, expression: str, **values: Any) -> TransactWriteItemTypeDef:
    table = SELLERS if "seller_id" in key else CONVERSATIONS
    given = {f":{name}": value for name, value in values.items()}
    return {
        "Update": {
            "TableName": table, "Key": key, "UpdateExpression": expression, "ExpressionAttributeValues": given,
        }
    }  # fmt: skip


CHANGES: dict[str, TransactWriteItemTypeDef] = {
    "a new item": {"Put": {"TableName": CONVERSATIONS, "Item": {**ENTRY, **STORED}}},
    "another item in place of one": {"Put": {"TableName": CONVERSATIONS, "Item": {**HEAD, "n": {"N": "2"}}}},
    "an item less": {"Delete": {"TableName": CONVERSATIONS, "Key": HEAD}},
    "a field": update(HEAD, "SET n = :n", n={"N": "2"}),
    "a number": update(SELLER, "ADD open_count :one", one={"N": "1"}),
    "inside of a map": update(HEAD, "SET tags.refund = :tag", tag={"S": "vip"}),
    "inside of a list": update(HEAD, "SET places = list_append(places, :more)", more={"L": [{"S": "two"}]}),
    "an item that was not there": update(ENTRY, "SET n = :n", n={"N": "2"}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_nothing_is_left_of_a_transaction_that_fails(client: DynamoDBClient, change: TransactWriteItemTypeDef) -> None:
    before = everything(client)
    fails: TransactWriteItemTypeDef = {
        "ConditionCheck": {
            "TableName": CONVERSATIONS,
            "Key": {"contact_id": {"S": "c2"}, "item": {"S": "head"}},
            "ConditionExpression": NEVER,
        }
    }

    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(TransactItems=[change, fails])
    assert everything(client) == before

    client.transact_write_items(TransactItems=[change])
    assert everything(client) != before
