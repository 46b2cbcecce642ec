"""What an operation costs, beside plain boto3 making the same requests."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass

from tests.bench.baselines import PlainBoto3
from tests.bench.counting import counted
from tests.bench.dollars import Work, frames
from tests.bench.operations import Functions, Operation
from tests.worlds.requests import POST, Requests

ROUNDS, CALLS = 7, 5


@dataclass(frozen=True)
class Measured:
    """An operation: what it asked for, its CPU seconds, and each round's over plain boto3's."""

    name: str
    requests: Requests
    answered: int
    logged: int
    seconds: float
    ratios: Sequence[float]

    @property
    def work(self) -> Work:
        """As it is billed, by a function that has met those who ask."""
        sizes = [each.posted for each in self.requests.taken if each.operation == POST]
        return Work(
            frames=1 + frames(sizes) + frames([self.answered] if self.answered else []),
            read_units=self.requests.read_units,
            write_units=self.requests.write_units,
            steps=self.requests.steps,
            seconds=self.seconds,
            logged=self.logged,
        )


def compared(functions: Functions, operation: Operation, plain: PlainBoto3) -> Measured:
    """An operation, in rounds in which both sides take turns."""
    # A function asks only once who may.
    operation.before()
    operation.again()
    operation.before()
    functions.answered = "{}"
    with redirect_stdout(io.StringIO()) as log, counted(functions.dynamodb) as requests:
        operation.again()
    answered = len(functions.answered) if functions.answered != "{}" else 0
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_seconds(operation.again, operation.before))
        theirs.append(_seconds(lambda: plain.repeat(requests.taken)))
    # The first of each warms up.
    ratios = [mine / its if its else 0 for mine, its in zip(ours, theirs, strict=True)]
    logged = len(log.getvalue().encode())
    return Measured(operation.name, requests, answered, logged, statistics.median(ours[1:]), ratios[1:])


def _seconds(call: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """CPU of this process, all threads, for one call."""
    spent = 0.0
    for _ in range(CALLS):
        before()
        begun = time.process_time()
        call()
        spent += time.process_time() - begun
    return spent / CALLS
