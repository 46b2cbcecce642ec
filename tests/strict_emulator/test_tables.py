"""Tables are as strict as DynamoDB's: indexes are behind them, and policies see partition keys."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.core import iam_actions
from ministack.services import apigateway, dynamodb

from local_aws.strict import throttles
from local_aws.strict.indexes import let_indexes_lag
from local_aws.strict.partition_keys import hold_to_partition_keys
from local_aws.strict.switches import Strictness
from local_aws.strict.throttles import Routes, throttle

TABLE, INDEX = "Sellers", "ByTeam"
LAG_SECONDS = 0.7
LAGGING = Strictness(longest_index_lag_seconds=LAG_SECONDS, seed=2)
"""With a seed by which the first two changes are nearly as late as they may be."""


def ask(operation: str, **request: Any) -> dict[str, Any]:
    body = json.dumps({"TableName": TABLE, **request}).encode()
    headers = {"x-amz-target": f"DynamoDB_20120810.{operation}"}
    status, _, answer = asyncio.run(dynamodb.handle_request("POST", "/", headers, body, {}))
    assert status == 200, answer
    found: dict[str, Any] = json.loads(answer)
    return found


def put(seller: str, team: str) -> None:
    ask("PutItem", Item={"id": {"S": seller}, "team": {"S": team}})


def found_by_team(team: str) -> list[str]:
    condition = {"KeyConditionExpression": "team = :t", "ExpressionAttributeValues": {":t": {"S": team}}}
    return [item["id"]["S"] for item in ask("Query", IndexName=INDEX, **condition)["Items"]]


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    """Sellers by their team; rules that a test sets hold for that test."""
    names = ("id", "team")
    ask(
        "CreateTable",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {
                "IndexName": INDEX,
                "KeySchema": [{"AttributeName": "team", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    yield
    off = Strictness(
        longest_index_lag_seconds=None, partition_keys=False, table_reads=None, table_writes=None, route_throttles=False
    )
    throttle(off, Routes())
    let_indexes_lag(off)
    hold_to_partition_keys(off)
    ask("DeleteTable")


def test_an_index_knows_of_a_change_later_than_its_table() -> None:
    put("ana", "support")
    let_indexes_lag(LAGGING)
    put("ana", "sales")
    put("ben", "support")

    assert found_by_team("support") == ["ana"]
    assert found_by_team("sales") == []
    assert ask("GetItem", Key={"id": {"S": "ana"}})["Item"]["team"] == {"S": "sales"}
    time.sleep(LAG_SECONDS)
    assert found_by_team("support") == ["ben"]
    assert found_by_team("sales") == ["ana"]


def test_an_index_still_has_what_was_just_deleted() -> None:
    put("ana", "support")
    let_indexes_lag(LAGGING)
    ask("DeleteItem", Key={"id": {"S": "ana"}})

    assert found_by_team("support") == ["ana"]
    time.sleep(LAG_SECONDS)
    assert found_by_team("support") == []


def test_an_index_that_may_not_lag_does_not() -> None:
    put("ana", "support")
    assert found_by_team("support") == ["ana"]


def test_more_than_a_table_takes_in_a_second_is_throttled_writes_and_reads_each_for_itself() -> None:
    throttle(Strictness(table_writes=2, table_reads=None), Routes())
    put("ana", "support")
    put("ben", "support")
    with pytest.raises(AssertionError, match="ThrottlingException"):
        put("cleo", "support")
    assert ask("GetItem", Key={"id": {"S": "ben"}})["Item"]
    time.sleep(0.6)
    put("cleo", "support")


def test_calls_over_rest_are_throttled_by_their_route(monkeypatch: pytest.MonkeyPatch) -> None:
    async def called(*_call: Any, **_more: Any) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, b""

    monkeypatch.setattr(throttles, "_proxy", called)
    settings = {"POST /chats": {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 0.001}}
    monkeypatch.setattr(apigateway, "_stages", {"api": {"$default": {"routeSettings": settings}}})
    throttle(Strictness(), Routes())

    def status(route: str) -> int:
        call: tuple[Any, ...] = ({}, "api", "$default", "/chats", "POST", {}, b"", {}, route, None)
        found: int = asyncio.run(apigateway._invoke_lambda_proxy(*call))[0]
        return found

    assert [status("POST /chats"), status("POST /chats"), status("GET /chats")] == [200, 429, 200]


@pytest.mark.parametrize(
    ("request_of", "keys"),
    [
        ({"TableName": TABLE, "Key": {"id": {"S": "ana"}}}, ["ana"]),
        ({"TableName": TABLE, "Item": {"id": {"S": "ana"}, "team": {"S": "sales"}}}, ["ana"]),
        (
            {
                "TableName": TABLE,
                "KeyConditionExpression": "#i = :i",
                "ExpressionAttributeNames": {"#i": "id"},
                "ExpressionAttributeValues": {":i": {"S": "ana"}},
            },
            ["ana"],
        ),
        ({"TransactItems": [{"Put": {"TableName": TABLE, "Item": {"id": {"S": "ana"}}}}]}, ["ana"]),
        ({"RequestItems": {TABLE: {"Keys": [{"id": {"S": "ana"}}, {"id": {"S": "ben"}}]}}}, ["ana", "ben"]),
        ({"RequestItems": {TABLE: [{"DeleteRequest": {"Key": {"id": {"S": "ana"}}}}]}}, ["ana"]),
    ],
    ids=["key", "item", "query", "transaction", "read in a batch", "written in a batch"],
)
def test_policies_see_the_partition_keys_of_a_request(request_of: dict[str, Any], keys: list[str]) -> None:
    body = json.dumps(request_of).encode()
    assert "dynamodb:LeadingKeys" not in iam_actions.dynamodb_service_context(body)
    hold_to_partition_keys(Strictness())
    assert iam_actions.dynamodb_service_context(body)["dynamodb:LeadingKeys"] == keys
