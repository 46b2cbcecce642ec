"""What the domain needs of the machine that it runs on: time, ids, threads, waiting, a journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from chat.model.metrics import Metric

T = TypeVar("T")


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Now, in UTC."""


class Ids(Protocol):
    """New identifiers."""

    def new(self) -> str:
        """An identifier nobody can guess: at least 122 random bits, `[A-Za-z0-9-]`."""

    def secret(self) -> str:
        """What alone proves who somebody is: at least 128 random bits, `[A-Za-z0-9-]`."""


class Parallel(Protocol):
    """Runs calls side by side."""

    def run(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """The results in order, once all have ended; then raises the first exception, if there was one."""


class Pause(Protocol):
    """Waits between attempts."""

    def after_attempt(self, attempt: int) -> None:
        """Wait a random time that grows with `attempt` (0, 1, 2 …)."""


class Journal(Protocol):
    """Structured operational notes; the implementation keeps an allow-list of fields."""

    def note(self, event: str, **fields: str | int | float | bool | None) -> None:
        """Write one line."""

    def failed(self, event: str, error: Exception, **fields: str | int | float | bool | None) -> None:
        """Write one line about an exception: its kind and the line it came from.

        Never its text, which may hold what a client sent.
        """

    def measure(self, values: Mapping[Metric, float]) -> None:
        """Write one line with what was measured; none for nothing."""


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """What nearly every service needs of the machine."""

    clock: Clock
    ids: Ids
    pause: Pause
    parallel: Parallel
    journal: Journal
