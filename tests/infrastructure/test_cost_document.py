"""docs/cost.md and its picture are what `make cost` reckons from today's counts, stacks and prices."""

from __future__ import annotations

import re

import pytest

from chat.model.metrics import Metric
from review.cost import PRICES, REGION
from stacks.environments import DEV, PRODUCTION
from tests.bench.cost import BUSY, CODES, DOCUMENT, PICTURE, TASK_SOCKETS, Bill, break_even, idle_bill, picture, written
from tests.bench.usage import CALL_SECONDS, STEP_SECONDS

AGAIN = "run `PYTHONPATH=.:lambdas python -m tests.bench.cost --write`"
TEXT = DOCUMENT.read_text(encoding="utf-8")
NUMBERS = {5: "five", 39: "thirty-nine"}


@pytest.fixture(scope="module")
def idle() -> Bill:
    """What production costs while nobody chats."""
    return idle_bill()


def test_its_tables_and_its_picture_are_what_is_reckoned(idle: Bill) -> None:
    assert written(TEXT, idle) == TEXT, AGAIN
    assert PICTURE.read_text(encoding="utf-8") == picture(idle), AGAIN


def test_it_says_from_how_many_chats_on_servers_cost_less(idle: Bill) -> None:
    assert f"From {break_even(idle):,} chats" in TEXT


def test_it_says_what_it_assumes(idle: Bill) -> None:
    assert f"{1000 * STEP_SECONDS:.0f} ms for each step that waits and {1000 * CALL_SECONDS:.0f} ms" in TEXT
    assert f"A task keeps {TASK_SOCKETS:,} sockets, and the busiest minute has {NUMBERS[BUSY]} times" in TEXT
    assert f"{NUMBERS[len(Metric) + CODES]} metrics of functions" in TEXT


def test_it_says_what_an_environment_that_promises_nothing_saves(idle: Bill) -> None:
    (saved,) = re.findall(r"has \$([\d.]+) a month less of alarms", TEXT)

    assert float(saved) == pytest.approx(sum(idle.values()) - sum(idle_bill(DEV).values()))


def test_there_are_prices_of_the_region_that_is_reckoned_with_by_itself() -> None:
    assert (PRICES / f"{REGION}.json").is_file()
    assert PRODUCTION.watches_objectives
