"""How many requests each operation costs. These numbers are the design; a change to one is a change of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import pytest

from chat.log import LONGEST_EXCERPT, NEAR
from chat.model.entries import Entry, EntryKind, State, Status
from chat.model.identity import Principal, Role
from chat.model.inbox import Listing
from chat.model.sellers import Seller
from chat.ports.conversations import Excerpt
from chat.team.queue import MOST_LOOKED_AT, TOLD
from tests.doubles.machine import OneAfterAnother
from tests.worlds.domain import SELLER, VISITOR, Client, System

T = TypeVar("T")


def spent(system: System) -> dict[str, int]:
    return dict(Counter(system.store.requests) + Counter(system.connections.requests))


def what_is_read(system: System) -> list[int]:
    """The numbers of the entries that are read from here on."""
    read, seen = system.store.read, list[int]()

    def counted(contact_id: str, first: int, limit: int | None = None) -> Excerpt:
        excerpt = read(contact_id, first, limit)
        seen.extend(entry.seq for entry in excerpt)
        return excerpt

    system.store.read = counted  # type: ignore[method-assign]
    return seen


def fill(system: System, writer: Client, contact: str, count: int) -> None:
    """Write messages, slowly enough for a person."""
    for _ in range(count):
        system.clock.advance(seconds=10)
        writer.send("sendMessage", contact_id=contact, message="Hello")
    system.forget_what_happened()


@pytest.mark.parametrize("base", [0, 2])
def test_a_message_costs_a_small_read_and_one_more_one_write_and_one_look_up_for_each_side(
    system: System, visitor: Client, contact: str, base: int
) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello", id="m1", base=base)

    assert spent(system) == {"listing": 1, "read": 1, "commit": 1, "of": 2}


def test_a_message_without_a_base_costs_no_more(system: System, seller: Client, contact: str) -> None:
    seller.send("sendMessage", contact_id=contact, message="Hello")

    assert spent(system) == {"listing": 1, "latest": 1, "commit": 1, "of": 2}


def test_a_message_that_names_the_seller_costs_one_more_read(system: System, visitor: Client, contact: str) -> None:
    visitor.send("sendMessage", to="123456", message="Hello")

    assert spent(system) == {"current_contact": 1, "listing": 1, "latest": 1, "commit": 1, "of": 2}


def test_a_message_is_posted_once_to_each_connection_but_the_senders(
    system: System, visitor: Client, contact: str
) -> None:
    for number in range(3):
        system.connect(SELLER, f"seller-{number}")
        system.connect(VISITOR, f"visitor-{number}")

    visitor.send("sendMessage", contact_id=contact, message="Hello")

    assert {name: len(frames) for name, frames in system.push.frames.items() if frames} == dict.fromkeys(
        ["seller-laptop", *(f"{side}-{number}" for side in ("seller", "visitor") for number in range(3))], 1
    )


def test_a_message_repeated_after_others_costs_one_read(system: System, visitor: Client, contact: str) -> None:
    frame = {"contact_id": contact, "message": "Hello", "id": "m1", "base": 2}
    visitor.send("sendMessage", **frame)
    visitor.send("sendMessage", contact_id=contact, message="Are you there?")
    system.forget_what_happened()

    visitor.send("sendMessage", **frame)

    assert spent(system) == {"read": 1}


def test_a_repeat_of_the_newest_message_costs_the_look_ups_of_telling_it_again(
    system: System, visitor: Client, contact: str
) -> None:
    frame = {"contact_id": contact, "message": "Hello", "id": "m1", "base": 2}
    visitor.send("sendMessage", **frame)
    system.forget_what_happened()

    visitor.send("sendMessage", **frame)

    assert spent(system) == {"read": 1, "of": 2}


def test_who_was_once_found_to_take_part_is_not_looked_up_again(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    for person in (visitor, seller):
        person.send("sendMessage", contact_id=contact, message="Hello")
    system.forget_what_happened()

    visitor.send("sendMessage", contact_id=contact, message="Are you there?")
    seller.send("sync", contact_id=contact, after=3)

    assert "listing" not in spent(system)


def test_a_stranger_is_looked_up_each_time(system: System, contact: str) -> None:
    stranger = system.connect(Principal("nosy", Role.SELLER), "nosy-laptop")

    for _ in range(2):
        system.forget_what_happened()
        assert stranger.send("sync", contact_id=contact, after=0)["code"] == "forbidden"
        assert spent(system) == {"listing": 1}


def test_what_is_remembered_of_people_does_not_grow_for_ever(
    system: System, visitor: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.log.MOST_KNOWN", 2)
    for number in range(5):
        other = system.connect(Principal(f"other-{number}", Role.VISITOR), f"other-{number}")
        begun = other.send("InitChat", sellerId="123456", userInfo={})
        other.send("sync", contact_id=begun["contact_id"], after=0)

    assert len(system.services.log._known) <= 2


def test_a_base_that_lies_costs_one_more_read(system: System, visitor: Client, contact: str) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello", id="m1", base=50)

    assert spent(system) == {"listing": 1, "read": 2, "commit": 1, "of": 2}


def test_a_base_that_lies_in_a_long_log_costs_two_more_reads(system: System, visitor: Client, contact: str) -> None:
    fill(system, visitor, contact, LONGEST_EXCERPT)

    visitor.send("sendMessage", contact_id=contact, message="Hello", id="m1", base=999_999)

    assert spent(system) == {"read": 2, "latest": 1, "commit": 1, "of": 2}


def test_no_base_makes_one_frame_read_more_than_a_excerpt(
    system: System, visitor: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(system, visitor, contact, 2 * LONGEST_EXCERPT)
    read, seen = system.store.read, list[int]()

    def counted(contact_id: str, first: int, limit: int | None = None) -> Excerpt:
        excerpt = read(contact_id, first, limit)
        seen.append(len(excerpt.entries))
        return excerpt

    monkeypatch.setattr(system.store, "read", counted)

    reply = visitor.send("sendMessage", contact_id=contact, message="Hello", id="m1", base=0)

    assert (reply["code"], reply["field"]) == ("bad_field", "base")
    assert seen == [NEAR, LONGEST_EXCERPT - NEAR]


def test_a_sync_that_finds_nothing_new_costs_one_read(system: System, visitor: Client, contact: str) -> None:
    visitor.send("sync", contact_id=contact, after=2)

    assert spent(system) == {"listing": 1, "read": 1}


@pytest.mark.parametrize(
    ("character", "length", "most"), [("H", 52, 1.3), ("H", 1000, 1.3), ("H", 4000, 1.6), ("\u0416", 4000, 3)]
)
def test_paging_through_a_log_reads_little_more_than_it_sends(
    system: System, visitor: Client, contact: str, character: str, length: int, most: float
) -> None:
    for _ in range(200):
        system.clock.advance(seconds=10)
        frame = {"action": "sendMessage", "contact_id": contact, "message": character * length}
        visitor.send_raw(json.dumps(frame, ensure_ascii=False))
    seen = what_is_read(system)
    system.forget_what_happened()

    pages = [visitor.send("sync", contact_id=contact, after=0)]
    while pages[-1]["more"]:
        pages.append(visitor.send("sync", contact_id=contact, after=pages[-1]["entries"][-1]["seq"]))

    assert [entry["seq"] for page in pages for entry in page["entries"]] == list(range(1, 203))
    assert len(seen) <= most * 202
    # After a few for the sake of who missed little, twenty at once at most, since the next ones may all be long.
    assert spent(system)["read"] <= 6 * len(pages)


def test_a_page_costs_one_read(system: System, visitor: Client, contact: str) -> None:
    visitor.send("sync", contact_id=contact, after=0, limit=1)

    assert spent(system) == {"listing": 1, "read": 1}


def test_a_receipt_costs_one_read_and_one_write_if_the_mark_rises(system: System, seller: Client, contact: str) -> None:
    seller.send("receipt", contact_id=contact, read=2)
    rising = spent(system)
    system.forget_what_happened()
    seller.send("receipt", contact_id=contact, read=2)

    assert rising == {"listing": 1, "latest": 1, "raise_mark": 1, "of": 2}
    assert spent(system) == {"latest": 1}


def test_typing_costs_one_read_and_one_look_up(system: System, seller: Client, contact: str) -> None:
    seller.send("typing", contact_id=contact)

    assert spent(system) == {"listing": 1, "latest": 1, "of": 1}


def test_an_inbox_costs_one_read(system: System, seller: Client, contact: str) -> None:
    seller.send("inbox")

    assert spent(system) == {"inbox": 1}


def test_an_inbox_with_tails_costs_one_more_read_for_each_contact_on_its_page(
    system: System, seller: Client, contact: str
) -> None:
    system.connect(Principal("device-2", Role.VISITOR), "v2").send("InitChat", sellerId="123456", userInfo={})
    system.forget_what_happened()

    seller.send("inbox", tails=True)

    assert spent(system) == {"inbox": 1, "latest": 2}


def test_a_ping_costs_nothing(system: System, visitor: Client, contact: str) -> None:
    visitor.send("ping")

    assert spent(system) == {}


def test_a_refused_frame_costs_nothing(system: System, visitor: Client, contact: str) -> None:
    visitor.send("sendMessage", contact_id=contact, message="")
    visitor.send("nonsense")
    visitor.send_raw("not JSON")

    assert spent(system) == {}


# However much has expired, closed or is foreign


MANY = 10_000
IN_THE_WAY = 20
"""Halving ten thousand takes fourteen reads."""


def bury(system: System, contact: str, *, deleted: bool) -> int:
    """Put expired entries, some of them `deleted` by TTL, under a living log; its first living number."""
    log = system.store.entries[contact]
    living = max(log)
    below = dict(log)
    for seq in range(1, MANY + 1):
        if not deleted or seq % 7:
            log[seq] = replace(below[min(seq, living)], seq=seq, id=f"old-{seq}", expires_at=1)
    for seq in range(1, 4):
        log[MANY + seq] = replace(below[living], seq=MANY + seq, id=f"new-{seq}")
    return MANY + 1


@pytest.mark.parametrize("deleted", [False, True])
@pytest.mark.parametrize("after", [0, 5000, 9900, 9999])
def test_what_has_expired_and_is_not_deleted_yet_costs_a_sync_few_reads(
    system: System, visitor: Client, contact: str, after: int, *, deleted: bool
) -> None:
    first = bury(system, contact, deleted=deleted)
    system.forget_what_happened()

    reply = visitor.send("sync", contact_id=contact, after=after)

    assert [entry["seq"] for entry in reply["entries"]] == [first, first + 1, first + 2]
    assert reply["gap"] == {"from": after + 1, "to": first - 1, "reason": "expired"}
    assert sum(spent(system).values()) <= IN_THE_WAY


def test_what_has_expired_under_the_tail_costs_a_message_few_reads(
    system: System, visitor: Client, contact: str
) -> None:
    bury(system, contact, deleted=False)
    system.forget_what_happened()

    assert visitor.send("sendMessage", contact_id=contact, message="Hello", id="m1", base=1)["action"] == "ack"
    assert sum(spent(system).values()) <= IN_THE_WAY


def test_what_has_expired_at_the_head_of_a_log_costs_the_queue_nothing(
    system: System, visitor: Client, contact: str
) -> None:
    bury(system, contact, deleted=False)
    newest = system.store.latest(contact).newest
    assert newest
    system.forget_what_happened()

    system.services.queue.ask_for(newest)

    assert spent(system) == {"read": 1}


def test_a_log_of_which_everything_has_expired_costs_no_more(system: System, visitor: Client, contact: str) -> None:
    bury(system, contact, deleted=False)
    system.store.expire(contact, through=MANY + 3, deleted=lambda _: False)
    system.forget_what_happened()

    assert visitor.send("sync", contact_id=contact, after=0)["code"] == "contact_expired"
    assert sum(spent(system).values()) <= IN_THE_WAY


def wait_in_line(system: System, count: int, status: Status) -> None:
    """Put contacts on the list of those who wait of which nothing is left, or which have gone on since."""
    for number in range(count):
        name = f"gone-{number:05}"
        system.store.listings[name] = Listing(
            name, Status.QUEUED, "support", f"2025-01-01T00:00:00.{number:05}Z", "2025"
        )
        if status is not Status.QUEUED:
            state = State(status, f"device-{number}", "support", "2025")
            system.store.entries[name][1] = Entry(name, 1, EntryKind.CLOSED, "e", "system", "2025", state, 2**40)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.CLOSED])
@pytest.mark.parametrize(("count", "heartbeats"), [(2 * MOST_LOOKED_AT + 1, 3), (MANY, None)])
def test_whoever_is_no_more_at_the_head_of_a_queue_costs_one_heartbeat_a_bounded_number_of_requests(
    system: System, status: Status, count: int, heartbeats: int | None
) -> None:
    system.store.sellers.register(Seller("ana", "support", 1))
    ana = system.connect(Principal("ana", Role.SELLER), "ana-laptop")
    wait_in_line(system, count, status)
    waiting = system.connect(VISITOR, "v").send("InitChat", sellerId="support", userInfo={})["contact_id"]

    for _ in range(heartbeats or 1):
        system.forget_what_happened()
        ana.send("presence", status="online")
        assert sum(spent(system).values()) <= 2 * MOST_LOOKED_AT + 50

    newest = system.store.latest(waiting).newest
    assert newest
    assert newest.state.status is (Status.OPEN if heartbeats else Status.QUEUED)


def test_whoever_is_no_more_at_the_head_of_a_queue_costs_telling_places_a_few_reads(system: System) -> None:
    wait_in_line(system, MANY, Status.CLOSED)

    system.services.queue.tell_places("support")

    assert sum(spent(system).values()) <= IN_THE_WAY + 1


class Steps(OneAfterAnother):
    """Notes which requests ran side by side."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.taken: list[set[str]] = []

    def run(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        before = Counter(spent(self._system))
        results = super().run(tasks)
        self.taken.append(set(Counter(spent(self._system)) - before))
        return results


def test_the_look_up_runs_beside_the_write(
    system: System, visitor: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps(system)
    monkeypatch.setattr(system.services.messaging._log, "_parallel", steps)

    visitor.send("sendMessage", contact_id=contact, message="Hello")

    assert steps.taken == [{"commit", "of"}]


def test_places_are_told_side_by_side(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system.store.sellers.register(Seller("ana", "support", 1))
    for number in range(30):
        visitor = system.connect(Principal(f"device-{number}", Role.VISITOR), f"v-{number}")
        assert visitor.send("InitChat", sellerId="support", userInfo={})["status"] == "queued"
    steps = Steps(system)
    monkeypatch.setattr(system.services.queue, "_parallel", steps)
    system.forget_what_happened()

    system.services.queue.tell_places("support")

    assert steps.taken == [{"latest"}]
    assert spent(system) == {"inbox": 1, "latest": TOLD, "of": TOLD}
