"""Sending a message: stored first, then pushed to everyone it is for, then acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chat.connections.delivery import Delivery, Parcel, others
from chat.contacts.starting import Start, Starting
from chat.log import Appended, Draft, Log, Origin
from chat.model.entries import Entry, Json, Kind, State, Status
from chat.model.errors import ChatError, Code, forbidden
from chat.model.identity import Principal, Role, contact_of
from chat.model.inbox import Head
from chat.model.rates import take
from chat.model.settings import Settings
from chat.model.timestamps import epoch_ms, iso
from chat.ports.connections import Connection
from chat.ports.conversations import Change, Pointer, Window
from chat.ports.errors import PointerMovedError, SellerFullError
from chat.ports.machine import Clock, Ids
from chat.protocol.replies import encode, message, pushed
from chat.team import Assignment, Offer


@dataclass(frozen=True)
class Outgoing:
    """A message as its sender hands it over; `base` is his cursor at the first attempt, None if he keeps none."""

    sender: Principal
    text: str
    contact_id: str | None = None
    to: str | None = None
    id: str | None = None
    base: int | None = None
    connection_id: str | None = None
    address: str = ""
    user_info: Mapping[str, Json] = field(default_factory=dict)


class Messaging:
    """Takes messages of visitors and sellers."""

    def __init__(
        self,
        *,
        log: Log,
        starting: Starting,
        assignment: Assignment,
        delivery: Delivery,
        clock: Clock,
        ids: Ids,
        settings: Settings,
    ) -> None:
        self._log = log
        self._starting = starting
        self._assignment = assignment
        self._delivery = delivery
        self._clock = clock
        self._ids = ids
        self._settings = settings

    def send(self, outgoing: Outgoing) -> Entry:
        """Store a message and push it; the entry it became, or had become before if this is a retry.

        Raises `ChatError`; then nothing was stored, or (`try_again`) the same message may be sent again.
        """
        if outgoing.contact_id:
            return self._send_to(outgoing.contact_id, outgoing)
        if outgoing.to is None:
            raise ChatError(Code.MISSING_FIELD, "sendMessage needs a 'contact_id' or a 'to'.", field="to")
        if outgoing.sender.role is Role.SELLER:
            return self._send_to(_contact_behind(outgoing.to), outgoing)
        return self._send_to_seller(outgoing.to, outgoing)

    def _send_to_seller(self, seller: str, outgoing: Outgoing) -> Entry:
        if current := self._starting.current(outgoing.sender, seller):
            try:
                return self._send_to(current, outgoing)
            except ChatError as error:
                if error.code not in {Code.CONTACT_CLOSED, Code.CONTACT_EXPIRED}:
                    raise
        start = Start(outgoing.sender, seller, outgoing.user_info, outgoing.connection_id, outgoing.address)
        return self._send_to(self._starting.start(start).contact_id, outgoing)

    def _send_to(self, contact_id: str, outgoing: Outgoing) -> Entry:
        origin = Origin.of(outgoing.sender, contact_id, outgoing.id or self._ids.new(), Kind.MESSAGE)
        try:
            appended = self._append_for_anybody(contact_id, origin, outgoing)
        except PointerMovedError as error:
            raise ChatError(Code.CONTACT_CLOSED, "This contact is closed, and there is a newer one.") from error
        self._deliver(appended, outgoing)
        return appended.entry

    def _append_for_anybody(
        self, contact_id: str, origin: Origin, outgoing: Outgoing
    ) -> Appended[tuple[Connection, ...]]:
        """Reopen for the queue what has no room with its seller any more."""
        try:
            return self._append(contact_id, origin, outgoing, keeps_seller=True)
        except SellerFullError as error:
            if outgoing.sender.role is Role.SELLER:
                raise ChatError(
                    Code.SELLER_FULL, "You have no room to reopen this contact. Close another one first."
                ) from error
        return self._append(contact_id, origin, outgoing, keeps_seller=False)

    def _append(
        self, contact_id: str, origin: Origin, outgoing: Outgoing, *, keeps_seller: bool
    ) -> Appended[tuple[Connection, ...]]:
        return self._log.append(
            contact_id,
            outgoing.base,
            origin,
            lambda window: self._change(window, origin, outgoing, keeps_seller=keeps_seller),
            lambda _before, after: self._delivery.participants(after),
        )

    def _change(self, window: Window, origin: Origin, outgoing: Outgoing, *, keeps_seller: bool = True) -> Change:
        newest = window.newest
        if newest is None or not newest.state.admits(outgoing.sender):
            raise forbidden()
        state = self._charged(newest.state, outgoing.sender.role)
        if outgoing.sender.role is Role.SELLER:
            state = replace(state, answered=True)
        if state.status is not Status.CLOSED:
            drafts: tuple[Draft, ...] = (Draft(Kind.MESSAGE, state, outgoing.text),)
            return Change(self._log.entries(newest.contact_id, newest, origin, drafts))
        return self._reopened(newest, state, origin, outgoing, keeps_seller=keeps_seller)

    def _reopened(
        self, newest: Entry, state: State, origin: Origin, outgoing: Outgoing, *, keeps_seller: bool
    ) -> Change:
        if not self._settings.reopens_closed:
            raise ChatError(Code.CONTACT_CLOSED, "This contact is closed. Start a new one with InitChat.")
        offer = self._assignment.offer_to(state.seller) if keeps_seller and state.seller else None
        drafts = self._back_to_seller(state, offer, outgoing) if offer else self._back_to_queue(state, outgoing)
        entries = self._log.entries(newest.contact_id, newest, origin, drafts)
        return Change(
            entries,
            head=Head.after(entries[-1]),
            # Only while the visitor has not started anew: he has one open contact with a seller, never two.
            pointer=Pointer(state.visitor, state.requested, newest.contact_id, replaces=newest.contact_id),
            claim=offer.seller if offer and offer.claims else None,
        )

    def _back_to_seller(self, state: State, offer: Offer, outgoing: Outgoing) -> tuple[Draft, ...]:
        given = state.given_to(offer.seller, iso(self._clock.now()), claimed=offer.claims)
        # What the seller said before the end answers nothing that the visitor says now.
        reopened = replace(given, answered=outgoing.sender.role is Role.SELLER)
        return (Draft(Kind.REOPENED, reopened, by_system=True), Draft(Kind.MESSAGE, reopened, outgoing.text))

    def _back_to_queue(self, state: State, outgoing: Outgoing) -> tuple[Draft, ...]:
        if outgoing.sender.role is Role.SELLER:
            raise ChatError(Code.UNKNOWN_SELLER, "You are not registered here any more.")
        waiting = state.waiting()
        return (
            Draft(Kind.REOPENED, waiting, by_system=True),
            Draft(Kind.QUEUED, waiting, details={"reason": "busy"}, by_system=True),
            Draft(Kind.MESSAGE, waiting, outgoing.text),
        )

    def _charged(self, state: State, role: Role) -> State:
        rate = self._settings.message_rate(role)
        return replace(state, buckets=take(state.buckets, role, rate, epoch_ms(self._clock.now())))

    def _deliver(self, appended: Appended[tuple[Connection, ...]], outgoing: Outgoing) -> None:
        connections = others(appended.beside or (), outgoing.connection_id)
        # One's own message must not look like the other side's on one's other device.
        own = [encode(pushed(entry)) for entry in appended.written]
        theirs = [_frame(entry) for entry in appended.written]
        role = outgoing.sender.role
        self._delivery.send([Parcel(each, own if each.role is role else theirs) for each in connections])


def _frame(entry: Entry) -> bytes:
    return encode(message(entry) if entry.kind is Kind.MESSAGE else pushed(entry))


def _contact_behind(to: str) -> str:
    contact_id = contact_of(to)
    if contact_id is None:
        raise ChatError(
            Code.BAD_FIELD, "A seller answers 'to' the alias that came in 'from', or names a 'contact_id'.", field="to"
        )
    return contact_id
