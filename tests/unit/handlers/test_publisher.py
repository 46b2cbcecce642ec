"""From the table's stream to the bus: every entry once, in order; what can never be told is set aside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests import events
from tests.worlds import functions
from tests.worlds.event_functions import Published, accepted, entries_of, forget_whose
from tests.worlds.tables import CONVERSATIONS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def test_every_entry_is_published_once_in_the_order_of_the_log_ten_at_a_time(published: Published) -> None:
    assert published.handle(events.stream(entries_of(published.items))) == []

    contact_id = entries_of(published.items)[0]["contact_id"]["S"]
    assert [len(call["Entries"]) for call in published.bus.sent] == [10, 10, 2]
    assert published.ids == [f"{contact_id}/{seq}" for seq in range(1, 23)]
    first = published.bus.sent[0]["Entries"][0]
    assert (first["EventBusName"], first["Source"], first["DetailType"]) == (
        functions.BUS,
        "seller-chat",
        "contact.opened",
    )


def test_what_is_no_new_entry_is_no_event(published: Published) -> None:
    others = [item for item in published.items if not item["item"]["S"].startswith("entry#")]
    assert {item["item"]["S"] for item in others} == {"head", "pointer"}

    assert published.handle(events.stream(others)) == []
    assert published.handle(events.stream(entries_of(published.items), kind="REMOVE")) == []
    assert published.bus.sent == []


def test_the_stream_goes_on_from_the_first_entry_that_the_bus_refused(published: Published) -> None:
    refused = [{"EventId": str(number)} for number in range(10)]
    refused[3] = {"ErrorCode": "ThrottlingException"}
    published.bus.answers = [
        (200, accepted({"Entries": [{}] * 10})),
        (200, {"FailedEntryCount": 1, "Entries": refused}),
    ]

    assert published.handle(events.stream(entries_of(published.items))) == [f"{14:021}"]
    assert len(published.bus.sent) == 2


def test_a_bus_that_fails_altogether_gets_the_whole_batch_again(published: Published) -> None:
    published.bus.answers = [(400, {"__type": "InternalException"})] * 3

    assert published.handle(events.stream(entries_of(published.items))) == [f"{1:021}"]


def of_a_later_version(item: dict[str, Any]) -> dict[str, Any]:
    """An entry of a kind that this version does not know."""
    return {**item, "kind": {"S": "sung"}}


def test_an_entry_that_cannot_be_read_is_set_aside_and_holds_up_none_of_the_others(published: Published) -> None:
    entries = entries_of(published.items)
    hundred = [*entries[2:]] * 5
    hundred[50] = of_a_later_version(hundred[50])

    assert published.handle(events.stream(hundred)) == []
    assert len(published.ids) == 99
    ((reason, letter),) = published.set_aside
    assert reason == "unreadable: ValueError"
    assert letter["dynamodb"]["NewImage"] == hundred[50]


def test_what_the_bus_will_never_take_is_set_aside_and_the_rest_goes_on(published: Published) -> None:
    answers = [{"EventId": str(number)} for number in range(10)]
    answers[3] = {"ErrorCode": "MalformedDetail"}
    published.bus.answers = [(200, {"FailedEntryCount": 1, "Entries": answers})]

    assert published.handle(events.stream(entries_of(published.items))) == []
    assert len(published.ids) == 22
    ((reason, letter),) = published.set_aside
    assert reason == "refused: MalformedDetail"
    assert letter["dynamodb"]["NewImage"] == entries_of(published.items)[3]


def test_what_comes_again_is_not_set_aside_before_its_turn(published: Published) -> None:
    entries = entries_of(published.items)
    entries[20] = of_a_later_version(entries[20])
    published.bus.answers = [(200, {"FailedEntryCount": 10, "Entries": [{"ErrorCode": "InternalFailure"}] * 10})]

    assert published.handle(events.stream(entries)) == [f"{1:021}"]
    assert published.set_aside == []


def test_what_cannot_even_be_set_aside_comes_again(published: Published) -> None:
    entries = entries_of(published.items)
    entries[4] = of_a_later_version(entries[4])
    published.dead_letters.answers = [(400, {"__type": "AccessDenied"})] * 3

    assert published.handle(events.stream(entries)) == [f"{5:021}"]


def test_what_was_set_aside_is_published_once_it_is_brought_back(published: Published) -> None:
    entry, other = entries_of(published.items)[2:4]
    letters = [{"dynamodb": {"NewImage": each}} for each in (entry, of_a_later_version(other))]

    assert published.handle(events.from_queue(*letters, "no letter")) == ["message-2", "message-3"]
    assert published.ids == [f"{entry['contact_id']['S']}/3"]
    assert published.set_aside == []


def test_what_the_bus_refuses_once_more_stays_with_the_queue(published: Published) -> None:
    letter = {"dynamodb": {"NewImage": entries_of(published.items)[2]}}
    published.bus.answers = [(200, {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "MalformedDetail"}]})]

    assert published.handle(events.from_queue(letter)) == ["message-1"]


def test_of_a_visitor_who_was_erased_meanwhile_only_what_frees_sellers_is_published(
    published: Published, dynamodb: DynamoDBClient
) -> None:
    entries = entries_of(published.items)
    contact_id = entries[0]["contact_id"]["S"]
    forget_whose(dynamodb, contact_id)

    assert published.handle(events.stream(entries)) == []
    assert published.handle(events.from_queue({"dynamodb": {"NewImage": entries[2]}})) == []

    assert published.ids == [f"{contact_id}/{seq}" for seq in (*range(1, 23), 3)]
    details = [json.loads(entry["Detail"])["data"] for call in published.bus.sent for entry in call["Entries"]]
    assert {name for each in details for name in each} == {
        "contact_id", "seq", "kind", "from", "timestamp", "status", "seller_id", "requested"
    }  # fmt: skip
    assert "Message" not in json.dumps(published.bus.sent)


def test_nothing_of_a_visitor_who_was_erased_is_set_aside(published: Published, dynamodb: DynamoDBClient) -> None:
    entries = entries_of(published.items)
    entries[20] = of_a_later_version(entries[20])
    forget_whose(dynamodb, entries[0]["contact_id"]["S"])

    assert published.handle(events.stream(entries)) == []
    assert published.set_aside == []


def test_while_nobody_says_who_was_erased_nothing_is_published(published: Published, dynamodb: DynamoDBClient) -> None:
    dynamodb.delete_table(TableName=CONVERSATIONS)

    assert published.handle(events.stream(entries_of(published.items))) == [f"{1:021}"]
    assert published.handle(events.from_queue({"dynamodb": {"NewImage": entries_of(published.items)[0]}})) != []
    assert published.bus.sent == []
