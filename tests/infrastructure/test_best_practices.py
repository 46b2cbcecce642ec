"""cdk-nag's AwsSolutions rules hold, but for what the stacks acknowledge with a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_deployment as s3_deployment
from cdk_nag import AwsSolutionsChecks

from app import add_stacks
from stacks.environment import Environment
from stacks.environments import ENVIRONMENTS
from tests.infrastructure.synthesis import new_app


def check(environment: Environment) -> None:
    """Synthesize with the rules; raises RuntimeError if one is broken."""
    app = new_app()
    add_stacks(app, environment)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


@pytest.mark.parametrize("shop", [None, "https://shop.example/chat"])
def test_no_rule_is_broken(shop: str | None, environment: Environment) -> None:
    check(replace(environment, php_api_url=shop))


def test_none_is_broken_either_with_a_key_and_an_account_of_ones_own(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
    monkeypatch.setenv("CDK_DEFAULT_REGION", "ap-south-1")
    check(replace(environment, php_api_url="https://shop.example/chat", customer_managed_key=True))


def test_a_broken_rule_would_be_noticed() -> None:
    app = new_app()
    role = iam.Role(cdk.Stack(app, "Broken"), "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    role.add_to_policy(iam.PolicyStatement(actions=["dynamodb:*"], resources=["*"]))
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match=r"(?i)validation"):
        app.synth()


def test_what_fills_the_bucket_is_excused_for_the_assets_and_its_own_files_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployment = s3_deployment.BucketDeployment

    def reaching_further(*arguments: Any, **options: Any) -> s3_deployment.BucketDeployment:
        made = deployment(*arguments, **options)
        statement = iam.PolicyStatement(actions=["s3:PutObject"], resources=["arn:aws:s3:::somebody-elses/*"])
        made.handler_role.add_to_principal_policy(statement)
        return made

    monkeypatch.setattr(s3_deployment, "BucketDeployment", reaching_further)
    with pytest.raises(RuntimeError, match=r"(?i)validation"):
        check(ENVIRONMENTS["dev"])
