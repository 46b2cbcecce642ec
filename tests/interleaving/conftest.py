"""A deployment in one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from tests.interleaving.cloud import Clock, Cloud, sandboxes
from tests.interleaving.wire import REGION, Wire
from tests.worlds.functions import CHECK_UP_GROUP, KEY, SECRET, VARIABLES
from tests.worlds.tables import create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

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
def fresh_cloud(
    functions: Mapping[str, ModuleType], aws: DynamoDBClient
) -> Callable[[], AbstractContextManager[Cloud]]:
    """Makes empty deployments, for a test that needs many."""
    return contextmanager(lambda: _cloud(functions, aws))


@pytest.fixture
def aws() -> Iterator[DynamoDBClient]:
    """The tables and the sellers' key."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION)
        create_tables(client)
        boto3.client("secretsmanager", region_name=REGION).create_secret(Name=SECRET, SecretString=KEY)
        boto3.client("scheduler", region_name=REGION).create_schedule_group(Name=CHECK_UP_GROUP)
        yield client


def _cloud(functions: Mapping[str, ModuleType], aws: DynamoDBClient) -> Iterator[Cloud]:
    # Making tables takes longer than all that is done with them.
    for table in dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables.values():
        table.items.clear()
    with Cloud(functions, aws, Wire(), Clock()).running() as running:
        yield running
