"""A message reaches every connection of whom it is for, and nobody else."""

from __future__ import annotations

import uuid

from tests.end_to_end.clients import is_ack, is_message, messages, seller, visitor
from tests.end_to_end.deployed_system import DeployedSystem


def test_live_connections_get_it_once_each_and_a_dead_one_is_removed(
    deployed_system: DeployedSystem, seller_id: str
) -> None:
    dead = f"dead-{uuid.uuid4()}"
    deployed_system.leave_dead_connection(dead, user_id=seller_id, role="seller")
    with (
        seller(deployed_system, seller_id) as laptop,
        seller(deployed_system, seller_id) as phone,
        visitor(deployed_system, seller_id=seller_id) as widget,
    ):
        widget.submit_user_info({"name": "Asha"})
        deployed_system.leave_dead_connection(dead, user_id=seller_id, role="seller")
        assert deployed_system.has_connection(dead)

        widget.send_message("Hello")
        widget.receive(is_ack)
        for device in (laptop, phone):
            device.receive(is_message)
            device.listen()

        assert messages(laptop) == ["Hello"]
        assert messages(phone) == ["Hello"]
        assert not deployed_system.has_connection(dead)


def test_all_of_a_visitors_tabs_get_the_answer(deployed_system: DeployedSystem, seller_id: str) -> None:
    with seller(deployed_system, seller_id) as desk, visitor(deployed_system, seller_id=seller_id) as tab:
        contact_id = tab.submit_user_info({"name": "Asha"})
        with visitor(deployed_system, seller_id=seller_id, device_id=tab.device_id) as other_tab:
            desk.send({"action": "sendMessage", "contact_id": contact_id, "message": "Hello"})
            desk.receive(is_ack)

            assert tab.receive(is_message)["message"] == "Hello"
            assert other_tab.receive(is_message)["message"] == "Hello"


def test_a_closed_connection_is_forgotten(deployed_system: DeployedSystem, seller_id: str) -> None:
    with visitor(deployed_system, seller_id=seller_id) as widget:
        widget.submit_user_info({"name": "Asha"})
        assert deployed_system.connections_of(widget.device_id) == 1

    deployed_system.wait_until_gone(widget.device_id)


def test_an_offline_seller_finds_the_message_later(deployed_system: DeployedSystem, seller_id: str) -> None:
    with visitor(deployed_system, seller_id=seller_id) as widget:
        contact_id = widget.submit_user_info({"name": "Asha"})
        widget.send_message("Are you open on Sunday?")
        widget.receive(is_ack)

    with seller(deployed_system, seller_id) as desk:
        history = desk.ask({"action": "sync", "contact_id": contact_id, "after": 0})

    assert [entry["message"] for entry in history["entries"] if entry["kind"] == "message"] == [
        "Are you open on Sunday?"
    ]
