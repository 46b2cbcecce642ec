"""What an operation asks of AWS, by our own clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from botocore.client import BaseClient

from chat.adapters.aws.clients import Connections, DynamoDB
from chat.adapters.threads import Threads
from tests.worlds.requests import POST, PUT_EVENTS, Requests

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Answer = dict[str, Any]
Altered = Callable[[Mapping[str, Any], Answer], Answer]
"""Makes another answer of what DynamoDB said to a request."""


@contextmanager
def counted(client: DynamoDBClient, altered: Altered = lambda _, answer: answer) -> Iterator[Requests]:
    """The requests that are made inside. `client` looks what is stored, and is not counted."""

    def item_of(table: str, key: Any) -> Mapping[str, Any] | None:
        return client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")

    made, ask, post = Requests(item_of), DynamoDB._carried_out, Connections.post_to_connection
    boto3_client: Any = BaseClient
    call = boto3_client._make_api_call

    def asked(self: DynamoDB, operation: str, request: dict[str, Any]) -> Answer:
        return made.make(operation, dict(request), lambda: altered(request, ask(self, operation, request)))

    def posted(self: Connections, **request: Any) -> None:
        made.make(POST, request, lambda: post(self, **request))

    def called(self: BaseClient, operation: str, request: dict[str, Any]) -> Any:
        if operation != PUT_EVENTS:
            return call(self, operation, request)
        return made.make(operation, request, lambda: call(self, operation, request))

    with (
        patch.object(BaseClient, "_make_api_call", called),
        patch.object(DynamoDB, "_carried_out", asked),
        patch.object(Connections, "post_to_connection", posted),
        patch.object(Threads, "run", made.side_by_side(Threads.run)),
    ):
        yield made
