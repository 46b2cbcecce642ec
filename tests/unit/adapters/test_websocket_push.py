"""Posting over @connections: gone for good is one thing, everything else may pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber

from chat.adapters.websocket_push import WebSocketPush
from chat.ports.errors import ConnectionGoneError, PushFailedError

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient


@pytest.fixture(scope="module")
def client(aws_environment: pytest.MonkeyPatch) -> ApiGatewayManagementApiClient:
    """A client that tries once."""
    return boto3.Session().client(
        "apigatewaymanagementapi",
        endpoint_url="https://api.example/stage",
        config=Config(retries={"total_max_attempts": 1, "mode": "standard"}),
    )


@pytest.fixture
def stubber(client: ApiGatewayManagementApiClient) -> Iterator[Stubber]:
    """What API Gateway answers."""
    with Stubber(client) as stubber:
        yield stubber


@pytest.fixture
def push(client: ApiGatewayManagementApiClient) -> WebSocketPush:
    """Posts."""
    return WebSocketPush(client)


def test_a_frame_is_posted_as_it_is(stubber: Stubber, push: WebSocketPush) -> None:
    stubber.add_response("post_to_connection", {}, {"ConnectionId": "c1", "Data": b'{"action":"pong"}'})

    push.post("c1", b'{"action":"pong"}')

    stubber.assert_no_pending_responses()


def test_gone_is_recognised_though_it_is_a_client_error_too(stubber: Stubber, push: WebSocketPush) -> None:
    stubber.add_client_error("post_to_connection", "GoneException", http_status_code=410)

    with pytest.raises(ConnectionGoneError) as caught:
        push.post("c1", b"{}")

    assert isinstance(caught.value.__cause__, ClientError)


def test_an_id_that_never_was_one_is_gone_too(stubber: Stubber, push: WebSocketPush) -> None:
    stubber.add_client_error("post_to_connection", "BadRequestException", "Invalid connectionId: c1", 400)

    with pytest.raises(ConnectionGoneError):
        push.post("c1", b"{}")


@pytest.mark.parametrize(
    "code",
    [
        "LimitExceededException",
        "PayloadTooLargeException",
        "ForbiddenException",
        "BadRequestException",
        "InternalServerErrorException",
    ],
)
def test_any_other_refusal_leaves_the_connection_alone(stubber: Stubber, push: WebSocketPush, code: str) -> None:
    stubber.add_client_error("post_to_connection", code, "Something else")

    with pytest.raises(PushFailedError, match=code):
        push.post("c1", b"{}")


def test_a_time_out_leaves_the_connection_alone(client: ApiGatewayManagementApiClient, push: WebSocketPush) -> None:
    def fail(**_request: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://api.example")

    client.meta.events.register("before-send.apigatewaymanagementapi", fail)
    try:
        with pytest.raises(PushFailedError, match="ReadTimeoutError"):
            push.post("c1", b"{}")
    finally:
        client.meta.events.unregister("before-send.apigatewaymanagementapi", fail)


def test_a_connection_can_be_ended(stubber: Stubber, push: WebSocketPush) -> None:
    stubber.add_response("delete_connection", {}, {"ConnectionId": "c1"})

    push.close("c1")

    stubber.assert_no_pending_responses()


def test_ending_what_is_gone_is_no_error(stubber: Stubber, push: WebSocketPush) -> None:
    stubber.add_client_error("delete_connection", "GoneException", http_status_code=410)

    push.close("c1")

    stubber.assert_no_pending_responses()


def test_a_connection_that_cannot_be_ended_is_an_error(stubber: Stubber, push: WebSocketPush) -> None:
    stubber.add_client_error("delete_connection", "ForbiddenException")

    with pytest.raises(PushFailedError):
        push.close("c1")
