"""Who may keep a seller's place: not for who vanished, not in silence, and while others wait only for two who talk."""

from __future__ import annotations

from datetime import datetime, timedelta

from chat.connections.delivery import Delivery
from chat.contacts.lifecycle import Lifecycle
from chat.model.entries import Entry, State, Status
from chat.model.identity import Principal, Role
from chat.model.inbox import Snooze
from chat.model.sellers import Seller
from chat.model.settings import Settings
from chat.model.timestamps import iso
from chat.ports.conversations import Excerpt
from chat.ports.machine import Clock
from chat.team import Assignment, Queue, first_with_room

SOON = timedelta(seconds=10)
"""When to look again at a contact that went on while it was looked at, or whose visitor may leave any moment."""
SETTLED = timedelta(seconds=5)
"""How long the indexes may lag behind their tables: who queues while a seller becomes free may be seen by nobody."""
SOONEST = timedelta(minutes=1)
"""How soon to look again at a contact that went on waiting; then at every doubling of the time."""
RAREST = timedelta(minutes=15)
"""How rarely a contact that waits is looked at in the end."""
KEPT = timedelta(days=3)
"""How long a contact that came back after a snooze stays for its seller to look at: over a weekend."""
SILENT = timedelta(minutes=1)
"""How long a visitor who says nothing may keep a seller from somebody else."""


class Holding:
    """Takes places from contacts that keep them in vain."""

    def __init__(
        self,
        *,
        lifecycle: Lifecycle,
        delivery: Delivery,
        assignment: Assignment,
        queue: Queue,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._lifecycle = lifecycle
        self._delivery = delivery
        self._assignment = assignment
        self._queue = queue
        self._clock = clock
        self._idle = timedelta(seconds=settings.idle_seconds)
        self._lease = timedelta(seconds=settings.lease_seconds)

    def idle_left(self, end: Excerpt) -> timedelta:
        """How long a contact may go on like this, told the end of its log; not above zero: no longer.

        Who waits may be silent for ever, but for who lost a seller by it, and so may what its seller has put away.
        """
        newest, snooze = end.entries[-1], end.snooze
        state, left, back_at = newest.state, timedelta.max, self._back_at(snooze)
        if state.status is Status.OPEN:
            left = self._idle - self._passed_since(max(newest.at, back_at))
        if snooze and snooze.is_away:
            # Nobody is called when it ends before its time.
            return min(left, self._idle)
        if state.parked_at and not state.spoken:
            left = min(left, self._idle - self._passed_since(max(state.parked_at, back_at)))
        return left

    def close(self, end: Excerpt) -> timedelta | None:
        """Close an idle contact; when to look again if it went on. Raises `ChatError`: `try_again`."""
        return None if self._lifecycle.close_idle(end) else SOON

    def came_back(self, contact_id: str, seq: int) -> None:
        """Take the place of a contact from a visitor who was blocked as they reopened it, told the number of that.

        Raises `ChatError`: `try_again`.
        """
        self._lifecycle.look_back_at(contact_id, seq)

    def look(self, end: Excerpt) -> timedelta:
        """Give back the place of a seller that is kept in vain; when to look again. Raises `ChatError`: `try_again`."""
        state = end.entries[-1].state
        if not state.claimed or state.seller is None:
            return timedelta.max
        seller = self._assignment.seller(state.seller)
        if self._has_vanished(state, seller):
            return SOONEST if self._move_on(end) else SOON
        place_left = self._place_left(end, seller) if seller else timedelta.max
        return min(self._lease_left(state), place_left)

    def _back_at(self, snooze: Snooze | None) -> str:
        """When a contact that was put away is with its seller again (ISO 8601); empty if it was not put away.

        Until they have looked at it that is now: they may have signed out hours before its time.
        """
        if snooze is None:
            return ""
        kept_to = iso(moment(snooze.until) + KEPT)
        return snooze.woken_at or max(snooze.until, min(iso(self._clock.now()), kept_to))

    def _passed_since(self, time: str) -> timedelta:
        return self._clock.now() - moment(time)

    def _lease_left(self, state: State) -> timedelta:
        if state.answered or not self._assignment.needs_presence:
            return timedelta.max
        left = self._lease - self._passed_since(state.assigned_at)
        return left if left > timedelta() else self._lease

    def _has_vanished(self, state: State, seller: Seller | None) -> bool:
        """Whether a seller who has not answered within the lease is not there any more."""
        if state.answered or not self._assignment.needs_presence or self._passed_since(state.assigned_at) < self._lease:
            return False
        return seller is None or not seller.is_there(self._clock.now())

    def _move_on(self, end: Excerpt) -> bool:
        """Give an unanswered contact of a seller who vanished to the next one, or back to the queue.

        False if something has happened in it meanwhile.
        """
        newest = end.entries[-1]
        gone = newest.state.seller
        outlook = self._assignment.outlook(self._queue.ask_for(newest), without=gone)
        if outlook.offers and self._lifecycle.is_barred(newest):
            return self._lifecycle.close_barred(end)
        moved = first_with_room(outlook.offers, lambda offer: self._lifecycle.take_from(end, offer))
        if moved is not None:
            return moved
        # Visitors are told that it may take until tomorrow.
        is_long = outlook.out_of_hours or outlook.is_nobody_there
        return self._lifecycle.take_from(end, None, outlook.reason if is_long else "lease")

    def _place_left(self, end: Excerpt, seller: Seller) -> timedelta:
        state, snooze = end.entries[-1].state, end.snooze
        if not state.spoken and not (snooze and snooze.is_away):
            return self._look_at_silent(end, seller)
        unheard = self._passed_since(max(state.assigned_at, state.heard_at, self._back_at(snooze)))
        if unheard < self._idle:
            return self._idle - unheard
        if not self._queue.others_wait_for(seller):
            return next_look(unheard - self._idle)
        return SOONEST if self._lifecycle.close_idle(end) else SOON

    def _look_at_silent(self, end: Excerpt, seller: Seller) -> timedelta:
        newest = end.entries[-1]
        held = self._passed_since(newest.state.assigned_at)
        left = SILENT - held
        # Nobody waits for who has room, or not for long.
        if seller.has_room or not self._queue.others_wait_for(seller, _since_when(newest.state)):
            return left if left > timedelta() else SOONEST
        if left > timedelta() and not self._has_left(newest, held):
            return min(left, SOON)
        if not self._lifecycle.park(end):
            return SOON
        if fresh := self._assignment.seller(seller.id):
            # Who has just lost the place would be given it again, were theirs the first queue.
            names = sorted((seller.team, seller.id), key=lambda name: name == newest.state.asked)
            self._queue.drain(names, fresh=[fresh])
        return SOONEST

    def _has_left(self, newest: Entry, held: timedelta) -> bool:
        # The index of connections may not show yet who has just come.
        visitor = Principal(newest.state.visitor, Role.VISITOR)
        return held >= SETTLED and not self._delivery.find([visitor])


def _since_when(state: State) -> str:
    """Since when others wait to whom who says nothing gives way: those who waited before and were passed over do not
    want the seller, or the strategy does not want them."""
    return iso(moment(state.assigned_at) - SETTLED) if state.parked_at else ""


def next_look(waited: timedelta) -> timedelta:
    """When to look again at what goes on waiting: ever more rarely."""
    return min(RAREST, max(SOONEST, waited))


def moment(text: str) -> datetime:
    """A time that was stored in ISO 8601."""
    return datetime.fromisoformat(text)
