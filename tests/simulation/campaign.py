"""Many schedules on every core."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.simulation import schedule, shop
from tests.simulation.shrinking import shrunk
from tests.simulation.workers import workers

CHUNKS: Mapping[str, int] = {"simulate": 250, "days": 10}
PROGRESS_SECONDS = 60
ENOUGH = 300
"""So many schedules let everything come about that is to be covered."""


@dataclass(frozen=True)
class Found:
    """What a chunk of schedules came to: the promises that were broken, and how often what was covered."""

    schedules: int
    broken: list[tuple[int, str]]
    covered: Counter[str]


def report(kind: str, first: int, last: int) -> int:
    """Run schedules; print each violation with how to replay it, and the count last. The exit code is 0 for none."""
    violations, done, covered, began = 0, 0, Counter[str](), time.monotonic()
    told = began
    size = CHUNKS[kind]
    chunks = [(kind, start, min(start + size, last)) for start in range(first, last, size)]
    with workers() as pool:
        for found in pool.imap_unordered(_run_chunk, chunks):
            done += found.schedules
            covered += found.covered
            for seed, broken in found.broken:
                violations += 1
                if violations == 1:
                    print(*_replay(kind, seed), sep="\n")
                print(f"seed {seed}: {broken}\n  replay: python -m tests.simulation {kind} {seed}:{seed + 1}")
            if time.monotonic() - told > PROGRESS_SECONDS:
                told = time.monotonic()
                left = (told - began) / done * (last - first - done)
                print(f"{done} of {last - first} schedules, {violations} violations, {left / 60:.0f} minutes left")
                sys.stdout.flush()
    missing = _uncovered(kind, last - first, covered)
    print(f"{last - first} schedules, {violations} violations")
    return 1 if violations or missing else 0


def _uncovered(kind: str, count: int, covered: Counter[str]) -> list[str]:
    """What never came about, though there were enough schedules for it; printed with how often all the others did."""
    if kind != "days":
        return []
    missing = [each for each in shop.INTERESTING if not covered[each]]
    if count >= ENOUGH:
        print(*(f"{covered[each]:9}  {each}" for each in shop.INTERESTING), sep="\n")
        print(*(f"never: {each}" for each in missing), sep="\n")
        return missing
    print(f"{len(shop.INTERESTING) - len(missing)} of {len(shop.INTERESTING)} interesting moments came about")
    return []


def _run_chunk(chunk: tuple[str, int, int]) -> Found:
    kind, first, last = chunk
    run: Callable[[int], tuple[str | None, Counter[str]]] = _day if kind == "days" else _conversation
    outcomes = [(seed, *run(seed)) for seed in range(first, last)]
    covered = Counter[str]()
    for _, _, each in outcomes:
        covered += each
    return Found(last - first, [(seed, broken) for seed, broken, _ in outcomes if broken], covered)


def _conversation(seed: int) -> tuple[str | None, Counter[str]]:
    return schedule.run(seed), Counter()


def _day(seed: int) -> tuple[str | None, Counter[str]]:
    broken, observed = shop.observed(seed)
    return broken, observed.chances.covered


def _replay(kind: str, seed: int) -> Iterator[str]:
    yield f"schedule {seed}:"
    if kind == "days":
        yield from shrunk(seed)
        return
    lines: list[str] = []
    schedule.run(seed, trace=lines.append)
    yield from lines
