"""A key is replaced in two steps, between which both are good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from administration.deployments import Deployment
from administration.errors import AdministrationError
from administration.runbook.rotate_key import forget, rotate
from chat.adapters.websocket_push import WebSocketPush
from chat.ports.errors import PushFailedError

SECRET = "seller-chat/test/key"


@pytest.fixture
def manager() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="eu-central-1")
        client.create_secret(Name=SECRET, SecretString="the-first-key")
        yield client


@pytest.fixture
def dynamodb_of_the_shop(manager: Any) -> Any:
    """With the table of connections."""
    client = boto3.client("dynamodb", region_name="eu-central-1")
    client.create_table(
        TableName="connections",
        KeySchema=[{"AttributeName": "connectionId", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "connectionId", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The connections that were ended, by their ids."""
    connections: list[str] = []
    monkeypatch.setattr(WebSocketPush, "close", lambda _push, connection_id: connections.append(connection_id))
    return connections


@pytest.fixture
def deployment(manager: Any, dynamodb_of_the_shop: Any) -> Deployment:
    outputs = {
        "SellerTokenSecret": SECRET,
        "ConnectionTable": "connections",
        "ConversationTable": "conversations",
        "SellerTable": "sellers",
        "WebSocketUrl": "wss://a.execute-api.eu-central-1.amazonaws.com/test",
        "WebSocketApi": "a",
    }
    return Deployment(boto3.Session(region_name="eu-central-1"), None, outputs)


def key(manager: Any, stage: str = "AWSCURRENT") -> str:
    return str(manager.get_secret_value(SecretId=SECRET, VersionStage=stage)["SecretString"])


def test_a_new_key_is_long_and_the_old_one_stays_beside_it(deployment: Deployment, manager: Any) -> None:
    told = rotate(deployment, "seller-token")

    assert len(key(manager)) == 64
    assert key(manager, "AWSPREVIOUS") == "the-first-key"
    assert key(manager) not in told


def test_what_is_forgotten_is_the_old_key(deployment: Deployment, manager: Any) -> None:
    rotate(deployment, "seller-token")
    new = key(manager)
    forget(deployment, "seller-token", pause=lambda _: None)

    assert key(manager) == new
    with pytest.raises(manager.exceptions.ResourceNotFoundException):
        key(manager, "AWSPREVIOUS")


def test_every_seller_is_signed_out_at_once_and_whoever_came_until_the_functions_had_forgotten_it(
    deployment: Deployment, dynamodb_of_the_shop: Any, ended: list[str]
) -> None:
    def connect(name: str, role: str) -> None:
        item = {"connectionId": name, "userId": name, "role": role, "connectedAt": "2026-01-01T00:00:00.000Z"}
        dynamodb_of_the_shop.put_item(TableName="connections", Item={key: {"S": each} for key, each in item.items()})

    for name, role in (("ana", "seller"), ("thief", "seller"), ("asha", "visitor")):
        connect(name, role)
    rotate(deployment, "seller-token")
    waited: list[float] = []

    def meanwhile(seconds: float) -> None:
        waited.append(seconds)
        assert sorted(ended) == ["ana", "thief"]
        connect("thief-again", "seller")

    told = forget(deployment, "seller-token", pause=meanwhile)

    assert (sorted(ended), waited) == (["ana", "thief", "thief-again"], [360])
    assert "3 connections" in told


def test_a_third_key_is_refused_since_the_first_would_end_unseen(deployment: Deployment, manager: Any) -> None:
    rotate(deployment, "seller-token")
    with pytest.raises(AdministrationError, match="KEY=seller-token FORGET=1"):
        rotate(deployment, "seller-token")
    assert key(manager, "AWSPREVIOUS") == "the-first-key"


def test_what_was_cut_off_may_be_repeated(
    deployment: Deployment, manager: Any, dynamodb_of_the_shop: Any, ended: list[str]
) -> None:
    item = {"connectionId": "thief", "userId": "ana", "role": "seller", "connectedAt": "2026-01-01T00:00:00.000Z"}
    rotate(deployment, "seller-token")

    def cut_off(_seconds: float) -> None:
        dynamodb_of_the_shop.put_item(TableName="connections", Item={key: {"S": each} for key, each in item.items()})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        forget(deployment, "seller-token", pause=cut_off)

    forget(deployment, "seller-token", pause=lambda _: None)

    assert ended == ["thief"]


def test_what_could_not_be_ended_is_told(
    deployment: Deployment, dynamodb_of_the_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = {"connectionId": "thief", "userId": "ana", "role": "seller", "connectedAt": "2026-01-01T00:00:00.000Z"}
    dynamodb_of_the_shop.put_item(TableName="connections", Item={key: {"S": each} for key, each in item.items()})

    def fail(_push: WebSocketPush, _connection_id: str) -> None:
        raise PushFailedError

    monkeypatch.setattr(WebSocketPush, "close", fail)
    with pytest.raises(AdministrationError, match="1 connections could not be ended: say FORGET=1 once more"):
        forget(deployment, "seller-token", pause=lambda _: None)


def test_where_the_shop_s_back_end_has_one_key_none_can_be_forgotten(deployment: Deployment, manager: Any) -> None:
    of_the_shop = replace(deployment, outputs={"PhpApiSecret": SECRET})
    with pytest.raises(AdministrationError, match="one key only"):
        forget(of_the_shop, "shop")
    assert key(manager) == "the-first-key"


@pytest.mark.parametrize(("name", "said"), [("", "one of seller-token, shop"), ("shop", "without PHP_API_URL")])
def test_a_key_that_is_not_there_is_refused(deployment: Deployment, name: str, said: str) -> None:
    with pytest.raises(AdministrationError, match=said):
        rotate(deployment, name)
