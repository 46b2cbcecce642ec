"""A contact's life; the functions' own lines are seen by the end-to-end tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest

from administration.deployments import Deployment
from administration.errors import AdministrationError
from administration.runbook.trace import trace
from tests.worlds.tables import CONVERSATIONS, SELLERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.mark.parametrize("contact", ["", "two words", "x" * 65])
def test_what_is_no_contact_is_refused_before_anything_is_asked(contact: str) -> None:
    with pytest.raises(AdministrationError, match="CONTACT=id"):
        trace(Deployment(boto3.Session(), None, {}), contact)


@pytest.fixture
def deployment(dynamodb: DynamoDBClient) -> Deployment:
    """Two contacts of one end, and a block that has it, too, which is no contact."""
    for contact, item in (
        ("one-07fc1f90", "head"),
        ("two-07fc1f90", "head"),
        ("07fc1f90-begins", "head"),
        ("blocked#1111aaaa", "block"),
    ):
        key = {"contact_id": {"S": contact}, "item": {"S": item}, "inbox": {"S": "1#open"}, "since": {"S": contact}}
        dynamodb.put_item(TableName=CONVERSATIONS, Item=key)
    return Deployment(boto3.Session(), None, {"ConversationTable": CONVERSATIONS, "SellerTable": SELLERS})


def test_an_end_that_several_contacts_have_is_answered_with_what_there_is_to_choose_from(
    deployment: Deployment,
) -> None:
    with pytest.raises(AdministrationError, match=r"2 contacts end in 07fc1f90, such as one-07fc1f90, two-07fc1f90:"):
        trace(deployment, "07fc1f90")


@pytest.mark.parametrize("end", ["1f90", "22222222", "1111aaaa"])
def test_an_end_that_is_too_short_or_no_contact_s_is_answered_like_an_id_that_never_was(
    deployment: Deployment, end: str
) -> None:
    with pytest.raises(AdministrationError, match=f"There is no entry of {end}"):
        trace(deployment, end)
