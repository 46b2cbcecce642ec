"""Tasks run side by side; all of them end before the caller goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from chat.adapters.threads import Threads


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
