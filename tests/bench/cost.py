"""`make cost CHATS=100000 MESSAGES=20`: a month's bill by service, beside the document's design and servers always on.

Counted is what tests hold the functions to (tests/bench/usage.py), the prices are those of review/prices/REGION.json.
`--write` puts the tables and the picture into docs/cost.md.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from chat.model.metrics import Metric
from review.assembly import assembly
from review.cost import PRICES, REGION, of_resource, of_use, priced_regions, prices
from stacks.environment import Environment
from stacks.environments import PRODUCTION
from tests.bench import plots
from tests.bench.usage import (
    DOCUMENT_ENTRY_BYTES,
    ENTRY_BYTES,
    LIFE_ENTRIES,
    SERVICES,
    Used,
    of_chat,
    of_document,
    of_servers,
    sent,
)
from tests.infrastructure.synthesis import synthesize

DOCUMENT = Path(__file__).parents[2] / "docs" / "cost.md"
PICTURE = DOCUMENT.parent / "images" / "cost.svg"
MOST_CHATS, MOST_MESSAGES = 100_000_000, 1000
DOCUMENTS = "the document's"
GIGABYTE = 1024**3
MONTH_HOURS, MONTH_MINUTES = 730, 43_800
CODES = 12
"""Codes of errors that occur in a month; each is a metric of its own."""
BUSY = 5
"""The busiest minute has so many times the average of sockets."""
TASK_SOCKETS = 5000
"""Open sockets that a task of half a gigabyte keeps, about; nobody has measured it here."""
SHOWN = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
"""Chats a month, in the picture."""
TABLED = (1_000, 100_000, 1_000_000)

Bill = Mapping[str, float]
"""US dollars a month by service."""


@dataclass(frozen=True)
class Month:
    """How much is chatted in it, and where."""

    chats: int
    messages: int
    region: str = REGION


def ours(month: Month, idle: Bill) -> Bill:
    """This design's, in production, in its second year: what is kept is deleted as fast as it comes.

    `idle` is what is there if nobody chats.
    """
    kept = month.messages + LIFE_ENTRIES
    stored = _stored(month, kept * ENTRY_BYTES, PRODUCTION.message_retention_days, can_be_restored=True)
    metrics = (len(Metric) + CODES) * float(prices(month.region)["a_month"]["a metric of functions"])
    return _together(idle, _used(month, of_chat(month.messages)), {"DynamoDB, kept": stored, "CloudWatch": metrics})


def documents(month: Month) -> Bill:
    """The document's design with its messages stored, kept as long as ours; it watches nothing and proves nobody."""
    stored = _stored(month, month.messages * DOCUMENT_ENTRY_BYTES, PRODUCTION.message_retention_days)
    return _together(_used(month, of_document(month.messages)), {"DynamoDB, kept": stored})


def servers(month: Month) -> Bill:
    """Two small tasks of Fargate behind a load balancer, two small nodes of Redis between them, and entries in a table.

    Beyond what two tasks keep open there are more of them.
    """
    hourly = {name: float(price) for name, price in prices(month.region)["an_hour"].items()}
    chat = sent(month.messages)
    average = month.chats * chat.minutes * chat.connections / MONTH_MINUTES
    tasks = max(2, ceil(average * BUSY / TASK_SOCKETS))
    hours = {
        "Fargate": tasks * (0.25 * hourly["a processor of Fargate"] + 0.5 * hourly["a gigabyte of Fargate"]),
        "load balancer": hourly["a load balancer"] + max(1, average / 3000) * hourly["a unit of a load balancer"],
        "Redis": 2 * ceil(tasks / 8) * hourly["a small node of Redis"],
        "public addresses": (tasks + 2) * hourly["a public address"],
    }
    always = {name: MONTH_HOURS * dollars for name, dollars in hours.items()}
    kept = (month.messages + LIFE_ENTRIES) * ENTRY_BYTES
    stored = _stored(month, kept, PRODUCTION.message_retention_days, can_be_restored=True)
    return _together(always, _used(month, of_servers(month.messages)), {"DynamoDB, kept": stored})


def idle_bill(environment: Environment = PRODUCTION, region: str = REGION) -> Bill:
    """What an environment's stacks cost while nobody chats, by service."""
    stacks = assembly(synthesize(environment), environment=environment.name).stacks
    resources = [resource for stack in stacks.values() for resource in stack.resources.values()]
    bills = [{_provider(each.type): of_resource(each, region)} for each in resources]
    return {name: dollars for name, dollars in _together(*bills).items() if dollars}


def _provider(resource_type: str) -> str:
    name = resource_type.removeprefix("AWS::").partition("::")[0]
    return {"SecretsManager": "Secrets Manager"}.get(name, name)


def _used(month: Month, chat: Used) -> Bill:
    parts = [{SERVICES[what]: month.chats * of_use({what: many}, month.region)} for what, many in chat.items()]
    return _together(*parts)


def _together(*bills: Bill) -> Bill:
    found: defaultdict[str, float] = defaultdict(float)
    for bill in bills:
        for name, dollars in bill.items():
            found[name] += dollars
    return found


def _stored(month: Month, chat_bytes: int, days: int, *, can_be_restored: bool = False) -> float:
    a_month = prices(month.region)["a_month"]
    each = float(a_month["a gigabyte of a table"])
    each += float(a_month["a gigabyte of a table that can be restored"]) if can_be_restored else 0
    return month.chats * chat_bytes * (days / 30) / GIGABYTE * each


def total(bill: Bill) -> float:
    """US dollars a month."""
    return sum(bill.values())


def report(month: Month, idle: Bill) -> str:
    """The bill as a table, and what it stands beside."""
    told = prices(month.region)
    bill = ours(month, idle)
    lines = [
        f"{month.chats:,} chats of {month.messages} messages a month, production in {month.region}; US dollars",
        f"(prices {told['as_of']}; without free tiers and traffic)",
        "",
        *(f"  {name:18} {dollars:12,.2f}" for name, dollars in sorted(bill.items(), key=lambda each: -each[1])),
        f"  {'together':18} {total(bill):12,.2f}",
        "",
        f"  {'a chat':18} {total(bill) / month.chats:12.6f}",
        f"  {DOCUMENTS:18} {total(documents(month)):12,.2f}   its design, with its messages stored",
        f"  {'always on':18} {total(servers(month)):12,.2f}   two small tasks of Fargate or more, with Redis",
    ]
    return "\n".join(lines)


def tables(idle: Bill) -> dict[str, str]:
    """The tables of docs/cost.md, by name."""
    designs = {"this chat": lambda month: ours(month, idle), DOCUMENTS: documents, "always on": servers}
    months = [Month(chats, 20) for chats in TABLED]
    head = ("a month, $", *(f"{month.chats:,} chats" for month in months))
    compared = [(name, *(f"{total(bill(month)):,.2f}" for month in months)) for name, bill in designs.items()]
    bills = [ours(month, idle) for month in months]
    names = sorted(bills[1], key=lambda name: -bills[1][name])
    by_service = [(name, *(f"{bill[name]:,.2f}" for bill in bills)) for name in names]
    return {
        "designs": _table(head, compared),
        "services": _table(head, [*by_service, ("together", *(f"{total(bill):,.2f}" for bill in bills))]),
    }


def picture(idle: Bill) -> str:
    """The three bills over chats."""
    months = [Month(chats, 20) for chats in SHOWN]
    return plots.bills(
        SHOWN,
        {
            "this chat": [total(ours(month, idle)) for month in months],
            "the document's design": [total(documents(month)) for month in months],
            "servers always on": [total(servers(month)) for month in months],
        },
    )


def break_even(idle: Bill) -> int:
    """Chats a month from which servers that are always on cost less, to a thousand."""
    return next(chats for chats in range(1000, MOST_CHATS, 1000) if _servers_cost_less(Month(chats, 20), idle))


def _servers_cost_less(month: Month, idle: Bill) -> bool:
    return total(servers(month)) < total(ours(month, idle))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def written(text: str, idle: Bill) -> str:
    """The document with its tables as they are reckoned now."""
    for name, table in tables(idle).items():
        before, begun, rest = text.partition(f"<!-- {name} -->\n")
        text = f"{before}{begun}\n{table}\n\n{ENDED}{rest.partition(ENDED)[2]}"
    return text


ENDED = "<!-- until here -->"
"""Where a table of the document ends."""


def asked_for(chats: str, messages: str, region: str) -> Month:
    """What was said on the command line. Raises `ValueError` with one line that says what it takes."""
    if region not in priced_regions():
        known = ", ".join(priced_regions())
        raise ValueError(
            f"REGION={region}: there are prices of {known}. Copy {PRICES.parent.name}/{PRICES.name}/{REGION}.json and "
            "write that Region's into it."
        )
    return Month(_number("CHATS", chats, MOST_CHATS), _number("MESSAGES", messages, MOST_MESSAGES), region)


def _number(name: str, text: str, most: int) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= most:
        raise ValueError(f"{name}={text}: say a whole number from 1 to {most:,}, such as {name}=20.")
    return int(text)


def main() -> int:
    """Print the bill, or write the document; 1 after one line on standard error that says what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chats", default="100000")
    parser.add_argument("--messages", default="20")
    parser.add_argument("--region", default=REGION)
    parser.add_argument("--write", action="store_true", help="put tables and picture into docs/cost.md")
    arguments = parser.parse_args()
    try:
        month = asked_for(arguments.chats, arguments.messages, arguments.region)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    idle = idle_bill(region=month.region)
    if arguments.write:
        DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8"), idle), encoding="utf-8")
        PICTURE.write_text(picture(idle), encoding="utf-8")
    sys.stdout.write(f"{report(month, idle)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
