"""Requests whose answers did not come, carried out or not: the client asks again, and nobody must notice."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

import pytest

from chat.model.entries import Status
from chat.model.identity import Principal, Role, reference_of
from chat.model.inbox import Listing
from chat.model.sellers import Seller
from chat.ports.conversations import Change
from chat.ports.limits import Block
from tests.interleaving.cloud import OTHER_VISITOR, VISITOR, Cloud
from tests.interleaving.wire import Refusal, Request, lost, put_back, tables

Call = Callable[[Cloud, str], dict[str, Any]]
TIMES = {"timestamp", "retry_after_ms"}
MOST_REQUESTS = 30
READS = {"GetItem", "BatchGetItem", "Query"}
ANA, BO, CY = "ana", "bo", "cy"
NUISANCE = Principal("7c9e6679-7425-40de-944b-e07fc1f90ae7", Role.VISITOR)
BLOCK = Block(reference_of(NUISANCE.user_id), "another", ANA, "Insults", "2026-01-01T00:00:00.000Z", 1_800_000_000)
FOR_WHOM_SOMEBODY_WAITS = {
    "presence that gives who waits", "take", "take without a base", "note about who waits",
}  # fmt: skip


def _reopened(cloud: Cloud, contact: str) -> dict[str, Any]:
    cloud.send(VISITOR, "closeChat", contact_id=contact, id="c0", base=2)
    return cloud.send(VISITOR, "sendMessage", contact_id=contact, message="Hello", id="m1", base=3)


# What is asked for again in the same words, if there is no answer.
REPEATED: dict[str, Call] = {
    "start": lambda cloud, _: cloud.send(VISITOR, "InitChat", sellerId="sales", userInfo={}),
    "start again": lambda cloud, _: cloud.send(VISITOR, "InitChat", sellerId="support", userInfo={}),
    "start with a full seller": lambda cloud, _: cloud.send(OTHER_VISITOR, "InitChat", sellerId=ANA, userInfo={}),
    "message": lambda cloud, c: cloud.send(VISITOR, "sendMessage", contact_id=c, message="Hello", id="m1", base=2),
    "receipt": lambda cloud, c: cloud.send(VISITOR, "receipt", contact_id=c, read=2),
    "close": lambda cloud, c: cloud.send(VISITOR, "closeChat", contact_id=c, id="c1", base=2),
    "close without a base": lambda cloud, c: cloud.send(VISITOR, "closeChat", contact_id=c),
    "reopening": _reopened,
    "transfer": lambda cloud, c: cloud.send(cloud.person(ANA), "transferChat", contact_id=c, to=BO, id="t1", base=2),
    "take": lambda cloud, c: cloud.send(cloud.person(CY), "takeChat", contact_id=c, id="k1", base=2),
    "take without a base": lambda cloud, c: cloud.send(cloud.person(CY), "takeChat", contact_id=c),
    "identify": lambda cloud, c: cloud.send(
        VISITOR, "identify", contact_id=c, userInfo={"name": "Asha"}, id="i1", base=2
    ),
    "note": lambda cloud, c: cloud.send(cloud.person(ANA), "note", contact_id=c, text="Regular", id="n1", base=1),
    "notes": lambda cloud, c: cloud.send(cloud.person(ANA), "notes", contact_id=c),
    "note about who waits": lambda cloud, c: cloud.send(
        cloud.person(CY), "note", contact_id=c, text="Mine", id="n1", base=0
    ),
    "block": lambda cloud, c: cloud.send(cloud.person(ANA), "blockVisitor", contact_id=c, minutes=10, reason="Insults"),
    "unblock": lambda cloud, _: cloud.send(cloud.person(ANA), "unblockVisitor", visitor=BLOCK.visitor),
    "blocks": lambda cloud, _: cloud.send(cloud.person(ANA), "blocks"),
    "start while blocked": lambda cloud, _: cloud.send(NUISANCE, "InitChat", sellerId="support", userInfo={}),
    "presence": lambda cloud, _: cloud.send(cloud.person("new"), "presence", status="online"),
    "presence that gives who waits": lambda cloud, _: cloud.send(cloud.person(CY), "presence", status="online"),
    "REST message": lambda cloud, c: cloud.call(
        "POST /sendmessage",
        VISITOR,
        {"contact_id": c, "message": "Hello", "id": "m1", "base": 2, "sellerId": "support"},
    ),
    "connect": lambda cloud, _: cloud.connect(OTHER_VISITOR),
}
# What is asked for once, or without what tells a repeated message from another one.
ONCE: dict[str, Call] = {
    "message to a name": lambda cloud, _: cloud.send(VISITOR, "sendMessage", to="support", message="Hello"),
    "first message to a name": lambda cloud, _: cloud.send(VISITOR, "sendMessage", to="sales", message="Hello"),
    "transfer without a base": lambda cloud, c: cloud.send(cloud.person(ANA), "transferChat", contact_id=c, to=BO),
    "disconnect": lambda cloud, _: cloud.disconnect(cloud.person(ANA)),
}
CALLS = REPEATED | ONCE


def _stripped(answer: dict[str, Any]) -> dict[str, Any]:
    """Without what differs between any two runs."""
    return {name: value for name, value in answer.items() if name not in {*TIMES, "id", "contact_id", "alias"}}


def _prepared(cloud: Cloud, call: str) -> str:
    # One place each, so that one that is counted twice shows.
    cloud.employ(ANA, capacity=1)
    cloud.employ(BO, capacity=1)
    cloud.employ(CY, capacity=1, team="sales")
    contact = cloud.start()
    if cloud.newest(contact).state.seller == BO:
        cloud.send(cloud.person(BO), "transferChat", contact_id=contact, to=ANA)
    assert cloud.newest(contact).state.seller == ANA
    cloud.blocks.put(BLOCK)
    if call in FOR_WHOM_SOMEBODY_WAITS:
        cloud.send(cloud.person(CY), "presence", status="away")
        contact = cloud.start(requested="sales")
        assert cloud.newest(contact).state.status is Status.QUEUED
    return contact


def _stored(cloud: Cloud) -> object:
    """What is there: of each contact what happened and was noted, who counts how many, is there and is blocked."""
    logs = {contact: list(log) for contact, log in itertools.groupby(cloud.entries(), lambda entry: entry.contact_id)}
    return (
        sorted([entry.kind for entry in log] for log in logs.values()),
        sorted(note.id for contact in logs for note in cloud.notes(contact)),
        sorted((block.visitor, block.until) for block in cloud.blocks.newest(10)),
        {name: (seller.open_count, bool(seller.heartbeat_at)) for name, seller in _sellers(cloud)},
        sorted(cloud.connected()),
    )


def _sellers(cloud: Cloud) -> Iterator[tuple[str, Seller]]:
    for name in (ANA, BO, CY, "new"):
        if seller := cloud.sellers.get(name):
            yield name, seller


def check_counts(cloud: Cloud) -> None:
    """Every seller counts as many as are open with them."""
    newest = {entry.contact_id: entry.state for entry in cloud.entries()}
    carried = Counter(state.seller for state in newest.values() if state.status is Status.OPEN and state.claimed)
    assert {name: cloud.open_count(name) for name in (ANA, BO, CY)} == {name: carried[name] for name in (ANA, BO, CY)}


class Runs:
    """A call that is made again and again in the same deployment, each time with another of its requests in trouble."""

    def __init__(self, cloud: Cloud, call: str) -> None:
        self._cloud, self._call = cloud, call
        self._contact = _prepared(cloud, call)
        self._tables = tables()
        cloud.wire.log.clear()
        self.expected = self.ask()
        self._operations = [request.operation for request in cloud.wire.log]
        self.stored = _stored(cloud)
        assert 0 < len(self._operations) < MOST_REQUESTS

    def ask(self) -> dict[str, Any]:
        """Make the call in functions that have just been started; the answer."""
        self._cloud.forget()
        return _stripped(CALLS[self._call](self._cloud, self._contact))

    def each(self, *, but: Collection[str] = ()) -> Iterator[int]:
        """The numbers of the requests, without some operations; before each everything is as it was."""
        for number, operation in enumerate(self._operations, start=1):
            if operation not in but:
                put_back(self._tables)
                self._cloud.wire.log.clear()
                yield number

    def check(self, answer: dict[str, Any], number: int) -> None:
        """Whether all is as it would have been without trouble."""
        wire = self._cloud.wire
        wire.before, wire.after = lambda _: None, lambda _: None
        request = wire.log[number - 1]
        assert answer == self.expected, f"request {number}, {request.operation}"
        assert _stored(self._cloud) == self.stored, f"request {number}, {request.operation}"
        check_counts(self._cloud)


@pytest.mark.parametrize("is_carried_out", [True, False])
@pytest.mark.parametrize("call", CALLS)
def test_an_answer_that_is_lost_once_changes_no_answer(cloud: Cloud, call: str, *, is_carried_out: bool) -> None:
    runs = Runs(cloud, call)
    # A read without an answer is the same whether or not it was carried out.
    for number in runs.each(but=() if is_carried_out else READS):

        def lose(request: Request, number: int = number) -> None:
            if len(cloud.wire.log) == number:
                lost(request)

        if is_carried_out:
            cloud.wire.after = lose
        else:
            cloud.wire.before = lose
        runs.check(runs.ask(), number)


class DiedError(BaseException):
    """A function that is ended at once: nothing in it may take this for a failure and go on."""


@pytest.mark.parametrize("call", REPEATED)
def test_who_asks_again_after_a_function_died_is_answered_as_if_it_had_not(cloud: Cloud, call: str) -> None:
    """After each of its requests, which is before the next one."""
    runs = Runs(cloud, call)
    for number in runs.each():

        def die(_request: Request, number: int = number) -> None:
            if len(cloud.wire.log) >= number:
                raise DiedError

        cloud.wire.after = die
        with pytest.raises(DiedError):
            runs.ask()
        cloud.wire.after = lambda _: None
        runs.check(runs.ask(), number)


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
