"""Who writes to a closed contact comes behind those who wait, and reopens no more than they may open."""

from __future__ import annotations

import pytest

from chat.model.entries import EntryKind
from chat.model.identity import SYSTEM, Principal, Role, Sender
from chat.model.sellers import Seller
from chat.model.settings import Settings
from chat.ports.errors import StoreUnavailableError
from tests.worlds.domain import Client, System

ADDRESS = "203.0.113.1"


def one_seller(capacity: int = 1, settings: Settings | None = None) -> tuple[System, Client]:
    """A shop with one seller, who is there."""
    system = System(settings=settings or Settings())
    system.store.sellers.register(Seller("ana", "support", capacity))
    ana = system.connect(Principal("ana", Role.SELLER), "ana-laptop")
    ana.send("presence", status="online")
    return system, ana


def begin(system: System, device: str, requested: str = "support") -> tuple[Client, str]:
    """A visitor and the contact in which they have spoken."""
    visitor = system.connect(Principal(device, Role.VISITOR), f"{device}-laptop")
    visitor.sender = Sender(visitor.sender.principal, visitor.sender.connection_id, ADDRESS)
    contact = str(visitor.send("InitChat", sellerId=requested, userInfo={})["contact_id"])
    write(visitor, contact)
    return visitor, contact


def write(person: Client, contact: str) -> dict[str, object]:
    return person.send("sendMessage", contact_id=contact, message="Hello")


def status(system: System, contact: str) -> str:
    newest = system.store.latest(contact).newest
    assert newest
    return newest.state.status


def test_who_waits_is_given_the_seller_and_not_who_writes_again_at_once() -> None:
    system, ana = one_seller()
    first, ended = begin(system, "first")
    _, waits = begin(system, "waits")

    ana.send("closeChat", contact_id=ended)
    system.clock.advance(seconds=1)
    assert write(first, ended)["action"] == "ack"

    ana.send("presence")
    assert (status(system, waits), status(system, ended)) == ("open", "queued")


def test_who_waits_for_the_seller_by_name_comes_first_too() -> None:
    system, ana = one_seller()
    first, ended = begin(system, "first")
    _, waits = begin(system, "waits", "ana")

    ana.send("closeChat", contact_id=ended)
    system.clock.advance(seconds=1)
    write(first, ended)
    ana.send("presence")

    assert (status(system, waits), status(system, ended)) == ("open", "queued")


def test_where_nobody_waits_the_seller_has_the_contact_back_at_once() -> None:
    system, ana = one_seller()
    first, ended = begin(system, "first")
    ana.send("closeChat", contact_id=ended)

    write(first, ended)

    assert status(system, ended) == "open"


def test_a_contact_is_reopened_by_the_system_and_the_message_is_its_visitors() -> None:
    system, ana = one_seller()
    visitor, contact = begin(system, "first")
    senders = {}
    for is_full in (False, True):
        ana.send("closeChat", contact_id=contact)
        if is_full:
            begin(system, "second")
        write(visitor, contact)
        log = system.store.entries[contact]
        last_close = max(seq for seq, entry in log.items() if entry.kind is EntryKind.CLOSED)
        senders[is_full] = [(entry.kind, entry.sender) for seq, entry in log.items() if seq > last_close]

    alias = f"visitor-{contact}"
    assert senders == {
        False: [("reopened", "system"), ("message", alias)],
        True: [("reopened", "system"), ("queued", "system"), ("message", alias)],
    }


def test_a_seller_takes_up_a_contact_whoever_waits() -> None:
    system, ana = one_seller(capacity=2)
    _, ended = begin(system, "first")
    ana.send("closeChat", contact_id=ended)
    begin(system, "second")
    begin(system, "third")
    _, waits = begin(system, "waits")
    ana.send("closeChat", contact_id=next(iter(system.store.entries)))

    assert status(system, waits) == "queued"
    assert write(ana, ended)["code"] == "seller_full"


def test_the_twenty_first_reopening_in_an_hour_is_told_to_slow_down() -> None:
    system, ana = one_seller()
    first, ended = begin(system, "first")

    answers = []
    for _ in range(20):
        ana.send("closeChat", contact_id=ended)
        system.clock.advance(seconds=1)
        answers.append(write(first, ended).get("code", "ack"))

    # The opening was the first of twenty.
    assert answers == ["ack"] * 19 + ["slow_down"]


def test_reopenings_of_many_contacts_count_together() -> None:
    system, ana = one_seller(capacity=5, settings=Settings(device_chats_per_hour=3))
    visitor, one = begin(system, "first", "ana")
    _, other = begin(system, "first", "support")
    for contact in (one, other):
        ana.send("closeChat", contact_id=contact)

    assert [write(visitor, contact).get("code", "ack") for contact in (one, other)] == ["ack", "slow_down"]


def test_who_reopens_is_not_counted_among_the_strangers_of_an_address() -> None:
    system, ana = one_seller()
    visitor, contact = begin(system, "first")
    ana.send("closeChat", contact_id=contact)

    write(visitor, contact)

    assert {group: count for (_, group), count in system.openings.groups.items()} == {"strangers": 1, "known": 1}


def test_a_seller_reopens_without_being_counted() -> None:
    system, ana = one_seller(settings=Settings(device_chats_per_hour=1))
    _, ended = begin(system, "first")

    for _ in range(3):
        ana.send("closeChat", contact_id=ended)
        assert write(ana, ended)["action"] == "ack"


def test_a_reopening_that_is_tried_again_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    system, ana = one_seller(settings=Settings(device_chats_per_hour=2))
    first, ended = begin(system, "first")
    ana.send("closeChat", contact_id=ended)

    def unavailable(_change: object) -> None:
        raise StoreUnavailableError("time-out")

    with monkeypatch.context() as failing:
        failing.setattr(system.store, "commit", unavailable)
        assert [write(first, ended)["code"] for _ in range(3)] == ["try_again"] * 3

    assert write(first, ended)["action"] == "ack"


def test_where_the_seller_is_not_there_the_next_one_has_the_contact_at_once() -> None:
    system, ana = one_seller()
    system.store.sellers.register(Seller("bo", "support", 1))
    bo = system.connect(Principal("bo", Role.SELLER), "bo-laptop")
    first, ended = begin(system, "first")
    ana.send("closeChat", contact_id=ended)
    ana.send("presence", status="away")
    bo.send("presence", status="online")
    system.forget_what_happened()

    write(first, ended)

    entries = [*system.store.entries[ended].values()][-3:]
    kinds = [entry.kind for entry in entries]
    assert kinds == ["reopened", "assigned", "message"]
    assert [entry.sender for entry in entries[:2]] == [SYSTEM, SYSTEM]
    assert [frame.get("entry", {}).get("kind", "message") for frame in bo.received] == kinds
    assert ana.received == []
    assert [system.store.sellers.items[name].open_count for name in ("ana", "bo")] == [0, 1]


def test_where_nobody_is_there_the_contact_waits_and_takes_up_no_place() -> None:
    system, ana = one_seller()
    first, ended = begin(system, "first")
    ana.send("closeChat", contact_id=ended)
    ana.send("presence", status="away")

    write(first, ended)

    assert status(system, ended) == "queued"
    assert system.store.sellers.items["ana"].open_count == 0
    ana.send("presence", status="online")
    assert status(system, ended) == "open"


def test_who_writes_again_to_a_seller_who_has_left_comes_behind_those_who_wait() -> None:
    system, ana = one_seller()
    first, ended = begin(system, "first")
    ana.send("closeChat", contact_id=ended)
    ana.send("presence", status="away")
    _, waits = begin(system, "waits")
    system.clock.advance(seconds=1)

    write(first, ended)
    ana.send("presence", status="online")

    assert (status(system, waits), status(system, ended)) == ("open", "queued")


@pytest.mark.parametrize(
    ("situation", "reason"),
    [
        ("the seller is away", "away"),
        ("the seller is away and others wait", "away"),
        ("others wait for the seller", "busy"),
        ("the seller is full", "busy"),
    ],
)
def test_who_is_to_wait_again_is_told_whether_anybody_is_there(situation: str, reason: str) -> None:
    system, ana = one_seller()
    first, ended = begin(system, "first")
    if situation == "others wait for the seller":
        begin(system, "waits", "ana")
    ana.send("closeChat", contact_id=ended)
    if situation == "the seller is full":
        begin(system, "second")
    if "away" in situation:
        ana.send("presence", status="away")
    if "away and others wait" in situation:
        begin(system, "waits")
    system.clock.advance(seconds=1)

    write(first, ended)

    queued = [entry for entry in system.store.entries[ended].values() if entry.kind is EntryKind.QUEUED][-1]
    assert queued.details == {"reason": reason}


def test_a_full_seller_loses_the_contact_to_the_queue() -> None:
    system, ana = one_seller()
    first, ended = begin(system, "first")
    ana.send("closeChat", contact_id=ended)
    begin(system, "second")

    write(first, ended)

    assert status(system, ended) == "queued"
