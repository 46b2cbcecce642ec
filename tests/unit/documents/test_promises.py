"""docs/protocol.md's promises, and the invariants of the simulation that hold them."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).parents[3]
NAMED = re.compile(r"^\| .* \| .*\| (`.*`) \|$", re.MULTILINE)
OF_A_DAY = ("shop.py", "asides.py", "desk.py", "sharing.py", "snoozes.py")
CHECKED = re.compile(r'Violation\(\s*f?"([^:"]+)[:"]')


def promised() -> set[str]:
    text = (PROJECT / "docs" / "protocol.md").read_text(encoding="utf-8")
    _, _, section = text.partition("## What holds when things go wrong")
    rows = NAMED.findall(section.partition("\n## ")[0])
    return {name for row in rows for name in re.findall("`([^`]+)`", row)}


def checked() -> set[str]:
    sources = (PROJECT / "tests" / "simulation").glob("*.py")
    return {name for source in sources for name in CHECKED.findall(source.read_text(encoding="utf-8"))}


def test_every_promise_names_invariants_that_the_simulation_checks() -> None:
    assert len(promised()) >= 20
    assert promised() <= checked()


def test_every_invariant_of_a_day_belongs_to_a_promise() -> None:
    sources = [PROJECT / "tests" / "simulation" / name for name in OF_A_DAY]
    day = {name for source in sources for name in CHECKED.findall(source.read_text(encoding="utf-8"))}

    assert day - promised() == {"an entry follows what it may"}
