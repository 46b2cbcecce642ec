"""A schedule that breaks a promise is cut down to what it takes."""

from __future__ import annotations

from tests.simulation.mutants import verdict
from tests.simulation.shop_mutants import MUTANTS
from tests.simulation.shrinking import shrunk

MUTANT = "a start that goes by where the pointer points"


def test_a_schedule_that_breaks_a_promise_is_told_in_few_steps() -> None:
    seed = verdict(MUTANT).seed
    assert seed is not None

    lines = shrunk(seed, MUTANTS[MUTANT], most_tries=90)

    people = lines[lines.index("what people do:") + 1 : lines.index("what goes wrong:")]
    faults = lines[lines.index("what goes wrong:") + 1 : lines.index("what came of it:")]

    assert lines[0].startswith("a visitor has one open contact")
    assert len(people) <= 8
    assert len(faults) <= 2
