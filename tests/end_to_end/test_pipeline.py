"""What GitHub's roles may do, on the deployed system: each is enough for its step, and no more than that."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import jwt
import pytest
from botocore.exceptions import ClientError

from administration.deployments import LOCAL, Deployment, stack_of
from administration.preflight.__main__ import before_deploying
from administration.preflight.names import CLOUD_FRONTS_REGION
from administration.verification import operations
from administration.verification.__main__ import verify
from administration.verification.people import People
from administration.verification.resources import Resources
from local_aws.emulator import REGION
from local_aws.web_pages import WebPages
from stacks.pipeline_stack import AUDIENCE, ISSUER, PipelineStack
from tests.end_to_end.deployed_system import DeployedSystem
from tests.infrastructure.synthesis import new_app

STACK = stack_of(LOCAL, "Pipeline")
AS_THE_EMULATOR_SAYS: Mapping[str, str] = {
    # CloudFormation calls a secret and a log group otherwise than the emulator does.
    ":secret:SellerTokenKey*": f":secret:{stack_of(LOCAL, 'Data')}-SellerTokenKey*",
    f":log-group:SellerChat-{LOCAL}-*": f":log-group:/aws/cloudformation/SellerChat-{LOCAL}-*",
    # The emulator takes the one for the other.
    "lambda:GetEventSourceMapping": "lambda:ListEventSourceMappings",
    "lambda:GetFunctionConcurrency": "lambda:PutFunctionConcurrency",
    "lambda:GetFunctionRecursionConfig": "lambda:GetFunction",
}
ASKED_BY_OTHER_NAMES: Mapping[str, str] = {
    "apigateway:GetAccount": "apigateway:GET",
    "apigatewaymanagementapi:DeleteConnection": "execute-api:ManageConnections",
    "apigatewaymanagementapi:PostToConnection": "execute-api:ManageConnections",
    "lambda:GetEventSourceMapping": "lambda:ListEventSourceMappings",
    "lambda:GetFunctionConcurrency": "lambda:PutFunctionConcurrency",
    "lambda:GetFunctionRecursionConfig": "lambda:GetFunction",
    "service-quotas:GetServiceQuota": "servicequotas:GetServiceQuota",
}
"""Calls whose permission has another name."""

KEY = "of GitHub, which the emulator does not ask for"
ON_AWS_ALONE = {
    "Plan": {
        # What a synthesis looks up, and what it takes on for `cdk diff`.
        "sts:AssumeRole",
        # Asked after the first, which the emulator does not answer.
        "servicequotas:GetAWSDefaultServiceQuota",
        "servicequotas:ListAWSDefaultServiceQuotas",
        "servicequotas:ListServiceQuotas",
        # Asked for production, whose alarms must reach somebody.
        "sns:ListSubscriptionsByTopic",
    },
    # Where the environment has a key of its own.
    "Verify": {"kms:Decrypt", "kms:GenerateDataKey"},
}
"""What is not asked of an emulator, and so not seen here."""


@dataclass(frozen=True)
class Roles:
    """The roles of `make pipeline` for the deployed system, which stands for an environment on AWS."""

    system: DeployedSystem
    arns: Mapping[str, str]

    def taken(self, name: str, *, subject: str, audience: str = AUDIENCE) -> boto3.Session:
        """A session of who shows a token of GitHub's for `subject`."""
        claims = {"iss": f"https://{ISSUER}", "aud": audience, "sub": subject}
        tokens = self.system.client("sts")
        # The local AWS lets nobody in who does not sign; AWS asks for no signature here.
        tokens.meta.events.register_first("choose-signer.sts.AssumeRoleWithWebIdentity", lambda **_: "v4")
        found = tokens.assume_role_with_web_identity(
            RoleArn=self.arns[name], RoleSessionName="step", WebIdentityToken=jwt.encode(claims, KEY)
        )["Credentials"]
        return boto3.Session(
            aws_access_key_id=found["AccessKeyId"],
            aws_secret_access_key=found["SecretAccessKey"],
            aws_session_token=found["SessionToken"],
            region_name=REGION,
        )

    def allowed(self, name: str) -> set[str]:
        """The actions that a role may do."""
        return {action for each in self._statements(name) for action in _listed(each["Action"])}

    def _statements(self, name: str) -> list[dict[str, Any]]:
        iam, role = self.system.client("iam"), self.arns[name].rpartition("/")[2]
        policies = iam.list_role_policies(RoleName=role)["PolicyNames"]
        documents = [iam.get_role_policy(RoleName=role, PolicyName=each)["PolicyDocument"] for each in policies]
        return [statement for document in documents for statement in document["Statement"]]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.fixture(scope="module")
def roles(deployed_system: DeployedSystem) -> Iterator[Roles]:
    """The stack of `make pipeline`, as CloudFormation makes it of its template."""
    app = new_app(builtin_cloud_formation_validation=False)
    PipelineStack(app, STACK, repository="shop/chat", environment=LOCAL)
    template = json.dumps(app.synth().get_stack_by_name(STACK).template)
    for on_aws, here in AS_THE_EMULATOR_SAYS.items():
        assert on_aws in template
        template = template.replace(on_aws, here)
    formation = deployed_system.client("cloudformation")
    formation.create_stack(StackName=STACK, TemplateBody=template, Capabilities=["CAPABILITY_IAM"])
    formation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    (stack,) = formation.describe_stacks(StackName=STACK)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    yield Roles(deployed_system, {name: outputs[f"{name}Role"] for name in ("Plan", "Deploy", "Verify")})
    formation.delete_stack(StackName=STACK)
    formation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})


@contextmanager
def noted(session: boto3.Session) -> Iterator[set[str]]:
    """The permissions that a session's calls need, as they are made."""
    needed: set[str] = set()

    def note(model: Any, params: dict[str, Any], **_: object) -> None:
        needed.update(_needed(f"{model.service_model.service_name}:{model.name}", params))

    session.events.register("before-call.*.*", note)
    yield needed
    session.events.unregister("before-call.*.*", note)


def _needed(call: str, parameters: Mapping[str, Any]) -> set[str]:
    if call != "dynamodb:TransactWriteItems":
        return {ASKED_BY_OTHER_NAMES.get(call, call)}
    written = json.loads(parameters["body"])["TransactItems"]
    actions = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
    return {f"dynamodb:{actions[kind]}" for each in written for kind in each}


@pytest.mark.parametrize(("role", "environment"), [("Plan", f"{LOCAL}-plan"), ("Deploy", LOCAL), ("Verify", LOCAL)])
def test_a_role_is_taken_in_its_own_environment_of_its_repository_alone(
    roles: Roles, role: str, environment: str
) -> None:
    subject = f"repo:shop/chat:environment:{environment}"
    others = {"production", f"{LOCAL}-plan", LOCAL} - {environment}

    assert roles.taken(role, subject=subject).get_credentials() is not None
    for refused in (
        *(f"repo:shop/chat:environment:{other}" for other in others),
        f"repo:other/chat:environment:{environment}",
        f"repo:shop/chat-fork:environment:{environment}",
        f"repo:shop/chat:ref:refs/heads/{environment}",
        "repo:shop/chat:pull_request",
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            roles.taken(role, subject=refused)
    with pytest.raises(ClientError, match="AccessDenied"):
        roles.taken(role, subject=subject, audience="https://github.com/shop")


@pytest.mark.usefixtures("forgotten_openings")
def test_the_role_that_verifies_may_do_what_a_verification_does_and_nothing_else(
    roles: Roles, deployed_system: DeployedSystem, pages_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = roles.taken("Verify", subject=f"repo:shop/chat:environment:{LOCAL}")
    lines: list[str] = []
    with noted(session) as needed, WebPages(port=pages_port, outputs=deployed_system.outputs) as pages:
        outputs = deployed_system.outputs | {"ShopUrl": pages.url}
        deployment = Deployment(session, deployed_system.endpoint, outputs)
        assert verify(deployment, lines.append), lines
        # One that is cut off closes what it has opened.
        people = People(deployment, Resources(deployment))
        people.register()
        with people.socket_of(people.visitor) as visitor:
            people.start(visitor)
        people.leave()
        # What is asked on AWS only.
        monkeypatch.setenv("AWS_ENDPOINT_URL", deployed_system.endpoint)
        on_aws = Deployment(session, None, outputs)
        operations.check_account(on_aws, Resources(on_aws))

    assert needed <= roles.allowed("Verify")
    assert roles.allowed("Verify") - needed == ON_AWS_ALONE["Verify"]


def test_the_role_that_plans_may_look_at_the_account_and_at_nothing_else(
    roles: Roles, deployed_system: DeployedSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = deployed_system.client
    change = {"op": "replace", "path": "/cloudwatchRoleArn", "value": roles.arns["Deploy"]}
    owner("apigateway").update_account(patchOperations=[change])
    elsewhere = deployed_system.credentials.session(CLOUD_FRONTS_REGION)
    certificates = {
        "certificate": owner("acm"),
        "widget_certificate": elsewhere.client("acm", endpoint_url=deployed_system.endpoint),
    }
    zone = owner("route53").create_hosted_zone(Name="shop.example", CallerReference="once")["HostedZone"]["Id"]
    given = {"account_concurrency": "10", "host": "chat.shop.example", "hosted_zone": zone.rpartition("/")[2]} | {
        name: acm.request_certificate(DomainName="chat.shop.example", SubjectAlternativeNames=["*.chat.shop.example"])[
            "CertificateArn"
        ]
        for name, acm in certificates.items()
    }
    monkeypatch.setenv("AWS_ENDPOINT_URL", deployed_system.endpoint)
    session = roles.taken("Plan", subject=f"repo:shop/chat:environment:{LOCAL}-plan")

    with noted(session) as needed:
        said = before_deploying(session, LOCAL, given)

    assert said.startswith(f"local in {REGION}: the account is ready.")
    assert needed <= roles.allowed("Plan")
    assert roles.allowed("Plan") - needed == ON_AWS_ALONE["Plan"]


def test_the_role_that_deploys_may_only_take_on_others(roles: Roles) -> None:
    assert roles.allowed("Deploy") == {"sts:AssumeRole"}
