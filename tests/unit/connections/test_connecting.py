"""Connections that open, close, and are taken for dead while they open."""

from __future__ import annotations

import pytest

from chat.model.identity import Principal, Role
from chat.model.sellers import Seller
from chat.ports.errors import StoreBusyError
from tests.worlds.domain import VISITOR, Client, System

ANA = Principal("ana", Role.SELLER)


@pytest.fixture
def mistaken(system: System, visitor: Client, seller: Client, contact: str) -> Client:
    """A seller's phone that was posted to before its upgrade had ended, and was therefore forgotten."""
    phone = system.connect(seller.sender.principal, "phone")
    system.push.gone.add("phone")
    visitor.send("sendMessage", contact_id=contact, message="Are you there?")
    system.push.gone.clear()
    assert "phone" not in system.connections.items
    return phone


@pytest.mark.parametrize(
    ("action", "fields"), [("sync", {"after": 0, "announce": True}), ("inbox", {"announce": True})]
)
def test_who_announces_himself_is_reached_again(
    visitor: Client, mistaken: Client, contact: str, action: str, fields: dict[str, object]
) -> None:
    mistaken.send(action, **({"contact_id": contact} if action == "sync" else {}), **fields)

    visitor.send("sendMessage", contact_id=contact, message="Hello?")

    assert [frame["message"] for frame in mistaken.received] == ["Hello?"]


def test_a_visitor_who_starts_a_chat_is_reached_again(system: System, visitor: Client) -> None:
    system.connections.remove("visitor-laptop")

    visitor.send("InitChat", sellerId="123456", userInfo={})

    assert "visitor-laptop" in system.connections.items


# Sellers who leave


@pytest.fixture
def ana(system: System) -> Client:
    """A registered seller who says that she is there."""
    system.store.sellers.register(Seller("ana", "support", capacity=3))
    ana = system.connect(ANA, "ana-laptop")
    ana.send("presence", status="online")
    return ana


def is_there(system: System) -> bool:
    seller = system.store.sellers.get("ana")
    assert seller is not None
    return seller.is_there(system.clock.now())


@pytest.mark.usefixtures("ana")
def test_a_seller_whose_last_connection_closed_is_not_there_any_more(system: System) -> None:
    assert is_there(system)

    system.services.connecting.closed("ana-laptop")

    assert not is_there(system)


@pytest.mark.usefixtures("ana")
def test_a_seller_who_has_another_device_open_stays_there(system: System) -> None:
    system.connect(ANA, "ana-phone")

    system.services.connecting.closed("ana-laptop")

    assert is_there(system)


@pytest.mark.usefixtures("ana")
def test_a_seller_whose_devices_close_one_after_the_other_is_gone_with_the_last(system: System) -> None:
    system.connect(ANA, "ana-phone")

    system.services.connecting.closed("ana-laptop")
    system.services.connecting.closed("ana-phone")

    assert not is_there(system)


@pytest.mark.usefixtures("ana")
def test_a_seller_who_came_back_before_the_end_of_the_old_connection_was_heard_stays_there(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.connect(ANA, "ana-again").send("presence", status="online")
    # The index may not list the new one yet.
    monkeypatch.setattr(system.connections, "of", lambda _person, **_: [])

    system.services.connecting.closed("ana-laptop")

    assert is_there(system)


@pytest.mark.usefixtures("ana")
def test_a_connection_that_closed_is_not_one_that_remains_though_the_index_still_lists_it(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = list(system.connections.of(ANA))
    monkeypatch.setattr(system.connections, "of", lambda _person, **_: listed)

    system.services.connecting.closed("ana-laptop", ANA)

    assert not is_there(system)


@pytest.mark.usefixtures("ana")
@pytest.mark.parametrize("times", [1, 2])
def test_a_seller_whose_last_connection_was_forgotten_before_its_end_was_heard_is_not_there_any_more(
    system: System, times: int
) -> None:
    system.connections.remove("ana-laptop")

    for _ in range(times):
        system.services.connecting.closed("ana-laptop", ANA)

    assert not is_there(system)


def test_the_end_of_a_visitors_connection_costs_one_write(system: System, visitor: Client) -> None:
    system.services.connecting.closed(visitor.connection_id)
    system.services.connecting.closed("unknown")

    assert dict(system.connections.requests) == {"add": 1, "remove": 2}


def test_a_read_that_is_not_announced_writes_nothing(system: System, visitor: Client, contact: str) -> None:
    visitor.send("sync", contact_id=contact, after=0)

    assert "restore" not in system.connections.requests


def test_a_connection_that_was_announced_after_it_was_found_is_not_forgotten(
    system: System, visitor: Client, contact: str
) -> None:
    (found,) = system.connections.of(VISITOR)
    system.clock.advance(seconds=1)
    visitor.send("sync", contact_id=contact, after=2, announce=True)

    system.connections.forget(found)

    assert "visitor-laptop" in system.connections.items


def test_an_announcement_that_cannot_be_stored_is_answered_with_try_again(
    system: System, visitor: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: object) -> None:
        raise StoreBusyError("ThrottlingException")

    monkeypatch.setattr(system.connections, "restore", busy)

    assert visitor.send("sync", contact_id=contact, after=2, announce=True)["code"] == "try_again"
