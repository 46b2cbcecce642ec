"""A cold start pays for every module, so no function imports the chat for one word."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functions import VARIABLES

LAMBDAS = Path(__file__).parents[3] / "lambdas"
CEILINGS = {
    "fallback": 15,
    "publisher": 15,
    "courier": 20,
    "authorizer": 20,
    "connection": 25,
    "attendant": 52,
    "conversation": 52,
    "rest": 58,
}
"""Modules of the chat, packages aside, that a function may load."""
VERIFYING = {"authorizer", "rest"}
"""The functions that need PyJWT; it costs half as much as boto3."""
REPORT = """
import importlib, json, sys
importlib.import_module("handlers." + sys.argv[1])
chat = [name for name, module in sys.modules.items() if name.startswith("chat.") and not hasattr(module, "__path__")]
print(json.dumps([sorted(chat), "jwt" in sys.modules]))
"""


@pytest.mark.parametrize("name", CEILINGS)
def test_a_function_loads_what_it_needs_and_little_more(name: str) -> None:
    variables = {
        **os.environ,
        **VARIABLES,
        "PYTHONPATH": str(LAMBDAS),
        "PHP_API_URL": "https://shop.example",
        "PHP_API_KEY_SECRET": "a-name",
        "DEAD_LETTER_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/dead",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    command = [sys.executable, "-c", REPORT, name]
    loaded = subprocess.run(command, env=variables, check=True, capture_output=True)  # noqa: S603 - our own program
    modules, has_jwt = json.loads(loaded.stdout)

    assert len(modules) <= CEILINGS[name], modules
    assert has_jwt is (name in VERIFYING)


def test_every_function_has_its_ceiling() -> None:
    functions = {path.stem for path in (LAMBDAS / "handlers").glob("*.py") if "def handle(" in path.read_text()}

    assert set(CEILINGS) == functions
