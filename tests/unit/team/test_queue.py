"""Those who wait: served oldest first, by events, and told where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from chat.model.entries import Status
from chat.model.hours import Hours
from chat.model.identity import Principal, Role, Sender
from chat.model.inbox import Listing, Place
from chat.model.sellers import FRESH_SECONDS, Availability, Seller
from chat.model.settings import Settings
from chat.model.timestamps import epoch_seconds, iso
from chat.ports.errors import StoreBusyError
from chat.ports.strategies import Ask
from chat.team.queue import Drained, Stop
from chat.team.strategies import LeastLoaded
from tests.doubles.machine import START
from tests.worlds.domain import VISITOR, Client, System

NOW = epoch_seconds(START)
ANA = Principal("ana", Role.SELLER)
BO = Principal("bo", Role.SELLER)


def seller(name: str, capacity: int, open_count: int = 0) -> Seller:
    return Seller(name, "support", capacity, open_count, Availability.ONLINE, NOW)


def waiting(*sellers: Seller, visitors: int, settings: Settings | None = None) -> tuple[System, list[str]]:
    """A system in which visitors wait, a second apart; and their contacts, oldest first."""
    system = System(settings=settings or Settings())
    for each in sellers:
        system.store.sellers.register(each)
    contacts = []
    for number in range(visitors):
        visitor = system.connect(Principal(f"device-{number}", Role.VISITOR), f"visitor-{number}")
        reply = visitor.send("InitChat", sellerId="support", userInfo={})
        assert reply["status"] == "queued"
        contacts.append(reply["contact_id"])
        system.clock.advance(seconds=1)
    system.forget_what_happened()
    return system, contacts


def statuses(system: System, contacts: list[str]) -> list[tuple[str, str | None]]:
    newest = [system.store.latest(contact).newest for contact in contacts]
    return [(str(entry.state.status), entry.state.seller) for entry in newest if entry]


def places(system: System, contacts: list[str]) -> list[int | None]:
    """Where each visitor was told to stand; None for who was told nothing."""
    told = [Client(system, Sender(VISITOR, f"visitor-{number}")).received for number in range(len(contacts))]
    assert all(frame["action"] == "queue" for frames in told for frame in frames[:1])
    return [frames[0]["position"] if frames else None for frames in told]


def test_a_visitor_who_waits_keeps_the_place_when_more_is_told_of_them() -> None:
    system, contacts = waiting(Seller("ana", "support", 1), visitors=2)
    first = system.connect(Principal("device-0", Role.VISITOR), "again")

    assert first.send("identify", contact_id=contacts[0], userInfo={"plan": "gold"})["action"] == "ack"

    place = first.send("InitChat", sellerId="support", userInfo={})
    assert (place["contact_id"], place["queue"]["position"]) == (contacts[0], 1)


# Which part of which queue is looked at


class Nobody(LeastLoaded):
    """Wants no seller for anybody, and notes whom it was asked about."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        self.asked.append(ask.contact_id)
        return []


@pytest.mark.parametrize(
    ("stopped_in", "order"),
    [
        ("a", ["a2", "b1", "b2", "c1", "c2", "a1"]),
        ("b", ["b2", "c1", "c2", "a1", "a2", "b1"]),
        ("c", ["c2", "a1", "a2", "b1", "b2", "c1"]),
    ],
)
def test_a_drain_goes_on_behind_where_the_last_one_stopped_and_ends_there(stopped_in: str, order: list[str]) -> None:
    strategy = Nobody()
    system, waits = System(strategy=strategy), dict[str, str]()
    for team in "abc":
        system.store.sellers.register(replace(seller(f"{team}-seller", 1), team=team))
        for number in (1, 2):
            visitor = system.connect(Principal(f"device-{team}{number}", Role.VISITOR), f"visitor-{team}{number}")
            waits[str(visitor.send("InitChat", sellerId=team, userInfo={})["contact_id"])] = f"{team}{number}"
            system.clock.advance(seconds=1)
    (first, _) = system.store.inbox(stopped_in, Status.QUEUED, 2)
    strategy.asked.clear()

    drained = system.services.queue.drain("abc", after=Stop(stopped_in, first.place))

    assert [waits[each] for each in strategy.asked] == order
    assert (drained.looked_at, drained.stopped_at) == (6, None)


def test_a_drain_looks_at_five_hundred_in_all_queues_and_tells_where_it_stopped() -> None:
    system = System()
    listed = Listing("only", Status.QUEUED, "ana", iso(START), iso(START))
    for each in (listed, *(replace(listed, contact_id=f"c{n:03}", requested="support") for n in range(501))):
        system.store.listings[each.contact_id] = each

    drained = system.services.queue.drain(["ana", "support"])

    assert drained == Drained(looked_at=500, stopped_at=Stop("support", Place(iso(START), "c498")))


def test_a_drain_counts_whom_it_gave_to_sellers_in_all_queues() -> None:
    system, _ = waiting(seller("ana", 0), visitors=1)
    system.connect(VISITOR, "by-name").send("InitChat", sellerId="ana", userInfo={})
    system.store.sellers.items["ana"] = seller("ana", 2)

    assert system.services.queue.drain(["ana", "support"]).given == 2


def test_others_wait_since_a_time_if_one_of_them_came_after_it() -> None:
    system, _ = waiting(seller("ana", 0), visitors=2)
    waits = system.services.queue.others_wait_for

    assert waits(seller("ana", 0))
    assert waits(seller("ana", 0), since=iso(START))
    assert not waits(seller("ana", 0), since=iso(START + timedelta(seconds=1)))


def test_others_wait_since_a_time_if_one_of_them_lost_a_seller_who_vanished_after_it() -> None:
    system = System()
    system.store.sellers.register(seller("ana", 2))
    contacts = [
        system.connect(Principal(name, Role.VISITOR), name).send("InitChat", sellerId="support", userInfo={})
        for name in ("lost", "gone")
    ]
    system.clock.advance(seconds=FRESH_SECONDS + 1)
    for contact in contacts:
        system.check_up(contact["contact_id"])
    del system.store.entries[contacts[1]["contact_id"]]
    lost_at = system.clock.now()
    system.clock.advance(seconds=60)

    waits = [
        system.services.queue.others_wait_for(seller("ana", 0), since=iso(lost_at + timedelta(seconds=seconds)))
        for seconds in (-1, 0, 1)
    ]

    assert waits == [True, False, False]


# Places


def test_the_first_ten_are_told_where_they_stand() -> None:
    system, contacts = waiting(seller("ana", 0), visitors=12)

    system.services.queue.tell_places("support")

    assert places(system, contacts) == [*range(1, 11), None, None]
    assert system.store.requests["latest"] == 10


@pytest.mark.parametrize(
    ("left", "told"),
    [(1, [*range(1, 11), *[None] * 11]), (11, [*range(1, 10), *[None] * 2])],
)
def test_where_the_list_shows_who_has_left_the_first_twenty_are_looked_at(
    left: int, told: list[int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    system, contacts = waiting(seller("ana", 0), visitors=22)
    listed = system.store.inbox("support", Status.QUEUED, 100)
    for number in range(left):
        visitor = Client(system, Sender(Principal(f"device-{number}", Role.VISITOR), f"visitor-{number}"))
        visitor.send("closeChat", contact_id=contacts[number])
    monkeypatch.setattr(system.store, "inbox", lambda *_: listed)

    system.services.queue.tell_places("support")

    assert places(system, contacts) == [*[None] * left, *told]


@pytest.mark.parametrize(
    ("works", "seconds", "is_out_of_hours"),
    [
        pytest.param("00:00-01:00", 0, False, id="they came while the shop was open"),
        pytest.param("00:00-01:00", 59, False, id="it has closed since"),
        pytest.param("00:00-01:00", 60, True, id="after a minute it is asked about"),
        pytest.param("01:00-02:00", 59, True, id="it has opened since"),
        pytest.param("01:00-02:00", 60, False, id="after a minute that is asked about, too"),
    ],
)
def test_whether_the_shop_is_open_is_told_by_the_minute(works: str, seconds: int, is_out_of_hours: bool) -> None:
    hours = Hours.parse({"time_zone": "UTC", "week": {"thu": [works]}})
    system, _ = waiting(replace(seller("ana", 0), hours=hours), visitors=0)
    # 2026-01-01, when the clock of these tests starts, is a Thursday.
    system.clock.advance(minutes=59, seconds=30)
    visitor = system.connect(VISITOR, "visitor-laptop")
    contact = visitor.send("InitChat", sellerId="support", userInfo={})["contact_id"]
    log = system.store.entries[contact]
    # As a table reads it anew.
    log[2] = replace(log[2], details={"reason": "".join(str(log[2].details["reason"]))})

    system.clock.advance(seconds=seconds)
    again = visitor.send("InitChat", sellerId="support", userInfo={})

    assert again["queue"] == {"position": 1, "out_of_hours": is_out_of_hours}


# Presence


def test_a_seller_who_comes_is_given_who_waits_oldest_first_up_to_his_capacity() -> None:
    system, contacts = waiting(Seller("ana", "support", 2), visitors=3)

    reply = system.connect(ANA, "ana-1").send("presence", status="online")

    assert statuses(system, contacts) == [("open", "ana"), ("open", "ana"), ("queued", None)]
    assert (reply["action"], reply["status"], reply["capacity"]) == ("presence", "online", 2)


def test_the_visitor_and_the_seller_hear_of_it_and_the_others_move_up() -> None:
    system, contacts = waiting(Seller("ana", "support", 1), visitors=3)
    ana = system.connect(ANA, "ana-1")

    ana.send("presence", status="online")

    assert [frame["entry"]["kind"] for frame in ana.received] == ["assigned"]
    first, second, third = (Client(system, Sender(VISITOR, f"visitor-{number}")) for number in range(3))
    assert [frame["entry"]["seller_id"] for frame in first.received] == ["ana"]
    assert second.received == [{"action": "queue", "contact_id": contacts[1], "position": 1}]
    assert third.received == [{"action": "queue", "contact_id": contacts[2], "position": 2}]


@pytest.mark.parametrize("said", ["online", "away"])
def test_a_seller_who_is_still_there_is_what_they_said_last_on_whichever_device(said: str) -> None:
    system, contacts = waiting(Seller("ana", "support", 2), visitors=1)
    system.connect(ANA, "ana-laptop").send("presence", status="online")
    system.connect(ANA, "ana-phone").send("presence", status=said)

    reply = Client(system, Sender(ANA, "ana-laptop")).send("presence")

    assert reply["status"] == said
    assert statuses(system, contacts) == [("open", "ana")]


def test_the_other_devices_of_a_seller_hear_what_was_said_on_one() -> None:
    system = System()
    laptop, phone = system.connect(ANA, "ana-laptop"), system.connect(ANA, "ana-phone")

    phone.send("presence", status="away")
    assert [(frame["action"], frame["status"]) for frame in laptop.received] == [("presence", "away")]

    system.forget_what_happened()
    phone.send("presence")
    assert (laptop.received, phone.received) == ([], [])


def test_a_seller_is_heard_of_on_the_connection_that_says_so() -> None:
    system = System()
    for connection in ("ana-laptop", "ana-phone"):
        system.connect(ANA, connection).send("presence", status="online")
        assert system.store.sellers.heard_on["ana"] == connection


def test_a_heartbeat_that_stops_where_the_last_one_did_notes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    system, _ = waiting(seller("ana", capacity=0), visitors=2)
    sellers, inbox, noted = system.store.sellers, system.store.inbox, list[str]()
    sellers.items["ana"] = replace(seller("ana", capacity=1), drained_to="support")

    def slow(owner: str, status: Status, limit: int, after: Place | None = None) -> Sequence[Listing]:
        system.clock.advance(seconds=11)
        return inbox(owner, status, limit, after)

    monkeypatch.setattr(system.store, "inbox", slow)
    monkeypatch.setattr(sellers, "drained", lambda _seller, to: noted.append(to))

    system.connect(ANA, "ana-laptop").send("presence", status="online")
    assert noted == []

    sellers.items["ana"] = replace(sellers.items["ana"], drained_to="")
    system.connect(ANA, "ana-laptop").send("presence", status="online")
    assert noted == ["support"]


def test_a_seller_who_comes_back_without_a_word_finds_work() -> None:
    system, contacts = waiting(Seller("ana", "support", 2, availability=Availability.ONLINE), visitors=1)
    assert statuses(system, contacts) == [("queued", None)]

    reply = system.connect(ANA, "ana-again").send("presence")

    assert reply["status"] == "online"
    assert statuses(system, contacts) == [("open", "ana")]


@pytest.mark.parametrize("status", ["away", "offline"])
def test_a_seller_who_is_not_ready_is_given_nothing(status: str) -> None:
    system, contacts = waiting(Seller("ana", "support", 2), visitors=1)

    reply = system.connect(ANA, "ana-1").send("presence", status=status)

    assert reply["status"] == status
    assert statuses(system, contacts) == [("queued", None)]


def test_a_visitor_has_no_presence(system: System, visitor: Client) -> None:
    assert visitor.send("presence", status="online")["code"] == "forbidden"


def test_a_seller_who_is_new_here_is_registered_where_the_environment_accepts_everybody() -> None:
    system = System(settings=Settings(default_capacity=7))

    reply = system.connect(ANA, "ana-1").send("presence", status="online")

    assert (reply["capacity"], reply["open_count"]) == (7, 0)
    assert system.store.sellers.items["ana"].team == "ana"


def test_a_seller_who_is_not_registered_is_told_so_where_he_must_be() -> None:
    system = System(settings=Settings(accepts_unknown_sellers=False))

    assert system.connect(ANA, "ana-1").send("presence", status="online")["code"] == "unknown_seller"


def test_a_presence_that_cannot_be_noted_is_answered_with_try_again(
    system: System, seller: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: object) -> None:
        raise StoreBusyError("ThrottlingException")

    monkeypatch.setattr(system.store.sellers, "beat", busy)

    assert seller.send("presence", status="online")["code"] == "try_again"


# Places that fall free


def test_a_place_that_falls_free_goes_to_who_waits_longest() -> None:
    system, contacts = waiting(seller("ana", 1, open_count=1), visitors=2)
    system.store.sellers.items["ana"] = seller("ana", 1)

    system.services.attending.room_may_be_free(contacts[0], "ana")

    assert statuses(system, contacts) == [("open", "ana"), ("queued", None)]


def test_a_queue_that_nobody_can_serve_stays_as_it_is() -> None:
    system, contacts = waiting(seller("ana", 1, open_count=1), visitors=2)

    assert system.services.queue.drain(["support"]).given == 0
    assert statuses(system, contacts) == [("queued", None)] * 2


def test_who_closed_while_waiting_is_passed_over() -> None:
    system, contacts = waiting(seller("ana", 1, open_count=1), visitors=2)
    visitor = system.connect(Principal("device-0", Role.VISITOR), "visitor-0")
    visitor.send("closeChat", contact_id=contacts[0])
    system.store.sellers.items["ana"] = seller("ana", 1)

    system.services.queue.drain(["support"])

    assert statuses(system, contacts) == [("closed", None), ("open", "ana")]


def test_whose_entries_are_gone_is_passed_over() -> None:
    system, contacts = waiting(seller("ana", 1, open_count=1), visitors=2)
    system.store.expire(contacts[0], through=99)
    system.store.sellers.items["ana"] = seller("ana", 1)

    system.services.queue.drain(["support"])

    assert statuses(system, contacts[1:]) == [("open", "ana")]


def test_a_queue_for_sellers_who_left_the_shop_fails_nobody() -> None:
    system, contacts = waiting(
        seller("ana", 1, open_count=1), visitors=1, settings=Settings(accepts_unknown_sellers=False)
    )
    system.store.sellers.items.clear()

    assert system.services.queue.drain(["support"]).given == 0
    assert statuses(system, contacts) == [("queued", None)]


def test_a_hundred_visitors_and_five_sellers_of_ten() -> None:
    system = System()
    for name in ("ana", "bo", "cy", "di", "ed"):
        system.store.sellers.register(seller(name, 10))
    contacts = []
    for number in range(100):
        visitor = system.connect(Principal(f"device-{number}", Role.VISITOR), f"visitor-{number}")
        contacts.append(visitor.send("InitChat", sellerId="support", userInfo={})["contact_id"])
        system.clock.advance(milliseconds=100)

    before = statuses(system, contacts)
    assert [status for status, _ in before] == ["open"] * 50 + ["queued"] * 50
    assert {each.open_count for each in system.store.sellers.items.values()} == {10}

    for contact, (_, owner) in zip(contacts[:50], before[:50], strict=True):
        system.connect(Principal(str(owner), Role.SELLER), "laptop").send("closeChat", contact_id=contact)
        system.services.attending.room_may_be_free(contact, owner)

    assert [status for status, _ in statuses(system, contacts)] == ["closed"] * 50 + ["open"] * 50
    assert {each.open_count for each in system.store.sellers.items.values()} == {10}


# Leases and idleness


@pytest.fixture
def given() -> tuple[System, str]:
    """A contact that was given to ana, with bo there too."""
    system = System(settings=Settings(lease_seconds=120, idle_seconds=1800))
    system.store.sellers.register(seller("ana", 5))
    system.store.sellers.register(seller("bo", 5, open_count=1))
    visitor = system.connect(VISITOR, "visitor-laptop")
    contact_id = str(visitor.send("InitChat", sellerId="support", userInfo={})["contact_id"])
    visitor.send("sendMessage", contact_id=contact_id, message="Hello")
    system.forget_what_happened()
    return system, contact_id


def pass_time(system: System, seconds: float, *present: str) -> None:
    """Time goes by; those who are present go on saying so."""
    system.clock.advance(seconds=seconds)
    for name in present:
        system.store.sellers.beat(name, Availability.ONLINE, epoch_seconds(system.clock.now()))


def test_a_seller_who_vanishes_without_an_answer_loses_the_contact_to_the_next_one(given: tuple[System, str]) -> None:
    system, contact_id = given
    pass_time(system, FRESH_SECONDS + 1, "bo")

    system.check_up(contact_id)

    assert statuses(system, [contact_id]) == [("open", "bo")]
    assert {each.id: each.open_count for each in system.store.sellers.items.values()} == {"ana": 0, "bo": 2}
    newest = system.store.latest(contact_id).newest
    assert newest is not None
    assert newest.details == {"seller_id": "bo", "reason": "lease"}


def test_if_nobody_else_is_there_it_waits_again(given: tuple[System, str]) -> None:
    system, contact_id = given
    pass_time(system, FRESH_SECONDS + 1)

    system.check_up(contact_id)

    assert statuses(system, [contact_id]) == [("queued", None)]
    assert system.store.sellers.items["ana"].open_count == 0


def test_if_everyone_has_left_the_shop_it_waits_again() -> None:
    system = System(settings=Settings(accepts_unknown_sellers=False))
    system.store.sellers.register(seller("ana", 5))
    visitor = system.connect(VISITOR, "visitor-laptop")
    contact_id = str(visitor.send("InitChat", sellerId="support", userInfo={})["contact_id"])
    system.store.sellers.items.clear()
    pass_time(system, 121)

    system.check_up(contact_id)

    assert statuses(system, [contact_id]) == [("queued", None)]


def test_a_seller_who_is_there_keeps_it(given: tuple[System, str]) -> None:
    system, contact_id = given
    pass_time(system, 121, "ana")

    assert system.check_up(contact_id) == timedelta(seconds=120)
    assert statuses(system, [contact_id]) == [("open", "ana")]


def test_a_seller_who_has_answered_keeps_it_though_he_vanished(given: tuple[System, str]) -> None:
    system, contact_id = given
    system.connect(ANA, "ana-1").send("sendMessage", contact_id=contact_id, message="Hello")
    pass_time(system, FRESH_SECONDS + 1, "bo")

    system.check_up(contact_id)

    assert statuses(system, [contact_id]) == [("open", "ana")]


def test_before_the_lease_ends_nothing_happens_but_another_check_is_asked_for(given: tuple[System, str]) -> None:
    system, contact_id = given
    pass_time(system, 50)

    assert system.check_up(contact_id) == timedelta(seconds=70)
    assert statuses(system, [contact_id]) == [("open", "ana")]


def test_an_idle_contact_is_closed_and_everyone_is_told_why(given: tuple[System, str]) -> None:
    system, contact_id = given
    ana = system.connect(ANA, "ana-1")
    ana.send("sendMessage", contact_id=contact_id, message="Anything else?")
    pass_time(system, 1800)

    assert system.check_up(contact_id) is None
    assert statuses(system, [contact_id]) == [("closed", "ana")]
    (closed,) = ana.received
    assert (closed["entry"]["kind"], closed["entry"]["from"], closed["entry"]["reason"]) == ("closed", "system", "idle")
    assert system.store.sellers.items["ana"].open_count == 0


def test_a_contact_in_which_somebody_writes_stays_open(given: tuple[System, str]) -> None:
    system, contact_id = given
    ana = system.connect(ANA, "ana-1")
    pass_time(system, 1700)
    ana.send("sendMessage", contact_id=contact_id, message="Still here")
    pass_time(system, 1700)

    assert system.check_up(contact_id) == timedelta(seconds=100)
    assert statuses(system, [contact_id]) == [("open", "ana")]


@pytest.mark.parametrize("gone", ["closed", "expired", "unknown"])
def test_what_is_over_is_not_checked_again(given: tuple[System, str], gone: str) -> None:
    system, contact_id = given
    if gone == "closed":
        system.connect(ANA, "ana-1").send("closeChat", contact_id=contact_id)
    if gone == "expired":
        system.store.expire(contact_id, through=99)

    assert system.check_up("no-such-contact" if gone == "unknown" else contact_id) is None


def test_a_waiting_contact_keeps_its_place_when_its_visitor_writes() -> None:
    system, contacts = waiting(seller("ana", 0), visitors=2)
    visitor = system.connect(Principal("device-0", Role.VISITOR), "visitor-0")

    visitor.send("sendMessage", contact_id=contacts[0], message="Hello?")
    reply = visitor.send("InitChat", sellerId="support", userInfo={})

    assert reply["queue"]["position"] == 1
    assert [listing.contact_id for listing in system.store.inbox("support", Status.QUEUED, 10)] == contacts


def test_bo_is_not_given_what_ana_was_asked_for_by_name() -> None:
    system, _ = waiting(seller("ana", 0), seller("bo", 5), visitors=0)
    visitor = system.connect(VISITOR, "visitor-laptop")

    reply = visitor.send("InitChat", sellerId="ana", userInfo={})
    system.connect(BO, "bo-1").send("presence", status="online")

    assert reply["status"] == "queued"
    assert statuses(system, [reply["contact_id"]]) == [("queued", None)]
