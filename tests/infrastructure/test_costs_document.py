"""docs/stacks.md says what each stack costs, by the prices that `make review` reckons with."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from review.assembly import assembly
from review.cost import idle, of_use, prices
from stacks.environments import ENVIRONMENTS
from tests.bench.usage import CALL_SECONDS, PAGE_FILES, PAGE_KILOBYTES, SERVICES, STEP_SECONDS, of_chat
from tests.infrastructure.synthesis import PROJECT, synthesize

DOCUMENT = (PROJECT / "docs" / "stacks.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| ([\d.]+|-) \| ([\d.]+|-) \| ([\d.]+|-) \|", re.MULTILINE)
MADE_UP = (
    f"of our own: {1000 * STEP_SECONDS:.0f} ms for each step that waits and {1000 * CALL_SECONDS:.0f} ms of a gigabyte",
    f"{ {4: 'four'}[PAGE_FILES] } files of {PAGE_KILOBYTES} KB",
)
"""What is neither counted nor priced, and has to be said beside the table."""

CHATS = 1000
STACKS = {"DynamoDB": "Data", "CloudFront": "Web"}
"""In which stack is what a service charges for; all else is in Chat."""


def used_by_a_chat() -> dict[str, dict[str, float]]:
    """What one chat of twenty messages in ten minutes takes, by stack."""
    stacks: dict[str, dict[str, float]] = {"Data": {}, "Chat": {}, "Web": {}}
    for what, many in of_chat().items():
        stacks[STACKS.get(SERVICES[what], "Chat")][what] = many
    return stacks


def said(column: int) -> dict[str, float]:
    """What a column of the table says, by stack."""
    return {row[0]: float(row[column]) for row in ROW.findall(DOCUMENT) if row[column] != "-"}


@pytest.mark.parametrize(("name", "column"), [("dev", 1), ("production", 2)])
def test_it_says_what_each_stack_costs_while_nobody_chats(name: str, column: int) -> None:
    stacks = assembly(synthesize(ENVIRONMENTS[name]), environment=name).stacks

    assert said(column) == pytest.approx({stack: idle(each) for stack, each in stacks.items()}), (
        "write the right side into the table of docs/stacks.md"
    )


def test_it_says_what_a_thousand_chats_cost() -> None:
    def cost(used: Mapping[str, float]) -> float:
        return CHATS * of_use(used)

    assert said(3) == pytest.approx({stack: cost(used) for stack, used in used_by_a_chat().items()}, rel=0.1), (
        "write the right side into the table of docs/stacks.md"
    )


def test_it_says_from_when_and_where_the_prices_are_and_what_is_an_assumption() -> None:
    day = re.findall(r"\d{4}-\d\d-\d\d", prices()["as_of"])[0]

    for each in (day, prices()["region"], *MADE_UP):
        assert each in DOCUMENT


def test_a_stack_that_the_table_leaves_out_would_be_noticed() -> None:
    assert said(2).keys() == {"Data", "Chat", "Web", "Operations"}
    assert "Hosts" not in said(2), "a host of its own costs nothing but its zone, which is not of these stacks"
