"""Writing to a contact's log and telling everyone, in the one order in which nothing is lost: stored, then told."""

from __future__ import annotations

from collections.abc import Callable

from chat.connections.delivery import Delivery, others
from chat.log import Appended, Log, Origin
from chat.model.entries import Entry, State, Status
from chat.ports.connections import Connection
from chat.ports.conversations import Change, Window


class Ledger:
    """Appends to logs and tells those who take part."""

    def __init__(self, *, log: Log, delivery: Delivery) -> None:
        self._log = log
        self._delivery = delivery

    def write(self, origin: Origin, change: Callable[[Window], Change | None], own: str | None = None) -> Appended:
        """Append as `Log.append` does and raises, and push what is new to all connections but the one that asked.

        `own` is that connection: it is answered.
        """
        appended = self._log.append(origin, change, self._listeners)
        self._delivery.tell(appended.written, others(appended.connections, own))
        return appended

    def begin(self, change: Change, own: str | None = None) -> Entry:
        """Begin a log as `Log.begin` does and raises, and tell everyone but `own`; the newest entry."""
        self._log.begin(change)
        newest = change.entries[-1]
        self._delivery.tell(change.entries, others(self._delivery.participants(newest.state), own))
        return newest

    def _listeners(self, before: State, after: State) -> tuple[Connection, ...]:
        """Who takes part, and who did until now: a seller who gives a contact away learns of that, too."""
        told = (after,) if before.status is Status.CLOSED else (before, after)
        return self._delivery.participants(*told)
