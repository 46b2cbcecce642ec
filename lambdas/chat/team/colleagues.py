"""Who else is in a seller's team, and whether they are there."""

from __future__ import annotations

from chat.model.errors import ChatError, Code
from chat.model.identity import Role, Sender
from chat.model.sellers import Availability, Seller
from chat.ports.errors import asking_to_retry
from chat.ports.machine import Clock
from chat.ports.sellers import SellerStore
from chat.protocol.replies import Colleague, TeamListed, fitting

_PLACES = {Availability.ONLINE: 0, Availability.AWAY: 1, Availability.OFFLINE: 2}


class Colleagues:
    """Lists a team for those in it."""

    def __init__(self, *, sellers: SellerStore, clock: Clock) -> None:
        self._sellers = sellers
        self._clock = clock

    def listed(self, sender: Sender) -> TeamListed:
        """The seller's team, those who are there first; of a large one as many as fit into one frame.

        Raises `ChatError`: `forbidden` for a visitor, `unknown_seller` for a seller who is not registered, `try_again`.
        """
        person = sender.principal
        if person.role is not Role.SELLER:
            raise ChatError(Code.FORBIDDEN, "Only sellers have a team.")
        with asking_to_retry():
            seller = self._sellers.get(person.user_id)
            team = self._sellers.team(seller.team) if seller else ()
        if seller is None:
            raise ChatError(Code.UNKNOWN_SELLER, "This seller is not registered here.")
        colleagues = sorted(map(self._seen, team), key=lambda each: (_PLACES[each.status], each.name, each.seller_id))
        return TeamListed(team=seller.team, sellers=fitting(colleagues))

    def _seen(self, seller: Seller) -> Colleague:
        heard_of = seller.is_heard_of(self._clock.now())
        return Colleague(
            seller_id=seller.id,
            name=seller.name or seller.id,
            status=seller.availability if heard_of else Availability.OFFLINE,
            open_count=seller.open_count,
            capacity=seller.capacity,
        )
