"""What lies between the functions and AWS: every request passes here, and may be held up, lost or refused."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import greenlet
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

REGION = "eu-central-1"


@dataclass(frozen=True)
class Request:
    """One request to AWS: `operation` as AWS names it, and what is asked."""

    service: str
    operation: str
    asked: dict[str, Any]
    address: str


class Body(io.BytesIO):
    """An answer's content as botocore reads it."""

    def stream(self, **_options: object) -> Iterator[bytes]:
        yield self.read()


Tables = dict[str, Any]
"""Each of DynamoDB's tables, with what was in it."""
Refusal = tuple[int, dict[str, Any]]
"""A status and a body in place of an answer."""


@dataclass
class Wire:
    """Takes every request of every client. DynamoDB is moto's; of the other services it keeps what they were told."""

    log: list[Request] = field(default_factory=list)
    posted: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    queued: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[Request], Refusal | None] = lambda _: None
    after: Callable[[Request], None] = lambda _: None
    lagging: Tables = field(default_factory=dict)

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Stand in moto's place."""
        inner = BotocoreStubber.__call__

        def answer(stubber: BotocoreStubber, event_name: str, request: AWSPreparedRequest, **rest: Any) -> Any:
            return self._answer(event_name, request, lambda: inner(stubber, event_name, request, **rest))

        with patch.object(BotocoreStubber, "__call__", answer):
            yield

    def let_indexes_lag(self) -> None:
        """From here on the indexes show what is there now, whatever is written."""
        self.lagging = tables()

    def let_indexes_catch_up(self) -> None:
        """The indexes show what is there."""
        self.lagging.clear()

    def _answer(self, event_name: str, request: AWSPreparedRequest, ask: Callable[[], Any]) -> Any:
        _, service, operation = event_name.split(".")
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
        asked = json.loads(body) if body.startswith("{") else {}
        seen = Request(service, operation, asked, str(request.url))
        self.log.append(seen)
        if refusal := self.before(seen):
            return _response(seen, *refusal)
        answer = self._applied(seen, ask)
        self.after(seen)
        return answer

    def _applied(self, request: Request, ask: Callable[[], Any]) -> Any:
        if request.service == "apigatewaymanagementapi":
            connection = request.address.rsplit("/", 1)[-1]
            self.posted.setdefault(connection, []).append(request.asked)
            return _response(request, 200, {})
        if request.service == "sqs":
            self.queued.append(request.asked)
            return _response(request, 200, {"MessageId": "m", "MD5OfMessageBody": "0" * 32})
        if "IndexName" in request.asked and request.asked["TableName"] in self.lagging:
            return self._as_it_was(request.asked["TableName"], ask)
        return ask()

    def _as_it_was(self, name: str, ask: Callable[[], Any]) -> Any:
        table = _backend()[name]
        now, table.items = table.items, self.lagging[name].items
        try:
            return ask()
        finally:
            table.items = now


def tables() -> Tables:
    """What is stored."""
    return {name: copy.deepcopy(table) for name, table in _backend().items()}


def put_back(stored: Tables) -> None:
    """Store what was stored, and nothing else."""
    for name, table in _backend().items():
        table.items = copy.deepcopy(stored[name]).items


def _backend() -> Any:
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables


def _response(request: Request, status: int, body: dict[str, Any]) -> AWSResponse:
    return AWSResponse(request.address, status, {}, Body(json.dumps(body).encode()))  # type: ignore[arg-type]


def lost(request: Request) -> None:
    """The answer to a request that was carried out does not come. Raises what a client raises then."""
    raise ReadTimeoutError(endpoint_url=request.address)


class Invocation(greenlet.greenlet):
    """A call that can be held up at its requests while others go on."""

    def __init__(self, wire: Wire, call: Callable[[], Any]) -> None:
        super().__init__(self._run_call)
        self._wire = wire
        self._hub = greenlet.getcurrent()
        self._call = call
        self._stops_at: Callable[[Request], bool] = lambda _: False
        self.result: Any = None
        self.failure: Exception | None = None

    def until(self, operation: str) -> Invocation:
        """Let it go on until it is about to ask for `operation`."""
        self._stops_at = lambda request: request.operation == operation
        before = self._wire.before

        def hold(request: Request) -> Refusal | None:
            if greenlet.getcurrent() is self and self._stops_at(request):
                self._hub.switch()
            return before(request)

        self._wire.before = hold
        self.switch()
        assert not self.dead, f"it ended without {operation}"
        return self

    def finish(self) -> Any:
        """Let it come to its end; what it answered."""
        self._stops_at = lambda _: False
        if not self.dead:
            self.switch()
        if self.failure:
            raise self.failure
        return self.result

    def _run_call(self) -> None:
        try:
            self.result = self._call()
        except Exception as error:  # noqa: BLE001 - raised again by finish()
            self.failure = error
