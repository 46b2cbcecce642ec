"""docs/operations.md says what strategies there are, and shows one that works."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chat.adapters.shop.chooser import ShopChooser
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
