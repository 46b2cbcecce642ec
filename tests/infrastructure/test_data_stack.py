"""What must not be lost, and how long it is kept."""

from __future__ import annotations

import json

import pytest

from app import add_stacks
from stacks.environment import Environment
from stacks.environments import DEV, LOCAL, PRODUCTION
from tests.infrastructure.cloud_formation import Json, Stacks
from tests.infrastructure.synthesis import new_app, synthesize, with_every_option

TABLE = "AWS::DynamoDB::GlobalTable"
SECRET = "AWS::SecretsManager::Secret"


def table(stacks: Stacks, name: str) -> Json:
    (found,) = [each for logical_id, each in stacks.data.resources(TABLE).items() if logical_id.startswith(name)]
    properties: Json = found["Properties"]
    return properties


def keys(schema: list[Json]) -> list[tuple[str, str]]:
    return [(key["KeyType"], key["AttributeName"]) for key in schema]


def test_the_connections_of_a_person_are_found_by_user_and_role(stacks: Stacks) -> None:
    connections = table(stacks, "Connections")
    assert keys(connections["KeySchema"]) == [("HASH", "connectionId")]
    (index,) = connections["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "UserIdIndex"
    assert keys(index["KeySchema"]) == [("HASH", "userId"), ("RANGE", "role")]
    assert index["Projection"] == {"ProjectionType": "ALL"}


def test_a_conversation_is_one_partition_and_its_heads_are_an_inbox(stacks: Stacks) -> None:
    conversations = table(stacks, "Conversations")
    assert keys(conversations["KeySchema"]) == [("HASH", "contact_id"), ("RANGE", "item")]
    (index,) = conversations["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "InboxIndex"
    assert keys(index["KeySchema"]) == [("HASH", "inbox"), ("RANGE", "since")]


def test_the_sellers_of_a_team_are_found_together(stacks: Stacks) -> None:
    sellers = table(stacks, "Sellers")
    assert keys(sellers["KeySchema"]) == [("HASH", "seller_id")]
    (index,) = sellers["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "TeamIndex"
    assert keys(index["KeySchema"]) == [("HASH", "team"), ("RANGE", "seller_id")]
    assert index["Projection"] == {"ProjectionType": "ALL"}


def test_sellers_never_expire(stacks: Stacks) -> None:
    assert "TimeToLiveSpecification" not in table(stacks, "Sellers")


def test_what_happens_in_conversations_can_be_followed(stacks: Stacks) -> None:
    assert table(stacks, "Conversations")["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}


@pytest.mark.parametrize("name", ["Connections", "Conversations"])
def test_items_expire(name: str, stacks: Stacks) -> None:
    properties = table(stacks, name)
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expiresAt", "Enabled": True}


def test_capacity_is_paid_on_demand(stacks: Stacks) -> None:
    assert {properties["BillingMode"] for properties in stacks.data.properties(TABLE)} == {"PAY_PER_REQUEST"}


def test_tables_are_protected_as_the_environment_says(stacks: Stacks, environment: Environment) -> None:
    for properties in stacks.data.properties(TABLE):
        (replica,) = properties["Replicas"]
        assert replica["DeletionProtectionEnabled"] is environment.deletion_protection
        recovery = replica["PointInTimeRecoverySpecification"]
        assert recovery == {"PointInTimeRecoveryEnabled": environment.point_in_time_recovery}


def test_without_a_key_of_the_account_awss_own_encrypt_everything(stacks: Stacks) -> None:
    for document in (stacks.data.document, stacks.chat.document, stacks.operations.document):
        assert "kms" not in json.dumps(document).lower()


def test_only_what_may_be_lost_is_deleted_with_its_stack(stacks: Stacks, environment: Environment) -> None:
    # Except when the creation itself fails: the next attempt needs the names.
    deleted, replaced = ("Delete", "Delete") if environment in {LOCAL, DEV} else ("RetainExceptOnCreate", "Retain")
    stateful = [*stacks.data.resources(TABLE).values(), *stacks.data.resources(SECRET).values()]
    assert len(stateful) == 4
    assert {resource["DeletionPolicy"] for resource in stateful} == {deleted}
    assert {resource["UpdateReplacePolicy"] for resource in stateful} == {replaced}


def test_production_is_protected_twice_and_can_be_restored() -> None:
    assert PRODUCTION.deletion_protection
    assert PRODUCTION.point_in_time_recovery


def test_every_stack_of_what_must_not_be_lost_refuses_to_be_deleted(environment: Environment) -> None:
    # The tables' stack goes last: were it the only one, all else would be gone before it refuses.
    app = new_app()
    add_stacks(app, environment)
    protected = {each.stack_name: each.termination_protection for each in app.synth().stacks}
    assert set(protected.values()) == {environment.deletion_protection}


def test_the_key_of_seller_tokens_is_made_by_aws_and_is_in_no_template(stacks: Stacks) -> None:
    secret = stacks.data.only(SECRET)
    assert secret["GenerateSecretString"] == {"PasswordLength": 64, "ExcludePunctuation": True}
    assert "SecretString" not in secret
    assert "{{resolve:secretsmanager" not in json.dumps([stacks.data.document, stacks.chat.document])


def test_a_shop_without_a_back_end_has_no_key_for_one(stacks: Stacks) -> None:
    assert len(stacks.data.properties(SECRET)) == 1


def test_the_key_of_a_shops_back_end_is_made_and_kept_like_that_of_seller_tokens(with_shop: Stacks) -> None:
    ((logical_id, shop),) = [each for each in with_shop.data.resources(SECRET).items() if each[0].startswith("Php")]
    assert shop["Properties"]["GenerateSecretString"] == {"PasswordLength": 64, "ExcludePunctuation": True}
    assert shop["DeletionPolicy"] == "RetainExceptOnCreate"
    assert with_shop.data.outputs()["PhpApiSecret"] == f"${{{logical_id}.Id}}"


NAMES = {"TableName", "Name", "LogGroupName", "BucketName", "QueueName", "TopicName", "RoleName"}


@pytest.mark.parametrize("name", ["dev", "staging", "production"])
def test_nothing_that_is_kept_has_a_name_that_the_next_deployment_needs(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
    monkeypatch.setenv("CDK_DEFAULT_REGION", "eu-central-1")
    for template in synthesize(with_every_option(name)).values():
        kept = [each for each in template["Resources"].values() if "Retain" in each.get("DeletionPolicy", "")]
        assert [each for each in kept if NAMES & set(each.get("Properties", {}))] == []


def test_the_outputs_name_what_was_made(stacks: Stacks) -> None:
    outputs = stacks.data.outputs()
    assert outputs["ConnectionTable"].startswith("${Connections")
    assert outputs["ConversationTable"].startswith("${Conversations")
    assert outputs["SellerTable"].startswith("${Sellers")
    assert outputs["SellerTokenSecret"].startswith("${SellerTokenKey")
