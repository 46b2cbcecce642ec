"""Virtual time, and processes that give way to each other at every step they take outside themselves."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Generic, TypeVar

import greenlet

from tests.doubles.machine import START

T = TypeVar("T")


class CrashError(BaseException):
    """The sandbox died: no `except Exception` of the code under test may see it."""


class Kernel:
    """A discrete-event scheduler. Everything it does follows from the seed."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.now = 0.0
        self._queue: list[tuple[float, int, Callable[[], object]]] = []
        self._count = 0
        self._hub = greenlet.getcurrent()
        self._running: set[greenlet.greenlet] = set()

    def at(self, delay: float, call: Callable[[], object]) -> None:
        """Do something `delay` seconds from now."""
        self._count += 1
        heapq.heappush(self._queue, (self.now + delay, self._count, call))

    def run(self, until: float) -> None:
        """Let everything happen that is due by `until` (seconds of virtual time)."""
        queue = self._queue
        while queue and queue[0][0] <= until:
            self.now, _, call = heapq.heappop(queue)
            call()
        self.now = until

    def spawn(self, invocation: Invocation, call: Callable[[], object]) -> None:
        """Start a process of `invocation` as soon as it is its turn."""
        process = Process(invocation, call, self._hub)
        self._running.add(process)

        self.at(0, process.switch)

    def end(self) -> None:
        """Let go of processes that wait for what will not come; a suspended greenlet is never collected."""
        for process in self._running:
            if not process.dead:
                process.throw()

    def sleep(self, delay: float) -> None:
        """Called inside a process: give way for `delay` seconds."""
        self.at(delay, greenlet.getcurrent().switch)
        self._hub.switch()

    def wait(self) -> None:
        """Called inside a process: give way until somebody switches back."""
        self._hub.switch()


class Invocation:
    """One run of a Lambda function: its clock may be wrong, and it may die at any step.

    `since` is how long the log was when it began.
    """

    def __init__(self, kernel: Kernel, action: str, clock_offset: float, since: int = 0) -> None:
        self.kernel = kernel
        self.action = action
        self.clock_offset = clock_offset
        self.since = since
        self.began = kernel.now
        self.dead = False
        self.disturbed = False
        self.goes_on_behind = ""
        self.requests: list[str] = []

    def now(self) -> datetime:
        """The time as this sandbox sees it."""
        return START + timedelta(seconds=self.kernel.now + self.clock_offset)


class Process(greenlet.greenlet):
    """A thread of an invocation."""

    def __init__(self, invocation: Invocation, call: Callable[[], object], hub: greenlet.greenlet) -> None:
        super().__init__(self._run, hub)
        self.invocation = invocation
        self._call = call

    def _run(self) -> None:
        try:
            self._call()
        except CrashError:
            self.invocation.dead = True


def current() -> Invocation:
    """The invocation that is running."""
    process = greenlet.getcurrent()
    assert isinstance(process, Process)
    return process.invocation


class Threads:
    """Implements `chat.ports.machine.Parallel` with processes of the kernel."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def run(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """Like `chat.adapters.threads.Threads.run`, in the order that the kernel's seed makes of it."""
        if len(tasks) < 2:
            return [task() for task in tasks]
        group = _Group[T](self._kernel, len(tasks))
        for index, task in enumerate(tasks[:-1]):
            self._kernel.spawn(current(), partial(group.do, index, task))
        # The last one runs here, as in the real thing.
        group.do(len(tasks) - 1, tasks[-1])
        if group.left:
            self._kernel.wait()
        if group.errors:
            raise group.errors[0]
        return [group.results[index] for index in range(len(tasks))]


class _Group(Generic[T]):
    """Tasks that are waited for together."""

    def __init__(self, kernel: Kernel, size: int) -> None:
        self._kernel = kernel
        self._parent = greenlet.getcurrent()
        self.left = size
        self.results: dict[int, T] = {}
        self.errors: list[Exception] = []

    def do(self, index: int, task: Callable[[], T]) -> None:
        try:
            self.results[index] = task()
        except Exception as error:  # noqa: BLE001 - the group's parent raises it
            self.errors.append(error)
        self.left -= 1
        if not self.left and not current().dead and greenlet.getcurrent() is not self._parent:
            self._kernel.at(0, self._parent.switch)
