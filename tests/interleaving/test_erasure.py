"""A visitor is erased while somebody is about to write about them: nothing of it stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from chat.adapters.dynamodb.connections import DynamoDBConnections
from chat.adapters.dynamodb.notes import DynamoDBNotes
from chat.adapters.dynamodb.visitors import DynamoDBForgotten, DynamoDBVisitorData
from chat.model.settings import Settings
from chat.ports.machine import Runtime
from chat.privacy import Privacy
from chat.services import Ports, Services
from tests.doubles.connections import RecordingPush
from tests.doubles.machine import CountingIds, NoPause, OneAfterAnother, RecordingJournal
from tests.interleaving.cloud import VISITOR, Cloud
from tests.interleaving.wire import Invocation, Request
from tests.worlds.tables import CONNECTIONS, CONVERSATIONS

ANA = Cloud.person("ana")
LATE: dict[str, tuple[str, Callable[[Cloud, str], Any]]] = {
    "a message": ("PutItem", lambda cloud, c: cloud.send(VISITOR, "sendMessage", contact_id=c, message="canary")),
    "a seller's": ("PutItem", lambda cloud, c: cloud.send(ANA, "sendMessage", contact_id=c, message="canary")),
    "identify": ("PutItem", lambda cloud, c: cloud.send(VISITOR, "identify", contact_id=c, userInfo={"a": "canary"})),
    "transfer": ("TransactWriteItems", lambda cloud, c: cloud.send(ANA, "transferChat", contact_id=c, to="bo")),
    "close": ("TransactWriteItems", lambda cloud, c: cloud.send(ANA, "closeChat", contact_id=c)),
    "note": ("TransactWriteItems", lambda cloud, c: cloud.send(ANA, "note", contact_id=c, text="canary")),
    "tag": ("TransactWriteItems", lambda cloud, c: cloud.send(ANA, "tag", contact_id=c, add="canary")),
    "receipt": ("UpdateItem", lambda cloud, c: cloud.send(VISITOR, "receipt", contact_id=c, read=2)),
    "start": ("TransactWriteItems", lambda cloud, _: cloud.start(requested="sales")),
    "block": (
        "PutItem",
        lambda cloud, c: cloud.send(ANA, "blockVisitor", contact_id=c, minutes=5, reason="canary"),
    ),
    "connect": ("PutItem", lambda cloud, _: cloud.connect(VISITOR)),
}
"""Who writes last: which request is held up, and what it is about."""


class Nobody:
    """Hears of erasures, and keeps no letters."""

    def erased(self, visitor: str, contact_ids: Sequence[str]) -> None:
        pass

    def forget(self) -> int:
        return 0


def erase(cloud: Cloud, let_finish: Callable[[], None], last: str | None = None) -> None:
    """As `make erase-visitor` does."""
    clock, journal = cloud.clock, RecordingJournal()
    ports = Ports(
        store=cloud.store,
        connections=DynamoDBConnections(cloud.dynamodb, CONNECTIONS, cloud.clock),
        sellers=cloud.sellers,
        blocks=cloud.blocks,
        notes=DynamoDBNotes(cloud.dynamodb, CONVERSATIONS),
        push=RecordingPush(),
        settings=Settings(),
        runtime=Runtime(clock=clock, ids=CountingIds(), pause=NoPause(), parallel=OneAfterAnother(), journal=journal),
    )
    privacy = Privacy(
        services=Services(ports),
        data=DynamoDBVisitorData(cloud.dynamodb, CONVERSATIONS),
        news=Nobody(),
        copies=Nobody(),
        let_finish=let_finish,
    )
    privacy.erase(VISITOR.user_id, last)


@pytest.mark.parametrize("late", LATE)
def test_what_is_written_once_all_seemed_erased_is_erased_too(cloud: Cloud, late: str) -> None:
    for name in ("ana", "bo"):
        cloud.employ(name, capacity=5)
    contact = cloud.start(requested="ana")
    request, send = LATE[late]
    at_work = [cloud.begin(lambda: send(cloud, contact)).until(request)]

    def finish() -> None:
        while at_work:
            at_work.pop().finish()

    erase(cloud, finish)

    assert at_work == []
    left = [item for item in cloud.items("") if item["item"]["S"] not in {"head", "capacity"}]
    assert left == []
    assert not any("visitor" in head for head in cloud.items("head"))
    assert {name: cloud.open_count(name) for name in ("ana", "bo")} == {"ana": 0, "bo": 0}
    assert VISITOR.user_id not in json.dumps(cloud.connected())


def test_what_is_reopened_by_who_looked_before_it_was_sealed_is_ended_and_erased_too(cloud: Cloud) -> None:
    ana = cloud.employ("ana", capacity=5)
    contact = cloud.start(requested="ana")
    at_work: list[Invocation] = []

    def look(request: Request) -> None:
        # Its end is written, and nobody has been told yet to write no more.
        if request.operation == "UpdateItem" and "erased" in request.asked["UpdateExpression"] and not at_work:
            again = partial(cloud.send, ana, "sendMessage", contact_id=contact, message="canary", id="late", base=3)
            at_work.append(cloud.begin(again).until("TransactWriteItems"))

    waited: list[bool] = []

    def finish() -> None:
        waited.append(True)
        if len(waited) == 1:
            assert at_work[0].finish()["action"] == "ack"

    cloud.wire.before = look
    erase(cloud, finish)

    assert len(waited) == 2
    assert [each for each in cloud.items("") if each["item"]["S"] not in {"head", "capacity"}] == []
    assert cloud.open_count("ana") == 0


class Killed(BaseException):
    """Ends whatever is at work."""


@pytest.mark.parametrize("item", ["note#", "tags", "mark#", "entry#000000000001", "entry#000000000003"])
def test_an_erasure_that_was_cut_off_is_ended_by_the_next_one(cloud: Cloud, item: str) -> None:
    ana = cloud.employ("ana", capacity=5)
    contact = cloud.start(requested="ana")
    cloud.send(ana, "note", contact_id=contact, text="canary", id="n1", base=0)
    cloud.send(ana, "tag", contact_id=contact, add="canary")
    cloud.send(VISITOR, "receipt", contact_id=contact, read=2)

    def cut_off(request: Request) -> None:
        if request.operation == "DeleteItem" and request.asked["Key"].get("item", {}).get("S", "").startswith(item):
            raise Killed

    cloud.wire.before = cut_off
    with pytest.raises(Killed):
        erase(cloud, lambda: None)
    cloud.wire.before = lambda _: None

    erase(cloud, lambda: None)

    assert [each for each in cloud.items("") if each["item"]["S"] not in {"head", "capacity"}] == []
    assert cloud.open_count("ana") == 0


@pytest.mark.parametrize("base", [None, 1, 3], ids=["no base", "far back", "near"])
def test_nobody_begins_to_write_to_what_is_being_erased(cloud: Cloud, base: int | None) -> None:
    ana = cloud.employ("ana", capacity=5)
    contact = cloud.start(requested="ana")
    for number in range(8):
        cloud.clock.advance(seconds=10)
        assert cloud.send(ana, "sendMessage", contact_id=contact, message="Hello", id=f"m{number}")["action"] == "ack"
    answers: list[dict[str, Any]] = []

    def write(request: Request) -> None:
        if request.operation == "DeleteItem" and "item" in request.asked["Key"]:
            more = {} if base is None else {"base": base}
            answers.append(cloud.send(ana, "sendMessage", contact_id=contact, message="canary", id="late", **more))

    cloud.wire.before = write
    erase(cloud, lambda: None)
    cloud.wire.before = lambda _: None

    assert {answer["code"] for answer in answers} <= {"contact_expired", "bad_field"}
    assert answers
    assert cloud.open_count("ana") == 0


@pytest.mark.parametrize("nth", range(1, 9))
def test_an_operator_who_knows_a_contact_finds_what_is_left_of_the_visitor_until_nothing_is(
    cloud: Cloud, nth: int
) -> None:
    cloud.employ("ana", capacity=5)
    cloud.employ("bo", capacity=5)
    known, other = cloud.start(requested="ana"), cloud.start(requested="bo")
    deleted: list[Request] = []

    def cut_off(request: Request) -> None:
        if request.operation == "DeleteItem" and "item" in request.asked["Key"]:
            deleted.append(request)
            if len(deleted) == nth:
                raise Killed

    cloud.wire.before = cut_off
    with pytest.raises(Killed):
        erase(cloud, lambda: None, last=known)
    cloud.wire.before = lambda _: None

    newest = cloud.store.latest(known).newest
    assert newest is not None
    assert newest.state.visitor == VISITOR.user_id
    erase(cloud, lambda: None, last=known)
    assert [each for each in cloud.items("") if each["item"]["S"] not in {"head", "capacity"}] == []
    assert cloud.store.latest(other).newest is None


def test_what_has_just_expired_and_was_never_closed_is_erased_and_gives_its_place_back(cloud: Cloud) -> None:
    cloud.employ("ana", capacity=5)
    contact = cloud.start(requested="ana")
    newest = cloud.newest(contact)
    cloud.clock.advance(seconds=newest.expires_at - cloud.clock.now().timestamp() + 300)

    erase(cloud, lambda: None)

    assert [each for each in cloud.items("") if each["item"]["S"] not in {"head", "capacity"}] == []
    assert cloud.open_count("ana") == 0


def test_what_the_visitor_begins_while_the_rest_is_deleted_is_led_to(cloud: Cloud) -> None:
    cloud.employ("ana", capacity=5)
    cloud.start(requested="ana")
    begun: list[str] = []

    def begin(request: Request) -> None:
        # Which contacts there are has been looked.
        if request.operation == "Scan" and "pointer" in str(request.asked) and not begun:
            cloud.wire.before = lambda _: None
            begun.append(cloud.start(requested="ana"))

    cloud.wire.before = begin
    erase(cloud, lambda: None)
    cloud.wire.before = lambda _: None

    assert begun == [cloud.start(requested="ana")]


def test_the_contact_in_which_an_erased_visitor_was_blocked_counts_as_erased_though_it_has_expired(
    cloud: Cloud,
) -> None:
    ana = cloud.employ("ana", capacity=5)
    contact = cloud.start(requested="ana")
    cloud.send(ana, "blockVisitor", contact_id=contact, minutes=500_000, reason="Insults")
    cloud.expire(contact)

    erase(cloud, lambda: None)

    assert DynamoDBForgotten(cloud.dynamodb, CONVERSATIONS).among([contact]) == {contact}
    assert cloud.items("block") == []
