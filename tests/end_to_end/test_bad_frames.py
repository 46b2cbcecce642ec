"""Whatever a client sends, it gets a frame that says what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from tests.end_to_end.clients import DocumentVisitor, visitor
from tests.end_to_end.deployed_system import DeployedSystem


@pytest.fixture(scope="module")
def widget(deployed_system: DeployedSystem) -> Iterator[DocumentVisitor]:
    """One connection that sends all of them: a bad frame must not end it."""
    with visitor(deployed_system, seller_id="123456") as widget:
        yield widget


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param("Hello", "bad_frame", id="not JSON"),
        pytest.param("", "bad_frame", id="empty"),
        pytest.param('["sendMessage"]', "bad_frame", id="array"),
        pytest.param("null", "bad_frame", id="null"),
        pytest.param("{}", "missing_field", id="no action"),
        pytest.param('{"action": 7}', "unknown_action", id="action is a number"),
        pytest.param('{"action": "dance"}', "unknown_action", id="unknown action"),
        pytest.param('{"action": "InitChat"}', "missing_field", id="InitChat without fields"),
        pytest.param('{"action": "InitChat", "sellerId": "1", "userInfo": "A"}', "bad_field", id="userInfo is a text"),
        pytest.param('{"action": "sendMessage", "to": "1"}', "missing_field", id="no message"),
        pytest.param('{"action": "sendMessage", "message": "A"}', "missing_field", id="no recipient"),
        pytest.param('{"action": "sendMessage", "to": "1", "message": 7}', "bad_field", id="message is a number"),
        pytest.param('{"action": "sendMessage", "to": "1", "message": "  "}', "bad_field", id="blank message"),
        pytest.param(json.dumps({"action": "sync", "filler": "x" * 16_384}), "too_large", id="over 16 KB"),
        pytest.param(json.dumps({"action": "sync", "filler": "x" * 30_000}), "too_large", id="30 KB"),
    ],
)
def test_a_bad_frame_is_answered_with_an_error_frame(widget: DocumentVisitor, message: str, code: str) -> None:
    widget.send_raw(message)
    answer = widget.receive(lambda _: True)

    assert (answer["action"], answer["code"]) == ("error", code)
    assert answer["reason"]
    assert widget.chat_lines == []


@pytest.mark.parametrize("route", ["$connect", "$disconnect"])
def test_a_frame_that_names_a_route_of_connections_opens_and_closes_none(widget: DocumentVisitor, route: str) -> None:
    # Nothing goes back by a route without a response.
    widget.send({"action": route})

    assert widget.ask({"action": "ping"}) == {"action": "pong"}


def test_a_binary_frame_ends_its_connection(deployed_system: DeployedSystem) -> None:
    with visitor(deployed_system, seller_id="123456") as client:
        client.send_raw(b"\xff\xfe\x00")
        with pytest.raises(ConnectionClosed) as closed:
            client.receive(lambda _: True)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1003


def test_the_error_for_an_unknown_action_lists_the_known_ones(widget: DocumentVisitor) -> None:
    assert "sendMessage" in widget.ask({"action": "dance"})["reason"]


def test_a_ping_is_answered_even_after_bad_frames(widget: DocumentVisitor) -> None:
    widget.send_raw("not a frame")
    widget.receive(lambda frame: frame["action"] == "error")

    assert widget.ask({"action": "ping"}) == {"action": "pong"}
