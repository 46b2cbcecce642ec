"""Queues are as strict as SQS, and a function that feeds its own queue is stopped."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from ministack.services import lambda_svc, sqs

from local_aws.strict import loops
from local_aws.strict.loops import end_loops
from local_aws.strict.switches import Strictness

NAME = "attendant"
HOPS = 16


def ask(operation: str, *, trace: str | None = None, **request: Any) -> dict[str, Any]:
    headers = {"x-amz-target": f"AmazonSQS.{operation}"} | ({"x-amzn-trace-id": trace} if trace else {})
    body = json.dumps(request).encode()
    status, _, answer = asyncio.run(sqs.handle_request("POST", "/", headers, body, {}))
    assert status == 200, answer
    found: dict[str, Any] = json.loads(answer) if answer else {}
    return found


def create(name: str, **attributes: str) -> str:
    url: str = ask("CreateQueue", QueueName=name, Attributes=attributes)["QueueUrl"]
    return url


def bodies(url: str) -> list[str]:
    return [each["Body"] for each in ask("ReceiveMessage", QueueUrl=url).get("Messages", [])]


@pytest.fixture
def dead_letters() -> Iterator[str]:
    url = create("dead-letters")
    yield url
    ask("DeleteQueue", QueueUrl=url)


@pytest.fixture
def queue(dead_letters: str) -> Iterator[str]:
    """A queue whose messages become dead letters after three receives."""
    arn = ask("GetQueueAttributes", QueueUrl=dead_letters, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    url = create("check-ups", RedrivePolicy=policy, VisibilityTimeout="0", MessageRetentionPeriod="60")
    yield url
    ask("DeleteQueue", QueueUrl=url)
    end_loops(Strictness(loops=False))


@pytest.fixture
def run(queue: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Lets a function that sends on what it is sent run until nothing comes any more, or for long; how often it did."""
    calls: list[str | None] = []

    def send_on(*_call: Any) -> None:
        trace = lambda_svc._xray_trace_id_for_invocation({})
        calls.append(trace)
        # As botocore sends it.
        header = quote(trace, safe="-=;:+&[]{}\"',") if trace else None
        ask("SendMessage", QueueUrl=queue, MessageBody="look again", trace=header)

    def run() -> int:
        mapping, function = {"FunctionName": NAME}, {"config": {"FunctionName": NAME}}
        for _ in range(3 * HOPS):
            batch = sqs._receive_messages_for_esm(queue, 10)
            if not batch:
                break
            lambda_svc._run_sqs_batch(mapping, function, {}, batch, queue, "check-ups")
            sqs._delete_messages_for_esm(queue, {message["receipt_handle"] for message in batch})
        return len(calls)

    monkeypatch.setattr(loops, "_run", send_on)
    return run


def test_a_message_that_leads_to_the_next_one_is_stopped_and_kept(
    run: Callable[[], int], queue: str, dead_letters: str
) -> None:
    end_loops(Strictness())
    ask("SendMessage", QueueUrl=queue, MessageBody="look")
    assert run() == HOPS
    assert bodies(dead_letters) == ["look again"]


def test_messages_that_come_from_elsewhere_are_not_counted(run: Callable[[], int], queue: str) -> None:
    end_loops(Strictness())
    for _ in range(3):
        ask("SendMessage", QueueUrl=queue, MessageBody="look")
    assert sqs._receive_messages_for_esm(queue, 10)[0]["sys"].get("AWSTraceHeader") is None


def test_switched_off_it_goes_on_for_ever(run: Callable[[], int], queue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    end_loops(Strictness(loops=False))
    monkeypatch.setattr(lambda_svc, "_run_sqs_batch", loops._run)
    ask("SendMessage", QueueUrl=queue, MessageBody="look")
    assert run() == 3 * HOPS


def test_a_message_that_is_received_too_often_is_a_dead_letter(queue: str, dead_letters: str) -> None:
    ask("SendMessage", QueueUrl=queue, MessageBody="look")
    assert [bodies(queue) for _ in range(4)] == [["look"], ["look"], ["look"], []]
    assert bodies(dead_letters) == ["look"]


def test_a_message_is_forgotten_when_its_retention_is_over(queue: str) -> None:
    ask("SendMessage", QueueUrl=queue, MessageBody="look")
    sqs._queues[queue]["messages"][0]["sent_at"] = time.time() - 61
    assert bodies(queue) == []
