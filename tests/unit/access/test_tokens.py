"""Which tokens prove that somebody is a seller. All others prove nothing, whatever is wrong with them."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import jwt
import pytest

from chat.access.tokens import END_OF_TIME, TOLERANCE_SECONDS, TokenRefusedError, seller_of
from chat.model.identity import Principal, Role

KEY = "k" * 64
SOON = int(time.time()) + 3600


def token(key: str = KEY, algorithm: str = "HS256", **claims: Any) -> str:
    """A good token, but for the claims given; None leaves one out."""
    good = {"sub": "123456", "role": "seller", "iss": "seller-chat", "aud": "seller-chat", "exp": SOON}
    return jwt.encode({name: value for name, value in {**good, **claims}.items() if value is not None}, key, algorithm)


def unsigned(header: dict[str, str], signature: str = "") -> str:
    claims = {"sub": "123456", "role": "seller", "iss": "seller-chat", "aud": "seller-chat", "exp": SOON}
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims))
    return ".".join([*parts, signature])


def test_a_good_token_names_the_seller_and_when_the_session_ends() -> None:
    assert seller_of(token(), KEY) == Principal("123456", Role.SELLER, expires_at=SOON + TOLERANCE_SECONDS)


@pytest.mark.parametrize(
    ("claim", "seconds"),
    [
        pytest.param("nbf", 240, id="ahead, by when it begins"),
        pytest.param("iat", 240, id="ahead, by when it was issued"),
        pytest.param("exp", -240, id="behind"),
    ],
)
def test_the_shops_clock_may_be_a_few_minutes(claim: str, seconds: int) -> None:
    claims: dict[str, Any] = {claim: int(time.time()) + seconds}
    seller = seller_of(token(**claims), KEY)

    assert seller.expires_at
    assert seller.expires_at > time.time()


def test_a_token_for_longer_than_there_are_dates_is_one_for_a_very_long_time() -> None:
    assert seller_of(token(exp=int("9" * 40)), KEY).expires_at == END_OF_TIME + TOLERANCE_SECONDS


@pytest.mark.parametrize("issued", [pytest.param(SOON, id="in the future"), pytest.param("yesterday", id="in words")])
def test_when_a_token_was_issued_decides_nothing(issued: int | str) -> None:
    assert seller_of(token(iat=issued), KEY).user_id == "123456"


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("length", [1, 16, 31])
def test_a_key_that_could_be_guessed_proves_nothing(length: int) -> None:
    weak = "k" * length

    with pytest.raises(TokenRefusedError, match="InvalidKeyError"):
        seller_of(token(key=weak), weak)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(token(key="another-key-another-key-another-key-!"), id="signed with another key"),
        pytest.param(token(algorithm="HS512"), id="signed with another algorithm"),
        pytest.param(token(exp=int(time.time()) - 360), id="expired"),
        pytest.param(token(nbf=SOON), id="not valid yet"),
        pytest.param(token(aud="another-service"), id="for another audience"),
        pytest.param(token(iss="somebody"), id="from another issuer"),
        pytest.param(token(role="visitor"), id="of a visitor"),
        pytest.param(token(role=None), id="without a role"),
        pytest.param(token(exp=None), id="without an end"),
        pytest.param(token(sub=None), id="without a subject"),
        pytest.param(token(aud=None), id="without an audience"),
        pytest.param(token(iss=None), id="without an issuer"),
        pytest.param(token(sub=""), id="with an empty subject"),
        pytest.param(token(sub="system"), id="in the system's name"),
        pytest.param(token(sub="visitor-contact-1"), id="in a visitor's name"),
        pytest.param(token(sub="a b"), id="with a malformed subject"),
        pytest.param(unsigned({"alg": "none", "typ": "JWT"}), id="unsigned"),
        pytest.param(unsigned({"alg": "None", "typ": "JWT"}), id="unsigned in capitals"),
        pytest.param(unsigned({"alg": "HS256", "typ": "JWT"}), id="with an empty signature"),
        pytest.param(unsigned({"alg": "HS256", "typ": "JWT"}, "AAAA"), id="with a made-up signature"),
        pytest.param(unsigned({"alg": "RS256", "typ": "JWT"}, "AAAA"), id="that says it is RSA"),
        pytest.param(token()[:-3] + "abc", id="with a changed signature"),
        pytest.param("", id="empty"),
        pytest.param("a.b.c", id="nonsense"),
        pytest.param("a" * 4000, id="long nonsense"),
        pytest.param("ä.ö.ü", id="not even ASCII"),
        pytest.param("a.\ud800.b", id="not even UTF-8"),
    ],
)
def test_a_token_is_refused_that_is(bad: str) -> None:
    with pytest.raises(TokenRefusedError):
        seller_of(bad, KEY)


def test_a_refusal_holds_nothing_of_the_token() -> None:
    bad = token(aud="canary-in-the-token")

    with pytest.raises(TokenRefusedError) as caught:
        seller_of(bad, KEY)

    assert str(caught.value) == "InvalidAudienceError"
