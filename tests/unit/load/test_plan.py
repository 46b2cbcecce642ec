"""How many people chat, as it is said on the command line."""

from __future__ import annotations

import io
import os
import signal
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from administration.errors import AdministrationError
from tests.load import __main__ as command
from tests.load import chaos
from tests.load.plan import Crowd, Size, size_of
from tests.load.running import stoppable


def test_a_size_is_read_in_minutes_and_kept_in_seconds() -> None:
    assert size_of("200", "10", "5", "20") == Size(visitors=200, sellers=10, seconds=300, pace=20)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("many", "10", "5", "20"), "VISITORS=many: say a whole number from 1 to 5,000"),
        (("200", "0", "5", "20"), "SELLERS=0: say"),
        (("200", "10", "0.5", "20"), "MINUTES=0.5: say"),
        (("200", "10", "5", "-1"), "PACE=-1: say"),
    ],
)
def test_a_wrong_value_is_answered_with_what_it_takes(words: tuple[str, str, str, str], answer: str) -> None:
    with pytest.raises(AdministrationError, match=answer):
        size_of(*words)


@pytest.mark.parametrize("main", [command.main, chaos.main])
def test_a_command_answers_it_in_one_line(
    main: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["load", "--visitors=few"])

    assert main() == 1
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "VISITORS=few" in told.err


def test_people_come_over_a_fifth_of_the_time() -> None:
    assert Size(visitors=230, sellers=10, seconds=300, pace=20).arrivals_per_second == 4


def test_a_crowd_is_of_one_team_and_its_devices_are_no_ones_else() -> None:
    size = Size(visitors=3, sellers=2, seconds=60, pace=20)
    one, other = (Crowd(SimpleNamespace(), size) for _ in range(2))  # type: ignore[arg-type]

    assert one.visitors == one.visitors
    assert not set(one.visitors) & set(other.visitors)
    assert len(set(one.sellers)) == 2
    assert all(seller.startswith(one.team) for seller in one.sellers)


@pytest.mark.parametrize("typed", ["", "yes\n", "staging\n", "Production\n"])
def test_production_is_left_alone_until_its_name_is_typed(
    typed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))

    with pytest.raises(AdministrationError, match="Nothing was done"):
        command.confirm(SimpleNamespace(environment="production"))  # type: ignore[arg-type]


def test_whose_name_is_typed_goes_on_and_nobody_else_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("production\n"))
    command.confirm(SimpleNamespace(environment="production"))  # type: ignore[arg-type]

    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    command.confirm(SimpleNamespace(environment="staging"))  # type: ignore[arg-type]


def test_who_stops_a_command_is_answered_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def stopped() -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        return 0

    before = signal.getsignal(signal.SIGTERM)
    try:
        assert stoppable(stopped) == 1
    finally:
        signal.signal(signal.SIGTERM, before)
    assert capsys.readouterr().err.startswith("Interrupted")
