"""What the chat asks of the place that keeps the contacts: the shop's own back end, or a table of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chat.model.entries import Json


CONTACT_ID = r"[A-Za-z0-9._:-]{1,64}"


class DirectoryUnavailableError(Exception):
    """The directory did not answer, refused, or answered nonsense.

    The caller goes on without it. What the directory did with the request is unknown, so the same request may be made
    again later. `reason` is for logs: it holds no secret and nothing personal.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class ContactRequest:
    """What a shop needs to register a contact.

    `idempotency_key` (visible ASCII) is the same for every retry of the same start. `seller_id` is the seller or team
    that the page asked for. `visitor` names the visitor stably and is never the device id. `proposed_contact_id` is
    ours; the directory may answer with its own.
    """

    idempotency_key: str
    seller_id: str
    user_info: Mapping[str, Json]
    visitor: str
    proposed_contact_id: str


@dataclass(frozen=True)
class RegisteredContact:
    """A contact that the directory knows, by the id it gave."""

    contact_id: str


class ContactDirectory(Protocol):
    """Where contacts are registered."""

    def register(self, request: ContactRequest) -> RegisteredContact:
        """Register a contact once per `idempotency_key`. Raises `DirectoryUnavailableError`."""


class OwnDirectory:
    """A `ContactDirectory` of our own: the contact is registered by the write that opens it, under the id proposed."""

    def register(self, request: ContactRequest) -> RegisteredContact:
        """Always the proposed id."""
        return RegisteredContact(request.proposed_contact_id)


def is_contact_id(value: object) -> bool:
    """Whether `value` may name a contact: 1 to 64 characters of `A-Z a-z 0-9 . _ : -`."""
    return isinstance(value, str) and re.fullmatch(CONTACT_ID, value) is not None
