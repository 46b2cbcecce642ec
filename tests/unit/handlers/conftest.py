from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from moto import mock_aws

from tests.worlds.deployment import Connections, Functions
from tests.worlds.functions import KEY, SECRET, VARIABLES
from tests.worlds.tables import create_tables

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture(scope="session")
def _posts(aws_environment: pytest.MonkeyPatch) -> Callable[[Connections], None]:
    """Loads the functions as a sandbox does, once; their posts go to whom the test says."""
    for name, value in VARIABLES.items():
        aws_environment.setenv(name, value)
    clients = importlib.import_module("handlers.clients")
    current = [Connections()]
    make = clients.api_gateway_management

    def answer(request: AWSPreparedRequest, **_rest: object) -> Any:
        return current[0].answer(request)

    def recorded() -> ApiGatewayManagementApiClient:
        client: ApiGatewayManagementApiClient = make()
        client.meta.events.register("before-send.apigatewaymanagementapi", answer)
        return client

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clients, "api_gateway_management", recorded)
        importlib.import_module("handlers.conversation")
    return lambda connections: current.__setitem__(0, connections)


@pytest.fixture(scope="session")
def secrets_client(aws_environment: pytest.MonkeyPatch) -> SecretsManagerClient:
    """Secrets Manager."""
    return boto3.Session().client("secretsmanager")


@pytest.fixture
def functions(
    _posts: Callable[[Connections], None], dynamodb_client: DynamoDBClient, secrets_client: SecretsManagerClient
) -> Iterator[Functions]:
    """A deployment with empty tables."""
    connections = Connections()
    _posts(connections)
    with mock_aws():
        create_tables(dynamodb_client)
        secrets_client.create_secret(Name=SECRET, SecretString=KEY)
        yield Functions(connections, dynamodb_client)
