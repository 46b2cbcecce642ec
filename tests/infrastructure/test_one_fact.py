"""What is deployed and what runs there say the same, though neither may import the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from chat import events
from chat.api.rest import Rest
from chat.protocol.frames import KNOWN
from stacks.chat_stack import conversation_actions, rest_routes
from stacks.constructs import attendant, chat_bus
from stacks.environments import PRODUCTION
from tests.infrastructure.cloud_formation import Stacks, text
from tests.infrastructure.synthesis import PROJECT, synthesize, with_every_option
from tests.openapi import operations

LOADED = """
import importlib, json, os, sys

class Recorder(dict):
    read = set()
    def _note(self, name):
        if sys._getframe(2).f_globals["__name__"].startswith("handlers") or name.startswith("AWS_"):
            self.read.add(name)
    def __getitem__(self, name):
        self._note(name)
        return super().__getitem__(name)
    def get(self, name, default=None):
        self._note(name)
        return super().get(name, default)

read = {}
for module, variables in json.load(sys.stdin).items():
    os.environ = Recorder(variables, AWS_DEFAULT_REGION="ap-south-1")
    Recorder.read = set()
    loaded = importlib.import_module(f"handlers.{module}")
    getattr(getattr(loaded, "_system", None), "services", None)
    read[module] = sorted(Recorder.read)
    for name in [name for name in sys.modules if name.partition(".")[0] == "handlers"]:
        del sys.modules[name]
print(json.dumps(read))
"""
"""Loads each function under its variables, as a sandbox does, and tells which of them it read."""


@pytest.fixture(scope="module")
def deployed() -> Stacks:
    """Production with every option."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
        patch.setenv("CDK_DEFAULT_REGION", "ap-south-1")
        return Stacks.of(synthesize(with_every_option("production")))


@pytest.fixture(scope="module")
def told(deployed: Stacks) -> dict[str, dict[str, str]]:
    """Each function's variables."""
    functions = deployed.chat.functions().items()
    return {
        module: {name: text(value) for name, value in function["Environment"]["Variables"].items()}
        for module, function in functions
    }


@pytest.fixture(scope="module")
def read(told: dict[str, dict[str, str]]) -> dict[str, set[str]]:
    """The variables that each function reads when it is loaded."""
    # A file in the bundle and a host name that AWS makes: botocore looks at both.
    real = {
        "AWS_CA_BUNDLE": os.fspath(PROJECT / "cdk.json"),
        "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": "https://a.example",
    }
    given = {
        module: {name: real.get(name, value) for name, value in variables.items()} for module, variables in told.items()
    }
    finished = subprocess.run(  # noqa: S603
        [sys.executable, "-c", LOADED],
        cwd=PROJECT / "lambdas",
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    answer: dict[str, list[str]] = json.loads(finished.stdout)
    return {module: set(names) for module, names in answer.items()}


def test_every_action_that_is_known_is_routed() -> None:
    assert set(conversation_actions(PRODUCTION.throttles)) == set(KNOWN) - {"ping"}


def test_every_rest_call_that_is_answered_is_routed_and_documented() -> None:
    unused: Any = None
    rest = Rest(services=unused, tickets=unused, seller_of=unused, ids=unused, journal=unused)

    assert set(rest_routes(PRODUCTION.throttles)) == set(rest._routes) == set(operations())


def test_events_are_listened_for_under_the_name_that_they_are_sent_under() -> None:
    assert chat_bus.SOURCE == events.SOURCE


def test_the_attendant_listens_for_events_that_there_are() -> None:
    assert {*attendant.ROOM_MAY_BE_FREE, *attendant.LEASE_BEGINS} <= set(events.TYPES.values())


def test_concurrency_is_reserved_for_every_function_that_there_is(deployed: Stacks) -> None:
    assert set(PRODUCTION.reserved_concurrency) == set(deployed.chat.functions())


def test_every_variable_is_read_by_the_function_that_is_told_it(
    told: dict[str, dict[str, str]], read: dict[str, set[str]]
) -> None:
    # Every function is told which roots to trust, also the one that calls nobody.
    unread = {module: set(variables) - read[module] - {"AWS_CA_BUNDLE"} for module, variables in told.items()}

    assert {module: names for module, names in unread.items() if names} == {}


def test_every_variable_that_is_read_is_told_to_a_function(
    told: dict[str, dict[str, str]], read: dict[str, set[str]]
) -> None:
    ours = {name for names in read.values() for name in names if not name.startswith("AWS_")}

    assert ours <= {name for variables in told.values() for name in variables}
