"""Events as API Gateway sends them for a WebSocket API, with what a test varies put in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chat.identity import Principal

Event = dict[str, Any]


def authorizer(**parameters: str) -> Event:
    """The request that the authorizer decides about; `parameters` replace those of the query string."""
    event = _load("authorizer")
    event["queryStringParameters"] = parameters or event["queryStringParameters"]
    return event


def connect(person: Principal, connection_id: str, *, subprotocols: str | None = None) -> Event:
    """A connection that the authorizer let in."""
    event = _from(_load("connect"), person, connection_id)
    if subprotocols is not None:
        event["headers"]["Sec-WebSocket-Protocol"] = subprotocols
    return event


def disconnect(person: Principal, connection_id: str) -> Event:
    """A connection that has closed."""
    return _from(_load("disconnect"), person, connection_id)


def message(person: Principal, connection_id: str, body: str | None, *, is_binary: bool = False) -> Event:
    """A frame."""
    event = _from(_load("message"), person, connection_id)
    event["body"], event["isBase64Encoded"] = body, is_binary
    return event


def _load(name: str) -> Event:
    event: Event = json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))
    return event


def _from(event: Event, person: Principal, connection_id: str) -> Event:
    context = event["requestContext"]
    context["connectionId"] = connection_id
    context["authorizer"] |= {"principalId": person.role, "userId": person.user_id, "role": person.role}
    if person.expires_at:
        context["authorizer"]["expiresAt"] = str(person.expires_at)
    return event
