"""The shop's own back end, spoken to as docs/php-backend.md describes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from chat.adapters.shop.http import JsonHttpClient
from chat.model.metrics import Metric
from chat.ports.machine import Journal
from chat.ports.shop import (
    ContactRequest,
    DirectoryUnavailableError,
    RegisteredContact,
    is_contact_id,
)

if TYPE_CHECKING:
    from chat.model.entries import Json


class ShopDirectory:
    """A `ContactDirectory` kept by the shop."""

    def __init__(self, client: JsonHttpClient, journal: Journal) -> None:
        self._client = client
        self._journal = journal

    def register(self, request: ContactRequest) -> RegisteredContact:
        """`POST /contacts`. Raises `DirectoryUnavailableError`, also for an id that no contact can have."""
        answer = self._asked(request)
        contact_id = answer.get("contact_id")
        if not isinstance(contact_id, str) or not is_contact_id(contact_id):
            raise DirectoryUnavailableError("answered no usable contact_id")
        return RegisteredContact(contact_id)

    def _asked(self, request: ContactRequest) -> dict[str, Json]:
        started = time.monotonic()
        try:
            return self._client.post(
                "/contacts",
                {
                    "seller_id": request.seller_id,
                    "user_info": dict(request.user_info),
                    "visitor": request.visitor,
                    "proposed_contact_id": request.proposed_contact_id,
                },
                {"Idempotency-Key": request.idempotency_key},
            )
        finally:
            self._journal.measure({Metric.DIRECTORY_MS: round((time.monotonic() - started) * 1000)})
