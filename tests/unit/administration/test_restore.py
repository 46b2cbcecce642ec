"""What cannot be restored is answered with one line that says what to do, before anything is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError

from administration.deployments import Deployment
from administration.errors import AdministrationError
from administration.restore import Wanted, restore
from tests.worlds.tables import CONVERSATIONS, SELLERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OUTPUTS = {"ConversationTable": CONVERSATIONS, "SellerTable": SELLERS}


@pytest.fixture
def deployment(dynamodb: DynamoDBClient) -> Deployment:
    """The tables, with their past."""
    for table in OUTPUTS.values():
        dynamodb.update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
    return Deployment(boto3.Session(), None, OUTPUTS)


def put(dynamodb: DynamoDBClient, table: str, seller_id: str, **numbers: int) -> None:
    item = {name: {"N": str(number)} for name, number in numbers.items()}
    dynamodb.put_item(TableName=table, Item={"seller_id": {"S": seller_id}, **item})


def copied(dynamodb: DynamoDBClient) -> str:
    """A table that was restored before."""
    name = f"{SELLERS}-20261123T100000Z"
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "seller_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "seller_id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


@pytest.mark.parametrize("at", [None, "yesterday", "2026-11-23", "2026-11-23T10:00:00"])
def test_a_time_is_said_with_its_zone(deployment: Deployment, at: str | None) -> None:
    with pytest.raises(AdministrationError, match="AT= like 2026-11-23T10:00:00Z"):
        restore(deployment, Wanted(at=at))


def test_only_what_is_kept_is_a_table(deployment: Deployment) -> None:
    with pytest.raises(AdministrationError, match="one of Conversations, Sellers"):
        restore(deployment, Wanted(table="Connections", at="2026-11-23T10:00:00Z"))
    with pytest.raises(AdministrationError, match="leave out TABLE"):
        restore(deployment, Wanted(table="Sellers", contact="c", at="2026-11-23T10:00:00Z"))


def test_the_future_is_not_restored(deployment: Deployment) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()

    with pytest.raises(AdministrationError, match="can be restored to a second from"):
        restore(deployment, Wanted(at=tomorrow))


def test_an_environment_that_keeps_no_past_says_so(deployment: Deployment, dynamodb: DynamoDBClient) -> None:
    dynamodb.update_continuous_backups(
        TableName=CONVERSATIONS, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )

    with pytest.raises(AdministrationError, match="keeps no past: only staging and production"):
        restore(deployment, Wanted(at="2026-11-23T10:00:00Z"))


@pytest.mark.parametrize("restored", [SELLERS, CONVERSATIONS, "another-table"])
def test_no_table_is_deleted_that_was_not_restored(deployment: Deployment, restored: str) -> None:
    with pytest.raises(AdministrationError, match=f"was not restored from {SELLERS}"):
        restore(deployment, Wanted(table="Sellers", restored=restored))


def test_a_restored_table_that_is_not_there_is_named(deployment: Deployment) -> None:
    with pytest.raises(AdministrationError, match=f"no table {SELLERS}-x: check FROM"):
        restore(deployment, Wanted(table="Sellers", restored=f"{SELLERS}-x"))


def test_what_is_lacking_comes_back_and_what_is_there_or_over_does_not(
    deployment: Deployment, dynamodb: DynamoDBClient
) -> None:
    restored = copied(dynamodb)
    for seller_id, numbers in {"lost": {}, "changed": {"capacity": 1}, "over": {"expiresAt": 1}}.items():
        put(dynamodb, restored, seller_id, **numbers)
    put(dynamodb, SELLERS, "changed", capacity=2)

    assert restore(deployment, Wanted(table="Sellers", restored=restored)) == (
        f"Sellers: 1 items put back, 1 were there. {restored} is deleted."
    )
    found = {item["seller_id"]["S"]: item.get("capacity") for item in dynamodb.scan(TableName=SELLERS)["Items"]}
    assert found == {"lost": None, "changed": {"N": "2"}}
    assert restored not in dynamodb.list_tables()["TableNames"]


@pytest.mark.parametrize("contact", [None, "erased"])
def test_a_visitor_who_was_erased_since_does_not_come_back(
    deployment: Deployment, dynamodb: DynamoDBClient, contact: str | None
) -> None:
    restored = f"{CONVERSATIONS}-20261123T100000Z"
    key = [{"AttributeName": name, "KeyType": kind} for name, kind in (("contact_id", "HASH"), ("item", "RANGE"))]
    dynamodb.create_table(
        TableName=restored,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("contact_id", "item")],
        KeySchema=key,  # type: ignore[arg-type]
        BillingMode="PAY_PER_REQUEST",
    )
    kept = {("other", "entry#000000000001"), ("open#shop#2", "pointer"), ("blocked#2", "block")}
    gone = {("erased", "entry#000000000001"), ("erased", "head"), ("open#shop#1", "pointer"), ("blocked#1", "block")}
    for contact_id, item in gone | kept:
        of = {"pointer": "target", "block": "met_in"}.get(item)
        more = {of: {"S": "other" if contact_id.endswith("2") else "erased"}} if of else {}
        dynamodb.put_item(TableName=restored, Item={"contact_id": {"S": contact_id}, "item": {"S": item}, **more})
    head = {"contact_id": {"S": "erased"}, "item": {"S": "head"}}
    dynamodb.put_item(TableName=CONVERSATIONS, Item=head)

    restore(deployment, Wanted(restored=restored, contact=contact))

    found = {(each["contact_id"]["S"], each["item"]["S"]) for each in dynamodb.scan(TableName=CONVERSATIONS)["Items"]}
    assert found == {("erased", "head"), *(kept if contact is None else ())}


def test_what_was_restored_is_kept_when_the_copy_fails(
    deployment: Deployment, dynamodb: DynamoDBClient, capsys: pytest.CaptureFixture[str]
) -> None:
    restored = copied(dynamodb)
    dynamodb.delete_table(TableName=SELLERS)

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        restore(deployment, Wanted(table="Sellers", restored=restored))
    assert f"make restore FROM={restored} goes on from it" in capsys.readouterr().err
    assert restored in dynamodb.list_tables()["TableNames"]
