"""What happens to contacts without anybody asking: events from the bus, and check-ups from the delay queue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from chat.model.errors import ChatError
from handlers import clients, composition
from handlers.variables import CheckUps, read

_check_up = read(CheckUps)
_services = composition.services(lease_seconds=_check_up.lease_seconds)
_attending = _services.attending
_journal = _services.ports.runtime.journal
_check_ups = clients.sqs()
_queue_url = _check_up.check_up_queue_url


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Take one event of the bus, or a batch of check-ups; whatever fails is handed in again."""
    if "Records" not in event:
        data = event["detail"]["data"]
        # After a transfer the room is with who handed over: `from`.
        again = _attending.room_may_be_free(data["contact_id"], data.get("seller_id"), data.get("from"))
        _check_up_later(msgspec.json.encode(event).decode(), again)
        return {}
    failures = [record["messageId"] for record in event["Records"] if not _checked(record)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failures]}


def _checked(record: dict[str, Any]) -> bool:
    try:
        data = msgspec.json.decode(record["body"])["detail"]["data"]
        again = _attending.check(data["contact_id"], since=data["seq"])
        _check_up_later(record["body"], again)
    except ChatError as error:
        _journal.note("check_up_failed", code=error.code)
        return False
    except Exception as error:  # noqa: BLE001 - one bad message must not bring the whole batch back
        _journal.failed("check_up_failed", error)
        return False
    return True


def _check_up_later(event: str, again: timedelta | None) -> None:
    if again is not None:
        _check_ups.send_message(QueueUrl=_queue_url, MessageBody=event, DelaySeconds=max(1, int(again.total_seconds())))
