"""What sellers and visitors prove themselves by, as the environment's variables say."""

from __future__ import annotations

from collections.abc import Callable

from chat.access.tokens import of_issuer, seller_of, visitor_of
from chat.adapters.issuer_keys import IssuerKeys
from chat.adapters.secrets import Secret
from chat.model.identity import Principal
from handlers import clients
from handlers.environment import Environment

Proof = Callable[[str], Principal]
"""From a token to whom it names; raises `TokenRefusedError`."""


class Credentials:
    """Proofs of one function."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._secret = Secret(clients.secrets_manager(), environment.text("SELLER_TOKEN_SECRET"))

    @property
    def sellers(self) -> Proof:
        """An issuer's tokens where SELLER_TOKEN_JWKS_URL is set, else those signed with the shared secret."""
        url = self._environment.optional("SELLER_TOKEN_JWKS_URL")
        if url is None:
            return lambda token: seller_of(token, self._secret.value())
        keys = IssuerKeys(url)
        rules = of_issuer(
            self._environment.text("SELLER_TOKEN_ISSUER"), self._environment.text("SELLER_TOKEN_AUDIENCE")
        )
        return lambda token: seller_of(token, keys.key_of(token), rules)

    @property
    def visitors(self) -> Proof | None:
        """Tokens of the shop's back end where VISITOR_TOKENS is `required`; None where a device id is enough."""
        if self._environment.optional("VISITOR_TOKENS") != "required":
            return None
        return lambda token: visitor_of(token, self._secret.value())
