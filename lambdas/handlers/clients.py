"""AWS clients, made once per sandbox from one session: making them costs more than a message does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

POOL_SIZE = 16
_session = boto3.Session()


def _config(read_timeout: float, attempts: int) -> Config:
    return Config(
        connect_timeout=1,
        read_timeout=read_timeout,
        max_pool_connections=POOL_SIZE,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )


def dynamodb() -> DynamoDBClient:
    """DynamoDB, with time for three attempts of two requests and a push before the function is ended."""
    return _session.client("dynamodb", config=_config(read_timeout=2, attempts=3))


def api_gateway_management() -> ApiGatewayManagementApiClient:
    """@connections of this stage, from AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI. A push is worth one quick retry."""
    return _session.client("apigatewaymanagementapi", config=_config(read_timeout=2, attempts=2))


def event_bridge() -> EventBridgeClient:
    """EventBridge; the stream hands in again what it does not take."""
    return _session.client("events", config=_config(read_timeout=5, attempts=3))


def sqs() -> SQSClient:
    """SQS."""
    return _session.client("sqs", config=_config(read_timeout=5, attempts=3))


def secrets_manager() -> SecretsManagerClient:
    """Secrets Manager."""
    return _session.client("secretsmanager", config=_config(read_timeout=3, attempts=3))
