"""One step of a verification: what it is called, how long it may take, and how it says what it found."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

ANSWER_SECONDS = 10.0
"""How long one request may take, and what has to follow from it at once."""


class NotAsItShouldBeError(Exception):
    """What a step found; the message says where it looked, and what it found instead of what."""


@dataclass(frozen=True)
class Step:
    """`check` returns what it had to leave out, or None; it raises with what is wrong."""

    name: str
    deadline_seconds: float
    check: Callable[[], str | None]


@dataclass(frozen=True)
class Outcome:
    """How a step went; no reason if it went well."""

    step: Step
    seconds: float
    reason: str | None = None
    left_out: str | None = None
    is_late: bool = False

    def line(self) -> str:
        """For a person, on one line."""
        verdict = "ok" if self.reason is None else "FAILED"
        told = f"{self.step.name:<11}{verdict:<7}{self.seconds:5.1f} s of {self.step.deadline_seconds:.0f} s"
        return "  ".join(filter(None, (told, self.reason or self.left_out)))


def carry_out(step: Step) -> Outcome:
    """Run a step, and give it up at its deadline."""
    began = time.monotonic()
    ended: list[Outcome] = []

    def run() -> None:
        try:
            left_out = step.check()
        except Exception as error:  # noqa: BLE001 - whatever a step dies of is what is wrong
            ended.append(Outcome(step, time.monotonic() - began, _told(error)))
        else:
            ended.append(Outcome(step, time.monotonic() - began, left_out=left_out))

    # What is given up must not keep the command from ending.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(step.deadline_seconds)
    late = Outcome(step, step.deadline_seconds, "It did not end in time.", is_late=True)
    return next(iter([*ended, late]))


def _told(error: Exception) -> str:
    kind = "" if isinstance(error, NotAsItShouldBeError) else f"{type(error).__name__}: "
    return " ".join(f"{kind}{error}".split())


def expect(what: str, found: object, wanted: object) -> None:
    """Raise `NotAsItShouldBeError` unless what was found is what was wanted."""
    if found != wanted:
        raise NotAsItShouldBeError(f"{what} is {found!r}, not {wanted!r}.")


def wait_until(what: str, is_so: Callable[[], bool], seconds: float) -> None:
    """Return when something is so; raises `NotAsItShouldBeError` if it takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise NotAsItShouldBeError(f"{what} takes longer than {seconds:.0f} s.")
        time.sleep(0.25)
