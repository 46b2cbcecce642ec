"""How something stood, from when on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Course(Generic[T]):
    """What something was in the beginning, and each change with its time in the schedule."""

    began: T
    steps: list[tuple[float, T]] = field(default_factory=list)

    @property
    def last(self) -> T:
        """What it is now."""
        return self.steps[-1][1] if self.steps else self.began

    def becomes(self, what: T, at: float) -> None:
        """It is something else from a time on."""
        self.steps.append((at, what))

    def since(self, time: float) -> list[T]:
        """What it was at a time, and what it has been since."""
        before = [what for at, what in self.steps if at <= time]
        return [before[-1] if before else self.began, *(what for at, what in self.steps if at > time)]
