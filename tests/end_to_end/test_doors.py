"""Tickets and other origins: the ways in for browsers that need one."""

from __future__ import annotations

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.end_to_end.clients import PATIENCE_SECONDS, Client
from tests.end_to_end.deployed_system import DeployedSystem


def test_a_ticket_opens_one_connection(deployed_system: DeployedSystem, seller_id: str) -> None:
    token = deployed_system.seller_token(seller_id)
    ticket = deployed_system.call("POST", "/tickets", {}, bearer=token).json()["ticket"]
    url = f"{deployed_system.web_socket_url}?userId={seller_id}&ticket={ticket}"
    with connect(url, open_timeout=PATIENCE_SECONDS) as socket:
        assert Client(socket).ask({"action": "inbox"})["action"] == "inbox"
    with pytest.raises(InvalidStatus) as refusal, connect(url):
        pass
    assert refusal.value.response.status_code == 403


def test_pages_of_other_origins_may_call(deployed_system: DeployedSystem) -> None:
    asked = deployed_system.call(
        "OPTIONS", "/sendmessage", Origin="https://shop.example", Access_Control_Request_Method="POST"
    )
    assert asked.status == 204
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert {"authorization", "content-type"} <= set(asked.headers["Access-Control-Allow-Headers"].lower().split(","))
    assert "POST" in asked.headers["Access-Control-Allow-Methods"].split(",")
