"""What happens to contacts without anybody asking: leases run out, idle contacts close, the queue moves."""

from __future__ import annotations

from datetime import timedelta

from chat.contacts.holding import SETTLED, SOON, SOONEST, Holding, moment, next_look
from chat.log import Log
from chat.model.entries import Entry, Status
from chat.model.identity import is_seller_id
from chat.model.sellers import Seller
from chat.ports.check_ups import CheckUps
from chat.ports.conversations import Excerpt
from chat.ports.machine import Clock
from chat.team import Assignment, Queue, WaitingLine

LOOKED_AT = 2
"""How many of those who have said nothing for longest are looked at because somebody begins to wait."""
LONG = timedelta(days=3)
"""After which it is seen to that nothing beside a contact that goes on expires before it."""
RECLAIMED = 5
"""For how many full sellers of a team one who begins to wait makes us look whether they are."""


class Attending:
    """Looks after contacts when events or timers say so."""

    def __init__(
        self,
        *,
        log: Log,
        holding: Holding,
        assignment: Assignment,
        queue: Queue,
        waiting_line: WaitingLine,
        check_ups: CheckUps,
        clock: Clock,
    ) -> None:
        self._log = log
        self._holding = holding
        self._assignment = assignment
        self._queue = queue
        self._waiting_line = waiting_line
        self._check_ups = check_ups
        self._clock = clock

    def room_may_be_free(self, contact_id: str, *people: str | None) -> timedelta | None:
        """A contact was closed, handed on or queued: see who waits for it or for any of the sellers among `people`.

        When to see once more, since the contact has begun to wait a moment ago; None for not at all. Raises
        `ChatError`: `try_again`.
        """
        newest = self._log.find(contact_id)
        names = [newest.state.asked] if newest else []
        asked = [self._assignment.seller(each) for each in dict.fromkeys(people) if each and is_seller_id(each)]
        sellers = [seller for seller in asked if seller]
        for seller in sellers:
            names += [seller.id, seller.team]
        self._queue.drain(names, fresh=sellers)
        if newest and newest.state.status is Status.QUEUED:
            self._make_room(newest)
        if newest and newest.state.status is Status.CLOSED and newest.state.seller is None:
            # A visitor who closed while waiting made a place free for those behind.
            self._queue.tell_places(newest.state.asked)
        return SETTLED if newest and newest.state.status is Status.QUEUED else None

    def came_back(self, contact_id: str, seq: int) -> None:
        """A contact was reopened by its entry `seq`. Raises `ChatError`: `try_again`."""
        self._holding.came_back(contact_id, seq)

    def queue_has_changed(self, contact_id: str, *, is_taken: bool = False) -> None:
        """A contact began or ceased to wait: its team is told. Those behind one who `is_taken` by a seller move up.

        Raises `ChatError`: `try_again`.
        """
        self._waiting_line.tell(contact_id)
        if is_taken and (newest := self._log.find(contact_id)):
            self._queue.tell_places(newest.state.asked)

    def attend(self, contact_id: str) -> None:
        """Do what is due for a contact, and see that its one check-up comes when the next thing is due.

        It may be called at any time and any number of times. Raises `ChatError`: `try_again`.
        """
        end = self._log.end(contact_id)
        newest, again = end.newest, self._look(end)
        if again is None:
            self._check_ups.remove(contact_id)
            # A person who reopened it meanwhile asked for the very check-up that was just removed.
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
        return self._look(self._log.end(contact_id))

    def _look(self, end: Excerpt) -> timedelta | None:
        newest = end.newest
        if newest is None or newest.state.status is Status.CLOSED:
            return None
        idle_left = self._holding.idle_left(end)
        if idle_left <= timedelta():
            return self._holding.close(end)
        waits = newest.state.status is Status.QUEUED
        if self._clock.now() - moment(newest.state.opened_at) > LONG:
            self._log.keep_beside(newest)
        return min(idle_left, self._look_at_waiting(newest) if waits else self._holding.look(end))

    def _look_at_waiting(self, newest: Entry) -> timedelta:
        # The indexes may still show neither it nor who has room, and nobody else will look again.
        return SOONEST if self._queue.serve(newest) else next_look(self._clock.now() - moment(newest.at))

    def _unclosed(self, contact_id: str) -> Entry | None:
        """The newest entry of a contact that goes on."""
        newest = self._log.find(contact_id)
        return None if newest is None or newest.state.status is Status.CLOSED else newest

    def _make_room(self, newest: Entry) -> None:
        """A contact that begins to wait makes us look for places that are kept in vain."""
        if newest.state.parked_at and not newest.state.spoken:
            return
        chosen = self._full_sellers(newest)
        # Elsewhere heartbeats see to it.
        forgotten = 0 if self._assignment.needs_presence else sum(map(self._queue.reclaim, chosen))
        if forgotten:
            self._queue.drain((newest.state.asked,))
        for silent in self._queue.silent_with([seller.id for seller in chosen])[:LOOKED_AT]:
            self.attend(silent.contact_id)

    def _full_sellers(self, newest: Entry) -> list[Seller]:
        team = self._assignment.team(newest.state.asked)
        full = sorted((seller for seller in team if not seller.has_room), key=lambda seller: seller.id)
        # Not always the same ones of a large team.
        first = sum(newest.contact_id.encode()) % len(full) if full else 0
        return [*full[first:], *full[:first]][:RECLAIMED]
