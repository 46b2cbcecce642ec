"""Side by side in threads that last as long as the Lambda sandbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """Implements `chat.ports.machine.Parallel`."""

    def __init__(self, size: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=size, thread_name_prefix="chat")

    def run(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """The results in order, once all have ended; then raises the first exception, if there was one.

        The last task runs here: a lone one needs no thread, and a task that runs others cannot starve the pool.
        """
        if not tasks:
            return []
        futures = [self._pool.submit(task) for task in tasks[:-1]]
        last: Future[T] = Future()
        try:
            last.set_result(tasks[-1]())
        except Exception as error:  # noqa: BLE001 - handed on below, after the others have ended
            last.set_exception(error)
        outcomes = [*futures, last]
        wait(outcomes)
        return [future.result() for future in outcomes]
