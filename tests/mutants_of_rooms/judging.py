"""Whether a test notices a change: those that come by it run in a fork of a process that has loaded all the rest."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from tests.mutants_of_rooms.changes import ROOT, Change

TESTS = (
    "tests/unit/test_ledger.py",
    "tests/unit/test_log.py",
    "tests/unit/contacts",
    "tests/unit/limits",
    "tests/unit/lists",
    "tests/unit/team",
    "tests/unit/together/test_budgets.py",
    "tests/unit/together/test_former_sellers.py",
    "tests/unit/together/test_values.py",
)
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", "--assert=plain")
OURS = ("chat", "tests", "handlers", "conftest")
ENDLESS = 5
"""What computes so many times longer than without a change, and a second, has no end."""
WAITING_SECONDS = 1800
"""What waits longer than this for something waits for ever, also on a machine that does much else meanwhile."""


@dataclass
class Came:
    """Which tests come by each line of the rooms, and how long they take."""

    by: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    loaded: list[str] = field(default_factory=list)

    def tests_of(self, change: Change) -> dict[str, float]:
        """The tests that may notice a change, the likeliest and quickest first, and how long each takes."""
        if change.lines is not None:
            return self._in_order(change.module, change.lines)
        return self.tests_of_module(change.module) | self._in_passing()

    def tests_of_module(self, module: str) -> dict[str, float]:
        """All that come by any line of it."""
        return self._in_order(module, self._lines_of(module))

    def _in_passing(self) -> dict[str, float]:
        """Those that come by no line, and look at what there is once all is imported."""
        come_by = {test for tests in self.by.values() for test in tests}
        return {test: seconds for test, seconds in self.seconds.items() if test not in come_by}

    def _in_order(self, module: str, lines: Iterable[int]) -> dict[str, float]:
        found = {test for line in lines for test in self.by.get(f"{module}:{line}", ())}
        own = f"test_{Path(module).stem}.py"
        in_order = sorted(found, key=lambda test: (own not in test and self.seconds[test] > 0.05, self.seconds[test]))
        return {test: self.seconds[test] for test in in_order}

    def _lines_of(self, module: str) -> list[int]:
        return [int(line.rpartition(":")[2]) for line in self.by if line.startswith(f"{module}:")]


def came_by(modules: list[str]) -> Came:
    """Run all tests once; they have to pass."""
    exit_code, told = _in_a_fork(lambda: _watched(modules))
    if exit_code:
        raise SystemExit("The tests have to pass before anything is changed.")
    came = Came(**json.loads(told))
    for name in came.loaded:
        # The forks shall not have to load them.
        with suppress(Exception):
            import_module(name)
    # Nor look through what has been loaded for what is not used any more.
    gc.freeze()
    return came


def is_noticed(module: str, source: str, tests: Mapping[str, float]) -> bool:
    """Whether one of the tests fails with this source in the place of a module's own, or does not end."""
    if not tests:
        return False
    exit_code, _ = _in_a_fork(lambda: _with_source(module, source, tests))
    return exit_code != 0


def _with_source(module: str, source: str, tests: Mapping[str, float]) -> str:
    code = compile(source, str(ROOT / module), "exec")
    original = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, name: str) -> CodeType | None:
        return code if Path(loader.path) == ROOT / module else original(loader, name)

    SourceFileLoader.get_code = get_code  # type: ignore[assignment, method-assign]
    files = sorted({test.partition("::")[0] for test in tests})
    if pytest.main([*OPTIONS, *files], plugins=[Chosen(tests)]):
        raise SystemExit(1)
    return ""


class Chosen:
    """Runs some tests only, in an order of its own, and none of them for ever; told how long each takes."""

    def __init__(self, tests: Mapping[str, float]) -> None:
        self._seconds = tests
        self._place = {test: number for number, test in enumerate(tests)}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        # The signal ends the process: nothing that is tried can catch it.
        signal.setitimer(signal.ITIMER_PROF, 1 + ENDLESS * self._seconds[item.nodeid])
        return (yield)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self._place), key=lambda item: self._place[item.nodeid]
        )


def _watched(modules: list[str]) -> str:
    watching = Watching({str(ROOT / module): module for module in modules})
    if pytest.main([*OPTIONS, *TESTS], plugins=[watching]):
        raise SystemExit(1)
    loaded = [name for name in sys.modules if name.partition(".")[0] not in OURS]
    by = {line: sorted(tests) for line, tests in watching.by.items()}
    return json.dumps({"by": by, "seconds": watching.seconds, "loaded": loaded})


class Watching:
    """Notes by which lines each test comes."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._test = ""
        self.by: defaultdict[str, set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._test = item.nodeid
        self.seconds[item.nodeid] = 0.0
        threading.settrace(self._called)
        sys.settrace(self._called)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration

    def _called(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        module = self._files.get(frame.f_code.co_filename)
        if module is None:
            return None

        def line(frame: FrameType, event: str, _argument: Any) -> Any:
            if event == "line":
                self.by[f"{module}:{frame.f_lineno}"].add(self._test)
            return line

        return line


def _in_a_fork(call: Callable[[], str]) -> tuple[int, str]:
    """The exit code of a process that made a call, and what the call returned."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _made(call, writing)
    os.close(writing)
    with os.fdopen(reading) as told:
        answer = told.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), answer


def _made(call: Callable[[], str], writing: int) -> None:
    """Make a call in a fork, and end with it."""
    exit_code = 1
    try:
        quiet = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (1, 2):
            os.dup2(quiet, descriptor)
        signal.alarm(WAITING_SECONDS)
        with os.fdopen(writing, "w") as told:
            told.write(call())
        exit_code = 0
    finally:
        os._exit(exit_code)
