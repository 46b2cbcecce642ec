"""The model notices what it is there to notice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.simulation import model
from tests.simulation.model import BrokenError, Case, Job, Model, World

SMALL = Case((("start", "close", "start"), (), ("write",), ()), deaths=1, lost=1)


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
