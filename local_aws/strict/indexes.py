"""Global secondary indexes, which are behind their table."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from ministack.services import dynamodb

from local_aws.strict.switches import Strictness

Table = dict[str, Any]
Item = dict[str, Any]

_set_item = dynamodb._set_item
_remove_item = dynamodb._remove_item
_query, _scan = dynamodb._query, dynamodb._scan


def let_indexes_lag(strictness: Strictness) -> None:
    """Have each change reach the indexes a moment later than the table; to be called before the emulator starts."""
    lag = _Lag(strictness)
    if strictness.longest_index_lag_seconds is None:
        changes = {"_set_item": _set_item, "_remove_item": _remove_item, "_query": _query, "_scan": _scan}
    else:
        changes = {
            "_set_item": lag.set_item,
            "_remove_item": lag.remove_item,
            "_query": lag.behind(_query),
            "_scan": lag.behind(_scan),
        }
    for name, change in changes.items():
        setattr(dynamodb, name, change)


@dataclass(frozen=True)
class _Change:
    """One that the indexes have not seen yet, by the item as it was before."""

    due: float
    table: Table
    key: tuple[Any, Any]
    before: Item | None


class _Lag:
    def __init__(self, strictness: Strictness) -> None:
        self._longest = strictness.longest_index_lag_seconds or 0
        self._random = Random(strictness.seed)  # noqa: S311 (a delay, no secret)
        self._changes: list[_Change] = []

    def set_item(self, table: Table, pk_val: Any, sk_val: Any, item: Item) -> Item | None:
        """Store an item, and remember what it was."""
        before: Item | None = _set_item(table, pk_val, sk_val, item)
        self._note(table, (pk_val, sk_val), before)
        return before

    def remove_item(self, table: Table, pk_val: Any, sk_val: Any) -> Item | None:
        """Delete an item, and remember what it was."""
        before: Item | None = _remove_item(table, pk_val, sk_val)
        self._note(table, (pk_val, sk_val), before)
        return before

    def behind(self, read: Callable[[Item], Any]) -> Callable[[Item], Any]:
        """A read that sees the table as an index does, if it is one of an index."""

        def lagging(request: Item) -> Any:
            if not request.get("IndexName"):
                return read(request)
            table = dynamodb._tables.get(dynamodb._normalize_table_name(request.get("TableName")))
            with self._as_it_was(table):
                return read(request)

        return lagging

    def _note(self, table: Table, key: tuple[Any, Any], before: Item | None) -> None:
        if table.get("GlobalSecondaryIndexes"):
            due = time.monotonic() + self._random.uniform(0, self._longest)
            self._changes.append(_Change(due, table, key, before))

    @contextmanager
    def _as_it_was(self, table: Table | None) -> Iterator[None]:
        now: dict[tuple[Any, Any], Item | None] = {}
        for change in self._unseen(table):
            # The first that is unseen says how the index sees the item; it sees changes of one item in their order.
            if table is not None and change.key not in now:
                now[change.key] = table["items"].get(change.key[0], {}).get(change.key[1])
                _put_back(table, change.key, change.before)
        try:
            yield
        finally:
            for key, item in now.items():
                _put_back(table or {}, key, item)

    def _unseen(self, table: Table | None) -> list[_Change]:
        moment = time.monotonic()
        self._changes = [change for change in self._changes if change.due > moment]
        return [change for change in self._changes if change.table is table]


def _put_back(table: Table, key: tuple[Any, Any], item: Item | None) -> None:
    if item is None:
        _remove_item(table, *key)
    else:
        _set_item(table, *key, item)
