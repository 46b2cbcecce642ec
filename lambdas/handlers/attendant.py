"""What happens to contacts without anybody asking. One queue brings the bus's events and the check-ups that are due."""

from __future__ import annotations

from typing import Any

import msgspec

from chat.adapters.schedules import Schedules
from chat.events import TYPES
from chat.model.entries import EntryKind
from chat.model.errors import ChatError
from chat.model.identity import SYSTEM
from handlers import clients, composition
from handlers.variables import CheckUps, read

FIRST_AFTER_QUEUE = 3
"""The number of the first entry that may end a wait: before it are the opening and the beginning of the wait."""
ROOM_MAY_BE_FREE = {TYPES[EntryKind.QUEUED], TYPES[EntryKind.CLOSED], TYPES[EntryKind.TRANSFERRED]}

_variables = read(CheckUps)
_schedules = clients.scheduler()
_services = composition.services(
    lease_seconds=_variables.lease_seconds,
    check_ups=Schedules(
        _schedules,
        group=_variables.check_up_group,
        queue_arn=_variables.check_up_queue_arn,
        role_arn=_variables.check_up_role_arn,
    ),
)
_attending = _services.attending
_journal = _services.ports.runtime.journal
_queue = clients.sqs()


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Take a batch of events and check-ups; whatever fails is handed in again."""
    failures = [record["messageId"] for record in event["Records"] if not _is_done(record)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failures]}


def _is_done(record: dict[str, Any]) -> bool:
    try:
        return _attended(record)
    except ChatError as error:
        _journal.note("check_up_failed", code=error.code)
    except Exception as error:  # noqa: BLE001 - one bad message must not bring the whole batch back
        _journal.failed("check_up_failed", error)
    return False


def _attended(record: dict[str, Any]) -> bool:
    """Whether nothing is left to do; the queue hands in again what is not done with."""
    message = msgspec.json.decode(record["body"])
    data = message["detail"]["data"] if "detail" in message else message
    again = None
    if message.get("detail-type") in ROOM_MAY_BE_FREE:
        # After a transfer the room is with who handed over: `from`.
        again = _attending.room_may_be_free(data["contact_id"], data.get("seller_id"), data.get("from"))
    if message.get("detail-type") == TYPES[EntryKind.REOPENED]:
        _attending.came_back(data["contact_id"], int(data["seq"]))
    _attending.attend(data["contact_id"])
    is_first = record["attributes"]["ApproximateReceiveCount"] == "1"
    if is_first and _moves_queue(message.get("detail-type"), data):
        # Who waits is given away by the system, but for those whom sellers take themselves.
        is_taken = message["detail-type"] == TYPES[EntryKind.ASSIGNED] and data["from"] != SYSTEM
        _attending.queue_has_changed(data["contact_id"], is_taken=is_taken)
    if again is None or not is_first:
        return True
    # No new message, of which there would be more each time that this one comes again.
    _queue.change_message_visibility(
        QueueUrl=_variables.check_up_queue_url,
        ReceiptHandle=record["receiptHandle"],
        VisibilityTimeout=int(again.total_seconds()),
    )
    return False


def _moves_queue(event_type: str | None, data: dict[str, Any]) -> bool:
    """Whether a contact began to wait, or ceased to."""
    if event_type == TYPES[EntryKind.ASSIGNED]:
        return int(data["seq"]) >= FIRST_AFTER_QUEUE
    if event_type == TYPES[EntryKind.CLOSED]:
        return data["seller_id"] is None
    return event_type == TYPES[EntryKind.QUEUED]
