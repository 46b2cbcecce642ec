"""Who asks too often is told, then cut off: frames over a connection and calls over REST by one rule."""

from __future__ import annotations

from typing import Any

import pytest

from chat.api.rest import Call, Rest
from chat.limits.floodgate import OFFICE, REFUSALS, REMEMBERED
from chat.model.identity import Principal, Role
from chat.model.rates import Rate
from chat.model.settings import Settings
from chat.ports.errors import PushFailedError, StoreBusyError
from tests.worlds.domain import SELLER, VISITOR, Client, System

FRAMES = 8
"""Four for each of the two messages that a visitor of the narrow system may send at once."""


@pytest.fixture
def narrow() -> System:
    """A system in which a visitor may send eight frames at once and then four a second."""
    return System(settings=Settings(visitor_rate=Rate(burst=2, per_second=1)))


@pytest.mark.parametrize(
    "frame",
    [
        {"action": "typing"},
        {"action": "receipt", "read": 1},
        {"action": "sync", "after": 0},
        {"action": "InitChat", "sellerId": "123456", "userInfo": {}},
    ],
    ids=lambda frame: str(frame["action"]),
)
def test_a_flood_of_any_frame_is_told_to_slow_down_and_costs_nothing(narrow: System, frame: dict[str, object]) -> None:
    visitor = narrow.connect(VISITOR, "visitor-laptop")
    contact = visitor.send("InitChat", sellerId="123456", userInfo={})["contact_id"]
    action, fields = str(frame["action"]), {name: value for name, value in frame.items() if name != "action"}
    for _ in range(7):
        visitor.send(action, contact_id=contact, **fields)
    narrow.forget_what_happened()

    answer = visitor.send(action, contact_id=contact, id="m1", **fields)

    assert (answer["code"], answer["of"], answer["id"]) == ("slow_down", action, "m1")
    assert not narrow.store.requests
    assert not narrow.connections.requests


def test_a_client_that_waits_as_it_is_told_is_never_cut_off(narrow: System) -> None:
    visitor = narrow.connect(VISITOR, "visitor-laptop")
    refusals = 0
    for _ in range(500):
        answer = visitor.send("ping")
        if answer.get("code") == "slow_down":
            refusals += 1
            narrow.clock.advance(milliseconds=answer["retry_after_ms"])

    assert refusals > REFUSALS.burst
    assert narrow.push.closed == []


def flood(client: Client, frames: int, **frame: object) -> list[str]:
    """The codes of the answers to that many frames at once."""
    return [str(client.send("ping", **frame).get("code")) for _ in range(frames)]


def test_a_flooder_is_told_first_and_then_cut_off_once(narrow: System) -> None:
    flooder = narrow.connect(VISITOR, "flooder")

    codes = flood(flooder, FRAMES + REFUSALS.burst)
    assert codes == ["None"] * FRAMES + ["slow_down"] * REFUSALS.burst
    assert narrow.push.closed == []

    flood(flooder, 20)
    assert narrow.push.closed == ["flooder"]


@pytest.mark.parametrize("body", ["not JSON", "{}", '{"action": "nonsense"}', '{"action": "sync", "contact_id": "x"}'])
def test_who_sends_nothing_but_nonsense_is_cut_off(system: System, body: str) -> None:
    nuisance = system.connect(VISITOR, "nuisance")
    for _ in range(REFUSALS.burst + 1):
        nuisance.send_raw(body)

    assert system.push.closed == ["nuisance"]


def test_a_flooder_costs_others_nothing(narrow: System) -> None:
    flooder = narrow.connect(VISITOR, "flooder")
    bystander = narrow.connect(Principal("bystander", Role.VISITOR), "bystander")
    flood(flooder, 100)

    assert flood(bystander, FRAMES) == ["None"] * FRAMES


def test_failures_of_ours_are_not_counted_against_a_client(
    system: System, visitor: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: object) -> None:
        raise StoreBusyError("ThrottlingException")

    monkeypatch.setattr(system.store, "latest", busy)
    for _ in range(REFUSALS.burst + 10):
        visitor.send("typing", contact_id=contact)

    assert system.push.closed == []


def test_a_flooder_whose_connection_cannot_be_closed_is_cut_off_by_one_of_the_next_frames(
    narrow: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection_id: str) -> None:
        raise PushFailedError("LimitExceededException")

    flooder = narrow.connect(VISITOR, "flooder")
    with monkeypatch.context() as failing:
        failing.setattr(narrow.push, "close", fail)
        flood(flooder, FRAMES + REFUSALS.burst + 2)
    flood(flooder, 20)

    noted = [event for event, _ in narrow.journal.notes if event != "refused"]
    assert noted == ["close_failed", "close_failed", "cut_off"]
    assert narrow.push.closed == ["flooder"]


def test_only_so_many_connections_are_kept_in_mind(system: System) -> None:
    for number in range(REMEMBERED + 100):
        system.connect(SELLER, f"connection-{number}").send("ping")

    assert len(system.services.floodgate._seen) == REMEMBERED


# Calls


@pytest.fixture
def rest(narrow: System) -> Rest:
    """The REST calls of that narrow."""
    unused: Any = None
    return Rest(
        services=narrow.services,
        tickets=unused,
        seller_of=unused,
        ids=narrow.ids,
        journal=narrow.journal,
        allowed_origins=frozenset({"*"}),
    )


def codes(rest: Rest, calls: int, bearer: str | None = "device-1", address: str = "203.0.113.1") -> list[str | None]:
    """The codes of the answers to that many calls at once."""
    read = Call("GET /chats/{contact_id}/entries", bearer=bearer, source_ip=address, path={"contact_id": "contact-1"})
    errors = [rest.answer(read).error for _ in range(calls)]
    return [error.code if error else None for error in errors]


def test_a_device_that_calls_too_often_is_told_to_slow_down_and_costs_nothing(narrow: System, rest: Rest) -> None:
    assert "slow_down" not in codes(rest, FRAMES)
    narrow.store.requests.clear()

    assert codes(rest, 100) == ["slow_down"] * 100
    assert dict(narrow.store.requests) == {}


def test_another_device_at_the_same_address_is_not_concerned(rest: Rest) -> None:
    codes(rest, 2 * FRAMES)

    assert "slow_down" not in codes(rest, FRAMES, bearer="device-2")


def test_made_up_devices_of_one_address_are_told_to_slow_down(rest: Rest) -> None:
    answers = [code for number in range(OFFICE * FRAMES + 5) for code in codes(rest, 1, bearer=f"made-up-{number}")]

    assert answers.count("slow_down") == 5
    assert "slow_down" not in codes(rest, 1, address="203.0.113.2")


def test_calls_without_a_credential_are_counted_by_their_address(rest: Rest) -> None:
    assert codes(rest, FRAMES + 1, bearer=None)[-1] == "slow_down"


def test_the_documents_client_is_one_of_many_at_its_address(rest: Rest) -> None:
    call = Call("POST /sendmessage", "{}", source_ip="203.0.113.1")

    answers = [rest.answer(call).error for _ in range(OFFICE * FRAMES + 5)]

    assert [str(error.code) for error in answers if error].count("slow_down") == 5


def test_addresses_of_one_ipv6_network_are_counted_together(rest: Rest) -> None:
    answers = [
        code
        for number in range(OFFICE * FRAMES + 5)
        for code in codes(rest, 1, bearer=f"made-up-{number}", address=f"2001:db8::{number:x}")
    ]

    assert answers.count("slow_down") == 5


def test_who_waits_as_told_may_go_on(narrow: System, rest: Rest) -> None:
    codes(rest, FRAMES + 1)
    narrow.clock.advance(seconds=1)

    assert "slow_down" not in codes(rest, 4)
