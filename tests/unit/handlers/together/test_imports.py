"""A cold start pays for every module, so no function imports the chat for one word."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worlds.functions import VARIABLES

LAMBDAS = Path(__file__).parents[4] / "lambdas"
CEILINGS = {
    "fallback": 13,
    "publisher": 24,
    "courier": 21,
    "authorizer": 25,
    "connection": 24,
    "attendant": 71,
    "conversation": 72,
    "rest": 77,
}
"""Modules of the chat, packages aside, that a function may load."""
WITHOUT = {
    "jwt": set(CEILINGS),
    "boto3": {"fallback", "connection", "authorizer", "conversation", "rest"},
    "urllib3": {"fallback", "connection", "authorizer", "conversation", "rest"},
}
"""What is dear, and which functions must not load it before they need it: the hot ones none of it."""
SHOP = {
    "PHP_API_URL": "https://shop.example",
    "PHP_API_KEY_SECRET": "a-name",
    "DEAD_LETTER_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/dead",
}
REPORT = """
import importlib, json, sys
importlib.import_module("handlers." + sys.argv[1])
chat = [name for name, module in sys.modules.items() if name.startswith("chat.") and not hasattr(module, "__path__")]
print(json.dumps([sorted(chat), sorted(sys.modules)]))
"""


@pytest.mark.parametrize("name", CEILINGS)
def test_a_function_loads_what_it_needs_and_little_more(name: str) -> None:
    variables = {
        **os.environ,
        **VARIABLES,
        "PYTHONPATH": str(LAMBDAS),
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "an-id",
        "AWS_SECRET_ACCESS_KEY": "a-key",
    }
    if name == "courier":
        variables |= SHOP
    command = [sys.executable, "-c", REPORT, name]
    loaded = subprocess.run(command, env=variables, check=True, capture_output=True)  # noqa: S603 - our own program
    chat, modules = json.loads(loaded.stdout)

    assert len(chat) <= CEILINGS[name], chat
    assert {dear for dear, functions in WITHOUT.items() if name in functions} & set(modules) == set()


def test_every_function_has_its_ceiling() -> None:
    functions = {path.stem for path in (LAMBDAS / "handlers").glob("*.py") if "def handle(" in path.read_text()}

    assert set(CEILINGS) == functions
