"""The clock, chance and ids of the machine."""

from __future__ import annotations

import re
import time

import pytest

from chat.adapters.system import Jitter, RandomIds, SystemClock
from chat.model.identity import is_device_id
from chat.model.timestamps import epoch_seconds


def test_identifiers_are_random_uuids() -> None:
    made = {RandomIds().new() for _ in range(100)}

    assert len(made) == 100
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", one) for one in made
    )


def test_a_secret_has_more_bits_than_anybody_can_try() -> None:
    made = {RandomIds().secret() for _ in range(100)}

    assert len(made) == 100
    assert all(re.fullmatch(r"[0-9a-f]{64}", each) for each in made)
    assert all(is_device_id(each) for each in made)


def test_pauses_are_random_grow_and_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds: list[float] = []

    def most_of(_least: float, most: float) -> float:
        bounds.append(most)
        return most

    monkeypatch.setattr("chat.adapters.system.random.uniform", most_of)
    monkeypatch.setattr("chat.adapters.system.time.sleep", lambda _seconds: None)

    for attempt in range(7):
        Jitter(first_seconds=0.02, most_seconds=0.4).after_attempt(attempt)

    assert bounds == pytest.approx([0.02, 0.04, 0.08, 0.16, 0.32, 0.4, 0.4])


def test_the_clock_knows_that_it_is_utc() -> None:
    assert SystemClock().now().utcoffset() is not None
    assert abs(epoch_seconds(SystemClock().now()) - time.time()) < 2
