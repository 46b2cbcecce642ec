"""Who may open a connection."""

from __future__ import annotations

from collections.abc import Callable

from chat.access.origins import may_call
from chat.access.tokens import TokenRefusedError
from chat.access.upgrade import Upgrade
from chat.model.identity import Principal, Role, is_device_id, is_user_id


class RefusedError(Exception):
    """The connection may not be opened; the text says why, for the log only."""


class Admission:
    """Decides about connections.

    `seller_of` and `visitor_of` find whom a token names, or raise `TokenRefusedError`. Without `visitor_of` anybody may
    be a visitor; with it only those whom the shop gave a token.
    """

    def __init__(
        self,
        *,
        seller_of: Callable[[str], Principal],
        visitor_of: Callable[[str], Principal] | None = None,
        allowed_origins: frozenset[str],
        redeem: Callable[[str], Principal | None],
    ) -> None:
        self._seller_of = seller_of
        self._visitor_of = visitor_of
        self._allowed_origins = allowed_origins
        self._redeem = redeem

    def admit(self, upgrade: Upgrade) -> Principal:
        """Who this is. Raises `RefusedError`."""
        if not may_call(upgrade.headers.get("origin"), self._allowed_origins):
            raise RefusedError("origin is not allowed")
        if not is_user_id(upgrade.user_id):
            raise RefusedError("userId is malformed")
        token = upgrade.offered_token
        if token is not None:
            return self._token_holder(upgrade.user_id, token)
        if upgrade.ticket is not None:
            return self._ticket_holder(upgrade.user_id, upgrade.ticket)
        if self._visitor_of is not None:
            raise RefusedError("a visitor needs a token here")
        if not is_device_id(upgrade.user_id):
            raise RefusedError("the device id could be guessed")
        return Principal(upgrade.user_id, Role.VISITOR)

    def _ticket_holder(self, user_id: str, ticket: str) -> Principal:
        seller = self._redeem(ticket)
        if seller is None:
            raise RefusedError("the ticket is unknown, used or too old")
        if seller.user_id != user_id:
            raise RefusedError("userId is not the ticket's seller")
        return seller

    def _token_holder(self, user_id: str, token: str) -> Principal:
        try:
            person = self._proven(token)
        except TokenRefusedError as error:
            raise RefusedError(f"token: {error}") from error
        if person.user_id != user_id:
            raise RefusedError("userId is not the token's subject")
        return person

    def _proven(self, token: str) -> Principal:
        """Each kind is tried by its own rules; what a token says of itself decides nothing before it is verified."""
        if self._visitor_of is None:
            return self._seller_of(token)
        try:
            return self._visitor_of(token)
        except TokenRefusedError:
            return self._seller_of(token)
