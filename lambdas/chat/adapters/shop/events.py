"""Events for the shop's own back end, signed as Standard Webhooks asks: the signature's key is the API key's bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from standardwebhooks import Webhook

from chat.adapters.shop.http import JsonHttpClient
from chat.model.timestamps import epoch_seconds
from chat.ports.shop import ContactDirectory, ContactRequest

if TYPE_CHECKING:
    from chat.model.entries import Json
    from chat.ports.machine import Clock


class ShopEvents:
    """Tells the shop what happened, signed as Standard Webhooks asks."""

    def __init__(self, client: JsonHttpClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    def deliver(self, event: Mapping[str, Json]) -> None:
        """`POST /events`; the shop takes each id once. Raises as `JsonHttpClient` does.

        The key itself does not travel with it: who reads an event could sign others.
        """
        self._client.post(
            "/events", event, proof=lambda key, content: self._signature(key, str(event["id"]), content.decode())
        )

    def _signature(self, key: str, event_id: str, content: str) -> Mapping[str, str]:
        now = self._clock.now()
        return {
            "webhook-id": event_id,
            "webhook-timestamp": str(epoch_seconds(now)),
            "webhook-signature": Webhook(key.encode()).sign(event_id, now, content),
        }


def register_late(directory: ContactDirectory, event: Mapping[str, Json]) -> None:
    """Register the contact of an event that says that it is not registered: it was opened while the shop was down.

    Raises `DirectoryUnavailableError`.
    """
    data = event.get("data")
    if not isinstance(data, dict) or data.get("registered", True):
        return
    info = data.get("user_info")
    directory.register(
        ContactRequest(
            idempotency_key=str(data["idempotency_key"]),
            seller_id=str(data["requested"]),
            user_info=info if isinstance(info, dict) else {},
            visitor=str(data["visitor"]),
            proposed_contact_id=str(data["contact_id"]),
        )
    )
