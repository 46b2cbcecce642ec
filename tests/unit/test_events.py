"""What the bus is told: an event an entry, with all that it says and without the visitor's device id."""

from __future__ import annotations

import json

from chat.events import TYPES
from chat.model.entries import EntryKind
from tests.worlds.deployment import DEVICE
from tests.worlds.event_functions import bus_events, conversation


def test_every_kind_of_entry_is_an_event_of_its_own_type() -> None:
    assert set(TYPES) == set(EntryKind)
    assert len(set(TYPES.values())) == len(EntryKind)


def test_an_event_has_the_entrys_number_as_its_id_and_all_that_the_entry_says() -> None:
    opened, assigned, message, *_ = bus_events(conversation())
    contact_id = opened["data"]["contact_id"]

    assert [each["id"] for each in (opened, assigned, message)] == [f"{contact_id}/{seq}" for seq in (1, 2, 3)]
    assert [each["type"] for each in (opened, assigned, message)] == [
        "contact.opened",
        "contact.assigned",
        "message.created",
    ]
    assert opened["data"]["user_info"] == {"name": "canary-info"}
    assert opened["data"]["registered"] is True
    assert (assigned["data"]["seller_id"], assigned["data"]["status"]) == ("123456", "open")
    assert (message["data"]["message"], message["data"]["from"]) == ("canary-text", f"visitor-{contact_id}")


def test_no_event_holds_the_device_id_but_all_of_a_visitor_hold_one_name_of_his() -> None:
    told = bus_events(conversation())

    assert DEVICE not in json.dumps(told)
    assert len({each["data"]["visitor"] for each in told}) == 1
