"""The clock, the ids, the pauses and the rest of the machine, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from chat.adapters.json_journal import origin_of
from chat.model.metrics import Metric

T = TypeVar("T")
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class FakeClock:
    """A clock that stands still until it is told to move."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def advance(self, **duration: float) -> None:
        self.moment += timedelta(**duration)


@dataclass
class CountingIds:
    """`prefix1`, `prefix2` …"""

    prefix: str = "id-"
    count: int = 0

    def new(self) -> str:
        self.count += 1
        return f"{self.prefix}{self.count}"

    def secret(self) -> str:
        return f"secret-{self.new()}"


class NoPause:
    """Does not wait."""

    def after_attempt(self, attempt: int) -> None:
        pass


class OneAfterAnother:
    """Runs tasks in order, all of them even if one raises, like `chat.adapters.threads.Threads`."""

    def run(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        results: list[T] = []
        errors: list[Exception] = []
        for task in tasks:
            try:
                results.append(task())
            except Exception as error:  # noqa: BLE001 - handed on below
                errors.append(error)
        if errors:
            raise errors[0]
        return results


@dataclass
class RecordingJournal:
    """Keeps what was noted."""

    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    measured: list[dict[Metric, float]] = field(default_factory=list)

    def note(self, event: str, **fields: str | int | float | bool | None) -> None:
        self.notes.append((event, dict(fields)))

    def failed(self, event: str, error: Exception, **fields: str | int | float | bool | None) -> None:
        self.note(event, error=origin_of(error), **fields)

    def measure(self, values: Mapping[Metric, float]) -> None:
        if values:
            self.measured.append(dict(values))
