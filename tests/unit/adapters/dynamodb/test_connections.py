"""The connections table: whom a message can reach now."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chat.adapters.dynamodb.connections import DynamoDBConnections
from chat.model.entries import Json
from chat.model.identity import Principal, Role
from chat.model.timestamps import epoch_seconds
from chat.ports.connections import Connection, Description
from tests.doubles.machine import START, FakeClock
from tests.worlds.tables import CONNECTIONS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SELLER = Principal("123456", Role.SELLER)
IN_THREE_HOURS = epoch_seconds(START + timedelta(hours=3))


def learned(seller_id: str, user_info: Json) -> Description:
    return Description(seller_id=seller_id, contact_id="contact-1", user_info=user_info, at="2026-01-01T00:00:01.000Z")


def connection(name: str, person: Principal = SELLER, at: str = "2026-01-01T00:00:00.000Z") -> Connection:
    return Connection(name, person.user_id, person.role, at)


@pytest.fixture
def clock() -> FakeClock:
    """The time, which stands still."""
    return FakeClock()


@pytest.fixture
def connections(dynamodb: DynamoDBClient, clock: FakeClock) -> DynamoDBConnections:
    """An empty table."""
    return DynamoDBConnections(dynamodb, CONNECTIONS, clock)


def item(dynamodb: DynamoDBClient, connection_id: str) -> dict[str, Any]:
    return dict(dynamodb.get_item(TableName=CONNECTIONS, Key={"connectionId": {"S": connection_id}}).get("Item", {}))


def names(connections: DynamoDBConnections, person: Principal = SELLER) -> list[str]:
    return sorted(each.id for each in connections.of(person))


def test_every_connection_of_a_person_is_found(connections: DynamoDBConnections) -> None:
    for name in ("laptop", "phone", "tablet"):
        connections.add(connection(name), IN_THREE_HOURS)

    assert names(connections) == ["laptop", "phone", "tablet"]
    assert connection("phone") in connections.of(SELLER)


def test_a_visitor_named_like_a_seller_is_somebody_else(connections: DynamoDBConnections) -> None:
    impostor = Principal("123456", Role.VISITOR)
    connections.add(connection("impostor", impostor), IN_THREE_HOURS)

    assert names(connections) == []
    assert names(connections, impostor) == ["impostor"]


def test_what_has_expired_is_left_out_before_it_is_deleted(connections: DynamoDBConnections, clock: FakeClock) -> None:
    connections.add(connection("old"), IN_THREE_HOURS)
    connections.add(connection("new"), IN_THREE_HOURS + 1)

    clock.advance(hours=3)

    assert names(connections) == ["new"]


def test_of_who_has_opened_connections_without_end_no_more_are_read_than_are_enough(
    dynamodb: DynamoDBClient, connections: DynamoDBConnections
) -> None:
    for number in range(30):
        connections.add(connection(f"tab-{number}"), IN_THREE_HOURS)
    read: list[int] = []

    def count(parsed: dict[str, int], **_: object) -> None:
        read.append(parsed["ScannedCount"])

    dynamodb.meta.events.register("after-call.dynamodb.Query", count)
    found = connections.of(SELLER, enough=10)
    # Other tests have the same client.
    dynamodb.meta.events.unregister("after-call.dynamodb.Query", count)

    assert len(found) == 10
    assert sum(read) == 10
    assert len(connections.of(SELLER)) == 30


def test_behind_what_has_expired_is_found_who_is_there(connections: DynamoDBConnections, clock: FakeClock) -> None:
    for number in range(12):
        connections.add(connection(f"old-{number}"), IN_THREE_HOURS)
    for name in ("laptop", "phone", "tablet"):
        connections.add(connection(name), IN_THREE_HOURS + 1)

    clock.advance(hours=3)

    assert sorted(each.id for each in connections.of(SELLER, enough=4)) == ["laptop", "phone", "tablet"]


def test_a_connection_is_stored_as_the_data_model_says(
    dynamodb: DynamoDBClient, connections: DynamoDBConnections
) -> None:
    connections.add(connection("laptop"), IN_THREE_HOURS)

    assert item(dynamodb, "laptop") == {
        "connectionId": {"S": "laptop"},
        "userId": {"S": "123456"},
        "role": {"S": "seller"},
        "connectedAt": {"S": "2026-01-01T00:00:00.000Z"},
        "status": {"S": "connected"},
        "expiresAt": {"N": str(IN_THREE_HOURS)},
    }


def test_a_removed_connection_is_gone_and_may_be_removed_again(connections: DynamoDBConnections) -> None:
    connections.add(connection("laptop"), IN_THREE_HOURS)

    assert connections.remove("laptop") == connection("laptop")
    assert connections.remove("laptop") is None

    assert names(connections) == []


def test_a_connection_that_was_forgotten_can_be_restored(connections: DynamoDBConnections) -> None:
    connections.add(connection("laptop"), IN_THREE_HOURS)
    connections.remove("laptop")

    connections.restore(connection("laptop"), IN_THREE_HOURS)

    assert connections.of(SELLER) == [connection("laptop")]


def test_restoring_what_is_there_keeps_what_init_chat_learned(
    dynamodb: DynamoDBClient, connections: DynamoDBConnections
) -> None:
    connections.add(connection("laptop"), IN_THREE_HOURS)
    connections.restore(connection("laptop"), IN_THREE_HOURS, learned("123456", {"name": "Ana"}))

    connections.restore(connection("laptop", at="2026-01-01T00:00:02.000Z"), IN_THREE_HOURS)

    assert item(dynamodb, "laptop")["contact_id"] == {"S": "contact-1"}
    assert names(connections) == ["laptop"]


def test_a_connection_found_gone_is_forgotten(connections: DynamoDBConnections) -> None:
    connections.add(connection("laptop"), IN_THREE_HOURS)
    (found,) = connections.of(SELLER)

    connections.forget(found)
    connections.forget(found)

    assert names(connections) == []


def test_a_connection_that_was_restored_since_is_not_forgotten(connections: DynamoDBConnections) -> None:
    connections.add(connection("laptop"), IN_THREE_HOURS)
    (found,) = connections.of(SELLER)
    connections.restore(connection("laptop", at="2026-01-01T00:00:02.000Z"), IN_THREE_HOURS)

    connections.forget(found)

    assert names(connections) == ["laptop"]


def test_init_chat_is_noted_on_the_connection(dynamodb: DynamoDBClient, connections: DynamoDBConnections) -> None:
    connections.add(connection("laptop"), IN_THREE_HOURS)

    connections.restore(connection("laptop"), IN_THREE_HOURS, learned("654321", {"name": "Ana", "age": 1.5}))

    stored = item(dynamodb, "laptop")
    assert (stored["sellerId"], stored["contact_id"]) == ({"S": "654321"}, {"S": "contact-1"})
    assert stored["updatedAt"] == {"S": "2026-01-01T00:00:01.000Z"}
    assert json.loads(stored["userInfo"]["S"]) == {"name": "Ana", "age": 1.5}
    assert stored["userId"] == {"S": "123456"}
