"""Events as AWS hands them to the functions, with what a test varies put in."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from chat.model.identity import Principal
from chat.protocol.frames import KNOWN, recognised

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
    event["requestContext"]["routeKey"] = route_of(body or "")
    return event


def route_of(body: str) -> str:
    """The route that API Gateway chooses for a frame."""
    action = recognised(body).get("action", "")
    return action if action in KNOWN else "$default"


def call(
    route: str,
    body: object = None,
    *,
    bearer: str | None = None,
    path: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    source_ip: str = "203.0.113.7",
    headers: dict[str, str] | None = None,
) -> Event:
    """An HTTP API's call in payload format 2.0; `body` is a text, or what becomes JSON."""
    event = _load("http_call")
    event["routeKey"] = event["requestContext"]["routeKey"] = route
    event["requestContext"]["http"]["sourceIp"] = source_ip
    if body is None:
        del event["body"]
    else:
        # As browsers write it: UTF-8, without escapes.
        event["body"] = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    if bearer is not None:
        event["headers"]["authorization"] = f"Bearer {bearer}"
    event["headers"].update(headers or {})
    if path:
        event["pathParameters"] = path
    if query:
        event["queryStringParameters"] = query
    return event


def stream(items: list[dict[str, Any]], *, kind: str = "INSERT") -> Event:
    """A batch of a table's stream: `items` as the table holds them, in the order of their writing."""
    records = []
    for number, item in enumerate(items, start=1):
        record = _load("stream_record")
        record["eventName"] = kind
        record["dynamodb"]["Keys"] = {name: item[name] for name in ("contact_id", "item")}
        record["dynamodb"]["SequenceNumber"] = f"{number:021}"
        if kind != "REMOVE":
            record["dynamodb"]["NewImage"] = item
        records.append(record)
    return {"Records": records}


def from_bus(detail: dict[str, Any]) -> Event:
    """An event of the bus as a rule hands it to its targets."""
    event = _load("bus_event")
    event["detail-type"], event["detail"] = detail.get("type", ""), detail
    return event


def from_queue(*bodies: object, receives: int = 1) -> Event:
    """A batch of a queue's messages, called `message-1`, `message-2` …; bodies other than text become JSON."""
    records = []
    for number, body in enumerate(bodies, start=1):
        record = _load("queue_record")
        record["messageId"] = f"message-{number}"
        record["attributes"]["ApproximateReceiveCount"] = str(receives)
        record["body"] = body if isinstance(body, str) else json.dumps(body)
        records.append(record)
    return {"Records": records}


def _load(name: str) -> Event:
    event: Event = msgspec.json.decode(_text(name))
    return event


@cache
def _text(name: str) -> str:
    return (Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8")


def _from(event: Event, person: Principal, connection_id: str) -> Event:
    context = event["requestContext"]
    context["connectionId"] = connection_id
    context["authorizer"] |= {"principalId": person.role, "userId": person.user_id, "role": person.role}
    if person.expires_at:
        context["authorizer"]["expiresAt"] = str(person.expires_at)
    return event
