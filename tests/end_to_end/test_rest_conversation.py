"""A visitor whose WebSocket is blocked holds a whole conversation over REST."""

from __future__ import annotations

import uuid
from typing import Any

from tests.end_to_end.clients import is_message, seller
from tests.end_to_end.deployed_system import DeployedSystem


def test_a_whole_conversation_needs_no_web_socket(deployed_system: DeployedSystem, seller_id: str) -> None:
    device_id = f"device-{uuid.uuid4()}"

    def call(method: str, path: str, body: object = None) -> Any:
        answer = deployed_system.call(method, path, body, bearer=device_id)
        assert answer.status == 200
        return answer.json()

    with seller(deployed_system, seller_id) as desk:
        chat = call("POST", "/chats", {"sellerId": seller_id, "userInfo": {"name": "Asha"}})
        contact_id, cursor = chat["contact_id"], chat["seq"]
        question = {
            "sellerId": seller_id,
            "contact_id": contact_id,
            "message": "Is it in stock?",
            "id": "q",
            "base": cursor,
        }
        first = call("POST", "/sendmessage", question)
        assert call("POST", "/sendmessage", question) == first
        assert desk.receive(is_message)["message"] == "Is it in stock?"

        desk.send({"action": "sendMessage", "contact_id": contact_id, "message": "Yes, five of them."})
        desk.receive(lambda frame: frame["action"] == "ack")
        answered = call("GET", f"/chats/{contact_id}/entries?after={first['seq']}")
        assert [entry.get("message") for entry in answered["entries"]] == ["Yes, five of them."]

        known = {"userInfo": {"plan": "gold"}, "id": "known", "base": answered["tail"]}
        call("POST", f"/chats/{contact_id}/identify", known)
        told = desk.receive(lambda frame: frame["action"] == "entry" and frame["entry"]["kind"] == "identified")
        assert told["entry"]["user_info"] == {"plan": "gold"}
        answered = call("GET", f"/chats/{contact_id}/entries?after={answered['tail']}")

        call("POST", f"/chats/{contact_id}/receipts", {"delivered": answered["tail"], "read": answered["tail"]})
        assert desk.receive(lambda frame: frame["action"] == "receipt")["read"] == answered["tail"]
        call("POST", f"/chats/{contact_id}/close", {"id": "bye", "base": answered["tail"]})
        page = call("GET", f"/chats/{contact_id}/entries?after={answered['tail']}")

    assert [entry["kind"] for entry in page["entries"]] == ["closed"]
    assert (page["status"], page["more"]) == ("closed", False)
    assert page["marks"]["visitor"] == {"delivered": answered["tail"], "read": answered["tail"]}
