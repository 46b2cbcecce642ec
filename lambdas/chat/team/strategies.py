"""Who answers: one small class per strategy. Add yours here and to `STRATEGIES`; docs/operations.md shows how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chat.model.entries import Json
from chat.model.sellers import Seller
from chat.ports.shop import Candidate, SellerChoice, SellerChooser


@dataclass(frozen=True)
class Ask:
    """A contact that needs a seller.

    `requested` is the seller or team that the page asked for, `previous` who served this visitor last, `visitor` a
    reference that is not the device id.
    """

    contact_id: str
    requested: str
    visitor: str
    user_info: Mapping[str, Json]
    previous: str | None = None


class Strategy(Protocol):
    """Puts sellers into the order in which they are offered a contact."""

    needs_presence: bool
    """Whether only those are asked who are online within their hours."""

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        """`sellers` (all have room) or some of them, the best first. None at all means that the contact waits."""


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
    """Whoever was given a contact longest ago, however many he has."""

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


class External:
    """The shop's own back end decides."""

    needs_presence = True

    def __init__(self, chooser: SellerChooser) -> None:
        self._chooser = chooser

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        """The one whom the shop names, or nobody. Raises `DirectoryUnavailableError`."""
        candidates = [Candidate(seller.id, seller.open_count, seller.capacity) for seller in sellers]
        chosen = self._chooser.choose(
            SellerChoice(ask.contact_id, ask.requested, ask.visitor, ask.user_info, candidates)
        )
        return [seller for seller in sellers if seller.id == chosen]


STRATEGIES: Mapping[str, type[Direct | LeastLoaded | RoundRobin | Sticky]] = {
    "direct": Direct,
    "least_loaded": LeastLoaded,
    "round_robin": RoundRobin,
    "sticky": Sticky,
}
"""Those that need nothing from outside; `external` is made with the shop's back end."""
