"""The functions' clients as botocore makes them, since moto answers botocore's requests and no others.

What the functions really use is held to the same behaviour in tests/unit/adapters/aws and by every end-to-end test.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from botocore.loaders import Loader
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_dynamodb import DynamoDBClient


def let_moto_answer() -> None:
    """Give every function that is loaded from here on clients whose requests moto sees."""
    clients = importlib.import_module("handlers.clients")
    clients.dynamodb = dynamodb  # type: ignore[attr-defined]
    clients.api_gateway_management = api_gateway_management  # type: ignore[attr-defined]


def describe_services_once() -> None:
    """Let all sessions of this process share what botocore reads of the services.

    moto forgets boto3's session with each test, and the next one read the same megabytes again, which took longer than
    most tests.
    """
    known: dict[Any, Any] = {}
    create = botocore.session.create_loader

    def create_with_what_is_known(search_path_string: str | None = None) -> Loader:
        loader = create(search_path_string)
        loader._cache = known  # type: ignore[attr-defined]
        return loader

    botocore.session.create_loader = create_with_what_is_known


def dynamodb() -> DynamoDBClient:
    """DynamoDB, with as many attempts as the functions' own client."""
    return boto3.Session().client("dynamodb", config=_config(3))


def api_gateway_management() -> ApiGatewayManagementApiClient:
    """@connections, with as many attempts as the functions' own client."""
    return boto3.Session().client("apigatewaymanagementapi", config=_config(2))


def _config(attempts: int) -> Config:
    return Config(
        connect_timeout=1,
        read_timeout=2,
        max_pool_connections=16,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
