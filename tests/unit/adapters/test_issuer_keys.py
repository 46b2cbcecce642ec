"""Tokens of an identity provider: which of its keys are believed, and when they are fetched."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from chat.access.tokens import TOLERANCE_SECONDS, KeysUnavailableError, TokenRefusedError, of_issuer, seller_of
from chat.adapters import issuer_keys
from chat.adapters.issuer_keys import LIFETIME_SECONDS, PAUSE_SECONDS, IssuerKeys, fetched
from chat.model.identity import Principal, Role

URL = "https://issuer.example/.well-known/jwks.json"
RULES = of_issuer("https://issuer.example", "shop-console")
SOON = int(time.time()) + 3600

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ELLIPTIC = ec.generate_private_key(ec.SECP256R1())
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def published(key: Private, key_id: str, **changes: Any) -> dict[str, Any]:
    """A key as the issuer publishes it."""
    algorithm: Any = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    name = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": key_id, "use": "sig", "alg": name} | changes


def token(key: Any, algorithm: str, key_id: str | None = "key-1", **claims: Any) -> str:
    good = {"sub": "123456", "role": "seller", "iss": RULES.issuer, "aud": RULES.audience, "exp": SOON}
    return jwt.encode({**good, **claims}, key, algorithm, headers={"kid": key_id} if key_id else {})


@dataclass
class Issuer:
    """Publishes keys; `asked` counts the fetches, and a text as `answer` is served as it is."""

    keys: list[dict[str, Any]] = field(default_factory=lambda: [published(RSA, "key-1")])
    answer: bytes | None = None
    is_down: bool = False
    asked: int = 0
    now: float = 1000

    def fetch(self, url: str) -> bytes:
        assert url == URL
        self.asked += 1
        if self.is_down:
            raise KeysUnavailableError("down")
        return self.answer if self.answer is not None else json.dumps({"keys": self.keys}).encode()


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def keys(issuer: Issuer) -> IssuerKeys:
    return IssuerKeys(URL, fetch=issuer.fetch, monotonic=lambda: issuer.now)


def proven(keys: IssuerKeys, token: str) -> Principal:
    return seller_of(token, keys.key_of(token), RULES)


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (ELLIPTIC, "ES256")])
def test_a_token_that_the_issuer_signed_names_a_seller(
    issuer: Issuer, keys: IssuerKeys, key: Private, algorithm: str
) -> None:
    issuer.keys = [published(key, "key-1")]

    assert proven(keys, token(key, algorithm)) == Principal("123456", Role.SELLER, expires_at=SOON + TOLERANCE_SECONDS)


def test_keys_are_fetched_once(issuer: Issuer, keys: IssuerKeys) -> None:
    for _ in range(3):
        proven(keys, token(RSA, "RS256"))

    assert issuer.asked == 1


def test_a_key_that_the_issuer_has_changed_to_is_fetched_at_once(issuer: Issuer, keys: IssuerKeys) -> None:
    proven(keys, token(RSA, "RS256"))
    issuer.now += PAUSE_SECONDS
    issuer.keys = [published(ELLIPTIC, "key-2")]

    assert proven(keys, token(ELLIPTIC, "ES256", "key-2")).user_id == "123456"
    assert issuer.asked == 2


def test_made_up_key_ids_cost_the_issuer_one_fetch_a_minute(issuer: Issuer, keys: IssuerKeys) -> None:
    for second in range(2 * PAUSE_SECONDS):
        issuer.now = 1000 + second
        with pytest.raises(TokenRefusedError, match="unknown key"):
            keys.key_of(token(STRANGER, "RS256", f"made-up-{second}"))

    assert issuer.asked == 2


def test_a_key_that_the_issuer_withdrew_is_refused_after_its_lifetime(issuer: Issuer, keys: IssuerKeys) -> None:
    proven(keys, token(RSA, "RS256"))
    issuer.keys = []
    issuer.now += LIFETIME_SECONDS + 1

    with pytest.raises(TokenRefusedError, match="unknown key"):
        keys.key_of(token(RSA, "RS256"))


def test_an_issuer_that_is_down_logs_nobody_out_whose_key_is_known(issuer: Issuer, keys: IssuerKeys) -> None:
    proven(keys, token(RSA, "RS256"))
    issuer.is_down = True
    issuer.now += PAUSE_SECONDS

    with pytest.raises(TokenRefusedError):
        keys.key_of(token(STRANGER, "RS256", "unknown"))
    assert proven(keys, token(RSA, "RS256"))


def test_without_any_keys_nothing_can_be_proven(issuer: Issuer, keys: IssuerKeys) -> None:
    issuer.is_down = True

    with pytest.raises(KeysUnavailableError):
        keys.key_of(token(RSA, "RS256"))


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b'{"keys": 1}', b'{"keys": ["x"]}', b"null"])
def test_an_answer_that_is_no_key_set_is_no_answer(issuer: Issuer, keys: IssuerKeys, answer: bytes) -> None:
    issuer.answer = answer

    with pytest.raises(KeysUnavailableError):
        keys.key_of(token(RSA, "RS256"))


PUBLIC_PEM = RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def forged_with_the_public_key() -> str:
    """The confusion of RFC 8725, section 2.1: an HMAC whose secret is the issuer's public key, known to everybody."""
    claims = {"sub": "123456", "role": "seller", "iss": RULES.issuer, "aud": RULES.audience, "exp": SOON}
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "HS256", "kid": "key-1"}, claims)
    ]
    signature = hmac.new(PUBLIC_PEM, ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=").decode()])


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(token(STRANGER, "RS256"), id="signed with another key under a known id"),
        pytest.param(token(RSA, "RS512"), id="signed with an algorithm that is not configured"),
        pytest.param(token(RSA, "PS256"), id="signed with another padding"),
        pytest.param(forged_with_the_public_key(), id="signed with the public key as a shared secret"),
        pytest.param(token("", "none"), id="unsigned"),
        pytest.param(token("k" * 64, "HS256"), id="signed with a shared secret"),
        pytest.param(token(ELLIPTIC, "ES256"), id="signed with another kind of key"),
        pytest.param(token(RSA, "RS256", None), id="without a key id"),
        pytest.param(token(RSA, "RS256", iss="https://issuer.example.evil"), id="of another issuer"),
        pytest.param(token(RSA, "RS256", aud="another-app"), id="for another audience"),
        pytest.param(token(RSA, "RS256", role="customer"), id="of somebody who is no seller"),
        pytest.param(token(RSA, "RS256", exp=SOON - 7200), id="expired"),
        pytest.param("a.b.c", id="nonsense"),
        pytest.param("", id="empty"),
        pytest.param("a.\ud800.b", id="not even UTF-8"),
    ],
)
def test_a_token_is_refused_that_is(keys: IssuerKeys, bad: str) -> None:
    with pytest.raises(TokenRefusedError):
        proven(keys, bad)


@pytest.mark.parametrize(
    "useless",
    [
        pytest.param({"kty": "oct", "kid": "key-1", "k": "a2tra2s", "alg": "HS256"}, id="a shared secret"),
        pytest.param(published(RSA, "key-1", use="enc"), id="a key to encrypt with"),
        pytest.param(published(RSA, "key-1", alg="RS512"), id="a key for another algorithm"),
        pytest.param({"kty": "RSA", "kid": "key-1", "n": "!", "e": "AQAB"}, id="a broken key"),
        pytest.param({**published(RSA, "key-1"), "kid": None}, id="a key without an id"),
    ],
)
def test_of_what_is_published_only_public_signing_keys_are_believed(
    issuer: Issuer, keys: IssuerKeys, useless: dict[str, Any]
) -> None:
    issuer.keys = [useless]

    with pytest.raises(TokenRefusedError, match="unknown key"):
        keys.key_of(token(RSA, "RS256"))


@pytest.mark.parametrize("url", ["http://issuer.example/jwks.json", "file:///etc/passwd", "HTTPS://issuer.example", ""])
def test_keys_come_over_https_only(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        IssuerKeys(url)


@dataclass
class Answer:
    """What an HTTP server answered."""

    status: int
    content: bytes

    def read(self, amount: int) -> bytes:
        return self.content[:amount]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(302, b""), id="a redirect"),
        pytest.param(Answer(500, b"{}"), id="an error"),
        pytest.param(Answer(200, b"x" * (issuer_keys.MAX_BYTES + 1)), id="too much"),
    ],
)
def test_a_fetch_fails_on(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def request(_pool: object, _method: str, _url: str, **options: Any) -> Answer:
        asked.update(options)
        return answer

    monkeypatch.setattr("urllib3.PoolManager.request", request)

    with pytest.raises(KeysUnavailableError):
        fetched(URL)
    assert asked["redirect"] is False
    assert (asked["timeout"].connect_timeout, asked["timeout"].read_timeout) == (1, 2)
