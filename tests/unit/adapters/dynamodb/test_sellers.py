"""The sellers table: who is registered, what he carries, and claims that never give more than there is room for."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from chat.access.tickets import Tickets
from chat.adapters.dynamodb.blocks import DynamoDBBlocks
from chat.adapters.dynamodb.connections import DynamoDBConnections
from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.adapters.dynamodb.notes import DynamoDBNotes
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.adapters.dynamodb.tickets import DynamoDBTickets
from chat.adapters.system import RandomIds, SystemClock
from chat.contacts.lifecycle import Command
from chat.contacts.starting import Start
from chat.model.entries import Status
from chat.model.hours import Hours
from chat.model.identity import Principal, Role, Sender
from chat.model.sellers import Availability, Seller, SharedReplies
from chat.model.settings import Settings
from chat.model.timestamps import epoch_seconds
from chat.ports.errors import NumberTakenError, StoreUnavailableError
from chat.ports.machine import Runtime
from chat.services import Ports, Services
from tests.doubles.connections import RecordingPush
from tests.doubles.machine import FakeClock, NoPause, OneAfterAnother, RecordingJournal
from tests.worlds.tables import CONNECTIONS, CONVERSATIONS, SELLERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


TEAM = ("ana", "bo", "cy", "di", "ed")
HOURS = {"time_zone": "Asia/Kolkata", "week": {"mon": ["09:00-12:30", "14:00-18:00"]}}


@pytest.fixture
def journal() -> RecordingJournal:
    """What was noted."""
    return RecordingJournal()


@pytest.fixture
def sellers(dynamodb: DynamoDBClient, journal: RecordingJournal) -> DynamoDBSellers:
    """An empty table."""
    return DynamoDBSellers(dynamodb, SELLERS, journal)


def put(dynamodb: DynamoDBClient, **attributes: dict[str, str]) -> None:
    item: Any = {"seller_id": {"S": "ana"}, "team": {"S": "support"}, **attributes}
    dynamodb.put_item(TableName=SELLERS, Item=item)


# Reading and registering


def test_a_registered_seller_is_read_as_he_was_registered(sellers: DynamoDBSellers) -> None:
    ana = Seller("ana", "support", 5, 2, Availability.AWAY, 1_767_225_600, "2026-01-01T00:00:00.000Z")

    sellers.register(ana)

    assert sellers.get("ana") == ana
    assert sellers.get("bo") is None


def test_registering_again_changes_nothing(sellers: DynamoDBSellers) -> None:
    sellers.register(Seller("ana", "support", 5, open_count=2))
    sellers.register(Seller("ana", "sales", 1))

    assert sellers.get("ana") == Seller("ana", "support", 5, open_count=2)


def test_a_team_is_everyone_in_it_and_nobody_else(sellers: DynamoDBSellers) -> None:
    for name, team in (("ana", "support"), ("bo", "sales"), ("cy", "support")):
        sellers.register(Seller(name, team, 5))

    assert [each.id for each in sellers.team("support")] == ["ana", "cy"]
    assert sellers.team("nobody") == []


def test_some_are_sellers_of_all_teams_up_to_a_limit(sellers: DynamoDBSellers, dynamodb: DynamoDBClient) -> None:
    for name, team in (("ana", "support"), ("bo", "support"), ("cy", "sales")):
        sellers.register(Seller(name, team, 5))
    dynamodb.put_item(TableName=SELLERS, Item={"seller_id": {"S": "gone"}, "open_count": {"N": "0"}})

    assert {seller.id for seller in sellers.some(10)} == {"ana", "bo", "cy"}
    assert len(sellers.some(2)) == 2


def test_a_beat_notes_availability_and_time_and_leaves_the_rest(sellers: DynamoDBSellers) -> None:
    sellers.register(Seller("ana", "support", 5, open_count=2))

    after = sellers.beat("ana", Availability.ONLINE, 1_767_225_600)

    assert after == Seller("ana", "support", 5, 2, Availability.ONLINE, 1_767_225_600)
    assert sellers.get("ana") == after


def test_a_beat_of_somebody_unknown_registers_nobody(sellers: DynamoDBSellers, dynamodb: DynamoDBClient) -> None:
    assert sellers.beat("nobody", Availability.ONLINE, 1) is None
    assert dynamodb.scan(TableName=SELLERS)["Items"] == []


def test_who_has_another_connection_stays_there_until_that_one_closes(sellers: DynamoDBSellers) -> None:
    sellers.register(Seller("ana", "support", capacity=3))
    sellers.beat("ana", Availability.ONLINE, 1_767_225_600, "laptop")

    sellers.leave("ana", "laptop", remaining="phone")
    (before,) = sellers.team("support")
    sellers.leave("ana", "phone")
    (after,) = sellers.team("support")

    assert (before.heartbeat_at, after.heartbeat_at) == (1_767_225_600, 0)


@pytest.mark.parametrize("said", [Availability.ONLINE, Availability.AWAY])
def test_a_beat_without_a_word_leaves_what_the_seller_said_last(sellers: DynamoDBSellers, said: Availability) -> None:
    sellers.register(Seller("ana", "support", capacity=3))
    sellers.beat("ana", said, 1_767_225_600, "laptop")
    sellers.leave("ana", "laptop")

    after = sellers.beat("ana", None, 1_767_225_700, "laptop again")

    assert after == Seller("ana", "support", 3, 0, said, 1_767_225_700)


@pytest.mark.parametrize(("closed", "heard_of"), [("laptop", 0), ("phone", 1_767_225_600)])
def test_who_leaves_is_gone_if_he_was_heard_of_there_last(sellers: DynamoDBSellers, closed: str, heard_of: int) -> None:
    sellers.register(Seller("ana", "support", capacity=3))
    sellers.beat("ana", Availability.ONLINE, 1_767_225_600, "laptop")

    sellers.leave("ana", closed)
    sellers.leave("nobody", closed)

    ana = sellers.get("ana")
    assert ana is not None
    assert (ana.availability, ana.heartbeat_at) == (Availability.ONLINE, heard_of)
    assert sellers.get("nobody") is None


def test_a_seller_written_by_hand_with_his_team_alone_can_carry_nothing(
    sellers: DynamoDBSellers, dynamodb: DynamoDBClient
) -> None:
    put(dynamodb)

    assert sellers.get("ana") == Seller("ana", "support", capacity=0)


def test_a_removed_seller_whose_contact_closes_later_is_not_registered_again_by_that(
    sellers: DynamoDBSellers, dynamodb: DynamoDBClient
) -> None:
    # What giving a place back leaves behind.
    dynamodb.put_item(TableName=SELLERS, Item={"seller_id": {"S": "ana"}, "open_count": {"N": "-1"}})

    assert sellers.get("ana") is None
    assert sellers.beat("ana", Availability.ONLINE, 1) is None
    sellers.register(Seller("ana", "support", 5))
    assert sellers.get("ana") == Seller("ana", "support", 5)


# Opening hours


def test_opening_hours_are_read_with_their_time_zone(sellers: DynamoDBSellers, dynamodb: DynamoDBClient) -> None:
    put(dynamodb, hours={"S": json.dumps(HOURS)})

    seller = sellers.get("ana")

    assert seller is not None
    assert seller.hours == Hours.parse(HOURS)


@pytest.mark.parametrize(
    "hours",
    [
        {"S": json.dumps({**HOURS, "time_zone": "Mars/Olympus"})},
        {"S": json.dumps({**HOURS, "week": {"mon": None}})},
        {"S": json.dumps({**HOURS, "week": {"mon": ["09:00+05:30-18:00"]}})},
        {"S": "always"},
        {"N": "9"},
    ],
)
def test_hours_that_cannot_be_read_close_nobodys_shop_and_are_noted(
    sellers: DynamoDBSellers, dynamodb: DynamoDBClient, journal: RecordingJournal, hours: dict[str, str]
) -> None:
    put(dynamodb, hours=hours)

    seller = sellers.get("ana")

    assert seller is not None
    assert seller.hours is None
    assert [event for event, _ in journal.notes] == ["hours_ignored"]


def test_a_table_that_is_gone_is_unavailable(sellers: DynamoDBSellers, dynamodb: DynamoDBClient) -> None:
    dynamodb.delete_table(TableName=SELLERS)

    for call in (
        lambda: sellers.get("ana"),
        lambda: sellers.team("support"),
        lambda: sellers.beat("ana", Availability.ONLINE, 1),
        lambda: sellers.register(Seller("ana", "support", 1)),
    ):
        with pytest.raises(StoreUnavailableError):
            call()


# Claims, by many at once


class OneRequestAtATime:
    """A client whose requests are atomic and come in any order, as DynamoDB's are; moto's are not of themselves."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client = client
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(**arguments: Any) -> Any:
            with self._lock:
                return method(**arguments)

        return call


@pytest.fixture
def shop(dynamodb: DynamoDBClient) -> Services:
    """The domain on the tables, with a team of five who can carry three each."""
    client: Any = OneRequestAtATime(dynamodb)
    clock = SystemClock()
    sellers = DynamoDBSellers(client, SELLERS, RecordingJournal())
    # However long a slow machine takes, they are there.
    here = epoch_seconds(clock.now()) + 3600
    for name in TEAM:
        sellers.register(Seller(name, "support", 3, 0, Availability.ONLINE, here))
    return Services(
        Ports(
            store=DynamoDBConversations(client, CONVERSATIONS, SELLERS),
            connections=DynamoDBConnections(client, CONNECTIONS, clock),
            sellers=sellers,
            blocks=DynamoDBBlocks(client, CONVERSATIONS),
            notes=DynamoDBNotes(client, CONVERSATIONS),
            push=RecordingPush(),
            settings=Settings(),
            runtime=Runtime(
                clock=clock, ids=RandomIds(), pause=NoPause(), parallel=OneAfterAnother(), journal=RecordingJournal()
            ),
        )
    )


def counts(dynamodb: DynamoDBClient) -> dict[str, int]:
    items = dynamodb.scan(TableName=SELLERS)["Items"]
    return {item["seller_id"]["S"]: int(item["open_count"]["N"]) for item in items}


def test_starts_at_once_fill_a_team_and_no_place_is_given_twice_nor_out_of_order(
    shop: Services, dynamodb: DynamoDBClient
) -> None:
    def start(number: int) -> Any:
        return shop.starting.start(Start(Sender(Principal(f"device-{number}", Role.VISITOR)), "support", {}))

    with ThreadPoolExecutor(8) as pool:
        started = list(pool.map(start, range(25)))
    # A start asks a few sellers, all of whom may fill up meanwhile: the event that it waits sees to the rest.
    for entry in started:
        shop.attending.room_may_be_free(entry.contact_id)

    log = DynamoDBConversations(dynamodb, CONVERSATIONS, SELLERS)
    newest = [newest for entry in started if (newest := log.latest(entry.contact_id).newest)]
    given = [entry for entry in newest if entry.state.status is Status.OPEN]
    waiting = sorted((entry for entry in newest if entry.state.status is Status.QUEUED), key=_order)
    assert (len(given), len(waiting)) == (15, 10)
    assert counts(dynamodb) == dict.fromkeys(TEAM, 3)

    def close(entry: Any) -> None:
        shop.lifecycle.close(Command(Sender(Principal(entry.state.seller, Role.SELLER)), entry.contact_id))
        shop.attending.room_may_be_free(entry.contact_id, entry.state.seller)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(close, given[:4]))

    served = [log.latest(entry.contact_id).newest for entry in waiting]
    assert [entry.state.status for entry in served if entry] == [Status.OPEN] * 4 + [Status.QUEUED] * 6
    assert counts(dynamodb) == dict.fromkeys(TEAM, 3)


def _order(entry: Any) -> tuple[str, str]:
    return (entry.at, entry.contact_id)


def test_a_visitor_who_starts_in_ten_tabs_at_once_has_one_contact_and_takes_one_place(
    shop: Services, dynamodb: DynamoDBClient
) -> None:
    with ThreadPoolExecutor(10) as pool:
        newest = list(
            pool.map(
                lambda _: shop.starting.start(Start(Sender(Principal("device-1", Role.VISITOR)), "support", {})),
                range(10),
            )
        )

    assert len({entry.contact_id for entry in newest}) == 1
    assert sum(counts(dynamodb).values()) == 1


def test_closing_by_everybody_at_once_gives_one_place_back(shop: Services, dynamodb: DynamoDBClient) -> None:
    visitor = Principal("device-1", Role.VISITOR)
    entry = shop.starting.start(Start(Sender(visitor), "support", {}))
    seller = Principal(str(entry.state.seller), Role.SELLER)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda who: shop.lifecycle.close(Command(Sender(who), entry.contact_id)), [visitor, seller] * 4))

    assert sum(counts(dynamodb).values()) == 0


# Tickets


def tickets(dynamodb: DynamoDBClient, clock: FakeClock) -> Tickets:
    client: Any = OneRequestAtATime(dynamodb)
    return Tickets(store=DynamoDBTickets(client, CONNECTIONS), clock=clock, ids=RandomIds())


ANA = Principal("ana", Role.SELLER, expires_at=1_800_000_000)


def test_a_ticket_stands_for_its_seller_until_the_session_ends(dynamodb: DynamoDBClient) -> None:
    office = tickets(dynamodb, FakeClock())

    assert office.redeem(office.issue(ANA)) == ANA
    assert office.redeem(office.issue(Principal("bo", Role.SELLER))) == Principal("bo", Role.SELLER)


def test_a_ticket_is_good_once_however_many_try_it_at_once(dynamodb: DynamoDBClient) -> None:
    office = tickets(dynamodb, FakeClock())
    ticket = office.issue(ANA)

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(office.redeem, [ticket] * 8))

    assert [each for each in taken if each] == [ANA]


@pytest.mark.parametrize(("seconds", "holder"), [(29, ANA), (30, None), (3600, None)])
def test_a_ticket_is_good_for_thirty_seconds(dynamodb: DynamoDBClient, seconds: int, holder: Principal | None) -> None:
    clock = FakeClock()
    office = tickets(dynamodb, clock)
    ticket = office.issue(ANA)

    clock.advance(seconds=seconds)

    assert office.redeem(ticket) == holder


@pytest.mark.parametrize("ticket", ["", "nonsense", "ticket#"])
def test_what_is_no_ticket_stands_for_nobody(dynamodb: DynamoDBClient, ticket: str) -> None:
    assert tickets(dynamodb, FakeClock()).redeem(ticket) is None


def test_a_ticket_is_found_under_no_person(dynamodb: DynamoDBClient) -> None:
    tickets(dynamodb, FakeClock()).issue(ANA)

    assert DynamoDBConnections(dynamodb, CONNECTIONS, FakeClock()).of(ANA) == []


def test_a_ticket_cannot_be_issued_without_the_table(dynamodb: DynamoDBClient) -> None:
    dynamodb.delete_table(TableName=CONNECTIONS)

    with pytest.raises(StoreUnavailableError):
        tickets(dynamodb, FakeClock()).issue(ANA)


def test_what_a_team_shares_is_kept_by_version_and_is_no_seller(sellers: DynamoDBSellers) -> None:
    sellers.register(Seller("ana", "support", 5))
    assert sellers.replies("support") == SharedReplies()
    first = SharedReplies().having("r1", "hello", "Hello {name}")
    second = first.having("r2", "bye", "Good-bye").without("r1")

    sellers.keep_replies("support", first)
    for late in (first, SharedReplies().having("r9", "late", "Too late"), second):
        with pytest.raises(NumberTakenError):
            sellers.keep_replies("support", late)
    sellers.keep_replies("support", first.without("r1"))

    assert sellers.replies("support") == SharedReplies(2, 2, ())
    assert sellers.replies("returns") == SharedReplies()
    assert sellers.get("replies#support") is None
    assert [each.id for each in (*sellers.team("support"), *sellers.some(10))] == ["ana", "ana"]
