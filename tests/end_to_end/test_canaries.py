"""Marked secrets, sent through every path of the deployed system, are in no log group."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from urllib.parse import quote

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.end_to_end.clients import is_message, seller, visitor
from tests.end_to_end.deployed_system import DeployedSystem

DEVICE = "canary-device-3b241101-e2bb-4255-8caf-4136c566a962"
TEXT = "canary-text"
NAME = "canary-name"
FORGED = "canary.forged.token"
TICKET = "canary-ticket"
NOT_TAKEN: tuple[dict[str, object], ...] = (
    {"action": "note", "text": TEXT * 1000},
    {"action": "tag", "add": f" {TEXT}"},
    {"action": "shareReply", "id": TEXT, "base": TEXT},
    {"action": "search", "query": TEXT * 1000},
    {"action": "snooze", "until": TEXT},
    {"action": "blockVisitor", "minutes": 1, "reason": f"{TEXT}\n"},
    {"action": "unblockVisitor", "visitor": DEVICE},
    {"action": "transferChat", "to": TEXT},
    {"action": "takeChat", "base": TEXT},
    {"action": "earlier", "after": [TEXT]},
    {"action": "inbox", "after": TEXT},
)
"""What a seller is refused is what is noted."""


@pytest.fixture(scope="module")
def secrets_sent(deployed_system: DeployedSystem) -> list[str]:
    """Everything marked went everywhere it can go; what must not be found."""
    seller_id = "seller-of-canaries"
    token = deployed_system.seller_token(seller_id)
    with (
        seller(deployed_system, seller_id, token=token) as answering,
        visitor(deployed_system, seller_id=seller_id, device_id=DEVICE) as asking,
    ):
        contact_id = asking.submit_user_info({"name": NAME})
        asking.send_message(TEXT)
        answering.receive(is_message)
        for action in ("sync", "receipt", "typing", "closeChat", "nonsense", TEXT):
            asking.ask({"action": action, "contact_id": [TEXT], "userId": DEVICE, "message": TEXT})
        answering.ask({"action": "sendMessage", "to": DEVICE, "message": TEXT})
        asking.ask({"action": "sendMessage", "contact_id": contact_id, "message": TEXT * 1000})
        asking.ask({"action": "identify", "contact_id": contact_id, "userInfo": {"name": [[[[NAME]]]]}})
        for frame in NOT_TAKEN:
            answering.ask({"contact_id": contact_id, **frame})
        asking.send_raw(TEXT)
        asking.receive(lambda frame: frame.get("code") == "bad_frame")
    _is_refused(f"{deployed_system.web_socket_url}?userId={DEVICE}", FORGED)
    _is_refused(f"{deployed_system.web_socket_url}?userId={DEVICE}&ticket={TICKET}")
    for path, bearer, body in (
        ("sendmessage", DEVICE, {"sellerId": seller_id, "message": TEXT, "userInfo": {"name": NAME}}),
        ("sendmessage", DEVICE, {"sellerId": [TEXT], "message": TEXT}),
        ("chats", DEVICE, {"sellerId": seller_id, "userInfo": NAME}),
        ("tickets", FORGED, {}),
        ("tickets", token, {}),
        ("reports", DEVICE, {"reconnects": TEXT}),
    ):
        _call(f"{deployed_system.outputs['RestUrl']}/{path}", bearer, body)
    return [DEVICE, TEXT, NAME, FORGED, TICKET, token, token.rsplit(".", 1)[1]]


def test_no_log_group_holds_a_token_a_device_id_or_a_text(
    deployed_system: DeployedSystem, secrets_sent: list[str]
) -> None:
    lines = deployed_system.logged()

    # What was refused is noted, so the logs are there to be searched: of calls, of frames and of connections.
    for noted in ('"route":"POST /chats"', *(f'"action":"{frame["action"]}"' for frame in NOT_TAKEN)):
        assert any('"event":"refused"' in line and noted in line for line in lines), noted
    assert any('"event":"connection_refused"' in line for line in lines)
    found = {secret: line for secret in secrets_sent for line in lines if secret in line}
    assert found == {}


def _is_refused(url: str, *tokens: str) -> None:
    with pytest.raises(InvalidStatus):
        connect(url, subprotocols=[Subprotocol(quote(token)) for token in ("seller-chat", *tokens)] if tokens else None)


def _call(url: str, bearer: str, body: object) -> None:
    request = urllib.request.Request(  # noqa: S310 - the emulator's own address
        url,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {bearer}"},
    )
    try:
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        assert error.code in {400, 401, 403}  # noqa: PT017
