"""A shop's own back end hears of every contact and every event, however often it is down."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from administration.deployments import Deployment as Found
from administration.redrive import redrive
from administration.visitor_data import privacy_of
from local_aws.deployment import Deployment
from local_aws.emulator import REGION, Emulator, free_port
from tests.end_to_end.deployed_system import DeployedSystem, wait_until
from tests.php_backend.conftest import php as php
from tests.php_backend.shop import Shop

pytestmark = pytest.mark.xdist_group("deployed_system")

PATIENCE_SECONDS = 90

COURIER_SECONDS = 6
"""The longest that the courier tries, in the local environment."""

RETRY_SECONDS = 8
"""When what the shop did not take comes again; the 36 seconds of that environment are held by its template's tests."""


@pytest.fixture(scope="module")
def shop(php: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop that is not open yet, but knows its address."""
    shop = Shop(tmp_path_factory.mktemp("shop"), port=free_port())
    yield shop
    shop.stop()


@pytest.fixture(scope="module")
def system(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedSystem]:
    """A system of its own that belongs to the shop; both know the key that AWS made."""
    home: Path = tmp_path_factory.mktemp("local-aws-with-shop")
    with Emulator(port=free_port(), home=home) as emulator:
        context = {"php_api_url": shop.url}
        outputs = Deployment(emulator, home=home, report=print, context=context).bring_up_to_date()
        system = DeployedSystem(emulator.endpoint, outputs, emulator.credentials)
        key = system.secret(outputs["PhpApiSecret"])
        webhook_secret = "whsec_" + base64.b64encode(key.encode()).decode()
        shop.environment.update(PHP_API_KEY=key, WEBHOOK_SECRET=webhook_secret)
        system.client("sqs").set_queue_attributes(
            QueueUrl=system.queue_url("CourierShopEvents"), Attributes={"VisibilityTimeout": str(RETRY_SECONDS)}
        )
        yield system


@pytest.fixture
def open_shop(shop: Shop) -> Shop:
    """The shop, open."""
    shop.stop()
    shop.start()
    return shop


def chat(system: DeployedSystem, *texts: str, device_id: str | None = None) -> str:
    """A visitor's conversation over REST, begun or gone on with; its contact id."""
    device_id = device_id or f"device-{uuid.uuid4()}"
    started = system.call("POST", "/chats", {"sellerId": "123456", "userInfo": {"name": "Asha"}}, bearer=device_id)
    contact_id: str = started.json()["contact_id"]
    for text in texts:
        frame = {"sellerId": "123456", "contact_id": contact_id, "message": text}
        assert system.call("POST", "/sendmessage", frame, bearer=device_id).status == 200
    return contact_id


def set_aside(system: DeployedSystem) -> list[tuple[str, str]]:
    """The events that wait for a person, by id, and why."""
    messages = system.messages("CourierShopEventsDeadLetters")
    return [
        (json.loads(each["Body"])["detail"]["id"], each["MessageAttributes"]["reason"]["StringValue"])
        for each in messages
    ]


def what_the_shop_has(shop: Shop, system: DeployedSystem, contact_id: str) -> tuple[int, list[int]]:
    """The status with which the shop answers for a contact, and its events' numbers in the order they are kept."""
    status, answer = shop.call("GET", f"/contacts/{contact_id}", key=system.secret(system.outputs["PhpApiSecret"]))
    return status, [event["data"]["seq"] for event in answer.get("events", [])]


def test_what_happens_while_the_shop_is_down_arrives_once_it_is_back(shop: Shop, system: DeployedSystem) -> None:
    # Five events each: opened, assigned, and three messages.
    shop.start()
    before = chat(system, "one", "two", "three")
    shop.stop()
    meanwhile = [chat(system, "one", "two", "three") for _ in range(2)]
    wait_until(lambda: system.in_flight("CourierShopEvents") >= 10, seconds=PATIENCE_SECONDS)
    time.sleep(COURIER_SECONDS)
    shop.start()

    expected = {contact_id: (200, [1, 2, 3, 4, 5]) for contact_id in (before, *meanwhile)}
    wait_until(
        lambda: expected == {contact_id: what_the_shop_has(shop, system, contact_id) for contact_id in expected},
        seconds=PATIENCE_SECONDS,
    )


def test_what_the_shop_will_never_take_waits_for_a_person_and_the_rest_arrives(
    open_shop: Shop, system: DeployedSystem
) -> None:
    device_id = f"device-{uuid.uuid4()}"
    contact_id = chat(system, "one", device_id=device_id)
    # The shop takes no second event under a number that it has: 422.
    intruder = {
        "id": "intruder",
        "type": "message.created",
        "timestamp": "2026-11-23T10:00:00.000Z",
        "data": {"contact_id": contact_id, "seq": 4},
    }
    key = system.secret(system.outputs["PhpApiSecret"])
    assert open_shop.call("POST", "/events", intruder, key=key)[0] == 200

    chat(system, "two", "three", device_id=device_id)

    wait_until(
        lambda: what_the_shop_has(open_shop, system, contact_id) == (200, [1, 2, 3, 4, 5]), seconds=PATIENCE_SECONDS
    )
    wait_until(lambda: set_aside(system) == [(f"{contact_id}/4", "answered 422")], seconds=PATIENCE_SECONDS)


def test_a_dead_letter_that_was_mended_is_brought_back_and_one_that_was_not_is_set_aside_anew(
    open_shop: Shop, system: DeployedSystem
) -> None:
    contact_id = chat(system, "one")
    wait_until(lambda: what_the_shop_has(open_shop, system, contact_id) == (200, [1, 2, 3]), seconds=PATIENCE_SECONDS)
    event = {
        "id": f"{contact_id}/4",
        "type": "message.created",
        "timestamp": "2026-11-23T10:00:00.000Z",
        "data": {"contact_id": contact_id, "seq": 4},
    }
    sqs, dead_letters = system.client("sqs"), system.outputs["ShopEventsDeadLetters"]
    # Only ten messages of a queue are looked at, and other tests leave theirs.
    sqs.purge_queue(QueueUrl=dead_letters)
    sqs.send_message(QueueUrl=dead_letters, MessageBody=json.dumps({"detail": event}))
    sqs.send_message(QueueUrl=dead_letters, MessageBody="no event")
    deployment = Found(system.credentials.session(REGION), system.endpoint, system.outputs)

    told = redrive(deployment, "ShopEvents")

    assert told.startswith("ShopEvents: ")
    wait_until(
        lambda: what_the_shop_has(open_shop, system, contact_id) == (200, [1, 2, 3, 4]), seconds=PATIENCE_SECONDS
    )
    wait_until(
        lambda: "no event" in [each["Body"] for each in system.messages("CourierShopEventsDeadLetters")],
        seconds=PATIENCE_SECONDS,
    )


def test_nothing_of_a_visitor_who_was_erased_reaches_the_shop_or_is_left_in_a_queue(
    shop: Shop, system: DeployedSystem
) -> None:
    device_id = f"device-{uuid.uuid4()}"
    shop.stop()
    shop.start()
    before = chat(system, "canary before", device_id=device_id)
    wait_until(lambda: what_the_shop_has(shop, system, before) == (200, [1, 2, 3]), seconds=PATIENCE_SECONDS)
    shop.stop()
    chat(system, "canary while the shop is down", device_id=device_id)
    sqs, dead_letters = system.client("sqs"), system.outputs["ShopEventsDeadLetters"]
    sqs.purge_queue(QueueUrl=dead_letters)
    event = {"id": f"{before}/9", "data": {"contact_id": before, "message": "canary of a dead letter"}}
    sqs.send_message(QueueUrl=dead_letters, MessageBody=json.dumps({"detail": event}))
    deployment = Found(system.credentials.session(REGION), system.endpoint, system.outputs)

    erased = privacy_of(deployment, let_finish=lambda: None).erase(device_id)

    assert (erased.contacts, erased.letters) == (1, 1)
    shop.start()
    wait_until(lambda: what_the_shop_has(shop, system, before) == (404, []), seconds=PATIENCE_SECONDS)
    wait_until(
        lambda: not system.in_flight("CourierShopEvents") and not system.messages("CourierShopEvents"),
        seconds=PATIENCE_SECONDS,
    )
    assert "canary" not in json.dumps(system.messages("CourierShopEventsDeadLetters"))
    assert b"canary" not in (shop.folder / "data" / "chat.sqlite").read_bytes()
