"""Frames are handled as by API Gateway: in no order, within a time, and with answers of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import apigateway
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from local_aws.strict.gateway_answers import answer_as_gateway
from local_aws.strict.switches import Strictness
from local_aws.strict.throttles import Routes
from tests.end_to_end.deployed_system import wait_until
from tests.strict_emulator.conftest import connected, serving

if TYPE_CHECKING:
    from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, Scope

API = "of-a-test"
LENIENT = Strictness(
    own_frames=False,
    route_responses=False,
    empty_frames=False,
    integration_seconds=None,
    longest_detour_seconds=None,
    route_throttles=False,
)

Gateway = Callable[..., ClientConnection]


async def function(*call: Any, **_more: Any) -> dict[str, Any] | None:
    """What answers frames: as each frame asks for."""
    event_type, frame = call[6], call[8]
    if event_type != "MESSAGE":
        return {"statusCode": 200}
    if frame == "fail":
        return {"statusCode": 500, "body": "a stack trace"}
    if frame == "sleep":
        await asyncio.sleep(5)
    return {"statusCode": 200} if frame == "silence" else {"statusCode": 200, "body": frame}


async def gateway(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    if scope["type"] == "websocket":
        await apigateway.handle_websocket(scope, receive, send, API, path_override="/local")


@pytest.fixture
def connect_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """Connects to the emulator's gateway, as strict as it is told, with that function behind it."""
    for name, stub in {
        "_api_owner": lambda _: ("WEBSOCKET", "000000000000", "ap-south-1"),
        "_match_ws_route": lambda _, key: {"routeKey": key, "routeId": key},
        "_route_responses": {API: {route: {"response": {}} for route in ("$default", "read", "write")}},
        "_evaluate_route_selection": lambda _, frame: json.loads(frame)["action"] if "action" in frame else "$default",
        "_invoke_ws_lambda": function,
        "_ws_connections": {},
        "_stages": AccountRegionScopedDict(),
        "handle_connections_api": apigateway.handle_connections_api,
    }.items():
        monkeypatch.setattr(apigateway, name, stub)
    with ExitStack() as running:

        def begin(strictness: Strictness) -> ClientConnection:
            answer_as_gateway(strictness, Routes())
            return running.enter_context(connected(running.enter_context(serving(gateway))))

        yield begin


def post(client: ClientConnection, body: bytes) -> int:
    """The status of posting to the connection of this client, the only one."""
    # The emulator enters a connection just after its client hears that it is open.
    wait_until(lambda: len(apigateway._ws_connections) == 1, seconds=5)
    (connection_id,) = apigateway._ws_connections
    status: int = asyncio.run(apigateway.handle_connections_api("POST", API, "local", connection_id, body, {}))[0]
    return status


def test_a_function_that_fails_is_answered_for(connect_to: Gateway) -> None:
    client = connect_to(Strictness())
    client.send("fail")
    answer = json.loads(client.recv(timeout=5))
    assert answer.pop("message") == "Internal server error"
    assert sorted(answer) == ["connectionId", "requestId"]


def test_so_is_one_that_takes_too_long(connect_to: Gateway) -> None:
    client = connect_to(Strictness(integration_seconds=0.1))
    client.send("sleep")
    assert json.loads(client.recv(timeout=3))["message"] == "Endpoint request timed out"


def test_one_that_returns_no_body_is_answered_for_with_an_empty_frame(connect_to: Gateway) -> None:
    client = connect_to(Strictness(empty_frames=True))
    client.send("silence")
    assert client.recv(timeout=5) == ""


def test_what_a_route_without_a_response_returns_goes_nowhere(
    connect_to: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apigateway, "_route_responses", {API: {"read": {"response": {}}}})
    client = connect_to(Strictness())
    for frame in ("silence", "answer", "fail", '{"action": "read"}'):
        client.send(frame)
    answers = [json.loads(client.recv(timeout=5)) for _ in range(2)]
    assert [each.get("message") or each["action"] for each in answers] == ["Internal server error", "read"]


def test_frames_overtake_each_other_and_none_is_lost(connect_to: Gateway) -> None:
    client = connect_to(Strictness(longest_detour_seconds=0.03))
    sent = [str(number) for number in range(100)]
    for frame in sent:
        client.send(frame)
    received = [client.recv(timeout=5) for _ in sent]
    assert received != sent
    assert sorted(received) == sorted(sent)


def let_through(route: str, *, burst: int) -> None:
    """Have the stage let so many frames of a route through, and hardly any more."""
    throttle = {"ThrottlingBurstLimit": burst, "ThrottlingRateLimit": 0.001}
    stages = {"local": {"routeSettings": {route: throttle}}}
    apigateway._stages.set_scoped("000000000000", "ap-south-1", API, stages)


def test_more_frames_than_a_route_lets_through_are_refused_and_those_of_others_pass(connect_to: Gateway) -> None:
    client = connect_to(Strictness(longest_detour_seconds=None))
    let_through("read", burst=2)
    for frame in ('{"action": "read"}', '{"action": "write"}') * 3:
        client.send(frame)
    answers = [json.loads(client.recv(timeout=5)) for _ in range(6)]
    assert [each.get("action") for each in answers] == ["read", "write", "read", "write", None, "write"]
    assert answers[4]["message"] == "Too Many Requests"


def test_more_connections_than_are_let_through_are_refused(connect_to: Gateway) -> None:
    let_through("$connect", burst=0)
    with pytest.raises(InvalidStatus):
        connect_to(Strictness())


def test_what_is_posted_is_as_small_as_what_is_sent(connect_to: Gateway) -> None:
    client = connect_to(Strictness())
    assert post(client, b"a" * 128 * 1024) == 200
    assert post(client, b"a" * (128 * 1024 + 1)) == 413


def test_nobody_can_post_to_a_connection_before_its_connect_has_returned(
    connect_to: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses: list[int] = []

    async def posting(*call: Any, **more: Any) -> dict[str, Any] | None:
        if call[6] == "CONNECT":
            answer = await apigateway.handle_connections_api("POST", API, "local", call[5], b"early", {})
            statuses.append(answer[0])
        return await function(*call, **more)

    monkeypatch.setattr(apigateway, "_invoke_ws_lambda", posting)
    client = connect_to(Strictness())
    assert statuses == [410]
    assert post(client, b"now") == 200
    assert client.recv(timeout=5) == "now"


def test_what_is_switched_off_changes_nothing(connect_to: Gateway) -> None:
    client = connect_to(LENIENT)
    for frame in ("fail", "silence", "1", "2"):
        client.send(frame)
    assert [client.recv(timeout=5) for _ in range(3)] == ["a stack trace", "1", "2"]
