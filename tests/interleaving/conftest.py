"""A deployment in one process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

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
        # The functions remember who sends much, and deployments come and go beside them.
        unlimited = {"VISITOR_RATE": "1000000/1", "SELLER_RATE": "1000000/1"}
        yield sandboxes({**VARIABLES, **ACCOUNT, **unlimited, "LOG_LEVEL": "ERROR"})


@pytest.fixture
def cloud(functions: Mapping[str, ModuleType], aws: DynamoDBClient) -> Iterator[Cloud]:
    """An empty deployment."""
    with Cloud(functions, aws, Wire(), Clock()).running() as running:
        yield running


@pytest.fixture
def aws() -> Iterator[DynamoDBClient]:
    """The tables and the sellers' key."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION)
        create_tables(client)
        boto3.client("secretsmanager", region_name=REGION).create_secret(Name=SECRET, SecretString=KEY)
        boto3.client("scheduler", region_name=REGION).create_schedule_group(Name=CHECK_UP_GROUP)
        yield client
