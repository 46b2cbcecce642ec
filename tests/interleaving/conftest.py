"""A deployment in one process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType

import boto3
import pytest
from moto import mock_aws

from tests.functions import KEY, SECRET, VARIABLES
from tests.interleaving.cloud import Clock, Cloud, sandboxes
from tests.interleaving.wire import REGION, Wire
from tests.tables import create_tables

ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_SESSION_TOKEN": "test",
    "AWS_DEFAULT_REGION": REGION,
}


@pytest.fixture(scope="session")
def functions() -> Iterator[Mapping[str, ModuleType]]:
    """The functions, loaded once."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
            environment.delenv(name, raising=False)
        yield sandboxes({**VARIABLES, **ACCOUNT, "LOG_LEVEL": "ERROR"})


@pytest.fixture
def cloud(functions: Mapping[str, ModuleType]) -> Iterator[Cloud]:
    """An empty deployment."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION)
        create_tables(client)
        boto3.client("secretsmanager", region_name=REGION).create_secret(Name=SECRET, SecretString=KEY)
        with Cloud(functions, client, Wire(), Clock()).running() as running:
            yield running
