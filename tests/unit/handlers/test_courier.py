"""Events reach the shop's back end signed; a contact that began while it was down is registered first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.events import erased_event
from chat.ports.conversations import Change, Pointer
from tests import events
from tests.worlds.deployment import DEVICE
from tests.worlds.event_functions import (
    Courier,
    bus_events,
    conversation,
    forget_whose,
    started_while_the_shop_was_down,
)
from tests.worlds.tables import CONVERSATIONS, SELLERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.mark.enable_socket
def test_every_event_arrives_signed(courier: Courier) -> None:
    told = bus_events(conversation())

    assert courier.bring(*told) == []

    assert list(courier.shop.events.values()) == told
    assert courier.shop.contacts == {}


@pytest.mark.enable_socket
def test_a_contact_that_began_while_the_shop_was_down_is_registered_once_and_every_event_arrives(
    courier: Courier,
) -> None:
    system, contact_id = started_while_the_shop_was_down()
    told = bus_events(system)
    assert told[0]["data"]["registered"] is False

    courier.shop.is_down = True
    assert courier.bring(*told[:2]) == ["message-1", "message-2"]
    courier.shop.is_down = False
    assert courier.bring(*told) == []
    assert courier.bring(*told) == []

    assert list(courier.shop.events) == [f"{contact_id}/{seq}" for seq in (1, 2, 3)]
    (registered,) = courier.shop.contacts.values()
    assert registered == {
        "seller_id": "123456",
        "user_info": {"name": "canary-info"},
        "visitor": told[0]["data"]["visitor"],
        "proposed_contact_id": contact_id,
    }
    (key,) = courier.shop.contacts
    assert key == told[0]["data"]["idempotency_key"]


@pytest.mark.enable_socket
def test_nothing_is_brought_of_a_visitor_who_was_erased_but_that_it_was_so(
    courier: Courier, dynamodb: DynamoDBClient
) -> None:
    system, contact_id = started_while_the_shop_was_down()
    told, news = bus_events(system), erased_event("v-1", [contact_id], "2026-11-23T10:00:00.000Z")
    courier.shop.is_down = True
    assert len(courier.bring(*told)) == 3
    courier.shop.is_down = False
    first, second, *_ = system.store.entries[contact_id].values()
    store = DynamoDBConversations(dynamodb, CONVERSATIONS, SELLERS)
    store.commit(Change((first, second), system.store.listings[contact_id], Pointer(DEVICE, "123456", contact_id)))
    forget_whose(dynamodb, contact_id)

    assert courier.bring(*told, news) == []
    assert list(courier.shop.events.values()) == [news]
    assert courier.shop.contacts == {}
    assert courier.set_aside == []


@pytest.mark.enable_socket
def test_while_nobody_says_who_was_erased_nothing_is_brought(courier: Courier, dynamodb: DynamoDBClient) -> None:
    dynamodb.delete_table(TableName=CONVERSATIONS)

    assert courier.bring(*bus_events(conversation())[:2]) == ["message-1", "message-2"]
    assert courier.shop.events == {}


@pytest.mark.enable_socket
@pytest.mark.parametrize("status", [401, 403, 404, 408, 409, 425, 429, 500, 503])
def test_what_the_shop_may_take_later_comes_back_alone(courier: Courier, status: int) -> None:
    told = bus_events(conversation())
    courier.shop.refuses, courier.shop.refusal = frozenset({told[1]["id"]}), status

    assert courier.bring(*told) == ["message-2"]
    assert list(courier.shop.events) == [each["id"] for each in told if each is not told[1]]
    assert courier.set_aside == []


@pytest.mark.enable_socket
@pytest.mark.parametrize("status", [400, 410, 413, 422])
def test_what_the_shop_will_never_take_is_set_aside_alone_as_it_came(courier: Courier, status: int) -> None:
    told = bus_events(conversation())
    courier.shop.refuses, courier.shop.refusal = frozenset({told[1]["id"]}), status

    assert courier.bring(*told) == []
    assert list(courier.shop.events) == [each["id"] for each in told if each is not told[1]]
    ((body, reason),) = courier.set_aside
    assert json.loads(body) == events.from_bus(told[1])
    assert reason == f"answered {status}"


@pytest.mark.enable_socket
def test_a_contact_that_the_shop_will_never_register_is_set_aside_with_its_first_event(courier: Courier) -> None:
    system, _ = started_while_the_shop_was_down()
    told = bus_events(system)
    courier.shop.refuses_contacts = True

    assert courier.bring(*told) == []
    assert list(courier.shop.events) == [each["id"] for each in told[1:]]
    ((body, _),) = courier.set_aside
    assert json.loads(body)["detail"] == told[0]


@pytest.mark.enable_socket
def test_what_cannot_be_set_aside_comes_back(courier: Courier) -> None:
    told = bus_events(conversation())
    courier.shop.refuses = frozenset({told[0]["id"]})
    courier.dead_letters.answers = [(400, {"__type": "AccessDenied"})]

    assert courier.bring(*told[:2]) == ["message-1"]


@pytest.mark.enable_socket
def test_a_message_that_cannot_be_read_is_set_aside_and_holds_up_no_other(courier: Courier) -> None:
    told = bus_events(conversation())

    assert courier.bring("nonsense", {"no": "event"}, ["a list"], told[0]) == []
    assert list(courier.shop.events) == [told[0]["id"]]
    assert [reason for _, reason in courier.set_aside] == ["no event"] * 3
