"""Contacts that wait for a seller: oldest first, and moved on by events, never by polling."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from enum import Enum, auto

from chat.connections.delivery import Delivery, Parcel
from chat.ledger import Ledger
from chat.log import Draft, Log, Origin
from chat.model.entries import Entry, Kind, State, Status
from chat.model.identity import Principal, Role, reference_of
from chat.model.inbox import Head, Place
from chat.model.sellers import Seller
from chat.model.timestamps import iso
from chat.ports.conversations import Change, ConversationStore, Window
from chat.ports.errors import asking_to_retry
from chat.ports.machine import Runtime
from chat.ports.strategies import Ask
from chat.protocol.replies import QueuePushed, QueueView, encode
from chat.team.assignment import Assignment, Offer, first_with_room

LISTED = 100
"""How far a visitor's place is counted, and how many are looked at in one go."""
TOLD = 10
"""How many of those who go on waiting are told that they moved up."""


class _Outcome(Enum):
    """What became of a contact that was to be given to a seller."""

    GIVEN = auto()
    LEFT = auto()
    WAITS = auto()
    NO_ROOM = auto()


class Queue:
    """The queues of sellers and teams."""

    def __init__(
        self,
        *,
        store: ConversationStore,
        log: Log,
        ledger: Ledger,
        delivery: Delivery,
        assignment: Assignment,
        runtime: Runtime,
    ) -> None:
        self._store = store
        self._log = log
        self._ledger = ledger
        self._delivery = delivery
        self._assignment = assignment
        self._clock = runtime.clock
        self._ids = runtime.ids

    def has_waiting(self, requested: str) -> bool:
        """Whether anybody waits for this seller or team. Raises `ChatError`: `try_again`."""
        return bool(self._listed(requested, 1))

    def place_of(self, newest: Entry) -> QueueView | None:
        """A contact's place in its queue, counted up to one more than are listed; None if it does not wait.

        Raises `ChatError`: `try_again`.
        """
        if newest.state.status is not Status.QUEUED:
            return None
        requested = newest.state.requested
        waiting = [head.contact_id for head in self._listed(requested, LISTED)]
        # The index may lag behind the contact that asks.
        place = waiting.index(newest.contact_id) if newest.contact_id in waiting else len(waiting)
        return QueueView(place + 1, self._assignment.is_out_of_hours(requested))

    def drain(
        self, requested: Iterable[str], fresh: Iterable[Seller] = (), *, within: timedelta = timedelta.max
    ) -> int:
        """Give those who wait for any of these to sellers who have room; how many were given.

        `fresh` are sellers as they were just read, since the index lags behind. What is not done `within` a time is
        left to the next drain. Raises `ChatError`: `try_again`.
        """
        known = {seller.id: seller for seller in fresh}
        began = self._clock.now()
        return sum(
            self._drain(each, known, lambda: self._clock.now() - began > within) for each in dict.fromkeys(requested)
        )

    def tell_places(self, requested: str) -> None:
        """Tell the first of those who wait where they stand now. Raises `ChatError`: `try_again`."""
        self._tell_places(self._listed(requested, LISTED))

    def ask_for(self, newest: Entry) -> Ask:
        """The question who answers, for a contact that exists. Raises `ChatError`: `try_again`."""
        state = newest.state
        opened = self._log.page(newest.contact_id, 1, 1).entries
        details = opened[0].details if opened and opened[0].kind is Kind.OPENED else {}
        info, previous = details.get("user_info"), details.get("previous_seller")
        return Ask(
            contact_id=newest.contact_id,
            requested=state.requested,
            visitor=reference_of(state.visitor),
            user_info=info if isinstance(info, dict) else {},
            previous=state.seller or (previous if isinstance(previous, str) else None),
        )

    def _drain(self, requested: str, known: dict[str, Seller], is_late: Callable[[], bool]) -> int:
        given = 0
        waiting: list[Head] = []
        after: Place | None = None
        while batch := self._listed(requested, LISTED, after):
            after = batch[-1].place
            for place, head in enumerate(batch):
                outcome = _Outcome.NO_ROOM if is_late() else self._assign(head, known)
                if outcome is _Outcome.NO_ROOM:
                    return self._drained(given, [*waiting, *batch[place:]])
                if outcome is _Outcome.WAITS:
                    waiting.append(head)
                given += outcome is _Outcome.GIVEN
        return self._drained(given, waiting)

    def _drained(self, given: int, waiting: Sequence[Head]) -> int:
        if given:
            self._tell_places(waiting)
        return given

    def _assign(self, head: Head, known: dict[str, Seller]) -> _Outcome:
        newest = self._waiting(head)
        if newest is None:
            return _Outcome.LEFT
        outlook = self._assignment.outlook(self.ask_for(newest), fresh=known.values())

        def give(offer: Offer) -> _Outcome:
            try:
                return _Outcome.GIVEN if self._give(head.contact_id, offer) else _Outcome.LEFT
            finally:
                self._look_again(offer, known)

        without_room = _Outcome.NO_ROOM if outlook.offers or not outlook.has_room else _Outcome.WAITS
        return first_with_room(outlook.offers, give) or without_room

    def _waiting(self, head: Head) -> Entry | None:
        """The newest entry of a listed contact; None if it waits no longer."""
        newest = self._log.find(head.contact_id)
        if newest is None:
            # It expired or was erased while it waited, and nobody else would ever take it off the list.
            with asking_to_retry():
                self._store.retire(head)
        return newest if newest and newest.state.status is Status.QUEUED else None

    def _look_again(self, offer: Offer, known: dict[str, Seller]) -> None:
        # What was claimed here or by somebody else shows in the index too late for the next contact.
        if offer.claims and (seller := self._assignment.seller(offer.seller)):
            known[seller.id] = seller

    def _give(self, contact_id: str, offer: Offer) -> bool:
        """False if the contact waits no longer. Raises `SellerFullError`."""
        origin = Origin.of_system(contact_id, self._ids.new())

        def change(window: Window) -> Change | None:
            newest = window.newest
            if newest is None or newest.state.status is not Status.QUEUED:
                return None
            state = newest.state.given_to(offer.seller, iso(self._clock.now()), claimed=offer.claims)
            draft = Draft(Kind.ASSIGNED, state, details={"seller_id": offer.seller})
            return self._log.change(newest, origin, draft, claim=offer.claim)

        return bool(self._ledger.write(origin, change).written)

    def _tell_places(self, waiting: Sequence[Head]) -> None:
        told = 0
        for head in waiting:
            if told == TOLD:
                return
            # The index may still list who was given to a seller, or who left.
            if newest := self._waiting(head):
                told += 1
                self._tell_place(newest.state, head.contact_id, told)

    def _tell_place(self, state: State, contact_id: str, place: int) -> None:
        frame = encode(QueuePushed(contact_id=contact_id, position=place))
        connections = self._delivery.find([Principal(state.visitor, Role.VISITOR)])
        self._delivery.send([Parcel(connection, [frame]) for connection in connections])

    def _listed(self, requested: str, limit: int, after: Place | None = None) -> Sequence[Head]:
        with asking_to_retry():
            listed = self._store.inbox(requested, Status.QUEUED, limit, after)
        # DynamoDB orders those of one millisecond as it likes; everybody must see them in one order.
        return sorted(listed, key=lambda head: head.place)
