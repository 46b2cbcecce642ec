"""docs/stacks.md draws every stack, what is in it and what reaches what, and says what each costs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from aws_cdk.cx_api import CloudAssembly

import account
from app import add_stacks
from tests.infrastructure.synthesis import PROJECT, new_app, with_every_option

DOCUMENT = (PROJECT / "docs" / "stacks.md").read_text(encoding="utf-8")
ARROW = re.compile(r"^ *(\w+) --> (\w+(?: & \w+)*)$", re.MULTILINE)
AFTER = re.compile(r"^ *(\w+) -\. after \.-> (\w+(?: & \w+)*)$", re.MULTILINE)
Arrows = set[tuple[str, str]]
Templates = dict[str, dict[str, Any]]

DRAWN = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::Budgets::Budget",
    "AWS::CloudFront::Distribution",
    "AWS::CloudWatch::Dashboard",
    "AWS::CodeDeploy::Application",
    "AWS::DynamoDB::GlobalTable",
    "AWS::Events::EventBus",
    "AWS::KMS::Key",
    "AWS::Lambda::Function",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::SecretsManager::Secret",
}
"""What is a thing of its own; all else belongs to one of these, or says who may what."""


@pytest.fixture(scope="module")
def assembly() -> Iterator[CloudAssembly]:
    """Production with every option."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
        patch.setenv("CDK_DEFAULT_REGION", "eu-central-1")
        app = new_app(builtin_cloud_formation_validation=False)
        add_stacks(app, with_every_option("production"))
        yield app.synth()


@pytest.fixture(scope="module")
def templates(assembly: CloudAssembly) -> Templates:
    """By the stacks' names without the environment's."""
    return {short(each.stack_name): each.template for each in assembly.stacks}


def short(stack: str) -> str:
    return stack.rpartition("-")[2]


def test_what_is_deployed_after_what_is_drawn(assembly: CloudAssembly) -> None:
    drawn = {(later, first) for later, many in AFTER.findall(DOCUMENT) for first in many.split(" & ")}
    stacks = {each.stack_name for each in assembly.stacks}

    assert drawn == {
        (short(each.stack_name), short(other.id))
        for each in assembly.stacks
        for other in each.dependencies
        if other.id in stacks
    }


def name_of(logical_id: str) -> str:
    """A construct's name, without those that only hold it."""
    bare = re.sub(r"(?<=\w)[0-9A-F]{8}.*$", "", logical_id)
    bare = re.sub(r"^Events(?:(?:Publisher|Attendant|Courier)(?!Function))?(?=\w)", "", bare)
    return re.sub(r"^Panel(?=\w)|(?<=\w)Function$", "", bare)


def drawn_in(stack: str) -> set[str]:
    """The nodes of a stack in the drawing."""
    (body,) = re.findall(rf"^    subgraph {stack}\b.*?\n(.*?)^    end", DOCUMENT, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^        (\w+)[\[({]", body, re.MULTILINE))


def test_every_stack_is_drawn_with_all_that_is_in_it(templates: Templates) -> None:
    held = {
        stack: {name_of(each) for each, resource in template["Resources"].items() if resource["Type"] in DRAWN}
        for stack, template in templates.items()
    }

    assert {stack: drawn_in(stack) for stack in templates} == held, "draw it in docs/stacks.md"


def test_every_arrow_is_drawn_and_no_other(templates: Templates) -> None:
    drawn = {(source, target) for source, targets in ARROW.findall(DOCUMENT) for target in targets.split(" & ")}

    assert drawn == {arrow for template in templates.values() for arrow in arrows_in(template["Resources"])} | {
        ("Sockets", "WebSocketApi"),
        ("Rest", "RestApi"),
    }


def test_what_an_account_has_beside_them_is_drawn_too() -> None:
    app = new_app(builtin_cloud_formation_validation=False)
    account.add_stacks(app, repository="acme/chat", environment="production")
    kinds = {"AWS::IAM::Role", "AWS::IAM::OIDCProvider"}
    held = {
        stack: {f"{stack}{name_of(one)}" for one, each in template["Resources"].items() if each["Type"] in kinds}
        for stack, template in ((short(each.stack_name), each.template) for each in app.synth().stacks)
    }

    assert {stack: drawn_in(stack) for stack in held} == held, "draw it in docs/stacks.md"
    assert set(held) == {"Account", "GitHub", "Pipeline"}


def test_each_host_leads_to_its_api(templates: Templates) -> None:
    # By name, since the stack of the names knows no API.
    hosts = {
        each["Properties"]["DomainName"]: name_of(logical_id)
        for logical_id, each in templates["Hosts"]["Resources"].items()
        if each["Type"] == "AWS::ApiGatewayV2::DomainName"
    }
    mapped = [
        (hosts[each["Properties"]["DomainName"]], things_in(each["Properties"]["ApiId"]))
        for each in templates["Chat"]["Resources"].values()
        if each["Type"] == "AWS::ApiGatewayV2::ApiMapping"
    ]

    assert sorted(mapped) == [("Rest", {"RestApi"}), ("Sockets", {"WebSocketApi"})]


FROM_TO = {
    "AWS::ApiGatewayV2::Authorizer": ("ApiId", "AuthorizerUri"),
    "AWS::ApiGatewayV2::Integration": ("ApiId", "IntegrationUri"),
    "AWS::Events::Rule": ("EventBusName", "Targets"),
    "AWS::Lambda::EventSourceMapping": ("EventSourceArn", "FunctionName"),
}
"""What leads from one thing to another, by the properties that name them."""
OWN = {"AWS::CloudFront::Distribution": "DistributionConfig", "AWS::SQS::Queue": "RedrivePolicy"}
"""What leads from itself to another thing, by the property that names it."""


def arrows_in(resources: dict[str, Any]) -> Arrows:
    """From who uses something to what is used, and from what calls to what is called; all use the one key."""
    found: Arrows = set()
    for logical_id, each in resources.items():
        properties = each.get("Properties", {})
        sources, targets = set[str](), set[str]()
        if each["Type"] in FROM_TO:
            source, target = FROM_TO[each["Type"]]
            sources, targets = things_in(properties.get(source)), things_in(properties.get(target))
        elif each["Type"] in OWN:
            sources, targets = {name_of(logical_id)}, things_in(properties.get(OWN[each["Type"]]))
        elif each["Type"] == "AWS::IAM::Policy":
            sources = {who_has(role, resources) for part in properties["Roles"] for role in ids_in(part)}
            statements = properties["PolicyDocument"]["Statement"]
            targets = things_in([statement["Resource"] for statement in statements])
        found |= {(source, target) for source in sources for target in targets & names_drawn() - {source, "Key"}}
    return found


def names_drawn() -> set[str]:
    return set(re.findall(r"^        (\w+)[\[({]", DOCUMENT, re.MULTILINE))


def who_has(role: str, resources: dict[str, Any]) -> str:
    """The function that a role is of, what shifts calls to new versions, or the schedules."""
    for logical_id, each in resources.items():
        if each["Type"] == "AWS::Lambda::Function" and role in ids_in(each["Properties"]["Role"]):
            return name_of(logical_id)
        if each["Type"] == "AWS::CodeDeploy::DeploymentGroup" and role in ids_in(each["Properties"]["ServiceRoleArn"]):
            return "ReleaseApplication"
    return "Schedules"


def things_in(value: Any) -> set[str]:
    """The names of what a value refers to, in whichever stack; an alias goes by its function's name."""
    return {re.sub(r"(?:Function)?Live$", "", name_of(each)) for each in ids_in(value)}


def ids_in(value: Any) -> set[str]:
    match value:
        case {"Ref": str(logical_id)} | {"Fn::GetAtt": [str(logical_id), *_]}:
            return {logical_id}
        case {"Fn::ImportValue": str(export)}:
            return {re.sub(r"^.*:ExportsOutput(?:Ref|FnGetAtt)", "", export)}
        case dict():
            return {found for part in value.values() for found in ids_in(part)}
        case list():
            return {found for part in value for found in ids_in(part)}
    return set()
