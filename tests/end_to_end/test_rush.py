"""A rush: more visitors than a team can carry, all at the same time."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.end_to_end.clients import (
    UNKNOWN_SECONDS,
    Client,
    DocumentVisitor,
    Frame,
    entry_of,
    is_ack,
    seller,
    visitor,
)
from tests.end_to_end.deployed_system import DeployedSystem

VISITORS = 100
SELLERS = 5
CAPACITY = 10
PLACES = SELLERS * CAPACITY

AT_ONCE = 25
"""How many calls are on their way at any time. For each the emulator starts a process, half a second of work."""

RUSH_SECONDS = 60.0
"""How long an answer may take while it does."""

pytestmark = pytest.mark.usefixtures("forgotten_openings")


@dataclass
class Guest:
    """A visitor, and what the last answer to his asking was."""

    client: DocumentVisitor
    chat: Frame

    def ask(self) -> None:
        """Start the chat, or learn where it stands; once more whenever the answer is to try again."""
        started = time.monotonic()
        while True:
            self.client.send({"action": "InitChat", "sellerId": self.client.seller_id, "userInfo": {"name": "Asha"}})
            self.chat = self.client.receive(lambda frame: frame["action"] in {"InitChat", "error"}, RUSH_SECONDS)
            if self.chat["action"] == "InitChat":
                return
            assert self.chat["code"] == "try_again"
            assert time.monotonic() < started + RUSH_SECONDS
            time.sleep(self.chat["retry_after_ms"] / 1000)

    def speak(self) -> None:
        """Say something; who has not gives the place back after a minute, which a busy machine takes for this test."""
        self.client.send({"action": "sendMessage", "contact_id": self.chat["contact_id"], "message": "Hello"})
        self.client.receive(is_ack, RUSH_SECONDS)

    @property
    def place(self) -> int:
        """Where he stands in the queue."""
        place: int = self.chat["queue"]["position"]
        return place


def rush(guests: Sequence[Guest], do: Callable[[Guest], None] = Guest.ask) -> None:
    """Everybody does something, as many at once as the emulator bears."""
    with ThreadPoolExecutor(AT_ONCE) as people:
        list(people.map(do, guests))


def close(desks: dict[str, Client], guest: Guest) -> None:
    """His seller ends the conversation."""
    desks[guest.chat["seller_id"]].send({"action": "closeChat", "contact_id": guest.chat["contact_id"]})


def assigned(guest: Guest) -> str:
    """Which seller a guest who waits is given to."""
    seller_id: str = entry_of(guest.client, "assigned", guest.chat["contact_id"])["seller_id"]
    return seller_id


def open_counts(system: DeployedSystem, desks: Iterable[str]) -> dict[str, int]:
    """How many contacts each seller carries by the table."""
    items = {name: system.sellers.get_item(Key={"seller_id": name}, ConsistentRead=True)["Item"] for name in desks}
    return {name: int(str(item["open_count"])) for name, item in items.items()}


@pytest.fixture
def team() -> str:
    """A team of this test alone."""
    return f"team-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def desks(deployed_system: DeployedSystem, team: str) -> Iterator[dict[str, Client]]:
    """The team's sellers at their desks, by id."""
    with ExitStack() as open_sockets:
        at_work = {}
        for number in range(SELLERS):
            seller_id = f"{team}-{number}"
            deployed_system.register_seller(seller_id, team=team, capacity=CAPACITY)
            at_work[seller_id] = open_sockets.enter_context(seller(deployed_system, seller_id))
            assert at_work[seller_id].ask({"action": "presence", "status": "online"})["capacity"] == CAPACITY
        yield at_work


@pytest.fixture
def guests(deployed_system: DeployedSystem, team: str) -> Iterator[list[Guest]]:
    """Visitors whose pages are open, and who have asked for nobody yet."""
    with ExitStack() as open_sockets:
        clients = [open_sockets.enter_context(visitor(deployed_system, seller_id=team)) for _ in range(VISITORS)]
        yield [Guest(client, {}) for client in clients]
        with ThreadPoolExecutor(AT_ONCE) as people:
            # The emulator takes half a second to close a connection.
            list(people.map(DocumentVisitor.leave, clients))


def test_nobody_carries_more_than_he_can_and_who_waits_gets_his_turn(
    deployed_system: DeployedSystem, desks: dict[str, Client], guests: list[Guest]
) -> None:
    rush(guests)
    served = [guest for guest in guests if guest.chat["status"] == "open"]
    waiting = [guest for guest in guests if guest.chat["status"] == "queued"]
    rush(served, Guest.speak)
    # Of two who come at the same moment neither may be in the index that the other is counted by.
    time.sleep(UNKNOWN_SECONDS)
    rush(waiting)
    queue = sorted(waiting, key=lambda guest: guest.place)

    assert Counter(guest.chat["seller_id"] for guest in served) == dict.fromkeys(desks, CAPACITY)
    assert [guest.place for guest in queue] == list(range(1, VISITORS - PLACES + 1))

    for guest, next_one in zip(served, queue, strict=True):
        close(desks, guest)
        assert assigned(next_one) == guest.chat["seller_id"]

    assert open_counts(deployed_system, desks) == dict.fromkeys(desks, CAPACITY)
