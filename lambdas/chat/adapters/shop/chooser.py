"""The strategy `external`: the shop's own back end decides who answers."""

from __future__ import annotations

from collections.abc import Sequence

from chat.adapters.shop.http import JsonHttpClient
from chat.model.entries import Json
from chat.model.sellers import Seller
from chat.ports.shop import DirectoryUnavailableError
from chat.ports.strategies import Ask


class ShopChooser:
    """A `Strategy` that asks the shop."""

    needs_presence = True

    def __init__(self, client: JsonHttpClient) -> None:
        self._client = client

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        """The seller whom the shop names, or nobody.

        Raises `DirectoryUnavailableError`, also for a seller whom it was not asked about.
        """
        chosen = self._chosen(ask, sellers)
        if chosen is None:
            return []
        found = [seller for seller in sellers if seller.id == chosen]
        if not found:
            raise DirectoryUnavailableError("chose a seller who was not asked about")
        return found

    def _chosen(self, ask: Ask, sellers: Sequence[Seller]) -> Json:
        """`POST /sellers/choose`."""
        answer = self._client.post(
            "/sellers/choose",
            {
                "contact_id": ask.contact_id,
                "seller_id": ask.requested,
                "visitor": ask.visitor,
                "user_info": dict(ask.user_info),
                "candidates": [_candidate(seller) for seller in sellers],
            },
        )
        if "seller_id" not in answer:
            raise DirectoryUnavailableError("answered without seller_id")
        return answer["seller_id"]


def _candidate(seller: Seller) -> dict[str, Json]:
    return {"seller_id": seller.id, "open_contacts": seller.open_count, "capacity": seller.capacity}
