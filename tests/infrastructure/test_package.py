"""What another app gets with `pip install`: one name, with all that the stacks deploy."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import stacks
from stacks.places import folder

PROJECT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))


def test_every_name_that_it_exports_is_there_and_nothing_else_is() -> None:
    assert all(hasattr(stacks, name) for name in stacks.__all__)
    with pytest.raises(AttributeError, match="stacks has no Anything"):
        _ = stacks.Anything


def test_the_stacks_import_each_other_under_whichever_name_they_are_installed() -> None:
    names = {
        node.module
        for path in (PROJECT / "stacks").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module
    }

    assert [name for name in names if name.partition(".")[0] == "stacks"] == []


def test_every_folder_of_modules_is_installed() -> None:
    folders = {path.parent for path in (PROJECT / "stacks").rglob("*.py")}
    mapping = SETTINGS["tool"]["setuptools"]["package-dir"]

    assert {PROJECT / each for each in mapping.values()} == folders
    assert set(SETTINGS["tool"]["setuptools"]["packages"]) == set(mapping)
    assert {name.partition(".")[0] for name in mapping} == {"seller_chat"}


def test_what_is_deployed_is_within_the_package_or_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder("lambdas") == PROJECT / "lambdas"

    (tmp_path / "lambdas").mkdir()
    monkeypatch.setattr("stacks.places._HERE", tmp_path)
    assert folder("lambdas") == tmp_path / "lambdas"


def test_the_pinned_cdk_is_within_the_bounds_and_the_lower_one_is_what_is_tried() -> None:
    (bounds,) = [each for each in SETTINGS["project"]["dependencies"] if each.startswith("aws-cdk-lib")]
    found = re.fullmatch(r"aws-cdk-lib>=(\d+)\.(\d+),<(\d+)", bounds)
    assert found
    lowest, above = (int(found[1]), int(found[2])), int(found[3])
    tried = re.search(r"^LOWEST_CDK := (\d+)\.(\d+)\.0$", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)
    pinned = re.search(r"^aws-cdk-lib==(\d+)\.(\d+)", (PROJECT / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    assert tried
    assert pinned

    assert (int(tried[1]), int(tried[2])) == lowest
    assert lowest <= (int(pinned[1]), int(pinned[2])) < (above, 0)


def test_the_build_needs_no_cdk() -> None:
    command = "import sys; import stacks.widget_build; sys.exit('aws_cdk' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", command], cwd=PROJECT, check=False).returncode == 0  # noqa: S603
