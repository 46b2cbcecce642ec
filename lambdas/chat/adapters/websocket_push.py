"""API Gateway's @connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chat.ports.errors import ConnectionGoneError, PushFailedError

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient


class WebSocketPush:
    """Implements `chat.ports.connections.Push`."""

    def __init__(self, client: ApiGatewayManagementApiClient) -> None:
        self._client = client

    def post(self, connection_id: str, frame: bytes) -> None:
        """Send one frame. Raises `ConnectionGoneError` or `PushFailedError`."""
        try:
            self._client.post_to_connection(ConnectionId=connection_id, Data=frame)
        except self._client.exceptions.GoneException as error:
            raise ConnectionGoneError(connection_id) from error
        except ClientError as error:
            raise _failed(error) from error
        except BotoCoreError as error:
            raise PushFailedError(type(error).__name__) from error

    def close(self, connection_id: str) -> None:
        """End a connection. Raises `PushFailedError`."""
        try:
            self._client.delete_connection(ConnectionId=connection_id)
        except self._client.exceptions.GoneException:
            return
        except (ClientError, BotoCoreError) as error:
            raise PushFailedError(type(error).__name__) from error


def _failed(error: ClientError) -> Exception:
    # An id that is malformed was never a connection: API Gateway answers 400 for it, not 410.
    code = error.response["Error"]["Code"]
    if code == "BadRequestException" and "connectionid" in str(error).lower().replace(" ", ""):
        return ConnectionGoneError(code)
    return PushFailedError(code)
