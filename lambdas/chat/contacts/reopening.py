"""What becomes of a closed contact in which somebody writes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chat.limits import Openings
from chat.log import Draft
from chat.model.entries import Entry, EntryKind, State
from chat.model.errors import ChatError, Code
from chat.model.identity import Role, Sender
from chat.model.settings import Settings
from chat.model.timestamps import iso
from chat.ports.machine import Clock
from chat.team import Assignment, Offer, Queue


@dataclass(frozen=True)
class Reopened:
    """What a message to a closed contact is preceded by, the conversation after it, and whose capacity it takes up."""

    before: tuple[Draft, ...]
    state: State
    claim: str | None = None


class Reopening:
    """Reopens contacts: for the seller who had them, or for the queue."""

    def __init__(
        self, *, assignment: Assignment, queue: Queue, openings: Openings, clock: Clock, settings: Settings
    ) -> None:
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
            keeps_seller = keeps_seller and not self._others_wait_for(state.seller)
        offer = self._assignment.offer_to(state.seller) if keeps_seller and state.seller else None
        return self._for_seller(state, offer, role) if offer else _for_queue(state, role)

    def _others_wait_for(self, seller_id: str | None) -> bool:
        seller = self._assignment.seller(seller_id) if seller_id else None
        return seller is not None and self._queue.others_wait_for(seller)

    def _for_seller(self, state: State, offer: Offer, by: Role) -> Reopened:
        given = state.given_to(offer.seller, iso(self._clock.now()), claimed=offer.claims)
        # What the seller said before the end answers nothing that the visitor says now.
        reopened = replace(given, answered=by is Role.SELLER)
        return Reopened((Draft(EntryKind.REOPENED, reopened, by_system=True),), reopened, offer.claim)


def _for_queue(state: State, by: Role) -> Reopened:
    if by is Role.SELLER:
        raise ChatError(Code.UNKNOWN_SELLER, "You are not registered here any more.")
    waiting = state.waiting()
    queued = Draft(EntryKind.QUEUED, waiting, details={"reason": "busy"}, by_system=True)
    return Reopened((Draft(EntryKind.REOPENED, waiting, by_system=True), queued), waiting)
