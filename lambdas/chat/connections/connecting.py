"""Connections that open and close."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from chat.model.entries import Entry, Json
from chat.model.identity import Principal, Role, Sender
from chat.model.timestamps import epoch_seconds, iso
from chat.ports.connections import Connection, ConnectionStore, Description
from chat.ports.errors import asking_to_retry
from chat.ports.machine import Clock
from chat.ports.sellers import SellerStore

LIFETIME = timedelta(hours=3)
"""One hour more than a connection can last (API Gateway quota: two hours)."""

MOST_LOOKED_AT = 20
"""Of a seller's other connections: as many as one person may have."""


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

    def announced(self, sender: Sender, learned: Description | None = None) -> None:
        """Store a connection again, should it have been forgotten, and what a start learned of it.

        A push that comes between `$connect`'s write and the end of the upgrade is answered 410, and the connection is
        then taken for dead. Raises `ChatError`: `try_again`.
        """
        if sender.connection_id is None:
            return
        connection, expires_at = self._described(sender.principal, sender.connection_id)
        with asking_to_retry():
            self._connections.restore(connection, expires_at, learned)

    def joined(self, sender: Sender, newest: Entry, user_info: Mapping[str, Json]) -> None:
        """Announce a visitor's connection, and note which contact it is for. Raises like `announced`."""
        learned = Description(
            seller_id=newest.state.seller or newest.state.requested,
            contact_id=newest.contact_id,
            user_info=dict(user_info),
            at=iso(self._clock.now()),
        )
        self.announced(sender, learned)

    def closed(self, connection_id: str, proved: Principal | None = None) -> None:
        """Forget a connection; a seller whose last one it was is not there any more. Raises the store's errors.

        `proved` is whose it was, as it was proved when it opened. Where that is known, what was stored may be gone: a
        push that found the connection closed forgets it, and so does a first attempt whose answer was lost.
        """
        stored = self._connections.remove(connection_id)
        person = proved or (Principal(stored.user_id, stored.role) if stored else None)
        if person and person.role is Role.SELLER:
            self._left(Principal(person.user_id, person.role), connection_id)

    def _left(self, seller: Principal, connection_id: str) -> None:
        last = connection_id
        # Should they have come back unseen by the index, they have said so over their new connection.
        found = self._connections.of(seller, enough=MOST_LOOKED_AT)
        for remaining in [each.id for each in found if each.id != connection_id][:MOST_LOOKED_AT]:
            self._sellers.leave(seller.user_id, last, remaining)
            if self._connections.holds(remaining):
                # Whatever ends it from now on finds that they were heard of over it.
                return
            # The index lags behind its end, or that came between: a window that closes ends all its tabs at once.
            last = remaining
        self._sellers.leave(seller.user_id, last)

    def _described(self, person: Principal, connection_id: str) -> tuple[Connection, int]:
        now = self._clock.now()
        ends = epoch_seconds(now + LIFETIME)
        # A person whose session has ended is not found any more, so nothing is pushed to them.
        expires_at = min(ends, person.expires_at) if person.expires_at is not None else ends
        return Connection(connection_id, person.user_id, person.role, iso(now)), expires_at
