"""The functions of one deployment on moto, as tests call them."""

from __future__ import annotations

import importlib
import io
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jwt
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from chat.model.identity import Principal, Role
from tests import events
from tests.worlds.functions import KEY
from tests.worlds.tables import CONNECTIONS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DEVICE = "canary-device-0f8fad5b-d9cb-469f-a165-70867728950e"
VISITOR = Principal(DEVICE, Role.VISITOR)
SELLER = Principal("123456", Role.SELLER, expires_at=int(time.time()) + 3600)


class Body(io.BytesIO):
    """An answer's content as botocore reads it."""

    def stream(self, **_options: object) -> Iterator[bytes]:
        yield self.read()


@dataclass
class Connections:
    """API Gateway's @connections: what was posted where; those in `gone` answer 410."""

    posted: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def answer(self, request: AWSPreparedRequest) -> AWSResponse:
        connection_id = str(request.url).rsplit("/", 1)[-1]
        if connection_id in self.gone:
            headers = {"x-amzn-errortype": "GoneException"}
            return AWSResponse(request.url, 410, headers, Body(b"{}"))  # type: ignore[arg-type]
        if request.method == "DELETE":
            self.gone.add(connection_id)
            return AWSResponse(request.url, 204, {}, Body(b""))  # type: ignore[arg-type]
        self.posted.setdefault(connection_id, []).append(json.loads(request.body or b""))  # type: ignore[arg-type]
        return AWSResponse(request.url, 200, {}, Body(b""))  # type: ignore[arg-type]


@dataclass
class Functions:
    """The functions of one deployment, and what they reach."""

    connections: Connections
    dynamodb: DynamoDBClient

    def authorize(self, event: events.Event) -> dict[str, Any]:
        return self._call("authorizer", event)

    def connect(self, person: Principal, connection_id: str, **more: str) -> dict[str, Any]:
        return self._call("connection", events.connect(person, connection_id, **more))

    def disconnect(self, person: Principal, connection_id: str) -> dict[str, Any]:
        return self._call("connection", events.disconnect(person, connection_id))

    def send(self, person: Principal, connection_id: str, **frame: object) -> dict[str, Any]:
        return self.send_raw(person, connection_id, json.dumps(frame))

    def send_raw(
        self, person: Principal, connection_id: str, body: str | None, *, route: str = "conversation"
    ) -> dict[str, Any]:
        response = self._call(route, events.message(person, connection_id, body))
        assert response["statusCode"] == 200
        answer: dict[str, Any] = json.loads(response["body"]) if "body" in response else {}
        return answer

    def ask(self, event: events.Event) -> dict[str, Any]:
        """What a call over REST is answered."""
        return self._call("rest", event)

    def stored_connections(self) -> set[str]:
        return {
            item["connectionId"]["S"] for item in self.dynamodb.scan(TableName=CONNECTIONS)["Items"] if "userId" in item
        }

    def _call(self, module: str, event: events.Event) -> dict[str, Any]:
        answer: dict[str, Any] = importlib.import_module(f"handlers.{module}").handle(event, None)
        # Lambda turns the answer into JSON; what cannot be turned would end in an "Internal server error".
        again: dict[str, Any] = json.loads(json.dumps(answer))
        return again


def seller_token(key: str = KEY, algorithm: str = "HS256", **claims: object) -> str:
    """A seller's token, good for an hour but for what a test makes otherwise."""
    good = {"sub": "123456", "role": "seller", "iss": "seller-chat", "aud": "seller-chat", "exp": time.time() + 3600}
    return jwt.encode({**good, **claims}, key, algorithm)


def with_token(offered: str, user_id: str = "123456") -> events.Event:
    """The upgrade of a seller who offers a token."""
    event = events.authorizer(userId=user_id)
    event["headers"]["Sec-WebSocket-Protocol"] = f"seller-chat, {offered}"
    return event
