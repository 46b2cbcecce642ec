"""The templates are a function of the commit: of nothing that was there before, of no order and of no Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from stacks import chat_stack
from stacks.environment import Throttle, Throttles
from stacks.environments import PRODUCTION
from tests.infrastructure.synthesis import PROJECT, synthesize, with_every_option

REPORT = """
import json
from tests.infrastructure.synthesis import synthesize, with_every_option
print(json.dumps(synthesize(with_every_option("production"))))
"""
ACCOUNT = {"CDK_DEFAULT_ACCOUNT": "123456789012", "CDK_DEFAULT_REGION": "eu-central-1"}


def test_no_order_that_python_chooses_by_chance_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, value)
    # In this process the order of sets is another one.
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": ".", "PYTHONHASHSEED": "1", **ACCOUNT}
    command = [sys.executable, "-c", REPORT]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)  # noqa: S603

    assert done.stdout.strip() == json.dumps(synthesize(with_every_option("production")))


Routes = Callable[[Throttles], dict[str, Throttle]]


def backwards(routes: Routes) -> Routes:
    return lambda throttles: dict(reversed(routes(throttles).items()))


def test_the_order_in_which_routes_are_written_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    as_written = synthesize(PRODUCTION)
    monkeypatch.setattr(chat_stack, "conversation_actions", backwards(chat_stack.conversation_actions))
    monkeypatch.setattr(chat_stack, "rest_routes", backwards(chat_stack.rest_routes))

    assert synthesize(PRODUCTION) == as_written


def test_a_route_that_goes_takes_nothing_of_the_others_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = resources(synthesize(PRODUCTION))
    actions = chat_stack.conversation_actions
    monkeypatch.setattr(
        chat_stack, "conversation_actions", lambda t: {k: v for k, v in actions(t).items() if k != "InitChat"}
    )
    after = resources(synthesize(PRODUCTION))

    assert after.keys() < before.keys()
    assert all("InitChat" in name for name in before.keys() - after.keys())


def resources(templates: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for template in templates.values() for name, each in template["Resources"].items()}
