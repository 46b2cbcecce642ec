"""How a contact comes into being."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from chat.connections.delivery import Delivery, others
from chat.limits import Openings
from chat.log import Draft, Log, Origin
from chat.model.entries import Entry, Json, Kind, State, Status
from chat.model.errors import ChatError, Code, try_again, unknown_seller
from chat.model.identity import Principal, Role, alias_of, is_seller_id, reference_of
from chat.model.inbox import Head
from chat.model.timestamps import iso
from chat.ports.connections import ConnectionStore
from chat.ports.conversations import Change, ConversationStore, Current, Pointer
from chat.ports.errors import (
    NumberTakenError,
    PointerMovedError,
    SellerFullError,
    StoreBusyError,
    StoreUnavailableError,
    asking_to_retry,
)
from chat.ports.machine import Clock, Ids, Journal, Pause
from chat.ports.shop import ContactDirectory, ContactRequest, DirectoryUnavailableError
from chat.ports.strategies import Ask
from chat.team import Assignment, Offer, Outlook, Queue

ATTEMPTS = 8


@dataclass(frozen=True)
class Start:
    """A visitor who wants to talk to a seller or team."""

    visitor: Principal
    requested: str
    user_info: Mapping[str, Json]
    connection_id: str | None = None
    address: str = ""


class _Registered(NamedTuple):
    """The contact's id, and whether the directory knows it yet."""

    contact_id: str
    known: bool


class _Previous(NamedTuple):
    """The visitor's last contact with that seller or team, who answered it, and the version of what points to it."""

    contact_id: str | None
    seller: str | None
    version: int | None


class Starting:
    """Opens contacts; starting a chat twice gives one contact."""

    def __init__(
        self,
        *,
        store: ConversationStore,
        connections: ConnectionStore,
        directory: ContactDirectory,
        openings: Openings | None = None,
        assignment: Assignment,
        queue: Queue,
        log: Log,
        delivery: Delivery,
        clock: Clock,
        ids: Ids,
        pause: Pause,
        journal: Journal,
    ) -> None:
        self._store = store
        self._connections = connections
        self._directory = directory
        self._openings = openings
        self._assignment = assignment
        self._queue = queue
        self._log = log
        self._delivery = delivery
        self._clock = clock
        self._ids = ids
        self._pause = pause
        self._journal = journal

    def start(self, start: Start) -> Entry:
        """The newest entry of the visitor's contact with that seller: the one that is open, or a new one.

        Raises `ChatError`: `forbidden` unless a visitor asks, `unknown_seller`, `slow_down` for who opens too many,
        `try_again`.
        """
        if start.visitor.role is not Role.VISITOR:
            raise ChatError(Code.FORBIDDEN, "Visitors start chats; a seller answers them.")
        if not is_seller_id(start.requested):
            raise unknown_seller("sellerId")
        newest = self._find_or_open(start)
        self._describe(start, newest)
        return newest

    def current(self, visitor: Principal, requested: str) -> str | None:
        """The contact that the visitor opened last with this seller. Raises `ChatError`: `try_again`."""
        pointed = self._pointed(visitor, requested)
        return pointed.contact_id if pointed else None

    def _pointed(self, visitor: Principal, requested: str) -> Current | None:
        with asking_to_retry():
            return self._store.current_contact(visitor.user_id, requested)

    def _find_or_open(self, start: Start) -> Entry:
        registered: _Registered | None = None
        for attempt in range(ATTEMPTS):
            pointed = self._pointed(start.visitor, start.requested)
            newest = self._log.find(pointed.contact_id) if pointed else None
            if newest and newest.state.status is not Status.CLOSED:
                return newest
            previous = _previous(pointed, newest)
            if registered is None:
                # Before the directory is asked, which would keep a contact that never comes into being.
                if not self._assignment.may_ask_for(start.requested):
                    raise unknown_seller("sellerId")
                key = idempotency_key(start.visitor, start.requested, previous.contact_id)
                self._count(start, key)
                registered = self._register(start, key)
            try:
                return self._open(start, registered, previous)
            except NumberTakenError:
                # The directory gave out an id that has a log already, and no log is ever begun twice.
                registered = _Registered(self._ids.new(), known=False)
            except (PointerMovedError, StoreBusyError):
                self._pause.after_attempt(attempt)
            except StoreUnavailableError as error:
                raise try_again() from error
        raise try_again(retry_after_ms=1000)

    def _count(self, start: Start, key: str) -> None:
        if self._openings is not None:
            self._openings.admit(key, start.visitor.user_id, start.address)

    def _register(self, start: Start, key: str) -> _Registered:
        """Ask the directory for an id; without its answer the chat starts under ours and is registered later."""
        proposed = self._ids.new()
        request = ContactRequest(
            idempotency_key=key,
            seller_id=start.requested,
            user_info=start.user_info,
            visitor=reference_of(start.visitor),
            proposed_contact_id=proposed,
        )
        try:
            return _Registered(self._directory.register(request).contact_id, known=True)
        except DirectoryUnavailableError as error:
            self._journal.note("directory_unavailable", reason=error.reason, contact_id=proposed)
            return _Registered(proposed, known=False)

    def _open(self, start: Start, registered: _Registered, previous: _Previous) -> Entry:
        outlook = self._outlook(start, registered.contact_id, previous.seller)
        for offer in outlook.offers:
            try:
                return self._commit(start, registered, previous, offer, outlook)
            except SellerFullError:
                continue
        return self._commit(start, registered, previous, None, outlook)

    def _outlook(self, start: Start, contact_id: str, previous: str | None) -> Outlook:
        ask = Ask(
            contact_id=contact_id,
            requested=start.requested,
            visitor=reference_of(start.visitor),
            user_info=start.user_info,
            previous=previous,
        )
        outlook = self._assignment.outlook(ask)
        # Whoever waits already comes first.
        if any(offer.claims for offer in outlook.offers) and self._queue.has_waiting(start.requested):
            return Outlook((), outlook.out_of_hours)
        return outlook

    def _commit(
        self, start: Start, registered: _Registered, previous: _Previous, offer: Offer | None, outlook: Outlook
    ) -> Entry:
        contact_id = registered.contact_id
        drafts = (self._opened(start, registered, previous), self._placed(start, offer, outlook))
        entries = self._log.entries(contact_id, None, Origin(alias_of(contact_id), "open"), drafts)
        newest = entries[-1]
        self._store.commit(
            Change(
                entries=entries,
                head=Head.after(newest),
                # Not if the last one was reopened since it was found closed.
                pointer=Pointer(
                    start.visitor.user_id, start.requested, contact_id, previous.contact_id, previous.version
                ),
                claim=offer.seller if offer and offer.claims else None,
            )
        )
        self._delivery.tell(entries, others(self._delivery.participants(newest.state), start.connection_id))
        return newest

    def _opened(self, start: Start, registered: _Registered, previous: _Previous) -> Draft:
        details: dict[str, Json] = {
            "user_info": dict(start.user_info),
            "registered": registered.known,
            "idempotency_key": idempotency_key(start.visitor, start.requested, previous.contact_id),
        }
        if previous.seller:
            details["previous_seller"] = previous.seller
        return Draft(Kind.OPENED, self._waiting(start), details=details)

    def _placed(self, start: Start, offer: Offer | None, outlook: Outlook) -> Draft:
        waiting = self._waiting(start)
        if offer is None:
            reason = "out_of_hours" if outlook.out_of_hours else "busy"
            return Draft(Kind.QUEUED, waiting, details={"reason": reason}, by_system=True)
        given = waiting.given_to(offer.seller, iso(self._clock.now()), claimed=offer.claims)
        return Draft(Kind.ASSIGNED, given, details={"seller_id": offer.seller}, by_system=True)

    def _waiting(self, start: Start) -> State:
        return State(
            status=Status.QUEUED,
            visitor=start.visitor.user_id,
            requested=start.requested,
            opened_at=iso(self._clock.now()),
        )

    def _describe(self, start: Start, newest: Entry) -> None:
        if start.connection_id is None:
            return
        try:
            self._connections.describe(
                start.connection_id,
                newest.state.seller or start.requested,
                dict(start.user_info),
                newest.contact_id,
                iso(self._clock.now()),
            )
        except (StoreBusyError, StoreUnavailableError) as error:
            self._journal.note("describe_failed", connection_id=start.connection_id, error=type(error).__name__)


def _previous(pointed: Current | None, newest: Entry | None) -> _Previous:
    seller = newest.state.seller if newest else None
    return _Previous(pointed.contact_id, seller, pointed.version) if pointed else _Previous(None, None, None)


def idempotency_key(visitor: Principal, requested: str, previous_id: str | None) -> str:
    """The same for every attempt to start the same chat, also from two tabs at once."""
    start = "\n".join((visitor.user_id, requested, previous_id or ""))
    return hashlib.sha256(start.encode()).hexdigest()
