"""The queue of what waits for a person."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class DeadLetterQueue:
    """Keeps what no further attempt would help, under its reason."""

    def __init__(self, make_client: Callable[[], SQSClient], url: str) -> None:
        self._make_client = make_client
        self._url = url

    @cached_property
    def client(self) -> SQSClient:
        """SQS. It is made when it is first needed, which in most sandboxes is never."""
        return self._make_client()

    def set_aside(self, body: str, reason: str) -> None:
        """Keep a message as it came, so that it can be moved back to its queue. Raises botocore's errors."""
        self.client.send_message(
            QueueUrl=self._url,
            MessageBody=body,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": reason}},
        )
