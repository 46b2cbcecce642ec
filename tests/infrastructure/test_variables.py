"""What the stack tells a function is what the function reads: no variable is missing, wrong, or sent in vain."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.infrastructure.cloud_formation import Stacks
from tests.infrastructure.synthesis import PROJECT, synthesize, with_every_option
from tests.worlds.functions import VARIABLES

FUNCTIONS = ("attendant", "authorizer", "connection", "conversation", "courier", "fallback", "publisher", "rest")
REPORT = """
import importlib, json, sys
importlib.import_module("handlers." + sys.argv[1])
from handlers import variables
print(json.dumps([name for group in variables.groups for name in group.__struct_encode_fields__]))
"""


@pytest.fixture(scope="module")
def with_everything() -> Stacks:
    """Production with every option."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
        patch.setenv("CDK_DEFAULT_REGION", "eu-central-1")
        return Stacks.of(synthesize(with_every_option("production")))


def told(stacks: Stacks, name: str) -> dict[str, str]:
    """A function's variables; a made-up address for what is known only once it is deployed."""
    variables: dict[str, Any] = stacks.chat.functions()[name]["Environment"]["Variables"]
    return {key: value if isinstance(value, str) else "https://deployed.example" for key, value in variables.items()}


def read_by(name: str, variables: dict[str, str]) -> set[str]:
    """The names that a function looks for. It is loaded as in a sandbox, so it fails where one is missing or wrong."""
    sandbox = {
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "an-id",
        "AWS_SECRET_ACCESS_KEY": "a-key",
        "PYTHONPATH": str(PROJECT / "lambdas"),
        **{key: value for key, value in variables.items() if key != "AWS_CA_BUNDLE"},
    }
    command = [sys.executable, "-c", REPORT, name]
    loaded = subprocess.run(command, env=sandbox, check=True, capture_output=True)  # noqa: S603 - our own program
    return set(json.loads(loaded.stdout))


def test_every_function_is_looked_at(with_everything: Stacks) -> None:
    assert set(FUNCTIONS) == set(with_everything.chat.functions())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_reads_what_it_is_told_and_is_told_what_it_reads(with_everything: Stacks, name: str) -> None:
    variables = told(with_everything, name)

    assert read_by(name, variables) == {key for key in variables if not key.startswith("AWS_")}


def test_unit_tests_load_functions_with_variables_that_are_sent(with_everything: Stacks) -> None:
    sent = set().union(*(told(with_everything, name) for name in FUNCTIONS))

    assert set(VARIABLES) <= sent
