"""What an environment keeps when it is deleted is in nobody's way when it is deployed again."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
import zipfile
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


def outputs(emulator: Emulator) -> dict[str, str]:
    """The outputs of every stack."""
    found = client(emulator, "cloudformation").describe_stacks()["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for stack in found for each in stack.get("Outputs", [])}


def answer_of_rest(emulator: Emulator) -> tuple[int, str]:
    """What the function answers to a chat that names no seller."""
    url = f"{outputs(emulator)['RestUrl']}/chats"
    call = urllib.request.Request(url, data=b"{}", headers={"Content-Type": "application/json"})  # noqa: S310 - the emulator's
    try:
        with urllib.request.urlopen(call, timeout=30) as answer:  # noqa: S310
            return answer.status, str(json.load(answer).get("code"))
    except urllib.error.HTTPError as error:
        return error.code, str(json.load(error).get("code"))


def code_that_cannot_be_imported() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as folder:
        folder.writestr("handlers/rest.py", "raise ImportError")
    return archive.getvalue()


def calls_come_to_the_version_and_not_to_what_is_saved(emulator: Emulator) -> None:
    before = answer_of_rest(emulator)
    assert before[0] in range(400, 500)
    assert before[1] != "None"
    functions = client(emulator, "lambda")
    (rest,) = (each for each in resources(emulator, "AWS::Lambda::Function") if "Rest" in each)
    assert functions.get_alias(FunctionName=rest, Name="live")["FunctionVersion"] != "$LATEST"

    functions.update_function_code(FunctionName=rest, ZipFile=code_that_cannot_be_imported())
    assert answer_of_rest(emulator) == before


def test_an_environment_that_was_deleted_is_deployed_again_beside_what_it_left(emulator: Emulator, cdk: Cdk) -> None:
    cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}")
    cdk("deploy", "--all", "--require-approval", "never")
    (sellers,) = (each for each in resources(emulator, "AWS::DynamoDB::GlobalTable") if "Sellers" in each)
    client(emulator, "dynamodb").put_item(TableName=sellers, Item=ITEM)
    calls_come_to_the_version_and_not_to_what_is_saved(emulator)
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
