"""Two functions at once: what one of them read is not true any more when it writes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chat.model.entries import Status
from chat.model.identity import Principal
from chat.model.sellers import FRESH_SECONDS
from chat.model.timestamps import iso
from tests.interleaving.cloud import OTHER_VISITOR, VISITOR, Cloud


@pytest.mark.parametrize("by", ["seller", "visitor"])
def test_a_contact_that_is_reopened_while_the_visitor_starts_anew_stays_his_only_one(cloud: Cloud, by: str) -> None:
    ana = cloud.employ("ana", capacity=5)
    before = cloud.start()
    cloud.send(VISITOR, "closeChat", contact_id=before)

    starting = cloud.begin(lambda: cloud.start()).until("TransactWriteItems")
    cloud.send(ana if by == "seller" else VISITOR, "sendMessage", contact_id=before, message="One more thing", id="m")
    answered = starting.finish()

    assert cloud.not_closed() == [before]
    assert answered == before


def test_after_a_transfer_the_room_is_with_the_seller_who_handed_over(cloud: Cloud) -> None:
    ana, _ = cloud.employ("ana"), cloud.employ("bo", team="sales")
    first = cloud.start(VISITOR, "support")
    waiting = cloud.start(OTHER_VISITOR, "ana")
    cloud.bring_events()
    assert cloud.newest(waiting).state.status is Status.QUEUED

    cloud.send(ana, "transferChat", contact_id=first, to="bo")
    cloud.bring_events()

    assert cloud.newest(waiting).state.seller == "ana"


def test_who_waits_is_taken_by_one_of_two_sellers_who_press_at_once(cloud: Cloud) -> None:
    ana, bo = cloud.employ("ana"), cloud.employ("bo")
    for seller in (ana, bo):
        cloud.send(seller, "presence", status="away")
    waiting = cloud.start(VISITOR, "support")

    late = cloud.begin(lambda: cloud.send(ana, "takeChat", contact_id=waiting, id="a")).until("TransactWriteItems")
    cloud.send(bo, "takeChat", contact_id=waiting, id="b")

    assert late.finish()["code"] == "contact_taken"
    assert cloud.newest(waiting).state.seller == "bo"


def test_who_is_being_blocked_reopens_nothing_though_the_contact_has_ended_before(cloud: Cloud) -> None:
    ana = cloud.employ("ana")
    contact = cloud.start()

    blocking = cloud.begin(
        lambda: cloud.send(ana, "blockVisitor", contact_id=contact, minutes=10, reason="Insults")
    ).until("TransactWriteItems")
    cloud.send(VISITOR, "closeChat", contact_id=contact)

    assert cloud.send(VISITOR, "sendMessage", contact_id=contact, message="Once more", id="m")["code"] == "blocked"
    assert blocking.finish()["action"] == "blockVisitor"
    assert cloud.newest(contact).state.status is Status.CLOSED


def test_who_reopens_what_has_ended_at_the_moment_at_which_its_seller_blocks_them_does_not_come_back(
    cloud: Cloud,
) -> None:
    ana = cloud.employ("ana")
    contact = cloud.start()
    cloud.send(VISITOR, "closeChat", contact_id=contact)

    reopening = cloud.begin(
        lambda: cloud.send(VISITOR, "sendMessage", contact_id=contact, message="Once more", id="m")
    ).until("TransactWriteItems")
    blocked = cloud.send(ana, "blockVisitor", contact_id=contact, minutes=10, reason="Insults")

    assert blocked["action"] == "blockVisitor"
    reopening.finish()
    assert cloud.newest(contact).state.status is Status.CLOSED


def test_who_begins_a_chat_at_the_moment_at_which_they_are_blocked_has_that_one_until_it_ends(cloud: Cloud) -> None:
    ana, bo = cloud.employ("ana"), cloud.employ("bo", team="sales")
    contact = cloud.start()

    beginning = cloud.begin(lambda: cloud.start(requested="sales")).until("TransactWriteItems")
    cloud.send(ana, "blockVisitor", contact_id=contact, minutes=10, reason="Insults")
    begun = beginning.finish()

    assert cloud.not_closed() == [begun]
    cloud.send(bo, "closeChat", contact_id=begun)
    again = [
        cloud.send(VISITOR, "sendMessage", contact_id=begun, message="Once more", id="m"),
        cloud.send(VISITOR, "InitChat", sellerId="sales", userInfo={}),
    ]
    assert [answer["code"] for answer in again] == ["blocked"] * 2


def test_two_notes_at_once_are_both_kept(cloud: Cloud) -> None:
    ana = cloud.employ("ana")
    contact = cloud.start()

    late = cloud.begin(lambda: cloud.send(ana, "note", contact_id=contact, text="one", id="n1", base=0))
    late.until("TransactWriteItems")
    cloud.send(ana, "note", contact_id=contact, text="two", id="n2", base=0)

    assert late.finish()["note"]["seq"] == 2
    assert [note.text for note in cloud.notes(contact)] == ["two", "one"]


def snooze(cloud: Cloud, seller: Principal, contact: str) -> dict[str, object]:
    """The answer to a seller who puts a contact away until tomorrow."""
    until = iso(cloud.clock.now() + timedelta(days=1))
    return cloud.send(seller, "snooze", contact_id=contact, until=until, id="s1")


@pytest.mark.parametrize(
    ("taken_for", "held_up_at"),
    [
        ("idleness", "Query"),
        ("idleness", "TransactWriteItems"),
        ("silence while somebody waits", "TransactWriteItems"),
        ("a seller who seems to have gone", "TransactWriteItems"),
    ],
)
def test_what_is_put_away_while_it_is_being_taken_from_its_seller_stays(
    cloud: Cloud, taken_for: str, held_up_at: str
) -> None:
    ana = cloud.employ("ana")
    contact = cloud.start()
    if taken_for == "idleness":
        cloud.send(ana, "sendMessage", contact_id=contact, message="Hello")
    if taken_for == "silence while somebody waits":
        cloud.send(OTHER_VISITOR, "InitChat", sellerId="support", userInfo={})
    cloud.clock.advance(seconds=1000 if taken_for == "idleness" else FRESH_SECONDS + 200)
    if taken_for != "a seller who seems to have gone":
        cloud.send(ana, "presence", status="online")

    taking = cloud.begin(lambda: cloud.check_up(contact)).until("Query").until(held_up_at)
    away = snooze(cloud, ana, contact)

    assert taking.finish() == []
    assert away["until"]
    assert cloud.newest(contact).state.seller == "ana"
    assert cloud.newest(contact).state.status is Status.OPEN
    assert cloud.send(ana, "snooze", contact_id=contact)["until"] == away["until"]


def test_what_is_closed_as_idle_while_it_is_being_put_away_is_not_and_its_seller_is_told(cloud: Cloud) -> None:
    ana = cloud.employ("ana")
    contact = cloud.start()
    cloud.send(ana, "sendMessage", contact_id=contact, message="Hello")
    cloud.clock.advance(seconds=1000)

    late = cloud.begin(lambda: snooze(cloud, ana, contact)).until("UpdateItem")
    cloud.check_up(contact)

    assert cloud.newest(contact).state.status is Status.CLOSED
    assert late.finish()["code"] == "try_again"
    assert snooze(cloud, ana, contact)["code"] == "contact_closed"
