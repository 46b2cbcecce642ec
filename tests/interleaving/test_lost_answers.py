"""Requests that were carried out, whose answers did not come: the client asks again, and nobody must notice."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chat.model.entries import Status
from chat.model.inbox import Listing
from chat.ports.conversations import Change
from tests.interleaving.cloud import VISITOR, Cloud
from tests.interleaving.wire import Refusal, Request, lost

Call = Callable[[Cloud, str], dict[str, Any]]
TIMES = {"timestamp", "retry_after_ms"}
MOST_REQUESTS = 25


def _reopened(cloud: Cloud, contact: str) -> dict[str, Any]:
    cloud.send(VISITOR, "closeChat", contact_id=contact, id="c0", base=2)
    return cloud.send(VISITOR, "sendMessage", contact_id=contact, message="Hello", id="m1", base=3)


ANA, BO = "ana", "bo"
CALLS: dict[str, Call] = {
    "start": lambda cloud, _: cloud.send(VISITOR, "InitChat", sellerId="sales", userInfo={}),
    "message": lambda cloud, c: cloud.send(VISITOR, "sendMessage", contact_id=c, message="Hello", id="m1", base=2),
    "message to a name": lambda cloud, _: cloud.send(VISITOR, "sendMessage", to="support", message="Hello"),
    "first message to a name": lambda cloud, _: cloud.send(VISITOR, "sendMessage", to="sales", message="Hello"),
    "receipt": lambda cloud, c: cloud.send(VISITOR, "receipt", contact_id=c, read=2),
    "close": lambda cloud, c: cloud.send(VISITOR, "closeChat", contact_id=c, id="c1", base=2),
    "close without a base": lambda cloud, c: cloud.send(VISITOR, "closeChat", contact_id=c),
    "reopening": _reopened,
    "transfer": lambda cloud, c: cloud.send(cloud.person(ANA), "transferChat", contact_id=c, to=BO, id="t1", base=2),
    "transfer without a base": lambda cloud, c: cloud.send(cloud.person(ANA), "transferChat", contact_id=c, to=BO),
    "presence": lambda cloud, _: cloud.send(cloud.person("new"), "presence", status="online"),
    "REST message": lambda cloud, c: cloud.call(
        "POST /sendmessage",
        VISITOR,
        {"contact_id": c, "message": "Hello", "id": "m1", "base": 2, "sellerId": "support"},
    ),
}


def _stripped(answer: dict[str, Any]) -> dict[str, Any]:
    """Without what differs between any two runs."""
    return {name: value for name, value in answer.items() if name not in {*TIMES, "id", "contact_id", "alias"}}


def _prepared(cloud: Cloud) -> str:
    # One place each, so that one that is counted twice shows.
    cloud.employ(ANA, capacity=1)
    cloud.employ(BO, capacity=1)
    cloud.employ("cy", capacity=1, team="sales")
    contact = cloud.start()
    if cloud.newest(contact).state.seller == BO:
        cloud.send(cloud.person(BO), "transferChat", contact_id=contact, to=ANA)
    assert cloud.newest(contact).state.seller == ANA
    cloud.wire.log.clear()
    return contact


def check_counts(cloud: Cloud) -> None:
    """Every seller counts as many as are open with them."""
    newest = {entry.contact_id: entry.state for entry in cloud.entries()}
    carried = Counter(state.seller for state in newest.values() if state.status is Status.OPEN and state.claimed)
    assert {name: cloud.open_count(name) for name in (ANA, BO, "cy")} == {
        name: carried[name] for name in (ANA, BO, "cy")
    }


@pytest.mark.parametrize("call", CALLS)
def test_an_answer_that_is_lost_once_changes_no_answer(fresh_cloud: Callable[[], Any], call: str) -> None:
    ask = CALLS[call]
    with fresh_cloud() as cloud:
        expected = _stripped(ask(cloud, _prepared(cloud)))
        requests = len(cloud.wire.log)
        entries = len(cloud.entries())
    assert 0 < requests < MOST_REQUESTS

    for number in range(1, requests + 1):
        with fresh_cloud() as cloud:
            contact = _prepared(cloud)

            def lose(request: Request, number: int = number, cloud: Cloud = cloud) -> None:
                if len(cloud.wire.log) == number:
                    lost(request)

            cloud.wire.after = lose
            answer = _stripped(ask(cloud, contact))
            lost_request = cloud.wire.log[number - 1]
            cloud.wire.after = lambda _: None

            assert answer == expected, f"the answer to {lost_request.operation}, request {number}, was lost"
            assert len(cloud.entries()) == entries
            check_counts(cloud)


def test_every_attempt_at_a_transaction_has_the_same_token(cloud: Cloud) -> None:
    cloud.employ(ANA)
    tokens: list[str] = []

    def lose_first(request: Request) -> None:
        if request.operation == "TransactWriteItems":
            tokens.append(request.asked["ClientRequestToken"])
            if len(tokens) == 1:
                lost(request)

    cloud.wire.after = lose_first
    cloud.start()

    assert len(tokens) == 2
    assert len(set(tokens)) == 1


def test_who_lost_the_race_is_not_taken_for_the_winner_though_an_answer_was_lost(cloud: Cloud) -> None:
    """An attempt that was not carried out, and then was too late."""
    cloud.employ(ANA)
    contact = cloud.start()
    tries = 0

    def fail_first(request: Request) -> Refusal | None:
        nonlocal tries
        if request.operation == "PutItem" and request.asked["Item"].get("id") == {"S": "m1"}:
            tries += 1
            if tries == 1:
                cloud.send(cloud.person(ANA), "sendMessage", contact_id=contact, message="First", id="a1", base=2)
                return 500, {"__type": "InternalServerError"}
        return None

    cloud.wire.before = fail_first
    answer = cloud.send(VISITOR, "sendMessage", contact_id=contact, message="Hello", id="m1", base=2)

    assert (answer["action"], answer["seq"]) == ("ack", 4)
    assert [entry.id for entry in cloud.entries() if entry.text] == ["a1", "m1"]


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_write_that_was_carried_out_has_succeeded_though_its_answer_was_lost(cloud: Cloud, *, is_alone: bool) -> None:
    cloud.employ(ANA)
    newest = cloud.newest(cloud.start())
    entry = replace(newest, seq=3, id="e3")
    change = Change((entry,), None if is_alone else Listing.after(entry))
    times = itertools.count()

    def lose_first(request: Request) -> None:
        if request.operation in {"PutItem", "TransactWriteItems"} and next(times) == 0:
            lost(request)

    cloud.wire.after = lose_first
    cloud.store.commit(change)

    assert cloud.newest(entry.contact_id) == entry
