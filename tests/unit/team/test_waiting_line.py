"""The queue as sellers see it: told at once who waits, read before it is taken, taken by one of those who ask."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest

from chat.model.entries import EntryKind, Status
from chat.model.identity import Principal, Role
from chat.model.sellers import FRESH_SECONDS, Availability, Seller
from chat.model.timestamps import epoch_seconds
from tests.doubles.conversations import ContestedConversations
from tests.doubles.machine import START
from tests.worlds.domain import VISITOR, Client, System

NOW = epoch_seconds(START)


def seller(name: str, team: str = "support", *, capacity: int = 2, heard_at: int = NOW) -> Seller:
    return Seller(name, team, capacity, 0, Availability.AWAY, heard_at)


@pytest.fixture
def system() -> System:
    """Two sellers of a team who are away, and one of another: whoever comes waits."""
    return system_with(ContestedConversations())


def system_with(store: ContestedConversations) -> System:
    system = System(store=store)
    for each in (seller("ana"), seller("bo"), seller("cy", "sales")):
        system.store.sellers.register(each)
    return system


def connect(system: System, name: str) -> Client:
    return system.connect(Principal(name, Role.SELLER), f"{name}-laptop")


@pytest.fixture
def ana(system: System) -> Client:
    return connect(system, "ana")


@pytest.fixture
def bo(system: System) -> Client:
    return connect(system, "bo")


@pytest.fixture
def visitor(system: System) -> Client:
    return system.connect(VISITOR, "visitor")


@pytest.fixture
def contact(visitor: Client) -> str:
    """A contact that waits for the team, in which its visitor has written."""
    contact = str(visitor.send("InitChat", sellerId="support", userInfo={"name": "Ada"})["contact_id"])
    visitor.send("sendMessage", contact_id=contact, message="Is anybody there?")
    visitor.system.forget_what_happened()
    return contact


def texts(page: dict[str, Any]) -> list[str]:
    return [entry["message"] for entry in page["entries"] if "message" in entry]


# Being told


def test_sellers_of_the_team_who_are_there_hear_who_waits(system: System, ana: Client, contact: str) -> None:
    elsewhere = connect(system, "cy")

    system.services.attending.queue_has_changed(contact)

    assert ana.received == [
        {
            "action": "waiting",
            "contact_id": contact,
            "status": "queued",
            "since": "2026-01-01T00:00:00.000Z",
            "opened_at": "2026-01-01T00:00:00.000Z",
            "seller_id": None,
            "seq": 3,
        }
    ]
    assert elsewhere.received == []


def test_they_hear_too_who_waits_no_longer_and_with_whom_it_is(
    system: System, ana: Client, bo: Client, contact: str
) -> None:
    ana.send("takeChat", contact_id=contact)

    system.services.attending.queue_has_changed(contact, is_taken=True)

    (told,) = bo.received
    assert (told["action"], told["status"], told["seller_id"], told["seq"]) == ("waiting", "open", "ana", 4)


def test_who_has_not_been_heard_of_is_looked_up_by_nobody(system: System, ana: Client, contact: str) -> None:
    system.clock.advance(seconds=FRESH_SECONDS + 1)

    system.services.attending.queue_has_changed(contact)

    assert ana.received == []
    assert system.connections.requests.total() == 0


def test_to_tell_a_team_costs_a_look_up_for_each_seller_who_is_there(system: System, contact: str) -> None:
    for number in range(20):
        system.store.sellers.register(seller(f"seller-{number}"))

    system.services.attending.queue_has_changed(contact)

    assert system.connections.requests.total() == 22
    assert system.store.requests.total() == 1


def test_of_a_contact_that_is_gone_nothing_is_told(system: System, ana: Client) -> None:
    system.services.attending.queue_has_changed("no-such-contact")

    assert ana.received == []


def test_of_a_contact_of_which_only_the_listing_is_left_nothing_is_told(
    system: System, ana: Client, contact: str
) -> None:
    system.forget_what_happened()
    system.store.entries.pop(contact)

    system.services.waiting_line.tell(contact)

    assert ana.received == []


def test_of_a_large_team_a_hundred_are_told(system: System, contact: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(101):
        system.store.sellers.register(seller(f"seller-{number}"))
    looked_up = Mock(return_value=())
    monkeypatch.setattr(system.services.delivery, "find", looked_up)

    system.services.waiting_line.tell(contact)

    (asked,) = looked_up.call_args.args
    assert len(asked) == 100


def test_those_behind_one_who_was_taken_move_up(system: System, ana: Client, contact: str) -> None:
    second = system.connect(Principal("device-2", Role.VISITOR), "second")
    waiting = second.send("InitChat", sellerId="support", userInfo={})["contact_id"]
    ana.send("takeChat", contact_id=contact)

    system.services.attending.queue_has_changed(contact, is_taken=True)

    assert second.received == [{"action": "queue", "contact_id": waiting, "position": 1}]


# Reading


def test_a_seller_of_the_team_reads_who_waits_and_nobody_hears_of_it(
    system: System, ana: Client, visitor: Client, contact: str
) -> None:
    page = ana.send("sync", contact_id=contact, after=0)

    assert texts(page) == ["Is anybody there?"]
    assert page["status"] == "queued"
    assert visitor.received == []
    assert ana.send("receipt", contact_id=contact, read=3)["code"] == "forbidden"
    assert ana.send("sendMessage", contact_id=contact, message="Hello")["code"] == "forbidden"


@pytest.mark.parametrize("name", ["cy", "stranger"])
def test_who_is_not_asked_neither_reads_nor_takes(system: System, contact: str, name: str) -> None:
    other = connect(system, name)

    assert other.send("sync", contact_id=contact, after=0)["code"] == "forbidden"
    assert other.send("takeChat", contact_id=contact)["code"] == "forbidden"


def test_another_visitor_neither_reads_nor_takes_who_waits(system: System, contact: str) -> None:
    other = system.connect(Principal("device-2", Role.VISITOR), "other")

    assert other.send("sync", contact_id=contact, after=0)["code"] == "forbidden"
    assert other.send("takeChat", contact_id=contact)["code"] == "forbidden"


def test_nobody_reads_on_once_a_colleague_has_it(ana: Client, bo: Client, contact: str) -> None:
    assert bo.send("sync", contact_id=contact, after=0)["action"] == "sync"
    ana.send("takeChat", contact_id=contact)

    assert bo.send("sync", contact_id=contact, after=0)["code"] == "forbidden"


def test_who_had_a_contact_reads_it_when_it_waits_again(system: System, ana: Client, bo: Client, contact: str) -> None:
    ana.send("takeChat", contact_id=contact)
    system.services.lifecycle.take_from(system.store.latest(contact), None)

    assert texts(ana.send("sync", contact_id=contact, after=0)) == ["Is anybody there?"]


def test_who_left_unanswered_is_listed_as_closed_and_read_by_the_team(
    ana: Client, bo: Client, visitor: Client, contact: str
) -> None:
    visitor.send("closeChat", contact_id=contact)

    for each in (ana, bo):
        assert [item["contact_id"] for item in each.send("inbox", status="closed")["contacts"]] == [contact]
        assert texts(each.send("sync", contact_id=contact, after=0)) == ["Is anybody there?"]


# Taking


def test_to_take_gives_the_contact_to_the_seller_and_takes_up_a_place(
    system: System, ana: Client, visitor: Client, contact: str
) -> None:
    reply = ana.send("takeChat", contact_id=contact, id="t1", base=2)

    assert (reply["action"], reply["of"], reply["id"], reply["seq"]) == ("ack", "takeChat", "t1", 4)
    (heard,) = visitor.received
    assert (heard["entry"]["kind"], heard["entry"]["from"], heard["entry"]["seller_id"]) == ("assigned", "ana", "ana")
    assert system.store.sellers.items["ana"].open_count == 1
    assert ana.send("sendMessage", contact_id=contact, message="Hello")["action"] == "ack"
    ana.send("closeChat", contact_id=contact)
    assert system.store.sellers.items["ana"].open_count == 0


@pytest.mark.parametrize(("first", "second"), [("ana", "bo"), ("bo", "ana")])
def test_of_two_who_take_at_once_one_gets_it_and_the_other_is_told(
    contact: str, ana: Client, bo: Client, first: str, second: str
) -> None:
    store, clients = ana.system.store, {"ana": ana, "bo": bo}
    assert isinstance(store, ContestedConversations)
    store.before_writing.append(lambda: clients[first].send("takeChat", contact_id=contact))

    late = clients[second].send("takeChat", contact_id=contact)

    assert late["code"] == "contact_taken"
    assert clients[first].send("inbox", status="open")["contacts"][0]["contact_id"] == contact
    assert [store.sellers.items[name].open_count for name in (first, second)] == [1, 0]


def test_a_repeated_take_gets_the_same_answer_and_takes_up_one_place(system: System, ana: Client, contact: str) -> None:
    frame = {"contact_id": contact, "id": "t1", "base": 2}
    first = ana.send("takeChat", **frame)

    assert ana.send("takeChat", **frame) == first
    # As a table reads it anew.
    sellers = system.store.sellers.items
    sellers["ana"] = replace(sellers["ana"], id="".join("ana"))
    assert ana.send("takeChat", contact_id=contact, id="t2", base=2)["seq"] == first["seq"]
    assert system.store.sellers.items["ana"].open_count == 1


def test_a_repeated_take_that_succeeded_is_true_though_a_colleague_has_the_contact_by_now(
    ana: Client, bo: Client, contact: str
) -> None:
    frame = {"contact_id": contact, "id": "t1", "base": 2}
    first = ana.send("takeChat", **frame)
    ana.send("transferChat", contact_id=contact, to="bo")

    assert ana.send("takeChat", **frame) == first
    assert ana.send("takeChat", contact_id=contact, id="t2")["code"] == "contact_taken"


def test_a_seller_without_room_takes_nobody(system: System, contact: str) -> None:
    system.store.sellers.items["ana"] = seller("ana", capacity=0)

    reply = connect(system, "ana").send("takeChat", contact_id=contact)

    assert reply["code"] == "seller_full"
    newest = system.store.latest(contact).newest
    assert newest
    assert newest.state.status is Status.QUEUED


def test_who_has_left_cannot_be_taken(ana: Client, visitor: Client, contact: str) -> None:
    visitor.send("closeChat", contact_id=contact)

    assert ana.send("takeChat", contact_id=contact)["code"] == "contact_closed"


def test_there_is_nothing_to_take_of_no_contact(ana: Client) -> None:
    assert ana.send("takeChat", contact_id="no-such-contact")["code"] == "forbidden"


def test_who_waits_for_one_seller_is_taken_by_that_one_alone(system: System, ana: Client, bo: Client) -> None:
    visitor = system.connect(VISITOR, "visitor")
    contact = visitor.send("InitChat", sellerId="ana", userInfo={})["contact_id"]

    assert bo.send("takeChat", contact_id=contact)["code"] == "forbidden"
    assert ana.send("takeChat", contact_id=contact)["action"] == "ack"


def test_a_drain_leaves_alone_who_was_taken_meanwhile(system: System, ana: Client, contact: str) -> None:
    store = system.store
    assert isinstance(store, ContestedConversations)
    store.before_writing.append(lambda: ana.send("takeChat", contact_id=contact))
    bo = connect(system, "bo")

    bo.send("presence", status="online")

    kinds = [entry.kind for entry in store.entries[contact].values()]
    assert kinds.count(EntryKind.ASSIGNED) == 1
    assert bo.received == []


def test_to_take_is_one_write(system: System, ana: Client, contact: str) -> None:
    ana.send("takeChat", contact_id=contact, base=2)

    assert system.store.requests["commit"] == 1
