"""Who may open a connection, and as whom."""

from __future__ import annotations

import time

import jwt
import pytest

from chat.access.admission import Admission, RefusedError
from chat.access.tokens import TOLERANCE_SECONDS, seller_of, visitor_of
from chat.access.upgrade import Upgrade
from chat.model.identity import Principal, Role

KEY = "k" * 64
DEVICE = "0f8fad5b-d9cb-469f-a165-70867728950e"
SOON = int(time.time()) + 3600
TOKEN = jwt.encode(
    {"sub": "123456", "role": "seller", "iss": "seller-chat", "aud": "seller-chat", "exp": SOON}, KEY, "HS256"
)


VISITOR_TOKEN = jwt.encode(
    {"sub": DEVICE, "role": "visitor", "iss": "seller-chat", "aud": "seller-chat", "exp": SOON}, KEY, "HS256"
)


class Sellers:
    """Proves sellers, and counts how often it was asked to."""

    asked = 0

    def __call__(self, token: str) -> Principal:
        self.asked += 1
        return seller_of(token, KEY)


def no_tickets(_ticket: str) -> Principal | None:
    return None


@pytest.fixture
def sellers() -> Sellers:
    """Whose tokens are believed."""
    return Sellers()


@pytest.fixture
def admission(sellers: Sellers) -> Admission:
    """Decides for the pages of one shop."""
    return Admission(seller_of=sellers, allowed_origins=frozenset({"https://shop.example"}), redeem=no_tickets)


def test_a_user_id_alone_is_a_visitor(admission: Admission, sellers: Sellers) -> None:
    assert admission.admit(Upgrade(DEVICE, {})) == Principal(DEVICE, Role.VISITOR)
    assert sellers.asked == 0


@pytest.mark.parametrize(
    "offer",
    [f"seller-chat, {TOKEN}", f"seller-chat,{TOKEN}", f"{TOKEN}, seller-chat", TOKEN],
    ids=["after the protocol", "without a space", "before the protocol", "alone"],
)
def test_a_token_among_the_subprotocols_is_a_seller(admission: Admission, offer: str) -> None:
    upgrade = Upgrade("123456", {"sec-websocket-protocol": offer})

    assert admission.admit(upgrade) == Principal("123456", Role.SELLER, expires_at=SOON + TOLERANCE_SECONDS)


@pytest.mark.parametrize("offer", ["", "seller-chat", " seller-chat , "])
def test_without_a_token_the_subprotocol_proves_nothing(admission: Admission, offer: str) -> None:
    assert admission.admit(Upgrade(DEVICE, {"sec-websocket-protocol": offer})).role is Role.VISITOR


@pytest.mark.parametrize(
    "device", ["a", "123456", "customer-4711", "ana.longname@shop.example.com", "a" * 64, "0" * 20 + "42"]
)
def test_a_device_id_that_could_be_guessed_opens_nothing(admission: Admission, device: str) -> None:
    with pytest.raises(RefusedError, match=r"^the device id could be guessed$"):
        admission.admit(Upgrade(device, {}))


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
    assert admission.admit(Upgrade(DEVICE, {"origin": "https://shop.example"}))


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("https://evil.example", id="another host"),
        pytest.param("http://shop.example", id="another scheme"),
        pytest.param("wss://shop.example", id="a WebSocket's scheme"),
        pytest.param("https://shop.example:8443", id="another port"),
        pytest.param("https://shop.example:443", id="a port that browsers leave out"),
        pytest.param("https://shop.example.evil.example", id="the shop as a prefix"),
        pytest.param("https://evil-shop.example", id="the shop as a suffix"),
        pytest.param("https://evil.example/https://shop.example", id="the shop as a part"),
        pytest.param("https://shop.example@evil.example", id="the shop as a user name"),
        pytest.param("https://shop-example", id="another character for the dot"),
        pytest.param("https://www.shop.example", id="a subdomain"),
        pytest.param("https://shop.example.", id="a final dot"),
        pytest.param("https://shop.example/", id="a path"),
        pytest.param("https://SHOP.example", id="capitals"),
        pytest.param("HTTPS://shop.example", id="a scheme in capitals"),
        pytest.param(" https://shop.example", id="white space"),
        pytest.param("https://shop.example, https://evil.example", id="two origins"),
        pytest.param("shop.example", id="no scheme"),
        pytest.param("null", id="null, as a sandboxed frame sends"),
        pytest.param("*", id="a star"),
        pytest.param("", id="nothing"),
    ],
)
def test_any_other_page_may_not(admission: Admission, origin: str) -> None:
    with pytest.raises(RefusedError, match="origin"):
        admission.admit(Upgrade(DEVICE, {"origin": origin}))


def test_a_star_lets_every_page_connect(sellers: Sellers) -> None:
    admission = Admission(seller_of=sellers, allowed_origins=frozenset({"*"}), redeem=no_tickets)

    assert admission.admit(Upgrade(DEVICE, {"origin": "https://anything.example"}))


@pytest.fixture
def members_only(sellers: Sellers) -> Admission:
    """Decides for a shop that lets in only visitors to whom it gave a token."""
    return Admission(
        seller_of=sellers,
        visitor_of=lambda token: visitor_of(token, KEY),
        allowed_origins=frozenset({"*"}),
        redeem=no_tickets,
    )


def test_a_visitor_with_a_token_is_let_in_until_it_expires(members_only: Admission) -> None:
    upgrade = Upgrade(DEVICE, {"sec-websocket-protocol": f"seller-chat, {VISITOR_TOKEN}"})

    assert members_only.admit(upgrade) == Principal(DEVICE, Role.VISITOR, expires_at=SOON + TOLERANCE_SECONDS)


def test_where_visitors_need_a_token_sellers_connect_as_ever(members_only: Admission) -> None:
    upgrade = Upgrade("123456", {"sec-websocket-protocol": f"seller-chat, {TOKEN}"})

    assert members_only.admit(upgrade).role is Role.SELLER


def test_where_visitors_need_a_token_a_device_id_alone_is_refused(members_only: Admission) -> None:
    with pytest.raises(RefusedError, match="needs a token"):
        members_only.admit(Upgrade(DEVICE, {}))


def test_a_visitors_token_opens_no_other_visitors_connection(members_only: Admission) -> None:
    with pytest.raises(RefusedError, match="subject"):
        members_only.admit(Upgrade("device-2", {"sec-websocket-protocol": VISITOR_TOKEN}))


def test_a_visitors_token_makes_no_seller(admission: Admission) -> None:
    with pytest.raises(RefusedError, match="role or subject"):
        admission.admit(Upgrade(DEVICE, {"sec-websocket-protocol": VISITOR_TOKEN}))
