"""A visitor who is blocked, while something else is under way or dies."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from chat.model.entries import EntryKind, Status
from chat.model.identity import Principal
from tests.interleaving.cloud import VISITOR, Cloud
from tests.interleaving.wire import Request


class Killed(BaseException):
    """Ends whatever is at work."""


@pytest.fixture
def ana(cloud: Cloud) -> Principal:
    """A seller with room for several."""
    return cloud.employ("ana", capacity=5)


def block(cloud: Cloud, seller: Principal, contact: str) -> dict[str, Any]:
    return cloud.send(seller, "blockVisitor", contact_id=contact, minutes=600, reason="Insults")


def once_more(cloud: Cloud, contact: str) -> dict[str, Any]:
    return cloud.send(VISITOR, "sendMessage", contact_id=contact, message="Once more", id="m", base=3)


def reopened_by_who_is_blocked_meanwhile(cloud: Cloud, seller: Principal, end: str) -> str:
    """A contact that its visitor reopened as they were blocked; what reopened it has come to a bad `end`."""
    contact = cloud.start()
    cloud.send(VISITOR, "closeChat", contact_id=contact)
    reopening = cloud.begin(lambda: once_more(cloud, contact)).until("TransactWriteItems")
    assert block(cloud, seller, contact)["action"] == "blockVisitor"

    def fail(request: Request) -> None:
        if request.operation == "TransactWriteItems" and end == "killed":
            cloud.wire.after = lambda _: None
            raise Killed
        if request.operation == "TransactWriteItems":
            raise ReadTimeoutError(endpoint_url=request.address)

    cloud.wire.after = fail
    if end == "killed":
        with pytest.raises(Killed):
            reopening.finish()
    else:
        assert reopening.finish()["code"] == "try_again"
    cloud.wire.after = lambda _: None
    assert cloud.newest(contact).state.status is Status.OPEN
    return contact


def test_a_block_that_is_repeated_after_a_colleague_lifted_it_changes_nothing(cloud: Cloud, ana: Principal) -> None:
    bo = cloud.employ("bo", capacity=5)
    contact = cloud.start(requested="ana")
    frame = {"contact_id": contact, "minutes": 60, "reason": "Insults", "id": "b1"}
    blocked = cloud.send(ana, "blockVisitor", **frame)
    assert cloud.send(ana, "blockVisitor", **frame) == blocked
    cloud.send(bo, "unblockVisitor", visitor=blocked["visitor"])
    assert once_more(cloud, contact)["action"] == "ack"

    again = cloud.send(ana, "blockVisitor", **frame)

    assert (again["action"], again["visitor"]) == ("blockVisitor", blocked["visitor"])
    assert cloud.newest(contact).state.status is Status.OPEN
    assert cloud.send(ana, "blockVisitor", **{**frame, "id": "b2"})["until"] > again["until"]
    assert cloud.newest(contact).state.status is Status.CLOSED


def test_a_first_attempt_that_is_slow_blocks_nobody_whom_a_colleague_has_let_in_again(
    cloud: Cloud, ana: Principal
) -> None:
    bo = cloud.employ("bo", capacity=5)
    contact = cloud.start(requested="ana")
    frame = {"contact_id": contact, "minutes": 60, "reason": "Insults", "id": "b1"}
    slow = cloud.begin(lambda: cloud.send(ana, "blockVisitor", **frame)).until("PutItem")
    visitor = cloud.send(ana, "blockVisitor", **frame)["visitor"]
    cloud.send(bo, "unblockVisitor", visitor=visitor)
    assert once_more(cloud, contact)["action"] == "ack"

    assert slow.finish()["action"] == "blockVisitor"

    assert cloud.newest(contact).state.status is Status.OPEN
    assert cloud.send(VISITOR, "InitChat", sellerId="sales", userInfo={}).get("code") is None


def test_who_calls_messages_as_the_system_calls_entries_has_reopened_nothing_by_that(
    cloud: Cloud, ana: Principal
) -> None:
    bo = cloud.employ("bo", capacity=5)
    contact, other = cloud.start(requested="ana"), cloud.start(requested="bo")
    for number, name in enumerate(("m.reopened", "m")):
        frame = {"contact_id": contact, "message": "Hello", "id": name, "base": 2 + number}
        answer = cloud.send(VISITOR, "sendMessage", **frame)
    block(cloud, bo, other)

    assert cloud.send(VISITOR, "sendMessage", **frame) == answer

    assert cloud.newest(contact).state.status is Status.OPEN


def test_a_block_whose_first_attempt_died_before_the_contact_had_ended_ends_it(cloud: Cloud, ana: Principal) -> None:
    contact = cloud.start(requested="ana")
    frame = {"contact_id": contact, "minutes": 60, "reason": "Insults", "id": "b1"}

    def die(request: Request) -> None:
        if request.operation == "PutItem":
            cloud.wire.after = lambda _: None
            raise Killed

    cloud.wire.after = die
    with pytest.raises(Killed):
        cloud.send(ana, "blockVisitor", **frame)
    assert cloud.newest(contact).state.status is Status.OPEN

    assert cloud.send(ana, "blockVisitor", **frame)["action"] == "blockVisitor"

    assert cloud.newest(contact).state.status is Status.CLOSED


def test_what_lifts_a_block_and_is_repeated_leaves_the_next_one(cloud: Cloud, ana: Principal) -> None:
    bo = cloud.employ("bo", capacity=5)
    contact = cloud.start(requested="ana")
    visitor = block(cloud, ana, contact)["visitor"]
    lift = {"visitor": visitor, "since": cloud.send(bo, "blocks")["blocks"][0]["since"]}
    cloud.send(bo, "unblockVisitor", **lift)
    assert once_more(cloud, contact)["action"] == "ack"
    cloud.clock.advance(seconds=5)
    block(cloud, ana, contact)

    assert cloud.send(bo, "unblockVisitor", **lift)["action"] == "unblockVisitor"

    assert cloud.send(VISITOR, "InitChat", sellerId="ana", userInfo={})["code"] == "blocked"


@pytest.mark.parametrize("end", ["killed", "answer lost"])
def test_who_repeats_what_reopened_a_contact_as_they_were_blocked_is_out_again(
    cloud: Cloud, ana: Principal, end: str
) -> None:
    contact = reopened_by_who_is_blocked_meanwhile(cloud, ana, end)

    once_more(cloud, contact)

    assert cloud.newest(contact).state.status is Status.CLOSED
    said = cloud.send(VISITOR, "sendMessage", contact_id=contact, message="Another insult", id="m2", base=6)
    assert said["code"] == "blocked"
    assert cloud.open_count("ana") == 0


@pytest.mark.parametrize("end", ["killed", "answer lost"])
def test_who_reopened_a_contact_as_they_were_blocked_and_repeats_nothing_is_out_once_others_hear_of_it(
    cloud: Cloud, ana: Principal, end: str
) -> None:
    contact = reopened_by_who_is_blocked_meanwhile(cloud, ana, end)

    cloud.bring_events()

    newest = cloud.newest(contact)
    assert (newest.kind, newest.details) == (EntryKind.CLOSED, {"reason": "blocked"})


def test_a_seller_who_reopens_the_contact_of_who_is_blocked_keeps_it(cloud: Cloud, ana: Principal) -> None:
    contact = cloud.start()
    block(cloud, ana, contact)
    cloud.send(ana, "sendMessage", contact_id=contact, message="On second thought", id="a1", base=3)

    cloud.bring_events()
    answer = cloud.send(VISITOR, "sendMessage", contact_id=contact, message="Thank you", id="m", base=5)

    assert cloud.send(VISITOR, "sendMessage", contact_id=contact, message="Thank you", id="m", base=5) == answer
    assert cloud.newest(contact).state.status is Status.OPEN


@pytest.mark.parametrize(("seconds", "answered"), [(60, False), (5, True)], ids=["long before", "and was answered"])
def test_who_had_reopened_a_contact_before_they_were_blocked_elsewhere_keeps_it(
    cloud: Cloud, ana: Principal, seconds: int, answered: bool
) -> None:
    bo = cloud.employ("bo", capacity=5)
    contact, other = cloud.start(requested="ana"), cloud.start(requested="bo")
    cloud.send(VISITOR, "closeChat", contact_id=contact)
    answer = once_more(cloud, contact)
    cloud.clock.advance(seconds=seconds)
    cloud.send(ana, "presence")
    if answered:
        cloud.send(ana, "sendMessage", contact_id=contact, message="How can I help?", id="a1", base=5)
    block(cloud, bo, other)

    assert once_more(cloud, contact) == answer
    cloud.bring_events()

    assert cloud.newest(contact).state.status is Status.OPEN


def test_who_is_blocked_is_given_to_nobody_when_their_seller_vanishes(cloud: Cloud, ana: Principal) -> None:
    cloud.employ("bo", team="sales")
    cy = cloud.employ("cy", team="sales")
    cloud.send(cy, "presence", status="away")
    with_ana, with_bo = cloud.start(requested="ana"), cloud.start(requested="sales")
    cloud.send(ana, "blockVisitor", contact_id=with_ana, minutes=600, reason="Insults")
    assert cloud.newest(with_bo).state.seller == "bo"
    cloud.clock.advance(seconds=200)
    cloud.send(cy, "presence", status="online")

    cloud.check_up(with_bo)

    newest = cloud.newest(with_bo)
    assert (newest.kind, newest.details) == (EntryKind.CLOSED, {"reason": "blocked"})
    assert cloud.open_count("bo") == 0


def test_who_is_not_blocked_is_given_to_the_next_when_their_seller_vanishes(cloud: Cloud) -> None:
    cloud.employ("bo", team="sales")
    cy = cloud.employ("cy", team="sales")
    cloud.send(cy, "presence", status="away")
    contact = cloud.start(VISITOR, requested="sales")
    cloud.clock.advance(seconds=200)
    cloud.send(cy, "presence", status="online")

    cloud.check_up(contact)

    assert (cloud.newest(contact).state.status, cloud.newest(contact).state.seller) == (Status.OPEN, "cy")
