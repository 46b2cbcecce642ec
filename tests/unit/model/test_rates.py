"""Token buckets: a burst at once, then so many a second."""

from __future__ import annotations

import pytest

from chat.model.errors import ChatError, Code
from chat.model.identity import Role
from chat.model.rates import Bucket, Rate, take

RATE = Rate(burst=3, per_second=2)
NOW = 1_767_225_600_000


def test_a_burst_may_come_at_once_and_no_more() -> None:
    buckets: dict[Role, Bucket] = {}
    for _ in range(3):
        buckets = take(buckets, Role.VISITOR, RATE, NOW)

    with pytest.raises(ChatError) as caught:
        take(buckets, Role.VISITOR, RATE, NOW)

    assert caught.value.code is Code.SLOW_DOWN
    assert caught.value.retry_after_ms == 501
    assert "501 ms" in caught.value.reason


def test_the_time_that_was_named_is_enough() -> None:
    empty = {Role.VISITOR: Bucket(tokens=0, at_ms=NOW)}

    with pytest.raises(ChatError) as caught:
        take(empty, Role.VISITOR, RATE, NOW)

    assert take(empty, Role.VISITOR, RATE, NOW + (caught.value.retry_after_ms or 0))


def test_tokens_come_back_but_never_more_than_a_burst() -> None:
    spent = {Role.VISITOR: Bucket(tokens=0, at_ms=NOW)}

    assert take(spent, Role.VISITOR, RATE, NOW + 1000)[Role.VISITOR] == Bucket(tokens=1, at_ms=NOW + 1000)
    assert take(spent, Role.VISITOR, RATE, NOW + 3_600_000)[Role.VISITOR].tokens == 2


def test_a_clock_that_goes_back_takes_nothing_away_and_gives_nothing() -> None:
    full = {Role.VISITOR: Bucket(tokens=2, at_ms=NOW)}

    assert take(full, Role.VISITOR, RATE, NOW - 60_000)[Role.VISITOR] == Bucket(tokens=1, at_ms=NOW)


def test_each_side_has_a_bucket_of_its_own() -> None:
    empty = {Role.VISITOR: Bucket(tokens=0, at_ms=NOW)}

    after = take(empty, Role.SELLER, RATE, NOW)

    assert after == {**empty, Role.SELLER: Bucket(tokens=2, at_ms=NOW)}


def test_what_is_carried_in_the_log_stays_short() -> None:
    third = take({}, Role.VISITOR, Rate(burst=20, per_second=1 / 3), NOW)
    third = take(third, Role.VISITOR, Rate(burst=20, per_second=1 / 3), NOW + 1001)

    assert len(repr(third[Role.VISITOR].tokens)) <= 6
