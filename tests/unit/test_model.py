"""The model notices what it is there to notice, and a schedule that breaks a promise is cut down to what it takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.simulation import model
from tests.simulation.model import BrokenError, Case, Job, Model, World
from tests.simulation.shop_mutants import MUTANTS
from tests.simulation.shrinking import shrunk

SMALL = Case((("start", "close", "start"), (), ("write",)), deaths=1, lost=1)


class GoesByWhereItPoints(Model):
    def _started(self, world: World, number: int, job: Job) -> tuple[World, Job]:
        return super()._started(world, number, job._replace(version=world.version))


class ForgetsWhatIsOurs(Model):
    def _written(self, world: World, number: int, job: Job) -> tuple[World, Job]:
        blind = world.clients[number]._replace(base=10**6)
        written, done = super()._written(model._with(world, number, blind), number, job)
        return model._with(written, number, world.clients[number]), done


class ClaimsWithoutCounting(Model):
    def _wrote(self, world: World, job: Job, own: str) -> tuple[World, Job]:
        after, done = super()._wrote(world, job, own)
        return after._replace(claimed=world.claimed), done


def test_no_promise_is_broken_in_any_order() -> None:
    assert Model(SMALL).explore() > 1000


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (GoesByWhereItPoints, "a visitor has one open contact"),
        (ForgetsWhatIsOurs, "at most one entry per sender and id"),
        (ClaimsWithoutCounting, "counts are true"),
    ],
)
def test_a_broken_rule_breaks_a_promise(broken: Callable[[Case], Model], promise: str) -> None:
    with pytest.raises(BrokenError, match=promise):
        broken(SMALL).explore()


def test_a_schedule_that_breaks_a_promise_is_told_in_few_steps() -> None:
    lines = shrunk(86, MUTANTS["a start that goes by where the pointer points"], most_tries=90)
    people = lines[lines.index("what people do:") + 1 : lines.index("what goes wrong:")]
    faults = lines[lines.index("what goes wrong:") + 1 : lines.index("what came of it:")]

    assert lines[0].startswith("a visitor has one open contact")
    assert len(people) <= 5
    assert len(faults) <= 2
