"""What functions ask of AWS: how many requests, which of them wait for another, what they use up and send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from tests.worlds.capacity import ItemOf, Writes, read_units

T = TypeVar("T")
POST = "PostToConnection"
PUT_EVENTS = "PutEvents"
AtOnce = Callable[[Any, Sequence[Callable[[], T]]], list[T]]


@dataclass(frozen=True)
class Taken:
    """A request, and after how many others it was made."""

    step: int
    operation: str
    request: Mapping[str, Any]
    read_units: float
    write_units: int

    @property
    def posted(self) -> int:
        """The bytes of a frame."""
        return len(self.request["Data"]) if self.operation == POST else 0


@dataclass
class Requests:
    """The requests to DynamoDB and @connections.

    A request takes one step. What runs side by side begins at the same step, and what follows begins after all of it.
    """

    item_of: ItemOf
    taken: list[Taken] = field(default_factory=list)
    _step: ContextVar[int] = field(default_factory=lambda: ContextVar("step", default=0))

    @property
    def counts(self) -> dict[str, int]:
        """How many of each operation."""
        return dict(Counter(each.operation for each in self.taken))

    @property
    def steps(self) -> int:
        """How many requests waited for one another."""
        return len({each.step for each in self.taken})

    @property
    def read_units(self) -> float:
        """What all of it used up."""
        return sum(each.read_units for each in self.taken)

    @property
    def write_units(self) -> int:
        """What all of it used up."""
        return sum(each.write_units for each in self.taken)

    @property
    def posted(self) -> int:
        """The bytes of all frames."""
        return sum(each.posted for each in self.taken)

    def make(self, operation: str, request: Mapping[str, Any], carry_out: Callable[[], T]) -> T:
        """Note a request, and carry it out."""
        step, writes, answer = self._step.get(), Writes(operation, request, self.item_of), None
        self._step.set(step + 1)
        try:
            answer = carry_out()
            return answer
        finally:
            read = read_units(operation, request, answer if isinstance(answer, Mapping) else {})
            self.taken.append(Taken(step, operation, request, read, writes.units()))

    def side_by_side(self, run: AtOnce[T]) -> AtOnce[T]:
        """As `Threads.run`, for tasks that begin at the same step."""

        def at_once(threads: Any, tasks: Sequence[Callable[[], T]]) -> list[T]:
            begun, ended = self._step.get(), [0]

            def from_the_same(task: Callable[[], T]) -> T:
                self._step.set(begun)
                try:
                    return task()
                finally:
                    ended.append(self._step.get())

            try:
                return run(threads, [partial(from_the_same, task) for task in tasks])
            finally:
                self._step.set(max(begun, *ended))

        return at_once
