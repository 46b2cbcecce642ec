"""docs/operations.md says what strategies there are, and shows one that works."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from chat.adapters.json_journal import COUNTED
from chat.adapters.shop.chooser import ShopChooser
from chat.model.metrics import Metric
from chat.model.sellers import Seller
from chat.ports.strategies import Ask, Strategy
from chat.team.strategies import STRATEGIES

DOCUMENT = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
SECTION = DOCUMENT.split("\n## Sellers and strategies\n", 1)[1].split("\n## ", 1)[0]


def test_it_names_every_strategy_and_whether_it_needs_presence() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .* \| (yes|no) \|$", SECTION, re.MULTILINE)
    strategies: dict[str, type[Strategy]] = {**STRATEGIES, "external": ShopChooser}

    assert dict(rows) == {name: "yes" if kind.needs_presence else "no" for name, kind in strategies.items()}


def test_the_strategy_that_it_shows_works() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
    names: dict[str, Any] = {"Ask": Ask, "Seller": Seller, "Sequence": Sequence}
    exec(code, names)  # noqa: S102 - it is our own document
    team = [Seller("a", "t", 5, 4), Seller("b", "t", 9, 5), Seller("c", "t", 5, 3)]

    ordered = names["MostRoom"]().order(Ask("c1", "t", "v", {}), team)

    assert [seller.id for seller in ordered] == ["b", "c", "a"]


def test_every_metric_says_what_it_tells_and_no_other_one_is_named() -> None:
    section = DOCUMENT.partition("\n## Metrics\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]

    assert sorted(re.findall(r"`(\w+)`", "".join(rows))) == sorted(Metric)
    assert f"{len(Metric)} metrics" in section


@pytest.mark.parametrize("metric", Metric)
def test_every_metric_is_seen_to_be_measured_by_a_test(metric: Metric) -> None:
    counted = {each for each, _ in COUNTED.values()}
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parents[1].rglob("test_*.py"))

    assert metric in counted or f"Metric.{metric.name}" in tests
