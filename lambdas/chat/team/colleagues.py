"""Who else is in a seller's team, and whether they are there."""

from __future__ import annotations

from collections.abc import Mapping

from chat.model.errors import ChatError, Code, unregistered
from chat.model.identity import Role, Sender
from chat.model.sellers import Availability, Seller
from chat.ports.errors import asking_to_retry
from chat.ports.machine import Clock
from chat.ports.sellers import SellerStore
from chat.protocol.replies import Colleague, TeamListed, TeamOutlook, fitting

MOST_SELLERS = 500
"""Of how many sellers of the shop it is looked up which teams there are."""
MOST_TEAMS = 30

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
            everybody = self._sellers.some(MOST_SELLERS) if seller else ()
        if seller is None:
            raise unregistered()
        colleagues = sorted(map(self._seen, team), key=lambda each: (_PLACES[each.status], each.name, each.seller_id))
        # A seller who was just registered may be missing in the index, and their team with them.
        teams = self._outlooks({each.id: each for each in (*everybody, *team, seller)})
        return TeamListed(team=seller.team, sellers=fitting(colleagues, teams), teams=teams)

    def _outlooks(self, sellers: Mapping[str, Seller]) -> list[TeamOutlook]:
        now = self._clock.now()
        there: dict[str, list[Seller]] = {seller.team: [] for seller in sellers.values()}
        for seller in sellers.values():
            if seller.is_available(now):
                there[seller.team].append(seller)
        return [
            TeamOutlook(team=team, there=len(found), room=sum(each.room for each in found))
            for team, found in sorted(there.items())[:MOST_TEAMS]
        ]

    def _seen(self, seller: Seller) -> Colleague:
        heard_of = seller.is_heard_of(self._clock.now())
        return Colleague(
            seller_id=seller.id,
            name=seller.name or seller.id,
            status=seller.availability if heard_of else Availability.OFFLINE,
            open_count=seller.open_count,
            capacity=seller.capacity,
        )
