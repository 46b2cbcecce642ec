"""Writing to a contact's log and telling everyone, in the one order in which nothing is lost: stored, then told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from chat.connections.delivery import Delivery, Pushes, others
from chat.log import Appended, Decision, Log, Origin
from chat.model.entries import Entry, EntryKind, State, Status
from chat.model.identity import SYSTEM, alias_of
from chat.model.metrics import Metric
from chat.ports.connections import Connection
from chat.ports.conversations import Change
from chat.ports.machine import Runtime

LATE_MS = 1000
"""After which a push is late: the objective of stacks/objectives.py is counted by it."""
_COUNTED = {
    EntryKind.OPENED: Metric.CONTACTS_OPENED,
    EntryKind.QUEUED: Metric.CONTACTS_QUEUED,
    EntryKind.ASSIGNED: Metric.CONTACTS_ASSIGNED,
    EntryKind.REOPENED: Metric.CONTACTS_REOPENED,
}


class Ledger:
    """Appends to logs, tells those who take part, and measures both."""

    def __init__(self, *, log: Log, delivery: Delivery, runtime: Runtime) -> None:
        self._log = log
        self._delivery = delivery
        self._parallel = runtime.parallel
        self._clock = runtime.clock
        self._journal = runtime.journal

    def write(
        self,
        origin: Origin,
        change: Decision,
        own: str | None = None,
        tells_again: Callable[[], bool] = lambda: True,
    ) -> Appended:
        """Append as `Log.append` does and raises, and push what is new to all connections but the one that asked.

        `own` is that connection: it is answered. `tells_again` is asked of what is repeated, and may raise.
        """
        appended = self._log.append(origin, change, self._listeners)
        is_repeated = appended.before is None and bool(appended.written)
        if is_repeated and not tells_again():
            return appended
        pushes = self._delivery.tell(appended.written, others(appended.connections, own))
        if appended.before:
            self._measure(appended.before, appended.written, pushes, by_rest=own is None)
        return appended

    def begin(self, change: Change, own: str | None, beside: Callable[[Entry], None]) -> Entry:
        """Begin a log as `Log.begin` does and raises, and tell everyone but `own`; the newest entry.

        `beside` does something else about it at the same time.
        """
        self._log.begin(change)
        newest = change.entries[-1]

        def tell() -> None:
            connections = others(self._delivery.participants(newest.state), own)
            self._measure(None, change.entries, self._delivery.tell_beginning(change.entries, connections))

        tasks: list[Callable[[], None]] = [partial(beside, newest), tell]
        self._parallel.run(tasks)
        return newest

    def _listeners(self, before: State, after: State) -> tuple[Connection, ...]:
        """Who takes part, and who did until now: a seller who gives a contact away learns of that, too."""
        told = (after,) if before.status is Status.CLOSED else (before, after)
        return self._delivery.participants(*told)

    def _measure(
        self, before: State | None, written: Sequence[Entry], pushes: Pushes, *, by_rest: bool = False
    ) -> None:
        values: dict[Metric, float] = {}
        for entry in written:
            values |= _measured(before, entry)
            before = entry.state
        if by_rest and Metric.VISITOR_MESSAGES in values:
            values[Metric.REST_MESSAGES] = values.pop(Metric.VISITOR_MESSAGES)
        if pushes.all:
            milliseconds = round(_seconds(written[-1].at, self._clock.now()) * 1000)
            values[Metric.PUSH_MS] = milliseconds
            if milliseconds > LATE_MS:
                values[Metric.LATE_PUSHES] = 1
            if pushes.gone:
                values[Metric.GONE_PUSHES] = pushes.gone
        self._journal.measure(values)


def _measured(before: State | None, entry: Entry) -> dict[Metric, float]:
    """What an entry tells of its contact, which was as `before`; None if it is the first one."""
    return dict(_told_by_message(before, entry) if entry.kind is EntryKind.MESSAGE else _told_by_move(before, entry))


def _told_by_move(before: State | None, entry: Entry) -> Iterator[tuple[Metric, float]]:
    if entry.kind in _COUNTED:
        yield _COUNTED[entry.kind], 1
    if _was_left(before, entry):
        yield Metric.CONTACTS_MOVED, 1
    if entry.kind is EntryKind.ASSIGNED and not (before and before.former):
        yield Metric.ASSIGNMENT_SECONDS, _since_opened(entry)
    if entry.kind is EntryKind.CLOSED and _is_unanswered(before) and entry.sender != entry.state.seller:
        yield Metric.CONTACTS_ABANDONED, 1


def _was_left(before: State | None, entry: Entry) -> bool:
    """Whether a contact was taken from a seller who has vanished."""
    reason = entry.details.get("reason")
    return reason == "lease" or (
        # A seller who hands a contact to a team of which nobody is there has not vanished.
        entry.sender == SYSTEM
        and before is not None
        and before.seller is not None
        and reason in {"away", "out_of_hours"}
    )


def _told_by_message(before: State | None, entry: Entry) -> Iterator[tuple[Metric, float]]:
    if entry.sender == alias_of(entry.contact_id):
        yield Metric.VISITOR_MESSAGES, 1
        return
    yield Metric.SELLER_MESSAGES, 1
    if _is_unanswered(before):
        yield Metric.FIRST_ANSWER_SECONDS, _since_opened(entry)


def _is_unanswered(state: State | None) -> bool:
    return state is not None and not state.heard_at


def _since_opened(entry: Entry) -> int:
    return round(_seconds(entry.state.opened_at, datetime.fromisoformat(entry.at)))


def _seconds(since: str, until: datetime) -> float:
    return (until - datetime.fromisoformat(since)).total_seconds()
