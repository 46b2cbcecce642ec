"""Who may open a connection, and as whom."""

from __future__ import annotations

import time

import jwt
import pytest

from chat.admission import Admission, RefusedError, Upgrade
from chat.identity import Principal, Role

KEY = "k" * 64
SOON = int(time.time()) + 3600
TOKEN = jwt.encode(
    {"sub": "123456", "role": "seller", "iss": "seller-chat", "aud": "seller-chat", "exp": SOON}, KEY, "HS256"
)


class SigningKey:
    """A key that counts how often it was asked for."""

    asked = 0

    def __call__(self) -> str:
        self.asked += 1
        return KEY


def no_tickets(_ticket: str) -> Principal | None:
    return None


@pytest.fixture
def signing_key() -> SigningKey:
    """Where the key comes from."""
    return SigningKey()


@pytest.fixture
def admission(signing_key: SigningKey) -> Admission:
    """Decides for the pages of one shop."""
    return Admission(signing_key=signing_key, allowed_origins=frozenset({"https://shop.example"}), redeem=no_tickets)


def test_a_user_id_alone_is_a_visitor(admission: Admission, signing_key: SigningKey) -> None:
    assert admission.admit(Upgrade("device-1", {})) == Principal("device-1", Role.VISITOR)
    assert signing_key.asked == 0


@pytest.mark.parametrize("offer", [f"seller-chat, {TOKEN}", f"seller-chat,{TOKEN}", f"{TOKEN}, seller-chat", TOKEN])
def test_a_token_among_the_subprotocols_is_a_seller(admission: Admission, offer: str) -> None:
    upgrade = Upgrade("123456", {"sec-websocket-protocol": offer})

    assert admission.admit(upgrade) == Principal("123456", Role.SELLER, expires_at=SOON)


@pytest.mark.parametrize("offer", ["", "seller-chat", " seller-chat , "])
def test_without_a_token_the_subprotocol_proves_nothing(admission: Admission, offer: str) -> None:
    assert admission.admit(Upgrade("123456", {"sec-websocket-protocol": offer})).role is Role.VISITOR


def test_a_bad_token_is_refused_and_does_not_make_a_visitor(admission: Admission) -> None:
    with pytest.raises(RefusedError, match=r"^token: DecodeError$"):
        admission.admit(Upgrade("123456", {"sec-websocket-protocol": "seller-chat, nonsense"}))


def test_a_token_opens_no_connection_under_another_name(admission: Admission) -> None:
    with pytest.raises(RefusedError, match="subject"):
        admission.admit(Upgrade("654321", {"sec-websocket-protocol": TOKEN}))


@pytest.mark.parametrize("user_id", ["", " ", "a b", "ä", "a\n", "x" * 129, "../../etc", "<script>"])
def test_a_malformed_user_id_is_refused(admission: Admission, user_id: str) -> None:
    with pytest.raises(RefusedError, match="malformed"):
        admission.admit(Upgrade(user_id, {}))


def test_a_page_of_the_shop_may_connect(admission: Admission) -> None:
    assert admission.admit(Upgrade("device-1", {"origin": "https://shop.example"}))


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.evil.example",
        "https://shop.example/",
        "https://SHOP.example",
        "null",
        "",
    ],
)
def test_any_other_page_may_not(admission: Admission, origin: str) -> None:
    with pytest.raises(RefusedError, match="origin"):
        admission.admit(Upgrade("device-1", {"origin": origin}))


def test_a_star_lets_every_page_connect(signing_key: SigningKey) -> None:
    admission = Admission(signing_key=signing_key, allowed_origins=frozenset({"*"}), redeem=no_tickets)

    assert admission.admit(Upgrade("device-1", {"origin": "https://anything.example"}))
