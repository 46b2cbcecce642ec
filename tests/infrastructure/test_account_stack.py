"""What `make bootstrap` sets once for an account and Region."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

from account import add_stacks
from stacks.account_stack import AccountStack
from tests.infrastructure.cloud_formation import Template, text
from tests.infrastructure.synthesis import new_app


@pytest.fixture(scope="module")
def account() -> Template:
    """The stack, held to cdk-nag's rules as the others are."""
    app = new_app()
    AccountStack(app, "SellerChat-Account")
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    (stack,) = app.synth().stacks
    return Template(stack.template)


def test_api_gateway_may_write_logs_and_nothing_else(account: Template) -> None:
    role = account.only("AWS::IAM::Role")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "apigateway.amazonaws.com"}
    assert [text(each).rpartition("/")[2] for each in role["ManagedPolicyArns"]] == [
        "AmazonAPIGatewayPushToCloudWatchLogs"
    ]
    assert list(account.resources("AWS::ApiGateway::Account")) == ["Account"]


def test_the_setting_outlives_its_stack_since_other_apis_log_by_it(account: Template) -> None:
    (setting,) = account.resources("AWS::ApiGateway::Account").values()
    (role,) = account.resources("AWS::IAM::Role").values()
    assert (setting["DeletionPolicy"], role["DeletionPolicy"]) == ("Retain", "Retain")


def test_a_region_where_nothing_could_follow_is_not_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_DEFAULT_REGION", "af-south-1")

    with pytest.raises(SystemExit, match=r"cannot be in af-south-1: set AWS_REGION to one of .*eu-central-1"):
        add_stacks(new_app(), repository=None, environment=None)
