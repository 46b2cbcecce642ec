"""What an environment keeps when it is deleted is in nobody's way when it is deployed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws.cdk_command import run_cdk
from local_aws.emulator import ACCOUNT, REGION, Emulator, free_port

APP = ("--app", "python -m tests.rehearsal.staging_on_emulator")
ITEM = {"seller_id": {"S": "ana"}, "team": {"S": "support"}}

Cdk = Callable[..., None]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A local AWS of its own, with IAM enforced."""
    with Emulator(port=free_port(), home=tmp_path_factory.mktemp("local-aws")) as running:
        yield running


@pytest.fixture(scope="module")
def cdk(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Cdk:
    """The CDK's command line on it."""
    log = tmp_path_factory.mktemp("cdk") / "log"
    output = ("--output", str(tmp_path_factory.mktemp("cdk.out")))
    environment = emulator.client_environment() | {"PYTHONPATH": str(Path(__file__).parents[2])}
    return lambda *words: run_cdk(*words, *APP, *output, environment=environment, log=log)


def client(emulator: Emulator, service: str) -> Any:
    session: Any = emulator.credentials.session(REGION)
    return session.client(service, endpoint_url=emulator.endpoint)


def stacks(emulator: Emulator) -> dict[str, str]:
    """Each of the environment's stacks and how it is."""
    found = client(emulator, "cloudformation").describe_stacks()["Stacks"]
    return {each["StackName"]: each["StackStatus"] for each in found if each["StackName"].startswith("SellerChat-")}


def resources(emulator: Emulator, kind: str) -> set[str]:
    """The physical names of all resources of a kind in Data and Chat."""
    formation = client(emulator, "cloudformation")
    return {
        each["PhysicalResourceId"]
        for stack in stacks(emulator)
        for each in formation.describe_stack_resources(StackName=stack)["StackResources"]
        if each["ResourceType"] == kind
    }


def kept_now(emulator: Emulator) -> dict[str, set[str]]:
    """What there is of all that staging keeps, in a stack or not."""
    dynamodb, secrets = client(emulator, "dynamodb"), client(emulator, "secretsmanager")
    queues, logs = client(emulator, "sqs"), client(emulator, "logs")
    return {
        "tables": set(dynamodb.list_tables()["TableNames"]),
        "secrets": {each["ARN"] for each in secrets.list_secrets()["SecretList"]},
        "queues": set(queues.list_queues().get("QueueUrls", [])),
        "log groups": {each["logGroupName"] for each in logs.describe_log_groups()["logGroups"]},
    }


def test_an_environment_that_was_deleted_is_deployed_again_beside_what_it_left(emulator: Emulator, cdk: Cdk) -> None:
    cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}")
    cdk("deploy", "--all", "--require-approval", "never")
    (sellers,) = (each for each in resources(emulator, "AWS::DynamoDB::GlobalTable") if "Sellers" in each)
    client(emulator, "dynamodb").put_item(TableName=sellers, Item=ITEM)
    before = kept_now(emulator)

    cdk("destroy", "--all", "--force")
    assert stacks(emulator) == {}
    left = kept_now(emulator)
    for kind in ("tables", "secrets", "queues"):
        assert left[kind] == before[kind], kind
    found = client(emulator, "dynamodb").get_item(TableName=sellers, Key={"seller_id": ITEM["seller_id"]})
    assert found["Item"] == ITEM

    # AWS makes up other names for the new ones; an emulator the same ones again, over what was kept.
    cdk("deploy", "--all", "--require-approval", "never")
    assert set(stacks(emulator).values()) == {"CREATE_COMPLETE"}
