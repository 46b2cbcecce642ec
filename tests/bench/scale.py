"""`make scale`: what operations ask for where there is very much of something, into docs/scaling.md.

It is counted at the domain's ports, on a conversation in memory: what stands in for DynamoDB in `make bench` looks at
every item of a partition, and would take an hour. Each request there is one of DynamoDB's, as `make bench` shows.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from chat.model.entries import EntryKind
from chat.ports.conversations import Excerpt
from tests.bench.usage import ENTRY_BYTES
from tests.worlds.capacity import READ_BYTES
from tests.worlds.domain import SELLER, VISITOR, Client, System

DOCUMENT = Path(__file__).parents[2] / "docs" / "scaling.md"
BEGUN, ENDED = "<!-- scale -->\n", "<!-- until here -->"
SIZES: Mapping[str, Sequence[int]] = {"contacts of the seller": (100, 10_000), "entries": (100, 100_000)}
HEAD = ("operation", "by", "at", "requests", "entries read", "read units of these")
FRAMES: Sequence[tuple[str, str, Mapping[str, object]]] = (
    ("visitor", "sendMessage", {"message": "Hello", "id": "m1"}),
    ("visitor", "sync", {}),
    ("seller", "receipt", {"read": 2}),
    ("seller", "typing", {}),
    ("seller", "inbox", {}),
    ("seller", "presence", {"status": "online"}),
    ("seller", "closeChat", {}),
)
NAMELESS = {"inbox", "presence"}


@dataclass(frozen=True)
class Asked:
    """How many requests an operation made, and how many entries of a log these read."""

    requests: int
    entries: int

    @property
    def read_units(self) -> int:
        """What the entries come to, of an ordinary size."""
        return ceil(self.entries * ENTRY_BYTES / READ_BYTES)


def counted(of: str, size: int) -> dict[str, Asked]:
    """What each operation asks for, in a chat of its own."""
    return {action: _asked(of, size, who, action, fields) for who, action, fields in FRAMES}


def _asked(of: str, size: int, who: str, action: str, fields: Mapping[str, object]) -> Asked:
    system = System()
    people = {"visitor": system.connect(VISITOR, "visitor"), "seller": system.connect(SELLER, "seller")}
    contact = str(people["visitor"].send("InitChat", sellerId=SELLER.user_id, userInfo={})["contact_id"])
    tail = _grow(system, contact, of, size)
    seen = _entries_read(system)
    system.forget_what_happened()
    named = {} if action in NAMELESS else {"contact_id": contact}
    placed: Mapping[str, object] = {"sendMessage": {"base": tail}, "sync": {"after": tail}}.get(action, {})
    _send(people[who], action, {**fields, **named, **placed})
    requests = system.store.requests.total() + system.connections.requests.total()
    return Asked(requests, len(seen))


def _send(person: Client, action: str, fields: Mapping[str, object]) -> None:
    answer = person.send(action, **fields)
    assert answer.get("action") != "error", answer


def _grow(system: System, contact: str, of: str, size: int) -> int:
    """Make so much of it there; the number of the last entry."""
    log = system.store.entries[contact]
    newest = log[max(log)]
    if of == "entries":
        for seq in range(newest.seq + 1, size + 1):
            log[seq] = replace(newest, seq=seq, kind=EntryKind.MESSAGE, id=f"m-{seq}", text="Is this one still there?")
        return size
    listing = system.store.listings[contact]
    for number in range(size):
        name = f"other-{number:05}"
        system.store.listings[name] = replace(listing, contact_id=name)
    return newest.seq


def _entries_read(system: System) -> list[int]:
    """The numbers of the entries that are read from here on."""
    seen: list[int] = []
    read, latest = system.store.read, system.store.latest

    def reading(contact_id: str, first: int, limit: int | None = None) -> Excerpt:
        excerpt = read(contact_id, first, limit)
        seen.extend(entry.seq for entry in excerpt.entries)
        return excerpt

    def tail(contact_id: str) -> Excerpt:
        excerpt = latest(contact_id)
        seen.extend(entry.seq for entry in excerpt.entries)
        return excerpt

    system.store.read, system.store.latest = reading, tail  # type: ignore[method-assign]
    return seen


def table() -> str:
    """As Markdown: each operation, at each size."""
    rows: list[Sequence[str]] = [HEAD, ["---"] * len(HEAD)]
    for of, sizes in SIZES.items():
        found = [counted(of, size) for size in sizes]
        for _, action, _ in FRAMES:
            each = [asked[action] for asked in found]
            rows.append(
                (
                    action,
                    of,
                    _joined(sizes),
                    _joined([asked.requests for asked in each]),
                    _joined([asked.entries for asked in each]),
                    _joined([asked.read_units for asked in each]),
                )
            )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _joined(numbers: Sequence[int]) -> str:
    return " / ".join(f"{number:,}" for number in numbers)


def written(text: str, told: str) -> str:
    """The document with its table as it is counted now."""
    before, begun, rest = text.partition(BEGUN)
    return f"{before}{begun}\n{told}\n\n{ENDED}{rest.partition(ENDED)[2]}"


def main() -> int:
    """Count, print and write."""
    told = table()
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8"), told), encoding="utf-8")
    sys.stdout.write(f"{told}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
