"""The shop's own back end, spoken to as docs/php-backend.md describes."""

from __future__ import annotations

from dataclasses import asdict

from chat.adapters.shop.http import JsonHttpClient
from chat.ports.shop import (
    ContactRequest,
    DirectoryUnavailableError,
    RegisteredContact,
    SellerChoice,
    is_contact_id,
)


class PhpContactDirectory:
    """A `ContactDirectory` kept by the shop."""

    def __init__(self, client: JsonHttpClient) -> None:
        self._client = client

    def register(self, request: ContactRequest) -> RegisteredContact:
        """`POST /contacts`. Raises `DirectoryUnavailableError`, also for an id that no contact can have."""
        answer = self._client.post(
            "/contacts",
            {
                "seller_id": request.seller_id,
                "user_info": dict(request.user_info),
                "visitor": request.visitor,
                "proposed_contact_id": request.proposed_contact_id,
            },
            {"Idempotency-Key": request.idempotency_key},
        )
        contact_id = answer.get("contact_id")
        if not isinstance(contact_id, str) or not is_contact_id(contact_id):
            raise DirectoryUnavailableError("answered no usable contact_id")
        return RegisteredContact(contact_id)


class PhpSellerChooser:
    """A `SellerChooser` that asks the shop."""

    def __init__(self, client: JsonHttpClient) -> None:
        self._client = client

    def choose(self, request: SellerChoice) -> str | None:
        """`POST /sellers/choose`. Raises `DirectoryUnavailableError`, also for a seller who was no candidate."""
        answer = self._client.post(
            "/sellers/choose",
            {
                "contact_id": request.contact_id,
                "seller_id": request.seller_id,
                "visitor": request.visitor,
                "user_info": dict(request.user_info),
                "candidates": [asdict(candidate) for candidate in request.candidates],
            },
        )
        if "seller_id" not in answer:
            raise DirectoryUnavailableError("answered without seller_id")
        seller_id = answer["seller_id"]
        if seller_id is None:
            return None
        if not isinstance(seller_id, str) or seller_id not in {candidate.seller_id for candidate in request.candidates}:
            raise DirectoryUnavailableError("chose a seller who was not asked about")
        return seller_id
