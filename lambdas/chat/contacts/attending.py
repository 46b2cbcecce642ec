"""What happens to contacts without anybody asking: leases run out, idle contacts close, the queue moves."""

from __future__ import annotations

from datetime import datetime, timedelta

from chat.contacts.lifecycle import Lifecycle
from chat.log import Log
from chat.model.entries import Entry, Status
from chat.model.identity import is_seller_id
from chat.ports.machine import Clock
from chat.team import Assignment, Queue, first_with_room

LONGEST_DELAY = timedelta(minutes=15)
"""SQS delays a message by 15 minutes at most."""
SOON = timedelta(seconds=1)
"""When to look again at a contact that went on while it was looked at."""
SETTLED = timedelta(seconds=5)
"""How long the indexes may lag behind their tables: who queues while a seller becomes free may be seen by nobody."""

SOONEST = timedelta(minutes=1)
"""How soon to look again at a contact that went on waiting; then at every doubling of the time."""
RECLAIMED = 5
"""For how many full sellers of a team one who begins to wait makes us look whether they are."""


class Attending:
    """Looks after contacts when events or timers say so."""

    def __init__(
        self,
        *,
        log: Log,
        lifecycle: Lifecycle,
        assignment: Assignment,
        queue: Queue,
        clock: Clock,
        lease_seconds: int,
        idle_seconds: int,
    ) -> None:
        self._log = log
        self._lifecycle = lifecycle
        self._assignment = assignment
        self._queue = queue
        self._clock = clock
        self._lease = timedelta(seconds=lease_seconds)
        self._idle = timedelta(seconds=idle_seconds)

    def room_may_be_free(self, contact_id: str, *people: str | None) -> timedelta | None:
        """A contact was closed, handed on or queued: see who waits for it or for any of the sellers among `people`.

        When to check up on the contact, which may have begun to wait a moment ago; None for not at all. Raises
        `ChatError`: `try_again`.
        """
        newest = self._log.find(contact_id)
        names = [newest.state.requested] if newest else []
        asked = [self._assignment.seller(each) for each in dict.fromkeys(people) if each and is_seller_id(each)]
        sellers = [seller for seller in asked if seller]
        for seller in sellers:
            names += [seller.id, seller.team]
        self._queue.drain(names, fresh=sellers)
        if newest and newest.state.status is Status.QUEUED and not self._assignment.needs_presence:
            self._reclaim(newest)
        if newest and newest.state.status is Status.CLOSED and newest.state.seller is None:
            # Whoever closed while he waited made a place free for those behind him.
            self._queue.tell_places(newest.state.requested)
        return SETTLED if newest and newest.state.status is Status.QUEUED else None

    def check(self, contact_id: str, since: int) -> timedelta | None:
        """Do what is due for a contact; when to check again, None for never. Raises `ChatError`: `try_again`.

        `since` is the number of the entry that gave it to a seller; where it was given to another one later, that
        begins check-ups of its own, and these end. Numbers, since clocks differ and step back.
        A contact that waits is given to who has room, and else looked at ever more rarely, however long: a visitor may
        wait all night for the shop to open.
        """
        newest = self._log.find(contact_id)
        if newest is None or newest.state.status is Status.CLOSED or newest.state.assigned_in > since:
            return None
        now = self._clock.now()
        if newest.state.status is Status.QUEUED:
            self._queue.drain((newest.state.requested,))
            # The index of the queue may still not show it, and nobody else will look again.
            return None if self._queue.give(contact_id) else _next_look(now - _moment(newest.at))
        idle_left = _moment(newest.at) + self._idle - now
        if idle_left <= timedelta():
            return None if self._lifecycle.close_idle(newest) else SOON
        lease_left = self._lease_left(newest, now)
        return None if lease_left is None else min(LONGEST_DELAY, idle_left, lease_left)

    def _reclaim(self, newest: Entry) -> None:
        """Where sellers send no heartbeats, whoever begins to wait makes us look for places that nobody gave back."""
        full = sorted(seller.id for seller in self._assignment.team(newest.state.requested) if not seller.has_room)
        # Not always the same ones of a large team.
        first = sum(newest.contact_id.encode()) % len(full) if full else 0
        chosen = [*full[first:], *full[:first]][:RECLAIMED]
        if sum(self._queue.reclaim(seller) for seller in chosen):
            self._queue.drain((newest.state.requested,))

    def _lease_left(self, newest: Entry, now: datetime) -> timedelta | None:
        """None if the contact moved on: its next assignment asks for check-ups of its own."""
        state = newest.state
        if state.answered or not state.claimed or state.seller is None or not self._assignment.needs_presence:
            return LONGEST_DELAY
        left = _moment(state.assigned_at) + self._lease - now
        if left > timedelta():
            return left
        seller = self._assignment.seller(state.seller)
        if seller is None or not seller.is_there(now):
            return None if self._move_on(newest) else SOON
        return self._lease

    def _move_on(self, newest: Entry) -> bool:
        """Give an unanswered contact of a seller who vanished to the next one, or back to the queue.

        False if something has happened in it meanwhile.
        """
        gone = newest.state.seller
        offers = self._assignment.outlook(self._queue.ask_for(newest), without=gone).offers
        moved = first_with_room(offers, lambda offer: self._lifecycle.take_from(newest, offer))
        return self._lifecycle.take_from(newest, None) if moved is None else moved


def _next_look(waited: timedelta) -> timedelta:
    return min(LONGEST_DELAY, max(SOONEST, waited))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
