"""What an environment may choose about proofs, keys and cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

from stacks.data_stack import DataStack
from stacks.environments import PRODUCTION, InvalidContextError, TokenIssuer, select_environment
from tests.infrastructure.cloud_formation import Stacks
from tests.infrastructure.synthesis import new_app, synthesize

CHOSEN = replace(
    select_environment("production", budget_email="owner@shop.example"),
    seller_token_issuer=TokenIssuer(
        issuer="https://issuer.example", audience="console", jwks_url="https://issuer.example/jwks.json"
    ),
    visitor_tokens="required",
    customer_managed_key=True,
)


@pytest.fixture(scope="module", autouse=True)
def _an_account() -> Iterator[None]:
    """A key of one's own needs a Region that is known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
        patch.setenv("CDK_DEFAULT_REGION", "ap-south-1")
        yield


@pytest.fixture(scope="module")
def templates(_an_account: None) -> dict[str, Any]:
    return synthesize(CHOSEN)


def resources(templates: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The properties of all resources of a type."""
    return [
        each["Properties"]
        for template in templates.values()
        for each in template["Resources"].values()
        if each["Type"] == kind
    ]


@pytest.mark.parametrize("name", ["authorizer", "rest"])
def test_who_proves_people_is_told_by_what(name: str, templates: dict[str, Any]) -> None:
    variables = Stacks.of(templates).chat.functions()[name]["Environment"]["Variables"]

    assert {key: variables.get(key) for key in variables if "TOKEN" in key} == {
        "SELLER_TOKEN_SECRET": "seller-chat/production/seller-token-key",
        "SELLER_TOKEN_ISSUER": "https://issuer.example",
        "SELLER_TOKEN_AUDIENCE": "console",
        "SELLER_TOKEN_JWKS_URL": "https://issuer.example/jwks.json",
        "VISITOR_TOKENS": "required",
    }


def test_every_table_is_encrypted_with_the_accounts_key_which_rotates(templates: dict[str, Any]) -> None:
    (key,) = resources(templates, "AWS::KMS::Key")
    tables = resources(templates, "AWS::DynamoDB::GlobalTable")

    assert key["EnableKeyRotation"] is True
    assert len(tables) == 3
    assert all(table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"} for table in tables)


def test_the_key_serves_through_dynamodb_only(templates: dict[str, Any]) -> None:
    (key,) = resources(templates, "AWS::KMS::Key")
    (open_to_all,) = [each for each in key["KeyPolicy"]["Statement"] if each["Principal"] == {"AWS": "*"}]

    assert set(open_to_all["Condition"]["StringEquals"]) == {"kms:CallerAccount", "kms:ViaService"}


def test_somebody_is_told_before_the_budget_is_spent(templates: dict[str, Any]) -> None:
    (budget,) = resources(templates, "AWS::Budgets::Budget")

    assert budget["Budget"]["BudgetLimit"] == {"Amount": PRODUCTION.monthly_budget_dollars, "Unit": "USD"}
    assert [
        (each["Notification"]["NotificationType"], each["Notification"]["Threshold"], each["Subscribers"][0]["Address"])
        for each in budget["NotificationsWithSubscribers"]
    ] == [("ACTUAL", 80, "owner@shop.example"), ("FORECASTED", 100, "owner@shop.example")]


@pytest.mark.parametrize(
    ("name", "email"), [("production", "nobody"), ("production", "a b@c"), ("local", "a@b.example")]
)
def test_an_address_that_cannot_be_told_is_refused(name: str, email: str) -> None:
    with pytest.raises(InvalidContextError, match="budget_email"):
        select_environment(name, budget_email=email)


def test_no_rule_is_broken_by_the_key() -> None:
    app = new_app()
    DataStack(app, "Data", environment=CHOSEN, env=cdk.Environment(account="123456789012", region="ap-south-1"))
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
