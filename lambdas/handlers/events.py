"""What API Gateway's WebSocket events say, and what it takes for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chat.model.identity import Principal, Role, Sender

Event = Mapping[str, Any]
Response = dict[str, Any]


def connection_id(event: Event) -> str:
    """The connection that an event belongs to."""
    return str(event["requestContext"]["connectionId"])


def action(event: Event) -> str:
    """The route that a frame took: its action."""
    return str(event["requestContext"]["routeKey"])


def principal(event: Event) -> Principal:
    """The person whom the authorizer proved at `$connect`; API Gateway hands its context on to every route."""
    context = event["requestContext"]["authorizer"]
    expires_at = context.get("expiresAt")
    return Principal(
        user_id=context["userId"],
        role=Role(context["role"]),
        expires_at=int(expires_at) if expires_at else None,
    )


def proved(event: Event) -> Principal | None:
    """The same where it is handed on; a connection that has closed may come without."""
    return principal(event) if event["requestContext"].get("authorizer") else None


def sender(event: Event) -> Sender:
    """Who sent a frame, and from where."""
    return Sender(principal(event), connection_id(event), event["requestContext"]["identity"]["sourceIp"])


def headers(event: Event) -> dict[str, str]:
    """The upgrade's headers with names in lower case."""
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}


def answered(frame: bytes | None) -> Response:
    """A route response: the frame goes back over the connection that asked."""
    return {"statusCode": 200, "body": frame.decode()} if frame is not None else {"statusCode": 200}
