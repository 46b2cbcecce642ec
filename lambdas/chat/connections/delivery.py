"""Brings what is stored to the connections of those it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from msgspec import Struct

from chat.model.entries import Entry, EntryKind, State
from chat.model.errors import try_again
from chat.model.identity import Principal, Role, alias_of
from chat.ports.connections import Connection, ConnectionStore, Push
from chat.ports.errors import (
    ConnectionGoneError,
    PushFailedError,
    StoreBusyError,
    StoreUnavailableError,
    asking_to_retry,
)
from chat.ports.machine import Runtime
from chat.protocol.replies import encode, message, pushed

CLOSED_AT_ONCE = 5


@dataclass(frozen=True)
class Parcel:
    """Frames on their way to a connection, in this order."""

    connection: Connection
    frames: Sequence[bytes]


class Pushes(NamedTuple):
    """How many connections turned out to be gone, and how many there were."""

    gone: int
    all: int


class Delivery:
    """Finds connections and posts to them.

    Nothing it does can fail a request: what is stored is found at the next sync.
    """

    def __init__(
        self,
        *,
        connections: ConnectionStore,
        push: Push,
        runtime: Runtime,
        connections_per_person: int = 20,
    ) -> None:
        self._cap = connections_per_person
        self._connections = connections
        self._push = push
        self._parallel = runtime.parallel
        self._journal = runtime.journal

    def find(self, people: Iterable[Principal]) -> tuple[Connection, ...]:
        """The connections of `people`, looked up side by side; none of those whose look-up failed."""
        found = self._parallel.run([self._look_up(person) for person in people])
        return tuple(connection for connections in found for connection in connections)

    def participants(self, *states: State) -> tuple[Connection, ...]:
        """The connections of everyone who takes part in one of the states of a conversation."""
        return self.find(dict.fromkeys(person for state in states for person in state.participants()))

    def tell(self, entries: Sequence[Entry], connections: Iterable[Connection]) -> Pushes:
        """Push entries. A message is told to the other side as such, and to its sender's own devices as an entry."""
        frames = {role: [_frame(entry, role) for entry in entries] for role in Role}
        return self.send([Parcel(connection, frames[connection.role]) for connection in connections])

    def tell_beginning(self, entries: Sequence[Entry], connections: Iterable[Connection]) -> Pushes:
        """Push the first entries of a log as one frame: who is told has none of it yet."""
        frame = encode(pushed(entries[-1], before=entries[:-1]))
        return self.send([Parcel(connection, [frame]) for connection in connections])

    def tell_devices(self, person: Principal, reply: Struct, own: str | None) -> None:
        """Push to all devices of a person what one of them asked for, but for the connection that asked."""
        frame = encode(reply)
        self.send([Parcel(connection, [frame]) for connection in others(self.find([person]), own)])

    def send(self, parcels: Sequence[Parcel]) -> Pushes:
        """Post to every connection at the same time, and forget those that turn out to be gone."""
        gone = self._parallel.run([self._post(parcel) for parcel in parcels if parcel.frames])
        return Pushes(sum(gone), len(gone))

    def _look_up(self, person: Principal) -> Callable[[], Sequence[Connection]]:
        def look_up() -> Sequence[Connection]:
            try:
                # Who opens them without end makes nobody read them all.
                return self._within_cap(self._connections.of(person, enough=2 * self._cap))
            except (StoreBusyError, StoreUnavailableError) as error:
                self._journal.note("lookup_failed", role=person.role, error=type(error).__name__)
                return ()

        return look_up

    def _within_cap(self, found: Sequence[Connection]) -> Sequence[Connection]:
        """The newest that one person may have; of the others a few at a time are closed, so that nobody waits long.

        Checked here and not when a connection opens, since that may cost one write and nothing else.
        """
        if len(found) <= self._cap:
            return found
        newest_first = sorted(found, key=lambda connection: connection.connected_at, reverse=True)
        for connection in newest_first[self._cap :][:CLOSED_AT_ONCE]:
            self.close(connection)
        return newest_first[: self._cap]

    def reply(self, connection_id: str, frame: bytes) -> None:
        """Post an answer to the connection that asked; one that has gone misses nothing."""
        try:
            self._push.post(connection_id, frame)
        except (ConnectionGoneError, PushFailedError) as error:
            self._journal.note("push_failed", connection_id=connection_id, error=str(error))

    def close(self, connection: Connection) -> bool:
        """End a connection and forget it; False if it could not be ended."""
        try:
            self._push.close(connection.id)
        except PushFailedError as error:
            self._journal.note("close_failed", connection_id=connection.id, error=str(error))
            return False
        self._forget(connection)
        return True

    def close_all(self, person: Principal, asking: str | None = None) -> None:
        """End every connection of a person, and the one over which they are `asking` for it last.

        Raises `ChatError`: `try_again`, over a connection that is still there.
        """
        with asking_to_retry():
            found = self._connections.of(person)
        if not all(self._parallel.run([partial(self.close, each) for each in others(found, asking)])):
            raise try_again()
        if asking is not None:
            # The index may not show it yet, and it must not go on.
            unlisted = Connection(asking, person.user_id, person.role, connected_at="")
            self.close(next((each for each in found if each.id == asking), unlisted))

    def _post(self, parcel: Parcel) -> Callable[[], bool]:
        def post() -> bool:
            """Whether the connection is gone."""
            try:
                for frame in parcel.frames:
                    self._push.post(parcel.connection.id, frame)
            except ConnectionGoneError:
                self._forget(parcel.connection)
                return True
            except PushFailedError as error:
                self._journal.note("push_failed", connection_id=parcel.connection.id, error=str(error))
            return False

        return post

    def _forget(self, connection: Connection) -> None:
        try:
            self._connections.forget(connection)
        except (StoreBusyError, StoreUnavailableError) as error:
            self._journal.note("forget_failed", connection_id=connection.id, error=type(error).__name__)


def others(connections: Iterable[Connection], own: str | None) -> list[Connection]:
    """Every connection but the one whose request is being answered, each once."""
    return list({connection.id: connection for connection in connections if connection.id != own}.values())


def _frame(entry: Entry, reader: Role) -> bytes:
    by_visitor = entry.sender == alias_of(entry.contact_id)
    is_theirs = entry.kind is EntryKind.MESSAGE and by_visitor is not (reader is Role.VISITOR)
    return encode(message(entry) if is_theirs else pushed(entry))
