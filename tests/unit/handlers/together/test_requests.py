"""What each operation of the deployed functions costs in requests, and how many of them wait for another.

A change to one of these numbers is a change of the design.
tests/unit/together/test_budgets.py says what the reads are for.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from botocore.client import BaseClient

from chat.adapters.dynamodb.conversations import DynamoDBConversations, entry_item
from chat.adapters.threads import Threads
from chat.model.entries import EntryKind
from chat.model.identity import Principal, Role
from chat.protocol.frames import KNOWN
from tests import events
from tests.worlds.bills import BILLS, STRANGER, Bill
from tests.worlds.deployment import SELLER, VISITOR, Functions, seller_token
from tests.worlds.event_functions import (
    Courier,
    Office,
    Published,
    bus_events,
    conversation,
    entries_of,
    started_while_the_shop_was_down,
)
from tests.worlds.requests import POST, Requests
from tests.worlds.tables import CONVERSATIONS, SELLERS

CLOSING = {"GetItem": 1, "Query": 3, "TransactWriteItems": 1, "PostToConnection": 1}
KEY_READ_ONCE = "GetSecretValue"
"""The first call in a sandbox that needs a key reads it."""


@pytest.fixture
def contact(functions: Functions) -> str:
    """An open contact of a visitor and a seller who are both connected."""
    functions.connect(SELLER, "s1")
    functions.send(SELLER, "s1", action="presence", status="online")
    functions.connect(VISITOR, "v1")
    started = functions.send(VISITOR, "v1", action="InitChat", sellerId="123456", userInfo={"name": "Ana"})
    assert started["status"] == "open"
    return str(started["contact_id"])


@pytest.fixture
def requests(functions: Functions, contact: str, monkeypatch: pytest.MonkeyPatch) -> Requests:
    """The requests from here on; all before is done."""
    carry_out = BaseClient._make_api_call  # type: ignore[attr-defined]

    def item_of(table: str, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
        found: dict[str, Any] = carry_out(functions.dynamodb, "GetItem", {"TableName": table, "Key": key})
        return found.get("Item")

    seen = Requests(item_of)

    def noted(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        return seen.make(operation, parameters, lambda: carry_out(client, operation, parameters))

    monkeypatch.setattr(BaseClient, "_make_api_call", noted)
    monkeypatch.setattr(Threads, "run", seen.side_by_side(Threads.run))
    return seen


def _in_a_team(functions: Functions) -> None:
    functions.dynamodb.update_item(
        TableName=SELLERS,
        Key={"seller_id": {"S": "123456"}},
        UpdateExpression="SET team = :team",
        ExpressionAttributeValues={":team": {"S": "support"}},
    )


def _heard_of_long_ago(functions: Functions) -> None:
    """So that a heartbeat is news, also within a second of the one before."""
    functions.dynamodb.update_item(
        TableName=SELLERS,
        Key={"seller_id": {"S": "123456"}},
        UpdateExpression="SET heartbeat_at = :long_ago",
        ExpressionAttributeValues={":long_ago": {"N": "1"}},
    )


def test_to_connect_costs_one_write(functions: Functions, requests: Requests) -> None:
    functions.connect(VISITOR, "v2")

    assert (requests.counts, requests.steps) == ({"PutItem": 1}, 1)


def test_to_disconnect_costs_one_write(functions: Functions, requests: Requests) -> None:
    functions.disconnect(VISITOR, "v1")

    assert (requests.counts, requests.steps) == ({"DeleteItem": 1}, 1)


def test_the_last_connection_of_a_seller_costs_a_look_up_and_a_note_that_they_are_gone(
    functions: Functions, requests: Requests
) -> None:
    functions.disconnect(SELLER, "s1")

    assert (requests.counts, requests.steps) == ({"DeleteItem": 1, "Query": 1, "UpdateItem": 1}, 3)


@pytest.mark.parametrize("named", ["123456", "support"], ids=["a seller", "a team"])
def test_a_chat_that_is_given_to_a_seller_costs_nine_requests_in_four_steps_before_a_post(
    functions: Functions, requests: Requests, named: str
) -> None:
    _in_a_team(functions)
    requests.taken.clear()
    stranger = Principal("device-7c9e6679-7425-40de-944b-e07fc1f90ae7", Role.VISITOR)

    started = functions.send(stranger, "v2", action="InitChat", sellerId=named, userInfo={"name": "Bo"})

    assert started["status"] == "open"
    reads_of_the_team = {"Query": 1} if named == "support" else {}
    counts = {
        "UpdateItem": 2,  # the connection, the counter of openings
        "GetItem": 3,  # the pointer, the seller, whether the visitor is blocked
        "Query": 3,  # whether anybody waits, the connections of both
        "TransactWriteItems": 1,
        "PostToConnection": 1,  # of both entries
    }
    assert Counter(requests.counts) == Counter(counts) + Counter(reads_of_the_team)
    # A team is looked up once no seller of that name was found.
    assert requests.steps == 5 + (named == "support")


def test_a_chat_that_waits_reads_its_team_once(functions: Functions, requests: Requests) -> None:
    functions.send(SELLER, "s1", action="presence", status="away")
    stranger = Principal("device-7c9e6679-7425-40de-944b-e07fc1f90ae7", Role.VISITOR)
    requests.taken.clear()

    started = functions.send(stranger, "v2", action="InitChat", sellerId="123456", userInfo={"name": "Bo"})

    assert started["queue"] == {"position": 1, "out_of_hours": False}
    of_the_team = [each.operation for each in requests.taken if each.request.get("TableName") == SELLERS]
    assert of_the_team == ["GetItem", "Query"]


def test_a_chat_that_goes_on_costs_three_steps(functions: Functions, requests: Requests) -> None:
    functions.send(VISITOR, "v1", action="InitChat", sellerId="123456", userInfo={"name": "Ana"})

    assert requests.counts == {"UpdateItem": 1, "GetItem": 1, "Query": 1}
    assert requests.steps <= 3


def test_a_message_costs_two_reads_then_a_write_beside_two_look_ups_then_a_post(
    functions: Functions, requests: Requests, contact: str
) -> None:
    functions.send(VISITOR, "v1", action="sendMessage", contact_id=contact, message="Hello", id="m1", base=2)

    # Who may is known from one small item before anything else is read.
    assert requests.counts == {"GetItem": 1, "Query": 3, "PutItem": 1, "PostToConnection": 1}
    assert requests.steps <= 4


def test_a_receipt_that_rises_costs_two_reads_a_write_and_a_post_to_the_other_side(
    functions: Functions, requests: Requests, contact: str
) -> None:
    functions.send(SELLER, "s1", action="receipt", contact_id=contact, read=2)

    assert requests.counts == {"GetItem": 1, "Query": 3, "UpdateItem": 1, "PostToConnection": 1}


def test_typing_costs_two_reads_a_look_up_and_a_post(functions: Functions, requests: Requests, contact: str) -> None:
    functions.send(SELLER, "s1", action="typing", contact_id=contact)

    assert (requests.counts, requests.steps) == ({"GetItem": 1, "Query": 2, "PostToConnection": 1}, 4)


def test_a_receipt_that_comes_with_typing_costs_a_write_and_a_look_up_and_no_step_and_no_post(
    functions: Functions, requests: Requests, contact: str
) -> None:
    functions.send(SELLER, "s1", action="typing", contact_id=contact, read=2)

    counts = {"GetItem": 1, "Query": 3, "UpdateItem": 1, "PostToConnection": 1}
    assert (requests.counts, requests.steps) == (counts, 4)


@pytest.mark.parametrize(
    ("frame", "counts"),
    [
        pytest.param({"action": "sync", "after": 2}, {"GetItem": 1, "Query": 1}, id="sync"),
        pytest.param({"action": "ping"}, {}, id="ping"),
        pytest.param({"action": "inbox"}, {"Query": 1}, id="inbox"),
        pytest.param({"action": "closeChat"}, CLOSING, id="close"),
    ],
)
def test_an_operation_of_a_seller_costs(
    functions: Functions, requests: Requests, contact: str, frame: dict[str, Any], counts: dict[str, int]
) -> None:
    named = {} if frame["action"] in {"ping", "inbox"} else {"contact_id": contact}
    functions.send(SELLER, "s1", **frame, **named)

    assert requests.counts == counts


def test_to_say_that_one_is_there_costs_a_write_and_a_look_at_two_queues(
    functions: Functions, requests: Requests
) -> None:
    functions.send(SELLER, "s1", action="presence", status="online")

    assert requests.counts == {"UpdateItem": 1, "Query": 2}


def test_what_a_console_asks_every_minute_in_one_frame_costs_four_steps(
    functions: Functions, requests: Requests
) -> None:
    functions.send(SELLER, "s1", action="inbox", tails=True, queued=True, beat=True)

    beat = Counter({"UpdateItem": 1, "Query": 1})
    lists = Counter({"GetItem": 1, "Query": 3})
    assert (Counter(requests.counts), requests.steps) == (beat + lists, 4)


def test_to_take_who_waits_costs_what_it_costs_to_be_given_them(functions: Functions, requests: Requests) -> None:
    functions.send(SELLER, "s1", action="presence", status="away")
    visitor = Principal("device-7c9e6679-7425-40de-944b-e07fc1f90ae7", Role.VISITOR)
    functions.connect(visitor, "v2")
    waiting = functions.send(visitor, "v2", action="InitChat", sellerId="123456", userInfo={"name": "Bo"})
    assert waiting["status"] == "queued"
    requests.taken.clear()

    functions.send(SELLER, "s1", action="takeChat", contact_id=waiting["contact_id"], id="t1", base=2)

    assert requests.counts == {"GetItem": 2, "Query": 3, "TransactWriteItems": 1, "PostToConnection": 1}
    assert requests.steps == 5


# What it is billed by


NAMELESS = {
    "InitChat",
    "inbox",
    "presence",
    "team",
    "replies",
    "shareReply",
    "unblockVisitor",
    "blocks",
    "search",
    "signOut",
    "ping",
}
OF_THE_PAST = {"earlier", "readEarlier"}
READ = "GET /chats/{contact_id}/entries"


def followed(functions: Functions, contact: str) -> dict[str, str]:
    """A contact before which the visitor had another, which has ended."""
    functions.send(VISITOR, "v1", action="sendMessage", contact_id=contact, message="Hello")
    functions.send(VISITOR, "v1", action="closeChat", contact_id=contact)
    started = functions.send(VISITOR, "v1", action="InitChat", sellerId="123456", userInfo={"name": "Ana"})
    return {"contact_id": started["contact_id"], "earlier": contact}


@pytest.mark.parametrize("name", BILLS)
def test_an_action_costs_what_its_bill_says(functions: Functions, requests: Requests, contact: str, name: str) -> None:
    person, frame, bill = BILLS[name]
    action = name.partition(",")[0]
    named = {} if action in NAMELESS else {"contact_id": contact}
    if action in OF_THE_PAST:
        named = followed(functions, contact)
    functions.connect(Principal("colleague", Role.SELLER), "c1")
    functions.connect(STRANGER, "v9")
    for each, connection in ((VISITOR, "v1"), (SELLER, "s1")):
        functions.send(each, connection, action="sync", contact_id=named.get("contact_id", contact), after=2)
    if frame.get("beat"):
        _heard_of_long_ago(functions)
    requests.taken.clear()

    answer = functions.send(
        person, {VISITOR: "v1", SELLER: "s1", STRANGER: "v9"}[person], action=action, **frame, **named
    )

    assert answer.get("action") != "error"
    assert bill == Bill(
        requests.read_units,
        requests.write_units,
        requests.counts.get(POST, 0),
        requests.posted,
        len(json.dumps(answer)) if answer else 0,
        requests.steps,
    )


REST_BILLS: dict[str, tuple[str, dict[str, Any], Bill]] = {
    "send": (
        "POST /sendmessage",
        {"sellerId": "123456", "message": "Hello", "id": "m1", "base": 2},
        Bill(reads=2, writes=1, posts=1, posted=222, answered=144, steps=3),
    ),
    "start, again": (
        "POST /chats",
        {"sellerId": "123456", "userInfo": {"name": "Ana"}},
        Bill(reads=2, answered=280, steps=2),
    ),
    "receipts": (
        "POST /chats/{contact_id}/receipts",
        {"delivered": 2, "read": 2},
        Bill(reads=2, writes=1, posts=1, posted=112, answered=91, steps=3),
    ),
    "read": (READ, {}, Bill(reads=1, answered=489, steps=1)),
    "identify": (
        "POST /chats/{contact_id}/identify",
        {"userInfo": {"plan": "gold"}, "id": "m1", "base": 2},
        Bill(reads=2, writes=1, posts=1, posted=239, answered=141, steps=3),
    ),
    "close": (
        "POST /chats/{contact_id}/close",
        {"id": "m1", "base": 2},
        Bill(reads=2, writes=9, posts=1, posted=207, answered=142, steps=3),
    ),
}
"""The calls of a visitor who has no connection, whose seller has one, to a function that has met them."""


@pytest.mark.parametrize("name", REST_BILLS)
def test_a_call_over_rest_costs_what_its_bill_says(
    functions: Functions, requests: Requests, contact: str, name: str
) -> None:
    route, body, bill = REST_BILLS[name]
    functions.disconnect(VISITOR, "v1")
    named = {"contact_id": contact} if route == "POST /sendmessage" else {}
    path = {"contact_id": contact} if "{" in route else None
    functions.ask(events.call(READ, bearer=VISITOR.user_id, path={"contact_id": contact}, query={"after": "2"}))
    requests.taken.clear()

    answer = functions.ask(events.call(route, {**body, **named}, bearer=VISITOR.user_id, path=path))

    assert answer["statusCode"] == 200
    assert bill == Bill(
        requests.read_units,
        requests.write_units,
        requests.counts.get(POST, 0),
        requests.posted,
        len(answer["body"]),
        requests.steps,
    )


def test_a_call_that_starts_a_chat_costs_ten_requests(functions: Functions, requests: Requests) -> None:
    device = "device-7c9e6679-7425-40de-944b-e07fc1f90ae7"
    body = {"sellerId": "123456", "userInfo": {"name": "Bo"}}

    answer = functions.ask(events.call("POST /chats", body, bearer=device))

    assert json.loads(answer["body"])["status"] == "open"
    # What the frame does but for the connection; a seller of no team is looked for among the teams, too.
    counts = {"UpdateItem": 1, "GetItem": 3, "Query": 4, "TransactWriteItems": 1, POST: 1}
    assert (requests.counts, requests.steps) == (counts, 6)


def test_a_first_message_over_rest_costs_what_its_start_costs_and_what_a_message_does(
    functions: Functions, requests: Requests
) -> None:
    answer = functions.ask(events.call("POST /sendmessage", {"sellerId": "123456", "message": "Hello", "id": "m1"}))

    assert answer["statusCode"] == 200
    started = Counter({"UpdateItem": 1, "GetItem": 3, "Query": 4, "TransactWriteItems": 1, POST: 1})
    said = Counter({"GetItem": 1, "Query": 3, "PutItem": 1, POST: 1})
    # Before both it is looked for what the caller has with this name.
    assert Counter(requests.counts) == started + said + Counter({"GetItem": 1})


def test_a_ticket_costs_one_write(functions: Functions, requests: Requests) -> None:
    answer = functions.ask(events.call("POST /tickets", bearer=seller_token()))

    assert answer["statusCode"] == 200
    assert requests.counts["PutItem"] == 1
    assert requests.counts.keys() <= {"PutItem", KEY_READ_ONCE}


def test_to_connect_with_a_ticket_costs_one_write_more(functions: Functions, requests: Requests) -> None:
    ticket = json.loads(functions.ask(events.call("POST /tickets", bearer=seller_token()))["body"])["ticket"]
    requests.taken.clear()

    policy = functions.authorize(events.authorizer(userId="123456", ticket=ticket))

    assert policy["context"]["role"] == "seller"
    assert (requests.counts, requests.steps) == ({"DeleteItem": 1}, 1)


def test_what_a_page_reports_costs_nothing(functions: Functions, requests: Requests) -> None:
    answer = functions.ask(
        events.call("POST /reports", {"reconnects": 2, "failed_sends": 1, "slowest_send_ms": 12_000})
    )

    assert answer["statusCode"] == 200
    assert requests.counts == {}


@pytest.mark.parametrize("body", ['{"action": "dance"}', "[", None], ids=["unknown", "broken", "empty"])
def test_a_frame_that_has_no_route_costs_nothing(functions: Functions, requests: Requests, body: str | None) -> None:
    answer = functions.send_raw(VISITOR, "v1", body, route="fallback")

    assert answer["action"] == "error"
    assert requests.counts == {}


# Of what nobody calls


def test_to_ask_who_a_visitor_is_costs_nothing(functions: Functions, requests: Requests) -> None:
    policy = functions.authorize(events.authorizer(userId=VISITOR.user_id))

    assert policy["context"]["userId"] == VISITOR.user_id
    assert requests.counts == {}


@pytest.mark.parametrize(("entries", "calls"), [(1, 1), (10, 1), (22, 3)])
def test_to_publish_costs_one_look_at_who_was_erased_and_a_call_for_every_ten_entries(
    published: Published, requests: Requests, entries: int, calls: int
) -> None:
    assert published.handle(events.stream(entries_of(published.items)[:entries])) == []

    assert requests.counts == {"BatchGetItem": 1, "PutEvents": calls}


@pytest.mark.enable_socket
def test_to_bring_an_event_costs_one_look_at_who_was_erased_and_one_call_of_the_shop(
    courier: Courier, requests: Requests
) -> None:
    told = bus_events(conversation())

    assert courier.bring(*told) == []

    assert requests.counts["BatchGetItem"] == len(told)
    assert requests.counts.keys() <= {"BatchGetItem", KEY_READ_ONCE}
    assert [path for path, _ in courier.shop.calls] == ["/events"] * len(told)


@pytest.mark.enable_socket
def test_to_bring_what_began_unknown_to_the_shop_costs_one_call_more(courier: Courier, requests: Requests) -> None:
    system, _ = started_while_the_shop_was_down()

    assert courier.bring(bus_events(system)[0]) == []

    assert requests.counts["BatchGetItem"] == 1
    assert requests.counts.keys() <= {"BatchGetItem", KEY_READ_ONCE}
    assert [path for path, _ in courier.shop.calls] == ["/contacts", "/events"]


def test_what_the_attendant_hears_of_a_contact_that_was_given_to_a_seller_costs_two_schedules(
    office: Office, requests: Requests
) -> None:
    office.employ("ana")
    assigned = office.newest(office.start(1))
    requests.taken.clear()

    office.hear(assigned)

    # It has a check-up since it began, which is put where it belongs.
    assert requests.counts == {"Query": 4, "GetItem": 1, "CreateSchedule": 1, "UpdateSchedule": 1}


def test_a_check_up_for_which_it_is_too_early_costs_a_schedule(office: Office, requests: Requests) -> None:
    office.employ("ana")
    contact = office.start(1)
    office.hear(office.newest(contact))
    requests.taken.clear()

    office.check_up(contact)

    assert requests.counts == {"Query": 4, "GetItem": 1, "UpdateSchedule": 1}


def test_what_the_attendant_hears_of_a_contact_that_has_to_wait_costs_at_most_thirty_reads(
    office: Office, requests: Requests
) -> None:
    office.employ("ana")
    waiting = [office.newest(office.start(number)) for number in range(2)][-1]
    for receives in (1, 2):
        requests.taken.clear()
        office.hear(waiting, receives=receives)

        counts = requests.counts
        assert counts.get("Query", 0) + counts.get("GetItem", 0) <= 30
        assert counts.keys() <= {"Query", "GetItem", "CreateSchedule", "UpdateSchedule", "ChangeMessageVisibility"}


@pytest.mark.parametrize("base", [0, 1, 15, 999_999], ids=["none", "the first", "far back", "a lie"])
def test_a_base_that_lies_or_is_old_costs_at_most_four_read_units_of_the_log(
    functions: Functions, requests: Requests, contact: str, base: int
) -> None:
    newest = DynamoDBConversations(functions.dynamodb, CONVERSATIONS, SELLERS).latest(contact).newest
    assert newest
    for seq in range(3, 33):
        said = replace(newest, seq=seq, kind=EntryKind.MESSAGE, id=f"m-{seq}", text="Is this one still there?")
        functions.dynamodb.put_item(TableName=CONVERSATIONS, Item=entry_item(said))
    requests.taken.clear()

    functions.send(VISITOR, "v1", action="sendMessage", contact_id=contact, message="Hello", id="m1", base=base)

    # Beside them the one of who may, and a half for each side's connections.
    of_the_log = [each for each in requests.taken if each.operation == "Query" and "ConsistentRead" in each.request]
    assert sum(each.read_units for each in of_the_log) <= 4


def test_every_action_has_a_bill() -> None:
    assert {name.partition(",")[0] for name in BILLS} == {frame.action for frame in KNOWN.values()}
