"""Where the system is deployed: the outputs of its stacks, and the credentials and the Region that reach them."""

from __future__ import annotations

import configparser
import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import boto3
from botocore.exceptions import ClientError

from administration.errors import AdministrationError

LOCAL = "local"
PARTS = ("Data", "Chat", "Web", "Operations")
"""The stacks of an environment; there is no Web where the pages are served by other means."""
NEEDED = ("Data", "Chat")
"""Without these there is nothing that a command could do."""
NOT_RUNNING = "Nothing is running here: start it with `make run`, and ask again when it is ready."

LOCAL_HOME = Path(__file__).resolve().parent.parent / ".local"
"""What a running local system leaves here tells where it is; local_aws writes it."""

LOCAL_OUTPUTS = LOCAL_HOME / "outputs.json"
LOCAL_LOCK = LOCAL_HOME / "lock"
LOCAL_PROFILE = LOCAL_HOME / "aws-config"
"""An AWS configuration file, whose default profile is the running local system."""


@dataclass(frozen=True)
class Access:
    """How an AWS client reaches an emulator, in the words of AWS configuration files."""

    endpoint: str
    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True)
class Deployment:
    """A session in the deployment's account and Region, the URL of an emulator (None for AWS itself), the outputs of
    all its stacks by name, the environment's name, and what the stacks' names begin with where another app has them."""

    session: boto3.Session
    endpoint: str | None
    outputs: Mapping[str, str]
    environment: str = LOCAL
    prefix: str | None = None

    def stack(self, part: str) -> str:
        """The name of one of its stacks."""
        return f"{self.prefix}-{part}" if self.prefix else stack_of(self.environment, part)


def deployment_of(environment: str) -> Deployment:
    """The deployment of an environment: `local` for the running local system, else on AWS, by the caller's credentials.

    Raises `AdministrationError` where there is none, and botocore's errors where AWS cannot be asked.
    """
    if environment == LOCAL:
        return _running_here()
    missing = "check ENV and whose AWS credentials these are, or deploy it with `make deploy`"
    session = _session_on_aws()
    found = _stacks(session, prefix_of(environment), missing)
    return Deployment(session, None, _outputs(found), environment)


def deployment_called(prefix: str) -> Deployment:
    """The deployment of another app, which gave its stacks names that begin with `prefix`.

    Raises `AdministrationError` where there is none, and botocore's errors where AWS cannot be asked.
    """
    session = _session_on_aws()
    missing = (
        "say STACK=NAME without the last part, such as AcmeChat of AcmeChat-Data, and check whose credentials these are"
    )
    found = _stacks(session, prefix, missing)
    tags = {each["Key"]: each["Value"] for each in found["Data"].get("Tags", [])}
    if tags.get("service") != "seller-chat" or "environment" not in tags:
        raise AdministrationError(f"{prefix}-Data is no stack of Seller Chat, as its tags would say.")
    return Deployment(session, None, _outputs(found), tags["environment"], prefix)


def prefix_of(environment: str) -> str:
    """What the names of an environment's stacks begin with in this app."""
    return f"SellerChat-{environment}"


def stack_of(environment: str, part: str) -> str:
    """The name of one of an environment's stacks."""
    return f"{prefix_of(environment)}-{part}"


def running_outputs() -> dict[str, str]:
    """The outputs of the local system, with `Endpoint` and `Region`, the emulator's URL and Region.

    Raises `AdministrationError` if it is not running.
    """
    if not is_running() or not LOCAL_OUTPUTS.exists():
        raise AdministrationError(NOT_RUNNING)
    outputs: dict[str, str] = json.loads(LOCAL_OUTPUTS.read_text(encoding="utf-8"))
    return outputs


def local_access() -> Access:
    """How to reach the running local system.

    Raises `AdministrationError` if it is not running.
    """
    if not is_running() or not LOCAL_PROFILE.exists():
        raise AdministrationError(NOT_RUNNING)
    profile = configparser.ConfigParser(interpolation=None)
    profile.read(LOCAL_PROFILE, encoding="utf-8")
    found = profile["default"]
    return Access(found["endpoint_url"], found["region"], found["aws_access_key_id"], found["aws_secret_access_key"])


def _running_here() -> Deployment:
    outputs, access = running_outputs(), local_access()
    session = boto3.Session(
        aws_access_key_id=access.access_key_id,
        aws_secret_access_key=access.secret_access_key,
        region_name=access.region,
    )
    return Deployment(session, access.endpoint, outputs)


def is_running() -> bool:
    """Whether a system of this folder is running; one that was killed has let go of the lock."""
    if not LOCAL_LOCK.exists():
        return False
    with LOCAL_LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _session_on_aws() -> boto3.Session:
    # The CDK reads AWS_REGION, boto3 does not: what was deployed with it must be found with it.
    session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    if not session.region_name:
        raise AdministrationError("Say where it is deployed: set AWS_REGION, or a Region in your AWS profile.")
    return session


def _stacks(session: boto3.Session, prefix: str, missing: str) -> dict[str, Mapping[str, Any]]:
    """The stacks that are there, by part. Raises `AdministrationError`, with what to do, where one is `missing`."""
    stacks: dict[str, Mapping[str, Any]] = {}
    for part in PARTS:
        found = described(session, f"{prefix}-{part}")
        if found is not None:
            stacks[part] = found
        elif part in NEEDED:
            raise AdministrationError(f"There is no stack {prefix}-{part} in {session.region_name}: {missing}.")
    return stacks


def _outputs(stacks: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {name: value for stack in stacks.values() for name, value in outputs_in(stack).items()}


def described(session: boto3.Session, stack: str) -> Mapping[str, Any] | None:
    """What CloudFormation says of a stack on AWS; None where there is none. Raises botocore's errors."""
    try:
        (found,) = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        # CloudFormation's answer for a stack that does not exist.
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        return None
    return cast("Mapping[str, Any]", found)


def outputs_in(stack: Mapping[str, Any] | None) -> dict[str, str]:
    """The outputs of a stack as it was described; none of one that is not there."""
    return {each["OutputKey"]: each["OutputValue"] for each in (stack or {}).get("Outputs", [])}
