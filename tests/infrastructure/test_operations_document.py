"""docs/operations.md says what is deployed."""

from __future__ import annotations

import re

from tests.infrastructure.cloud_formation import Stacks
from tests.infrastructure.synthesis import PROJECT


def documented() -> dict[str, str]:
    """Who is told each variable, in the document's words."""
    document = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = document.partition("| variable | who | what |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`[^|]+) \| ([^|]+) \|", table, re.MULTILINE)
    return {name: who for names, who in rows for name in re.findall(r"`(\w+)`", names)}


def told(stacks: Stacks) -> dict[str, set[str]]:
    """Which functions are told each variable."""
    functions = stacks.chat.functions()
    names = {name for function in functions.values() for name in function["Environment"]["Variables"]}
    return {
        name: {module for module, function in functions.items() if name in function["Environment"]["Variables"]}
        for name in names
    }


def test_it_says_of_every_variable_which_functions_are_told_it(with_shop: Stacks) -> None:
    everybody = set(with_shop.chat.functions())
    expected = {
        name: everybody if who.startswith("all") else everybody & set(re.findall(r"\w+", who))
        for name, who in documented().items()
    }
    assert expected == told(with_shop)
