"""Which contacts were erased: those whose listing is there, and tells of nobody."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from chat.adapters.dynamodb.errors import translated
from chat.adapters.dynamodb.keys import listing_key
from chat.ports.errors import StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

AT_ONCE = 100
"""DynamoDB reads at most so many items in one BatchGetItem."""


class DynamoDBForgotten:
    """Implements `chat.ports.visitors.Forgotten`: a read unit a contact."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def among(self, contact_ids: Collection[str]) -> frozenset[str]:
        """Those of the contacts that were erased."""
        wanted = sorted(set(contact_ids))
        found: list[Any] = []
        for start in range(0, len(wanted), AT_ONCE):
            found += self._listings(wanted[start : start + AT_ONCE])
        return frozenset(item["contact_id"]["S"] for item in found if "visitor" not in item)

    def _listings(self, contact_ids: list[str]) -> list[Any]:
        keys: Any = [listing_key(each) for each in contact_ids]
        asked: Any = {"Keys": keys, "ConsistentRead": True, "ProjectionExpression": "contact_id, visitor"}
        with translated():
            answer = self._client.batch_get_item(RequestItems={self._table: asked})
        if answer.get("UnprocessedKeys"):
            raise StoreBusyError("UnprocessedKeys")
        return answer["Responses"].get(self._table, [])
