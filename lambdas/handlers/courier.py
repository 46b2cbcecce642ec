"""Brings events to the shop's own back end, out of a queue that keeps them while it is down."""

from __future__ import annotations

from typing import Any

import msgspec

from chat.adapters.json_journal import JsonJournal
from chat.adapters.php_backend import PhpContactDirectory
from chat.adapters.php_events import PhpEvents
from chat.adapters.system import SystemClock
from chat.contact_directory import DirectoryUnavailableError
from chat.contact_events import register_late
from chat.dispatch import where
from handlers import composition
from handlers.environment import Environment

_environment = Environment()
_journal = JsonJournal(_environment.log_level)
_shop = composition.required_shop(_environment)
_directory = PhpContactDirectory(_shop.client)
_events = PhpEvents(_shop.client, _shop.key, SystemClock())


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Deliver a batch; what the shop did not take comes again."""
    failures = [record["messageId"] for record in event["Records"] if not _delivered(record)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failures]}


def _delivered(record: dict[str, Any]) -> bool:
    try:
        event = msgspec.json.decode(record["body"])["detail"]
        register_late(_directory, event)
        _events.deliver(event)
    except DirectoryUnavailableError as error:
        _journal.note("delivery_failed", reason=error.reason)
        return False
    except Exception as error:  # noqa: BLE001 - one bad message must not bring the whole batch back
        _journal.note("delivery_failed", error=where(error))
        return False
    return True
