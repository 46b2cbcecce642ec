"""Check-ups as schedules, as moto and AWS keep them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from chat.adapters.schedules import Schedules

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

QUEUE = "arn:aws:sqs:eu-central-1:123456789012:check-ups"
ROLE = "arn:aws:iam::123456789012:role/check-ups"
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def client(aws_environment: pytest.MonkeyPatch) -> Iterator[EventBridgeSchedulerClient]:
    """An empty group of schedules."""
    with mock_aws():
        client = boto3.client("scheduler")
        client.create_schedule_group(Name="chat")
        yield client


@pytest.fixture
def schedules(client: EventBridgeSchedulerClient) -> Schedules:
    return Schedules(client, group="chat", queue_arn=QUEUE, role_arn=ROLE)


def kept(client: EventBridgeSchedulerClient) -> list[Any]:
    names = [each["Name"] for each in client.list_schedules(GroupName="chat")["Schedules"]]
    return [client.get_schedule(GroupName="chat", Name=name) for name in names]


def test_a_contact_has_one_schedule_however_often_it_is_put_off(
    schedules: Schedules, client: EventBridgeSchedulerClient
) -> None:
    for minutes in (5, 1, 30):
        schedules.put("c-1", NOON + timedelta(minutes=minutes))

    (schedule,) = kept(client)
    assert (schedule["Name"], schedule["ScheduleExpression"]) == ("c-1", "at(2026-11-28T12:30:01)")
    assert (schedule["Target"]["Arn"], schedule["Target"]["RoleArn"]) == (QUEUE, ROLE)
    assert json.loads(schedule["Target"]["Input"]) == {"contact_id": "c-1"}
    # Deleted by AWS some time after it fired, it would take with it what it was put off to meanwhile.
    assert schedule["ActionAfterCompletion"] == "NONE"


def test_it_is_never_earlier_than_asked_and_in_universal_time(
    schedules: Schedules, client: EventBridgeSchedulerClient
) -> None:
    schedules.put("c-1", datetime(2026, 11, 28, 13, 0, 0, 1, tzinfo=timezone(timedelta(hours=1))))

    (schedule,) = kept(client)
    assert schedule["ScheduleExpression"] == "at(2026-11-28T12:00:01)"
    assert schedule["ScheduleExpressionTimezone"] == "UTC"


def test_what_is_removed_is_gone_and_may_be_removed_again(
    schedules: Schedules, client: EventBridgeSchedulerClient
) -> None:
    schedules.put("c-1", NOON)
    schedules.put("c-2", NOON)

    schedules.remove("c-1")
    schedules.remove("c-1")

    assert [each["Name"] for each in kept(client)] == ["c-2"]


def test_an_id_that_no_schedule_may_be_named_has_one_all_the_same(
    schedules: Schedules, client: EventBridgeSchedulerClient
) -> None:
    schedules.put("shop:1", NOON)
    schedules.put("shop:2", NOON)

    assert {json.loads(each["Target"]["Input"])["contact_id"] for each in kept(client)} == {"shop:1", "shop:2"}
    assert all(len(each["Name"]) == 64 for each in kept(client))
    schedules.remove("shop:1")
    assert len(kept(client)) == 1


def test_two_who_begin_at_once_make_one_schedule(
    schedules: Schedules, client: EventBridgeSchedulerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    update, missing = client.update_schedule, [True]

    def too_early(**schedule: Any) -> Any:
        answer = None
        try:
            answer = update(**schedule)
        finally:
            if missing.pop() if missing else False:
                client.create_schedule(**schedule)
        return answer

    monkeypatch.setattr(client, "update_schedule", too_early)
    schedules.put("c-1", NOON)

    assert len(kept(client)) == 1
