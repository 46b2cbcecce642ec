"""What the tables' adapters rely on holds with the functions' own client, too: conditions, transactions, pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import boto3
import pytest
from moto.server import ThreadedMotoServer

from chat.adapters.aws.clients import DynamoDB, Surroundings
from chat.adapters.dynamodb.connections import DynamoDBConnections
from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.model.entries import Entry, EntryKind, Mark, State, Status
from chat.model.identity import Principal, Role
from chat.model.inbox import Listing
from chat.model.sellers import Seller
from chat.ports.connections import Connection
from chat.ports.conversations import Change, Pointer
from chat.ports.errors import NumberTakenError, PointerMovedError, SellerFullError
from tests.doubles.machine import FakeClock, RecordingJournal
from tests.worlds.tables import CONNECTIONS, CONVERSATIONS, SELLERS, create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.enable_socket
IN_A_YEAR = 1_798_761_600
STATE = State(Status.OPEN, "device-1", "ana", "2026-01-01T00:00:00.000Z", seller="ana", claimed=True)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client(endpoint: str) -> DynamoDBClient:
    session = boto3.Session("an-id", "a-key", region_name="eu-central-1")
    admin = session.client("dynamodb", endpoint_url=endpoint)
    for name in admin.list_tables()["TableNames"]:
        admin.delete_table(TableName=name)
    create_tables(admin)
    variables = {"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "an-id", "AWS_SECRET_ACCESS_KEY": "a-key"}
    surroundings = Surroundings({**variables, "AWS_ENDPOINT_URL": endpoint})
    return cast("DynamoDBClient", DynamoDB(surroundings, read_seconds=10, attempts=1))


@pytest.fixture
def store(client: DynamoDBClient) -> DynamoDBConversations:
    return DynamoDBConversations(client, CONVERSATIONS, SELLERS)


def entry(seq: int, text: str = "Hello") -> Entry:
    return Entry(
        "contact-1", seq, EntryKind.MESSAGE, f"m{seq}", "ana", "2026-01-01T00:00:00.000Z", STATE, IN_A_YEAR, text=text
    )


def opening(claim: str | None = None) -> Change:
    first = entry(1)
    return Change((first,), Listing.after(first), Pointer("device-1", "ana", "contact-1"), claim=claim)


def test_an_entry_is_read_as_it_was_written(store: DynamoDBConversations) -> None:
    store.commit(opening())
    store.commit(Change((entry(2, "नमस्ते 👋"),)))

    assert [each.text for each in store.read("contact-1", 1)] == ["Hello", "नमस्ते 👋"]


def test_a_number_is_taken_once(store: DynamoDBConversations) -> None:
    store.commit(opening())
    store.commit(Change((entry(2),)))

    with pytest.raises(NumberTakenError):
        store.commit(Change((entry(2, "Another"),)))


def test_a_pointer_that_moved_cancels_the_whole_transaction(store: DynamoDBConversations) -> None:
    store.commit(opening())
    other = Entry("contact-2", 1, EntryKind.MESSAGE, "m", "ana", "2026-01-01T00:00:00.000Z", STATE, IN_A_YEAR)

    with pytest.raises(PointerMovedError):
        store.commit(Change((other,), Listing.after(other), Pointer("device-1", "ana", "contact-2")))
    assert store.read("contact-2", 1).entries == ()


def test_a_seller_who_is_not_registered_has_no_room(store: DynamoDBConversations) -> None:
    with pytest.raises(SellerFullError):
        store.commit(opening(claim="ana"))


def test_a_log_is_read_page_by_page(store: DynamoDBConversations) -> None:
    store.commit(opening())
    for seq in range(2, 30):
        store.commit(Change((entry(seq, "x" * 16_000),)))

    assert [each.seq for each in store.read("contact-1", 1)] == list(range(1, 30))
    assert store.read("contact-1", 5, 3).complete is False


def test_a_mark_never_goes_back(store: DynamoDBConversations) -> None:
    store.commit(opening())

    assert store.raise_mark("contact-1", Role.SELLER, Mark(3, 2), IN_A_YEAR)
    assert not store.raise_mark("contact-1", Role.SELLER, Mark(2, 1), IN_A_YEAR)


def test_sellers_of_all_teams_are_found(client: DynamoDBClient) -> None:
    sellers = DynamoDBSellers(client, SELLERS, RecordingJournal())
    for name, team in (("ana", "support"), ("cy", "sales")):
        sellers.register(Seller(name, team, 5))

    assert {seller.team for seller in sellers.some(10)} == {"support", "sales"}


def test_connections_are_found_by_person(client: DynamoDBClient) -> None:
    connections = DynamoDBConnections(client, CONNECTIONS, FakeClock())
    laptop = Connection("laptop", "ana", Role.SELLER, "2026-01-01T00:00:00.000Z")
    connections.add(laptop, IN_A_YEAR)

    assert connections.of(Principal("ana", Role.SELLER)) == [laptop]
    assert connections.remove("laptop") == laptop
    assert connections.remove("laptop") is None
