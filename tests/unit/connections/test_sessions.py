"""How long a proof lasts: sessions end with their token, or when a seller signs out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat.adapters.dynamodb.connections import DynamoDBConnections
from chat.connections.connecting import Connecting
from chat.model.identity import Principal, Role, Sender
from chat.model.timestamps import epoch_seconds
from chat.ports.errors import PushFailedError, StoreBusyError
from tests.doubles.machine import START, FakeClock
from tests.doubles.sellers import MemorySellers
from tests.worlds.domain import SELLER, Client, System
from tests.worlds.tables import CONNECTIONS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENDS = epoch_seconds(START) + 600
SESSION = Principal("123456", Role.SELLER, expires_at=ENDS)
FRAMES: list[dict[str, object]] = [
    {"action": "sendMessage", "message": "Hello"},
    {"action": "identify", "userInfo": {}},
    {"action": "sync", "after": 0},
    {"action": "receipt", "read": 1},
    {"action": "typing"},
    {"action": "inbox"},
    {"action": "presence", "status": "online"},
    {"action": "transferChat", "to": "654321"},
    {"action": "closeChat"},
    {"action": "signOut"},
    {"action": "ping"},
]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: str(frame["action"]))
def test_no_frame_works_from_the_second_on_in_which_the_token_expires(
    system: System, contact: str, frame: dict[str, object]
) -> None:
    seller = system.connect(SESSION, "laptop")
    system.clock.advance(seconds=600)

    fields = {name: value for name, value in frame.items() if name != "action"}
    assert seller.send(str(frame["action"]), contact_id=contact, **fields)["code"] == "session_expired"
    assert "commit" not in system.store.requests


def test_until_then_everything_works(system: System, contact: str) -> None:
    seller = system.connect(SESSION, "laptop")
    system.clock.advance(seconds=599)

    assert seller.send("sendMessage", contact_id=contact, message="Hello")["action"] == "ack"


@pytest.mark.parametrize("announced", [False, True])
def test_nothing_is_pushed_to_a_seller_whose_token_has_expired(dynamodb: DynamoDBClient, announced: bool) -> None:
    clock = FakeClock()
    store = DynamoDBConnections(dynamodb, CONNECTIONS, clock)
    connecting = Connecting(connections=store, sellers=MemorySellers(), clock=clock)
    connecting.opened(SESSION, "laptop")
    if announced:
        connecting.announced(Sender(SESSION, "laptop"))

    clock.advance(seconds=599)
    assert [connection.id for connection in store.of(SELLER)] == ["laptop"]
    clock.advance(seconds=1)
    assert store.of(SELLER) == []


def test_a_session_without_an_end_outlives_any_connection(dynamodb: DynamoDBClient) -> None:
    clock = FakeClock()
    store = DynamoDBConnections(dynamodb, CONNECTIONS, clock)
    Connecting(connections=store, sellers=MemorySellers(), clock=clock).opened(
        Principal("device-1", Role.VISITOR), "tab"
    )

    clock.advance(hours=2, minutes=59)
    assert store.of(Principal("device-1", Role.VISITOR))


def test_signing_out_closes_every_connection_of_the_seller_and_nobody_elses(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    system.connect(SELLER, "phone")
    system.connect(Principal("654321", Role.SELLER), "colleague")

    assert seller.send("signOut") == {}

    assert sorted(system.push.closed) == ["phone", "seller-laptop"]
    assert set(system.connections.items) == {"visitor-laptop", "colleague"}
    visitor.send("sendMessage", contact_id=contact, message="Are you there?")
    assert seller.received == []


def test_a_token_is_good_until_it_expires_even_after_signing_out(system: System, contact: str) -> None:
    system.connect(SESSION, "laptop").send("signOut")

    back = system.connect(SESSION, "laptop-again")
    assert back.send("sendMessage", contact_id=contact, message="Hello again")["action"] == "ack"


def test_a_visitor_who_calls_himself_like_a_seller_signs_nobody_out(system: System, seller: Client) -> None:
    namesake = system.connect(Principal("123456", Role.VISITOR), "namesake")

    assert namesake.send("signOut")["code"] == "forbidden"
    assert system.push.closed == []


def test_signing_out_may_be_repeated_while_another_device_could_not_be_cut_off(system: System, seller: Client) -> None:
    system.connect(SELLER, "phone")
    system.connect(SELLER, "tablet")
    system.push.failing["phone"] = PushFailedError("LimitExceededException")

    assert seller.send("signOut")["code"] == "try_again"
    assert system.push.closed == ["tablet"]

    del system.push.failing["phone"]
    assert seller.send("signOut") == {}
    assert system.push.closed == ["tablet", "phone", "seller-laptop"]


def test_signing_out_may_be_repeated_when_the_connections_cannot_be_found(
    system: System, seller: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: object) -> None:
        raise StoreBusyError("ThrottlingException")

    monkeypatch.setattr(system.connections, "of", busy)

    assert seller.send("signOut")["code"] == "try_again"
