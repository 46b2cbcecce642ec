"""What sellers say of themselves."""

from __future__ import annotations

from chat.connections.delivery import Delivery
from chat.model.errors import ChatError, Code, unregistered
from chat.model.identity import Role, Sender
from chat.model.sellers import Availability, Seller
from chat.model.timestamps import epoch_seconds
from chat.ports.errors import asking_to_retry
from chat.ports.machine import Clock
from chat.ports.sellers import SellerStore
from chat.protocol.replies import presence_noted
from chat.team.queue import Queue, Stop


class Presence:
    """Takes a seller's heartbeat. One who comes, or comes back, finds work: the queue is drained."""

    def __init__(
        self,
        *,
        sellers: SellerStore,
        queue: Queue,
        delivery: Delivery,
        clock: Clock,
        accepts_unknown: bool,
        default_capacity: int,
    ) -> None:
        self._sellers = sellers
        self._queue = queue
        self._delivery = delivery
        self._clock = clock
        self._accepts_unknown = accepts_unknown
        self._default_capacity = default_capacity

    def beat(self, sender: Sender, availability: Availability | None = None) -> Seller:
        """Note that a seller is there, and their availability if they say it over this connection.

        Another device beats without a word of its own, so that none undoes what was said on another.

        Raises `ChatError`: `forbidden` for a visitor, `unknown_seller` where sellers are registered beforehand,
        `try_again`.
        """
        person = sender.principal
        if person.role is not Role.SELLER:
            raise ChatError(Code.FORBIDDEN, "Only sellers have a presence.")
        seller = self._noted(person.user_id, availability, sender.connection_id or "")
        if availability is not None:
            self._delivery.tell_devices(person, presence_noted(seller), sender.connection_id)
        if not seller.is_available(self._clock.now()):
            return seller
        if not seller.has_room and self._queue.reclaim(seller):
            seller = self._get(seller.id) or seller
        return self._provided(seller) if seller.has_room else seller

    def _provided(self, seller: Seller) -> Seller:
        """The seller once those who wait were asked about, as many as there is time for at one heartbeat."""
        after = Stop.parse(seller.drained_to)
        drained = self._queue.drain((seller.id, seller.team), fresh=(seller,), after=after)
        if drained.stopped_at != after:
            with asking_to_retry():
                self._sellers.drained(seller.id, str(drained.stopped_at or ""))
        return (self._get(seller.id) if drained.given else None) or seller

    def _get(self, seller_id: str) -> Seller | None:
        with asking_to_retry():
            return self._sellers.get(seller_id)

    def _noted(self, seller_id: str, availability: Availability | None, connection_id: str) -> Seller:
        at = epoch_seconds(self._clock.now())
        with asking_to_retry():
            seller = self._sellers.beat(seller_id, availability, at, connection_id)
            if seller is None and self._accepts_unknown:
                # Who was removed may carry some still, which are given back one by one.
                carried = self._queue.carried_by(seller_id)
                new = Seller(seller_id, team=seller_id, capacity=self._default_capacity, open_count=carried)
                self._sellers.register(new)
                seller = self._sellers.beat(seller_id, availability, at, connection_id)
        if seller is None:
            raise unregistered()
        return seller
