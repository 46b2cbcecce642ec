"""What an erasure does outside the tables: letters that wait for a person are deleted, and others hear of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from chat.adapters.dead_letters import LettersOfVisitors
from chat.adapters.event_bridge import CONTACTS_AN_EVENT, EventBus, News
from chat.ports.visitors import NotToldError
from tests.doubles.machine import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class Erased:
    """Knows of one contact that it was erased."""

    def among(self, contact_ids: Collection[str]) -> frozenset[str]:
        return frozenset(contact_ids) & {"erased"}


@pytest.fixture
def sqs(aws_environment: pytest.MonkeyPatch) -> Iterator[SQSClient]:
    with mock_aws():
        yield boto3.client("sqs")


def letters_of(contact_id: str) -> list[str]:
    """All shapes in which a contact's text may wait for a person."""
    return [
        json.dumps({"detail": {"id": f"{contact_id}/3", "data": {"contact_id": contact_id, "message": "canary"}}}),
        json.dumps({"contact_id": contact_id}),
        json.dumps({"dynamodb": {"NewImage": {"contact_id": {"S": contact_id}, "text": {"S": "canary"}}}}),
    ]


def test_letters_of_erased_contacts_are_deleted_from_every_queue_and_all_others_are_seen_at_once(
    sqs: SQSClient,
) -> None:
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("one", "two")]
    others = [*letters_of("other"), "no letter", "[]", json.dumps({"DDBStreamBatchInfo": {"shardId": "s"}})]
    for url in urls:
        for body in [*letters_of("erased"), *others] * 2:
            sqs.send_message(QueueUrl=url, MessageBody=body)

    assert LettersOfVisitors(sqs, urls, Erased()).forget() == 12

    for url in urls:
        left: list[str] = []
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            left += [each["Body"] for each in found]
        assert sorted(left) == sorted(others * 2)


class Bus:
    """EventBridge: takes everything, or refuses it."""

    def __init__(self, code: str | None = None) -> None:
        self.code = code
        self.details: list[Any] = []

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - as in boto3
        self.details += [json.loads(each["Detail"]) for each in Entries]
        return {"Entries": [{"ErrorCode": self.code} if self.code else {"EventId": "1"} for _ in Entries]}


def news_on(bus: Any) -> News:
    return News(EventBus(bus, "bus"), FakeClock())


def test_others_hear_who_was_erased_in_events_that_are_not_too_large() -> None:
    bus = Bus()
    contacts = [f"{number:064}" for number in range(CONTACTS_AN_EVENT + 1)]

    news_on(bus).erased("v-1", contacts)

    assert [each for event in bus.details for each in event["data"]["contact_ids"]] == contacts
    assert {event["type"] for event in bus.details} == {"visitor.erased"}
    assert {event["data"]["visitor"] for event in bus.details} == {"v-1"}
    assert len({event["id"] for event in bus.details}) == len(bus.details) == 2
    # The example back end takes bodies of 128 KB, and ids of 255 visible characters.
    assert max(len(json.dumps(event)) for event in bus.details) < 128 * 1024
    assert max(len(event["id"]) for event in bus.details) <= 255


@pytest.mark.parametrize("code", ["ThrottlingException", "MalformedDetail"])
def test_a_bus_that_does_not_take_it_is_no_erasure(code: str) -> None:
    with pytest.raises(NotToldError, match="erase once more"):
        news_on(Bus(code)).erased("v-1", ["contact-1"])
