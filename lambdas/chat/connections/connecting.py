"""Connections that open and close."""

from __future__ import annotations

from datetime import timedelta

from chat.model.identity import Principal, Role
from chat.model.timestamps import epoch_seconds, iso
from chat.ports.connections import Connection, ConnectionStore
from chat.ports.errors import asking_to_retry
from chat.ports.machine import Clock
from chat.ports.sellers import SellerStore

LIFETIME = timedelta(hours=3)
"""One hour more than a connection can last (API Gateway quota: two hours)."""


class Connecting:
    """Keeps the connections table true."""

    def __init__(self, *, connections: ConnectionStore, sellers: SellerStore, clock: Clock) -> None:
        self._connections = connections
        self._sellers = sellers
        self._clock = clock

    def opened(self, person: Principal, connection_id: str) -> None:
        """Store a connection. Raises the store's errors: a connection that is not stored must not open."""
        connection, expires_at = self._described(person, connection_id)
        self._connections.add(connection, expires_at)

    def announced(self, person: Principal, connection_id: str) -> None:
        """Store a connection again, should it have been forgotten.

        A push that comes between `$connect`'s write and the end of the upgrade is answered 410, and the connection is
        then taken for dead. Raises `ChatError`: `try_again`.
        """
        connection, expires_at = self._described(person, connection_id)
        with asking_to_retry():
            self._connections.restore(connection, expires_at)

    def closed(self, connection_id: str) -> None:
        """Forget a connection; a seller whose last one it was is not there any more. Raises the store's errors."""
        closed = self._connections.remove(connection_id)
        if closed and closed.role is Role.SELLER:
            seller = Principal(closed.user_id, closed.role)
            remaining = next((each.id for each in self._connections.of(seller) if each.id != closed.id), None)
            # Should he have come back unseen by the index, he has said so over his new connection.
            self._sellers.leave(closed.user_id, closed.id, remaining)

    def _described(self, person: Principal, connection_id: str) -> tuple[Connection, int]:
        now = self._clock.now()
        ends = epoch_seconds(now + LIFETIME)
        # Whose session has ended is not found any more, so nothing is pushed to him.
        expires_at = min(ends, person.expires_at) if person.expires_at is not None else ends
        return Connection(connection_id, person.user_id, person.role, iso(now)), expires_at
