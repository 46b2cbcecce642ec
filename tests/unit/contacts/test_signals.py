"""Receipts and typing: told at once, and only receipts are kept."""

from __future__ import annotations

import pytest

from chat.model.entries import Mark
from chat.model.identity import Principal, Role
from chat.ports.errors import StoreBusyError
from tests.worlds.domain import COLLEAGUE, SELLER, VISITOR, Client, System

STRANGER = Principal("device-2", Role.VISITOR)


def marks(client: Client, contact_id: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = client.send("sync", contact_id=contact_id, after=0)["marks"]
    return found


@pytest.fixture
def talk(visitor: Client, contact: str) -> str:
    """A contact whose log has five entries."""
    for text in ("One", "Two", "Three"):
        visitor.send("sendMessage", contact_id=contact, message=text)
    visitor.system.forget_what_happened()
    return contact


def test_before_any_receipt_nothing_arrived_and_nothing_was_seen(visitor: Client, contact: str) -> None:
    nothing = {"delivered": 0, "read": 0}

    assert marks(visitor, contact) == {"visitor": nothing, "seller": nothing}


def test_a_receipt_is_kept_and_told_to_the_other_side_and_answered_with_nothing(
    visitor: Client, seller: Client, talk: str
) -> None:
    assert seller.send("receipt", contact_id=talk, delivered=5, read=4) == {}

    assert visitor.received == [{"action": "receipt", "contact_id": talk, "from": "seller", "delivered": 5, "read": 4}]
    assert marks(visitor, talk)["seller"] == {"delivered": 5, "read": 4}


def test_ones_own_other_devices_hear_of_it_too(system: System, seller: Client, talk: str) -> None:
    phone = system.connect(SELLER, "seller-phone")

    seller.send("receipt", contact_id=talk, read=5)

    assert [frame["action"] for frame in phone.received] == ["receipt"]
    assert seller.received == []


def test_what_was_read_was_delivered(seller: Client, talk: str) -> None:
    seller.send("receipt", contact_id=talk, read=4)

    assert marks(seller, talk)["seller"] == {"delivered": 4, "read": 4}


@pytest.mark.parametrize("later", [{"delivered": 3}, {"read": 2}, {"delivered": 5, "read": 4}, {}])
def test_marks_never_go_back_and_a_lower_one_is_told_to_nobody(
    visitor: Client, seller: Client, talk: str, later: dict[str, int]
) -> None:
    seller.send("receipt", contact_id=talk, delivered=5, read=4)

    assert seller.send("receipt", contact_id=talk, **later) == {}

    assert marks(visitor, talk)["seller"] == {"delivered": 5, "read": 4}
    assert len(visitor.received) == 1


def test_each_mark_rises_on_its_own(seller: Client, talk: str) -> None:
    seller.send("receipt", contact_id=talk, read=3)
    seller.send("receipt", contact_id=talk, delivered=5)

    assert marks(seller, talk)["seller"] == {"delivered": 5, "read": 3}


def test_a_mark_cannot_pass_the_end_of_the_log(seller: Client, talk: str) -> None:
    seller.send("receipt", contact_id=talk, delivered=999, read=999)

    assert marks(seller, talk)["seller"] == {"delivered": 5, "read": 5}


def test_a_receipt_that_meets_a_higher_one_is_merged_with_it(
    system: System, seller: Client, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_mark = system.store.raise_mark

    def after_a_rival(contact_id: str, role: Role, mark: Mark, expires_at: int) -> bool:
        monkeypatch.setattr(system.store, "raise_mark", raise_mark)
        raise_mark(contact_id, role, Mark(delivered=5, read=1), expires_at)
        return raise_mark(contact_id, role, mark, expires_at)

    monkeypatch.setattr(system.store, "raise_mark", after_a_rival)

    assert seller.send("receipt", contact_id=talk, delivered=3, read=3) == {}
    assert marks(seller, talk)["seller"] == {"delivered": 5, "read": 3}


def test_a_receipt_that_always_loses_or_cannot_be_stored_is_answered_with_try_again(
    system: System, seller: Client, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: object) -> bool:
        raise StoreBusyError("ThrottlingException")

    monkeypatch.setattr(system.store, "raise_mark", lambda *_arguments: False)
    lost = seller.send("receipt", contact_id=talk, read=3)
    monkeypatch.setattr(system.store, "raise_mark", busy)

    assert [lost["code"], seller.send("receipt", contact_id=talk, read=3)["code"]] == ["try_again", "try_again"]


def test_a_receipt_that_loses_three_times_is_told_to_try_again(
    system: System, seller: Client, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Mark] = []

    def lose(_contact: str, _role: Role, mark: Mark, _expires_at: int) -> bool:
        tries.append(mark)
        return False

    monkeypatch.setattr(system.store, "raise_mark", lose)

    assert seller.send("receipt", contact_id=talk, read=3)["code"] == "try_again"
    assert len(tries) == 3


def test_typing_tells_how_far_one_has_come_once_and_keeps_it(
    system: System, visitor: Client, seller: Client, talk: str
) -> None:
    phone = system.connect(SELLER, "seller-phone")

    for _ in range(2):
        assert seller.send("typing", contact_id=talk, delivered=5, read=4) == {}

    typing = {"action": "typing", "contact_id": talk, "from": "seller", "typing": True}
    assert visitor.received == [{**typing, "delivered": 5, "read": 4}, typing]
    assert phone.received == [{"action": "receipt", "contact_id": talk, "from": "seller", "delivered": 5, "read": 4}]
    assert marks(visitor, talk)["seller"] == {"delivered": 5, "read": 4}


def test_typing_is_told_to_the_other_side_and_answered_with_nothing(
    visitor: Client, seller: Client, contact: str
) -> None:
    assert visitor.send("typing", contact_id=contact) == {}
    assert visitor.send("typing", contact_id=contact, typing=False) == {}

    assert seller.received == [
        {"action": "typing", "contact_id": contact, "from": "visitor", "typing": True},
        {"action": "typing", "contact_id": contact, "from": "visitor", "typing": False},
    ]


def test_typing_is_never_stored(system: System, visitor: Client, contact: str) -> None:
    visitor.send("typing", contact_id=contact)

    assert system.store.requests.keys() == {"listing", "latest"}


@pytest.mark.parametrize("action", ["receipt", "typing"])
def test_a_stranger_signals_nothing_and_learns_nothing(
    system: System, visitor: Client, seller: Client, contact: str, action: str
) -> None:
    stranger = system.connect(STRANGER, "stranger")

    foreign = stranger.send(action, contact_id=contact)
    missing = stranger.send(action, contact_id="no-such-contact")

    assert foreign["code"] == "forbidden"
    assert foreign | {"contact_id": ""} == missing | {"contact_id": ""}
    assert visitor.received == seller.received == []


@pytest.mark.parametrize("action", ["receipt", "typing"])
def test_who_handed_a_contact_over_signals_nothing_in_it(
    system: System, visitor: Client, seller: Client, contact: str, action: str
) -> None:
    colleague = system.connect(COLLEAGUE, "colleague-laptop")
    assert seller.send("transferChat", contact_id=contact, to=COLLEAGUE.user_id)["action"] == "ack"
    system.forget_what_happened()

    assert seller.send(action, contact_id=contact, read=2)["code"] == "forbidden"

    assert visitor.received == colleague.received == []


@pytest.mark.parametrize("action", ["receipt", "typing"])
def test_signals_about_an_expired_contact_say_so(system: System, visitor: Client, contact: str, action: str) -> None:
    system.store.expire(contact, through=99)

    assert visitor.send(action, contact_id=contact)["code"] == "contact_expired"


def test_a_signal_to_a_dead_connection_forgets_it(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    system.push.gone.add("seller-laptop")

    visitor.send("typing", contact_id=contact)

    assert "seller-laptop" not in system.connections.items


def test_a_visitors_tabs_know_what_the_visitor_read(system: System, visitor: Client, contact: str) -> None:
    tab = system.connect(VISITOR, "tab")

    visitor.send("receipt", contact_id=contact, read=2)

    assert [(frame["from"], frame["read"]) for frame in tab.received] == [("visitor", 2)]
