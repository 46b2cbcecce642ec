"""One seller, or all of them, are given no further contact, and are given them again."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest

from administration.deployments import Deployment
from administration.errors import AdministrationError
from administration.runbook.sellers import bring_back, drain, main, take_offline
from administration.seed_sellers import TeamMember, seed
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.model.hours import Hours
from chat.model.sellers import Seller
from tests.doubles.machine import RecordingJournal
from tests.worlds.tables import SELLERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MONDAYS = {"time_zone": "UTC", "week": {"mon": ["09:00-18:00"]}}
MONDAY, TUESDAY = datetime(2026, 11, 23, 10, tzinfo=UTC), datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def deployment(dynamodb: DynamoDBClient) -> Deployment:
    team = [TeamMember("ana", "support", "Ana", 10), TeamMember("bo", "support", "Bo", 10, MONDAYS)]
    seed(dynamodb, SELLERS, team)
    return Deployment(boto3.Session(), None, {"SellerTable": SELLERS})


def seller(dynamodb: DynamoDBClient, name: str) -> Seller:
    found = DynamoDBSellers(dynamodb, SELLERS, RecordingJournal()).get(name)
    assert found is not None
    return found


def test_a_seller_who_is_drained_has_no_room_and_has_it_again_afterwards(
    deployment: Deployment, dynamodb: DynamoDBClient
) -> None:
    DynamoDBSellers(dynamodb, SELLERS, RecordingJournal())
    assert drain(deployment, "ana") == "ana is given no further contact and still has 0; ask again to see them end."
    assert not seller(dynamodb, "ana").has_room
    assert seller(dynamodb, "bo").has_room

    assert drain(deployment, "ana", 10) == "ana has 0 contacts and may have 10."
    assert seller(dynamodb, "ana").has_room


def test_nobody_can_be_drained_who_is_not_registered(deployment: Deployment, dynamodb: DynamoDBClient) -> None:
    with pytest.raises(AdministrationError, match="no seller 'zoe'"):
        drain(deployment, "zoe")
    assert DynamoDBSellers(dynamodb, SELLERS, RecordingJournal()).get("zoe") is None


@pytest.mark.parametrize("capacity", [-1, 1001])
def test_a_capacity_has_bounds(deployment: Deployment, capacity: int) -> None:
    with pytest.raises(AdministrationError, match="0 to 1000"):
        drain(deployment, "ana", capacity)


def test_while_the_chat_is_offline_nobody_works_and_then_everybody_has_the_hours_that_they_had(
    deployment: Deployment, dynamodb: DynamoDBClient
) -> None:
    assert take_offline(deployment).startswith("2 sellers")
    assert not [name for name in ("ana", "bo") if seller(dynamodb, name).is_working(MONDAY)]

    assert bring_back(deployment).startswith("2 sellers")
    assert [seller(dynamodb, name).is_working(MONDAY) for name in ("ana", "bo")] == [True, True]
    assert [seller(dynamodb, name).is_working(TUESDAY) for name in ("ana", "bo")] == [True, False]
    assert [seller(dynamodb, name).hours for name in ("ana", "bo")] == [None, Hours.parse(MONDAYS)]


def test_what_is_done_twice_or_was_cut_off_half_way_loses_no_hours(
    deployment: Deployment, dynamodb: DynamoDBClient
) -> None:
    take_offline(deployment)
    take_offline(deployment)

    bring_back(deployment)
    assert bring_back(deployment).startswith("0 sellers")
    assert seller(dynamodb, "bo").hours == Hours.parse(MONDAYS)


def test_where_nobody_is_registered_nobody_can_be_taken_offline(dynamodb: DynamoDBClient) -> None:
    with pytest.raises(AdministrationError, match="No seller is registered"):
        take_offline(Deployment(boto3.Session(), None, {"SellerTable": SELLERS}))


@pytest.mark.parametrize("capacity", ["x", "-1", "1.5", ""])
def test_a_capacity_that_is_no_number_is_answered_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], capacity: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["sellers", "drain", "--seller", "ana", f"--capacity={capacity}"])

    assert main() == 1
    assert capsys.readouterr().err == "CAPACITY= is how many contacts a seller may have: 0 to 1000.\n"
