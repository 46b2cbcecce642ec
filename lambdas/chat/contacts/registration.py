"""How a new contact gets its id: it is counted, and the directory is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from chat.limits import Openings
from chat.model.entries import Json
from chat.model.identity import Sender, reference_of
from chat.ports.machine import Runtime
from chat.ports.shop import ContactDirectory, ContactRequest, DirectoryUnavailableError


class Registered(NamedTuple):
    """The contact's id, whether the directory knows it yet, and under which `key` it was or will be registered."""

    contact_id: str
    known: bool
    key: str


class Registration:
    """Asks the directory for ids."""

    def __init__(self, *, directory: ContactDirectory, openings: Openings, runtime: Runtime) -> None:
        self._directory = directory
        self._openings = openings
        self._ids = runtime.ids
        self._journal = runtime.journal

    def count(self, sender: Sender, key: str, *, is_known: bool) -> None:
        """Count a new contact, once per `key`.

        Raises `ChatError`: `blocked`, `slow_down` for a visitor who opens too many, `try_again`.
        """
        self._openings.admit(key, sender, is_known=is_known)

    def register(self, sender: Sender, requested: str, user_info: Mapping[str, Json], key: str) -> Registered:
        """An id for a visitor's new contact with a seller or team; `key` is the same for every attempt to start it.

        Without the directory's answer the contact starts under an id of ours and is registered later.
        """
        proposed = self.unknown(key)
        request = ContactRequest(
            idempotency_key=key,
            seller_id=requested,
            user_info=user_info,
            visitor=reference_of(sender.principal.user_id),
            proposed_contact_id=proposed.contact_id,
        )
        try:
            return Registered(self._directory.register(request).contact_id, known=True, key=key)
        except DirectoryUnavailableError as error:
            self._journal.note("directory_unavailable", reason=error.reason, contact_id=proposed.contact_id)
            return proposed

    def unknown(self, key: str) -> Registered:
        """An id of ours, which the directory does not know yet."""
        return Registered(self._ids.new(), known=False, key=key)
