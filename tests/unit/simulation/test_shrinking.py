"""A schedule that breaks a promise is cut down to what it takes."""

from __future__ import annotations

from tests.simulation.shop import observed
from tests.simulation.shop_mutants import MUTANTS
from tests.simulation.shrinking import shrunk

MUTANT = MUTANTS["a start that goes by where the pointer points"]
PROMISE = "a visitor has one open contact"
SEEDS = 200


def breaks_the_promise(seed: int) -> bool:
    broken, _ = observed(seed, MUTANT)
    return broken is not None and broken.startswith(PROMISE)


def test_a_schedule_that_breaks_a_promise_is_told_in_few_steps() -> None:
    # Which schedules do changes with every request that an operation has more or less.
    seed = next(filter(breaks_the_promise, range(SEEDS)))

    lines = shrunk(seed, MUTANT, most_tries=160)

    people = lines[lines.index("what people do:") + 1 : lines.index("what goes wrong:")]
    faults = lines[lines.index("what goes wrong:") + 1 : lines.index("what came of it:")]
    assert lines[0].startswith(PROMISE)
    assert len(people) <= 8
    assert len(faults) <= 2
