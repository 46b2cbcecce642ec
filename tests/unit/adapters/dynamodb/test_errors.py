"""DynamoDB's failures in the domain's words: refused for now, outcome unknown, or a race that was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.stub import Stubber

from chat.adapters.dynamodb.connections import DynamoDBConnections
from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.model.entries import Mark, Status
from chat.model.identity import Principal, Role
from chat.ports.connections import Connection, Description
from chat.ports.conversations import Change
from chat.ports.errors import NumberTakenError, PointerMovedError, StoreBusyError, StoreUnavailableError
from tests.doubles.machine import FakeClock
from tests.unit.adapters.dynamodb.test_conversations import entry, opening

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SELLER = Principal("123456", Role.SELLER)
LAPTOP = Connection("laptop", "123456", Role.SELLER, "2026-01-01T00:00:00.000Z")
IN_A_YEAR = 1_798_761_600
ONE_ENTRY = Change((entry(3),))


@pytest.fixture
def client(dynamodb_client: DynamoDBClient) -> DynamoDBClient:
    """A client that reaches nothing; what it answers is scripted."""
    return dynamodb_client


@pytest.fixture
def stubber(client: DynamoDBClient) -> Iterator[Stubber]:
    """The script."""
    with Stubber(client) as stubber:
        yield stubber


@pytest.fixture
def conversations(client: DynamoDBClient) -> DynamoDBConversations:
    """The conversations."""
    return DynamoDBConversations(client, "conversations", "sellers")


@pytest.fixture
def connections(client: DynamoDBClient) -> DynamoDBConnections:
    """The connections."""
    return DynamoDBConnections(client, "connections", FakeClock())


LEARNED = Description(seller_id="123456", contact_id="contact", user_info={}, at="now")
# Every call, with DynamoDB's operation behind it.
CONVERSATION_CALLS: dict[str, tuple[str, Callable[[DynamoDBConversations], object]]] = {
    "read": ("query", lambda store: store.read("contact", 1)),
    "latest": ("query", lambda store: store.latest("contact")),
    "commit an entry": ("put_item", lambda store: store.commit(ONE_ENTRY)),
    "commit a change": ("transact_write_items", lambda store: store.commit(opening())),
    "raise_mark": ("update_item", lambda store: store.raise_mark("contact", Role.SELLER, Mark(1, 1), IN_A_YEAR)),
    "current_contact": ("get_item", lambda store: store.current_contact("device", "123456")),
    "inbox": ("query", lambda store: store.inbox("123456", Status.OPEN, 10)),
}
CONNECTION_CALLS: dict[str, tuple[str, Callable[[DynamoDBConnections], object]]] = {
    "add": ("put_item", lambda table: table.add(LAPTOP, 1)),
    "restore": ("update_item", lambda table: table.restore(LAPTOP, 1)),
    "remove": ("delete_item", lambda table: table.remove("laptop")),
    "forget": ("delete_item", lambda table: table.forget(LAPTOP)),
    "of": ("query", lambda table: table.of(SELLER)),
    "restore what was learned": ("update_item", lambda table: table.restore(LAPTOP, 1, LEARNED)),
}
BUSY = [
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "TransactionConflictException",
    "TransactionInProgressException",
]
UNKNOWN = ["InternalServerError", "ServiceUnavailable", "AccessDeniedException", "ResourceNotFoundException"]
EXPECTED = [(code, StoreBusyError) for code in BUSY] + [(code, StoreUnavailableError) for code in UNKNOWN]


@pytest.mark.parametrize(("code", "expected"), EXPECTED)
@pytest.mark.parametrize("call", CONVERSATION_CALLS)
def test_conversations_report_a_failure_as_busy_or_unavailable(
    stubber: Stubber, conversations: DynamoDBConversations, call: str, code: str, expected: type[Exception]
) -> None:
    operation, ask = CONVERSATION_CALLS[call]
    stubber.add_client_error(operation, code)

    with pytest.raises(expected, match=code):
        ask(conversations)


@pytest.mark.parametrize(("code", "expected"), EXPECTED)
@pytest.mark.parametrize("call", CONNECTION_CALLS)
def test_connections_report_a_failure_as_busy_or_unavailable(
    stubber: Stubber, connections: DynamoDBConnections, call: str, code: str, expected: type[Exception]
) -> None:
    operation, ask = CONNECTION_CALLS[call]
    stubber.add_client_error(operation, code)

    with pytest.raises(expected, match=code):
        ask(connections)


@pytest.mark.parametrize(
    "failure",
    [
        ReadTimeoutError(endpoint_url="https://dynamodb"),
        ConnectTimeoutError(endpoint_url="https://dynamodb"),
        EndpointConnectionError(endpoint_url="https://dynamodb"),
        NoCredentialsError(),
    ],
)
@pytest.mark.parametrize("call", CONVERSATION_CALLS)
def test_what_was_never_answered_has_an_unknown_outcome(
    client: DynamoDBClient, conversations: DynamoDBConversations, call: str, failure: Exception
) -> None:
    def fail(**_request: object) -> None:
        raise failure

    _, ask = CONVERSATION_CALLS[call]
    client.meta.events.register("before-send.dynamodb", fail)
    try:
        with pytest.raises(StoreUnavailableError, match=type(failure).__name__):
            ask(conversations)
    finally:
        client.meta.events.unregister("before-send.dynamodb", fail)


# Races


def cancelled(stubber: Stubber, *codes: str) -> None:
    """A transaction that was cancelled for one reason per action."""
    reasons = {"CancellationReasons": [{"Code": code} for code in codes]} if codes else None
    stubber.add_client_error("transact_write_items", "TransactionCanceledException", modeled_fields=reasons)


def test_a_taken_number_is_a_lost_race(stubber: Stubber, conversations: DynamoDBConversations) -> None:
    stubber.add_client_error("put_item", "ConditionalCheckFailedException")

    with pytest.raises(NumberTakenError):
        conversations.commit(ONE_ENTRY)


# The change has two entries, a listing and a pointer.
@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (("ConditionalCheckFailed", "None", "None", "None"), NumberTakenError),
        (("None", "ConditionalCheckFailed", "None", "None"), NumberTakenError),
        (("None", "None", "None", "ConditionalCheckFailed"), PointerMovedError),
        (("None", "ConditionalCheckFailed", "None", "ConditionalCheckFailed"), NumberTakenError),
        (("ConditionalCheckFailed", "None", "None", "TransactionConflict"), NumberTakenError),
        (("None", "None", "TransactionConflict", "None"), StoreBusyError),
        (("None", "None", "TransactionConflict", "ConditionalCheckFailed"), StoreBusyError),
        (("None", "None", "ThrottlingError", "ConditionalCheckFailed"), StoreBusyError),
        (("ThrottlingError", "None", "None", "None"), StoreBusyError),
        (("None", "None", "None", "ProvisionedThroughputExceeded"), StoreBusyError),
        (("None", "None", "None", "ValidationError"), StoreUnavailableError),
        (("None", "None", "ItemCollectionSizeLimitExceeded", "None"), StoreUnavailableError),
        ((), StoreUnavailableError),
    ],
)
def test_a_cancelled_transaction_says_which_race_was_lost(
    stubber: Stubber, conversations: DynamoDBConversations, codes: tuple[str, ...], expected: type[Exception]
) -> None:
    cancelled(stubber, *codes)

    with pytest.raises(expected):
        conversations.commit(opening())


def test_a_lower_mark_is_a_lost_race(stubber: Stubber, conversations: DynamoDBConversations) -> None:
    stubber.add_client_error("update_item", "ConditionalCheckFailedException")

    assert conversations.raise_mark("contact", Role.SELLER, Mark(1, 1), IN_A_YEAR) is False


def test_a_connection_that_changed_meanwhile_is_left_alone(stubber: Stubber, connections: DynamoDBConnections) -> None:
    operation, ask = CONNECTION_CALLS["forget"]
    stubber.add_client_error(operation, "ConditionalCheckFailedException")

    assert ask(connections) is None


# Where it matters, reads are consistent


@pytest.mark.parametrize("call", ["read", "latest", "current_contact"])
def test_what_decides_is_read_consistently(
    client: DynamoDBClient, conversations: DynamoDBConversations, call: str
) -> None:
    operation, ask = CONVERSATION_CALLS[call]
    asked: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_rest: object) -> None:
        asked.append(params)

    event = f"provide-client-params.dynamodb.{'GetItem' if operation == 'get_item' else 'Query'}"
    client.meta.events.register(event, note)
    try:
        with Stubber(client) as stubber:
            stubber.add_response(operation, {} if operation == "get_item" else {"Items": []})
            ask(conversations)
    finally:
        client.meta.events.unregister(event, note)

    assert [params["ConsistentRead"] for params in asked] == [True]


def test_the_stubbed_errors_are_those_of_boto3(aws_environment: pytest.MonkeyPatch) -> None:
    known = boto3.Session().client("dynamodb").exceptions

    assert issubclass(known.TransactionCanceledException, ClientError)
    assert all(hasattr(known, code) for code in BUSY if code != "ThrottlingException")
