"""Brings events to the shop's own back end, out of a queue that keeps them while it is down.

An event that the shop will never take goes to the dead letters at once, where a person is called to it: tried for
days, it would be seen too late. Nothing is brought of a visitor who was erased while the queue kept it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chat.adapters.dead_letters import DeadLetterQueue, contact_in
from chat.adapters.dynamodb.visitors import DynamoDBForgotten
from chat.adapters.shop.events import ShopEvents, register_late
from chat.adapters.shop.http import RefusedForGoodError
from chat.adapters.system import SystemClock
from chat.ports.shop import DirectoryUnavailableError
from handlers import clients
from handlers.shop import required_shop
from handlers.variables import ConversationTable, DeadLetters, Logging, ShopAddress, read

if TYPE_CHECKING:
    from chat.model.entries import Json


_journal = read(Logging).journal()
_shop = required_shop(read(ShopAddress))
_directory = _shop.directory(_journal)
_events = ShopEvents(_shop.client, SystemClock())
_forgotten = DynamoDBForgotten(clients.dynamodb(), read(ConversationTable).conversation_table)
_dead_letters = DeadLetterQueue(clients.sqs, read(DeadLetters).dead_letter_queue_url)


class UnreadableError(Exception):
    """What came out of the queue is no event."""

    reason = "no event"


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Deliver a batch; what the shop did not take comes again, unless it never will take it."""
    failures = [record["messageId"] for record in event["Records"] if not _is_done(record["body"])]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failures]}


def _is_done(body: str) -> bool:
    """Whether the message was delivered, dropped or set aside, and so need not come again."""
    try:
        _deliver_or_set_aside(body)
    except DirectoryUnavailableError as error:
        _journal.note("delivery_failed", reason=error.reason)
        return False
    except Exception as error:  # noqa: BLE001 - one bad message must not bring the whole batch back
        _journal.failed("delivery_failed", error)
        return False
    return True


def _deliver_or_set_aside(body: str) -> None:
    try:
        event = _event_in(body)
        contact_id = contact_in(body)
        if contact_id is not None and _forgotten.among([contact_id]):
            return
        register_late(_directory, event)
        _events.deliver(event)
    except (RefusedForGoodError, UnreadableError) as error:
        _dead_letters.set_aside(body, error.reason)
        _journal.note("event_set_aside", reason=error.reason)


def _event_in(body: str) -> dict[str, Json]:
    try:
        event: dict[str, Json] = msgspec.json.decode(body)["detail"]
        _ = event["id"]
    except (msgspec.DecodeError, LookupError, TypeError) as error:
        raise UnreadableError from error
    return event
