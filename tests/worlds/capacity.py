"""The capacity that requests to DynamoDB use up, reckoned by AWS's rules: reads by 4 KB, writes by 1 KB.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html. Whatever answers in
tests reckons it otherwise or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from tests.worlds.tables import key_names

Item = Mapping[str, Any]
Request = Mapping[str, Any]
ItemOf = Callable[[str, Item], Item | None]
"""What a table has under a key."""
READ_BYTES, WRITE_BYTES = 4096, 1024
_ACTIONS = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}


def item_bytes(value: Any) -> int:
    """The size of an item or of one of its values, names included."""
    if isinstance(value, str):
        return len(value.encode())
    if not isinstance(value, Mapping):
        return sum(map(item_bytes, value))
    if set(value) <= {"S", "N", "B", "SS"}:
        return sum(item_bytes(each) for each in value.values())
    if set(value) & {"BOOL", "NULL"}:
        return 1
    return sum(len(name.encode()) + item_bytes(each) for name, each in value.items())


def read_units(operation: str, request: Request, answer: Mapping[str, Any]) -> float:
    """What a read used up; 0 for what is none."""
    if operation == "BatchGetItem":
        return sum(map(_batch_units, request["RequestItems"].values(), answer["Responses"].values()))
    if operation not in {"Query", "Scan", "GetItem"}:
        return 0
    items = answer.get("Items", [answer["Item"]] if "Item" in answer else [])
    units = max(1, ceil(sum(map(item_bytes, items)) / READ_BYTES))
    return units if request.get("ConsistentRead") else units / 2


def _batch_units(request: Request, items: Sequence[Item]) -> float:
    """Each item is counted by itself, and so is each that is not there."""
    missing = len(request["Keys"]) - len(items)
    units = missing + sum(max(1, ceil(item_bytes(item) / READ_BYTES)) for item in items)
    return units if request.get("ConsistentRead") else units / 2


@dataclass(frozen=True)
class _Written:
    table: str
    key: Item
    before: Item | None


class Writes:
    """What a write will have used up, indexes included; made before it, since it counts what is replaced, too."""

    def __init__(self, operation: str, request: Request, item_of: ItemOf) -> None:
        transaction: Sequence[Request] = request.get("TransactItems", ())
        named = [*transaction, {_ACTIONS[operation]: request}] if operation in _ACTIONS else transaction
        self._factor = 2 if transaction else 1
        self._item_of = item_of
        self._written = [
            _Written(action["TableName"], key, item_of(action["TableName"], key))
            for each in named
            for action in each.values()
            for key in (_key(action),)
        ]

    def units(self) -> int:
        """To be asked once it is done."""
        return sum(
            self._of(each.before, self._item_of(each.table, each.key), index_keys(each.table)) for each in self._written
        )

    def _of(self, before: Item | None, after: Item | None, indexes: Sequence[tuple[str, ...]]) -> int:
        longest = max(item_bytes(before or {}), item_bytes(after or {}))
        own = self._factor * max(1, ceil(longest / WRITE_BYTES))
        return own + sum(_of_index(_indexed(before, index), _indexed(after, index), index) for index in indexes)


def index_keys(table: str) -> Sequence[tuple[str, ...]]:
    """The attributes by which each index of a table finds an item."""
    return key_names(table)[1:]


def _key(action: Request) -> Item:
    given: Item = action.get("Key") or action["Item"]
    return {name: given[name] for name in key_names(action["TableName"])[0]}


def _indexed(item: Item | None, index: tuple[str, ...]) -> Item | None:
    return item if item is not None and all(name in item for name in index) else None


def _of_index(before: Item | None, after: Item | None, index: tuple[str, ...]) -> int:
    """Nothing where the index's copy stays as it is; two writes where it moves."""
    if before == after:
        return 0
    moves = before is not None and after is not None and any(before[name] != after[name] for name in index)
    copies = (before, after) if moves else (after or before,)
    return sum(max(1, ceil(item_bytes(each or {}) / WRITE_BYTES)) for each in copies)
