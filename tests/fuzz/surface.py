"""Everything that the outside can reach, on in-memory tables, and what must hold of its answers."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

from jsonschema import Draft202012Validator

from chat.model.identity import Principal, Role, is_device_id
from chat.protocol.frames import recognised
from handlers import clients, composition
from tests import asyncapi, events, openapi
from tests.worlds.domain import System
from tests.worlds.functions import KEY, VARIABLES

HANDLERS = Path(composition.__file__).parent
ROUTES = tuple(openapi.operations())
PAST, CONTACT, WAITING = "id-1", "id-2", "id-3"
"""What the visitor had, the contact that is open, and the stranger's that waits for the seller: ids are counted."""
VISITOR = Principal("0f8fad5b-d9cb-469f-a165-70867728950e", Role.VISITOR)
SELLER = Principal("123456", Role.SELLER)
STRANGER = Principal("6fa459ea-ee8a-4ca4-894e-db77e160355e", Role.VISITOR)
PEOPLE = (VISITOR, SELLER, STRANGER)
INPUTS_PER_SYSTEM = 100


class BrokenPromiseError(AssertionError):
    """An answer that must not be."""


class NoTable:
    """DynamoDB, as far as tickets need it: there are none."""

    def delete_item(self, **_request: object) -> dict[str, Any]:
        return {}

    def put_item(self, **_request: object) -> dict[str, Any]:
        return {}


class Surface:
    """The functions as Lambda calls them. Each call raises `BrokenPromiseError` if its answer must not be."""

    def __init__(self) -> None:
        logging.getLogger("chat").disabled = True
        self.accepted: set[str] = set()
        """The actions and routes of which something was taken."""
        self.has_taken_who_waits = False
        self._count = 0
        self._renew()

    def frame(self, person: Principal, body: str, *, is_binary: bool = False) -> None:
        """A WebSocket message, at the function of its route and at the one for unknown routes."""
        self._next()
        context = {
            "routeKey": events.route_of(body),
            "connectionId": f"connection-{self._count}",
            "identity": {"sourceIp": "203.0.113.7"},
            "authorizer": {"userId": person.user_id, "role": person.role},
        }
        event = {"requestContext": context, "body": body, "isBase64Encoded": is_binary}
        for handle in (self._conversation, self._fallback):
            answer = handle(event, None)
            if answer["statusCode"] != 200:
                raise BrokenPromiseError(answer)
            # Some routes hand nothing back, and what they refuse is posted.
            posted = self._system.push.frames.pop(f"connection-{self._count}", [])
            self._check_frame(body, answer.get("body") or (posted[-1].decode() if posted else None))

    def upgrade(self, parameters: Mapping[str, str], headers: Mapping[str, str]) -> None:
        """A request to open a connection. Nothing that is made up proves a seller."""
        self._next()
        event = {"queryStringParameters": dict(parameters), "headers": dict(headers), "methodArn": "arn"}
        policy = json.loads(json.dumps(self._authorizer(event, None)))
        (statement,) = policy["policyDocument"]["Statement"]
        if statement["Effect"] == "Allow":
            user_id = parameters.get("userId", "")
            if policy["context"] != {"userId": user_id, "role": "visitor"} or not is_device_id(user_id):
                raise BrokenPromiseError(policy)
        elif "context" in policy:
            raise BrokenPromiseError(policy)

    def call(self, event: Mapping[str, Any]) -> None:
        """An HTTP call in payload format 2.0."""
        self._next()
        answer = self._rest(event, None)
        status, body = answer["statusCode"], json.loads(answer["body"])
        if status == 200:
            self.accepted.add(event["routeKey"])
        problems = [error.message for error in _validator(event["routeKey"], status).iter_errors(body)]
        if problems:
            raise BrokenPromiseError(f"{event['routeKey']} {status} {body}: {problems}")
        self._check_nothing_failed()

    def _check_frame(self, body: str, answer: str | None) -> None:
        encoded = answer.encode() if answer is not None else None
        refused = encoded is not None and json.loads(encoded)["action"] == "error"
        if refused:
            asyncapi.check_received(encoded or b"")
        else:
            asked = recognised(body)
            self.accepted.add(asked["action"])
            self.has_taken_who_waits |= (asked["action"], asked.get("contact_id")) == ("takeChat", WAITING)
            asyncapi.check_exchange(body, encoded)
        self._check_nothing_failed()

    def _check_nothing_failed(self) -> None:
        # In these tables nothing fails, so whatever does is a fault of ours that was only made presentable.
        failures = [fields for event, fields in self._system.journal.notes if event == "failed"]
        self._system.journal.notes.clear()
        if failures:
            raise BrokenPromiseError(failures)

    def _next(self) -> None:
        self._count += 1
        # So that no limit is in the way of what is looked for here.
        self._system.clock.advance(hours=1)
        if self._count % INPUTS_PER_SYSTEM == 0:
            self._renew()

    def _renew(self) -> None:
        self._system = System()
        visitor = self._system.connect(VISITOR, "visitor-laptop")
        stranger = self._system.connect(STRANGER, "stranger-laptop")
        seller = self._system.connect(SELLER, "seller-laptop")
        for asking, status, contact_id in (
            (visitor, "online", PAST),
            (visitor, "online", CONTACT),
            (stranger, "away", WAITING),
        ):
            seller.send("presence", status=status)
            started = asking.send("InitChat", sellerId=SELLER.user_id, userInfo={})
            if started["contact_id"] != contact_id:
                raise BrokenPromiseError(started)
            if contact_id == PAST:
                seller.send("closeChat", contact_id=PAST, id="end")
        with self._on_the_system():
            self._conversation = _loaded("conversation").handle
            self._fallback = _loaded("fallback").handle
            self._authorizer = _loaded("authorizer").handle
            self._rest = _loaded("rest").handle

    @contextmanager
    def _on_the_system(self) -> Iterator[None]:
        secrets = SimpleNamespace(get_secret_value=lambda **_: {"SecretString": KEY})
        with (
            mock.patch.dict(os.environ, {**VARIABLES, "LOG_LEVEL": "CRITICAL"}),
            mock.patch.object(composition, "services", return_value=self._system.services),
            mock.patch.object(clients, "dynamodb", NoTable),
            mock.patch.object(clients, "secrets_manager", return_value=secrets),
        ):
            yield


def _loaded(name: str) -> ModuleType:
    """A function's module of its own, since other tests have theirs."""
    spec = importlib.util.spec_from_file_location(f"fuzzed_{name}", HANDLERS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _validator(route: str, status: int) -> Draft202012Validator:
    responses = openapi.responses(route)
    if status not in responses:
        raise BrokenPromiseError(f"{route} answered {status}, of which nothing is said.")
    return Draft202012Validator(responses[status]["content"]["application/json"]["schema"])
