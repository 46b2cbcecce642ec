"""CONTRIBUTING.md names files that exist, and a file of unit tests lies where it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
UNIT = PROJECT / "tests" / "unit"
MIRRORED = ("lambdas/chat", "lambdas", ".", "tests")
"""Where a module may be of which tests/unit/ROOM/test_MODULE.py is the specification."""
FREE = {"together", "documents"}
"""The folders whose tests are about several modules, and about the documents."""
TEXT = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:lambdas|stacks|widget|tests|docs)/[\w./]+)`", TEXT)))
FILES = sorted(path.relative_to(UNIT) for path in UNIT.rglob("test_*.py") if path.parent.name not in FREE)


def test_it_names_files() -> None:
    assert len(NAMED) > 10


@pytest.mark.parametrize("name", [each for each in NAMED if not re.search(r"NAME|ROOM", each)])
def test_a_file_that_it_names_exists(name: str) -> None:
    assert (PROJECT / name).exists()


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_file_of_unit_tests_is_named_after_a_module(file: Path) -> None:
    module = file.with_name(file.stem.removeprefix("test_"))

    assert any(
        (PROJECT / root / module).with_suffix(".py").exists() or (PROJECT / root / module).is_dir() for root in MIRRORED
    )
