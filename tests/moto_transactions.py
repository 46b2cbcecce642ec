"""moto's transactions, without a copy of all that their tables hold.

moto copies every item of a table before a transaction writes to it, to put them back where it fails: most of the time
of tests that keep a thousand. Here an item is copied when it is changed, so that a copy of a table can hold the same
ones.
"""

from __future__ import annotations

import copy
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table


def copy_what_is_changed() -> None:
    """Let every table of moto's be copied by its structure, and every item be changed in a copy of its own."""
    change = DynamoDBBackend.update_item

    def changed(backend: DynamoDBBackend, table_name: str, key: dict[str, Any], *more: Any, **named: Any) -> Any:
        _put_a_copy(backend.get_table(table_name), key)
        return change(backend, table_name, key, *more, **named)

    DynamoDBBackend.update_item = changed  # type: ignore[assignment, method-assign]
    Table.__deepcopy__ = _with_the_same_items  # type: ignore[attr-defined]


def _with_the_same_items(table: Table, _memo: object) -> Table:
    copied = copy.copy(table)
    copied.items = copy.copy(table.items)
    if table.has_range_key:
        for key, items in table.items.items():
            copied.items[key] = copy.copy(items)
    if table.stream_shard:
        copied.stream_shard = copy.copy(table.stream_shard)
        copied.stream_shard.items = copy.copy(table.stream_shard.items)
    return copied


def _put_a_copy(table: Table, key: dict[str, Any]) -> None:
    names = [name for name in (table.hash_key_attr, table.range_key_attr) if name is not None]
    if not all(name in key for name in names):
        # moto says what is wrong with it.
        return
    *above, last = (DynamoType(key[name]) for name in names)
    items: Any = table.items[above[0]] if above else table.items
    if last in items:
        items[last] = copy.deepcopy(items[last])
