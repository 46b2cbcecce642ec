"""Only so many new chats an hour for one device and for one address; to go on in a chat counts nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chat.model.identity import Principal, Role, Sender
from chat.model.settings import Settings
from chat.ports.errors import StoreBusyError, StoreUnavailableError
from tests.worlds.domain import VISITOR, Client, System


def at(system: System, device: str, address: str) -> Client:
    """Somebody at an address."""
    client = system.connect(Principal(device, Role.VISITOR), f"connection-{device}")
    client.sender = Sender(client.sender.principal, client.sender.connection_id, address)
    return client


CRAFTED = ("seller-1945", "seller-153574")
"""What is kept of a start with them begins alike, by a device `ana` at 203.0.113.7 in the hour of the tests."""


@pytest.fixture
def strict() -> System:
    """A system in which a device may open two chats an hour, and an address three."""
    return System(settings=Settings(device_chats_per_hour=2, address_chats_per_hour=3))


def counted(system: System) -> list[str]:
    """What is kept of each start."""
    devices = [starts for key in system.openings.counts.values() for starts in key.values()]
    return [mark for starts in devices for mark in starts]


def opened(client: Client, seller: str) -> str:
    answer = client.send("InitChat", sellerId=seller, userInfo={})
    return str(answer.get("code", answer["action"]))


def test_a_device_opens_only_so_many_chats_an_hour(strict: System) -> None:
    ana = at(strict, "ana", "203.0.113.1")

    assert [opened(ana, f"seller-{number}") for number in range(3)] == ["InitChat", "InitChat", "slow_down"]


def test_an_address_opens_only_so_many_chats_an_hour(strict: System) -> None:
    outcomes = [opened(at(strict, f"device-{number}", "203.0.113.1"), "123456") for number in range(4)]

    assert outcomes == ["InitChat", "InitChat", "InitChat", "slow_down"]


def test_another_address_is_not_concerned(strict: System) -> None:
    for number in range(4):
        opened(at(strict, f"device-{number}", "203.0.113.1"), "123456")

    assert opened(at(strict, "bea", "203.0.113.2"), "123456") == "InitChat"


def test_going_on_in_an_open_chat_counts_nothing(strict: System) -> None:
    ana = at(strict, "ana", "203.0.113.1")

    assert [opened(ana, "123456") for _ in range(5)] == ["InitChat"] * 5
    assert len(counted(strict)) == 1


def test_a_start_that_is_tried_again_counts_once(strict: System, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = at(strict, "ana", "203.0.113.1")

    def unavailable(_change: object) -> None:
        raise StoreUnavailableError("time-out")

    with monkeypatch.context() as failing:
        failing.setattr(strict.store, "commit", unavailable)
        assert [opened(ana, "123456") for _ in range(5)] == ["try_again"] * 5

    assert opened(ana, "123456") == "InitChat"
    assert opened(ana, "654321") == "InitChat"


def test_a_message_that_would_open_a_chat_counts_as_well(strict: System) -> None:
    ana = at(strict, "ana", "203.0.113.1")
    for number in range(2):
        opened(ana, f"seller-{number}")

    assert ana.send("sendMessage", to="seller-9", message="Hello")["code"] == "slow_down"


def test_the_next_hour_begins_anew_when_the_answer_said(strict: System) -> None:
    ana = at(strict, "ana", "203.0.113.1")
    for number in range(2):
        opened(ana, f"seller-{number}")
    refused = ana.send("InitChat", sellerId="seller-9", userInfo={})

    strict.clock.advance(milliseconds=refused["retry_after_ms"])

    assert opened(ana, "seller-9") == "InitChat"


def flood(system: System, devices: int, address: str = "203.0.113.1") -> list[str]:
    """What that many made-up devices at an address are answered."""
    return [opened(at(system, f"made-up-{number}", address), "123456") for number in range(devices)]


def test_who_had_a_contact_before_a_flood_from_their_address_opens_another(strict: System) -> None:
    ana = at(strict, "ana", "203.0.113.1")
    contact = ana.send("InitChat", sellerId="123456", userInfo={})["contact_id"]
    ana.send("closeChat", contact_id=contact)

    assert flood(strict, 10)[-1] == "slow_down"

    assert opened(ana, "123456") == "InitChat"


def test_whom_the_shop_vouches_for_opens_a_chat_in_a_flood_from_their_address(strict: System) -> None:
    ana = at(strict, "ana", "203.0.113.1")
    vouched = replace(ana.sender.principal, expires_at=2**40)
    ana.sender = replace(ana.sender, principal=vouched)

    assert flood(strict, 10)[-1] == "slow_down"

    assert opened(ana, "123456") == "InitChat"


def test_those_who_are_known_are_only_so_many_as_well(strict: System) -> None:
    known = [at(strict, f"known-{number}", "203.0.113.1") for number in range(4)]
    for client in known:
        client.sender = replace(client.sender, principal=replace(client.sender.principal, expires_at=2**40))

    assert [opened(client, "123456") for client in known] == ["InitChat"] * 3 + ["slow_down"]


def test_what_a_device_is_refused_takes_nothing_from_the_others_at_its_address(strict: System) -> None:
    greedy = at(strict, "greedy", "203.0.113.1")
    assert [opened(greedy, f"seller-{number}") for number in range(10)][2:] == ["slow_down"] * 8

    assert opened(at(strict, "bea", "203.0.113.1"), "123456") == "InitChat"


def test_an_address_is_let_in_again_bit_by_bit_and_not_only_when_the_hour_is_over(strict: System) -> None:
    flood(strict, 3)
    refused = at(strict, "ana", "203.0.113.1").send("InitChat", sellerId="123456", userInfo={})
    assert refused["retry_after_ms"] <= 20 * 60_000 + 1

    strict.clock.advance(milliseconds=refused["retry_after_ms"])

    assert opened(at(strict, "ana", "203.0.113.1"), "123456") == "InitChat"
    assert opened(at(strict, "bea", "203.0.113.1"), "123456") == "slow_down"


def test_a_home_is_one_address_however_many_of_ipv6_it_has(strict: System) -> None:
    answers = [opened(at(strict, f"device-{number}", f"2001:db8::{number}"), "123456") for number in range(4)]

    assert answers[-1] == "slow_down"


def test_an_address_is_not_to_be_read_from_what_is_counted(strict: System) -> None:
    opened(at(strict, "ana", "203.0.113.1"), "123456")

    assert len(strict.openings.counts) == 1
    assert not any(secret in str(strict.openings) for secret in ("203.0.113.1", "ana"))


def test_whom_the_shop_vouches_for_is_counted_wherever_they_come_from(strict: System) -> None:
    ana = at(strict, "ana", "203.0.113.1")
    outcomes = []
    for number in range(3):
        vouched = replace(ana.sender.principal, expires_at=2**40)
        ana.sender = replace(ana.sender, principal=vouched, address=f"203.0.113.{number}")
        outcomes.append(opened(ana, f"seller-{number}"))

    assert outcomes == ["InitChat", "InitChat", "slow_down"]


def test_a_start_that_was_made_to_look_like_another_is_counted(strict: System) -> None:
    # The first eight digits of what both hash to are the same.
    for seller in CRAFTED:
        at(strict, "ana", "203.0.113.7").send("InitChat", sellerId=seller, userInfo={})

    assert len(counted(strict)) == 2


def test_what_is_counted_of_a_start_differs_between_addresses(strict: System) -> None:
    openings = strict.services.starting._registration._openings
    for address in ("203.0.113.7", "203.0.113.8"):
        openings.admit("the same start", Sender(VISITOR, address=address), is_known=False)

    marks = counted(strict)

    assert len(set(marks)) == len(marks) == 2


def test_what_cannot_be_counted_is_let_through_and_noted(strict: System) -> None:
    strict.openings.failure = StoreBusyError("ThrottlingException")

    assert opened(at(strict, "ana", "203.0.113.1"), "123456") == "InitChat"
    assert [event for event, _ in strict.journal.notes] == ["opening_not_counted"]
