"""DynamoDB and @connections."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec
from botocore.exceptions import ClientError

from chat.adapters.aws.attempts import answered
from chat.adapters.aws.signature import Credentials, Request, Scope, signed
from chat.adapters.aws.transport import Transport


class NotConfiguredError(Exception):
    """The environment names no Region or no credentials."""


@dataclass(frozen=True)
class Surroundings:
    """What a function's environment says of AWS; the variables are those of AWS's SDKs."""

    variables: Mapping[str, str]

    @property
    def region(self) -> str:
        """The Region. Raises `NotConfiguredError`."""
        return self._first("AWS_REGION", "AWS_DEFAULT_REGION")

    @property
    def credentials(self) -> Credentials:
        """The credentials of the function's role. Raises `NotConfiguredError`."""
        return Credentials(
            self._first("AWS_ACCESS_KEY_ID"),
            self._first("AWS_SECRET_ACCESS_KEY"),
            self.variables.get("AWS_SESSION_TOKEN"),
        )

    def endpoint(self, service: str) -> str:
        """Where a service is."""
        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return (
            self.variables.get(f"AWS_ENDPOINT_URL_{service.upper()}")
            or self.variables.get("AWS_ENDPOINT_URL")
            or f"https://{service}.{self.region}.{suffix}"
        )

    def _first(self, *names: str) -> str:
        for name in names:
            if value := self.variables.get(name):
                return value
        raise NotConfiguredError(f"{' or '.join(names)} is not set.")


class _Client:
    """Signs and sends."""

    def __init__(self, surroundings: Surroundings, service: str, *, read_seconds: float, attempts: int) -> None:
        endpoint = surroundings.endpoint("dynamodb" if service == "dynamodb" else "apigatewaymanagementapi")
        ca_bundle = surroundings.variables.get("AWS_CA_BUNDLE")
        self._transport = Transport(endpoint, read_seconds=read_seconds, ca_bundle=ca_bundle)
        self._credentials = surroundings.credentials
        self._scope = Scope(surroundings.region, service)
        self._attempts = attempts

    def _ask(self, operation: str, request: Request) -> dict[str, Any]:
        def attempt() -> tuple[int, bytes]:
            headers = signed(request, self._credentials, self._scope, datetime.now(UTC))
            return self._transport.request(request.method, request.path, headers, request.body)

        return answered(operation, attempt, self._attempts)


class DynamoDB(_Client):
    """The operations that the adapters use, in DynamoDB's own JSON.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html.
    """

    def __init__(self, surroundings: Surroundings, *, read_seconds: float, attempts: int) -> None:
        super().__init__(surroundings, "dynamodb", read_seconds=read_seconds, attempts=attempts)

    def query(self, **asked: Any) -> dict[str, Any]:
        """`Query`."""
        return {"Items": [], **self._carried_out("Query", asked)}

    def scan(self, **asked: Any) -> dict[str, Any]:
        """`Scan`."""
        return {"Items": [], **self._carried_out("Scan", asked)}

    def get_item(self, **asked: Any) -> dict[str, Any]:
        """`GetItem`."""
        return self._carried_out("GetItem", asked)

    def batch_get_item(self, **asked: Any) -> dict[str, Any]:
        """`BatchGetItem`."""
        return self._carried_out("BatchGetItem", asked)

    def put_item(self, **asked: Any) -> dict[str, Any]:
        """`PutItem`."""
        return self._carried_out("PutItem", asked)

    def update_item(self, **asked: Any) -> dict[str, Any]:
        """`UpdateItem`."""
        return self._carried_out("UpdateItem", asked)

    def delete_item(self, **asked: Any) -> dict[str, Any]:
        """`DeleteItem`."""
        return self._carried_out("DeleteItem", asked)

    def transact_write_items(self, **asked: Any) -> dict[str, Any]:
        """`TransactWriteItems`, under one token for all attempts, so that it is carried out once."""
        return self._carried_out("TransactWriteItems", {"ClientRequestToken": str(uuid.uuid4()), **asked})

    def _carried_out(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "host": self._transport.host,
            "x-amz-target": f"DynamoDB_20120810.{operation}",
        }
        return self._ask(operation, Request("POST", self._transport.path + "/", headers, msgspec.json.encode(asked)))


class GoneError(ClientError):
    """The connection is closed (HTTP 410)."""


class _Exceptions:
    GoneException = GoneError


class Connections(_Client):
    """API Gateway's @connections.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html.
    """

    exceptions = _Exceptions

    def __init__(self, surroundings: Surroundings, *, read_seconds: float, attempts: int) -> None:
        super().__init__(surroundings, "execute-api", read_seconds=read_seconds, attempts=attempts)

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803 - as in boto3
        """Send a frame."""
        self._send("POST", "PostToConnection", ConnectionId, Data)

    def delete_connection(self, *, ConnectionId: str) -> None:  # noqa: N803
        """End a connection."""
        self._send("DELETE", "DeleteConnection", ConnectionId)

    def _send(self, method: str, operation: str, connection_id: str, body: bytes = b"") -> None:
        path = f"{self._transport.path}/@connections/{quote(connection_id, safe='')}"
        try:
            self._ask(operation, Request(method, path, {"host": self._transport.host}, body))
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 410:
                raise GoneError(error.response, operation) from error
            raise
