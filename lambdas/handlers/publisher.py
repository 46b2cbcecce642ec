"""The conversations table's stream, onto the event bus."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chat.adapters.dynamodb.conversations import entry_of
from chat.adapters.event_bridge import EventBus
from chat.adapters.json_journal import JsonJournal
from chat.events import event_of
from handlers import clients, variables
from handlers.variables import read

_journal = JsonJournal(read(variables.Logging).log_level)
_bus = EventBus(clients.event_bridge(), read(variables.EventBus).event_bus)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Publish the new entries. The first that could not be is named, and the stream goes on from there."""
    records = [record for record in event["Records"] if "NewImage" in record["dynamodb"]]
    entries = [record for record in records if record["dynamodb"]["NewImage"]["item"]["S"].startswith("entry#")]
    try:
        published = _bus.publish([event_of(entry_of(record["dynamodb"]["NewImage"])) for record in entries])
    except (BotoCoreError, ClientError) as error:
        _journal.note("publish_failed", error=type(error).__name__)
        published = 0
    if published == len(entries):
        return {"batchItemFailures": []}
    return {"batchItemFailures": [{"itemIdentifier": entries[published]["dynamodb"]["SequenceNumber"]}]}
