"""The functions as Lambda runs them: API Gateway's events in, its responses out, DynamoDB on moto behind."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
import pytest

from chat.access.tokens import TOLERANCE_SECONDS
from chat.adapters.json_journal import ALLOWED_FIELDS
from chat.model.identity import Principal, Role
from tests import events
from tests.worlds.deployment import Functions
from tests.worlds.functions import KEY
from tests.worlds.tables import CONNECTIONS, CONVERSATIONS

DEVICE = "canary-device-0f8fad5b-d9cb-469f-a165-70867728950e"
VISITOR = Principal(DEVICE, Role.VISITOR)
SELLER = Principal("123456", Role.SELLER, expires_at=int(time.time()) + 3600)


def token(key: str = KEY, algorithm: str = "HS256", **claims: object) -> str:
    good = {"sub": "123456", "role": "seller", "iss": "seller-chat", "aud": "seller-chat", "exp": time.time() + 3600}
    return jwt.encode({**good, **claims}, key, algorithm)


def with_token(offered: str, user_id: str = "123456") -> events.Event:
    event = events.authorizer(userId=user_id)
    event["headers"]["Sec-WebSocket-Protocol"] = f"seller-chat, {offered}"
    return event


def effect(policy: Mapping[str, Any]) -> str:
    (statement,) = policy["policyDocument"]["Statement"]
    assert statement["Action"] == "execute-api:Invoke"
    return str(statement["Effect"])


# Authorizer


def test_a_visitor_is_let_in_for_this_connection_only(functions: Functions) -> None:
    event = events.authorizer(userId=DEVICE)

    policy = functions.authorize(event)

    assert effect(policy) == "Allow"
    assert policy["policyDocument"]["Statement"][0]["Resource"] == event["methodArn"]
    assert policy["context"] == {"userId": DEVICE, "role": "visitor"}


def test_access_logs_do_not_learn_the_device_id(functions: Functions) -> None:
    assert functions.authorize(events.authorizer(userId=DEVICE))["principalId"] == "visitor"


def test_a_seller_is_let_in_by_the_token_and_until_it_ends(functions: Functions) -> None:
    ends = int(time.time()) + 600

    policy = functions.authorize(with_token(token(exp=ends)))

    assert effect(policy) == "Allow"
    assert policy["context"] == {"userId": "123456", "role": "seller", "expiresAt": str(ends + TOLERANCE_SECONDS)}


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(with_token(token(key="another-key-" * 6)), id="a wrong key"),
        pytest.param(with_token(token(exp=1)), id="an expired token"),
        pytest.param(with_token(token(key="", algorithm="none")), id="an unsigned token"),
        pytest.param(with_token(token(aud="another-service")), id="another audience"),
        pytest.param(with_token(token(role="visitor")), id="another role"),
        pytest.param(with_token(token(), user_id="654321"), id="another seller's userId"),
        pytest.param(with_token("nonsense"), id="no token at all"),
        pytest.param(events.authorizer(userId="a b"), id="a malformed userId"),
        pytest.param(events.authorizer(somethingElse="1"), id="no userId"),
        pytest.param({**events.authorizer(), "queryStringParameters": None}, id="no query string"),
    ],
)
def test_nobody_is_let_in_with(functions: Functions, event: events.Event) -> None:
    policy = functions.authorize(event)

    assert effect(policy) == "Deny"
    assert "context" not in policy


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://shop.example", "Allow"),
        ("https://www.shop.example", "Allow"),
        ("https://evil.example", "Deny"),
        ("https://shop.example.evil.example", "Deny"),
        (None, "Allow"),
    ],
)
def test_pages_connect_from_the_shops_origins_only(functions: Functions, origin: str | None, expected: str) -> None:
    event = events.authorizer(userId=DEVICE)
    del event["headers"]["Origin"]
    if origin:
        event["headers"]["origin"] = origin

    assert effect(functions.authorize(event)) == expected


# Connection


def test_a_connection_is_stored_for_one_hour_more_than_it_can_last(functions: Functions) -> None:
    assert functions.connect(VISITOR, "c1") == {"statusCode": 200}

    (item,) = functions.dynamodb.scan(TableName=CONNECTIONS)["Items"]
    assert (item["userId"], item["role"]) == ({"S": DEVICE}, {"S": "visitor"})
    assert 3 * 3600 - 60 < int(item["expiresAt"]["N"]) - time.time() <= 3 * 3600


def test_who_is_stored_is_whom_the_authorizer_proved_not_whom_the_query_string_names(functions: Functions) -> None:
    event = events.connect(SELLER, "c1")
    event["queryStringParameters"] = {"userId": "somebody-else"}

    functions._call("connection", event)

    (item,) = functions.dynamodb.scan(TableName=CONNECTIONS)["Items"]
    assert (item["userId"], item["role"]) == ({"S": "123456"}, {"S": "seller"})


def test_the_harmless_subprotocol_is_answered_and_never_the_token(functions: Functions) -> None:
    response = functions.connect(SELLER, "c1", subprotocols=f"seller-chat, {token()}")

    assert response == {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "seller-chat"}}


def test_a_connection_that_closed_is_forgotten_and_that_twice_does_no_harm(functions: Functions) -> None:
    functions.connect(VISITOR, "c1")
    functions.connect(VISITOR, "c2")

    assert functions.disconnect(VISITOR, "c1") == functions.disconnect(VISITOR, "c1") == {"statusCode": 200}
    assert functions.stored_connections() == {"c2"}


def test_a_connection_that_cannot_be_stored_is_refused(functions: Functions) -> None:
    functions.dynamodb.delete_table(TableName=CONNECTIONS)

    assert functions.connect(VISITOR, "c1") == {"statusCode": 500}


@pytest.mark.parametrize("action", ["$connect", "$disconnect"])
def test_a_frame_that_names_a_connection_route_opens_and_closes_nothing(functions: Functions, action: str) -> None:
    functions.connect(VISITOR, "c1")

    reply = functions.send_raw(VISITOR, "c1", json.dumps({"action": action}), route="connection")

    assert reply["code"] == "unknown_action"
    assert functions.stored_connections() == {"c1"}


# Conversation


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
    assert [frame["action"] for frame in functions.connections.posted["s1"]] == ["entry", "entry", "sendMessage"]
    assert [frame["action"] for frame in functions.connections.posted["v1"]] == ["sendMessage", "entry"]
    assert functions.stored_connections() == {"v1", "s1"}


def test_a_frame_that_the_protocol_answers_with_nothing_has_no_body(functions: Functions) -> None:
    contact_id = functions.send(VISITOR, "v1", action="InitChat", sellerId="123456", userInfo={})["contact_id"]

    assert functions.send(VISITOR, "v1", action="typing", contact_id=contact_id) == {}


@pytest.mark.parametrize("route", ["conversation", "fallback"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "bad_frame"),
        ("", "bad_frame"),
        ("not JSON", "bad_frame"),
        ("[]", "bad_frame"),
        ("{}", "missing_field"),
        ('{"action": "nonsense"}', "unknown_action"),
        ('{"action": "sendMessage"}', "missing_field"),
        ('{"action": "sync", "contact_id": 1, "after": 0}', "bad_field"),
        (json.dumps({"action": "ping", "padding": "x" * 20_000}), "too_large"),
    ],
)
def test_whatever_comes_is_answered_with_an_error_of_the_protocol(
    functions: Functions, body: str | None, code: str, route: str
) -> None:
    reply = functions.send_raw(VISITOR, "v1", body, route=route)

    assert (reply["action"], reply["code"]) == ("error", code)
    assert reply["reason"]


@pytest.mark.parametrize("module", ["conversation", "fallback"])
def test_a_binary_frame_is_refused(functions: Functions, module: str) -> None:
    response = functions._call(module, events.message(VISITOR, "v1", "eyJhY3Rpb24iOiJwaW5nIn0=", is_binary=True))

    assert json.loads(response["body"])["code"] == "bad_frame"


@pytest.mark.parametrize("module", ["conversation", "fallback"])
def test_an_error_says_which_frame_it_is_about(functions: Functions, module: str) -> None:
    reply = functions.send_raw(VISITOR, "v1", '{"action": "nonsense", "id": "m1", "contact_id": "c"}', route=module)

    assert (reply["of"], reply["id"], reply["contact_id"]) == ("nonsense", "m1", "c")


def test_an_expired_session_is_told_so(functions: Functions) -> None:
    reply = functions.send(Principal("123456", Role.SELLER, expires_at=1), "s1", action="inbox")

    assert reply["code"] == "session_expired"


def test_a_table_that_is_gone_is_answered_with_try_again(functions: Functions) -> None:
    functions.dynamodb.delete_table(TableName=CONVERSATIONS)

    reply = functions.send(VISITOR, "v1", action="InitChat", sellerId="123456", userInfo={})

    assert reply["code"] == "try_again"


# Fallback


def test_a_ping_is_answered_where_no_mock_integration_can(functions: Functions) -> None:
    assert functions.send_raw(VISITOR, "v1", '{"action": "ping"}', route="fallback") == {"action": "pong"}


def test_an_action_without_a_route_is_unknown(functions: Functions) -> None:
    reply = functions.send_raw(VISITOR, "v1", '{"action": "inbox"}', route="fallback")

    assert (reply["code"], reply["of"]) == ("unknown_action", "inbox")


# Journal


def test_no_log_line_holds_a_text_a_token_a_device_id_or_what_a_visitor_told(
    functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    canaries = {"text": "canary-text", "info": "canary-info", "token": token(aud="canary-audience")}
    functions.authorize(with_token(canaries["token"]))
    functions.authorize(with_token(token(), user_id=DEVICE))
    functions.authorize(events.authorizer(userId=f"{DEVICE} "))
    functions.connect(VISITOR, "v1")
    functions.connect(SELLER, "s1", subprotocols=f"seller-chat, {token()}")
    functions.connections.gone.add("s1")

    started = functions.send(VISITOR, "v1", action="InitChat", sellerId="123456", userInfo={"name": canaries["info"]})
    for frame in (
        {"action": "sendMessage", "contact_id": started["contact_id"], "message": canaries["text"]},
        {"action": "sendMessage", "contact_id": "missing", "message": canaries["text"]},
        {"action": "sendMessage", "to": DEVICE, "message": canaries["text"]},
        {"action": canaries["text"]},
        {"action": "InitChat", "sellerId": canaries["text"] + " ", "userInfo": {"name": canaries["info"]}},
        {"action": "inbox", "status": canaries["text"]},
    ):
        functions.send(VISITOR, "v1", **frame)
        functions.send_raw(VISITOR, "v1", json.dumps(frame), route="fallback")
    functions.send_raw(VISITOR, "v1", canaries["text"])
    functions.dynamodb.delete_table(TableName=CONVERSATIONS)
    functions.dynamodb.delete_table(TableName=CONNECTIONS)
    functions.send(VISITOR, "v1", action="InitChat", sellerId="123456", userInfo={"name": canaries["info"]})
    functions.connect(VISITOR, "v2")

    lines = capsys.readouterr().out.splitlines()
    assert {json.loads(line)["event"] for line in lines} >= {"connection_refused", "refused", "connection_failed"}
    assert not [line for line in lines if "canary" in line or canaries["token"] in line or KEY in line]
    assert not [line for line in lines if json.loads(line).keys() - ALLOWED_FIELDS - {"event"}]
