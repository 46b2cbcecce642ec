"""Sending a message: stored first, then pushed to everyone it is for, then acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chat.contacts.lifecycle import Command
from chat.contacts.reopening import Reopening
from chat.contacts.starting import Start, Starting
from chat.ledger import Ledger
from chat.log import Draft, Log, Origin
from chat.model.entries import Entry, EntryKind, Json, State, Status
from chat.model.errors import ChatError, Code, forbidden
from chat.model.identity import Role, Sender, contact_of
from chat.model.rates import take
from chat.model.settings import Settings
from chat.model.timestamps import epoch_ms, iso
from chat.ports.conversations import Change, Excerpt, Pointer
from chat.ports.errors import PointerMovedError, SellerFullError
from chat.ports.machine import Runtime
from chat.team import Queue


@dataclass(frozen=True)
class Outgoing:
    """A message as its sender hands it over; `base` is their cursor at the first attempt, None if they keep none."""

    sender: Sender
    text: str
    contact_id: str | None = None
    to: str | None = None
    id: str | None = None
    base: int | None = None
    user_info: Mapping[str, Json] = field(default_factory=dict)

    @property
    def role(self) -> Role:
        """On which side the sender is."""
        return self.sender.principal.role


class Messaging:
    """Takes messages of visitors and sellers."""

    def __init__(
        self,
        *,
        log: Log,
        ledger: Ledger,
        starting: Starting,
        reopening: Reopening,
        queue: Queue,
        runtime: Runtime,
        settings: Settings,
    ) -> None:
        self._log = log
        self._ledger = ledger
        self._starting = starting
        self._reopening = reopening
        self._queue = queue
        self._clock = runtime.clock
        self._ids = runtime.ids
        self._settings = settings

    def send(self, outgoing: Outgoing) -> Entry:
        """Store a message and push it; the entry it became, or had become before if this is a retry.

        Raises `ChatError`; then nothing was stored, or (`try_again`) the same message may be sent again.
        """
        if outgoing.contact_id:
            return self._send_to(outgoing.contact_id, outgoing)
        if outgoing.to is None:
            raise ChatError(Code.MISSING_FIELD, "sendMessage needs a 'contact_id' or a 'to'.", field="to")
        if outgoing.role is Role.SELLER:
            return self._send_to(_contact_behind(outgoing.to), outgoing)
        return self._send_to_seller(outgoing.to, outgoing)

    def identify(self, command: Command, told: Mapping[str, Json]) -> Entry:
        """Store what the shop's page knows of its visitor by now, and push it; once for an `id` and its `base`.

        Raises `ChatError`: `forbidden` unless the contact's visitor asks, `contact_closed`, `contact_expired`,
        `slow_down`, `try_again`.
        """
        person = command.sender.principal
        if person.role is not Role.VISITOR:
            raise forbidden()
        entry_id = command.id or self._ids.new()
        origin = Origin.of(person, command.contact_id, entry_id, EntryKind.IDENTIFIED, base=command.base)

        def change(_excerpt: Excerpt, newest: Entry) -> Change:
            if not newest.state.admits(person):
                raise forbidden()
            if newest.state.status is Status.CLOSED:
                raise ChatError(Code.CONTACT_CLOSED, "This contact is closed; start another one.")
            state = self._charged(newest.state, Role.VISITOR)
            return self._log.change(
                newest, origin, Draft(EntryKind.IDENTIFIED, state, details={"user_info": dict(told)})
            )

        return self._ledger.write(origin, change, command.sender.connection_id).entry

    def _send_to_seller(self, seller: str, outgoing: Outgoing) -> Entry:
        if current := self._log.current(outgoing.sender.principal.user_id, seller):
            try:
                return self._send_to(current.contact_id, outgoing)
            except ChatError as error:
                # Forbidden, though the pointer is theirs, is what has expired and told its visitor to nobody yet.
                if error.code not in {Code.CONTACT_CLOSED, Code.CONTACT_EXPIRED, Code.FORBIDDEN}:
                    raise
        start = Start(outgoing.sender, seller, outgoing.user_info)
        return self._send_to(self._starting.start(start).contact_id, outgoing)

    def _send_to(self, contact_id: str, outgoing: Outgoing) -> Entry:
        message_id = outgoing.id or self._ids.new()
        origin = Origin.of(outgoing.sender.principal, contact_id, message_id, EntryKind.MESSAGE, base=outgoing.base)
        try:
            return self._write_for_anybody(origin, outgoing)
        except PointerMovedError as error:
            raise ChatError(Code.CONTACT_CLOSED, "This contact is closed, and there is a newer one.") from error

    def _write_for_anybody(self, origin: Origin, outgoing: Outgoing) -> Entry:
        """Reopen for the queue what has no room with its seller any more."""
        try:
            return self._write(origin, outgoing, keeps_seller=True)
        except SellerFullError as error:
            if outgoing.role is Role.SELLER:
                raise ChatError(
                    Code.SELLER_FULL, "You have no room to reopen this contact. Close another one first."
                ) from error
        return self._write(origin, outgoing, keeps_seller=False)

    def _write(self, origin: Origin, outgoing: Outgoing, *, keeps_seller: bool) -> Entry:
        def change(_excerpt: Excerpt, newest: Entry) -> Change:
            return self._change(newest, origin, outgoing, keeps_seller=keeps_seller)

        appended = self._ledger.write(origin, change, outgoing.sender.connection_id)
        if appended.before and _moves_up(appended.before, appended.entry.state):
            self._queue.tell_places(appended.entry.state.asked)
        if appended.written:
            self._reopening.look_back(appended.before, appended.entry, outgoing.sender)
        return appended.entry

    def _change(self, newest: Entry, origin: Origin, outgoing: Outgoing, *, keeps_seller: bool) -> Change:
        if not newest.state.admits(outgoing.sender.principal):
            raise forbidden()
        state = self._charged(newest.state, outgoing.role)
        if outgoing.role is Role.SELLER:
            state = replace(state, answered=True, heard_at=iso(self._clock.now()))
        else:
            state = replace(state, spoken=True)
        if state.status is not Status.CLOSED:
            return self._log.change(newest, origin, Draft(EntryKind.MESSAGE, state, outgoing.text))
        reopened = self._reopening.reopen(newest, state, outgoing.sender, keeps_seller=keeps_seller)
        return self._log.change(
            newest,
            origin,
            *reopened.before,
            Draft(EntryKind.MESSAGE, reopened.state, outgoing.text),
            # Only while the visitor has not started anew: they have one open contact with a seller, never two.
            pointer=Pointer(state.visitor, state.requested, newest.contact_id, replaces=newest.contact_id),
            claim=reopened.claim,
        )

    def _charged(self, state: State, role: Role) -> State:
        rate = self._settings.message_rate(role)
        return replace(state, buckets=take(state.buckets, role, rate, epoch_ms(self._clock.now())))


def _moves_up(before: State, after: State) -> bool:
    """Whether a visitor who waits has just spoken for the first time."""
    return after.status is Status.QUEUED and after.spoken and not before.spoken


def _contact_behind(to: str) -> str:
    contact_id = contact_of(to)
    if contact_id is None:
        raise ChatError(
            Code.BAD_FIELD, "A seller answers 'to' the alias that came in 'from', or names a 'contact_id'.", field="to"
        )
    return contact_id
