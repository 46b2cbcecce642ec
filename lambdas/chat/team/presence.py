"""What sellers say of themselves."""

from __future__ import annotations

from datetime import timedelta

from chat.model.errors import ChatError, Code
from chat.model.identity import Role, Sender
from chat.model.sellers import Availability, Seller
from chat.model.timestamps import epoch_seconds
from chat.ports.errors import asking_to_retry
from chat.ports.machine import Clock
from chat.ports.sellers import SellerStore
from chat.team.queue import Queue

WITHIN = timedelta(seconds=10)
"""How long a seller's heartbeat may take for the queue: his client repeats what is not answered by then."""


class Presence:
    """Takes a seller's heartbeat. One who comes, or comes back, finds work: the queue is drained."""

    def __init__(
        self, *, sellers: SellerStore, queue: Queue, clock: Clock, accepts_unknown: bool, default_capacity: int
    ) -> None:
        self._sellers = sellers
        self._queue = queue
        self._clock = clock
        self._accepts_unknown = accepts_unknown
        self._default_capacity = default_capacity

    def beat(self, sender: Sender, availability: Availability) -> Seller:
        """Note a seller's availability, as they say it over a connection.

        Raises `ChatError`: `forbidden` for a visitor, `unknown_seller` where sellers are registered beforehand,
        `try_again`.
        """
        person = sender.principal
        if person.role is not Role.SELLER:
            raise ChatError(Code.FORBIDDEN, "Only sellers have a presence.")
        seller = self._noted(person.user_id, availability, sender.connection_id or "")
        if seller.is_available(self._clock.now()) and seller.has_room:
            given = self._queue.drain((seller.id, seller.team), fresh=(seller,), within=WITHIN)
            return (self._get(seller.id) if given else None) or seller
        return seller

    def _get(self, seller_id: str) -> Seller | None:
        with asking_to_retry():
            return self._sellers.get(seller_id)

    def _noted(self, seller_id: str, availability: Availability, connection_id: str) -> Seller:
        at = epoch_seconds(self._clock.now())
        with asking_to_retry():
            seller = self._sellers.beat(seller_id, availability, at, connection_id)
            if seller is None and self._accepts_unknown:
                self._sellers.register(Seller(seller_id, team=seller_id, capacity=self._default_capacity))
                seller = self._sellers.beat(seller_id, availability, at, connection_id)
        if seller is None:
            raise ChatError(Code.UNKNOWN_SELLER, "This seller is not registered here.")
        return seller
