"""What an operator is told who deploys to an account that is not ready, and that nothing of it was touched."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from administration.deployments import stack_of
from local_aws.cdk_command import ROOT
from local_aws.emulator import ACCOUNT, REGION
from tests.end_to_end.deployed_system import DeployedSystem

ENVIRONMENT = "staging"
SHOP = "https://shop.example/chat"
HOST = "chat.shop.example"


@dataclass(frozen=True)
class Operator:
    """Somebody who deploys to the local AWS as if it were AWS, from a shell with these variables."""

    system: DeployedSystem
    shell: Mapping[str, str]

    def refusal(self, **given: str) -> str:
        """What `make deploy` says before it ends, having changed nothing."""
        before = self._everything()
        words = [f"{name}={value}" for name, value in {"ENV": ENVIRONMENT, **given}.items()]
        # What is installed was looked at by who runs the tests.
        ended = subprocess.run(  # noqa: S603
            ["make", "--old-file", ".venv/.ready", "deploy", *words],  # noqa: S607
            cwd=ROOT,
            env=self.shell,
            capture_output=True,
            text=True,
            check=False,
        )
        assert self._everything() == before
        said, of_make = ended.stderr.strip().splitlines()
        assert (ended.returncode, ended.stdout) == (2, "")
        assert of_make.startswith("make: *** ")
        return said

    def _everything(self) -> dict[str, int]:
        """How much happened to each stack, and how much was uploaded for them."""
        formation, storage = self.system.client("cloudformation"), self.system.client("s3")
        stacks = [each["StackName"] for each in formation.describe_stacks()["Stacks"]]
        buckets = [each["Name"] for each in storage.list_buckets()["Buckets"]]
        return {
            **{stack: len(formation.describe_stack_events(StackName=stack)["StackEvents"]) for stack in stacks},
            **{name: storage.list_objects_v2(Bucket=name)["KeyCount"] for name in buckets},
        }


@pytest.fixture(scope="module")
def operator(deployed_system: DeployedSystem) -> Operator:
    """An operator of an account that `make bootstrap` has prepared."""
    change = {"op": "replace", "path": "/cloudwatchRoleArn", "value": f"arn:aws:iam::{ACCOUNT}:role/logs"}
    deployed_system.client("apigateway").update_account(patchOperations=[change])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE", "MFLAGS"))}
    shell = {
        "AWS_ENDPOINT_URL": deployed_system.endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_REGION": REGION,
    }
    return Operator(deployed_system, kept | shell | deployed_system.credentials.as_variables())


@pytest.fixture(scope="module")
def certificates(deployed_system: DeployedSystem) -> dict[str, str]:
    """Certificates for names of one's own, where each is looked for."""
    session = deployed_system.credentials.session(REGION)

    def certificate(region: str, name: str) -> str:
        acm = session.client("acm", region_name=region, endpoint_url=deployed_system.endpoint)
        return str(acm.request_certificate(DomainName=name)["CertificateArn"])

    return {"CERTIFICATE": certificate(REGION, f"*.{HOST}"), "WIDGET_CERTIFICATE": certificate("us-east-1", HOST)}


@pytest.fixture
def deployed_with_a_shop(deployed_system: DeployedSystem) -> Iterator[None]:
    """That the environment was deployed before, with a back end."""
    formation, name = deployed_system.client("cloudformation"), stack_of(ENVIRONMENT, "Data")
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Given": {"Value": json.dumps({"php_api_url": SHOP})}},
    }
    formation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    formation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    yield
    formation.delete_stack(StackName=name)
    formation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def test_without_a_region_nothing_is_deployed(operator: Operator) -> None:
    nowhere = {name: value for name, value in operator.shell.items() if name != "AWS_REGION"}

    assert replace(operator, shell=nowhere).refusal().startswith("Say which Region: set AWS_REGION")


def test_a_hosted_zone_that_is_not_there_is_named(operator: Operator, certificates: Mapping[str, str]) -> None:
    said = operator.refusal(CHAT_HOST=HOST, HOSTED_ZONE="Z0", **certificates)

    assert said.startswith("There is no hosted zone Z0: check HOSTED_ZONE")


@pytest.mark.parametrize(("name", "region"), [("CERTIFICATE", REGION), ("WIDGET_CERTIFICATE", "us-east-1")])
def test_a_certificate_of_another_region_is_refused_with_the_region_that_it_must_be_of(
    deployed_system: DeployedSystem,
    operator: Operator,
    certificates: Mapping[str, str],
    name: str,
    region: str,
) -> None:
    elsewhere = f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/a"

    said = operator.refusal(CHAT_HOST=HOST, **{**certificates, name: elsewhere})

    assert said.endswith(f"need a certificate of ACM in {region}: say {name}=ARN of one there.")


def test_an_account_that_runs_too_few_functions_is_told_how_many(operator: Operator) -> None:
    limit = operator.system.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]

    said = operator.refusal(CONCURRENCY=str(limit + 1))

    assert said.startswith(f"The account runs {limit} functions at once, not {limit + 1}: ")
    assert said.endswith(f"or say CONCURRENCY={limit}.")


@pytest.mark.usefixtures("deployed_with_a_shop")
def test_a_back_end_that_is_forgotten_is_named(operator: Operator) -> None:
    assert operator.refusal() == (
        f"staging was deployed with PHP_API_URL={SHOP}: say it again, or PHP_API_URL=none to end it."
    )
