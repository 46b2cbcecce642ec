"""Many schedules on every core."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator

from tests.simulation.schedule import run

CHUNK = 250


def report_schedules(first: int, last: int) -> int:
    """Run schedules on every core; print each violation with how to replay it, and the count last."""
    violations = 0
    with multiprocessing.get_context("spawn").Pool() as pool:
        chunks = [(start, min(start + CHUNK, last)) for start in range(first, last, CHUNK)]
        for found in pool.imap_unordered(_run_chunk, chunks):
            for seed, broken in found:
                violations += 1
                if violations == 1:
                    print(*_replay(seed), sep="\n")
                print(f"seed {seed}: {broken}\n  replay: make simulate SEEDS={seed}:{seed + 1}")
    print(f"{last - first} schedules, {violations} violations")
    return 1 if violations else 0


def _run_chunk(seeds: tuple[int, int]) -> list[tuple[int, str]]:
    return [(seed, broken) for seed in range(*seeds) if (broken := run(seed))]


def _replay(seed: int) -> Iterator[str]:
    lines: list[str] = []
    run(seed, trace=lines.append)
    yield f"schedule {seed}:"
    yield from lines
