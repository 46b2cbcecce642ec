"""The functions as one deployment configures them, loaded as a sandbox does."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

import handlers
from tests.worlds.tables import CONNECTIONS, CONVERSATIONS, SELLERS

KEY = "canary-key-" * 6
SECRET = "seller-chat/test/seller-token-key"
BUS = "seller-chat-test"
DEAD_LETTERS = "https://sqs.eu-central-1.amazonaws.com/123456789012/dead-letters"
CHECK_UPS = "https://sqs.eu-central-1.amazonaws.com/123456789012/check-ups"
CHECK_UP_GROUP = "seller-chat-test"
VARIABLES: Mapping[str, str] = {
    "CONNECTION_TABLE": CONNECTIONS,
    "SELLER_TABLE": SELLERS,
    "CONVERSATION_TABLE": CONVERSATIONS,
    "SELLER_TOKEN_SECRET": SECRET,
    "ALLOWED_ORIGINS": "https://shop.example,https://www.shop.example",
    "RETENTION_DAYS": "7",
    "IDLE_CLOSE_SECONDS": "900",
    "REOPEN_CLOSED": "true",
    "UNKNOWN_SELLERS": "accept",
    "ASSIGNMENT": "least_loaded",
    "VISITOR_RATE": "20/1",
    "SELLER_RATE": "60/5",
    "LEASE_SECONDS": "120",
    "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": "https://abcdef1234.execute-api.eu-central-1.amazonaws.com/production",
    "LOG_LEVEL": "DEBUG",
    "ENVIRONMENT": "test",
    "EVENT_BUS": BUS,
    "DEAD_LETTER_QUEUE_URL": DEAD_LETTERS,
    "CHECK_UP_QUEUE_URL": CHECK_UPS,
    "CHECK_UP_QUEUE_ARN": "arn:aws:sqs:eu-central-1:123456789012:check-ups",
    "CHECK_UP_GROUP": CHECK_UP_GROUP,
    "CHECK_UP_ROLE_ARN": "arn:aws:iam::123456789012:role/check-ups",
}


def load(name: str, environment: pytest.MonkeyPatch, **more: str) -> Any:
    """The function's module, loaded under the deployment's variables and `more`."""
    for variable, value in {**VARIABLES, **more}.items():
        environment.setenv(variable, value)
    module = importlib.import_module(f"handlers.{name}")
    for variable in more:
        environment.delenv(variable)
    return module


def forget_callers(module: Any) -> None:
    """As in a new sandbox, nobody has called yet: all tests use one, and call faster than people may."""
    module._services.floodgate._seen.clear()


def call(module: Any, event: Mapping[str, Any]) -> dict[str, Any]:
    """What the function answers, as the JSON that Lambda makes of it."""
    answer: dict[str, Any] = json.loads(json.dumps(module.handle(event, None)))
    return answer


@contextmanager
def apart() -> Iterator[None]:
    """Functions that are loaded in here are new ones, and those that the tests of this process have loaded stay."""
    others = {name: _forgotten(name) for name in _loaded()}
    try:
        yield
    finally:
        for name in _loaded():
            _forgotten(name)
        for name, module in others.items():
            sys.modules[name] = module
            setattr(handlers, name.rpartition(".")[2], module)


def _forgotten(name: str) -> ModuleType:
    delattr(handlers, name.rpartition(".")[2])
    return sys.modules.pop(name)


def _loaded() -> list[str]:
    return [name for name in sys.modules if name.startswith("handlers.")]
