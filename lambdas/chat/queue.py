"""Contacts that wait for a seller: oldest first, and moved on by events, never by polling."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from chat.assignment import Assignment, Offer
from chat.delivery import Delivery, Parcel
from chat.entries import Change, Entry, Head, Kind, State, Status, Window
from chat.errors import ChatError, Code, SellerFullError, StoreBusyError, StoreUnavailableError, try_again
from chat.identity import SYSTEM, Principal, Role, reference_of
from chat.log import Draft, Log, Origin
from chat.ports import Clock, ConversationStore, Ids
from chat.replies import QueuePushed, encode, pushed
from chat.strategies import Ask
from chat.timestamps import iso

T = TypeVar("T")
LISTED = 100
"""How far a visitor's place is counted, and how many are looked at in one go."""
TOLD = 10
"""How many of those who go on waiting are told that they moved up."""


class Queue:
    """The queues of sellers and teams."""

    def __init__(
        self,
        *,
        store: ConversationStore,
        log: Log,
        assignment: Assignment,
        delivery: Delivery,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._store = store
        self._log = log
        self._assignment = assignment
        self._delivery = delivery
        self._clock = clock
        self._ids = ids

    def has_waiting(self, requested: str) -> bool:
        """Whether anybody waits for this seller or team. Raises `ChatError`: `try_again`."""
        return bool(self._listed(requested, 1))

    def place_of(self, newest: Entry) -> int | None:
        """A contact's place in its queue, from 1, counted up to one more than are listed; None if it does not wait.

        Raises `ChatError`: `try_again`.
        """
        if newest.state.status is not Status.QUEUED:
            return None
        waiting = [head.contact_id for head in self._listed(newest.state.requested, LISTED)]
        return waiting.index(newest.contact_id) + 1 if newest.contact_id in waiting else len(waiting) + 1

    def drain(self, requested: Iterable[str]) -> int:
        """Give those who wait for any of these to sellers who have room; how many were given.

        Raises `ChatError`: `try_again`.
        """
        return sum(self._drain(each) for each in dict.fromkeys(requested))

    def _drain(self, requested: str) -> int:
        given = 0
        waiting = list(self._listed(requested, LISTED))
        while waiting:
            assigned = self._assign(waiting[0])
            if assigned is None:
                break
            given += assigned
            waiting.pop(0)
        if given:
            self._tell_places(waiting[:TOLD])
        return given

    def _assign(self, head: Head) -> int | None:
        """1 if the contact was given to a seller, 0 if it waits no longer, None if nobody has room."""
        try:
            newest = self._log.latest(head.contact_id).newest
        except ChatError as error:
            if error.code in {Code.CONTACT_EXPIRED, Code.FORBIDDEN}:
                return 0
            raise
        if newest is None or newest.state.status is not Status.QUEUED:
            return 0
        for offer in self._offers(newest):
            try:
                return self._give(head.contact_id, offer)
            except SellerFullError:
                continue
        return None

    def _offers(self, newest: Entry) -> Sequence[Offer]:
        try:
            return self._assignment.outlook(ask_of(newest)).offers
        except ChatError as error:
            # Everyone behind that name has left since; the contact goes on waiting.
            if error.code is Code.UNKNOWN_SELLER:
                return ()
            raise

    def _give(self, contact_id: str, offer: Offer) -> int:
        origin = Origin(SYSTEM, self._ids.new())

        def change(window: Window) -> Change:
            newest = window.newest
            if newest is None or newest.state.status is not Status.QUEUED:
                return Change(())
            state = newest.state.given_to(offer.seller, iso(self._clock.now()), claimed=offer.claims)
            draft = Draft(Kind.ASSIGNED, state, details={"seller_id": offer.seller})
            entries = self._log.entries(contact_id, newest.seq, origin, (draft,))
            return Change(entries, head=Head.after(entries[-1]), claim=offer.seller if offer.claims else None)

        appended = self._log.append(contact_id, None, origin, change, self._delivery.participants)
        self._delivery.send(
            [
                Parcel(connection, encode(pushed(entry)))
                for entry in appended.written
                for connection in appended.beside or ()
            ]
        )
        return len(appended.written)

    def _tell_places(self, waiting: Sequence[Head]) -> None:
        for place, head in enumerate(waiting, start=1):
            try:
                newest = self._log.latest(head.contact_id).newest
            except ChatError:
                continue
            if newest and newest.state.status is Status.QUEUED:
                self._tell_place(newest.state, head.contact_id, place)

    def _tell_place(self, state: State, contact_id: str, place: int) -> None:
        frame = encode(QueuePushed(contact_id=contact_id, position=place))
        connections = self._delivery.find([Principal(state.visitor, Role.VISITOR)])
        self._delivery.send([Parcel(connection, frame) for connection in connections])

    def _listed(self, requested: str, limit: int) -> Sequence[Head]:
        return _answered(lambda: self._store.inbox(requested, Status.QUEUED, limit))


def ask_of(newest: Entry) -> Ask:
    """The question who answers, for a contact that exists."""
    state = newest.state
    visitor = Principal(state.visitor, Role.VISITOR)
    return Ask(newest.contact_id, state.requested, reference_of(visitor), {}, previous=state.seller)


def _answered(read: Callable[[], T]) -> T:
    try:
        return read()
    except (StoreBusyError, StoreUnavailableError) as error:
        raise try_again() from error
