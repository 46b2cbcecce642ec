"""Bringing frames to connections: each for itself, and nothing that happens to one can fail anything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

from chat.connections.delivery import others
from chat.model.identity import Principal, Role
from chat.ports.connections import Connection
from chat.ports.errors import PushFailedError, StoreBusyError, StoreUnavailableError
from tests.doubles.machine import OneAfterAnother
from tests.worlds.domain import SELLER, VISITOR, Client, System

T = TypeVar("T")


def connection(name: str) -> Connection:
    return Connection(name, "123456", Role.SELLER, "2026-01-01T00:00:00.000Z")


def test_a_connection_that_cannot_be_forgotten_is_noted_and_nothing_more(
    system: System, visitor: Client, seller: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_connection: object) -> None:
        raise StoreBusyError("ThrottlingException")

    system.push.gone.add("seller-laptop")
    monkeypatch.setattr(system.connections, "forget", busy)

    assert visitor.send("sendMessage", contact_id=contact, message="Hello")["action"] == "ack"
    assert [(event, fields["connection_id"]) for event, fields in system.journal.notes] == [
        ("forget_failed", "seller-laptop")
    ]


def test_a_push_that_fails_is_noted_with_its_kind(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    system.push.failing["seller-laptop"] = PushFailedError("ReadTimeoutError")

    visitor.send("sendMessage", contact_id=contact, message="Hello")

    assert system.journal.notes == [("push_failed", {"connection_id": "seller-laptop", "error": "ReadTimeoutError"})]


def test_one_sides_failed_look_up_does_not_cost_the_other_side_its_push(
    system: System, visitor: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = system.connect(visitor.sender.principal, "tab")
    of = system.connections.of

    def sellers_cannot_be_found(person: Principal, enough: int | None = None) -> object:
        if person.role is Role.SELLER:
            raise StoreUnavailableError("time-out")
        return of(person, enough)

    monkeypatch.setattr(system.connections, "of", sellers_cannot_be_found)

    visitor.send("sendMessage", contact_id=contact, message="Hello")

    assert len(tab.received) == 1
    assert system.journal.notes == [("lookup_failed", {"role": "seller", "error": "StoreUnavailableError"})]


def test_twenty_connections_of_which_every_second_is_dead(system: System, visitor: Client, contact: str) -> None:
    system.connections.remove("seller-laptop")
    devices = [system.connect(SELLER, f"device-{number}") for number in range(20)]
    system.push.gone.update(f"device-{number}" for number in range(0, 20, 2))

    visitor.send("sendMessage", contact_id=contact, message="Hello")

    assert [len(device.received) for device in devices] == [0, 1] * 10
    assert len(system.connections.of(SELLER)) == 10


def test_the_answering_connection_is_left_out_and_each_other_one_is_there_once() -> None:
    found = [connection("a"), connection("b"), connection("a"), connection("c")]

    assert [each.id for each in others(found, "b")] == ["a", "c"]
    assert [each.id for each in others(found, None)] == ["a", "b", "c"]


class LastOneFirst(OneAfterAnother):
    """Runs tasks in the order one would least expect."""

    def run(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        return super().run(tasks[::-1])[::-1]


def test_what_is_stored_together_reaches_a_connection_in_its_order(
    system: System, visitor: Client, seller: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system.services.delivery, "_parallel", LastOneFirst())
    visitor.send("closeChat", contact_id=contact)
    system.forget_what_happened()

    visitor.send("sendMessage", contact_id=contact, message="One more thing")

    assert [frame["action"] for frame in seller.received] == ["entry", "sendMessage"]


def test_after_a_push_that_failed_nothing_follows_on_that_connection(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    visitor.send("closeChat", contact_id=contact)
    system.forget_what_happened()
    system.push.failing["seller-laptop"] = PushFailedError("ReadTimeoutError")

    visitor.send("sendMessage", contact_id=contact, message="One more thing")

    assert [event for event, _ in system.journal.notes] == ["push_failed"]


# A crowd of one person's connections


@pytest.fixture
def crowd(system: System, contact: str) -> list[Client]:
    """Twenty-five connections of the visitor, each a second younger than the one before, beside his first."""
    crowd = []
    for number in range(25):
        system.clock.advance(seconds=1)
        crowd.append(system.connect(VISITOR, f"tab-{number}"))
    return crowd


def test_the_oldest_connections_beyond_the_cap_are_closed_a_few_at_a_time(
    system: System, seller: Client, contact: str, crowd: list[Client]
) -> None:
    seller.send("sendMessage", contact_id=contact, message="Hello")

    assert len(system.push.closed) == 5
    assert set(system.push.closed) <= {"visitor-laptop", *(f"tab-{number}" for number in range(5))}

    seller.send("sendMessage", contact_id=contact, message="Hello")
    assert {*system.push.closed} == {"visitor-laptop", *(f"tab-{number}" for number in range(5))}
    assert len([name for name in system.connections.items if name.startswith(("tab", "visitor"))]) == 20


def test_the_newest_connections_within_the_cap_are_reached(
    system: System, seller: Client, contact: str, crowd: list[Client]
) -> None:
    seller.send("sendMessage", contact_id=contact, message="Hello")

    assert [len(tab.received) for tab in crowd] == [0] * 5 + [1] * 20


def test_a_crowd_of_one_person_closes_nobody_elses_connection(
    system: System, seller: Client, contact: str, crowd: list[Client]
) -> None:
    seller.send("sendMessage", contact_id=contact, message="Hello")

    assert "seller-laptop" not in system.push.closed


def test_a_connection_that_cannot_be_closed_stays_known(
    system: System, seller: Client, contact: str, crowd: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection_id: str) -> None:
        raise PushFailedError("LimitExceededException")

    monkeypatch.setattr(system.push, "close", fail)

    assert seller.send("sendMessage", contact_id=contact, message="Hello")["action"] == "ack"
    assert len(system.connections.items) == 27
    assert {event for event, _ in system.journal.notes} == {"close_failed"}
