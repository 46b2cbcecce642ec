"""The log of a contact. Appending is compare-and-swap on the next number.

A writer reads the window from `base`, the sender's cursor at his first attempt, to the newest entry. If what he wants
to write is in there, it was written before: a retry is answered as the first attempt was. Otherwise he writes the next
number, if it is free. Whoever loses that race looks again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, TypeVar

from chat.entries import Change, Entry, Json, Kind, State, Window
from chat.errors import (
    ChatError,
    Code,
    NumberTakenError,
    StoreBusyError,
    StoreUnavailableError,
    asking_to_retry,
    forbidden,
    try_again,
)
from chat.identity import SYSTEM, Principal, Role
from chat.ports import Clock, ConversationStore, Parallel, Pause
from chat.timestamps import epoch_seconds, iso

T = TypeVar("T")
ATTEMPTS = 8


@dataclass(frozen=True)
class Origin:
    """Who causes an entry, and the id he gave it: at most one entry exists per origin.

    `device` is a visitor's device id: his name in a contact could be anybody's who knows the contact's id.
    """

    sender: str
    id: str
    device: str | None = None

    @classmethod
    def of(cls, person: Principal, contact_id: str, entry_id: str) -> Origin:
        """What `person` causes in a contact that he says is his."""
        device = person.user_id if person.role is Role.VISITOR else None
        return cls(person.name_in(contact_id), entry_id, device)

    def found_in(self, window: Window) -> Entry | None:
        """The entry that this origin caused before, if it is in the window."""
        found = window.find(self.sender, self.id)
        return found if found and self.device in {None, found.state.visitor} else None


@dataclass(frozen=True)
class Draft:
    """An entry without its number and time."""

    kind: Kind
    state: State
    text: str | None = None
    details: Mapping[str, Json] = field(default_factory=dict)
    by_system: bool = False


@dataclass(frozen=True)
class Appended(Generic[T]):
    """What an append led to.

    `entry` answers the origin, `written` is everything that is new, `beside` is what ran beside the write.
    """

    entry: Entry
    written: tuple[Entry, ...] = ()
    beside: T | None = None

    @property
    def is_repeat(self) -> bool:
        """Whether the origin had been written before."""
        return not self.written


class Log:
    """Reads and appends to the logs of contacts."""

    def __init__(
        self, *, store: ConversationStore, clock: Clock, pause: Pause, parallel: Parallel, retention_days: int
    ) -> None:
        self._store = store
        self._clock = clock
        self._pause = pause
        self._parallel = parallel
        self._retention = timedelta(days=retention_days)

    def latest(self, contact_id: str) -> Window:
        """The newest entry with head and marks.

        Raises `ChatError`: `forbidden` for no contact, `contact_expired` for an empty log, `try_again`.
        """
        with asking_to_retry():
            return _existing(self._store.latest(contact_id))

    def find(self, contact_id: str) -> Entry | None:
        """The newest entry; None for no contact and for an empty log. Raises `ChatError`: `try_again`."""
        with asking_to_retry():
            return self._store.latest(contact_id).newest

    def window(self, contact_id: str, base: int | None) -> Window:
        """Entries from `base` to the newest, or just the newest without a `base`.

        A `base` from which on nothing is there is not believed. Raises like `latest`.
        """
        if base is None:
            return self.latest(contact_id)
        with asking_to_retry():
            window = self._store.read(contact_id, max(base, 1))
        return window if window.entries else self.latest(contact_id)

    def page(self, contact_id: str, first: int, limit: int) -> Window:
        """Entries from number `first` on, at most `limit`; possibly none."""
        with asking_to_retry():
            return self._store.read(contact_id, first, limit)

    def append(
        self,
        contact_id: str,
        base: int | None,
        origin: Origin,
        change: Callable[[Window], Change],
        beside: Callable[[State], T],
    ) -> Appended[T]:
        """Append what `change` makes of the newest entries, once per origin, with `beside` running at the same time.

        `change` may raise a `ChatError`. Raises `try_again` when the store fails or the race is lost too often.
        """
        window = self.window(contact_id, base)
        for attempt in range(ATTEMPTS):
            if found := origin.found_in(window):
                # After a lost race it may be our own, written by a repeated put whose first answer was lost: push it.
                return Appended(found) if attempt == 0 else Appended(found, (found,), beside(found.state))
            wanted = change(window)
            if not wanted.entries:
                return Appended(_newest(window))
            try:
                return self._write(wanted, beside)
            except (NumberTakenError, StoreBusyError):
                self._pause.after_attempt(attempt)
            except StoreUnavailableError as error:
                raise try_again() from error
            window = self.window(contact_id, _newest(window).seq)
        raise try_again(retry_after_ms=1000)

    def entries(self, contact_id: str, after: int, origin: Origin, drafts: tuple[Draft, ...]) -> tuple[Entry, ...]:
        """Number and date drafts as the entries that follow `after`; the last one is the origin's."""
        now = self._clock.now()
        return tuple(
            Entry(
                contact_id=contact_id,
                seq=seq,
                kind=draft.kind,
                id=origin.id if seq == after + len(drafts) else f"{origin.id}.{draft.kind}",
                sender=SYSTEM if draft.by_system else origin.sender,
                at=iso(now),
                state=draft.state,
                expires_at=epoch_seconds(now + self._retention),
                text=draft.text,
                details=draft.details,
            )
            for seq, draft in enumerate(drafts, start=after + 1)
        )

    def _write(self, change: Change, beside: Callable[[State], T]) -> Appended[T]:
        def write() -> T | None:
            self._store.commit(change)
            return None

        _, found = self._parallel.run([write, lambda: beside(change.entries[-1].state)])
        return Appended(change.entries[-1], change.entries, found)


def _existing(window: Window) -> Window:
    if window.entries:
        return window
    if window.head:
        raise ChatError(Code.CONTACT_EXPIRED, "This contact is past its retention. Start a new one with InitChat.")
    raise forbidden()


def _newest(window: Window) -> Entry:
    assert window.newest is not None  # noqa: S101 - latest() and window() never return an empty window
    return window.newest
