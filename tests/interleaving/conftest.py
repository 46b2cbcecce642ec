"""A deployment in one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
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
def cloud(fresh_cloud: Callable[[], AbstractContextManager[Cloud]]) -> Iterator[Cloud]:
    """An empty deployment."""
    with fresh_cloud() as cloud:
        yield cloud


@pytest.fixture
def fresh_cloud(functions: Mapping[str, ModuleType]) -> Callable[[], AbstractContextManager[Cloud]]:
    """Makes empty deployments, for a test that needs many."""
    return contextmanager(lambda: _cloud(functions))


def _cloud(functions: Mapping[str, ModuleType]) -> Iterator[Cloud]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION)
        create_tables(client)
        boto3.client("secretsmanager", region_name=REGION).create_secret(Name=SECRET, SecretString=KEY)
        with Cloud(functions, client, Wire(), Clock()).running() as running:
            yield running
