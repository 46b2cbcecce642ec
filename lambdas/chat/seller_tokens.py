"""What proves that somebody is a seller: a JSON Web Token (RFC 7519), signed with a key the shop's back end shares."""

from __future__ import annotations

import jwt

from chat.identity import Principal, Role, is_seller_id

ISSUER = "seller-chat"
AUDIENCE = "seller-chat"
ALGORITHM = "HS256"
LEEWAY_SECONDS = 5


class TokenRefusedError(Exception):
    """The token proves nothing."""


def seller_of(token: str, key: str) -> Principal:
    """The seller whom `token` names in `sub`. Raises `TokenRefusedError`.

    Checked are the signature (HS256 and nothing else), `iss`, `aud`, `exp`, `nbf`, and that `role` is `seller`.
    """
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            leeway=LEEWAY_SECONDS,
            options={"require": ["sub", "exp", "iss", "aud"]},
        )
    except jwt.InvalidTokenError as error:
        raise TokenRefusedError(type(error).__name__) from error
    subject = claims["sub"]
    if claims.get("role") != Role.SELLER or not is_seller_id(subject):
        raise TokenRefusedError("role or subject")
    return Principal(subject, Role.SELLER, expires_at=int(claims["exp"]))
