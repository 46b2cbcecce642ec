"""What a frame makes the tables read, in DynamoDB's read units, of a log that somebody made as fat as they can."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from chat.adapters.dynamodb.blocks import DynamoDBBlocks
from chat.adapters.dynamodb.connections import DynamoDBConnections
from chat.adapters.dynamodb.conversations import DynamoDBConversations, entry_item
from chat.adapters.dynamodb.notes import DynamoDBNotes
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.api.dispatch import Dispatch
from chat.model.entries import EntryKind
from chat.model.identity import Principal, Role, Sender
from chat.model.settings import Settings
from chat.model.timestamps import iso
from chat.ports.connections import Connection, Description
from chat.ports.conversations import Note
from chat.ports.machine import Runtime
from chat.protocol.fields import MAX_NOTE_CHARACTERS
from chat.services import Ports, Services
from chat.team.notes import MOST_NOTES
from tests.doubles.connections import RecordingPush
from tests.doubles.machine import CountingIds, FakeClock, NoPause, OneAfterAnother, RecordingJournal
from tests.worlds.tables import CONNECTIONS, CONVERSATIONS, SELLERS, create_tables

if TYPE_CHECKING:
    from botocore.model import OperationModel
    from mypy_boto3_dynamodb import DynamoDBClient

ANA = Principal("device-of-ana", Role.VISITOR)
SELLER = Principal("123456", Role.SELLER)
STRANGER = Principal("somebody-else", Role.SELLER)
RIVAL = Principal("device-of-somebody-else", Role.VISITOR)
FAT = "\N{PILE OF POO}" * 4000
"""As long as a message may be: sixteen kilobytes."""
UNIT = 4096
MANY = 1000
SHORT, LONG, GONE, UNKNOWN = "short", "long", "gone", "unknown"
WAITING, UNEVEN = "waiting", "uneven"
PAST, NOW = "past", "now"
COLLEAGUE = Principal("colleague", Role.SELLER)
OF_ANOTHER_TEAM = Principal("of-another-team", Role.SELLER)
OF_UNEVEN = Principal("of-uneven-texts", Role.SELLER)
OF_MANY = Principal("of-many-long-contacts", Role.SELLER)
FRAMES: dict[str, dict[str, object]] = {
    "sendMessage": {"message": "Hello", "id": "m1"},
    "identify": {"userInfo": {"plan": "gold"}, "id": "m1"},
    "closeChat": {"id": "m1"},
    "transferChat": {"to": "nobody-there", "id": "m1"},
    "sync": {"after": 0},
    "receipt": {"delivered": 1},
    "typing": {},
    "takeChat": {"id": "m1"},
    "note": {"text": "Wants a refund", "id": "n1"},
    "notes": {},
    "tag": {"add": "refund"},
    "earlier": {},
    "readEarlier": {"earlier": LONG},
    "snooze": {"until": "2026-01-02T09:00:00.000Z", "id": "s1"},
    "blockVisitor": {"minutes": 60, "reason": "Insults"},
}
BUDGETS = {
    "sendMessage": 42,
    "identify": 42,
    "closeChat": 42,
    "transferChat": 42,
    "sync": 110,
    "receipt": 20,
    "typing": 20,
    "takeChat": 42,
    "note": 42,
    "notes": 42,
    "tag": 42,
    "earlier": 42,
    "readEarlier": 42,
    "snooze": 42,
    "blockVisitor": 42,
}
"""How many read units each may cost who takes part, whatever they ask for.

The dearest is a cursor beyond the log, in a contact that nobody closed before: the first few entries are read, and then
the last.
"""
OF_A_TEAM = ("takeChat", "sync", "note", "notes", "tag", "earlier", "readEarlier")
"""What sellers may send of a contact that waits for their team: whose team that is has to be looked up, too."""
OF_A_REPETITION = {"note": 3}
"""Its sender may have written it before a colleague was given the contact, which the listing tells, and the team."""
ALL_NOTES = 98
"""A hundred notes of a thousand characters, each of four bytes: all of them are read at once."""
MOST_OF_A_SEARCH = 600
"""An answer looks through twenty contacts; where their texts are long, through a few."""
MOST_CONNECTIONS = 24
"""Twice as many as a person may have, each with as many details as a visitor may tell."""
MOST_OF_A_CONTACT = 20
"""Where it stands, who may read it, and what is beside a note's text."""


@dataclass
class Shop:
    """The domain on the deployed tables, and what was read of them."""

    client: DynamoDBClient
    clock: FakeClock
    dispatch: Dispatch
    store: DynamoDBConversations
    units: float = 0

    def send(self, person: Principal, action: str, **fields: object) -> dict[str, Any]:
        """The answer; `units` are those of this frame alone."""
        self.units = 0
        sender = Sender(person, f"{person.user_id}-tab")
        # No frame is one too many for its connection.
        self.clock.advance(seconds=60)
        answer = self.dispatch.answer(json.dumps({"action": action, **fields}), sender)
        return json.loads(answer) if answer else {}

    def count(self, parsed: dict[str, Any], model: OperationModel, **_: object) -> None:
        """Count what DynamoDB answers to a read, as if all of it had been read consistently."""
        if model.name == "BatchGetItem":
            # Each is counted by itself.
            self.units += sum(units_of([item]) for items in parsed["Responses"].values() for item in items)
        elif model.name in {"Query", "GetItem"}:
            self.units += units_of(parsed.get("Items", [parsed["Item"]] if "Item" in parsed else []))

    def open(self, contact_id: str, asked: str) -> None:
        """A conversation of Ana's with a seller or team."""
        visitor = replace(ANA, user_id=f"{ANA.user_id}-{contact_id}")
        opened = self.send(visitor, "InitChat", sellerId=asked, userInfo={"name": "Ana"})
        assert opened["contact_id"] == contact_id

    def fill(self, contact_id: str, count: int, text: str = FAT) -> None:
        """Write messages, as long as they may be if not said otherwise."""
        newest = self.store.latest(contact_id).newest
        assert newest
        for seq in range(newest.seq + 1, newest.seq + 1 + count):
            message = replace(newest, seq=seq, kind=EntryKind.MESSAGE, id=f"old-{seq}", text=text)
            self.client.put_item(TableName=CONVERSATIONS, Item=entry_item(message))


def units_of(items: Sequence[object]) -> int:
    """What one read of these costs."""
    return max(1, ceil(sum(len(json.dumps(item, ensure_ascii=False).encode()) for item in items) / UNIT))


class Names:
    """Hands out the names of the contacts, then numbers."""

    def __init__(self) -> None:
        self._names = iter((SHORT, LONG, GONE, WAITING, UNEVEN, PAST, NOW))
        self._numbers = CountingIds()

    def new(self) -> str:
        return next(self._names, None) or self._numbers.new()

    def secret(self) -> str:
        return self._numbers.secret()


@pytest.fixture(scope="module")
def shop(dynamodb_client: DynamoDBClient) -> Iterator[Shop]:
    """A short contact, one of a thousand long messages, one past its retention, and one that waits for a team."""
    with mock_aws():
        create_tables(dynamodb_client)
        clock, journal = FakeClock(), RecordingJournal()
        store = DynamoDBConversations(dynamodb_client, CONVERSATIONS, SELLERS)
        services = Services(
            Ports(
                store=store,
                connections=DynamoDBConnections(dynamodb_client, CONNECTIONS, clock),
                sellers=DynamoDBSellers(dynamodb_client, SELLERS, journal),
                blocks=DynamoDBBlocks(dynamodb_client, CONVERSATIONS),
                notes=DynamoDBNotes(dynamodb_client, CONVERSATIONS),
                push=RecordingPush(),
                settings=Settings(),
                runtime=Runtime(clock=clock, ids=Names(), pause=NoPause(), parallel=OneAfterAnother(), journal=journal),
            )
        )
        shop = Shop(dynamodb_client, clock, Dispatch(services), store)
        for contact_id, messages in ((SHORT, 3), (LONG, MANY), (GONE, 3)):
            shop.open(contact_id, SELLER.user_id)
            shop.fill(contact_id, messages)
        for seller, team in ((COLLEAGUE, "team"), (OF_ANOTHER_TEAM, "another-team")):
            register(dynamodb_client, seller.user_id, team)
        shop.open(WAITING, "team")
        shop.open(UNEVEN, OF_UNEVEN.user_id)
        shop.fill(UNEVEN, 60, "Hello")
        shop.fill(UNEVEN, 100)
        shop.open(PAST, SELLER.user_id)
        shop.fill(PAST, 20)
        visitor = replace(ANA, user_id=f"{ANA.user_id}-{PAST}")
        shop.send(visitor, "closeChat", contact_id=PAST, id="end")
        shop.send(visitor, "InitChat", sellerId=SELLER.user_id, userInfo={"name": "Ana"})
        for seq in range(1, 6):
            key = {"contact_id": {"S": GONE}, "item": {"S": f"entry#{seq:012d}"}}
            dynamodb_client.delete_item(TableName=CONVERSATIONS, Key=key)
        dynamodb_client.meta.events.register("after-call.dynamodb.*", shop.count, unique_id="capacity")
        yield shop
        dynamodb_client.meta.events.unregister("after-call.dynamodb.*", unique_id="capacity")


def register(client: DynamoDBClient, seller_id: str, team: str) -> None:
    """A seller who is not there."""
    texts = {"seller_id": seller_id, "team": team, "name": seller_id, "availability": "offline"}
    numbers = {"capacity": "5", "open_count": "0"}
    item = {name: {"S": text} for name, text in texts.items()} | {name: {"N": text} for name, text in numbers.items()}
    client.put_item(TableName=SELLERS, Item=item)


def cursors_at(action: str, cursor: int | None) -> dict[str, object]:
    """Where a frame says that its sender stood; those that have no such field do not mind it."""
    # The cursor of a list is no number.
    return {} if cursor is None or action == "earlier" else {"base": cursor, "after": cursor}


@pytest.mark.parametrize("stranger", [STRANGER, RIVAL], ids=["a seller", "a visitor"])
@pytest.mark.parametrize("cursor", [None, 0, 1, 999_999])
@pytest.mark.parametrize("action", [action for action in FRAMES if action != "takeChat"])
def test_a_stranger_is_told_the_same_of_every_contact_for_one_read_unit(
    shop: Shop, action: str, cursor: int | None, stranger: Principal
) -> None:
    told = set()
    for contact_id in (SHORT, LONG, GONE, UNKNOWN):
        cursors = cursors_at(action, cursor)
        answer = shop.send(stranger, action, contact_id=contact_id, **(FRAMES[action] | cursors))
        told.add(json.dumps({**answer, "contact_id": ""}))
        assert shop.units <= OF_A_REPETITION.get(action, 1)

    (answer,) = map(json.loads, told)
    assert answer["code"] == "forbidden"


@pytest.mark.parametrize(
    "stranger", [STRANGER, OF_ANOTHER_TEAM, RIVAL], ids=["unregistered", "registered", "a visitor"]
)
@pytest.mark.parametrize("cursor", [None, 0, 999_999])
@pytest.mark.parametrize("action", OF_A_TEAM)
def test_who_is_of_another_team_is_told_the_same_of_every_contact_for_two_read_units(
    shop: Shop, action: str, cursor: int | None, stranger: Principal
) -> None:
    told = set()
    for contact_id in (SHORT, LONG, GONE, WAITING, UNKNOWN):
        answer = shop.send(stranger, action, contact_id=contact_id, **(FRAMES[action] | cursors_at(action, cursor)))
        told.add(json.dumps({**answer, "contact_id": ""}))
        assert shop.units <= OF_A_REPETITION.get(action, 2)

    (answer,) = map(json.loads, told)
    assert answer["code"] == "forbidden"


@pytest.mark.parametrize("side", ["visitor", "seller"])
@pytest.mark.parametrize("cursor", [None, 0, 1, MANY - 3, MANY, 999_999])
@pytest.mark.parametrize("action", FRAMES)
def test_who_takes_part_cannot_make_a_frame_read_a_whole_log(
    shop: Shop, action: str, cursor: int | None, side: str
) -> None:
    person = SELLER if side == "seller" else replace(ANA, user_id=f"{ANA.user_id}-{LONG}")
    cursors = cursors_at(action, cursor)

    shop.send(person, action, contact_id=LONG, **(FRAMES[action] | cursors))

    assert shop.units <= BUDGETS[action]


@pytest.mark.parametrize("cursor", [0, 1, 10, 999_999])
def test_what_the_visitor_had_before_is_read_for_no_more_than_a_page_of_their_own(shop: Shop, cursor: int) -> None:
    answer = shop.send(SELLER, "readEarlier", contact_id=NOW, earlier=PAST, after=cursor)

    assert answer["action"] == "readEarlier"
    assert shop.units <= BUDGETS["sync"]


def test_a_list_of_what_the_visitor_had_before_reads_the_ends_of_each_alone(shop: Shop) -> None:
    answer = shop.send(SELLER, "earlier", contact_id=NOW)

    assert [each["contact_id"] for each in answer["contacts"]] == [PAST]
    assert shop.units <= BUDGETS["earlier"]


@pytest.mark.parametrize("cursor", [1, 10, 29, 40, 53, 61])
def test_short_messages_before_long_ones_make_no_page_dearer(shop: Shop, cursor: int) -> None:
    visitor = replace(ANA, user_id=f"{ANA.user_id}-{UNEVEN}")

    answer = shop.send(visitor, "sync", contact_id=UNEVEN, after=cursor, limit=100)

    assert answer["entries"][0]["seq"] == cursor + 1
    assert shop.units <= BUDGETS["sync"]


def test_no_search_reads_more_the_longer_the_texts_are(shop: Shop) -> None:
    for number in range(10):
        visitor = replace(ANA, user_id=f"{ANA.user_id}-of-many-{number}")
        shop.fill(shop.send(visitor, "InitChat", sellerId=OF_MANY.user_id, userInfo={})["contact_id"], 18)

    for seller in (OF_MANY, OF_UNEVEN, SELLER):
        after: dict[str, object] | None = {}
        while after is not None:
            answer = shop.send(seller, "search", query="nowhere", **after)
            assert shop.units <= MOST_OF_A_SEARCH
            after = {"after": answer["next"]} if "next" in answer else None


def test_a_frame_costs_an_ordinary_conversation_a_few_units(shop: Shop) -> None:
    visitor = replace(ANA, user_id=f"{ANA.user_id}-{SHORT}")
    newest = shop.store.latest(SHORT).newest
    assert newest

    answer = shop.send(visitor, "sendMessage", contact_id=SHORT, message="Hello", id="m9", base=newest.seq)

    # The listing, the one entry at the cursor with its listing and marks, and two look-ups of connections.
    assert (answer["action"], shop.units) == ("ack", 1 + 5 + 2)


def test_who_has_opened_connections_without_end_makes_no_frame_dearer(shop: Shop) -> None:
    visitor = replace(ANA, user_id=f"{ANA.user_id}-of-many-tabs")
    contact_id = str(shop.send(visitor, "InitChat", sellerId=SELLER.user_id, userInfo={})["contact_id"])
    connections = DynamoDBConnections(shop.client, CONNECTIONS, shop.clock)
    learned = Description(seller_id=SELLER.user_id, contact_id=contact_id, user_info={"note": "x" * 2000}, at="")
    for number in range(200):
        tab = Connection(f"tab-{number}", visitor.user_id, visitor.role, iso(shop.clock.now()))
        connections.restore(tab, 2_000_000_000, learned)

    for action in ("sendMessage", "typing", "receipt"):
        for person in (visitor, SELLER):
            shop.send(person, action, contact_id=contact_id, **FRAMES[action])
            assert shop.units <= MOST_CONNECTIONS + MOST_OF_A_CONTACT


@pytest.mark.parametrize("call", [lambda shop: shop.send(SELLER, "inbox"), lambda shop: shop.send(SELLER, "team")])
def test_a_list_costs_a_few_units_whatever_was_written(shop: Shop, call: Callable[[Shop], object]) -> None:
    call(shop)

    assert shop.units <= 4


def test_a_contact_full_of_the_longest_notes_costs_no_more_than_they_are_long(shop: Shop) -> None:
    kept = DynamoDBNotes(shop.client, CONVERSATIONS)
    for seq in range(1, MOST_NOTES + 1):
        text = FAT[:MAX_NOTE_CHARACTERS]
        kept.add(Note(SHORT, seq, f"note-{seq}", SELLER.user_id, text, iso(shop.clock.now()), 2_000_000_000))

    for action in ("note", "notes"):
        shop.send(SELLER, action, contact_id=SHORT, **FRAMES[action])
        assert ALL_NOTES < shop.units <= ALL_NOTES + MOST_OF_A_CONTACT

    # Nor does who is nobody to it read them by a note that might have been written before.
    shop.send(STRANGER, "note", contact_id=SHORT, **FRAMES["note"])
    assert shop.units <= OF_A_REPETITION["note"]
