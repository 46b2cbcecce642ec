"""REST calls are counted by the rule of frames, so that the limit holds for everybody and not for sockets alone."""

from __future__ import annotations

from typing import Any

import pytest

from chat.api.rest import Call, Rest
from chat.limits.floodgate import OFFICE
from chat.model.rates import Rate
from chat.model.settings import Settings
from tests.worlds.domain import System

FRAMES = 8
"""Four for each of the two messages that may be sent at once."""


@pytest.fixture
def system() -> System:
    return System(settings=Settings(visitor_rate=Rate(burst=2, per_second=1)))


@pytest.fixture
def rest(system: System) -> Rest:
    unused: Any = None
    return Rest(
        services=system.services,
        tickets=unused,
        seller_of=unused,
        ids=system.ids,
        journal=system.journal,
        allowed_origins=frozenset({"*"}),
    )


def codes(rest: Rest, calls: int, bearer: str | None = "device-1", address: str = "203.0.113.1") -> list[str | None]:
    """The codes of the answers to that many calls at once."""
    read = Call("GET /chats/{contact_id}/entries", bearer=bearer, source_ip=address, path={"contact_id": "contact-1"})
    errors = [rest.answer(read).error for _ in range(calls)]
    return [error.code if error else None for error in errors]


def test_a_device_that_calls_too_often_is_told_to_slow_down_and_costs_nothing(system: System, rest: Rest) -> None:
    assert "slow_down" not in codes(rest, FRAMES)
    system.store.requests.clear()

    assert codes(rest, 100) == ["slow_down"] * 100
    assert dict(system.store.requests) == {}


def test_another_device_at_the_same_address_is_not_concerned(rest: Rest) -> None:
    codes(rest, 2 * FRAMES)

    assert "slow_down" not in codes(rest, FRAMES, bearer="device-2")


def test_made_up_devices_of_one_address_are_told_to_slow_down(rest: Rest) -> None:
    answers = [code for number in range(OFFICE * FRAMES + 5) for code in codes(rest, 1, bearer=f"made-up-{number}")]

    assert answers.count("slow_down") == 5
    assert "slow_down" not in codes(rest, 1, address="203.0.113.2")


def test_calls_without_a_credential_are_counted_by_their_address(rest: Rest) -> None:
    assert codes(rest, FRAMES + 1, bearer=None)[-1] == "slow_down"


def test_who_waits_as_told_may_go_on(system: System, rest: Rest) -> None:
    codes(rest, FRAMES + 1)
    system.clock.advance(seconds=1)

    assert "slow_down" not in codes(rest, 4)
