"""The templates are a function of the commit: of nothing that was there before, of no order and of no Python."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

import account
import app
from stacks import assembly, chat_stack, widget_build
from stacks.environment import Throttle, Throttles
from stacks.environments import PRODUCTION
from tests.infrastructure.repeated import differences, reason
from tests.infrastructure.synthesis import PROJECT, new_app, synthesize, with_every_option

ASSEMBLE = """
import sys
from tests.infrastructure.test_repeatability import assemble
assemble(sys.argv[1])
"""
OF_THIS_RUN = ("jsii-kernel-", '"trace":')
"""The temporary folder with the CDK's own code, and the calls that led to a construct."""
ACCOUNT = {"CDK_DEFAULT_ACCOUNT": "123456789012", "CDK_DEFAULT_REGION": "eu-central-1"}


def assemble(folder: str) -> None:
    """Write the files of production with every option as `cdk synth` does, but for the bundle and the widget."""
    production = new_app(outdir=folder, builtin_cloud_formation_validation=False)
    # As on a busy machine, where the CDK writes down what took how long.
    production.node.set_context("@aws-cdk/core.slowSynthThreshold", 0)
    assembly.leave_no_trace_of_this_run(production)
    app.add_stacks(production, with_every_option("production"))
    production.synth()


def test_another_process_writes_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, value)
    here, there = tmp_path / "here", tmp_path / "there"
    # In this process the order of sets is another one, and so are the temporary folders.
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": ".", "PYTHONHASHSEED": "1", **ACCOUNT}
    environment["CDK_PERF_COUNTERS_FILE"] = str(there / "performance-counters.json")
    command = [sys.executable, "-c", ASSEMBLE, str(there)]
    subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, check=True)  # noqa: S603
    assemble(str(here))

    assert (here / "manifest.json").is_file()
    assert differences(here, there) == []


@pytest.mark.parametrize("main", [app.main, account.main])
def test_no_file_tells_how_it_came_to_be(
    main: Callable[[cdk.App], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(widget_build, "bring_up_to_date", lambda: False)
    context = {"env": "dev", "repository": "acme/chat", "aws:cdk:bundling-stacks": []}
    if main is app.main:
        del context["repository"]

    main(cdk.App(outdir=str(tmp_path), context=context, builtin_cloud_formation_validation=False))

    said = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.json")}
    assert len(said) > 3
    assert [name for name, text in said.items() if any(each in text for each in OF_THIS_RUN)] == []


def test_a_byte_or_a_mode_that_differs_is_named(tmp_path: Path) -> None:
    for folder in ("first", "second"):
        (tmp_path / folder / "asset").mkdir(parents=True)
        for name in ("same", "asset/mode", "asset/bytes"):
            (tmp_path / folder / name).write_text("1", encoding="utf-8")
    (tmp_path / "second" / "asset" / "bytes").write_text("2", encoding="utf-8")
    (tmp_path / "second" / "asset" / "mode").chmod(0o600)
    (tmp_path / "second" / "more").touch()

    found = differences(tmp_path / "first", tmp_path / "second")

    assert found == ["asset/bytes differs", "asset/mode differs", "more differs"]


def test_a_synthesis_that_fails_is_told_with_its_cause_and_not_with_the_words_of_the_cli() -> None:
    causes = "  cause: Failed to download\n  cause: dns\n  cause: no such host\n"
    said = f"Bundling\nerror: Request failed\n{causes}python3 app.py: exited with error 2\n"

    assert reason(said) == "Request failed; Failed to download; dns"
    assert reason("anything else") == "anything else"
    assert reason("") == "no word"


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
