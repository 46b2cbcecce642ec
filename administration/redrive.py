"""`make redrive`: brings dead letters back to where they are tried again.

SQS itself moves back only what a queue's own retries put there. A dead letter of the stream is none of these: it says
where records lay, and these are looked up, in the stream or, once that has forgotten them, in the table.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from administration.command_line import answer, deployment_asked_for, parser_for
from administration.deployments import Deployment
from administration.errors import AdministrationError
from chat.adapters.dead_letters import letters
from chat.adapters.dynamodb.keys import ENTRY, is_entry
from chat.model.timestamps import iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_sqs import SQSClient

QUEUES = ("CheckUps", "ShopEvents", "Unpublished")
"""The queues by the names of their outputs; `ShopEvents` is there where the shop has a back end."""

CLOCKS = timedelta(minutes=1)
"""By how much the clock of a function that wrote an entry may be off."""

_FORGOTTEN = {"TrimmedDataAccessException", "ExpiredIteratorException", "ResourceNotFoundException"}

Image = Mapping[str, Any]


@dataclass(frozen=True)
class Records:
    """Where the records of a dead letter of the stream are looked up."""

    streams: DynamoDBStreamsClient
    tables: DynamoDBClient
    conversations: str

    def of(self, batch: Mapping[str, Any]) -> list[Image]:
        """The new entries of a batch that a function could not take."""
        try:
            return list(self._in_the_stream(batch))
        except ClientError as error:
            if error.response["Error"]["Code"] not in _FORGOTTEN:
                raise
        return list(self._in_the_table(batch))

    def _in_the_stream(self, batch: Mapping[str, Any]) -> Iterator[Image]:
        iterator: str | None = self.streams.get_shard_iterator(
            StreamArn=batch["streamArn"],
            ShardId=batch["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=batch["startSequenceNumber"],
        )["ShardIterator"]
        last = int(batch["endSequenceNumber"])
        while iterator:
            page = self.streams.get_records(ShardIterator=iterator)
            for record in page["Records"]:
                if int(record["dynamodb"]["SequenceNumber"]) > last:
                    return
                image: Image = record["dynamodb"].get("NewImage", {})
                if record["eventName"] == "INSERT" and is_entry(image):
                    yield image
                if int(record["dynamodb"]["SequenceNumber"]) == last:
                    return
            iterator = page.get("NextShardIterator")

    def _in_the_table(self, batch: Mapping[str, Any]) -> Iterator[Image]:
        """Every entry of that time, since nothing tells which of them it was: an event may come twice."""
        first, last = (
            datetime.fromisoformat(batch[f"approximateArrivalOf{end}Record"]).astimezone(UTC)
            for end in ("First", "Last")
        )
        pages = self.tables.get_paginator("scan").paginate(
            TableName=self.conversations,
            FilterExpression="begins_with(#item, :entry) AND #at BETWEEN :first AND :last",
            ExpressionAttributeNames={"#item": "item", "#at": "at"},
            ExpressionAttributeValues={
                ":entry": {"S": ENTRY},
                ":first": {"S": iso(first - CLOCKS)},
                ":last": {"S": iso(last + CLOCKS)},
            },
        )
        for page in pages:
            yield from page["Items"]


def redrive(deployment: Deployment, queue: str | None) -> str:
    """Bring the dead letters of one queue back, or of all; how many these were, a queue a line.

    Raises `AdministrationError`, and botocore's errors where AWS cannot be asked.
    """
    there = [name for name in QUEUES if f"{name}Queue" in deployment.outputs]
    if queue is not None and queue not in there:
        raise AdministrationError(f"There is no queue {queue!r}: say QUEUE= with one of {', '.join(there)}.")
    return "\n".join(_bring_back(deployment, name) for name in ([queue] if queue else there))


def _bring_back(deployment: Deployment, name: str) -> str:
    session, endpoint, outputs = deployment.session, deployment.endpoint, deployment.outputs
    sqs: SQSClient = session.client("sqs", endpoint_url=endpoint)
    records = Records(
        session.client("dynamodbstreams", endpoint_url=endpoint),
        session.client("dynamodb", endpoint_url=endpoint),
        outputs["ConversationTable"],
    )
    count = 0
    for letter in letters(sqs, outputs[f"{name}DeadLetters"]):
        for body in _messages_of(letter["Body"], records):
            sqs.send_message(QueueUrl=outputs[f"{name}Queue"], MessageBody=body)
        # Only now: a letter that was brought back twice does no harm, one that is lost does.
        sqs.delete_message(QueueUrl=outputs[f"{name}DeadLetters"], ReceiptHandle=letter["ReceiptHandle"])
        count += 1
    return f"{name}: {count} brought back."


def _messages_of(body: str, records: Records) -> list[str]:
    """What the queue's function takes: the letter as it is, or the records that it tells of."""
    try:
        letter = json.loads(body)
    except ValueError:
        return [body]
    batch = letter.get("DDBStreamBatchInfo") if isinstance(letter, dict) else None
    if batch is None:
        return [body]
    return [json.dumps({"dynamodb": {"NewImage": image}}) for image in records.of(cast("Mapping[str, Any]", batch))]


def main() -> int:
    """Bring them back and say how many; return 1 after one line on standard error that says why not."""
    parser = parser_for(__doc__)
    parser.add_argument("--queue", help=f"one of {', '.join(QUEUES)}; all of them if it is not said")
    arguments = parser.parse_args()
    return answer(lambda: redrive(deployment_asked_for(arguments), arguments.queue or None))


if __name__ == "__main__":
    sys.exit(main())
