"""What was said last in each contact of a list, and who waits there: read at its log's end, and kept nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from chat.log import Log
from chat.model.entries import Entry, EntryKind, Status
from chat.model.identity import Role, alias_of
from chat.model.inbox import Line, Listing
from chat.ports.conversations import Excerpt
from chat.ports.machine import Parallel


class Lines:
    """Makes lines of logs' ends, and of up to two more requests for each end that does not say it all."""

    def __init__(self, *, log: Log, parallel: Parallel) -> None:
        self._log = log
        self._parallel = parallel

    def of(self, listings: Sequence[Listing], ends: Sequence[Excerpt]) -> list[Line | None]:
        """The line of each, by the end of its log.

        None where nothing is left, where it is somebody else's by now, and of what is too old.

        Raises `ChatError`: `try_again`.
        """
        return self._parallel.run([partial(self._line, *each) for each in zip(listings, ends, strict=True)])

    def _line(self, listing: Listing, excerpt: Excerpt) -> Line | None:
        newest = excerpt.newest
        # A list lags behind the log, and whose a contact was before is not to be told what is said there now.
        if newest is None or newest.state.talk is None or Listing.after(newest).owner != listing.owner:
            return None
        talk, state = newest.state.talk, newest.state
        return Line(
            name=talk.name,
            tail=newest.seq,
            at=newest.at,
            read=excerpt.mark(Role.SELLER).read,
            message=self._entry_at(listing.contact_id, talk.said, newest) if talk.said else None,
            unread=self._unread(excerpt, newest, talk.asked),
            waits_since="" if state.status is Status.CLOSED else talk.since or _called_at(newest),
            is_answered=bool(state.heard_at),
        )

    def _unread(self, excerpt: Excerpt, newest: Entry, asked: int) -> int:
        read = excerpt.mark(Role.SELLER).read
        if asked == 0 or read >= newest.seq:
            return 0
        seen = self._first_from(newest.contact_id, read, newest) if read else None
        if seen is None or seen.state.talk is None:
            return asked
        is_unseen = seen.seq > read and seen.kind is EntryKind.MESSAGE and seen.sender == alias_of(seen.contact_id)
        return asked - seen.state.talk.asked + is_unseen

    def _entry_at(self, contact_id: str, seq: int, newest: Entry) -> Entry | None:
        found = self._first_from(contact_id, seq, newest)
        return found if found and found.seq == seq else None

    def _first_from(self, contact_id: str, seq: int, newest: Entry) -> Entry | None:
        return newest if seq == newest.seq else self._log.page(contact_id, seq, 1).newest


def _called_at(newest: Entry) -> str:
    """Since when a seller is called in whose contact nothing was said."""
    state = newest.state
    return "" if state.heard_at else state.assigned_at or state.opened_at
