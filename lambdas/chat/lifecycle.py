"""How a contact moves to another seller and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from chat.delivery import Delivery, Parcel, others
from chat.entries import Change, Entry, Head, Json, Kind, State, Status, Window
from chat.errors import ChatError, Code, forbidden
from chat.identity import Principal, Role, is_seller_id
from chat.log import Appended, Draft, Log, Origin
from chat.ports import Connection, Ids
from chat.replies import encode, pushed


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
    """The entry that a move leads to."""

    kind: Kind
    state: State
    details: Mapping[str, Json] = field(default_factory=dict)


class Lifecycle:
    """Closes and transfers contacts; both are entries of the log."""

    def __init__(self, *, log: Log, delivery: Delivery, ids: Ids) -> None:
        self._log = log
        self._delivery = delivery
        self._ids = ids

    def close(self, move: Move) -> Entry:
        """End a contact; one that is closed stays as it is.

        Raises `ChatError`: `forbidden`, `contact_expired`, `try_again`.
        """
        return self._move(move, lambda state: Step(Kind.CLOSED, replace(state, status=Status.CLOSED)))

    def transfer(self, move: Move, to: str) -> Entry:
        """Hand a contact to another seller.

        Raises `ChatError`: `forbidden` unless its seller asks, `unknown_seller`, `contact_closed`, `try_again`.
        """
        if move.by.role is not Role.SELLER:
            raise forbidden()
        if not is_seller_id(to):
            raise ChatError(Code.UNKNOWN_SELLER, "No such seller. Check 'to'.", field="to")
        return self._move(move, lambda state: _transferred(state, to))

    def _move(self, move: Move, step: Callable[[State], Step | None]) -> Entry:
        origin = Origin.of(move.by, move.contact_id, move.id or self._ids.new())
        before: list[State] = []

        def change(window: Window) -> Change:
            newest = _admitting(window, move.by)
            before[:] = [newest.state]
            wanted = step(newest.state)
            if wanted is None or wanted.state.status is newest.state.status is Status.CLOSED:
                return Change(())
            draft = Draft(wanted.kind, wanted.state, details=wanted.details)
            entries = self._log.entries(newest.contact_id, newest.seq, origin, (draft,))
            return Change(entries, head=Head.after(entries[-1]))

        def audience(after: State) -> tuple[Connection, ...]:
            return self._delivery.find(dict.fromkeys((*before[0].participants(), *after.participants())))

        appended = self._log.append(move.contact_id, move.base, origin, change, audience)
        self._tell(appended, move.connection_id)
        return appended.entry

    def _tell(self, appended: Appended[tuple[Connection, ...]], own: str | None) -> None:
        connections = others(appended.beside or (), own)
        self._delivery.send(
            [Parcel(connection, encode(pushed(entry))) for entry in appended.written for connection in connections]
        )


def _admitting(window: Window, person: Principal) -> Entry:
    newest = window.newest
    if newest is None or not newest.state.admits(person):
        raise forbidden()
    return newest


def _transferred(state: State, to: str) -> Step | None:
    if state.status is Status.CLOSED:
        raise ChatError(Code.CONTACT_CLOSED, "This contact is closed; there is nothing to transfer.")
    if state.seller == to:
        return None
    return Step(Kind.TRANSFERRED, replace(state, status=Status.OPEN, seller=to), {"seller_id": to})
