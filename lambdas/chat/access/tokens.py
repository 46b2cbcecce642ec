"""What proves that somebody is a seller, or a visitor whom the shop knows: a JSON Web Token (RFC 7519)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from chat.model.identity import Principal, Role, is_seller_id, is_user_id

if TYPE_CHECKING:
    import jwt

ISSUER = "seller-chat"
AUDIENCE = "seller-chat"
TOLERANCE_SECONDS = 300
"""How far the clocks of who signs and who checks may be apart; the shop's back end allows our events as much."""
END_OF_TIME = 253_402_300_799
"""The last second of the year 9999, the last that ISO 8601 writes with four digits."""

Key: TypeAlias = "str | jwt.PyJWK"


class TokenRefusedError(Exception):
    """The token proves nothing."""


class WrongKeyError(TokenRefusedError):
    """Another key has signed it, or this one is unfit to prove anything; another one may be right."""


class KeysUnavailableError(Exception):
    """The keys of the tokens' issuer cannot be had just now, so nothing can be proven."""


@dataclass(frozen=True)
class TokenRules:
    """Which tokens are believed. The algorithms come from here and never from a token (RFC 8725, section 3.1)."""

    algorithms: tuple[str, ...]
    issuer: str
    audience: str


SHARED_SECRET = TokenRules(("HS256",), ISSUER, AUDIENCE)
"""Tokens that the shop's back end signs with a key it shares with this system."""


def of_issuer(issuer: str, audience: str) -> TokenRules:
    """Tokens that an identity provider signs with keys of which only it has the private half."""
    return TokenRules(("RS256", "ES256"), issuer, audience)


def seller_of(token: str, key: Key, rules: TokenRules = SHARED_SECRET) -> Principal:
    """The seller whom `token` names in `sub`. Raises `TokenRefusedError`.

    Checked are the signature, `iss`, `aud`, `exp`, `nbf`, and that `role` is `seller`. The session ends
    `TOLERANCE_SECONDS` after `exp`, so that a token that is still believed is good for something.
    """
    seller = _person(token, key, rules, Role.SELLER)
    if not is_seller_id(seller.user_id):
        raise TokenRefusedError("role or subject")
    return seller


def visitor_of(token: str, key: Key) -> Principal:
    """The visitor whose device id `token` names in `sub`; checked like a seller's. Raises `TokenRefusedError`."""
    return _person(token, key, SHARED_SECRET, Role.VISITOR)


def _person(token: str, key: Key, rules: TokenRules, role: Role) -> Principal:
    if not token.isascii():
        raise TokenRefusedError("not ASCII")
    # Not before: with `cryptography` it is a third of a cold start, and most people who connect have no token.
    import jwt

    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=rules.algorithms,
            issuer=rules.issuer,
            audience=rules.audience,
            leeway=TOLERANCE_SECONDS,
            options={
                "require": ["sub", "exp", "iss", "aud"],
                "enforce_minimum_key_length": True,
                # When a token was issued tells its age, and not whether it is good (RFC 7519, section 4.1.6).
                "verify_iat": False,
            },
        )
    except (jwt.InvalidSignatureError, jwt.InvalidKeyError) as error:
        raise WrongKeyError(type(error).__name__) from error
    except jwt.InvalidTokenError as error:
        raise TokenRefusedError(type(error).__name__) from error
    subject = claims["sub"]
    if claims.get("role") != role or not is_user_id(subject):
        raise TokenRefusedError("role or subject")
    # A number that no date has fits into no table either.
    return Principal(subject, role, expires_at=min(int(claims["exp"]), END_OF_TIME) + TOLERANCE_SECONDS)
