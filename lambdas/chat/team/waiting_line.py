"""The queue as sellers see it: they are told who waits for them, may read it, and take one before their turn comes."""

from __future__ import annotations

from functools import partial

from chat.connections.delivery import Delivery, Parcel
from chat.ledger import Ledger
from chat.log import Draft, Log, Origin
from chat.model.entries import Entry, EntryKind, State, Status
from chat.model.errors import ChatError, Code, forbidden
from chat.model.identity import Principal, Role, Sender
from chat.model.inbox import Listing
from chat.model.sellers import Seller
from chat.model.timestamps import iso
from chat.ports.conversations import Change, Excerpt
from chat.ports.errors import SellerFullError
from chat.ports.machine import Runtime
from chat.protocol.replies import encode, queue_changed
from chat.team.assignment import Assignment

MOST_TOLD = 100
"""How many sellers of one team are told who waits; the others find it when they list."""


class WaitingLine:
    """Shows a team who waits for it."""

    def __init__(
        self, *, log: Log, ledger: Ledger, delivery: Delivery, assignment: Assignment, runtime: Runtime
    ) -> None:
        self._log = log
        self._ledger = ledger
        self._delivery = delivery
        self._assignment = assignment
        self._clock = runtime.clock
        self._ids = runtime.ids

    def tell(self, contact_id: str) -> None:
        """Tell the sellers who are there that a contact waits for them, or does not any more.

        It costs a look-up and a post for each of them, and nothing while nobody begins or ceases to wait. Raises
        `ChatError`: `try_again`.
        """
        excerpt = self._log.end(contact_id)
        if excerpt.newest is None or excerpt.listing is None:
            return
        now = self._clock.now()
        team = self._assignment.team(excerpt.listing.requested)
        there = [Principal(seller.id, Role.SELLER) for seller in team if seller.is_heard_of(now)]
        frame = encode(queue_changed(excerpt.listing, excerpt.newest))
        self._delivery.send([Parcel(each, [frame]) for each in self._delivery.find(there[:MOST_TOLD])])

    def may_read(self, reader: Principal, listing: Listing) -> bool:
        """Whether a contact waits for a seller, or did until its visitor left. Raises `ChatError`: `try_again`."""
        if reader.role is not Role.SELLER or listing.seller is not None:
            return False
        return is_asked(self._assignment.seller(reader.user_id), listing.requested)

    def may_have_read(self, reader: Principal, contact_id: str) -> bool:
        """Whether a seller could read a contact before a colleague was given it. Raises `ChatError`: `try_again`."""
        listing = self._log.listing(contact_id)
        if listing is None or listing.knows(reader):
            return listing is not None
        # Of one that still waits it was just asked.
        return listing.seller is not None and is_asked(self._assignment.seller(reader.user_id), listing.requested)

    def admits(self, reader: Principal, excerpt: Excerpt) -> bool:
        """Whether somebody may read a contact now, told its end. Raises `ChatError`: `try_again`."""
        if excerpt.newest and excerpt.newest.state.admits(reader):
            return True
        return excerpt.listing is not None and self.may_read(reader, excerpt.listing)

    def admitted(self, person: Principal, contact_id: str) -> Entry:
        """The newest entry of a contact that a seller may read.

        Raises `ChatError`: `forbidden`, `contact_expired`, `try_again`.
        """
        if person.role is not Role.SELLER:
            raise ChatError(Code.FORBIDDEN, "Only sellers may do this.")
        self._log.require(person, contact_id, partial(self.may_read, person))
        excerpt = self._log.latest(contact_id)
        if excerpt.newest is None or not self.admits(person, excerpt):
            raise forbidden()
        return excerpt.newest

    def take(self, sender: Sender, contact_id: str, entry_id: str | None, base: int | None) -> Entry:
        """Give a contact that waits to the seller who asks; one who has it already is told so.

        Raises `ChatError`: `forbidden` unless it waits, or waited, for the seller, `contact_taken` if somebody else has
        it, `contact_closed`, `seller_full`, `contact_expired`, `try_again`.
        """
        seller = self._asked(sender.principal, contact_id)
        # Nobody takes part yet, so the seller is not asked for as the person: `_asked` was.
        origin = Origin(contact_id, seller.id, entry_id or self._ids.new(), EntryKind.ASSIGNED, base=base)

        def change(_excerpt: Excerpt, newest: Entry) -> Change | None:
            if not is_asked(seller, newest.state.asked):
                raise forbidden()
            if _has(seller, newest.state):
                return None
            draft = Draft(EntryKind.ASSIGNED, self._given(newest.state, seller), details={"seller_id": seller.id})
            return self._log.change(newest, origin, draft, claim=seller.id)

        try:
            return self._ledger.write(origin, change, sender.connection_id).entry
        except SellerFullError as error:
            raise ChatError(Code.SELLER_FULL, "You have no room for one more contact. End one first.") from error

    def _asked(self, person: Principal, contact_id: str) -> Seller:
        """The registered seller behind a person for whom a contact waits, or waited."""
        if person.role is not Role.SELLER:
            raise ChatError(Code.FORBIDDEN, "Only sellers take contacts.")
        seller, listing = self._assignment.seller(person.user_id), self._log.listing(contact_id)
        if seller is None or listing is None:
            raise forbidden()
        # Who had it before may repeat how they took it, though it is another team's by now.
        if not (is_asked(seller, listing.requested) or listing.knows(person)):
            raise forbidden()
        return seller

    def _given(self, state: State, seller: Seller) -> State:
        if state.status is Status.CLOSED:
            raise ChatError(Code.CONTACT_CLOSED, "This contact has ended; there is nobody to take.")
        if state.status is not Status.QUEUED:
            raise ChatError(Code.CONTACT_TAKEN, "A colleague was quicker, and answers this contact now.")
        return state.given_to(seller.id, iso(self._clock.now()), claimed=True)


def is_asked(seller: Seller | None, requested: str) -> bool:
    """Whether it is for a seller, or for their team, what is for `requested`."""
    return seller is not None and requested in {seller.id, seller.team}


def _has(seller: Seller, state: State) -> bool:
    return state.status is Status.OPEN and state.seller == seller.id
