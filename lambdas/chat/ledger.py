"""Writing to a contact's log and telling everyone, in the one order in which nothing is lost: stored, then told."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from chat.connections.delivery import Delivery, others
from chat.log import Appended, Log, Origin
from chat.model.entries import Entry, State, Status
from chat.ports.connections import Connection
from chat.ports.conversations import Change, Excerpt
from chat.ports.machine import Parallel


class Ledger:
    """Appends to logs and tells those who take part."""

    def __init__(self, *, log: Log, delivery: Delivery, parallel: Parallel) -> None:
        self._log = log
        self._delivery = delivery
        self._parallel = parallel

    def write(self, origin: Origin, change: Callable[[Excerpt], Change | None], own: str | None = None) -> Appended:
        """Append as `Log.append` does and raises, and push what is new to all connections but the one that asked.

        `own` is that connection: it is answered.
        """
        appended = self._log.append(origin, change, self._listeners)
        self._delivery.tell(appended.written, others(appended.connections, own))
        return appended

    def begin(self, change: Change, own: str | None, beside: Callable[[Entry], None]) -> Entry:
        """Begin a log as `Log.begin` does and raises, and tell everyone but `own`; the newest entry.

        `beside` does something else about it at the same time.
        """
        self._log.begin(change)
        newest = change.entries[-1]

        def tell() -> None:
            self._delivery.tell(change.entries, others(self._delivery.participants(newest.state), own))

        tasks: list[Callable[[], None]] = [partial(beside, newest), tell]
        self._parallel.run(tasks)
        return newest

    def _listeners(self, before: State, after: State) -> tuple[Connection, ...]:
        """Who takes part, and who did until now: a seller who gives a contact away learns of that, too."""
        told = (after,) if before.status is Status.CLOSED else (before, after)
        return self._delivery.participants(*told)
