"""A reconnect storm is over as soon as may be, and its command says what it takes."""

from __future__ import annotations

import pytest

from tests.simulation.storm import ACCOUNT_PER_SECOND, report, storm

SOCKETS = 2000
"""Enough for two seconds of waiting in line to be seen."""


def test_all_come_back_by_themselves() -> None:
    found = storm(SOCKETS, 400)

    assert found.half <= found.most <= found.all < SOCKETS / 400 + 60
    assert found.attempts >= SOCKETS


def test_nobody_waits_where_all_are_let_in() -> None:
    found = storm(SOCKETS, SOCKETS)

    # The first try comes within a second, and its answer in a tenth.
    assert found.all <= 1.2
    assert (found.attempts, found.fell_back) == (SOCKETS, 0)


def test_fewer_that_are_let_in_are_back_later() -> None:
    assert storm(SOCKETS, 100).half > storm(SOCKETS, 400).half


def test_the_same_seed_is_the_same_storm() -> None:
    assert storm(SOCKETS, 400, seed=7) == storm(SOCKETS, 400, seed=7) != storm(SOCKETS, 400, seed=8)


@pytest.mark.parametrize(("sockets", "per_second"), [("many", "500"), ("0", "500"), ("100", "-1"), ("100", "")])
def test_a_wrong_value_is_answered_in_one_line(
    sockets: str, per_second: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(sockets, per_second) == 1
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "say a whole number from 1 to" in told.err


def test_it_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert report("500", str(ACCOUNT_PER_SECOND)) == 0
    assert "500 sockets are lost at once" in capsys.readouterr().out
