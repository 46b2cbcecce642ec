"""How a contact comes into being."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chat.delivery import Delivery, Parcel, others
from chat.entries import Change, Entry, Head, Json, Kind, Pointer, State, Status
from chat.errors import (
    ChatError,
    Code,
    NumberTakenError,
    PointerMovedError,
    StoreBusyError,
    StoreUnavailableError,
    try_again,
)
from chat.identity import Principal, Role, alias_of, is_seller_id
from chat.log import Draft, Log, Origin
from chat.ports import Clock, ConnectionStore, ConversationStore, Ids, Journal, Pause
from chat.replies import encode, pushed
from chat.timestamps import iso

ATTEMPTS = 5


@dataclass(frozen=True)
class Start:
    """A visitor who wants to talk to a seller or team."""

    visitor: Principal
    requested: str
    user_info: Mapping[str, Json]
    connection_id: str | None = None


class Starting:
    """Opens contacts; starting a chat twice gives one contact."""

    def __init__(
        self,
        *,
        store: ConversationStore,
        connections: ConnectionStore,
        log: Log,
        delivery: Delivery,
        clock: Clock,
        ids: Ids,
        pause: Pause,
        journal: Journal,
    ) -> None:
        self._store = store
        self._connections = connections
        self._log = log
        self._delivery = delivery
        self._clock = clock
        self._ids = ids
        self._pause = pause
        self._journal = journal

    def start(self, start: Start) -> Entry:
        """The newest entry of the visitor's contact with that seller: the one that is open, or a new one.

        Raises `ChatError`: `forbidden` unless a visitor asks, `unknown_seller`, `try_again`.
        """
        if start.visitor.role is not Role.VISITOR:
            raise ChatError(Code.FORBIDDEN, "Visitors start chats; a seller answers them.")
        if not is_seller_id(start.requested):
            raise ChatError(Code.UNKNOWN_SELLER, "No such seller. Check 'sellerId'.", field="sellerId")
        newest = self._find_or_open(start)
        self._describe(start, newest)
        return newest

    def current(self, visitor: Principal, requested: str) -> str | None:
        """The contact that the visitor opened last with this seller."""
        try:
            return self._store.current_contact(visitor.user_id, requested)
        except (StoreBusyError, StoreUnavailableError) as error:
            raise try_again() from error

    def _find_or_open(self, start: Start) -> Entry:
        for attempt in range(ATTEMPTS):
            previous = self.current(start.visitor, start.requested)
            if previous and (newest := self._still_open(previous)):
                return newest
            try:
                return self._open(start, previous)
            except (PointerMovedError, NumberTakenError, StoreBusyError):
                self._pause.after_attempt(attempt)
            except StoreUnavailableError as error:
                raise try_again() from error
        raise try_again(retry_after_ms=1000)

    def _still_open(self, contact_id: str) -> Entry | None:
        try:
            newest = self._log.latest(contact_id).newest
        except ChatError as error:
            if error.code in {Code.CONTACT_EXPIRED, Code.FORBIDDEN}:
                return None
            raise
        return newest if newest and newest.state.status is not Status.CLOSED else None

    def _open(self, start: Start, previous: str | None) -> Entry:
        contact_id = self._ids.new()
        drafts = self._drafts(start)
        origin = Origin(alias_of(contact_id), "open")
        entries = self._log.entries(contact_id, 0, origin, drafts)
        newest = entries[-1]
        self._store.commit(
            Change(
                entries=entries,
                head=Head.after(newest),
                pointer=Pointer(start.visitor.user_id, start.requested, contact_id, replaces=previous),
            )
        )
        self._tell_seller(entries, start.connection_id)
        return newest

    def _drafts(self, start: Start) -> tuple[Draft, ...]:
        waiting = State(
            status=Status.QUEUED,
            visitor=start.visitor.user_id,
            requested=start.requested,
            opened_at=iso(self._clock.now()),
        )
        assigned = replace(waiting, status=Status.OPEN, seller=start.requested)
        return (
            Draft(Kind.OPENED, waiting, details={"user_info": dict(start.user_info)}),
            Draft(Kind.ASSIGNED, assigned, details={"seller_id": start.requested}, by_system=True),
        )

    def _tell_seller(self, entries: tuple[Entry, ...], own: str | None) -> None:
        connections = others(self._delivery.participants(entries[-1].state), own)
        self._delivery.send(
            [Parcel(connection, encode(pushed(entry))) for entry in entries for connection in connections]
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
