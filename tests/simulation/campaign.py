"""Many schedules on every core."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping

from tests.simulation import claims, schedule

CHUNK = 250
KINDS: Mapping[str, Callable[[int], str | None]] = {"simulate": schedule.run, "claims": claims.run}


def report(kind: str, first: int, last: int) -> int:
    """Run schedules; print each violation with how to replay it, and the count last. The exit code is 0 for none."""
    violations = 0
    chunks = [(kind, start, min(start + CHUNK, last)) for start in range(first, last, CHUNK)]
    with multiprocessing.get_context("spawn").Pool() as pool:
        for found in pool.imap_unordered(_run_chunk, chunks):
            for seed, broken in found:
                violations += 1
                if violations == 1 and kind == "simulate":
                    print(*_replay(seed), sep="\n")
                print(f"seed {seed}: {broken}\n  replay: python -m tests.simulation {kind} {seed}:{seed + 1}")
    print(f"{last - first} schedules, {violations} violations")
    return 1 if violations else 0


def _run_chunk(chunk: tuple[str, int, int]) -> list[tuple[int, str]]:
    kind, first, last = chunk
    return [(seed, broken) for seed in range(first, last) if (broken := KINDS[kind](seed))]


def _replay(seed: int) -> Iterator[str]:
    lines: list[str] = []
    schedule.run(seed, trace=lines.append)
    yield f"schedule {seed}:"
    yield from lines
