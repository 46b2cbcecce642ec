"""A visitor is shown what is kept of him, and forgotten when he asks for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from chat.adapters.dynamodb.blocks import DynamoDBBlocks
from chat.adapters.dynamodb.connections import DynamoDBConnections
from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.adapters.dynamodb.notes import DynamoDBNotes
from chat.adapters.dynamodb.openings import DynamoDBOpenings
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.adapters.dynamodb.visitors import DynamoDBForgotten, DynamoDBVisitorData
from chat.api.dispatch import Dispatch
from chat.model.entries import Status
from chat.model.identity import Principal, Role, Sender, reference_of
from chat.model.settings import Settings
from chat.ports.machine import Runtime
from chat.ports.shop import ContactRequest, RegisteredContact
from chat.ports.visitors import NotToldError
from chat.privacy import Erased, Privacy, StillWrittenError
from chat.services import Ports, Services
from tests.doubles.connections import RecordingPush
from tests.doubles.machine import CountingIds, FakeClock, NoPause, OneAfterAnother, RecordingJournal
from tests.worlds.tables import CONNECTIONS, CONVERSATIONS, SELLERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DEVICE = "device-of-ana"
ANA = Principal(DEVICE, Role.VISITOR)
# A device id that begins like another's must not be taken for it.
OTHER = Principal("device-of-ana-2", Role.VISITOR)
SELLER = Principal("123456", Role.SELLER)


class SameAgain:
    """A shop's directory that answers the same visitor's first chat with the same id, as its idempotency asks for."""

    def register(self, request: ContactRequest) -> RegisteredContact:
        return RegisteredContact(f"shop-{request.idempotency_key[:8]}")


@dataclass
class Told:
    """Who hears of erasures, and what waits for a person. Keeps what was told, and how much the table held then."""

    dynamodb: DynamoDBClient
    news: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    entries_then: list[int] = field(default_factory=list)
    fails: bool = False

    def erased(self, visitor: str, contact_ids: Sequence[str]) -> None:
        if self.fails:
            raise NotToldError
        items = self.dynamodb.scan(TableName=CONVERSATIONS)["Items"]
        self.entries_then.append(len([each for each in items if each["item"]["S"].startswith("entry#")]))
        self.news.append((visitor, contact_ids))

    def forget(self) -> int:
        return 2


@dataclass
class Shop:
    """The domain on the deployed tables."""

    dispatch: Dispatch
    privacy: Privacy
    connections: DynamoDBConnections
    push: RecordingPush
    dynamodb: DynamoDBClient
    told: Told

    def connect(self, person: Principal, connection_id: str) -> None:
        self.dispatch._services.connecting.opened(person, connection_id)

    def send(self, person: Principal, action: str, **fields: object) -> dict[str, Any]:
        sender = Sender(person, f"{person.user_id}-tab", "203.0.113.1")
        answer: dict[str, Any] = json.loads(
            self.dispatch.answer(json.dumps({"action": action, **fields}), sender) or b"{}"
        )
        return answer

    def everything(self) -> str:
        """All three tables as text."""
        tables = [self.dynamodb.scan(TableName=name)["Items"] for name in (CONNECTIONS, CONVERSATIONS, SELLERS)]
        return json.dumps(tables)


@pytest.fixture
def shop(dynamodb: DynamoDBClient) -> Shop:
    told = Told(dynamodb)
    clock, journal, push = FakeClock(), RecordingJournal(), RecordingPush()
    store = DynamoDBConversations(dynamodb, CONVERSATIONS, SELLERS)
    connections = DynamoDBConnections(dynamodb, CONNECTIONS, clock)
    domain = Services(
        Ports(
            store=store,
            connections=connections,
            sellers=DynamoDBSellers(dynamodb, SELLERS, journal),
            blocks=DynamoDBBlocks(dynamodb, CONVERSATIONS),
            notes=DynamoDBNotes(dynamodb, CONVERSATIONS),
            push=push,
            settings=Settings(),
            directory=SameAgain(),
            openings=DynamoDBOpenings(dynamodb, CONNECTIONS),
            runtime=Runtime(
                clock=clock, ids=CountingIds(), pause=NoPause(), parallel=OneAfterAnother(), journal=journal
            ),
        )
    )
    privacy = Privacy(
        services=domain,
        data=DynamoDBVisitorData(dynamodb, CONVERSATIONS),
        news=told,
        copies=told,
        let_finish=lambda: None,
    )
    return Shop(Dispatch(domain), privacy, connections, push, dynamodb, told)


@pytest.fixture
def contact(shop: Shop) -> str:
    """A conversation of Ana's with a seller who is registered and online."""
    shop.send(SELLER, "presence", status="online")
    shop.connect(ANA, "device-of-ana-tab")
    contact_id = str(shop.send(ANA, "InitChat", sellerId="123456", userInfo={"name": "Ana Canary"})["contact_id"])
    shop.send(ANA, "sendMessage", contact_id=contact_id, message="My number is 555-canary")
    shop.send(SELLER, "receipt", contact_id=contact_id, read=3)
    shop.send(ANA, "identify", contact_id=contact_id, userInfo={"page": "/bowls-of-ana-canary"})
    return contact_id


def test_an_export_holds_every_entry_and_connection(shop: Shop, contact: str) -> None:
    shop.send(SELLER, "sendMessage", contact_id=contact, message="Thank you")

    export = json.loads(json.dumps(shop.privacy.export(DEVICE)))

    assert export["device_id"] == DEVICE
    (exported,) = export["contacts"]
    assert exported["contact_id"] == contact
    assert [entry["kind"] for entry in exported["entries"]] == [
        "opened",
        "assigned",
        "message",
        "identified",
        "message",
    ]
    told = [entry["user_info"] for entry in exported["entries"] if "user_info" in entry]
    assert told == [{"name": "Ana Canary"}, {"page": "/bowls-of-ana-canary"}]
    said = [entry["message"] for entry in exported["entries"] if "message" in entry]
    assert said == ["My number is 555-canary", "Thank you"]
    assert exported["marks"]["seller"] == {"delivered": 3, "read": 3}
    assert len(export["connections"]) == 1


def test_an_export_says_by_whom_and_why_the_visitor_is_blocked(shop: Shop, contact: str) -> None:
    shop.send(SELLER, "blockVisitor", contact_id=contact, minutes=60, reason="Insults")

    assert shop.privacy.export(DEVICE)["blocks"] == [
        {
            "seller_id": "123456",
            "reason": "Insults",
            "since": "2026-01-01T00:00:00.000Z",
            "until": "2026-01-01T01:00:00.000Z",
        }
    ]


def test_what_sellers_noted_is_in_no_export_and_goes_with_an_erasure(shop: Shop, contact: str) -> None:
    assert shop.send(SELLER, "note", contact_id=contact, text="canary-note")["action"] == "note"
    assert "canary-note" in shop.everything()
    assert "canary-note" not in json.dumps(shop.privacy.export(DEVICE))

    shop.privacy.erase(DEVICE)

    assert "canary-note" not in shop.everything()
    assert shop.send(SELLER, "note", contact_id=contact, text="canary-note")["code"] == "contact_expired"


def test_erasure_ends_a_block_and_nobody_elses(shop: Shop, contact: str) -> None:
    other = str(shop.send(OTHER, "InitChat", sellerId="123456", userInfo={})["contact_id"])
    for each in (contact, other):
        shop.send(SELLER, "blockVisitor", contact_id=each, minutes=60, reason="Insults")

    shop.privacy.erase(DEVICE)

    assert shop.privacy.export(DEVICE)["blocks"] == []
    assert reference_of(DEVICE) not in shop.everything()
    assert [block["contact_id"] for block in shop.send(SELLER, "blocks")["blocks"]] == [other]


def test_an_export_holds_nothing_of_anybody_else(shop: Shop, contact: str) -> None:
    other = shop.send(OTHER, "InitChat", sellerId="123456", userInfo={"name": "Bea"})["contact_id"]

    assert other not in json.dumps(shop.privacy.export(DEVICE))


def test_a_shop_finds_the_visitor_by_a_contact(shop: Shop, contact: str) -> None:
    assert shop.privacy.device_of(contact) == DEVICE
    assert shop.privacy.device_of("unknown") is None


def test_after_erasure_no_table_holds_anything_of_the_visitor(shop: Shop, contact: str) -> None:
    erased = shop.privacy.erase(DEVICE)

    assert erased == Erased(contacts=1, items=7, connections=1, letters=2)
    left = shop.everything()
    for canary in (DEVICE, "Ana Canary", "555-canary"):
        assert canary not in left
    assert shop.push.closed == ["device-of-ana-tab"]
    assert shop.privacy.export(DEVICE) == {"device_id": DEVICE, "contacts": [], "connections": [], "blocks": []}


def test_erasure_ends_the_contact_and_gives_the_seller_his_room_back(shop: Shop, contact: str) -> None:
    shop.connect(SELLER, "seller-tab")

    shop.privacy.erase(DEVICE)

    assert json.loads(shop.push.frames["seller-tab"][-1])["entry"]["kind"] == "closed"
    assert shop.send(SELLER, "presence", status="online")["open_count"] == 0
    assert shop.send(SELLER, "inbox", status="open")["contacts"] == []
    assert shop.send(SELLER, "sync", contact_id=contact, after=0)["code"] == "contact_expired"


def test_erasure_leaves_everybody_elses_conversations_alone(shop: Shop, contact: str) -> None:
    other = shop.send(OTHER, "InitChat", sellerId="123456", userInfo={"name": "Bea"})["contact_id"]

    shop.privacy.erase(DEVICE)

    assert len(shop.send(OTHER, "sync", contact_id=other, after=0)["entries"]) == 2


def test_an_erased_contacts_id_and_numbers_are_never_handed_out_again(shop: Shop, contact: str) -> None:
    shop.privacy.erase(DEVICE)

    # The shop's directory gives the same id as the first time.
    again = shop.send(ANA, "InitChat", sellerId="123456", userInfo={})

    assert again["action"] == "InitChat"
    assert again["contact_id"] != contact
    assert shop.send(ANA, "sendMessage", contact_id=contact, message="Hello")["code"] == "forbidden"


def test_an_erased_contact_is_answered_like_one_that_does_not_exist(shop: Shop, contact: str) -> None:
    shop.privacy.erase(DEVICE)

    for asked in (contact, "unknown"):
        assert shop.send(ANA, "sync", contact_id=asked, after=0)["code"] == "forbidden"


def test_an_erased_contacts_head_tells_of_no_device_whether_it_was_the_visitors(shop: Shop, contact: str) -> None:
    key = {"contact_id": {"S": contact}, "item": {"S": "head"}}
    assert "visitor" in shop.dynamodb.get_item(TableName=CONVERSATIONS, Key=key)["Item"]

    shop.privacy.erase(DEVICE)

    assert "visitor" not in shop.dynamodb.get_item(TableName=CONVERSATIONS, Key=key)["Item"]


def test_others_hear_of_it_before_anything_is_deleted_and_once_nothing_is_delivered_any_more(
    shop: Shop, contact: str
) -> None:
    forgotten = DynamoDBForgotten(shop.dynamodb, CONVERSATIONS)
    other = str(shop.send(OTHER, "InitChat", sellerId="123456", userInfo={})["contact_id"])
    assert forgotten.among([contact, other, "unknown"]) == frozenset()

    shop.privacy.erase(DEVICE)

    assert shop.told.news == [(reference_of(DEVICE), [contact])]
    # Four of hers with the one that closes it, and two of the other visitor.
    assert shop.told.entries_then == [7]
    assert forgotten.among([contact, other, "unknown"]) == {contact}


def test_an_erasure_of_which_nobody_could_be_told_is_told_when_it_is_repeated(shop: Shop, contact: str) -> None:
    shop.told.fails = True
    with pytest.raises(NotToldError):
        shop.privacy.erase(DEVICE)
    shop.told.fails = False

    assert shop.privacy.erase(DEVICE).contacts == 1
    assert shop.told.news == [(reference_of(DEVICE), [contact])]


def test_which_of_many_contacts_were_erased_is_asked_a_hundred_at_a_time(shop: Shop, contact: str) -> None:
    shop.privacy.erase(DEVICE)

    forgotten = DynamoDBForgotten(shop.dynamodb, CONVERSATIONS)
    assert forgotten.among([f"unknown-{number}" for number in range(250)] + [contact]) == {contact}


def test_erasing_twice_changes_nothing(shop: Shop, contact: str) -> None:
    shop.privacy.erase(DEVICE)
    before = shop.everything()

    assert shop.privacy.erase(DEVICE) == Erased(contacts=0, items=0, connections=0, letters=2)
    assert shop.everything() == before


def test_what_is_reopened_before_it_is_sealed_is_ended_and_erased_too(
    shop: Shop, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal = DynamoDBVisitorData.forget_whose
    rounds: list[str] = []

    def interrupted(data: DynamoDBVisitorData, contact_id: str, while_is: Status) -> None:
        rounds.append(contact_id)
        if len(rounds) < 3:
            shop.send(SELLER, "sendMessage", contact_id=contact_id, message="late canary")
        seal(data, contact_id, while_is)

    monkeypatch.setattr(DynamoDBVisitorData, "forget_whose", interrupted)

    shop.privacy.erase(DEVICE)

    assert len(rounds) == 3
    assert "late canary" not in shop.everything()
    assert '"open_count": {"N": "0"}' in shop.everything()


def test_who_goes_on_writing_all_the_time_is_reported(
    shop: Shop, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DynamoDBVisitorData, "forget_whose", lambda *_arguments: None)

    with pytest.raises(StillWrittenError):
        shop.privacy.erase(DEVICE)
