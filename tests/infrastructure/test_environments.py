"""Choosing an environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stacks.environments import (
    ENVIRONMENTS,
    LOCAL,
    PRODUCTION,
    STAGING,
    UnknownEnvironmentError,
    aws_environment,
    select_environment,
)
from tests.infrastructure.synthesis import PROJECT


@pytest.mark.parametrize("name", ["local", "dev", "staging", "production"])
def test_an_environment_is_chosen_by_name(name: str) -> None:
    assert select_environment(name).name == name


@pytest.mark.parametrize("name", [None, "", "prod", "Production"])
def test_any_other_name_is_answered_with_the_names(name: str | None) -> None:
    with pytest.raises(UnknownEnvironmentError, match="local, dev, staging, production"):
        select_environment(name)


def test_the_app_ends_with_one_line_that_says_what_to_do() -> None:
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    finished = subprocess.run(
        [sys.executable, "app.py"], cwd=PROJECT, env={"PATH": tools}, capture_output=True, text=True, check=False
    )
    assert finished.returncode != 0
    assert finished.stderr.splitlines() == [
        "error: no environment given: add -c env=NAME, where NAME is one of local, dev, staging, production"
    ]


def test_the_emulators_address_can_be_given() -> None:
    assert select_environment("local", emulator_url="http://127.0.0.1:4999/").emulator_url == "http://127.0.0.1:4999"
    assert LOCAL.emulator_url == "http://127.0.0.1:4566"


def test_only_the_emulator_has_an_address() -> None:
    with pytest.raises(UnknownEnvironmentError, match="production runs on AWS itself"):
        select_environment("production", emulator_url="http://127.0.0.1:4566")


def test_account_and_region_come_from_the_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
    monkeypatch.setenv("CDK_DEFAULT_REGION", "ap-south-1")
    assert (aws_environment().account, aws_environment().region) == ("123456789012", "ap-south-1")


def test_sellers_must_be_known_where_customers_are() -> None:
    refusing = {name for name, environment in ENVIRONMENTS.items() if environment.unknown_sellers == "refuse"}
    assert refusing == {STAGING.name, PRODUCTION.name}


def test_contacts_idle_out_long_before_their_messages_expire() -> None:
    for environment in ENVIRONMENTS.values():
        assert environment.idle_close_seconds < environment.message_retention_days * 24 * 3600
