"""Contacts find sellers by what happens: events move the queue, and check-ups end leases."""

from __future__ import annotations

import time

from tests.end_to_end.clients import PATIENCE_SECONDS, entry_of, is_entry, seller, visitor
from tests.end_to_end.deployed_system import DeployedSystem

LEASE_SECONDS = 20
"""What the local environment gives a seller to answer; `PATIENCE_SECONDS` is just as long, so one waits twice."""


def give_room_for(system: DeployedSystem, seller_id: str, capacity: int) -> None:
    system.sellers.update_item(
        Key={"seller_id": seller_id},
        UpdateExpression="SET #c = :c",
        ExpressionAttributeNames={"#c": "capacity"},
        ExpressionAttributeValues={":c": capacity},
    )


def fall_silent(system: DeployedSystem, seller_id: str) -> None:
    """As if the seller's last heartbeat were long ago."""
    system.sellers.update_item(
        Key={"seller_id": seller_id}, UpdateExpression="SET heartbeat_at = :h", ExpressionAttributeValues={":h": 1}
    )


def wait_until_gone(system: DeployedSystem, seller_id: str) -> None:
    """The end of a connection is heard of in its own time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while system.sellers.get_item(Key={"seller_id": seller_id})["Item"]["heartbeat_at"] != 0:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_place_that_falls_free_goes_to_whoever_waits(deployed_system: DeployedSystem, seller_id: str) -> None:
    with (
        seller(deployed_system, seller_id) as desk,
        visitor(deployed_system, seller_id=seller_id) as first,
        visitor(deployed_system, seller_id=seller_id) as second,
    ):
        assert desk.ask({"action": "presence", "status": "online"})["status"] == "online"
        give_room_for(deployed_system, seller_id, 1)
        served = first.submit_user_info({"name": "Asha"})
        waiting = second.submit_user_info({"name": "Ben"})
        assert second.frames[-1]["status"] == "queued"
        assert second.frames[-1]["queue"]["position"] == 1

        desk.send({"action": "closeChat", "contact_id": served, "id": "close-1"})

        assert entry_of(second, "assigned", waiting)["seller_id"] == seller_id
        assert entry_of(desk, "assigned", waiting)["seller_id"] == seller_id


def test_a_seller_who_vanishes_loses_an_unanswered_contact_after_the_lease(
    deployed_system: DeployedSystem, seller_id: str
) -> None:
    with visitor(deployed_system, seller_id=seller_id) as widget:
        with seller(deployed_system, seller_id) as desk:
            desk.ask({"action": "presence", "status": "online"})
            contact_id = widget.submit_user_info({"name": "Asha"})
            entry_of(desk, "assigned", contact_id)
        fall_silent(deployed_system, seller_id)
        widget.listen(LEASE_SECONDS / 2)
        assert not [frame for frame in widget.frames if is_entry(frame, "queued")]

        assert entry_of(widget, "queued", contact_id)["reason"] == "away"


def test_a_seller_whose_last_connection_closed_is_given_nothing(
    deployed_system: DeployedSystem, seller_id: str
) -> None:
    with seller(deployed_system, seller_id) as desk:
        desk.ask({"action": "presence", "status": "online"})
    wait_until_gone(deployed_system, seller_id)

    with visitor(deployed_system, seller_id=seller_id) as widget:
        widget.submit_user_info({"name": "Asha"})

        assert widget.frames[-1]["status"] == "queued"
