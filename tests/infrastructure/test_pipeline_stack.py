"""GitHub Actions may do what a deployment of one environment needs, and holds no key of the account."""

from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

import account
from administration.preflight.account import GITHUB
from stacks.environments import ENVIRONMENTS
from stacks.pipeline_stack import ISSUER
from stacks.target import AWS
from tests.infrastructure.cloud_formation import Template, as_list, text
from tests.infrastructure.synthesis import new_app

ON_AWS = [name for name, each in ENVIRONMENTS.items() if each.target is AWS]

SUBJECT, AUDIENCE = f"{ISSUER}:sub", f"{ISSUER}:aud"
READS = ("Describe", "Filter", "Get", "List", "Query", "GET")


@pytest.fixture(scope="module")
def stacks() -> dict[str, Template]:
    """What `make pipeline ENV=production REPOSITORY=shop/chat` deploys, held to cdk-nag's rules as all else is."""
    app = new_app()
    account.add_stacks(app, repository="shop/chat", environment="production")
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return {stack.stack_name: Template(stack.template) for stack in app.synth().stacks}


@pytest.fixture
def pipeline(stacks: dict[str, Template]) -> Template:
    return stacks["SellerChat-production-Pipeline"]


def role(pipeline: Template, name: str) -> tuple[Any, dict[str, set[str]]]:
    """A role's one statement of trust, and its actions by what they are allowed on."""
    (role_id,) = (each for each in pipeline.resources("AWS::IAM::Role") if each.startswith(name))
    (trust,) = pipeline.resources("AWS::IAM::Role")[role_id]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    allowed: dict[str, set[str]] = {}
    for policy in pipeline.properties("AWS::IAM::Policy"):
        if {"Ref": role_id} not in policy["Roles"]:
            continue
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            for resource in as_list(statement["Resource"]):
                allowed.setdefault(text(resource), set()).update(as_list(statement["Action"]))
    return trust, allowed


@pytest.mark.parametrize(
    ("name", "environment"), [("Plan", "production-plan"), ("Deploy", "production"), ("Verify", "production")]
)
def test_a_role_is_for_one_environment_of_one_repository(pipeline: Template, name: str, environment: str) -> None:
    trust, _ = role(pipeline, name)

    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert text(trust["Principal"]["Federated"]).endswith(f":oidc-provider/{ISSUER}")
    # Compared as a whole: no pattern, and no other claim in its place.
    assert trust["Condition"] == {
        "StringEquals": {AUDIENCE: "sts.amazonaws.com", SUBJECT: f"repo:shop/chat:environment:{environment}"}
    }
    assert "*" not in json.dumps(trust)


def test_a_repository_whose_tokens_name_ids_is_trusted_by_its_ids() -> None:
    app = new_app()
    account.add_stacks(app, repository="shop@123456/chat@456789", environment="production")

    trust, _ = role(Template(app.synth().get_stack_by_name("SellerChat-production-Pipeline").template), "Deploy")
    assert trust["Condition"]["StringEquals"][SUBJECT] == "repo:shop@123456/chat@456789:environment:production"


def test_there_is_no_other_role_and_no_user_with_a_key(stacks: dict[str, Template]) -> None:
    kinds = [each["Type"] for stack in stacks.values() for each in stack.document["Resources"].values()]

    assert set(kinds) == {"AWS::ApiGateway::Account", "AWS::IAM::OIDCProvider", "AWS::IAM::Policy", "AWS::IAM::Role"}
    assert set(stacks["SellerChat-production-Pipeline"].outputs()) == {"PlanRole", "DeployRole", "VerifyRole"}


@pytest.mark.parametrize(("name", "roles"), [("Deploy", {"deploy", "file-publishing", "lookup"}), ("Plan", {"lookup"})])
def test_it_takes_on_bootstraps_roles_of_its_own_account_and_region(
    pipeline: Template, name: str, roles: set[str]
) -> None:
    _, allowed = role(pipeline, name)
    taken = {resource for resource, actions in allowed.items() if "sts:AssumeRole" in actions}

    here = "${AWS::AccountId}-${AWS::Region}"
    assert taken == {
        f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/cdk-hnb659fds-{each}-role-{here}" for each in roles
    }
    if name == "Deploy":
        assert set(allowed) == taken


def test_what_looks_only_reads(pipeline: Template) -> None:
    _, allowed = role(pipeline, "Plan")
    actions = {each.partition(":")[2] for granted in allowed.values() for each in granted} - {"AssumeRole"}

    assert [each for each in actions if not each.startswith(READS)] == []


def test_what_looks_reads_every_resource_as_drift_is_detected_by_its_own_rights_and_nobody_else_does(
    pipeline: Template,
) -> None:
    managed = {
        re.sub(r"[0-9A-F]{8}$", "", role_id): [text(each) for each in properties["ManagedPolicyArns"]]
        for role_id, each in pipeline.resources("AWS::IAM::Role").items()
        if "ManagedPolicyArns" in (properties := each["Properties"])
    }

    assert managed == {"Plan": ["arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess"]}


def test_what_verifies_writes_to_this_environments_tables_and_connections_alone(pipeline: Template) -> None:
    _, allowed = role(pipeline, "Verify")
    writes = {
        (resource.partition("${AWS::AccountId}:")[2], action)
        for resource, actions in allowed.items()
        for action in actions
        if not action.partition(":")[2].startswith(READS)
    }

    assert {resource for resource, _ in writes} == {
        "table/SellerChat-production-Data-*",
        "table/SellerChat-production-Data-*/index/*",
        "*/production/*/@connections/*",
        "key/*",
    }
    assert "secretsmanager:PutSecretValue" not in {action for _, action in writes}


def test_a_secret_and_a_key_are_this_environments_own(pipeline: Template) -> None:
    guarded = [
        statement
        for policy in pipeline.properties("AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if any(each.startswith(("secretsmanager:", "kms:")) for each in as_list(statement["Action"]))
    ]

    assert len(guarded) == 2
    for statement in guarded:
        assert statement["Condition"] == {
            "StringEquals": {
                "aws:ResourceTag/service": "seller-chat",
                "aws:ResourceTag/environment": "production",
            }
        }


def test_that_github_is_believed_outlives_the_stack_since_other_repositories_need_it(
    stacks: dict[str, Template],
) -> None:
    (provider,) = stacks["SellerChat-GitHub"].resources("AWS::IAM::OIDCProvider").values()

    assert provider["DeletionPolicy"] == "Retain"
    assert provider["Properties"]["Url"] == f"https://{GITHUB}"
    assert provider["Properties"]["ClientIdList"] == ["sts.amazonaws.com"]


@pytest.mark.parametrize(
    ("repository", "environment", "said"),
    [
        ("chat", "production", "say REPOSITORY=OWNER/NAME or OWNER@ID/NAME@ID"),
        ("shop@1/chat", "production", "say REPOSITORY=OWNER/NAME or OWNER@ID/NAME@ID"),
        ("shop@1/chat@*", "production", "say REPOSITORY=OWNER/NAME or OWNER@ID/NAME@ID"),
        ("shop/*", "production", "say REPOSITORY=OWNER/NAME"),
        ("shop/chat", "local", f"use one of {', '.join(ON_AWS)}$"),
        ("shop/chat", None, f"use one of {', '.join(ON_AWS)}$"),
    ],
)
def test_what_is_no_repository_or_no_environment_is_refused(
    repository: str, environment: str | None, said: str
) -> None:
    with pytest.raises(SystemExit, match=said):
        account.add_stacks(new_app(), repository=repository, environment=environment)
