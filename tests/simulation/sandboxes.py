"""The functions as they are deployed, with a schedule's ports in the place of AWS."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, cast
from unittest.mock import patch

import msgspec

from chat.access.tickets import Tickets
from chat.adapters.dead_letters import DeadLetterQueue
from chat.adapters.event_bridge import EventBus
from chat.api.dispatch import Dispatch
from chat.api.rest import Rest
from chat.model.identity import Principal
from chat.ports.shop import ContactDirectory
from chat.services import Services
from tests import events
from tests.worlds.functions import VARIABLES, apart

FUNCTIONS = ("attendant", "connection", "conversation", "courier", "publisher", "rest")
ELSEWHERE = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "PHP_API_URL": "https://shop.example/api",
    "PHP_API_KEY_SECRET": "seller-chat/test/php-api-key",
}
REST_CALLS = {
    "InitChat": "POST /chats",
    "sendMessage": "POST /sendmessage",
    "sync": "GET /chats/{contact_id}/entries",
    "closeChat": "POST /chats/{contact_id}/close",
    "identify": "POST /chats/{contact_id}/identify",
}
"""Frames that a visitor without a WebSocket sends as calls."""


@cache
def loaded() -> Mapping[str, ModuleType]:
    """The functions' modules. They are loaded once: all that a schedule changes of them is put in."""
    with apart(), patch.dict("os.environ", {**VARIABLES, **ELSEWHERE}):
        return {name: importlib.import_module(f"handlers.{name}") for name in FUNCTIONS}


@dataclass(frozen=True)
class Outside:
    """What the functions reach beside the services: AWS's clients, and the shop's back end."""

    bus: Any
    queues: Any
    directory: ContactDirectory
    shop: Any


class Nobody:
    """Knows which contacts were erased: in these days none is."""

    def among(self, _contact_ids: Collection[str]) -> frozenset[str]:
        return frozenset()


class Sandboxes:
    """Hands events to the functions."""

    def __init__(self, services: Services, outside: Outside, patched: ExitStack) -> None:
        runtime = services.ports.runtime
        rest = Rest(
            services=services,
            tickets=cast(Tickets, None),
            seller_of=_nobody,
            ids=runtime.ids,
            journal=runtime.journal,
            allowed_origins=frozenset({"https://shop.example"}),
        )
        dead_letters = DeadLetterQueue(lambda: outside.queues, "dead-letters")
        put_in: Mapping[str, Mapping[str, object]] = {
            "attendant": {"_attending": services.attending, "_queue": outside.queues},
            "connection": {"_connecting": services.connecting},
            "conversation": {"_dispatch": Dispatch(services)},
            "courier": {
                "_directory": outside.directory,
                "_events": outside.shop,
                "_dead_letters": dead_letters,
                "_forgotten": Nobody(),
            },
            "publisher": {
                "_bus": EventBus(outside.bus, "bus"),
                "_dead_letters": dead_letters,
                "_forgotten": Nobody(),
            },
            "rest": {"_rest": rest},
        }
        for name, values in put_in.items():
            module = loaded()[name]
            journal = {"_journal": runtime.journal} if hasattr(module, "_journal") else {}
            for attribute, value in {**values, **journal}.items():
                patched.enter_context(patch.object(module, attribute, value))

    def call(self, name: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """What a function answers."""
        answer: dict[str, Any] = loaded()[name].handle(event, None)
        return answer

    def frame(self, person: Principal, connection: str, frame: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer to a frame."""
        event = events.message(person, connection, msgspec.json.encode(frame).decode())
        return _decoded(self.call("conversation", event))

    def rest(self, person: Principal, frame: Mapping[str, Any], requested: str) -> dict[str, Any] | None:
        """The answer to a frame that is sent as a call."""
        fields = {name: value for name, value in frame.items() if name != "action"}
        action, path, query = frame["action"], None, None
        if action == "sendMessage":
            fields["sellerId"] = requested
        elif "contact_id" in fields:
            path = {"contact_id": fields.pop("contact_id")}
        if action == "sync":
            fields, query = {}, {name: str(value) for name, value in fields.items()}
        event = events.call(REST_CALLS[action], fields or None, bearer=person.user_id, path=path, query=query)
        return _decoded(self.call("rest", event))


def _decoded(response: Mapping[str, Any]) -> dict[str, Any] | None:
    if "body" not in response:
        return None
    answer: dict[str, Any] = msgspec.json.decode(response["body"])
    return answer


def _nobody(_token: str) -> Principal:
    raise AssertionError("No seller calls.")
