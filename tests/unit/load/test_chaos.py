"""How long a fault was felt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.load.chaos import Fault, Period, children, felt, go_wrong
from tests.load.deaf_shop import DeafShop
from tests.load.outcome import Outcome
from tests.load.plan import Size

PERIOD = Period("the shop is down", begun=100, ended=110)


def outcome(**messages: tuple[float, float]) -> Outcome:
    """Messages by id: when each was sent and acknowledged."""
    acknowledged = {name: ("c1", sent, at) for name, (sent, at) in messages.items()}
    return Outcome(acknowledged=acknowledged, numbers={name: number for number, name in enumerate(messages, 3)})


def test_it_is_over_when_the_last_message_of_then_is_acknowledged() -> None:
    found = outcome(before=(90, 91), during=(101, 102), waited=(105, 117), after=(111, 131))

    assert felt(PERIOD, found, {}) == ("the shop is down", "10.0", "12.0", "7.0", "0.0")


def test_what_was_answered_while_it_lasted_needed_no_recovery() -> None:
    assert felt(PERIOD, outcome(during=(101, 102)), {})[2:4] == ("1.0", "0.0")


def test_the_shop_knows_all_when_it_has_heard_of_the_last_that_was_acknowledged_by_then() -> None:
    found = outcome(during=(101, 102), after=(111, 112))

    assert felt(PERIOD, found, {"c1/3": 140, "c1/4": 150})[4] == "30.0"


@pytest.mark.enable_socket
def test_a_shop_keeps_when_it_was_told_first_and_nothing_while_it_is_down() -> None:
    shop = DeafShop()
    shop.is_down = True
    assert shop.answer("/events", {"id": "c1/1"}) is None
    shop.is_down = False

    assert shop.answer("/events", {"id": "c1/1"}) == {"id": "c1/1", "duplicate": False}
    first = shop.heard["c1/1"]
    assert shop.answer("/events", {"id": "c1/1"}) == {"id": "c1/1", "duplicate": True}
    assert shop.heard == {"c1/1": first}
    assert shop.answer("/contacts", {"proposed_contact_id": "p"}) == {"contact_id": "p"}


def test_the_processes_that_a_process_has_started_are_found() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as started:
        assert started.pid in children(os.getpid())
        assert started.stdin
        started.stdin.close()
    assert started.pid not in children(os.getpid())


def test_faults_come_one_after_another_once_everybody_is_there(tmp_path: Path) -> None:
    happened: list[str] = []

    def fault(name: str) -> Fault:
        def note(what: str) -> Callable[[], None]:
            return lambda: happened.append(f"{name} {what}")

        return Fault(name, note("begins"), note("ends"))

    size = Size(visitors=2, sellers=1, seconds=2, pace=1)
    crowd: Any = SimpleNamespace(size=size, forget_openings=lambda: None)
    here: Any = SimpleNamespace(faults=lambda: [fault("one"), fault("two")])
    people: Any = SimpleNamespace(poll=lambda: None)
    notes = [{"what": "started", "at": time.time(), "contact": f"c{number}", "visitor": "v"} for number in range(2)]
    (tmp_path / "notes.jsonl").write_text("".join(f"{json.dumps(note)}\n" for note in notes), encoding="utf-8")
    begun = time.time()

    periods = go_wrong(here, people, crowd, tmp_path, lambda _line: None)

    assert happened == ["one begins", "one ends", "two begins", "two ends"]
    assert [period.fault for period in periods] == ["one", "two"]
    assert all(0 < period.ended - period.begun < 2 for period in periods)
    assert periods[0].ended <= periods[1].begun
    assert begun <= periods[0].begun
