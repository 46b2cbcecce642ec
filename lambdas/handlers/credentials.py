"""What sellers and visitors prove themselves by, as the environment's variables say."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from chat.access.tokens import WrongKeyError, of_issuer, seller_of, visitor_of
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
            return self._by_any_key(seller_of)
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
        return self._by_any_key(visitor_of)

    def _by_any_key(self, prove: Callable[[str, str], Principal]) -> Proof:
        """While the key is rotated, what either of two has signed is good."""

        def proven(token: str) -> Principal:
            try:
                return prove(token, self._secret.value())
            except WrongKeyError:
                for key in self._secret.all_values():
                    with contextlib.suppress(WrongKeyError):
                        return prove(token, key)
                raise

        return proven
