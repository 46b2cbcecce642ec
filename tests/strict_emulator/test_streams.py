"""A stream is read as by Lambda: what failed comes again, in order, and what did not does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import dynamodb, lambda_svc

from local_aws.strict import stream_batches
from local_aws.strict.stream_batches import repeat_what_failed
from local_aws.strict.switches import Strictness

TABLE, FUNCTION, MAPPING = "Entries", "publisher", "mapping-of-a-test"
RECORDS = [f"{number}" for number in range(8)]


def ask(operation: str, **request: Any) -> dict[str, Any]:
    body = json.dumps({"TableName": TABLE, **request}).encode()
    headers = {"x-amz-target": f"DynamoDB_20120810.{operation}"}
    answer: dict[str, Any] = json.loads(asyncio.run(dynamodb.handle_request("POST", "/", headers, body, {}))[2])
    return answer


class Function:
    """A function that cannot handle some records: it says which, or it raises."""

    def __init__(self) -> None:
        self.reports: set[str] = set()
        self.raises: set[str] = set()
        self.handled: list[str] = []
        self.calls = 0

    def execute(self, _function: Any, event: Any) -> dict[str, Any]:
        self.calls += 1
        records = {each["dynamodb"]["Keys"]["id"]["S"]: each["dynamodb"]["SequenceNumber"] for each in event["Records"]}
        if self.raises & set(records):
            return {"error": True, "body": {"errorType": "ValueError"}}
        failed = [number for name, number in records.items() if name in self.reports]
        self.handled += [name for name in records if name not in self.reports]
        return {"body": {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}}


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    """What reads the stream of a table with a few records in it."""
    function = Function()
    monkeypatch.setattr(stream_batches, "_execute", function.execute)
    monkeypatch.setattr(lambda_svc, "_ESM_BACKOFF_SECONDS", 0)
    monkeypatch.setattr(
        lambda_svc, "_get_func_record_for_qualifier", lambda *_: ({"config": {"FunctionName": FUNCTION}}, {})
    )
    table = ask(
        "CreateTable",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    lambda_svc._esms[MAPPING] = {
        "UUID": MAPPING,
        "FunctionName": FUNCTION,
        "EventSourceArn": table["LatestStreamArn"],
        "StartingPosition": "TRIM_HORIZON",
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "BisectBatchOnFunctionError": True,
    }
    for record in RECORDS:
        ask("PutItem", Item={"id": {"S": record}})
    repeat_what_failed(Strictness())
    yield function
    repeat_what_failed(Strictness(stream_failures=False))
    del lambda_svc._esms[MAPPING]
    lambda_svc._dynamodb_stream_positions.pop(MAPPING, None)
    ask("DeleteTable")


def test_a_batch_goes_on_at_the_first_record_that_was_reported(function: Function) -> None:
    function.reports = {"3"}
    lambda_svc._poll_dynamodb_streams()
    function.reports = set()
    function.handled.clear()
    lambda_svc._poll_dynamodb_streams()
    assert function.handled == RECORDS[3:]


def test_a_record_that_was_reported_comes_until_it_is_not(function: Function) -> None:
    function.reports = {"3"}
    for _ in range(5):
        lambda_svc._poll_dynamodb_streams()
    function.reports = set()
    function.handled.clear()
    lambda_svc._poll_dynamodb_streams()
    assert function.handled[0] == "3"
    assert lambda_svc._poll_dynamodb_streams() is False


def test_a_batch_that_fails_as_a_whole_is_halved_until_the_record_is_found(function: Function) -> None:
    function.raises = {"5"}
    lambda_svc._poll_dynamodb_streams()
    assert function.handled == RECORDS[:5]
    for _ in range(3):
        lambda_svc._poll_dynamodb_streams()
    assert function.handled == RECORDS[:5]
    function.raises = set()
    lambda_svc._poll_dynamodb_streams()
    assert function.handled == RECORDS


def test_what_does_not_fail_is_read_once(function: Function) -> None:
    for _ in range(3):
        lambda_svc._poll_dynamodb_streams()
    assert (function.handled, function.calls) == (RECORDS, 1)


def test_switched_off_a_batch_is_done_whatever_is_reported(function: Function, monkeypatch: pytest.MonkeyPatch) -> None:
    repeat_what_failed(Strictness(stream_failures=False))
    monkeypatch.setattr(lambda_svc, "_execute_function", function.execute)
    function.reports = {"3"}
    lambda_svc._poll_dynamodb_streams()
    assert lambda_svc._poll_dynamodb_streams() is False
