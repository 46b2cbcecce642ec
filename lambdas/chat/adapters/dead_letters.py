"""The queue of what waits for a person."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from chat.ports.visitors import Forgotten

AT_ONCE = 10
HELD_SECONDS = 120
"""How long SQS shows a letter to nobody else, while it is looked at."""


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


def letters(sqs: SQSClient, url: str) -> Iterator[MessageTypeDef]:
    """What lay there when this began: what fails again at once must not go round for ever."""
    began = time.time() * 1000
    while True:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=AT_ONCE,
            VisibilityTimeout=HELD_SECONDS,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        received = answer.get("Messages", [])
        found = [each for each in received if int(each["Attributes"]["SentTimestamp"]) <= began]
        for newer in (each for each in received if each not in found):
            show(sqs, url, newer)
        if not found:
            return
        yield from found


def show(sqs: SQSClient, url: str, letter: MessageTypeDef) -> None:
    """Let the alarm see it at once, and the next who look."""
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"], VisibilityTimeout=0)


class LettersOfVisitors:
    """Implements `chat.ports.visitors.VisitorCopies` for the queues of dead letters at `urls`."""

    def __init__(self, sqs: SQSClient, urls: Sequence[str], forgotten: Forgotten) -> None:
        self._sqs = sqs
        self._urls = urls
        self._forgotten = forgotten

    def forget(self) -> int:
        """Delete the letters of contacts that were erased; the others are seen again when all were looked at."""
        return sum(map(self._forget_in, self._urls))

    def _forget_in(self, url: str) -> int:
        kept = []
        count = 0
        try:
            for letter in letters(self._sqs, url):
                contact_id = contact_in(letter["Body"])
                if contact_id is not None and self._forgotten.among([contact_id]):
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
                    count += 1
                else:
                    kept.append(letter)
        finally:
            for letter in kept:
                show(self._sqs, url, letter)
        return count


def contact_in(body: str) -> str | None:
    """The contact that a letter tells of: an event of the bus, a check-up, or a record of the stream."""
    try:
        letter: Any = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    for path in (("detail", "data", "contact_id"), ("contact_id",), ("dynamodb", "NewImage", "contact_id", "S")):
        found = letter
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, str):
            return found
    return None
