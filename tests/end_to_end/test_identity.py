"""Nobody connects as, or reads for, somebody else."""

from __future__ import annotations

import jwt
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.end_to_end.clients import is_ack, is_message, messages, seller, visitor
from tests.end_to_end.deployed_system import DeployedSystem

LONG_SELLER = "seller-0f8fad5b-d9cb-469f-a165-70867728950e"


def test_a_connection_without_user_id_is_refused(deployed_system: DeployedSystem) -> None:
    with pytest.raises(InvalidStatus) as refusal, connect(deployed_system.web_socket_url):
        pass
    assert refusal.value.response.status_code == 401


@pytest.mark.parametrize("user_id", ["%20", "a%2Fb", "x" * 129, "a", "customer-4711", "x" * 128])
def test_a_malformed_or_guessable_user_id_is_refused(deployed_system: DeployedSystem, user_id: str) -> None:
    with (
        pytest.raises(InvalidStatus) as refusal,
        connect(f"{deployed_system.web_socket_url}?userId={user_id}"),
    ):
        pass
    assert refusal.value.response.status_code == 403


def test_a_visitor_who_calls_himself_like_a_seller_gets_nothing_meant_for_the_seller(
    deployed_system: DeployedSystem,
) -> None:
    with (
        seller(deployed_system, LONG_SELLER) as desk,
        visitor(deployed_system, seller_id="another-seller", device_id=LONG_SELLER) as impostor,
        visitor(deployed_system, seller_id=LONG_SELLER) as widget,
    ):
        contact_id = widget.submit_user_info({"name": "Asha"})
        widget.send_message("My card number is …")
        desk.receive(is_message)
        impostor.listen()
        assert impostor.frames == []

        assert impostor.ask({"action": "sync", "contact_id": contact_id, "after": 0})["code"] == "forbidden"
        assert impostor.ask({"action": "inbox"})["code"] == "forbidden"


def test_from_is_what_the_connection_proved_not_what_the_frame_says(
    deployed_system: DeployedSystem, seller_id: str
) -> None:
    with seller(deployed_system, seller_id) as desk, visitor(deployed_system, seller_id=seller_id) as widget:
        contact_id = widget.submit_user_info({"name": "Asha"})
        widget.send({"action": "sendMessage", "from": LONG_SELLER, "to": seller_id, "message": "Hello"})
        widget.receive(is_ack)

        assert desk.receive(is_message)["from"] == f"visitor-{contact_id}"
        assert messages(widget) == []


def test_an_expired_token_is_refused(deployed_system: DeployedSystem) -> None:
    _assert_refused(deployed_system, deployed_system.seller_token(LONG_SELLER, lifetime_seconds=-3600))


def test_a_token_signed_with_another_key_is_refused(deployed_system: DeployedSystem) -> None:
    claims = jwt.decode(deployed_system.seller_token(LONG_SELLER), options={"verify_signature": False})
    _assert_refused(deployed_system, jwt.encode(claims, "a key of forty characters, but not the shop's", "HS256"))


def test_an_unsigned_token_is_refused(deployed_system: DeployedSystem) -> None:
    claims = jwt.decode(deployed_system.seller_token(LONG_SELLER), options={"verify_signature": False})
    _assert_refused(deployed_system, jwt.encode(claims, "", "none"))


def test_another_sellers_token_is_refused(deployed_system: DeployedSystem) -> None:
    _assert_refused(deployed_system, deployed_system.seller_token("654321"))


def _assert_refused(system: DeployedSystem, token: str) -> None:
    with pytest.raises(InvalidStatus) as refusal, seller(system, LONG_SELLER, token=token):
        pass
    assert refusal.value.response.status_code == 403
