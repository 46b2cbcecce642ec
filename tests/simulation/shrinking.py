"""A schedule that breaks a promise, cut down to the steps and the faults that it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.simulation.shop import Shop, Variant, observed

T = TypeVar("T")
MOST_TRIES = 600
Spared = frozenset[str]
Skipped = frozenset[int]


@dataclass
class Shrinking:
    """Leaves out what a schedule can do without and still break the same promise."""

    seed: int
    variant: Variant | None = None
    most_tries: int = MOST_TRIES
    spared: Spared = frozenset()
    skipped: Skipped = frozenset()
    tries: int = 0

    def run(self) -> list[str]:
        """The steps, faults and course of the shortest schedule that was found; nothing if it breaks no promise."""
        broken, shop = self._observed(self.spared, self.skipped)
        if broken is None:
            return []
        promise = broken.partition(":")[0]
        self._reduce(promise, [{kind} for kind in shop.chances.levels], self._sparing)
        self._reduce(promise, [{number} for number in range(len(shop.planned))], self._skipping)
        # What strikes depends on what struck before: again, until nothing more can be spared.
        before = None
        while before != (self.spared, self.skipped) and self.tries < self.most_tries:
            before = (self.spared, self.skipped)
            _, shop = self._observed(*before)
            self._reduce(promise, [{each.name} for each in shop.chances.fired], self._sparing)
            left = [{number} for number in range(len(shop.planned)) if number not in self.skipped]
            self._reduce(promise, left, self._skipping)
        return list(self._told())

    def _reduce(
        self, promise: str, parts: Sequence[set[T]], without: Callable[[set[T]], tuple[Spared, Skipped]]
    ) -> None:
        """Leave out halves, then quarters, and so on, as long as the same promise is broken."""
        size = len(parts)
        while size and self.tries < self.most_tries:
            for start in range(0, len(parts), size):
                spared, skipped = without(set().union(*parts[start : start + size]))
                broken, _ = self._observed(spared, skipped)
                if broken and broken.partition(":")[0] == promise:
                    self.spared, self.skipped = spared, skipped
            size //= 2

    def _skipping(self, steps: set[int]) -> tuple[Spared, Skipped]:
        return self.spared, self.skipped | steps

    def _sparing(self, decisions: set[str]) -> tuple[Spared, Skipped]:
        return self.spared | decisions, self.skipped

    def _observed(
        self, spared: Spared, skipped: Skipped, trace: Callable[[str], None] | None = None
    ) -> tuple[str | None, Shop]:
        self.tries += 1
        return observed(self.seed, self.variant, spared=spared, skipped=skipped, trace=trace)

    def _told(self) -> Iterator[str]:
        course: list[str] = []
        broken, shop = self._observed(self.spared, self.skipped, course.append)
        yield f"{broken}\nseed {self.seed}, {shop.kind}, {shop.capacity} contacts for each seller"
        yield "what people do:"
        yield from (f"  {line}" for number, line in enumerate(shop.planned) if number not in self.skipped)
        yield "what goes wrong:"
        yield from (f"  {each.at:8.1f}  {each.what}" for each in shop.chances.fired)
        yield "what came of it:"
        yield from (f"  {line}" for line in course)


def shrunk(seed: int, variant: Variant | None = None, most_tries: int = MOST_TRIES) -> list[str]:
    """The lines of the shortest schedule that was found in so many tries."""
    return Shrinking(seed, variant, most_tries).run()
