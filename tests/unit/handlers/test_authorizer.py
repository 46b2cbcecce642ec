"""Who is let in at $connect, and what the other functions are told of them."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from chat.access.tokens import TOLERANCE_SECONDS
from tests import events
from tests.worlds.deployment import DEVICE, Functions, seller_token, with_token
from tests.worlds.functions import KEY, SECRET

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture
def new_sandbox(_posts: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """An authorizer that has not read a key yet."""
    monkeypatch.delitem(sys.modules, "handlers.authorizer", raising=False)


def effect(policy: Mapping[str, Any]) -> str:
    (statement,) = policy["policyDocument"]["Statement"]
    assert statement["Action"] == "execute-api:Invoke"
    return str(statement["Effect"])


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

    policy = functions.authorize(with_token(seller_token(exp=ends)))

    assert effect(policy) == "Allow"
    assert policy["context"] == {"userId": "123456", "role": "seller", "expiresAt": str(ends + TOLERANCE_SECONDS)}


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(with_token(seller_token(key="another-key-" * 6)), id="a wrong key"),
        pytest.param(with_token(seller_token(exp=1)), id="an expired token"),
        pytest.param(with_token(seller_token(key="", algorithm="none")), id="an unsigned token"),
        pytest.param(with_token(seller_token(aud="another-service")), id="another audience"),
        pytest.param(with_token(seller_token(role="visitor")), id="another role"),
        pytest.param(with_token(seller_token(), user_id="654321"), id="another seller's userId"),
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


@pytest.mark.usefixtures("new_sandbox")
def test_while_the_key_is_rotated_tokens_of_both_are_good_and_of_no_third_one(
    functions: Functions, secrets_client: SecretsManagerClient
) -> None:
    assert effect(functions.authorize(with_token(seller_token()))) == "Allow"
    new = "rotated-" * 8
    secrets_client.put_secret_value(SecretId=SECRET, SecretString=new)

    keys = (KEY, new, KEY, "guessed-" * 8, new)
    assert [effect(functions.authorize(with_token(seller_token(each)))) for each in keys] == [
        "Allow",
        "Allow",
        "Allow",
        "Deny",
        "Allow",
    ]


@pytest.mark.usefixtures("new_sandbox")
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_key_that_is_too_short_by_mistake_proves_nothing_and_shuts_nobody_out_who_has_a_token_of_the_one_before(
    functions: Functions, secrets_client: SecretsManagerClient
) -> None:
    short = "too short"
    secrets_client.put_secret_value(SecretId=SECRET, SecretString=short)
    assert effect(functions.authorize(with_token(seller_token(short)))) == "Deny"
    assert effect(functions.authorize(with_token(seller_token(KEY)))) == "Allow"

    secrets_client.put_secret_value(SecretId=SECRET, SecretString=KEY)

    assert effect(functions.authorize(with_token(seller_token(KEY)))) == "Allow"


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
