"""Tickets: how a browser that cannot hand over its token as a subprotocol proves that it is a seller's."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from chat.model.identity import Principal
from chat.model.timestamps import epoch_seconds
from chat.ports.connections import TicketStore
from chat.ports.machine import Clock, Ids

LIFETIME = timedelta(seconds=30)


class Tickets:
    """Issues and redeems tickets. A ticket is good once, and only its hash is stored."""

    def __init__(self, *, store: TicketStore, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    def issue(self, person: Principal) -> str:
        """A ticket that lives for `LIFETIME`. Raises the store's errors."""
        ticket = self._ids.secret()
        self._store.put(_digest(ticket), person, epoch_seconds(self._clock.now() + LIFETIME))
        return ticket

    def redeem(self, ticket: str) -> Principal | None:
        """Whose ticket it was. Raises the store's errors."""
        return self._store.take(_digest(ticket), epoch_seconds(self._clock.now()))


def _digest(ticket: str) -> str:
    # What a client sends may hold lone surrogates, which are no UTF-8.
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()
