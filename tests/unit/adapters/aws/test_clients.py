"""The functions' own clients of DynamoDB and @connections behave as boto3's do."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from chat.adapters.aws.clients import DynamoDB, NotConfiguredError, Surroundings
from tests.unit.adapters.aws.conftest import (
    Aws,
    Behaviour,
    answers,
    answers_and_hangs_up,
    breaks_off,
    hangs_up,
    refuses,
    sleeps,
)

pytestmark = pytest.mark.enable_socket


# DynamoDB


def test_an_operation_is_asked_for_in_dynamodbs_own_json(aws: Aws) -> None:
    aws.behave(answers(200, {"Item": {"id": {"S": "é"}}}))

    answer = aws.dynamodb().get_item(TableName="t", Key={"id": {"S": "é"}})

    assert answer["Item"] == {"id": {"S": "é"}}
    [(method, path, headers, body)] = aws.requests
    assert (method, path) == ("POST", "/stage/")
    assert headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert json.loads(body) == {"TableName": "t", "Key": {"id": {"S": "é"}}}


def test_a_query_that_finds_nothing_has_no_items(aws: Aws) -> None:
    aws.behave(answers(200, {"Count": 0}))

    assert aws.dynamodb().query(TableName="t")["Items"] == []
    assert aws.dynamodb().scan(TableName="t")["Items"] == []


@pytest.mark.parametrize(
    "passing",
    [
        refuses("ProvisionedThroughputExceededException"),
        refuses("ThrottlingException"),
        refuses("InternalServerError", 500),
        answers(503, b"<html>busy</html>"),
        hangs_up,
        breaks_off,
    ],
    ids=["throughput", "throttled", "internal", "a gateway's page", "hangs up", "breaks off"],
)
def test_what_may_pass_is_tried_again_and_said_to_have_been(aws: Aws, passing: Behaviour, pauses: list[float]) -> None:
    aws.behave(passing, passing, answers(200, {}))

    assert aws.dynamodb().put_item(TableName="t")["ResponseMetadata"]["RetryAttempts"] == 2
    assert pauses == [1, 2]


@pytest.mark.parametrize(
    ("failure", "error"), [(hangs_up, ConnectionClosedError), (sleeps(0.3), ReadTimeoutError)], ids=["hang-up", "slow"]
)
def test_after_the_last_attempt_it_is_unknown_what_became_of_it(
    aws: Aws, failure: Behaviour, error: type[BotoCoreError], pauses: list[float]
) -> None:
    aws.behave(failure)

    with pytest.raises(error):
        aws.dynamodb(read_seconds=0.1).put_item(TableName="t")
    assert len(pauses) == 2


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"])
def test_a_refusal_for_good_is_not_tried_again(aws: Aws, code: str) -> None:
    aws.behave(refuses(code))

    with pytest.raises(ClientError, match=code) as raised:
        aws.dynamodb().query(TableName="t")

    assert raised.value.response["Error"]["Code"] == code
    assert len(aws.requests) == 1


def test_a_cancelled_transaction_says_why_for_each_of_its_parts(aws: Aws) -> None:
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed"}]
    aws.behave(refuses("TransactionCanceledException", CancellationReasons=reasons))

    with pytest.raises(ClientError) as raised:
        aws.dynamodb().transact_write_items(TransactItems=[])

    assert raised.value.response["CancellationReasons"] == reasons


def test_a_transaction_keeps_its_token_over_all_attempts_and_the_next_one_has_another(aws: Aws) -> None:
    aws.behave(hangs_up, answers(200))
    client = aws.dynamodb()

    client.transact_write_items(TransactItems=[])
    client.transact_write_items(TransactItems=[])

    first, again, other = (json.loads(body)["ClientRequestToken"] for _, _, _, body in aws.requests)
    assert first == again != other


# Connections to AWS


def test_a_connection_is_used_again(aws: Aws) -> None:
    aws.behave(answers(200))
    client = aws.dynamodb()

    for _ in range(5):
        client.query(TableName="t")

    assert aws.connections == 1


def test_a_connection_that_was_closed_while_it_was_idle_is_noticed_before_anything_is_sent(aws: Aws) -> None:
    aws.behave(answers_and_hangs_up, answers(200))
    client = aws.dynamodb()
    client.query(TableName="t")
    wait_for_the_end(client)

    assert client.put_item(TableName="t")["ResponseMetadata"]["RetryAttempts"] == 0
    assert aws.connections == 2


def wait_for_the_end(client: DynamoDB) -> None:
    # The other side has closed; its end arrives a moment later.
    connection = client._transport._threads.connection
    assert connection.sock is None or connection.sock.recv(1) == b""


def test_seventeen_threads_do_not_share_a_connection_nor_wait_for_one(aws: Aws) -> None:
    aws.behave(answers(200))
    client = aws.dynamodb()

    with ThreadPoolExecutor(17) as threads:
        done = list(threads.map(lambda _: client.query(TableName="t"), range(170)))

    assert len(done) == 170
    assert aws.connections <= 17


def test_an_endpoint_where_nobody_listens_is_named(aws: Aws) -> None:
    nowhere = Surroundings({**aws.surroundings.variables, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"})

    with pytest.raises(EndpointConnectionError, match=r"127\.0\.0\.1:1"):
        DynamoDB(nowhere, read_seconds=1, attempts=1).query(TableName="t")


# @connections


def test_a_frame_is_posted_to_its_connection_whose_id_is_encoded(aws: Aws) -> None:
    aws.behave(answers(200))

    aws.management().post_to_connection(ConnectionId="L0SM9c/OFvHcCIhw=", Data=b'{"action":"pong"}')
    aws.management().delete_connection(ConnectionId="L0SM9c/OFvHcCIhw=")

    assert [(method, path, body) for method, path, _, body in aws.requests] == [
        ("POST", "/stage/@connections/L0SM9c%2FOFvHcCIhw%3D", b'{"action":"pong"}'),
        ("DELETE", "/stage/@connections/L0SM9c%2FOFvHcCIhw%3D", b""),
    ]


@pytest.mark.parametrize("content", [b"", b'{"message": "Gone"}', b"<html>"])
def test_a_connection_that_is_gone_is_an_exception_of_its_own(aws: Aws, content: bytes) -> None:
    aws.behave(answers(410, content))
    client = aws.management()

    with pytest.raises(client.exceptions.GoneException):
        client.post_to_connection(ConnectionId="gone", Data=b"{}")
    assert len(aws.requests) == 1


def test_a_malformed_id_is_a_bad_request_that_says_so(aws: Aws) -> None:
    aws.behave(answers(400, {"message": "Invalid connectionId: x", "__type": "BadRequestException"}))

    with pytest.raises(ClientError, match="Invalid connectionId") as raised:
        aws.management().post_to_connection(ConnectionId="x", Data=b"{}")
    assert raised.value.response["Error"]["Code"] == "BadRequestException"


def test_a_push_is_tried_once_more_where_there_are_too_many(aws: Aws) -> None:
    aws.behave(refuses("LimitExceededException", 429), answers(200))

    aws.management().post_to_connection(ConnectionId="laptop", Data=b"{}")

    assert len(aws.requests) == 2


# What the environment says


@pytest.mark.parametrize("missing", ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_a_function_without_a_region_or_credentials_says_which(aws: Aws, missing: str) -> None:
    variables = {name: value for name, value in aws.surroundings.variables.items() if name != missing}

    with pytest.raises(NotConfiguredError, match=missing):
        DynamoDB(Surroundings(variables), read_seconds=1, attempts=1)


@pytest.mark.parametrize(
    ("variables", "endpoint"),
    [
        ({"AWS_REGION": "eu-central-1"}, "https://dynamodb.eu-central-1.amazonaws.com"),
        ({"AWS_REGION": "cn-north-1"}, "https://dynamodb.cn-north-1.amazonaws.com.cn"),
        ({"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, "http://127.0.0.1:4566"),
        (
            {
                "AWS_REGION": "x",
                "AWS_ENDPOINT_URL": "http://a.example",
                "AWS_ENDPOINT_URL_DYNAMODB": "http://b.example",
            },
            "http://b.example",
        ),
    ],
)
def test_endpoints_are_found_as_awss_sdks_find_them(variables: dict[str, str], endpoint: str) -> None:
    assert Surroundings(variables).endpoint("dynamodb") == endpoint
