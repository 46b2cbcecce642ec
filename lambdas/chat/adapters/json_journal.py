"""One line of JSON per event on standard output, where Lambda's log group takes it."""

from __future__ import annotations

import logging
import sys
from typing import Any

import msgspec

ALLOWED_FIELDS = frozenset(
    {
        "action",
        "code",
        "connection_id",
        "contact_id",
        "count",
        "duration_ms",
        "error",
        "kind",
        "reason",
        "request_id",
        "role",
        "route",
        "seq",
        "status",
    }
)
"""What may be logged. Texts, tokens, device ids, user info and addresses are not in it."""


class JsonJournal:
    """Implements `chat.ports.machine.Journal`."""

    def __init__(self, level: str = "INFO") -> None:
        self._is_silent = logging.getLevelNamesMapping()[level] > logging.INFO

    def note(self, event: str, **fields: str | int | float | bool | None) -> None:
        """Write one line with the allowed fields; a field that is not allowed is dropped."""
        if self._is_silent:
            return
        line: dict[str, Any] = {"event": event}
        line.update((name, value) for name, value in fields.items() if name in ALLOWED_FIELDS and value is not None)
        # Past `logging`: Lambda would wrap its lines into JSON once more, and a metric filter would find no event.
        sys.stdout.write(f"{msgspec.json.encode(line).decode()}\n")

    def failed(self, event: str, error: Exception, **fields: str | int | float | bool | None) -> None:
        """Write one line with the kind of an exception and the line it came from."""
        self.note(event, error=origin_of(error), **fields)


def origin_of(error: Exception) -> str:
    """The kind of an exception and the line it came from; never its text, which may hold what a client sent."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "unknown"
    return f"{type(error).__name__} at {place}"
