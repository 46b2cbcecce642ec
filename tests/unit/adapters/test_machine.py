"""What surrounds the domain in a function: secrets, threads, randomness, the journal."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import pytest

from chat.adapters.json_journal import JsonJournal
from chat.adapters.secrets import Secret
from chat.adapters.system import Jitter, RandomIds, SystemClock
from chat.adapters.threads import Threads
from chat.model.timestamps import epoch_ms, epoch_seconds, iso
from tests.doubles.machine import START

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


# Secrets


class FakeSecrets:
    """Secrets Manager with one secret, which counts how often it was read."""

    def __init__(self) -> None:
        self.value = "first"
        self.reads = 0

    def get_secret_value(self, **request: str) -> dict[str, str]:
        assert request == {"SecretId": "the-name"}
        self.reads += 1
        return {"SecretString": self.value}


def test_a_secret_is_read_once_and_again_when_it_is_old() -> None:
    secrets, now = FakeSecrets(), [1000.0]
    secret = Secret(
        lambda: cast("SecretsManagerClient", secrets), "the-name", lifetime_seconds=300, monotonic=lambda: now[0]
    )

    before = [secret.value(), secret.value()]
    secrets.value = "rotated"
    now[0] += 300
    still = secret.value()
    now[0] += 1

    assert (before, still, secret.value()) == (["first", "first"], "first", "rotated")
    assert secrets.reads == 2


# Threads


def test_tasks_run_side_by_side_and_answer_in_order() -> None:
    meeting = threading.Barrier(3, timeout=5)

    def task(number: int) -> Callable[[], int]:
        def run() -> int:
            meeting.wait()
            return number

        return run

    assert Threads(2).run([task(1), task(2), task(3)]) == [1, 2, 3]


def test_all_tasks_end_before_the_first_failure_is_raised() -> None:
    done: list[str] = []

    def slow() -> None:
        time.sleep(0.05)
        done.append("slow")

    def fail() -> None:
        raise ValueError("first")

    def fail_too() -> None:
        raise KeyError("second")

    with pytest.raises(ValueError, match="first"):
        Threads(3).run([slow, fail, fail_too])

    assert done == ["slow"]


def test_a_task_that_runs_tasks_does_not_starve_a_small_pool() -> None:
    threads = Threads(1)

    assert threads.run([lambda: 1, lambda: sum(threads.run([lambda: 2, lambda: 3]))]) == [1, 5]


def test_no_task_is_no_work() -> None:
    assert Threads(1).run([]) == []


# Time and chance


def test_identifiers_are_random_uuids() -> None:
    made = {RandomIds().new() for _ in range(100)}

    assert len(made) == 100
    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", one) for one in made
    )


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


def test_times_are_written_as_javascript_writes_them() -> None:
    moment = START.replace(microsecond=123_999)

    assert iso(START) == "2026-01-01T00:00:00.000Z"
    assert iso(moment) == "2026-01-01T00:00:00.123Z"
    assert (epoch_ms(START), epoch_seconds(moment)) == (1_767_225_600_000, 1_767_225_600)


# Journal


def test_a_line_is_json_with_the_event_and_what_may_be_logged(capsys: pytest.CaptureFixture[str]) -> None:
    JsonJournal().note("refused", code="bad_field", connection_id="c1", seq=3, user_id="device-1", text="Hello")

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"event": "refused", "code": "bad_field", "connection_id": "c1", "seq": 3}
    ]


def test_what_is_not_known_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    JsonJournal().note("failed", action=None, error="KeyError at log.py:7")

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"event": "failed", "error": "KeyError at log.py:7"}
    ]


def test_the_level_of_the_environment_silences_the_journal(capsys: pytest.CaptureFixture[str]) -> None:
    JsonJournal("WARNING").note("refused", code="bad_field")
    JsonJournal("INFO")

    assert capsys.readouterr().out == ""
