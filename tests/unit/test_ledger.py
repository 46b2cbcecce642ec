"""What is measured when something is written and told."""

from __future__ import annotations

import json

import pytest

from chat.adapters.json_journal import JsonJournal
from chat.ledger import LATE_MS
from chat.model.identity import Principal, Role, Sender
from chat.model.metrics import Metric
from chat.model.sellers import Availability, Seller
from chat.model.settings import Settings
from chat.model.timestamps import epoch_seconds
from tests.doubles.conversations import ContestedConversations
from tests.worlds.domain import SELLER, VISITOR, Client, System

EMBEDDED_BYTES = 250


def measured(system: System) -> dict[Metric, float]:
    """All that was measured since what happened was forgotten, each metric once."""
    return {metric: value for values in system.journal.measured for metric, value in values.items()}


def start(system: System, requested: str = "123456") -> tuple[Client, str]:
    visitor = system.connect(VISITOR, "visitor-laptop")
    return visitor, visitor.send("InitChat", sellerId=requested, userInfo={})["contact_id"]


def employ(system: System, name: str, capacity: int = 1) -> None:
    now = epoch_seconds(system.clock.now())
    system.store.sellers.items[name] = Seller(name, "support", capacity, 0, Availability.ONLINE, now)


def test_a_contact_that_finds_a_seller_at_once_was_opened_and_assigned_after_no_time() -> None:
    system = System()
    start(system)

    assert measured(system) == {
        Metric.CONTACTS_OPENED: 1,
        Metric.CONTACTS_ASSIGNED: 1,
        Metric.ASSIGNMENT_SECONDS: 0,
    }


def test_a_contact_that_waits_is_queued_and_the_time_to_its_seller_is_told_when_there_is_one() -> None:
    system = System()
    employ(system, "ana", capacity=0)
    start(system, "support")
    assert measured(system) == {Metric.CONTACTS_OPENED: 1, Metric.CONTACTS_QUEUED: 1}

    system.clock.advance(seconds=42)
    employ(system, "ana")
    system.forget_what_happened()
    system.connect(Principal("ana", Role.SELLER), "ana").send("presence", status="online")

    assert measured(system)[Metric.ASSIGNMENT_SECONDS] == 42
    assert Metric.LATE_ASSIGNMENTS not in measured(system)


def test_an_assignment_is_late_if_only_a_check_up_noticed_that_there_was_room() -> None:
    system = System()
    employ(system, "ana", capacity=0)
    _, contact = start(system, "support")
    system.clock.advance(seconds=61)
    employ(system, "ana")
    system.forget_what_happened()

    system.check_up(contact)

    assert measured(system)[Metric.LATE_ASSIGNMENTS] == 1


def test_a_check_up_that_gives_nobody_a_seller_assigns_nobody_late() -> None:
    system = System()
    employ(system, "ana", capacity=0)
    _, contact = start(system, "support")
    system.clock.advance(seconds=61)
    system.forget_what_happened()

    system.check_up(contact)

    assert measured(system) == {}


@pytest.mark.parametrize("seconds", [30, 60])
def test_a_check_up_that_comes_within_a_minute_is_not_late(seconds: int) -> None:
    system = System()
    employ(system, "ana", capacity=0)
    _, contact = start(system, "support")
    system.clock.advance(seconds=seconds)
    employ(system, "ana")

    system.check_up(contact)

    assert measured(system)[Metric.CONTACTS_ASSIGNED] == 1
    assert Metric.LATE_ASSIGNMENTS not in measured(system)


def test_messages_are_counted_by_role_and_the_first_answer_tells_how_long_it_took() -> None:
    system = System()
    visitor, contact = start(system)
    seller = system.connect(SELLER, "seller-desk")
    system.forget_what_happened()

    visitor.send("sendMessage", contact_id=contact, message="Hello?")
    assert measured(system) == {Metric.VISITOR_MESSAGES: 1, Metric.PUSH_MS: 0}

    system.clock.advance(seconds=30)
    system.forget_what_happened()
    seller.send("sendMessage", contact_id=contact, message="Hello!")
    assert measured(system) == {Metric.SELLER_MESSAGES: 1, Metric.FIRST_ANSWER_SECONDS: 30, Metric.PUSH_MS: 0}

    system.forget_what_happened()
    seller.send("sendMessage", contact_id=contact, message="How can I help?")
    assert measured(system) == {Metric.SELLER_MESSAGES: 1, Metric.PUSH_MS: 0}


def test_a_message_that_is_sent_twice_is_counted_once() -> None:
    system = System()
    visitor, contact = start(system)
    for _ in range(2):
        visitor.send("sendMessage", contact_id=contact, message="Hello?", id="m1", base=2)

    assert sum(Metric.VISITOR_MESSAGES in values for values in system.journal.measured) == 1


def test_a_message_over_rest_is_told_apart() -> None:
    system = System()
    _, contact = start(system)
    Client(system, Sender(VISITOR)).send("sendMessage", contact_id=contact, message="Hello?")

    assert measured(system)[Metric.REST_MESSAGES] == 1
    assert Metric.VISITOR_MESSAGES not in measured(system)


@pytest.mark.parametrize(("who", "abandoned"), [(VISITOR, 1), (SELLER, 0)])
def test_a_contact_is_abandoned_that_ends_before_an_answer_unless_its_seller_ends_it(
    who: Principal, abandoned: int
) -> None:
    system = System()
    _, contact = start(system)

    system.connect(who, "somewhere").send("closeChat", contact_id=contact)

    assert measured(system).get(Metric.CONTACTS_ABANDONED, 0) == abandoned


def test_a_contact_that_was_answered_is_not_abandoned() -> None:
    system = System()
    visitor, contact = start(system)
    system.connect(SELLER, "desk").send("sendMessage", contact_id=contact, message="Hello!")

    visitor.send("closeChat", contact_id=contact)

    assert Metric.CONTACTS_ABANDONED not in measured(system)


def test_a_contact_that_is_written_to_after_its_end_is_reopened() -> None:
    system = System()
    visitor, contact = start(system)
    visitor.send("closeChat", contact_id=contact)

    visitor.send("sendMessage", contact_id=contact, message="One more thing")

    assert measured(system)[Metric.CONTACTS_REOPENED] == 1


def test_a_contact_whose_seller_vanished_is_moved() -> None:
    system = System(settings=Settings(lease_seconds=20))
    employ(system, "ana")
    _, contact = start(system, "support")
    system.clock.advance(seconds=1000)

    system.check_up(contact)

    assert measured(system)[Metric.CONTACTS_MOVED] == 1


def test_a_push_is_late_that_ends_more_than_a_second_after_its_message_was_stored() -> None:
    system = System()
    visitor, contact = start(system)
    system.connect(SELLER, "desk")
    post = system.push.post

    def slowly(connection_id: str, frame: bytes) -> None:
        system.clock.advance(milliseconds=LATE_MS + 1)
        post(connection_id, frame)

    system.push.post = slowly  # type: ignore[method-assign]
    visitor.send("sendMessage", contact_id=contact, message="Hello?")

    assert measured(system)[Metric.PUSH_MS] == LATE_MS + 1
    assert measured(system)[Metric.LATE_PUSHES] == 1


def test_a_push_to_a_connection_that_is_gone_is_counted_as_that() -> None:
    system = System()
    visitor, contact = start(system)
    system.connect(SELLER, "desk")
    system.push.gone.add("desk")
    visitor.send("sendMessage", contact_id=contact, message="Hello?")

    assert measured(system)[Metric.GONE_PUSHES] == 1


def test_a_race_for_a_number_is_counted() -> None:
    store = ContestedConversations()
    system = System(store=store)
    visitor, contact = start(system)
    desk = system.connect(SELLER, "desk")
    store.before_writing.append(lambda: desk.send("sendMessage", contact_id=contact, message="Good morning"))
    visitor.send("sendMessage", contact_id=contact, message="Hello?")

    assert measured(system)[Metric.APPEND_CONFLICTS] == 1


@pytest.mark.parametrize("sender", [Sender(VISITOR, "visitor-laptop"), Sender(VISITOR), Sender(SELLER, "desk")])
def test_what_is_measured_of_a_message_takes_few_bytes_of_the_log(
    sender: Sender, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    system = System()
    _, contact = start(system)
    system.connect(SELLER, "desk").send("sendMessage", contact_id=contact, message="The first answer")
    journal = JsonJournal("INFO", "production")
    for attribute in ("note", "failed", "measure"):
        monkeypatch.setattr(system.journal, attribute, getattr(journal, attribute))
    capsys.readouterr()
    Client(system, sender).send("sendMessage", contact_id=contact, message="Hello" * 200)

    (line,) = capsys.readouterr().out.splitlines()
    slowest = json.loads(line)
    slowest["PushMs"] = 9999
    assert len(json.dumps(slowest, separators=(",", ":"))) <= EMBEDDED_BYTES
