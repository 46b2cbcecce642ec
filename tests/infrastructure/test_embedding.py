"""Seller Chat in the app of another company, which has its own rules for its account."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from stacks.environments import DEV, PRODUCTION
from stacks.seller_chat import NameTakenError, SellerChat
from tests.infrastructure.cloud_formation import Json, Template, as_list, text
from tests.infrastructure.synthesis import new_app

ACCOUNT = cdk.Environment(account="123456789012", region="eu-west-1")
BOUNDARY = "arn:aws:iam::123456789012:policy/acme-boundary"
ACME = replace(PRODUCTION, name="acme")
ENCRYPTED = {
    "AWS::DynamoDB::GlobalTable": "SSESpecification",
    "AWS::SecretsManager::Secret": "KmsKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::Events::EventBus": "KmsKeyIdentifier",
    "AWS::SNS::Topic": "KmsMasterKeyId",
}


NAMED = {
    "AWS::ApiGatewayV2::Api": "Name",
    "AWS::CloudFront::OriginAccessControl": "OriginAccessControlConfig.Name",
    "AWS::CloudFront::ResponseHeadersPolicy": "ResponseHeadersPolicyConfig.Name",
}
"""What is found by a name that is not what CloudFormation knows it by."""


def acme_app() -> cdk.App:
    """An app as the other company has it: no flags of ours, and a qualifier of its own."""
    return cdk.App(
        context={"aws:cdk:bundling-stacks": []}, analytics_reporting=False, builtin_cloud_formation_validation=False
    )


def taken_names(resource: Json) -> Iterator[tuple[str, str]]:
    """What a resource is called in its account and Region, where the template says it."""
    kind, properties = resource["Type"], resource.get("Properties", {})
    if kind in NAMED:
        *path, last = NAMED[kind].split(".")
        for part in path:
            properties = properties[part]
        yield kind, text(properties[last])
    elif not kind.startswith("Custom::"):
        identifiers = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema["primaryIdentifier"]
        name = identifiers[0].rpartition("/")[2]
        if len(identifiers) == 1 and isinstance(properties.get(name), str):
            yield kind, text(properties[name])


def templates(app: cdk.App | cdk.Stage) -> dict[str, Template]:
    stacks = app.synth().stacks
    return {stack.stack_name: Template(stack.template) for stack in stacks}


def resources(app: cdk.App | cdk.Stage) -> Iterator[Json]:
    for template in templates(app).values():
        yield from template.document["Resources"].values()


def test_the_stacks_are_named_by_the_host_and_deployed_with_its_synthesizer_and_qualifier() -> None:
    app = acme_app()
    chat = SellerChat(
        app,
        "AcmeChat",
        environment=ACME,
        env=ACCOUNT,
        synthesizer=cdk.DefaultStackSynthesizer(qualifier="acme1", file_assets_bucket_name="acme-assets"),
    )

    assert [each.stack_name for each in chat.stacks] == [
        f"AcmeChat-{part}" for part in ("Data", "Chat", "Operations", "Web")
    ]
    for stack in app.synth().stacks:
        written = str(stack.template) + str(stack.assume_role_arn)
        assert "cdk-acme1-deploy-role" in written
        assert "hnb659fds" not in written
    buckets = {text(each["Code"]["S3Bucket"]) for each in templates(app)["AcmeChat-Chat"].functions().values()}
    assert buckets == {"acme-assets"}


def test_the_apps_own_synthesizer_is_used_where_none_is_given() -> None:
    app = new_app(
        builtin_cloud_formation_validation=False,
        default_stack_synthesizer=cdk.CliCredentialsStackSynthesizer(qualifier="acme2"),
    )
    SellerChat(app, "AcmeChat", environment=ACME, env=ACCOUNT)

    assert {stack.assume_role_arn for stack in app.synth().stacks} == {None}


def test_every_role_has_the_boundary_of_the_account() -> None:
    app = acme_app()
    boundary = cdk.PermissionsBoundary.from_arn(BOUNDARY)
    SellerChat(app, "AcmeChat", environment=ACME, env=ACCOUNT, permissions_boundary=boundary)
    roles = [each["Properties"] for each in resources(app) if each["Type"] == "AWS::IAM::Role"]

    assert len(roles) > 8
    assert {str(each.get("PermissionsBoundary")) for each in roles} == {BOUNDARY}


def test_what_is_tagged_by_an_aspect_has_the_tag_beside_those_of_the_stacks() -> None:
    app = acme_app()
    chat = SellerChat(app, "AcmeChat", environment=ACME, env=ACCOUNT, tags={"owner": "chat"})
    cdk.Tags.of(app).add("cost-center", "4711")
    topics = [each for each in resources(app) if each["Type"] == "AWS::SNS::Topic"]

    assert {"Key": "cost-center", "Value": "4711"} in topics[0]["Properties"]["Tags"]
    for stack in app.synth().stacks:
        assert stack.tags.items() >= {"owner": "chat", "service": "seller-chat", "environment": "acme"}.items()
    assert len(chat.stacks) == 4


@pytest.fixture(scope="module")
def with_key_of_the_host() -> dict[str, Template]:
    app = acme_app()
    key = kms.Key(cdk.Stack(app, "AcmeKeys", env=ACCOUNT), "Key")
    SellerChat(app, "AcmeChat", environment=ACME, env=ACCOUNT, key=key)
    return templates(app)


@pytest.mark.parametrize(("kind", "name"), ENCRYPTED.items())
def test_everything_kept_is_encrypted_with_the_hosts_key(
    kind: str, name: str, with_key_of_the_host: dict[str, Template]
) -> None:
    kept = [properties for template in with_key_of_the_host.values() for properties in template.properties(kind)]

    assert kept
    assert [each for each in kept if name not in each or "AcmeKeys" not in str(each)] == []
    assert not with_key_of_the_host["AcmeChat-Data"].resources("AWS::KMS::Key")


def test_the_hosts_key_serves_every_log_group_wherever_its_stack_is_called() -> None:
    app = acme_app()
    stage = cdk.Stage(app, "Beta", env=ACCOUNT)
    key = kms.Key(cdk.Stack(stage, "Keys"), "Key")
    SellerChat(stage, "AnyName", environment=ACME, key=key)
    found = templates(stage)
    (policy,) = [each["KeyPolicy"] for each in found["Beta-Keys"].properties("AWS::KMS::Key")]
    served = [
        text(arn).rpartition("log-group:")[2]
        for statement in policy["Statement"]
        for arn in as_list(statement.get("Condition", {}).get("ArnLike", {}).get(LOGS, []))
    ]
    groups = [
        each.get("LogGroupName", f"{name}-{logical_id}")
        for name, template in found.items()
        for logical_id, resource in template.resources("AWS::Logs::LogGroup").items()
        for each in [resource["Properties"]]
    ]

    assert groups
    assert [each for each in groups if not any(fnmatchcase(each, pattern) for pattern in served)] == []


LOGS = "kms:EncryptionContext:aws:logs:arn"


def test_alarms_go_to_the_hosts_topic() -> None:
    app = acme_app()
    topic = sns.Topic(cdk.Stack(app, "AcmeOnCall", env=ACCOUNT), "Topic")
    SellerChat(app, "AcmeChat", environment=ACME, env=ACCOUNT, alarm_topic=topic)
    operations = templates(app)["AcmeChat-Operations"]

    assert not operations.resources("AWS::SNS::Topic")
    assert {text(each["AlarmActions"][0]) for each in operations.properties("AWS::CloudWatch::Alarm")} == {
        "${AcmeOnCall.ExportsOutputRefTopicBFC7AF6ECB4A357A}"
    }


def test_two_in_one_account_and_region_share_no_name() -> None:
    app = acme_app()
    for name in ("emea", "apac"):
        SellerChat(app, f"Chat-{name}", environment=replace(ACME, name=name), env=ACCOUNT)
    names = Counter(name for each in resources(app) for name in taken_names(each))
    stacks = app.synth().stacks
    assert len({stack.stack_name for stack in stacks}) == len(stacks) == 8
    kinds = {kind for kind, _ in names}
    assert kinds >= {
        "AWS::Events::EventBus",
        "AWS::CloudWatch::Dashboard",
        "AWS::Logs::LogGroup",
        "AWS::ApiGatewayV2::Api",
    }
    assert [name for name, count in names.items() if count > 1] == []


def test_two_of_the_same_name_are_refused_in_one_place_and_not_in_two() -> None:
    app = acme_app()
    SellerChat(app, "One", environment=ACME, env=ACCOUNT)
    SellerChat(app, "Far", environment=ACME, env=cdk.Environment(account=ACCOUNT.account, region="eu-central-1"))

    with pytest.raises(NameTakenError, match=r"^One-Data is called 'acme' already.*give this environment another name"):
        SellerChat(app, "Two", environment=ACME, env=ACCOUNT)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "-a", "x" * 33, "ä"])
def test_a_name_that_not_everything_can_be_called_by_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"^no environment can be called .*: use at most 32 letters, digits, - and _$"):
        SellerChat(acme_app(), "AcmeChat", environment=replace(ACME, name=name))


def test_a_budget_is_refused_where_there_are_none_and_all_else_is_not() -> None:
    there = cdk.Environment(account=ACCOUNT.account, region="eu-north-1")
    watched = replace(ACME, budget_email="owner@acme.example")

    with pytest.raises(ValueError, match=r"^acme cannot have a budget in eu-north-1: leave out budget_email, or use "):
        SellerChat(acme_app(), "AcmeChat", environment=watched, env=there)
    SellerChat(acme_app(), "AcmeChat", environment=ACME, env=there)
    SellerChat(acme_app(), "AcmeChat", environment=watched, env=ACCOUNT)
    SellerChat(acme_app(), "AcmeChat", environment=watched)


def test_in_a_stage_each_has_the_stages_name_and_account_and_needs_no_vpc() -> None:
    app = acme_app()
    stage = cdk.Stage(app, "Beta", env=ACCOUNT)
    SellerChat(stage, "Chat", environment=DEV)
    found = templates(stage)

    assert set(found) == {f"Beta-Chat-{part}" for part in ("Data", "Chat", "Web", "Operations")}
    kinds = {each["Type"] for template in found.values() for each in template.document["Resources"].values()}
    assert [kind for kind in kinds if kind.startswith("AWS::EC2::")] == []
    assert not re.search(r"VpcConfig", str([template.document for template in found.values()]))


def test_what_is_said_of_a_stack_takes_the_place_of_what_the_environment_says() -> None:
    chat = SellerChat(acme_app(), "AcmeChat", environment=ACME, env=ACCOUNT, termination_protection=False)

    assert {each.termination_protection for each in chat.stacks} == {False}


def test_the_hosts_rules_find_nothing_new_with_another_qualifier() -> None:
    app = new_app()
    synthesizer = cdk.DefaultStackSynthesizer(qualifier="acme1")
    SellerChat(app, "AcmeChat", environment=ACME, env=ACCOUNT, synthesizer=synthesizer)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    app.synth()


def test_the_host_reaches_what_it_may_want_to_build_on() -> None:
    app = acme_app()
    chat = SellerChat(app, "AcmeChat", environment=ACME, env=ACCOUNT)
    own = cdk.Stack(app, "AcmeReports", env=ACCOUNT)
    values: dict[str, Any] = {
        "Table": chat.data.conversations.table_arn,
        "Socket": chat.chat.endpoint.url,
        "Rest": chat.chat.rest_endpoint.url,
        "Bus": chat.chat.event_bus.event_bus_arn,
    }
    for name, value in values.items():
        cdk.CfnOutput(own, name, value=value)

    assert set(templates(app)["AcmeReports"].outputs()) == set(values)
