"""What is kept of a connection when it opens and closes."""

from __future__ import annotations

import json
import time

import pytest

from chat.model.metrics import Metric
from tests import events
from tests.worlds.deployment import DEVICE, SELLER, VISITOR, Functions, seller_token
from tests.worlds.tables import CONNECTIONS


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
    response = functions.connect(SELLER, "c1", subprotocols=f"seller-chat, {seller_token()}")

    assert response == {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "seller-chat"}}


def test_a_connection_that_closed_is_forgotten_and_that_twice_does_no_harm(functions: Functions) -> None:
    functions.connect(VISITOR, "c1")
    functions.connect(VISITOR, "c2")

    assert functions.disconnect(VISITOR, "c1") == functions.disconnect(VISITOR, "c1") == {"statusCode": 200}
    assert functions.stored_connections() == {"c2"}


def test_a_connection_that_cannot_be_stored_is_refused_and_counted(
    functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    functions.dynamodb.delete_table(TableName=CONNECTIONS)

    assert functions.connect(VISITOR, "c1") == {"statusCode": 500}
    _, measured = map(json.loads, capsys.readouterr().out.splitlines())
    assert measured[Metric.FAILED_CONNECTS] == 1


def test_a_connection_that_cannot_be_forgotten_refused_nobody(
    functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    functions.dynamodb.delete_table(TableName=CONNECTIONS)
    functions.disconnect(VISITOR, "c1")

    assert Metric.FAILED_CONNECTS not in capsys.readouterr().out


@pytest.mark.parametrize("action", ["$connect", "$disconnect"])
def test_a_frame_that_names_a_connection_route_opens_and_closes_nothing(functions: Functions, action: str) -> None:
    functions.connect(VISITOR, "c1")

    reply = functions.send_raw(VISITOR, "c1", json.dumps({"action": action}), route="connection")

    assert reply["code"] == "unknown_action"
    assert functions.stored_connections() == {"c1"}
