"""What an environment may choose about proofs, keys and cost."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from stacks.context import InvalidContextError, select_environment
from stacks.environments import PRODUCTION
from tests.infrastructure.cloud_formation import Stacks, as_list, role_of, text
from tests.infrastructure.permissions import secret_arn
from tests.infrastructure.synthesis import synthesize, with_every_option

CHOSEN = with_every_option("production")


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

    assert re.fullmatch(secret_arn(PRODUCTION, "SellerTokenKey"), text(variables["SELLER_TOKEN_SECRET"]))
    assert {key: variables.get(key) for key in variables if "TOKEN" in key and "SECRET" not in key} == {
        "SELLER_TOKEN_ISSUER": "https://issuer.example",
        "SELLER_TOKEN_AUDIENCE": "console",
        "SELLER_TOKEN_JWKS_URL": "https://issuer.example/jwks.json",
        "VISITOR_TOKENS": "required",
    }


KEY = r"\$\{Key\w+(\.Arn)?\}|\$\{SellerChat-production-Data\.\w*(Ref|GetAtt)Key\w+\}"


@pytest.mark.parametrize(
    ("kind", "attribute", "count"),
    [
        ("AWS::SecretsManager::Secret", "KmsKeyId", 2),
        ("AWS::Logs::LogGroup", "KmsKeyId", 11),
        ("AWS::SQS::Queue", "KmsMasterKeyId", 6),
        ("AWS::Events::EventBus", "KmsKeyIdentifier", 1),
        ("AWS::SNS::Topic", "KmsMasterKeyId", 1),
    ],
)
def test_all_that_is_kept_is_encrypted_with_the_accounts_key(
    kind: str, attribute: str, count: int, templates: dict[str, Any]
) -> None:
    found = resources(templates, kind)

    assert len(found) == count
    assert [each for each in found if not re.fullmatch(KEY, text(each[attribute]))] == []


def test_pages_of_the_environments_origins_alone_connect_and_call(templates: dict[str, Any]) -> None:
    chat = Stacks.of(templates).chat
    (cors,) = [
        each["CorsConfiguration"] for each in chat.properties("AWS::ApiGatewayV2::Api") if "CorsConfiguration" in each
    ]

    own = "https://chat.shop.example"
    assert cors["AllowOrigins"] == ["https://shop.example", "https://www.shop.example", own]
    allowed = chat.functions()["authorizer"]["Environment"]["Variables"]["ALLOWED_ORIGINS"]
    assert allowed == f"https://shop.example,https://www.shop.example,{own}"


def test_every_table_is_encrypted_with_the_accounts_key(templates: dict[str, Any]) -> None:
    tables = resources(templates, "AWS::DynamoDB::GlobalTable")

    assert len(tables) == 3
    assert all(table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"} for table in tables)
    keys = [replica["SSESpecification"]["KMSMasterKeyId"] for table in tables for replica in table["Replicas"]]
    assert [each for each in keys if not re.fullmatch(KEY, text(each))] == []


def test_there_is_one_key_and_it_rotates(templates: dict[str, Any]) -> None:
    (key,) = resources(templates, "AWS::KMS::Key")

    assert key["EnableKeyRotation"] is True


def test_the_key_serves_each_service_for_what_is_ours_alone(templates: dict[str, Any]) -> None:
    (key,) = resources(templates, "AWS::KMS::Key")
    conditions: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for statement in key["KeyPolicy"]["Statement"]:
        for condition in statement.get("Condition", {"": {"": "the account's IAM"}}).values():
            for name, value in condition.items():
                for principal in statement["Principal"].values():
                    conditions[text(principal), name].update(text(each) for each in as_list(value))
    account, bus = "123456789012", "arn:aws:events:ap-south-1:123456789012:event-bus/seller-chat-production"
    assert {each: sorted(values) for each, values in conditions.items()} == {
        (f"arn:aws:iam::{account}:root", ""): ["the account's IAM"],
        (f"arn:aws:iam::{account}:root", "kms:ViaService"): ["secretsmanager.ap-south-1.amazonaws.com"],
        ("*", "kms:CallerAccount"): [account],
        ("*", "kms:ViaService"): [f"{each}.ap-south-1.${{AWS::URLSuffix}}" for each in ("dynamodb", "secretsmanager")],
        ("logs.ap-south-1.${AWS::URLSuffix}", "kms:EncryptionContext:aws:logs:arn"): [
            f"arn:aws:logs:ap-south-1:{account}:log-group:{name}-*"
            for name in (
                "/aws/vendedlogs/apigateway/SellerChat-production",
                "SellerChat-production-Chat",
                "SellerChat-production-Web",
            )
        ],
        ("events.amazonaws.com", "aws:SourceAccount"): [account],
        ("events.amazonaws.com", "aws:SourceArn"): [bus],
        ("events.amazonaws.com", "kms:EncryptionContext:aws:events:event-bus:arn"): [bus],
        ("cloudwatch.amazonaws.com", "aws:SourceAccount"): [account],
    }


def test_only_who_uses_queues_may_use_the_key_by_itself(templates: dict[str, Any]) -> None:
    chat = Stacks.of(templates).chat
    using = {
        name: {action for actions in chat.grants(role_of(function)).values() for action in actions}
        for name, function in chat.functions().items()
        if any(re.fullmatch(KEY, resource) for resource in chat.grants(role_of(function)))
    }
    assert set(using) == {"publisher", "attendant", "courier"}
    # To take from its queue and to send to its dead letters.
    assert {"kms:Decrypt", "kms:GenerateDataKey"} <= using["courier"]
    assert "kms:Encrypt" not in using["courier"]


def test_no_function_takes_what_another_needs(templates: dict[str, Any]) -> None:
    functions = Stacks.of(templates).chat.functions()
    reserved = {name: function.get("ReservedConcurrentExecutions", 0) for name, function in functions.items()}

    assert all(reserved.values())
    assert sum(reserved.values()) + 100 <= 1000


def test_reports_have_the_smallest_door_and_nobody_is_called_for_them(templates: dict[str, Any]) -> None:
    routes = [each["RouteSettings"] for each in resources(templates, "AWS::ApiGatewayV2::Stage")]
    rates = {route: each["ThrottlingRateLimit"] for settings in routes for route, each in settings.items()}
    watched = json.dumps(resources(templates, "AWS::CloudWatch::Alarm"))

    assert rates.pop("POST /reports") * 10 <= min(rates.values())
    assert "FailedSends" in watched
    assert not re.search("TroubledPages|Page[A-Z]", watched)


def test_no_queue_calls_its_function_beyond_what_is_reserved(templates: dict[str, Any]) -> None:
    chat = Stacks.of(templates).chat
    functions = {key: each["Properties"] for key, each in chat.resources("AWS::Lambda::Function").items()}
    queues = [each for each in chat.properties("AWS::Lambda::EventSourceMapping") if "ScalingConfig" in each]

    assert len(queues) == 3
    for queue in queues:
        reserved = functions[chat.called(queue["FunctionName"]) or ""]["ReservedConcurrentExecutions"]
        assert queue["ScalingConfig"]["MaximumConcurrency"] <= reserved


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
@pytest.mark.parametrize("of", ["budget_email", "alarm_email"])
def test_an_address_that_cannot_be_told_is_refused(of: str, name: str, email: str) -> None:
    with pytest.raises(InvalidContextError, match=of):
        select_environment(name, **{of: email})
