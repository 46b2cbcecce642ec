"""How a contact moves to another seller and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from chat.connections.delivery import Delivery, others
from chat.log import Draft, Log, Origin
from chat.model.entries import Entry, Json, Kind, State, Status
from chat.model.errors import ChatError, Code, forbidden, unknown_seller
from chat.model.identity import SYSTEM, Principal, Role, is_seller_id
from chat.model.inbox import Head
from chat.model.timestamps import iso
from chat.ports.conversations import Change, Window
from chat.ports.errors import SellerFullError
from chat.ports.machine import Clock, Ids
from chat.team import Assignment, Offer


@dataclass(frozen=True)
class Move:
    """What somebody wants of a contact; an `id` repeated with its `base` is answered as the first time."""

    by: Principal
    contact_id: str
    id: str | None = None
    base: int | None = None
    connection_id: str | None = None


@dataclass(frozen=True)
class Step:
    """The entry that a move leads to, and whose capacity it takes up or gives back.

    `waits_since` is the place in the queue, where it is not the last.
    """

    kind: Kind
    state: State
    details: Mapping[str, Json] = field(default_factory=dict)
    claim: str | None = None
    release: str | None = None
    waits_since: str | None = None


class Lifecycle:
    """Closes and transfers contacts; both are entries of the log."""

    def __init__(self, *, log: Log, delivery: Delivery, assignment: Assignment, clock: Clock, ids: Ids) -> None:
        self._log = log
        self._delivery = delivery
        self._assignment = assignment
        self._clock = clock
        self._ids = ids

    def close(self, move: Move) -> Entry:
        """End a contact; one that is closed stays as it is.

        Raises `ChatError`: `forbidden`, `contact_expired`, `try_again`.
        """
        origin = Origin.of(move.by, move.contact_id, move.id or self._ids.new(), Kind.CLOSED)
        return self._move(
            move.contact_id,
            move.base,
            origin,
            _admitting(move.by, lambda newest: _closed(newest.state)),
            move.connection_id,
        )

    def transfer(self, move: Move, to: str) -> Entry:
        """Hand a contact to another seller.

        Raises `ChatError`: `forbidden` unless its seller asks, `unknown_seller` for who is neither registered nor
        connected, `seller_full`, `contact_closed`, `try_again`.
        """
        if move.by.role is not Role.SELLER:
            raise forbidden()
        if not is_seller_id(to):
            raise unknown_seller("to")
        offer = self._assignment.offer_to(to)
        if offer is None:
            raise unknown_seller("to")
        origin = Origin.of(move.by, move.contact_id, move.id or self._ids.new(), Kind.TRANSFERRED)
        step = _admitting(move.by, lambda newest: self._transferred(newest.state, offer))
        try:
            return self._move(move.contact_id, move.base, origin, step, move.connection_id)
        except SellerFullError as error:
            raise ChatError(Code.SELLER_FULL, "That seller has no room for one more contact.", field="to") from error

    def close_idle(self, seen: Entry) -> bool:
        """End a contact; False if something has happened since `seen`. Raises `ChatError`: `try_again`."""
        return self._unless_it_went_on(seen, lambda state: _closed(state, "idle"))

    def take_from(self, seen: Entry, offer: Offer | None) -> bool:
        """Give a contact to another seller, or back to the queue; False if something has happened since `seen`.

        Raises `SellerFullError`, and `ChatError`: `try_again`.
        """
        return self._unless_it_went_on(seen, lambda state: self._taken(state, offer))

    def _unless_it_went_on(self, seen: Entry, step: Callable[[State], Step | None]) -> bool:
        origin = Origin(SYSTEM, self._ids.new())
        written = self._move(
            seen.contact_id, None, origin, lambda newest: step(newest.state) if newest.seq == seen.seq else None, None
        )
        return written.id == origin.id

    def _move(
        self,
        contact_id: str,
        base: int | None,
        origin: Origin,
        step: Callable[[Entry], Step | None],
        connection_id: str | None,
    ) -> Entry:
        def change(window: Window) -> Change:
            newest = window.newest
            if newest is None:
                raise forbidden()
            wanted = step(newest)
            if wanted is None:
                return Change(())
            draft = Draft(wanted.kind, wanted.state, details=wanted.details)
            entries = self._log.entries(newest.contact_id, newest, origin, (draft,))
            head = Head.after(entries[-1])
            if wanted.waits_since:
                head = replace(head, since=wanted.waits_since)
            return Change(entries, head=head, claim=wanted.claim, release=wanted.release)

        # Who takes part no longer is told, too.
        appended = self._log.append(contact_id, base, origin, change, self._delivery.participants)
        self._delivery.tell(appended.written, others(appended.beside or (), connection_id))
        return appended.entry

    def _transferred(self, state: State, offer: Offer) -> Step | None:
        if state.status is Status.CLOSED:
            raise ChatError(Code.CONTACT_CLOSED, "This contact is closed; there is nothing to transfer.")
        if state.seller == offer.seller:
            return None
        if not offer.claims and not self._delivery.find([Principal(offer.seller, Role.SELLER)]):
            # Most likely a slip of the pen, which would leave the visitor with nobody.
            raise unknown_seller("to")
        return self._given(state, offer, {"seller_id": offer.seller})

    def _taken(self, state: State, offer: Offer | None) -> Step:
        if offer is None:
            # He has waited longer than everybody who came since he was given to the one who vanished.
            return Step(
                Kind.QUEUED,
                state.waiting(),
                {"reason": "lease"},
                release=_claimed_by(state),
                waits_since=state.assigned_at,
            )
        return self._given(state, offer, {"seller_id": offer.seller, "reason": "lease"})

    def _given(self, state: State, offer: Offer, details: Mapping[str, Json]) -> Step:
        given = state.given_to(offer.seller, iso(self._clock.now()), claimed=offer.claims)
        claim = offer.seller if offer.claims else None
        return Step(Kind.TRANSFERRED, given, details, claim, release=_claimed_by(state))


def _admitting(person: Principal, step: Callable[[Entry], Step | None]) -> Callable[[Entry], Step | None]:
    def admitted(newest: Entry) -> Step | None:
        if not newest.state.admits(person):
            raise forbidden()
        return step(newest)

    return admitted


def _closed(state: State, reason: str | None = None) -> Step | None:
    if state.status is Status.CLOSED:
        return None
    details: dict[str, Json] = {"reason": reason} if reason else {}
    return Step(Kind.CLOSED, replace(state, status=Status.CLOSED, claimed=False), details, release=_claimed_by(state))


def _claimed_by(state: State) -> str | None:
    return state.seller if state.claimed else None
