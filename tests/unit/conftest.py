"""A conversation on in-memory ports, as most tests need it; and no way out to any network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from hypothesis import settings
from moto import mock_aws
from pytest_socket import disable_socket, enable_socket

from tests.worlds.domain import COLLEAGUE, SELLER, VISITOR, Client, System
from tests.worlds.tables import create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile("without a deadline", deadline=None)
settings.load_profile("without a deadline")


@pytest.fixture(autouse=True)
def _no_sockets(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("enable_socket") is None:
        disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture
def system() -> System:
    """The whole domain."""
    return System()


@pytest.fixture
def visitor(system: System) -> Client:
    """A visitor at a shop's page."""
    return system.connect(VISITOR, "visitor-laptop")


@pytest.fixture
def seller(system: System) -> Client:
    """The seller whom the page asks for."""
    return system.connect(SELLER, "seller-laptop")


@pytest.fixture
def colleague(system: System) -> Client:
    """A seller who has nothing to do with the contact yet."""
    return system.connect(COLLEAGUE, "colleague-laptop")


@pytest.fixture
def contact(system: System, visitor: Client, seller: Client) -> str:
    """The id of an open contact of the two; nothing pushed or counted so far is left over."""
    contact_id = str(visitor.send("InitChat", sellerId="123456", userInfo={"name": "Ana"})["contact_id"])
    system.forget_what_happened()
    return contact_id


@pytest.fixture(scope="session")
def aws_environment() -> Iterator[pytest.MonkeyPatch]:
    """Credentials that open nothing, and a Region."""
    with pytest.MonkeyPatch.context() as variables:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            variables.setenv(name, "test")
        variables.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        variables.delenv("AWS_PROFILE", raising=False)
        variables.delenv("AWS_ENDPOINT_URL", raising=False)
        yield variables


@pytest.fixture(scope="session")
def dynamodb_client(aws_environment: pytest.MonkeyPatch) -> DynamoDBClient:
    """A client that tries once; making one costs more than a test."""
    return boto3.Session().client("dynamodb", config=Config(retries={"total_max_attempts": 1, "mode": "standard"}))


@pytest.fixture(scope="session")
def secrets_client(aws_environment: pytest.MonkeyPatch) -> SecretsManagerClient:
    """Secrets Manager."""
    return boto3.Session().client("secretsmanager")


@pytest.fixture
def dynamodb(dynamodb_client: DynamoDBClient) -> Iterator[DynamoDBClient]:
    """DynamoDB with the deployed tables, empty."""
    with mock_aws():
        create_tables(dynamodb_client)
        yield dynamodb_client
