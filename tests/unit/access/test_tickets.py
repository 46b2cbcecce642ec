"""Tickets: good once, for a short time, for one seller."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from chat.access.admission import Admission, RefusedError
from chat.access.tickets import LIFETIME, Tickets
from chat.access.tokens import TokenRefusedError
from chat.access.upgrade import Upgrade
from chat.adapters.dynamodb.tickets import DynamoDBTickets
from chat.model.identity import Principal, Role
from tests.doubles.machine import CountingIds, FakeClock
from tests.worlds.tables import CONNECTIONS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SELLER = Principal("123456", Role.SELLER, expires_at=1_800_000_000)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tickets(dynamodb: DynamoDBClient, clock: FakeClock) -> Tickets:
    return Tickets(store=DynamoDBTickets(dynamodb, CONNECTIONS), clock=clock, ids=CountingIds("ticket-"))


def test_a_ticket_stands_for_the_seller_and_ends_with_his_session(tickets: Tickets) -> None:
    assert tickets.redeem(tickets.issue(SELLER)) == SELLER


def test_a_ticket_is_a_secret_and_no_mere_id(tickets: Tickets) -> None:
    assert tickets.issue(SELLER).startswith("secret-")


def test_a_ticket_is_good_once(tickets: Tickets) -> None:
    ticket = tickets.issue(SELLER)

    assert [tickets.redeem(ticket) for _ in range(3)] == [SELLER, None, None]


def test_a_ticket_is_good_until_its_lifetime_ends(tickets: Tickets, clock: FakeClock) -> None:
    early, late = tickets.issue(SELLER), tickets.issue(SELLER)

    clock.moment += LIFETIME - timedelta(seconds=1)
    assert tickets.redeem(early) == SELLER
    clock.moment += timedelta(seconds=1)
    assert tickets.redeem(late) is None


@pytest.mark.parametrize("ticket", ["", "unknown", "ticket#", "\ud800", "x" * 5000])
def test_what_was_never_issued_is_nobodys(tickets: Tickets, ticket: str) -> None:
    assert tickets.redeem(ticket) is None


def test_what_is_stored_cannot_be_used_as_a_ticket(tickets: Tickets, dynamodb: DynamoDBClient) -> None:
    ticket = tickets.issue(SELLER)
    (item,) = dynamodb.scan(TableName=CONNECTIONS)["Items"]

    assert ticket not in json.dumps(item)
    assert tickets.redeem(item["connectionId"]["S"].removeprefix("ticket#")) is None


def refuse(_token: str) -> Principal:
    raise TokenRefusedError("nonsense")


def test_a_ticket_opens_the_sellers_connection_and_no_other(tickets: Tickets) -> None:
    admission = Admission(seller_of=refuse, allowed_origins=frozenset({"*"}), redeem=tickets.redeem)

    assert admission.admit(Upgrade("123456", {}, ticket=tickets.issue(SELLER))) == SELLER
    with pytest.raises(RefusedError, match="ticket's seller"):
        admission.admit(Upgrade("654321", {}, ticket=tickets.issue(SELLER)))
    with pytest.raises(RefusedError, match="unknown, used or too old"):
        admission.admit(Upgrade("123456", {}, ticket="made up"))
