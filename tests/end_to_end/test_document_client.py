"""The widget of the original design document chats through the deployed system, unchanged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from websockets.exceptions import InvalidStatus

from chat.model.timestamps import iso
from tests.end_to_end.clients import answer, fall_back_to_rest, is_ack, is_message, listed, seller, visitor
from tests.end_to_end.deployed_system import DeployedSystem

USER_INFO = {"name": "Asha", "email": "asha@example.com"}


@pytest.mark.parametrize("action", ["InitChat", "initiateChat"])
def test_it_gets_a_contact_id_under_either_name(deployed_system: DeployedSystem, seller_id: str, action: str) -> None:
    with visitor(deployed_system, seller_id=seller_id) as widget:
        contact_id = widget.submit_user_info(USER_INFO, action=action)

        [reply] = widget.frames
        assert contact_id
        assert reply["message"] == "Chat initialized successfully"
        assert (reply["device_id"], reply["seller_id"]) == (widget.device_id, seller_id)
        assert widget.chat_lines == []


def test_it_gets_the_same_contact_when_it_starts_the_chat_again(
    deployed_system: DeployedSystem, seller_id: str
) -> None:
    with visitor(deployed_system, seller_id=seller_id) as widget:
        first = widget.submit_user_info(USER_INFO)
    with visitor(deployed_system, seller_id=seller_id, device_id=widget.device_id) as widget:
        assert widget.submit_user_info(USER_INFO) == first


def test_it_sends_and_receives_the_sellers_answer(deployed_system: DeployedSystem, seller_id: str) -> None:
    with seller(deployed_system, seller_id) as desk, visitor(deployed_system, seller_id=seller_id) as widget:
        contact_id = widget.submit_user_info(USER_INFO)

        widget.send_message("Is the blue one in stock?")
        question = desk.receive(is_message)
        assert question["message"] == "Is the blue one in stock?"
        assert question["contact_id"] == contact_id

        desk.send({"action": "sendMessage", "to": question["from"], "message": "Yes, five of them."})
        answer = widget.receive(is_message)
        assert answer["message"] == "Yes, five of them."
        assert answer["from"] == seller_id
        assert widget.chat_lines == ["Yes, five of them."]


def test_what_sellers_do_beside_the_chat_never_reaches_it(deployed_system: DeployedSystem, seller_id: str) -> None:
    deployed_system.register_seller(seller_id, team=f"team-{seller_id}", capacity=5)
    with seller(deployed_system, seller_id) as desk, visitor(deployed_system, seller_id=seller_id) as widget:
        contact_id = widget.submit_user_info(USER_INFO)
        of_it = {"contact_id": contact_id}

        # Who waits is pushed to the desk meanwhile.
        [waiting] = listed(desk, {"action": "inbox", "status": "queued", "lines": True})
        assert (waiting["contact_id"], waiting["line"]["name"]) == (contact_id, USER_INFO["name"])
        desk.send({"action": "takeChat", **of_it, "id": "t1"})
        desk.receive(is_ack)
        kept = answer(desk, {"action": "note", **of_it, "text": "Wants a refund", "id": "n1", "base": 0})
        assert answer(desk, {"action": "notes", **of_it})["notes"] == [kept["note"]]
        assert answer(desk, {"action": "tag", **of_it, "add": "VIP"})["tags"] == ["VIP"]
        until = iso(datetime.now(UTC) + timedelta(hours=14))
        assert answer(desk, {"action": "snooze", **of_it, "until": until, "id": "s1", "base": 3})["until"] == until
        wanted = {"tails": True, "lines": True, "queued": True, "beat": True}
        [put_away] = listed(desk, {"action": "inbox", **wanted}, lambda contact: "snooze" in contact)
        assert (put_away["snooze"], put_away["tags"]) == ({"until": until, "seq": 3}, ["VIP"])
        assert "until" not in answer(desk, {"action": "snooze", **of_it, "ends": until})
        reply = {"id": "r1", "base": 0, "name": "price", "text": "It is sold out"}
        shared = answer(desk, {"action": "shareReply", **reply})["replies"]
        assert answer(desk, {"action": "replies"})["replies"] == shared != []
        [found] = answer(desk, {"action": "search", "query": USER_INFO["name"]})["found"]
        assert found["contact_id"] == contact_id
        assert answer(desk, {"action": "earlier", **of_it})["contacts"] == []
        desk.send({"action": "sendMessage", **of_it, "message": "Hello"})
        widget.receive(is_message)
        widget.listen()

        assert widget.chat_lines == ["Hello"]
        assert {frame["action"] for frame in widget.frames} <= {"InitChat", "sendMessage", "entry", "queue"}
        for secret in ("refund", "VIP", "snooze", "sold out"):
            assert secret not in str(widget.frames)


def test_the_seller_is_never_shown_the_device_id(deployed_system: DeployedSystem, seller_id: str) -> None:
    with seller(deployed_system, seller_id) as desk, visitor(deployed_system, seller_id=seller_id) as widget:
        widget.submit_user_info(USER_INFO)
        widget.send_message("Hello")
        desk.receive(is_message)

        assert widget.device_id not in str(desk.frames)


def test_its_message_starts_the_chat_if_nothing_else_has(deployed_system: DeployedSystem, seller_id: str) -> None:
    with seller(deployed_system, seller_id) as desk, visitor(deployed_system, seller_id=seller_id) as widget:
        widget.send_message("Anybody there?")

        assert desk.receive(is_message)["message"] == "Anybody there?"


def test_acknowledgements_are_not_shown_as_chat_lines(deployed_system: DeployedSystem, seller_id: str) -> None:
    with visitor(deployed_system, seller_id=seller_id) as widget:
        widget.submit_user_info(USER_INFO)
        widget.send_message("Hello")
        widget.receive(is_ack)
        widget.listen()

        assert widget.chat_lines == []


def test_errors_are_not_shown_as_chat_lines(deployed_system: DeployedSystem, seller_id: str) -> None:
    with visitor(deployed_system, seller_id=seller_id) as widget:
        widget.submit_user_info(USER_INFO)
        widget.send_message("")
        error = widget.receive(lambda frame: frame["action"] == "error")

        assert error["code"] == "bad_field"
        assert widget.chat_lines == []


def test_its_messages_over_rest_reach_the_seller(deployed_system: DeployedSystem, seller_id: str) -> None:
    with seller(deployed_system, seller_id) as desk:
        for text in ("Hello", "Is the blue one in stock?"):
            assert fall_back_to_rest(deployed_system, seller_id, USER_INFO, text)["action"] == "ack"
            assert desk.receive(is_message)["message"] == text


def test_over_rest_it_goes_on_with_what_the_first_answer_gave_and_nobody_does_without(
    deployed_system: DeployedSystem, seller_id: str
) -> None:
    with seller(deployed_system, seller_id) as desk:
        first = fall_back_to_rest(deployed_system, seller_id, USER_INFO, "Hello")
        colleague = fall_back_to_rest(deployed_system, seller_id, USER_INFO, "Send it to another address")
        same = fall_back_to_rest(
            deployed_system, seller_id, USER_INFO, "Still there?", deviceId=str(first["device_id"])
        )

        assert colleague["contact_id"] != first["contact_id"] == same["contact_id"]
        told = {desk.receive(is_message)["message"]: desk.frames[-1] for _ in range(3)}
        assert told["Send it to another address"]["contact_id"] == colleague["contact_id"]
        assert first["device_id"] not in str(desk.frames)

    with visitor(deployed_system, seller_id=seller_id, device_id=str(first["device_id"])) as widget:
        assert widget.submit_user_info(USER_INFO) == first["contact_id"]


def test_its_page_is_served_from_another_port_that_was_named(deployed_system: DeployedSystem, seller_id: str) -> None:
    page = "http://localhost:8000"
    with (
        seller(deployed_system, seller_id) as desk,
        visitor(deployed_system, seller_id=seller_id, origin=page) as widget,
    ):
        widget.submit_user_info(USER_INFO)
        widget.send_message("Hello")
        question = desk.receive(is_message)
        desk.send({"action": "sendMessage", "to": question["from"], "message": "Hello yourself."})
        widget.receive(is_message)
        assert widget.chat_lines == ["Hello yourself."]


def test_a_page_that_was_not_named_is_refused(deployed_system: DeployedSystem, seller_id: str) -> None:
    with (
        pytest.raises(InvalidStatus) as refusal,
        visitor(deployed_system, seller_id=seller_id, origin="http://localhost:8001"),
    ):
        pass
    assert refusal.value.response.status_code == 403
