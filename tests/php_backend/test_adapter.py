"""Our side and the shop's side of the contract, put together."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest

from chat.adapters.shop.chooser import ShopChooser
from chat.adapters.shop.directory import ShopDirectory
from chat.adapters.shop.events import ShopEvents
from chat.adapters.shop.http import ApiKey, JsonHttpClient
from chat.adapters.system import SystemClock
from chat.model.entries import Json
from chat.model.sellers import Seller
from chat.ports.shop import (
    ContactRequest,
    DirectoryUnavailableError,
    RegisteredContact,
)
from chat.ports.strategies import Ask
from tests.doubles.machine import RecordingJournal
from tests.php_backend.shop import API_KEY, Shop

pytestmark = pytest.mark.enable_socket

REQUEST = ContactRequest("start-1", "123456", {"name": "Ana नमस्ते ✨", "cart": {}}, "visitor-7", "contact-1")
REGISTERED = RegisteredContact("contact-1")


def the_key(*, fresh: bool) -> str:
    return API_KEY


def client(shop: Shop, key: ApiKey = the_key) -> JsonHttpClient:
    return JsonHttpClient(shop.url, key)


def test_a_contact_is_registered_once_however_often_it_is_asked_for(shop: Shop) -> None:
    directory = ShopDirectory(client(shop), RecordingJournal())
    assert directory.register(REQUEST) == REGISTERED
    assert directory.register(replace(REQUEST, proposed_contact_id="contact-2")) == REGISTERED
    _, answer = shop.call("GET", "/contacts/contact-1")
    assert answer["contact"]["user_info"] == REQUEST.user_info


def test_a_shop_that_was_down_registers_the_contact_when_it_is_back_once(shop: Shop) -> None:
    directory = ShopDirectory(client(shop), RecordingJournal())
    directory.register(REQUEST)
    later = replace(REQUEST, idempotency_key="start-2", proposed_contact_id="contact-2")
    shop.stop()
    with pytest.raises(DirectoryUnavailableError):
        directory.register(later)
    shop.start()
    assert directory.register(later) == RegisteredContact("contact-2")
    assert directory.register(later) == RegisteredContact("contact-2")
    assert directory.register(REQUEST) == REGISTERED


def test_a_key_that_the_shop_has_rotated_is_read_again(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(PHP_API_KEY="the-new-key-of-the-shop")

    def stored(*, fresh: bool) -> str:
        return "the-new-key-of-the-shop" if fresh else API_KEY

    assert ShopDirectory(client(shop, stored), RecordingJournal()).register(REQUEST) == REGISTERED


def test_a_wrong_key_makes_the_shop_unavailable(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(PHP_API_KEY="a-key-that-we-do-not-have")
    with pytest.raises(DirectoryUnavailableError, match="answered 401"):
        ShopDirectory(client(shop), RecordingJournal()).register(REQUEST)


def test_an_id_that_the_shop_refuses_makes_it_unavailable(shop: Shop) -> None:
    directory = ShopDirectory(client(shop), RecordingJournal())
    directory.register(REQUEST)
    with pytest.raises(DirectoryUnavailableError, match="answered 409"):
        directory.register(replace(REQUEST, idempotency_key="start-2"))


def test_the_shop_chooses_who_answers(shop: Shop) -> None:
    chooser = ShopChooser(client(shop))
    ana, bo = Seller("ana", "team", 5, open_count=4), Seller("bo", "team", 5, open_count=2)
    ask = Ask("contact-1", "team", "visitor-7", {})
    assert chooser.order(ask, (ana, bo)) == [bo]
    assert chooser.order(ask, (replace(ana, capacity=4),)) == []


def told(contact_id: str, seq: int) -> dict[str, Json]:
    return {
        "id": f"{contact_id}/{seq}",
        "type": "message.created",
        "timestamp": "2026-11-23T10:00:00.000Z",
        "data": {"contact_id": contact_id, "seq": seq},
    }


def test_an_event_is_believed_by_its_signature_and_taken_once(open_shop: Callable[..., Shop]) -> None:
    key = "an-api-key-of-24-or-more"
    secret = "whsec_" + base64.b64encode(key.encode()).decode()
    shop = open_shop(PHP_API_KEY=key, WEBHOOK_SECRET=secret)

    def stored(*, fresh: bool) -> str:
        return key + "\n"

    events = ShopEvents(client(shop, stored), SystemClock())
    for seq in (2, 1, 1):
        events.deliver(told("contact-1", seq))

    _, answer = shop.call("GET", "/contacts/contact-1", key=key)
    assert [event["id"] for event in answer["events"]] == ["contact-1/1", "contact-1/2"]


@pytest.mark.parametrize("signs", [0, 1])
def test_while_the_key_is_rotated_an_event_signed_with_either_is_believed(
    signs: int, open_shop: Callable[..., Shop]
) -> None:
    keys = ["an-api-key-of-24-or-more", "another-key-of-24-or-more"]
    secrets = ["whsec_" + base64.b64encode(key.encode()).decode() for key in keys]
    shop = open_shop(PHP_API_KEY=" ".join(keys), WEBHOOK_SECRET=" ".join(secrets))

    def stored(*, fresh: bool) -> str:
        return keys[signs]

    ShopEvents(client(shop, stored), SystemClock()).deliver(told("contact-1", 1))

    assert [each["id"] for each in shop.call("GET", "/contacts/contact-1", key=keys[0])[1]["events"]] == ["contact-1/1"]


def test_an_event_is_signed_with_the_key_to_which_the_shop_has_changed(open_shop: Callable[..., Shop]) -> None:
    old, new = "an-api-key-of-24-or-more", "another-key-of-24-or-more"
    shop = open_shop(PHP_API_KEY=new, WEBHOOK_SECRET="whsec_" + base64.b64encode(new.encode()).decode())

    def stored(*, fresh: bool) -> str:
        return new if fresh else old

    ShopEvents(client(shop, stored), SystemClock()).deliver(told("contact-1", 1))

    assert [each["id"] for each in shop.call("GET", "/contacts/contact-1", key=new)[1]["events"]] == ["contact-1/1"]


def test_an_event_signed_with_another_key_is_refused(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    events = ShopEvents(client(shop), SystemClock())

    with pytest.raises(DirectoryUnavailableError, match="answered 401"):
        events.deliver(told("contact-1", 1))
