"""docs/stacks.md says what each stack costs, by the prices that `make review` reckons with."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping

import pytest

from review.assembly import assembly
from review.cost import idle, of_use, prices
from stacks.environments import ENVIRONMENTS
from tests.infrastructure.synthesis import PROJECT, synthesize
from tests.unit.handlers.together.test_requests import BILLS

DOCUMENT = (PROJECT / "docs" / "stacks.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| ([\d.]+|-) \| ([\d.]+|-) \| ([\d.]+|-) \|", re.MULTILINE)
MADE_UP = ("of our own: 5 ms for each step that waits and 10 ms of a gigabyte for each call", "four files of 37 KB")
"""What is neither counted nor priced, and has to be said beside the table."""

CHATS = 1000
NOT_COUNTED = 3
"""Events of a chat, and calls of the publisher and of the attendant for these and for check-ups."""


def chat_of_twenty() -> tuple[Counter[str], int]:
    """How often each frame is sent while a seller has some chats, and how many chats these are."""
    told = json.loads((PROJECT / "tests" / "bench" / "chat_of_twenty.json").read_text(encoding="utf-8"))
    return Counter(told["visitor"]) + Counter(told["seller"]), told["chats"]


def used_by_a_chat() -> dict[str, dict[str, float]]:
    """What one chat of twenty messages in ten minutes takes, by stack."""
    sent, chats = chat_of_twenty()
    each = {action: many / chats for action, many in sent.items()}
    bills = {action: BILLS[action][2] for action in each}
    connections = 1 + 1 / chats
    calls = sum(many for action, many in each.items() if action != "ping") + 3 * connections + 2 * NOT_COUNTED
    steps = sum(many * bills[action].steps for action, many in each.items()) + 2 * connections + 4 * NOT_COUNTED
    return {
        "Data": {
            "units read": sum(many * bills[action].reads for action, many in each.items()) + 2 * NOT_COUNTED,
            "units written": sum(many * bills[action].writes for action, many in each.items()) + 2 * connections,
        },
        "Chat": {
            "frames": sum(many * (1 + bills[a].posts + bool(bills[a].answered)) for a, many in each.items()),
            "minutes of a connection": 10 * connections,
            "calls of a function": calls,
            "seconds of a gigabyte": 0.005 * steps + 0.01 * calls,
            "events": NOT_COUNTED,
            "schedules": 1,
            "requests to a queue": 3 * NOT_COUNTED,
        },
        "Web": {"requests to CloudFront": 4, "gigabytes from CloudFront": 37 / 1024**2},
    }


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
