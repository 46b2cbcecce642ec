"""What becomes of a closed contact in which somebody writes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chat.contacts.lifecycle import Lifecycle
from chat.limits import Openings
from chat.log import Draft, Log
from chat.model.entries import Entry, EntryKind, State, Status
from chat.model.errors import ChatError, Code
from chat.model.identity import SYSTEM, Role, Sender
from chat.model.sellers import Seller
from chat.model.settings import Settings
from chat.model.timestamps import iso
from chat.ports.machine import Clock
from chat.team import Assignment, Offer, Outlook, Queue


@dataclass(frozen=True)
class Reopened:
    """What a message to a closed contact is preceded by, the conversation after it, and whose capacity it takes up."""

    before: tuple[Draft, ...]
    state: State
    claim: str | None = None


class Reopening:
    """Reopens contacts: for the seller who had them, for whom the strategy wants, or for the queue."""

    def __init__(
        self,
        *,
        log: Log,
        lifecycle: Lifecycle,
        assignment: Assignment,
        queue: Queue,
        openings: Openings,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._log = log
        self._lifecycle = lifecycle
        self._assignment = assignment
        self._queue = queue
        self._openings = openings
        self._clock = clock
        self._is_allowed = settings.reopens_closed

    def reopen(self, newest: Entry, state: State, by: Sender, *, keeps_seller: bool) -> Reopened:
        """Reopen a contact whose `newest` entry closed it, in a `state` that counts what is written now.

        A visitor comes behind those who wait, as with a new one. Raises `ChatError`: `contact_closed`, `blocked`,
        `slow_down`, `unknown_seller`, `try_again`.
        """
        if not self._is_allowed:
            raise ChatError(Code.CONTACT_CLOSED, "This contact is closed. Start a new one with InitChat.")
        role = by.principal.role
        if role is Role.VISITOR:
            self._openings.admit(f"{newest.contact_id}/{newest.seq}", by, is_known=True)
            return self._for_visitor(newest, state) if keeps_seller else _for_queue(state)
        offer = self._assignment.offer_to(state.seller) if keeps_seller and state.seller else None
        if offer is None:
            raise ChatError(Code.UNKNOWN_SELLER, "You are not registered here any more.")
        return self._for_seller(state, offer, role)

    def look_back(self, before: State | None, newest: Entry, by: Sender) -> None:
        """End again what a visitor has reopened who was blocked at that very moment. Raises `ChatError`: `try_again`.

        The seller who blocked them may have found it closed. What waits is looked at when its turn comes. `before` is
        None for what is repeated, of which the first attempt may have died before it came here.
        """
        if by.principal.role is not Role.VISITOR or newest.state.status is not Status.OPEN:
            return
        is_back = before.status is Status.CLOSED if before else self._lifecycle.is_barred(newest)
        if is_back and (before or self._reopened(newest)):
            self._lifecycle.turn_away(newest)

    def _reopened(self, said: Entry) -> bool:
        """Whether a message was written together with what reopened its contact."""
        before = self._log.page(said.contact_id, said.seq - 1, 1).entries
        return any(each.sender == SYSTEM and each.id == f"{said.id}.{each.kind}" for each in before)

    def _for_visitor(self, newest: Entry, state: State) -> Reopened:
        """Back to who had it, if they are there; else to whom the strategy wants, and to the queue if others wait."""
        former = self._assignment.seller(state.seller) if state.seller else None
        if former is None and state.seller and (offer := self._assignment.offer_to(state.seller)):
            return self._for_seller(state, offer, Role.VISITOR)
        if former and self._queue.others_wait_for(former):
            return _for_queue(state, self._outlook(newest, former).reason)
        if former and self._assignment.is_ready(former):
            return self._for_seller(state, Offer(former.id, claims=True), Role.VISITOR)
        outlook = self._outlook(newest, former)
        if not outlook.offers or self._queue.has_waiting(state.asked):
            return _for_queue(state, outlook.reason)
        return self._for_another(state, outlook.offers[0])

    def _outlook(self, newest: Entry, former: Seller | None) -> Outlook:
        return self._assignment.outlook(self._queue.ask_for(newest), fresh=(former,) if former else ())

    def _for_another(self, state: State, offer: Offer) -> Reopened:
        waiting = state.waiting()
        given = waiting.given_to(offer.seller, iso(self._clock.now()), claimed=offer.claims)
        assigned = Draft(EntryKind.ASSIGNED, given, details={"seller_id": offer.seller}, by_system=True)
        return Reopened((Draft(EntryKind.REOPENED, waiting, by_system=True), assigned), given, offer.claim)

    def _for_seller(self, state: State, offer: Offer, by: Role) -> Reopened:
        given = state.given_to(offer.seller, iso(self._clock.now()), claimed=offer.claims)
        # What the seller said before the end answers nothing that the visitor says now.
        reopened = replace(given, answered=by is Role.SELLER)
        return Reopened((Draft(EntryKind.REOPENED, reopened, by_system=True),), reopened, offer.claim)


def _for_queue(state: State, reason: str = "busy") -> Reopened:
    waiting = state.waiting()
    queued = Draft(EntryKind.QUEUED, waiting, details={"reason": reason}, by_system=True)
    return Reopened((Draft(EntryKind.REOPENED, waiting, by_system=True), queued), waiting)
