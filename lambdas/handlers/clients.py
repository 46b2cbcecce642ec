"""AWS clients, made once per sandbox: making them costs more than a message does.

What is hot goes without boto3: of a message's CPU botocore takes nine tenths, and of a cold start half.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

POOL_SIZE = 16


def dynamodb() -> DynamoDBClient:
    """DynamoDB, with time for three attempts of two requests and a push before the function is ended."""
    from chat.adapters.aws.clients import DynamoDB, Surroundings

    return cast("DynamoDBClient", DynamoDB(Surroundings(os.environ), read_seconds=2, attempts=3))


def api_gateway_management() -> ApiGatewayManagementApiClient:
    """@connections of this stage, from AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI. A push is worth one quick retry."""
    from chat.adapters.aws.clients import Connections, Surroundings

    return cast("ApiGatewayManagementApiClient", Connections(Surroundings(os.environ), read_seconds=2, attempts=2))


def event_bridge() -> EventBridgeClient:
    """EventBridge; the stream hands in again what it does not take."""
    return _session().client("events", config=_config(read_timeout=5))


def sqs() -> SQSClient:
    """SQS."""
    return _session().client("sqs", config=_config(read_timeout=5))


def scheduler() -> EventBridgeSchedulerClient:
    """EventBridge Scheduler."""
    return _session().client("scheduler", config=_config(read_timeout=2))


def secrets_manager() -> SecretsManagerClient:
    """Secrets Manager."""
    return _session().client("secretsmanager", config=_config(read_timeout=3))


@lru_cache(maxsize=1)
def _session() -> boto3.Session:
    import boto3

    return boto3.Session()


def _config(read_timeout: float) -> Config:
    from botocore.config import Config

    return Config(
        connect_timeout=1,
        read_timeout=read_timeout,
        max_pool_connections=POOL_SIZE,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
