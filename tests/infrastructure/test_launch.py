"""`npx cdk …` in a shell where nothing is activated."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infrastructure.synthesis import PROJECT

FAKE = """#!/bin/sh
if [ "$1" = -c ]; then echo 0.0.9; else echo "$@"; echo "$PATH"; fi
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that pins a version of the CDK which this Python does not have."""
    shutil.copy(PROJECT / "launch.py", tmp_path)
    (tmp_path / "requirements.txt").write_text("aws-cdk-lib==0.0.9\n", encoding="utf-8")
    return tmp_path


def launch(checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "launch.py", "app.py", "more"]
    path = {"PATH": os.environ["PATH"]}
    return subprocess.run(command, cwd=checkout, env=path, capture_output=True, text=True, check=False)  # noqa: S603


def test_the_cdk_starts_the_app_by_it() -> None:
    assert json.loads((PROJECT / "cdk.json").read_text(encoding="utf-8"))["app"] == "python3 launch.py app.py"


def test_the_projects_own_environment_is_taken_where_the_active_python_lacks_something(checkout: Path) -> None:
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(FAKE, encoding="utf-8")
    python.chmod(0o755)

    words, path = launch(checkout).stdout.splitlines()

    assert words == "app.py more"
    assert path.split(os.pathsep)[0] == str(python.parent), "its npm, Node and uv come first, too"


def test_without_any_it_ends_in_one_line_that_says_what_to_do(checkout: Path) -> None:
    done = launch(checkout)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "aws-cdk-lib 0.0.9" in done.stderr
    assert "pip install -r requirements.txt" in done.stderr
