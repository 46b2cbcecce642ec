"""What one person may take up: connections, new chats, frames. Whoever asks for more is told, then cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat.adapters.dynamodb.openings import DynamoDBOpenings
from chat.limits.floodgate import REFUSALS, REMEMBERED
from chat.model.identity import Principal, Role, Sender
from chat.model.rates import Rate
from chat.model.settings import Settings
from chat.ports.errors import PushFailedError, StoreBusyError, StoreUnavailableError
from tests.worlds.domain import SELLER, VISITOR, Client, System
from tests.worlds.tables import CONNECTIONS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Connections of one person


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


# New chats


def at(system: System, device: str, address: str) -> Client:
    """Somebody at an address."""
    client = system.connect(Principal(device, Role.VISITOR), f"connection-{device}")
    client.sender = Sender(client.sender.principal, client.sender.connection_id, address)
    return client


@pytest.fixture
def strict() -> System:
    """A system in which a device may open two chats an hour, and an address three."""
    return System(settings=Settings(device_chats_per_hour=2, address_chats_per_hour=3))


def opened(client: Client, seller: str) -> str:
    answer = client.send("InitChat", sellerId=seller, userInfo={})
    return str(answer.get("code", answer["action"]))


def test_a_device_opens_only_so_many_chats_an_hour(strict: System) -> None:
    ana = at(strict, "ana", "203.0.113.1")

    assert [opened(ana, f"seller-{number}") for number in range(3)] == ["InitChat", "InitChat", "slow_down"]


def test_an_address_opens_only_so_many_chats_an_hour(strict: System) -> None:
    outcomes = [opened(at(strict, f"device-{number}", "203.0.113.1"), "123456") for number in range(4)]

    assert outcomes == ["InitChat", "InitChat", "InitChat", "slow_down"]


def test_another_address_is_not_concerned(strict: System) -> None:
    for number in range(4):
        opened(at(strict, f"device-{number}", "203.0.113.1"), "123456")

    assert opened(at(strict, "bea", "203.0.113.2"), "123456") == "InitChat"


def test_going_on_in_an_open_chat_counts_nothing(strict: System) -> None:
    ana = at(strict, "ana", "203.0.113.1")

    assert [opened(ana, "123456") for _ in range(5)] == ["InitChat"] * 5
    assert [len(starts) for starts in strict.openings.counts.values()] == [1, 1]


def test_a_start_that_is_tried_again_counts_once(strict: System, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = at(strict, "ana", "203.0.113.1")

    def unavailable(_change: object) -> None:
        raise StoreUnavailableError("time-out")

    with monkeypatch.context() as failing:
        failing.setattr(strict.store, "commit", unavailable)
        assert [opened(ana, "123456") for _ in range(5)] == ["try_again"] * 5

    assert opened(ana, "123456") == "InitChat"
    assert opened(ana, "654321") == "InitChat"


def test_a_message_that_would_open_a_chat_counts_as_well(strict: System) -> None:
    ana = at(strict, "ana", "203.0.113.1")
    for number in range(2):
        opened(ana, f"seller-{number}")

    assert ana.send("sendMessage", to="seller-9", message="Hello")["code"] == "slow_down"


def test_the_next_hour_begins_anew_when_the_answer_said(strict: System) -> None:
    ana = at(strict, "ana", "203.0.113.1")
    for number in range(2):
        opened(ana, f"seller-{number}")
    refused = ana.send("InitChat", sellerId="seller-9", userInfo={})

    strict.clock.advance(milliseconds=refused["retry_after_ms"])

    assert opened(ana, "seller-9") == "InitChat"


def test_an_address_is_not_to_be_read_from_what_is_counted(strict: System) -> None:
    opened(at(strict, "ana", "203.0.113.1"), "123456")

    assert len(strict.openings.counts) == 2
    assert not any("203.0.113.1" in key or "ana" in key for key in strict.openings.counts)


def test_a_start_that_was_made_to_look_like_another_is_counted(strict: System) -> None:
    # The first eight digits of what both hash to are the same.
    visitor, crafted = at(strict, "anchor-155", "203.0.113.7"), at(strict, "d-21042346", "203.0.113.7")
    for client in (visitor, crafted):
        client.send("InitChat", sellerId="support", userInfo={})

    counted = max(strict.openings.counts.values(), key=len)

    assert len(counted) == 2


def test_what_is_counted_of_a_start_differs_between_addresses(strict: System) -> None:
    openings = strict.services.starting._registration._openings
    for address in ("203.0.113.7", "203.0.113.8"):
        openings.admit("the same start", "device-1", address)

    marks = [mark for starts in strict.openings.counts.values() for mark in starts]

    # Twice for the two addresses, and once for the device.
    assert len(set(marks)) == len(marks) == 3


def test_what_cannot_be_counted_is_let_through_and_noted(strict: System) -> None:
    strict.openings.failure = StoreBusyError("ThrottlingException")

    assert opened(at(strict, "ana", "203.0.113.1"), "123456") == "InitChat"
    assert [event for event, _ in strict.journal.notes] == ["opening_not_counted"] * 2


def test_the_table_counts_up_to_the_limit_and_no_further(dynamodb: DynamoDBClient) -> None:
    openings = DynamoDBOpenings(dynamodb, CONNECTIONS)

    counted = [openings.count("key", start, 2, 1_800_000_000) for start in ("one", "two", "three", "two", "three")]
    assert counted == [True, True, False, True, False]
    (item,) = dynamodb.scan(TableName=CONNECTIONS)["Items"]
    assert item == {
        "connectionId": {"S": "opened#key"},
        "starts": {"SS": ["one", "two"]},
        "expiresAt": {"N": "1800000000"},
    }


# Frames


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

    codes = flood(flooder, 8 + REFUSALS.burst)
    assert codes == ["None"] * 8 + ["slow_down"] * REFUSALS.burst
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

    assert flood(bystander, 8) == ["None"] * 8


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
        flood(flooder, 8 + REFUSALS.burst + 2)
    flood(flooder, 20)

    noted = [event for event, _ in narrow.journal.notes if event != "refused"]
    assert noted == ["close_failed", "close_failed", "cut_off"]
    assert narrow.push.closed == ["flooder"]


def test_only_so_many_connections_are_kept_in_mind(system: System) -> None:
    for number in range(REMEMBERED + 100):
        system.connect(SELLER, f"connection-{number}").send("ping")

    assert len(system.services.floodgate._seen) == REMEMBERED
