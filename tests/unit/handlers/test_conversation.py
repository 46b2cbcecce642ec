"""Frames in, answers out: API Gateway's events with DynamoDB behind."""

from __future__ import annotations

import importlib
import json

import pytest

from chat.model.identity import Principal, Role
from chat.protocol.frames import UNANSWERED
from tests import events
from tests.worlds.deployment import SELLER, VISITOR, Functions
from tests.worlds.tables import CONVERSATIONS


def test_a_chat_from_the_first_frame_to_the_last(functions: Functions) -> None:
    functions.connect(VISITOR, "v1")
    functions.connect(SELLER, "s1")
    functions.connect(SELLER, "s2")
    functions.connections.gone.add("s2")

    contact_id = functions.send(VISITOR, "v1", action="InitChat", sellerId="123456", userInfo={})["contact_id"]
    sent = functions.send(VISITOR, "v1", action="sendMessage", to="123456", message="Hello", id="m1", base=2)
    answered = functions.send(SELLER, "s1", action="sendMessage", to=f"visitor-{contact_id}", message="Hi")
    closed = functions.send(SELLER, "s1", action="closeChat", contact_id=contact_id)
    read = functions.send(VISITOR, "v1", action="sync", contact_id=contact_id, after=0)

    assert [reply["seq"] for reply in (sent, answered, closed)] == [3, 4, 5]
    assert [entry["kind"] for entry in read["entries"]] == ["opened", "assigned", "message", "message", "closed"]
    assert [frame["action"] for frame in functions.connections.posted["s1"]] == ["entry", "sendMessage"]
    assert [frame["action"] for frame in functions.connections.posted["v1"]] == ["sendMessage", "entry"]
    assert functions.stored_connections() == {"v1", "s1"}


def test_a_frame_that_the_protocol_answers_with_nothing_has_no_body(functions: Functions) -> None:
    contact_id = functions.send(VISITOR, "v1", action="InitChat", sellerId="123456", userInfo={})["contact_id"]

    assert functions.send(VISITOR, "v1", action="typing", contact_id=contact_id) == {}


def test_an_expired_session_is_told_so(functions: Functions) -> None:
    reply = functions.send(Principal("123456", Role.SELLER, expires_at=1), "s1", action="inbox")

    assert reply["code"] == "session_expired"


def test_a_table_that_is_gone_is_answered_with_try_again(functions: Functions) -> None:
    functions.dynamodb.delete_table(TableName=CONVERSATIONS)

    reply = functions.send(VISITOR, "v1", action="InitChat", sellerId="123456", userInfo={})

    assert reply["code"] == "try_again"


def test_a_frame_with_two_actions_cannot_come_by_the_throttle_of_one_and_do_the_other(functions: Functions) -> None:
    body = '{"action": "sync", "action": "InitChat", "sellerId": "123456", "userInfo": {}}'
    event = events.message(VISITOR, "v1", body)
    event["requestContext"]["routeKey"] = "sync"

    answer = json.loads(importlib.import_module("handlers.conversation").handle(event, None)["body"])

    assert (answer["code"], answer["reason"]) == ("bad_frame", "Send one 'action', not several.")


@pytest.mark.parametrize("action", sorted(UNANSWERED))
def test_what_is_wrong_with_a_frame_that_is_not_answered_is_posted(functions: Functions, action: str) -> None:
    functions.connect(VISITOR, "v1")
    event = events.message(VISITOR, "v1", json.dumps({"action": action, "contact_id": "no-such-contact"}))

    answer = importlib.import_module("handlers.conversation").handle(event, None)

    assert answer == {"statusCode": 200}
    assert [(frame["of"], frame["code"]) for frame in functions.connections.posted["v1"]] == [(action, "forbidden")]


def test_what_is_wrong_is_posted_in_vain_where_the_connection_has_gone(functions: Functions) -> None:
    functions.connections.gone.add("v1")
    event = events.message(VISITOR, "v1", json.dumps({"action": "typing", "contact_id": "no-such-contact"}))

    assert importlib.import_module("handlers.conversation").handle(event, None) == {"statusCode": 200}
