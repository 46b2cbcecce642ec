"""The conversations table's stream, onto the event bus.

What can never be published is set aside where a person is called to it: tried for a day, it would hold up every other
contact of its shard. It comes back by the publisher's own queue, once its cause is mended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from chat.adapters.dead_letters import DeadLetterQueue
from chat.adapters.dynamodb.conversations import entry_of
from chat.adapters.dynamodb.keys import is_entry
from chat.adapters.dynamodb.visitors import DynamoDBForgotten
from chat.adapters.event_bridge import EventBus, Outcome
from chat.events import event_of
from chat.model.entries import Json
from chat.ports.errors import StoreBusyError, StoreUnavailableError
from handlers import clients, variables
from handlers.variables import read

Record = dict[str, Any]
UNANSWERED = (BotoCoreError, ClientError, StoreBusyError, StoreUnavailableError)

_journal = read(variables.Logging).journal()
_bus = EventBus(clients.event_bridge(), read(variables.EventBus).event_bus)
_forgotten = DynamoDBForgotten(clients.dynamodb(), read(variables.ConversationTable).conversation_table)
_dead_letters = DeadLetterQueue(clients.sqs, read(variables.DeadLetters).dead_letter_queue_url)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Publish new entries. The stream goes on from the first that could not be; a message that failed comes again."""
    records: list[Record] = event["Records"]
    failures = _not_brought_back(records) if _are_messages(records) else _left_of_the_stream(records)
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failures]}


def _are_messages(records: Sequence[Record]) -> bool:
    return bool(records) and records[0].get("eventSource") == "aws:sqs"


def _not_brought_back(messages: Sequence[Record]) -> list[str]:
    """The ids of the messages that are to come again; each holds one record of the stream."""
    return [each["messageId"] for each in messages if not _is_published(each["body"])]


def _is_published(body: str) -> bool:
    try:
        image = msgspec.json.decode(body)["dynamodb"]["NewImage"]
        event = event_of(entry_of(image), is_forgotten=bool(_forgotten.among([_contact_of(image)])))
    except Exception as error:  # noqa: BLE001 - it is tried again, and then it is a dead letter as it was
        _journal.failed("publish_failed", error)
        return False
    outcome = _published([event])
    return outcome.done == 1 and not outcome.refused


def _left_of_the_stream(records: Sequence[Record]) -> list[str]:
    """The number of the first record that is to come again with all that follow it, if there is one."""
    entries = [each for each in records if is_entry(each["dynamodb"].get("NewImage", {}))]
    images = [each["dynamodb"]["NewImage"] for each in entries]
    try:
        forgotten = _forgotten.among({_contact_of(image) for image in images})
    except UNANSWERED as error:
        _journal.note("publish_failed", error=type(error).__name__)
        return [entries[0]["dynamodb"]["SequenceNumber"]]
    events: dict[int, Mapping[str, Json]] = {}
    reasons: dict[int, str] = {}
    for number, image in enumerate(images):
        is_forgotten = _contact_of(image) in forgotten
        try:
            events[number] = event_of(entry_of(image), is_forgotten=is_forgotten)
        except Exception as error:  # noqa: BLE001 - whatever it is, it fails the next time, too
            if not is_forgotten:
                reasons[number] = f"unreadable: {type(error).__name__}"
    outcome = _published(list(events.values()))
    numbers = list(events)
    reasons |= {numbers[index]: f"refused: {code}" for index, code in outcome.refused.items()}
    done = numbers[outcome.done] if outcome.done < len(numbers) else len(entries)
    done = _set_aside(entries[:done], reasons)
    return [entries[done]["dynamodb"]["SequenceNumber"]] if done < len(entries) else []


def _contact_of(image: Mapping[str, Any]) -> str:
    contact_id: str = image["contact_id"]["S"]
    return contact_id


def _published(events: Sequence[Mapping[str, Json]]) -> Outcome:
    try:
        outcome = _bus.publish(events)
    except (BotoCoreError, ClientError) as error:
        _journal.note("publish_failed", error=type(error).__name__)
        return Outcome(done=0)
    if outcome.done < len(events):
        _journal.note("publish_failed", reason="refused for now")
    return outcome


def _set_aside(records: Sequence[Record], reasons: Mapping[int, str]) -> int:
    """Keep the records that have a reason; how many from the first on are done with."""
    for number, record in enumerate(records):
        if number not in reasons:
            continue
        try:
            _dead_letters.set_aside(msgspec.json.encode({"dynamodb": record["dynamodb"]}).decode(), reasons[number])
        except (BotoCoreError, ClientError) as error:
            _journal.note("publish_failed", error=type(error).__name__)
            return number
        _journal.note("event_set_aside", reason=reasons[number])
    return len(records)
