"""docs/security.md names the tests that prove its controls; all of them exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from chat.adapters.json_journal import ALLOWED_FIELDS
from tests.mutants_of_controls.controls import MUTANTS
from tests.mutants_of_stacks.mutant import Mutant

PROJECT = Path(__file__).parents[3]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (PROJECT / "docs" / "security.md").read_text(encoding="utf-8").split("## Proofs")[0].splitlines()
    if line.startswith("| ") and not line.startswith("| threat")
]
TAKEN_OUT = {mutant.noticed_by for mutant in MUTANTS}


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of all tests of a file, also of those in classes."""
    source = (PROJECT / path).read_text(encoding="utf-8")
    if path.endswith(".ts"):
        # Where there are several cases, each has its own end.
        return frozenset(name.removesuffix(": %j") for name in re.findall(r'(?:\bit|\]\))\("([^"]+)"', source))
    tree = ast.parse(source)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_there_are_threats() -> None:
    assert len(ROWS) > 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_threat_has_a_control_and_tests_that_exist(row: list[str]) -> None:
    _threat, attacker, control, named = row
    tests = re.findall(r"`([^`:]+)::([^`]+)`", named)

    assert attacker
    assert control
    assert tests
    for path, name in tests:
        assert name in names_in(path), f"{path} has no {name}"
    assert {"::".join(test) for test in tests} & TAKEN_OUT, "make mutate-controls takes no control of this row out"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_control_that_is_taken_out_is_still_there_and_its_test_is_named(mutant: Mutant) -> None:
    path, name = mutant.noticed_by.split("::")

    assert mutant.applied() != (PROJECT / mutant.file).read_text(encoding="utf-8")
    assert any(f"`{path}::{name}`" in named for *_, named in ROWS)


def test_controls_are_taken_out_one_by_one() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 60


def test_every_chapter_of_the_book_has_a_verdict_and_a_reason() -> None:
    document = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
    chapters = re.findall(r"^\| (V\d+) [^|]+ \| ([^|]+) \| ([^|]+) \|$", document, re.MULTILINE)

    assert [chapter for chapter, _, _ in chapters] == [f"V{number}" for number in range(1, 18)]
    assert {verdict for _, verdict, _ in chapters} <= {"yes", "in part", "no", "not applicable"}
    assert all(len(reason) > len("there is none") - 1 for _, _, reason in chapters)


def test_it_lists_what_a_line_of_a_functions_log_may_hold() -> None:
    text = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
    (of_functions,) = re.findall(r"^\| of each function \|.*$", text, re.MULTILINE)
    listed = set(re.findall(r"`([a-z_]+)`", of_functions.partition("JSON:")[2]))

    assert listed == ALLOWED_FIELDS | {"event", "environment"}
