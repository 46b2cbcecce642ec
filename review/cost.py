"""What a stack costs while nobody chats, and what its use costs, by estimated prices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from review.assembly import Resource, Stack

PRICES = Path(__file__).resolve().parent / "prices"
REGION = "us-east-1"
"""What is reckoned by where nobody says it otherwise."""


def priced_regions() -> list[str]:
    """The Regions that there is a file of prices for."""
    return sorted(path.stem for path in PRICES.glob("*.json"))


@cache
def prices(region: str = REGION) -> dict[str, Any]:
    """Estimates of prices of AWS in US dollars, and when they were written down; its price list was not consulted."""
    found: dict[str, Any] = json.loads((PRICES / f"{region}.json").read_text(encoding="utf-8"))
    return found


def idle(stack: Stack) -> float:
    """US dollars a month, without what a free tier covers."""
    return round(sum(of_resource(each) for each in stack.resources.values()), 2)


def of_use(used: Mapping[str, float], region: str = REGION) -> float:
    """US dollars for so many of what is paid by use, in the words of the prices."""
    return sum(many * float(prices(region)["a_million"][what]) / 1_000_000 for what, many in used.items())


def of_resource(resource: Resource, region: str = REGION) -> float:
    """US dollars a month for a resource that is there, used or not."""
    each = float(prices(region)["a_month"].get(resource.type, 0))
    if resource.type == "AWS::CloudWatch::Alarm":
        # What is computed of several metrics costs as much as all of them.
        return each * max(1, sum("MetricStat" in metric for metric in resource.properties.get("Metrics", [])))
    return each
