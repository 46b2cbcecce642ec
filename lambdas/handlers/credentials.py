"""What sellers and visitors prove themselves by, as the environment's variables say."""

from __future__ import annotations

from collections.abc import Callable

from chat.access.tokens import of_issuer, seller_of, visitor_of
from chat.adapters.secrets import Secret
from chat.model.identity import Principal
from handlers import clients
from handlers.variables import Tokens, VariableError

Proof = Callable[[str], Principal]
"""From a token to whom it names; raises `TokenRefusedError`."""


class Credentials:
    """Proofs of one function."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._secret = Secret(clients.secrets_manager, tokens.seller_token_secret)

    @property
    def sellers(self) -> Proof:
        """An issuer's tokens where SELLER_TOKEN_JWKS_URL is set, else those signed with the shared secret."""
        tokens = self._tokens
        if tokens.seller_token_jwks_url is None:
            return lambda token: seller_of(token, self._secret.value())
        if tokens.seller_token_issuer is None or tokens.seller_token_audience is None:
            raise VariableError("SELLER_TOKEN_JWKS_URL needs SELLER_TOKEN_ISSUER and SELLER_TOKEN_AUDIENCE.")
        from chat.adapters.issuer_keys import IssuerKeys

        keys = IssuerKeys(tokens.seller_token_jwks_url)
        rules = of_issuer(tokens.seller_token_issuer, tokens.seller_token_audience)
        return lambda token: seller_of(token, keys.key_of(token), rules)

    @property
    def visitors(self) -> Proof | None:
        """Tokens of the shop's back end where VISITOR_TOKENS is `required`; None where a device id is enough."""
        if self._tokens.visitor_tokens is None:
            return None
        return lambda token: visitor_of(token, self._secret.value())
