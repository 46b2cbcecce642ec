"""docs/scaling.md says at how many chats each limit is met, by what a chat takes, and names what exists."""

from __future__ import annotations

import re

import pytest

from administration.preflight.quotas import NEW_CONNECTIONS
from chat.model.settings import Settings
from tests.bench import scale
from tests.bench.limits import Limit, limits

DOCUMENT = scale.DOCUMENT.read_text(encoding="utf-8")


@pytest.mark.parametrize("limit", limits(), ids=lambda limit: limit.name)
def test_a_limit_is_met_at_as_many_chats_as_it_says(limit: Limit) -> None:
    assert limit.row().removesuffix("|") in DOCUMENT, limit.row()


def test_the_narrowest_limit_stands_first() -> None:
    said = re.findall(r"^\| ([^|]+) \| [\d,]+ \| [\d,]+ \|", DOCUMENT, re.MULTILINE)

    assert set(said) == {limit.name for limit in limits()}
    assert said[0] == limits()[0].name


def test_it_names_the_quota_that_a_deployment_asks_for() -> None:
    assert NEW_CONNECTIONS[1] in DOCUMENT


def test_it_says_how_many_chats_an_address_may_open() -> None:
    assert f"| {Settings.address_chats_per_hour} new chats an hour from one address |" in DOCUMENT


@pytest.fixture(scope="module")
def table() -> str:
    """What is counted now."""
    return scale.table()


def test_its_table_is_what_is_counted_now_for_as_many_as_the_text_says(table: str) -> None:
    assert scale.written(DOCUMENT, table) == DOCUMENT, "run make scale"
    assert all(f"{sizes[-1]:,}" in DOCUMENT.partition(scale.BEGUN)[0] for sizes in scale.SIZES.values())


def test_no_operation_asks_more_often_or_reads_more_however_much_there_is(table: str) -> None:
    counts = [cell.split(" / ") for line in table.splitlines()[2:] for cell in line.split(" | ")[3:6]]

    assert len(counts) == 3 * len(scale.SIZES) * len(scale.FRAMES)
    assert all(few == many.removesuffix(" |") for few, many in counts)
