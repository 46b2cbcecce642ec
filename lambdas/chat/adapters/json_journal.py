"""One line of JSON per event on standard output, where Lambda's log group takes it.

CloudWatch makes metrics of lines in its embedded metric format: what is counted is counted where it is noted, and costs
no request.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from chat.model.metrics import Metric

NAMESPACE = "SellerChat"
COUNTED = {
    "refused": (Metric.PROTOCOL_ERRORS, "code"),
    "push_failed": (Metric.FAILED_PUSHES, None),
    "lookup_failed": (Metric.FAILED_LOOKUPS, None),
    "directory_unavailable": (Metric.DIRECTORY_FAILURES, None),
}
"""Which events are counted, and by which of their fields; its values are few, and none is a person's."""

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
LINE = ALLOWED_FIELDS | {"event", "_aws", "environment"} | set(Metric)
"""What a line may hold."""


class JsonJournal:
    """Implements `chat.ports.machine.Journal`."""

    def __init__(self, level: str = "INFO", environment: str = "test") -> None:
        self._is_silent = logging.getLevelNamesMapping()[level] > logging.INFO
        self._environment = environment

    def note(self, event: str, **fields: str | int | float | bool | None) -> None:
        """Write one line with the allowed fields; a field that is not allowed is dropped."""
        if self._is_silent:
            return
        line: dict[str, Any] = {"event": event}
        line.update((name, value) for name, value in fields.items() if name in ALLOWED_FIELDS and value is not None)
        if event in COUNTED:
            metric, by = COUNTED[event]
            line.update(self._embedded({metric: 1}, by))
        _write(line)

    def failed(self, event: str, error: Exception, **fields: str | int | float | bool | None) -> None:
        """Write one line with the kind of an exception and the line it came from."""
        self.note(event, error=origin_of(error), **fields)

    def measure(self, values: Mapping[Metric, float]) -> None:
        """Write one line with what was measured; none for nothing."""
        if values and not self._is_silent:
            _write(self._embedded(values))

    def _embedded(self, values: Mapping[Metric, float], by: str | None = None) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html."""
        metrics = {
            "Namespace": NAMESPACE,
            "Dimensions": [["environment", by] if by else ["environment"]],
            "Metrics": [{"Name": metric} for metric in values],
        }
        line: dict[str, Any] = {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metrics]}}
        line["environment"] = self._environment
        line |= {str(metric): value for metric, value in values.items()}
        return line


def _write(line: Mapping[str, Any]) -> None:
    # Past `logging`: Lambda would wrap its lines into JSON once more, and a metric filter would find no event.
    sys.stdout.write(f"{msgspec.json.encode(line).decode()}\n")


def origin_of(error: Exception) -> str:
    """The kind of an exception and the line it came from; never its text, which may hold what a client sent."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "unknown"
    return f"{type(error).__name__} at {place}"
