"""Who answers: one small class per strategy. Add yours here and to `STRATEGIES`; docs/operations.md shows how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chat.model.sellers import Seller
from chat.ports.strategies import Ask, Strategy


class Direct:
    """The one the page names, present or not: the document's `sellerId`."""

    needs_presence = False

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        """The named seller, else the least loaded of the named team."""
        return [seller for seller in sellers if seller.id == ask.requested] or LeastLoaded().order(ask, sellers)


class LeastLoaded:
    """The one with the fewest open contacts; among equals, who has waited longest."""

    needs_presence = True

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:  # noqa: ARG002 - the port's signature
        """By open contacts, then by the last assignment."""
        return sorted(sellers, key=lambda seller: (seller.open_count, seller.last_assigned, seller.id))


class RoundRobin:
    """The seller who was given a contact longest ago, however many they have."""

    needs_presence = True

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:  # noqa: ARG002
        """By the last assignment."""
        return sorted(sellers, key=lambda seller: (seller.last_assigned, seller.id))


class Sticky:
    """Who served this visitor last, then the least loaded."""

    needs_presence = True

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        """The previous seller first."""
        return sorted(LeastLoaded().order(ask, sellers), key=lambda seller: seller.id != ask.previous)


STRATEGIES: Mapping[str, type[Strategy]] = {
    "direct": Direct,
    "least_loaded": LeastLoaded,
    "round_robin": RoundRobin,
    "sticky": Sticky,
}
"""Those that need nothing from outside; `external` is `chat.adapters.shop.chooser`."""
