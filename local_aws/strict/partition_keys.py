"""Policies that allow some partition keys of a table and no others."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.services import dynamodb

from local_aws.strict.switches import Strictness

LEADING_KEYS = "dynamodb:LeadingKeys"

_context_of = iam_actions.dynamodb_service_context


def hold_to_partition_keys(strictness: Strictness) -> None:
    """Let conditions on partition keys see those of a request; without any, they hold for every request."""
    iam_actions.dynamodb_service_context = _with_keys if strictness.partition_keys else _context_of


def _with_keys(body: bytes) -> dict[str, Any]:
    context: dict[str, Any] = _context_of(body)
    try:
        keys = list(leading_keys(json.loads(body or b"{}")))
    except (ValueError, AttributeError, TypeError):
        # What cannot be read is refused for what it is.
        keys = []
    return context | {LEADING_KEYS: keys} if keys else context


def leading_keys(request: Mapping[str, Any]) -> Iterator[str]:
    """The partition keys that a request to DynamoDB names."""
    yield from _named(request)
    for operations in request.get("TransactItems", []):
        for operation in operations.values():
            yield from _named(operation)
    for table, asked in request.get("RequestItems", {}).items():
        for item in _of_batch(asked):
            yield from _partition_key(table, item)


def _named(operation: Mapping[str, Any]) -> Iterator[str]:
    table = operation.get("TableName", "")
    yield from _partition_key(table, operation.get("Key") or operation.get("Item") or {})
    condition = operation.get("KeyConditionExpression")
    attribute = _attribute(table, operation.get("IndexName"))
    if condition and attribute:
        values, names = operation.get("ExpressionAttributeValues", {}), operation.get("ExpressionAttributeNames", {})
        found = dynamodb._extract_pk_from_condition(condition, values, names, attribute)
        if found is not None:
            yield str(found)


def _of_batch(asked: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(asked, dict):
        yield from asked.get("Keys", [])
        return
    for write in asked:
        for change in write.values():
            yield change.get("Item") or change.get("Key") or {}


def _partition_key(table: str, item: Mapping[str, Any]) -> Iterator[str]:
    value = item.get(_attribute(table, None) or "")
    if value:
        yield str(next(iter(value.values())))


def _attribute(table: str, index: str | None) -> str | None:
    described = dynamodb._tables.get(dynamodb._normalize_table_name(table))
    if not described:
        return None
    attribute: str | None = dynamodb._resolve_index_keys(described, index)[0]
    return attribute
