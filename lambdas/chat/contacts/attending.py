"""What happens to contacts without anybody asking: leases run out, idle contacts close, the queue moves."""

from __future__ import annotations

from datetime import datetime, timedelta

from chat.contacts.lifecycle import Lifecycle
from chat.log import Log
from chat.model.entries import Entry, Status
from chat.model.identity import is_seller_id
from chat.model.settings import Settings
from chat.ports.check_ups import CheckUps
from chat.ports.machine import Clock
from chat.team import Assignment, Queue, first_with_room

SOON = timedelta(seconds=10)
"""When to look again at a contact that went on while it was looked at."""
SETTLED = timedelta(seconds=5)
"""How long the indexes may lag behind their tables: who queues while a seller becomes free may be seen by nobody."""

SOONEST = timedelta(minutes=1)
"""How soon to look again at a contact that went on waiting; then at every doubling of the time."""
RAREST = timedelta(minutes=15)
"""How rarely a contact that waits is looked at in the end."""
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
        check_ups: CheckUps,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._log = log
        self._lifecycle = lifecycle
        self._assignment = assignment
        self._queue = queue
        self._check_ups = check_ups
        self._clock = clock
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._idle = timedelta(seconds=settings.idle_seconds)

    def room_may_be_free(self, contact_id: str, *people: str | None) -> timedelta | None:
        """A contact was closed, handed on or queued: see who waits for it or for any of the sellers among `people`.

        When to see once more, since the contact has begun to wait a moment ago; None for not at all. Raises
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

    def attend(self, contact_id: str) -> None:
        """Do what is due for a contact, and see that its one check-up comes when the next thing is due.

        It may be called at any time and any number of times. Raises `ChatError`: `try_again`.
        """
        newest = self._log.find(contact_id)
        again = self._look(newest)
        if again is None:
            self._check_ups.remove(contact_id)
            # Whoever reopened it meanwhile asked for the very check-up that was just removed.
            again = SOON if self._unclosed(contact_id) else None
        if again is not None:
            self._check_ups.put(contact_id, self._clock.now() + again)
            if newest and self._unclosed(contact_id) not in (None, newest):
                # What came since may be due earlier, and the check-up asked for it may be the one just put off.
                self._check_ups.put(contact_id, self._clock.now() + min(again, SOON))

    def check(self, contact_id: str) -> timedelta | None:
        """Do what is due for a contact; when the next thing is due, None for never. Raises `ChatError`: `try_again`.

        A contact that waits is given to who has room, and else looked at ever more rarely, however long: a visitor may
        wait all night for the shop to open.
        """
        return self._look(self._log.find(contact_id))

    def _look(self, newest: Entry | None) -> timedelta | None:
        if newest is None or newest.state.status is Status.CLOSED:
            return None
        now = self._clock.now()
        if newest.state.status is Status.QUEUED:
            self._queue.drain((newest.state.requested,))
            # The index of the queue may still not show it, and nobody else will look again.
            return SOONEST if self._queue.give(newest.contact_id) else _next_look(now - _moment(newest.at))
        idle_left = _moment(newest.at) + self._idle - now
        if idle_left <= timedelta():
            return None if self._lifecycle.close_idle(newest) else SOON
        return min(idle_left, self._lease_left(newest, now))

    def _unclosed(self, contact_id: str) -> Entry | None:
        """The newest entry of a contact that goes on."""
        newest = self._log.find(contact_id)
        return None if newest is None or newest.state.status is Status.CLOSED else newest

    def _reclaim(self, newest: Entry) -> None:
        """Where sellers send no heartbeats, whoever begins to wait makes us look for places that nobody gave back."""
        full = sorted(seller.id for seller in self._assignment.team(newest.state.requested) if not seller.has_room)
        # Not always the same ones of a large team.
        first = sum(newest.contact_id.encode()) % len(full) if full else 0
        chosen = [*full[first:], *full[:first]][:RECLAIMED]
        if sum(self._queue.reclaim(seller) for seller in chosen):
            self._queue.drain((newest.state.requested,))

    def _lease_left(self, newest: Entry, now: datetime) -> timedelta:
        state = newest.state
        if state.answered or not state.claimed or state.seller is None or not self._assignment.needs_presence:
            return timedelta.max
        left = _moment(state.assigned_at) + self._lease - now
        if left > timedelta():
            return left
        seller = self._assignment.seller(state.seller)
        if seller is None or not seller.is_there(now):
            return SOONEST if self._move_on(newest) else SOON
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
    return min(RAREST, max(SOONEST, waited))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
