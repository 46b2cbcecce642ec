"""A seller keeps a visitor away: over real sockets, in the deployed tables, with the functions' own permissions."""

from __future__ import annotations

import uuid
from typing import Any

from tests.end_to_end.clients import Client, Frame, entry_of, is_message, seller, visitor
from tests.end_to_end.deployed_system import DeployedSystem, wait_until

DAY = 24 * 60
USER_INFO = {"name": "Asha"}


def answer_to(client: Client, action: str, **fields: Any) -> Frame:
    """What a frame is answered, whatever is pushed meanwhile."""
    client.send({"action": action, **fields})
    return client.receive(lambda frame: action in {frame["action"], frame.get("of")})


def start(client: Client, seller_id: str) -> Frame:
    return answer_to(client, "InitChat", sellerId=seller_id, userInfo=USER_INFO)


def test_a_seller_blocks_a_visitor_and_lets_them_come_back(deployed_system: DeployedSystem, seller_id: str) -> None:
    device_id = f"device-{uuid.uuid4()}"
    reason = f"Insults {uuid.uuid4().hex}"
    with (
        seller(deployed_system, seller_id) as desk,
        visitor(deployed_system, seller_id=seller_id, device_id=device_id) as widget,
    ):
        contact_id = widget.submit_user_info(USER_INFO)
        assert answer_to(widget, "blockVisitor", contact_id=contact_id, minutes=1, reason="Me")["code"] == "forbidden"

        blocked = answer_to(desk, "blockVisitor", contact_id=contact_id, minutes=DAY, reason=reason)
        assert entry_of(widget, "closed", contact_id)["reason"] == "blocked"

        refused = [
            start(widget, seller_id),
            start(widget, f"{seller_id}-colleague"),
            answer_to(widget, "sendMessage", contact_id=contact_id, message="Open the door"),
            deployed_system.call(
                "POST", "/chats", {"sellerId": seller_id, "userInfo": USER_INFO}, bearer=device_id
            ).json(),
            deployed_system.call(
                "POST", "/sendmessage", {"sellerId": seller_id, "message": "Hello"}, bearer=device_id
            ).json(),
        ]
        assert [each["code"] for each in refused] == ["blocked"] * 5
        assert answer_to(widget, "blocks")["code"] == "forbidden"
        assert answer_to(widget, "unblockVisitor", visitor=blocked["visitor"])["code"] == "forbidden"

        # An index lists them, which lags behind its table.
        wait_until(lambda: reason in str(answer_to(desk, "blocks")), seconds=10, what="the block in the list")
        (listed,) = [each for each in answer_to(desk, "blocks")["blocks"] if each["reason"] == reason]
        assert (listed["visitor"], listed["contact_id"], listed["seller_id"], listed["until"]) == (
            blocked["visitor"],
            contact_id,
            seller_id,
            blocked["until"],
        )
        assert device_id not in str(desk.frames)

        answer_to(desk, "unblockVisitor", visitor=blocked["visitor"])
        wait_until(lambda: reason not in str(answer_to(desk, "blocks")), seconds=10, what="the block to leave the list")
        widget.send({"action": "sendMessage", "contact_id": contact_id, "message": "Sorry"})
        assert desk.receive(is_message)["message"] == "Sorry"


def test_a_block_is_over_by_itself(deployed_system: DeployedSystem, seller_id: str) -> None:
    with seller(deployed_system, seller_id) as desk, visitor(deployed_system, seller_id=seller_id) as widget:
        contact_id = widget.submit_user_info(USER_INFO)
        blocked = answer_to(desk, "blockVisitor", contact_id=contact_id, minutes=1, reason="Shouting")

        refused = start(widget, seller_id)
        assert refused["code"] == "blocked"
        assert 0 < refused["retry_after_ms"] <= 60_000
        # Nobody waits a minute for it here.
        deployed_system.let_block_end_in(2, visitor=blocked["visitor"])
        wait_until(lambda: start(widget, seller_id)["action"] == "InitChat", seconds=10, what="the block's end")

        assert contact_id not in str(answer_to(desk, "blocks"))
