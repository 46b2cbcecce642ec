"""Connections that open, close, and are taken for dead while they open."""

from __future__ import annotations

import pytest

from chat.errors import StoreBusyError
from tests.system import VISITOR, Client, System


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
