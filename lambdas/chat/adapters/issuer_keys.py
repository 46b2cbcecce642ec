"""The public keys of an identity provider: a JSON Web Key Set (RFC 7517), fetched once and again when keys rotate."""

from __future__ import annotations

import time
from collections.abc import Callable

import jwt
import msgspec
import urllib3
from urllib3.exceptions import HTTPError

from chat.access.tokens import KeysUnavailableError, TokenRefusedError

MAX_BYTES = 64 * 1024
LIFETIME_SECONDS = 3600
"""How long a key is believed without asking again: a key that the issuer withdraws is refused after an hour."""
PAUSE_SECONDS = 60
"""At most one fetch in this time, so that tokens with made-up key ids cannot turn us against the issuer."""
_ALGORITHMS = frozenset({"RS256", "ES256"})


class IssuerKeys:
    """Finds the key that a token was signed with.

    `url` must be https, else `ValueError`. The server that answers at `url` decides who is a seller.
    """

    def __init__(
        self,
        url: str,
        *,
        fetch: Callable[[str], bytes] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not url.startswith("https://"):
            raise ValueError("An issuer's keys are fetched over https only.")
        self._url = url
        self._fetch = fetch or fetched
        self._monotonic = monotonic
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None

    def key_of(self, token: str) -> jwt.PyJWK:
        """The key that `token` names in `kid`. Raises `TokenRefusedError` and `KeysUnavailableError`."""
        key_id = _key_id(token)
        if self._is_stale() or key_id not in self._keys:
            self._refresh()
        if self._is_stale():
            raise KeysUnavailableError("the issuer's keys cannot be read")
        if key_id not in self._keys:
            raise TokenRefusedError("unknown key")
        return self._keys[key_id]

    def _is_stale(self) -> bool:
        return self._fetched_at is None or self._monotonic() - self._fetched_at > LIFETIME_SECONDS

    def _refresh(self) -> None:
        now = self._monotonic()
        if self._tried_at is not None and now - self._tried_at < PAUSE_SECONDS:
            return
        self._tried_at = now
        try:
            self._keys = _parsed(self._fetch(self._url))
        except KeysUnavailableError:
            # What is known stays good for its lifetime: an issuer that is down must not log everyone out.
            return
        self._fetched_at = now


def fetched(url: str) -> bytes:
    """The content at `url`, following no redirect. Raises `KeysUnavailableError`."""
    timeout = urllib3.Timeout(connect=1, read=2)
    try:
        with urllib3.PoolManager() as pool:
            answer = pool.request("GET", url, redirect=False, retries=False, timeout=timeout, preload_content=False)
            content = answer.read(MAX_BYTES + 1)
    except HTTPError as error:
        raise KeysUnavailableError(type(error).__name__) from error
    if answer.status != 200 or len(content) > MAX_BYTES:
        raise KeysUnavailableError(f"status {answer.status}, {len(content)} bytes")
    return content


def _parsed(content: bytes) -> dict[str, jwt.PyJWK]:
    try:
        listed = msgspec.json.decode(content)["keys"]
        return {key.key_id: key for each in listed if (key := _usable(each)) and key.key_id}
    except (msgspec.DecodeError, LookupError, TypeError, AttributeError) as error:
        raise KeysUnavailableError("this is no JSON Web Key Set") from error


def _usable(described: dict[str, str]) -> jwt.PyJWK | None:
    """The key, if it is a public one that signs; a symmetric key has no place in a published set."""
    if described.get("kty") not in {"RSA", "EC"} or described.get("use", "sig") != "sig":
        return None
    try:
        key = jwt.PyJWK.from_dict(described)
    except (jwt.PyJWTError, ValueError):
        return None
    return key if key.algorithm_name in _ALGORITHMS else None


def _key_id(token: str) -> str:
    if not token.isascii():
        raise TokenRefusedError("not ASCII")
    try:
        return str(jwt.get_unverified_header(token).get("kid", ""))
    except jwt.InvalidTokenError as error:
        raise TokenRefusedError(type(error).__name__) from error
