"""What moves by itself: queues that drain in order, leases that run out, and places that visitors are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chat.contacts.holding import RAREST, SETTLED, SOON, SOONEST
from chat.model.entries import EntryKind, Status
from chat.model.hours import Hours
from chat.model.identity import Principal, Role
from chat.model.inbox import Listing, Place, Standing
from chat.model.sellers import FRESH_SECONDS, Availability, Seller
from chat.model.settings import Settings
from chat.model.timestamps import epoch_seconds
from chat.ports.conversations import Excerpt
from chat.ports.shop import ContactRequest, RegisteredContact
from chat.ports.strategies import Ask, Strategy
from chat.services import Services
from chat.team.queue import WITHIN, Drained
from chat.team.strategies import Direct, LeastLoaded, Sticky
from tests.doubles.conversations import MemoryConversations
from tests.doubles.machine import START, FakeClock
from tests.doubles.sellers import MemorySellers
from tests.worlds.domain import Client, System

NOW = epoch_seconds(START)
MOVES_THE_QUEUE = {EntryKind.QUEUED, EntryKind.CLOSED, EntryKind.TRANSFERRED}


def seller(name: str, capacity: int = 10, *, team: str = "support", open_count: int = 0) -> Seller:
    return Seller(name, team, capacity, open_count, Availability.ONLINE, NOW)


@dataclass
class Shop:
    """A system whose events are brought to the attendant, as the bus does it."""

    system: System
    brought: dict[str, int] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        return self.system.services

    @classmethod
    def with_sellers(cls, *sellers: Seller, strategy: Strategy | None = None, settings: Settings | None = None) -> Shop:
        system = System(strategy=strategy or LeastLoaded(), settings=settings or Settings())
        for each in sellers:
            system.store.sellers.register(each)
        return cls(system)

    def visitor(self, number: int) -> Client:
        return self.system.connect(Principal(f"device-{number:03}", Role.VISITOR), f"visitor-{number:03}")

    def seller(self, name: str) -> Client:
        return self.system.connect(Principal(name, Role.SELLER), f"{name}-laptop")

    def start(self, number: int, requested: str = "support") -> str:
        reply = self.visitor(number).send("InitChat", sellerId=requested, userInfo={"number": number})
        self.system.clock.advance(milliseconds=5)
        return str(reply["contact_id"])

    def bring_events(self) -> None:
        while fresh := self._fresh():
            for contact_id, seller_id, sender in fresh:
                self.system.services.attending.room_may_be_free(contact_id, seller_id, sender)

    def state(self, contact_id: str) -> tuple[str, str | None]:
        newest = self.system.store.latest(contact_id).newest
        assert newest is not None
        return newest.state.status, newest.state.seller

    def carried(self) -> dict[str, int]:
        return {each.id: each.open_count for each in self.system.store.sellers.items.values()}

    def close(self, contact_id: str) -> None:
        owner = self.state(contact_id)[1]
        assert self.seller(str(owner)).send("closeChat", contact_id=contact_id)["action"] == "ack"

    def pass_time(self, *present: str, seconds: float) -> None:
        self.system.clock.advance(seconds=seconds)
        for name in present:
            self.system.store.sellers.beat(name, Availability.ONLINE, epoch_seconds(self.system.clock.now()))

    def _fresh(self) -> list[tuple[str, str | None, str]]:
        fresh = []
        for contact_id, log in list(self.system.store.entries.items()):
            for seq in range(self.brought.get(contact_id, 0) + 1, max(log) + 1):
                self.brought[contact_id] = seq
                if log[seq].kind in MOVES_THE_QUEUE:
                    fresh.append((contact_id, log[seq].state.seller, log[seq].sender))
        return fresh


def places(client: Client) -> list[int]:
    return [frame["position"] for frame in client.received if frame["action"] == "queue"]


# A full shop


def test_a_hundred_visitors_fill_five_sellers_of_ten_and_the_rest_is_served_in_the_order_of_coming() -> None:
    shop = Shop.with_sellers(*(seller(name) for name in ("ana", "bo", "cy", "di", "ed")))
    contacts = [shop.start(number) for number in range(100)]
    shop.bring_events()

    assert [shop.state(each)[0] for each in contacts] == ["open"] * 50 + ["queued"] * 50
    assert [shop.state(each)[1] for each in contacts[:10]] == ["ana", "bo", "cy", "di", "ed"] * 2
    assert shop.carried() == dict.fromkeys(("ana", "bo", "cy", "di", "ed"), 10)

    for served, contact_id in enumerate(contacts[:50], start=1):
        shop.close(contact_id)
        shop.bring_events()
        assert [shop.state(each)[0] for each in contacts[50:]] == ["open"] * served + ["queued"] * (50 - served)
        assert max(shop.carried().values()) <= 10

    for contact_id in contacts[50:]:
        shop.close(contact_id)
    shop.bring_events()
    assert set(shop.carried().values()) == {0}


def test_a_long_queue_is_drained_as_far_as_there_is_room_and_not_only_its_first_page() -> None:
    shop = Shop.with_sellers(seller("ana", capacity=0))
    contacts = [shop.start(number) for number in range(130)]
    shop.system.store.sellers.items["ana"] = seller("ana", capacity=120)

    shop.seller("ana").send("presence", status="online")

    assert [shop.state(each)[0] for each in contacts] == ["open"] * 120 + ["queued"] * 10


class SlowShop(LeastLoaded):
    """Takes a second for every question."""

    clock: FakeClock

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        self.clock.advance(seconds=1)
        return super().order(ask, sellers)


def test_a_heartbeat_is_answered_in_time_however_long_the_queue_is_and_the_next_one_goes_on() -> None:
    strategy = SlowShop()
    shop = Shop.with_sellers(seller("ana", capacity=0), strategy=strategy)
    strategy.clock = shop.system.clock
    contacts = [shop.start(number) for number in range(15)]
    shop.system.store.sellers.items["ana"] = seller("ana", capacity=15)
    began = shop.system.clock.now()

    reply = shop.seller("ana").send("presence", status="online")

    assert shop.system.clock.now() - began <= WITHIN + timedelta(seconds=1)
    assert 10 <= reply["open_count"] < 15
    shop.seller("ana").send("presence", status="online")
    assert [shop.state(each)[0] for each in contacts] == ["open"] * 15


class Choosy(SlowShop):
    """Wants a seller for one visitor only."""

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        return [each for each in super().order(ask, sellers) if ask.user_info["number"] == 130]


def test_a_contact_behind_many_for_whom_the_shop_wants_nobody_is_asked_about_all_the_same() -> None:
    strategy = Choosy()
    shop = Shop.with_sellers(seller("ana"), strategy=strategy)
    strategy.clock = shop.system.clock
    contacts = [shop.start(number) for number in range(130)]
    shop.system.store.sellers.items["ana"] = seller("ana", capacity=0)
    contacts.append(shop.start(130))
    shop.system.store.sellers.items["ana"] = seller("ana")

    heartbeats = 0
    while shop.state(contacts[130])[0] != "open" and heartbeats < 20:
        shop.pass_time(seconds=60)
        shop.seller("ana").send("presence", status="online")
        heartbeats += 1

    assert shop.state(contacts[130]) == ("open", "ana")
    assert heartbeats <= 130 // WITHIN.seconds + 1


def test_after_the_last_of_a_long_queue_a_heartbeat_begins_with_the_first_again() -> None:
    strategy = Choosy()
    shop = Shop.with_sellers(seller("ana"), strategy=strategy)
    strategy.clock = shop.system.clock
    for number in range(15):
        shop.start(number)
    asked: list[int] = []

    for _ in range(3):
        began = shop.system.clock.now()
        shop.seller("ana").send("presence", status="online")
        asked.append(int((shop.system.clock.now() - began).total_seconds()))

    # Each drain asks until its time is over; the second comes to the end, and to where the first one stopped.
    assert asked == [11, 11, 11]
    assert shop.system.store.sellers.items["ana"].drained_to.startswith("support/")


def test_a_contact_that_no_queue_shows_is_given_by_its_own_check_up() -> None:
    store = LaggingQueue()
    shop = Shop(System(store=store, strategy=Direct()))
    store.sellers.register(Seller("ana", "support", 1))
    first, second = (shop.start(number, requested="ana") for number in range(2))
    shop.close(first)
    store.listed = [replace(store.listings[first], status=Status.QUEUED, standing=Standing.PARKED)]

    assert shop.services.attending.room_may_be_free(second, None, None) == SETTLED
    assert shop.state(second)[0] == "queued"
    assert shop.system.check_up(second) == SOONEST
    assert shop.state(second) == ("open", "ana")


@pytest.mark.parametrize(("others", "becomes"), [(99, ("open", "ana")), (100, ("queued", None))])
def test_a_contact_that_may_stand_behind_the_hundred_that_are_listed_waits_for_its_turn(
    others: int, becomes: tuple[str, str | None]
) -> None:
    store = LaggingQueue()
    shop = Shop(System(store=store, strategy=Direct()))
    store.sellers.register(Seller("ana", "support", 1))
    first, second = (shop.start(number, requested="ana") for number in range(2))
    shop.close(first)
    listed = replace(store.listings[first], status=Status.QUEUED, standing=Standing.PARKED)
    store.listed = [replace(listed, contact_id=f"gone-{number}") for number in range(others)]

    shop.system.check_up(second)

    assert shop.state(second) == becomes


def test_a_contact_that_waits_is_looked_at_ever_more_rarely() -> None:
    shop = Shop.with_sellers(seller("ana", capacity=0))
    contact_id = shop.start(1)

    looks = []
    for _ in range(8):
        again = shop.system.check_up(contact_id)
        assert again is not None
        looks.append(int(again.total_seconds()))
        shop.pass_time(seconds=again.total_seconds())

    assert looks == [60, 60, 120, 240, 480, 900, 900, 900]
    shop.system.store.sellers.items["ana"] = seller("ana")
    shop.pass_time("ana", seconds=0)
    assert shop.system.check_up(contact_id) == SOONEST
    assert shop.state(contact_id) == ("open", "ana")


# What nobody gave back


def test_places_of_contacts_of_which_nothing_is_left_are_given_back_at_a_heartbeat() -> None:
    shop = Shop.with_sellers(seller("ana", capacity=1))
    ghost = shop.start(1)
    shop.pass_time("ana", seconds=91 * 24 * 3600)
    waiting = shop.start(2)
    assert (shop.state(waiting)[0], shop.carried()) == ("queued", {"ana": 1})

    reply = shop.seller("ana").send("presence", status="online")

    assert shop.state(waiting) == ("open", "ana")
    assert (reply["open_count"], reply["capacity"]) == (1, 1)
    assert [each["contact_id"] for each in shop.seller("ana").send("inbox")["contacts"]] == [waiting]
    assert shop.system.store.listings[ghost].status is Status.CLOSED


def test_where_sellers_send_no_heartbeat_whoever_begins_to_wait_has_their_places_looked_at() -> None:
    shop = Shop.with_sellers(Seller("ana", "support", 1), strategy=Direct())
    shop.start(1)
    shop.pass_time(seconds=91 * 24 * 3600)
    waiting = shop.start(2)
    shop.bring_events()

    assert shop.state(waiting) == ("open", "ana")
    assert shop.carried() == {"ana": 1}


def test_a_late_check_up_gives_back_the_place_of_a_contact_of_which_nothing_is_left() -> None:
    shop = Shop.with_sellers(seller("ana", capacity=1))
    ghost = shop.start(1)
    shop.pass_time(seconds=91 * 24 * 3600)

    for _ in range(2):
        assert shop.services.attending.check(ghost) is None

    assert shop.carried() == {"ana": 0}


@pytest.mark.parametrize("action", ["closeChat", "sync", "sendMessage"])
def test_whoever_touches_a_contact_of_which_nothing_is_left_has_its_place_given_back(action: str) -> None:
    shop = Shop.with_sellers(seller("ana", capacity=1))
    ghost = shop.start(1)
    shop.pass_time(seconds=91 * 24 * 3600)
    more: dict[str, dict[str, object]] = {"sync": {"after": 0}, "sendMessage": {"message": "Hello"}}

    reply = shop.seller("ana").send(action, contact_id=ghost, **more.get(action, {}))

    assert reply["code"] == "contact_expired"
    assert shop.carried() == {"ana": 0}
    assert shop.seller("ana").send("inbox")["contacts"] == []


def test_a_place_is_kept_while_another_sandbox_s_clock_may_still_see_the_contact() -> None:
    shop = Shop.with_sellers(seller("ana", capacity=1))
    ghost = shop.start(1)
    shop.pass_time(seconds=90 * 24 * 3600 + 60)

    assert shop.seller("ana").send("closeChat", contact_id=ghost)["code"] == "contact_expired"

    assert shop.carried() == {"ana": 1}


def test_an_event_that_comes_twice_gives_nothing_twice() -> None:
    shop = Shop.with_sellers(seller("ana", capacity=1))
    first, second, third = (shop.start(number) for number in range(3))
    shop.close(first)

    for _ in range(2):
        shop.system.services.attending.room_may_be_free(first, "ana", "ana")

    assert [shop.state(each)[0] for each in (second, third)] == ["open", "queued"]
    assert shop.carried() == {"ana": 1}


# An index that lags


@dataclass
class LaggingSellers(MemorySellers):
    """Its teams are as they were when they were first read, like an index that has not caught up."""

    index: dict[str, Sequence[Seller]] = field(default_factory=dict)

    def team(self, team: str) -> Sequence[Seller]:
        return self.index.setdefault(team, super().team(team))


def test_a_seller_who_just_came_is_given_who_waits_though_the_index_does_not_show_him_yet() -> None:
    system = System(store=MemoryConversations(sellers=LaggingSellers()))
    system.store.sellers.register(Seller("ana", "support", 2))
    shop = Shop(system)
    contacts = [shop.start(number) for number in range(3)]

    reply = shop.seller("ana").send("presence", status="online")

    assert [shop.state(each)[0] for each in contacts] == ["open", "open", "queued"]
    assert (reply["open_count"], reply["capacity"]) == (2, 2)


def test_a_drain_spreads_contacts_though_the_index_shows_none_of_its_own_claims() -> None:
    system = System(store=MemoryConversations(sellers=LaggingSellers()))
    shop = Shop(system)
    for name in ("ana", "bo"):
        system.store.sellers.register(seller(name, capacity=0))
    contacts = [shop.start(number) for number in range(4)]
    system.store.sellers.items |= {name: seller(name) for name in ("ana", "bo")}
    assert isinstance(system.store.sellers, LaggingSellers)
    system.store.sellers.index.clear()

    system.services.queue.drain(["support"])

    assert [shop.state(each)[1] for each in contacts] == ["ana", "bo", "ana", "bo"]


def test_who_waits_longer_is_not_overtaken_by_a_check_up_of_who_came_later() -> None:
    system = System(store=MemoryConversations(sellers=LaggingSellers()))
    system.store.sellers.register(seller("ana", capacity=0))
    shop = Shop(system)
    first, second = (shop.start(number) for number in range(2))
    # The index goes on showing no room.
    system.store.sellers.items["ana"] = seller("ana", capacity=1)

    system.check_up(second)

    assert [shop.state(each)[0] for each in (first, second)] == ["open", "queued"]


def test_who_waits_longer_is_not_overtaken_by_a_check_up_that_sees_a_place_the_moment_it_becomes_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = Shop.with_sellers(seller("ana", capacity=0))
    first, second = (shop.start(number) for number in range(2))
    queue = shop.system.services.queue
    drain = queue.drain

    def freed_behind(requested: Iterable[str], **options: Any) -> Drained:
        drained = drain(requested, **options)
        shop.system.store.sellers.items["ana"] = seller("ana", capacity=1)
        return drained

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(queue, "drain", freed_behind)
        shop.system.check_up(second)
    assert shop.state(second)[0] == "queued"
    queue.drain(["support"])

    assert shop.state(first) == ("open", "ana")


@dataclass
class LaggingQueue(MemoryConversations):
    """Lists the same contacts as waiting for ever."""

    listed: Sequence[Listing] = ()

    def inbox(self, owner: str, status: Status, limit: int, after: Place | None = None) -> Sequence[Listing]:
        found = super().inbox(owner, status, limit, after)
        return found if after else self.listed or found


def test_who_waits_longer_is_not_overtaken_by_a_check_up_of_a_contact_that_no_queue_shows_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = LaggingQueue()
    shop = Shop(System(store=store))
    store.sellers.register(seller("ana", capacity=0))
    first, second = (shop.start(number) for number in range(2))
    store.listed = [store.listings[first]]
    queue = shop.system.services.queue
    drain = queue.drain

    def full_meanwhile(requested: Iterable[str], **options: Any) -> Drained:
        store.sellers.items["ana"] = seller("ana", capacity=0)
        drained = drain(requested, **options)
        store.sellers.items["ana"] = seller("ana", capacity=1)
        return drained

    store.sellers.items["ana"] = seller("ana", capacity=1)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(queue, "drain", full_meanwhile)
        shop.system.check_up(second)
    assert shop.state(second)[0] == "queued"
    queue.drain(["support"])

    assert shop.state(first) == ("open", "ana")


def test_who_lost_a_seller_by_silence_is_not_given_them_again_where_the_queue_still_shows_the_old_place() -> None:
    store = LaggingQueue()
    shop = Shop(System(store=store))
    store.sellers.register(seller("ana", capacity=1))
    silent, waiting = (shop.start(number) for number in range(2))
    as_it_waited = replace(store.listings[silent], status=Status.QUEUED, standing=Standing.SILENT)
    store.listed = [as_it_waited, store.listings[waiting]]
    shop.pass_time("ana", seconds=70)

    shop.system.check_up(silent)

    assert [shop.state(each)[0] for each in (silent, waiting)] == ["queued", "open"]


def test_who_has_spoken_is_given_a_seller_though_the_queue_still_shows_them_among_those_who_have_not() -> None:
    store = LaggingQueue()
    shop = Shop(System(store=store))
    store.sellers.register(seller("ana", capacity=0))
    waiting = shop.start(1)
    store.listed = [store.listings[waiting]]
    shop.visitor(1).send("sendMessage", contact_id=waiting, message="Hello?")
    store.sellers.items["ana"] = seller("ana")

    shop.system.services.queue.drain(["support"])

    assert shop.state(waiting) == ("open", "ana")


@dataclass
class Slow(LeastLoaded):
    """Lets something happen while it is asked for the first time."""

    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        if self.meanwhile:
            self.meanwhile.pop()()
        return super().order(ask, sellers)


def test_who_is_given_a_seller_and_loses_them_by_silence_while_a_drain_stalls_is_not_given_them_by_that_drain() -> None:
    strategy = Slow()
    shop = Shop.with_sellers(seller("ana", capacity=0), strategy=strategy)
    silent, waiting = (shop.start(number) for number in range(2))

    def comes_and_goes() -> None:
        shop.system.services.queue.drain(["support"])
        shop.pass_time("ana", seconds=70)
        shop.system.check_up(silent)
        shop.system.store.sellers.items["ana"] = seller("ana", capacity=2, open_count=1)

    shop.system.store.sellers.items["ana"] = seller("ana", capacity=1)
    strategy.meanwhile.append(comes_and_goes)
    shop.system.services.queue.drain(["support"])

    assert [shop.state(each)[0] for each in (silent, waiting)] == ["queued", "open"]


def test_who_speaks_at_the_moment_at_which_they_are_given_a_seller_is_given_them_all_the_same() -> None:
    strategy = Slow()
    shop = Shop.with_sellers(seller("ana", capacity=0), strategy=strategy)
    waiting = shop.start(1)
    strategy.meanwhile.append(lambda: shop.visitor(1).send("sendMessage", contact_id=waiting, message="Hello?"))
    shop.system.store.sellers.items["ana"] = seller("ana")

    shop.system.services.queue.drain(["support"])

    assert shop.state(waiting) == ("open", "ana")


def test_places_are_counted_without_those_whom_only_the_index_still_lists() -> None:
    store = LaggingQueue()
    shop = Shop(System(store=store))
    store.sellers.register(seller("ana", capacity=0))
    contacts = [shop.start(number) for number in range(3)]
    store.listed = store.inbox("support", Status.QUEUED, 10)
    shop.bring_events()
    shop.system.forget_what_happened()

    shop.visitor(0).send("closeChat", contact_id=contacts[0])
    shop.bring_events()

    assert [places(shop.visitor(number)) for number in range(3)] == [[], [1], [2]]


def test_who_begins_to_wait_while_a_seller_becomes_free_is_found_a_moment_later_though_no_index_showed_him() -> None:
    store = LaggingQueue()
    shop = Shop(System(store=store))
    store.sellers.register(seller("ana", capacity=1))
    first, second = (shop.start(number) for number in range(2))
    shop.close(first)
    store.listed = [replace(store.listings[first], status=Status.QUEUED, standing=Standing.PARKED)]

    again = shop.system.services.attending.room_may_be_free(second, None, None)

    assert (shop.state(second)[0], again) == ("queued", SETTLED)
    store.listed = ()
    assert shop.system.check_up(second) == SOONEST
    assert shop.state(second) == ("open", "ana")


@pytest.mark.parametrize("how", ["expired", "erased"])
def test_a_contact_of_which_nothing_is_left_stops_nobody_who_waits_behind_it(how: str) -> None:
    shop = Shop.with_sellers(seller("ana", capacity=0))
    ghost, waiting = (shop.start(number) for number in range(2))
    if how == "expired":
        shop.system.store.expire(ghost, through=99, deleted=lambda _: False)
    else:
        del shop.system.store.entries[ghost]
    shop.system.store.sellers.items["ana"] = seller("ana", capacity=2)

    shop.seller("ana").send("presence", status="online")

    assert shop.state(waiting) == ("open", "ana")
    assert not shop.system.services.queue.has_waiting("support")
    assert shop.system.store.listings[ghost].status is Status.CLOSED
    assert shop.state(shop.start(3)) == ("open", "ana")


# Places


def test_when_a_waiting_visitor_leaves_those_behind_him_move_up_and_are_told() -> None:
    shop = Shop.with_sellers(seller("ana", capacity=0))
    contacts = [shop.start(number) for number in range(3)]
    shop.bring_events()
    shop.system.forget_what_happened()

    shop.visitor(1).send("closeChat", contact_id=contacts[1])
    shop.bring_events()

    assert [places(shop.visitor(number)) for number in range(3)] == [[1], [], [2]]


def test_who_asks_again_while_he_waits_is_told_his_place_and_the_hours_as_they_are_now() -> None:
    nights = Hours.parse({"time_zone": "UTC", "week": {"thu": ["00:00-01:00"]}})
    shop = Shop.with_sellers(replace(seller("ana", capacity=0), hours=nights))
    for number in range(2):
        contact_id = shop.start(number)
        visitor = shop.visitor(number)
        visitor.send("sendMessage", contact_id=contact_id, message="Is anybody there?")

    # 2026-01-01, when the clock of these tests starts, is a Thursday.
    by_night = visitor.send("InitChat", sellerId="support", userInfo={})
    shop.system.clock.advance(hours=2)
    by_day = visitor.send("InitChat", sellerId="support", userInfo={})

    assert by_night["contact_id"] == by_day["contact_id"] == contact_id
    assert by_night["queue"] == {"position": 2, "out_of_hours": False}
    assert by_day["queue"] == {"position": 2, "out_of_hours": True}


def test_who_has_said_nothing_and_asks_again_is_told_the_hours_as_they_are_now_too() -> None:
    nights = Hours.parse({"time_zone": "UTC", "week": {"thu": ["00:00-01:00"]}})
    shop = Shop.with_sellers(replace(seller("ana", capacity=0), hours=nights))
    shop.start(0)
    visitor = shop.visitor(0)

    shop.system.clock.advance(hours=2)

    again = visitor.send("InitChat", sellerId="support", userInfo={})
    assert again["queue"] == {"position": 1, "out_of_hours": True}


def test_two_who_came_in_one_millisecond_see_the_order_in_which_they_are_served() -> None:
    shop = Shop.with_sellers(seller("ana", capacity=0))
    replies = {}
    for number in (2, 1, 0):
        reply = shop.visitor(number).send("InitChat", sellerId="support", userInfo={})
        replies[reply["contact_id"]] = number
    by_place = {
        shop.visitor(number).send("InitChat", sellerId="support", userInfo={})["queue"]["position"]: contact_id
        for contact_id, number in replies.items()
    }

    for place in (1, 2, 3):
        shop.system.store.sellers.items["ana"] = seller("ana", capacity=place, open_count=place - 1)
        shop.system.services.queue.drain(["support"])
        assert [shop.state(by_place[each])[0] for each in (1, 2, 3)] == ["open"] * place + ["queued"] * (3 - place)


# Who may be given what


class Picky:
    """Lets visitors with odd numbers wait."""

    needs_presence = True

    def __init__(self) -> None:
        self.asked: list[Ask] = []

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        self.asked.append(ask)
        return [] if int(str(ask.user_info["number"])) % 2 else sellers


def test_a_contact_that_the_strategy_lets_wait_does_not_stop_those_behind_it() -> None:
    strategy = Picky()
    shop = Shop.with_sellers(seller("ana", capacity=0), strategy=strategy)
    contacts = [shop.start(number) for number in (1, 2, 3, 4)]
    shop.system.store.sellers.items["ana"] = seller("ana")

    shop.system.services.queue.drain(["support"])

    assert [shop.state(each)[0] for each in contacts] == ["queued", "open", "queued", "open"]


def test_a_waiting_contact_is_asked_about_with_what_the_visitor_told_and_who_served_him_before() -> None:
    strategy = Picky()
    shop = Shop.with_sellers(seller("ana"), strategy=strategy)
    before = shop.start(2)
    shop.close(before)
    shop.system.store.sellers.items["ana"] = seller("ana", capacity=0)
    shop.start(2)
    shop.system.store.sellers.items["ana"] = seller("ana")
    strategy.asked.clear()

    shop.system.services.queue.drain(["support"])

    (ask,) = strategy.asked
    assert (ask.user_info, ask.previous) == ({"number": 2}, "ana")
    assert ask.visitor.startswith("v-")


def test_a_returning_visitor_who_had_to_wait_still_gets_the_seller_he_knows() -> None:
    shop = Shop.with_sellers(seller("ana"), strategy=Sticky())
    shop.close(shop.start(1))
    shop.system.store.sellers.items["ana"] = seller("ana", capacity=0)
    again = shop.start(1)
    shop.system.store.sellers.items |= {"ana": seller("ana", open_count=5), "bo": seller("bo")}

    shop.system.services.queue.drain(["support"])

    assert shop.state(again) == ("open", "ana")


class Broken:
    """A strategy of somebody's own with mistakes in it."""

    needs_presence = True

    def __init__(self, mistake: str) -> None:
        self.mistake = mistake

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        if self.mistake == "raises":
            raise RuntimeError("a secret of ours")
        if self.mistake == "raises late":
            return (1 / 0 for _ in sellers)  # type: ignore[return-value]
        return {"nothing": None, "strangers": [seller("somebody-else")], "names": ["ana"]}[self.mistake]  # type: ignore[return-value]


@pytest.mark.parametrize("mistake", ["raises", "raises late", "nothing", "strangers", "names"])
def test_a_strategy_with_a_mistake_is_noted_and_the_least_loaded_is_asked(mistake: str) -> None:
    shop = Shop.with_sellers(seller("ana", open_count=1), seller("bo"), strategy=Broken(mistake))

    contact_id = shop.start(1)

    assert shop.state(contact_id) == ("open", "bo")
    (noted,) = [fields for event, fields in shop.system.journal.notes if event == "strategy_failed"]
    assert noted["contact_id"] == contact_id
    assert "secret" not in str(noted)


# What somebody who begins to wait makes us look at


@dataclass
class Asked(MemoryConversations):
    """Notes whose open contacts are looked through."""

    of: list[str] = field(default_factory=list)

    def longest_open(self, seller: str, limit: int) -> Sequence[Listing]:
        self.of.append(seller)
        return super().longest_open(seller, limit)


def _full_team(size: int) -> tuple[Shop, Asked]:
    """Each of them has a contact of somebody who has said nothing."""
    store = Asked()
    shop = Shop(System(store=store))
    for number in range(size):
        store.sellers.register(seller(f"s{number}", capacity=1))
        shop.start(number)
    return shop, store


@pytest.mark.parametrize(
    ("size", "contact_id", "chosen"),
    [
        (7, "a", ["s6", "s0", "s1", "s2", "s3"]),
        (7, "b", ["s0", "s1", "s2", "s3", "s4"]),
        (8, "f", ["s6", "s7", "s0", "s1", "s2"]),
        (5, "fa", ["s4", "s0", "s1", "s2", "s3"]),
        (1, "a", ["s0"]),
    ],
)
def test_of_a_large_team_five_are_looked_at_and_not_always_the_same(
    size: int, contact_id: str, chosen: list[str]
) -> None:
    shop, store = _full_team(size)
    waiting = shop.start(99)
    store.entries[contact_id] = {
        seq: replace(entry, contact_id=contact_id) for seq, entry in store.entries[waiting].items()
    }

    shop.services.attending.room_may_be_free(contact_id, None, None)

    assert store.of == chosen


def test_of_those_who_have_said_nothing_the_two_who_were_given_a_seller_first_are_looked_at() -> None:
    shop, _ = _full_team(4)
    waiting = shop.start(99)

    shop.services.attending.room_may_be_free(waiting, None, None)

    first = [contact_id for contact_id in shop.system.store.entries if shop.state(contact_id)[1] in {"s0", "s1"}]
    assert set(shop.system.check_ups.pending) == set(first)


def test_who_has_spoken_or_left_and_of_whom_nothing_is_left_is_not_looked_at_for_silence() -> None:
    shop, store = _full_team(4)
    speaks, leaves, gone, silent = store.entries
    as_listed = store.listings[leaves]
    shop.visitor(0).send("sendMessage", contact_id=speaks, message="Hello?")
    shop.visitor(1).send("closeChat", contact_id=leaves)
    store.listings[leaves] = as_listed
    del store.entries[gone]

    found = shop.services.queue.silent_with(["s0", "s1", "s2", "s3"])

    assert [entry.contact_id for entry in found] == [silent]


def test_who_lost_a_seller_by_silence_makes_us_look_at_nobody_until_they_speak() -> None:
    shop, store = _full_team(1)
    waiting = shop.start(99)
    newest = store.latest(waiting).newest
    assert newest
    parked = replace(newest.state, parked_at="2026-01-01T00:00:00.000Z", spoken=False)
    store.entries[waiting][newest.seq] = replace(newest, state=parked)

    shop.services.attending.room_may_be_free(waiting, None, None)
    assert store.of == []

    shop.visitor(99).send("sendMessage", contact_id=waiting, message="Hello?")
    shop.services.attending.room_may_be_free(waiting, None, None)
    assert store.of == ["s0"]


def test_where_sellers_send_heartbeats_nobody_s_places_are_counted_because_somebody_waits() -> None:
    shop, store = _full_team(1)
    waiting = shop.start(99)
    store.requests.clear()

    assert shop.services.attending.room_may_be_free(waiting, None, None) == SETTLED

    # The queue is read once, to its end.
    assert (store.requests["longest_open"], store.requests["inbox"]) == (1, 2)


def test_what_is_closed_makes_us_look_at_nobody_s_contacts_and_once_only() -> None:
    shop, store = _full_team(2)
    waiting = shop.start(99)
    shop.pass_time(seconds=FRESH_SECONDS + 1)
    contact_id = next(each for each in store.entries if shop.state(each)[1] == "s0")
    shop.close(contact_id)

    # Nobody is there to be given a contact.
    assert shop.services.attending.room_may_be_free(contact_id, "s0", None) is None

    assert (store.of, places(shop.visitor(99))) == ([], [])
    assert shop.state(waiting) == ("queued", None)


@pytest.mark.parametrize("people", [(), ("ana",)])
def test_a_contact_of_which_nothing_is_left_makes_room_for_who_waits_for_its_seller(people: tuple[str, ...]) -> None:
    shop = Shop.with_sellers(seller("ana", capacity=0))
    waiting = shop.start(1, requested="ana")
    shop.system.store.sellers.items["ana"] = seller("ana")

    assert shop.services.attending.room_may_be_free("gone", *people) is None

    assert shop.state(waiting)[0] == ("open" if people else "queued")


# Transfers and ends


def test_a_transfer_makes_room_in_the_queue_of_who_handed_over() -> None:
    shop = Shop.with_sellers(seller("ana", capacity=1, team="sales"), seller("bo", team="support"))
    contact_id = shop.start(1, "sales")
    waiting = shop.start(2, "sales")
    shop.bring_events()

    shop.seller("ana").send("transferChat", contact_id=contact_id, to="bo")
    shop.bring_events()

    assert (shop.state(contact_id), shop.state(waiting)) == (("open", "bo"), ("open", "ana"))
    assert shop.carried() == {"ana": 1, "bo": 1}


def test_a_close_by_the_visitor_makes_room_too() -> None:
    shop = Shop.with_sellers(seller("ana", capacity=1))
    first, second = shop.start(1), shop.start(2)

    shop.visitor(1).send("closeChat", contact_id=first)
    shop.bring_events()

    assert shop.state(second) == ("open", "ana")


def test_a_contact_reopened_for_a_full_seller_waits_in_the_log_too_and_goes_to_a_colleague() -> None:
    shop = Shop.with_sellers(seller("ana", capacity=1), seller("bo", capacity=0))
    contact_id = shop.start(1)
    shop.close(contact_id)
    shop.start(2)
    shop.bring_events()

    shop.visitor(1).send("sendMessage", contact_id=contact_id, message="One more thing")
    entries = shop.visitor(1).send("sync", contact_id=contact_id, after=3)["entries"]
    shop.system.store.sellers.items["bo"] = seller("bo")
    shop.bring_events()

    assert [entry["kind"] for entry in entries] == ["reopened", "queued", "message"]
    assert shop.state(contact_id) == ("open", "bo")
    assert shop.carried() == {"ana": 1, "bo": 1}


def test_a_seller_without_room_cannot_reopen_and_is_told_what_to_do() -> None:
    shop = Shop.with_sellers(seller("ana", capacity=1))
    contact_id = shop.start(1)
    shop.close(contact_id)
    shop.start(2)

    reply = shop.seller("ana").send("sendMessage", contact_id=contact_id, message="I forgot")

    assert (reply["code"], reply["reason"]) == (
        "seller_full",
        "You have no room to reopen this contact. Close another one first.",
    )
    assert shop.state(contact_id) == ("closed", "ana")


def test_a_seller_who_is_registered_no_more_cannot_reopen() -> None:
    shop = Shop.with_sellers(seller("ana"), settings=Settings(accepts_unknown_sellers=False))
    contact_id = shop.start(1)
    shop.close(contact_id)
    del shop.system.store.sellers.items["ana"]

    reply = shop.seller("ana").send("sendMessage", contact_id=contact_id, message="I forgot")

    assert reply["code"] == "unknown_seller"


# Leases


def test_a_contact_that_comes_back_to_a_seller_who_vanished_moves_on_though_he_had_answered_before() -> None:
    shop = Shop.with_sellers(seller("ana"), seller("bo", open_count=5))
    contact_id = shop.start(1)
    shop.seller("ana").send("sendMessage", contact_id=contact_id, message="Hello")
    shop.close(contact_id)
    shop.visitor(1).send("sendMessage", contact_id=contact_id, message="One more thing")
    shop.pass_time("bo", seconds=FRESH_SECONDS + 1)

    again = shop.system.check_up(contact_id)

    assert shop.state(contact_id) == ("open", "bo")
    assert shop.carried() == {"ana": 0, "bo": 6}
    assert again == SOONEST


def test_a_contact_has_one_check_up_whatever_is_brought_how_often() -> None:
    shop = Shop.with_sellers(seller("ana"), seller("bo", open_count=5))
    contact_id = shop.start(1)
    shop.visitor(1).send("sendMessage", contact_id=contact_id, message="Hello")
    began = shop.system.clock.now()
    attend = shop.services.attending.attend

    for _ in range(10):
        attend(contact_id)
    assert set(shop.system.check_ups.pending) == {contact_id}
    assert timedelta() < shop.system.check_ups.pending[contact_id] - began <= timedelta(seconds=120)

    shop.pass_time("ana", "bo", seconds=60)
    shop.seller("ana").send("transferChat", contact_id=contact_id, to="bo")
    for _ in range(10):
        attend(contact_id)
    # The lease is bo's now.
    assert shop.system.check_ups.pending == {contact_id: shop.system.clock.now() + timedelta(seconds=120)}


def test_a_check_up_that_comes_late_or_again_puts_nothing_back_that_is_over() -> None:
    shop = Shop.with_sellers(seller("ana"))
    contact_id = shop.start(1)
    shop.services.attending.attend(contact_id)
    shop.close(contact_id)

    for _ in range(10):
        shop.services.attending.attend(contact_id)

    assert shop.system.check_ups.pending == {}


def test_a_contact_that_is_reopened_while_its_check_up_is_being_removed_keeps_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = Shop.with_sellers(seller("ana"))
    contact_id = shop.start(1)
    shop.close(contact_id)
    check_ups = shop.system.check_ups
    visitor = shop.visitor(1)

    def remove(contact_id: str) -> None:
        visitor.send("sendMessage", contact_id=contact_id, message="One more thing")
        # What the event of that asked for is removed as what was there before.
        check_ups.pending.pop(contact_id, None)

    monkeypatch.setattr(check_ups, "remove", remove)
    shop.services.attending.attend(contact_id)

    assert check_ups.pending == {contact_id: shop.system.clock.now() + SOON}


def test_a_long_chat_is_looked_at_as_long_as_it_goes_on_and_closed_once_it_is_silent() -> None:
    shop = Shop.with_sellers(seller("ana"), settings=Settings(idle_seconds=1800))
    contact_id = shop.start(1)
    shop.seller("ana").send("sendMessage", contact_id=contact_id, message="Hello")
    shop.services.attending.attend(contact_id)

    for _ in range(120):
        due = shop.system.check_ups.pending[contact_id]
        shop.pass_time("ana", seconds=(due - shop.system.clock.now()).total_seconds() - 1)
        shop.visitor(1).send("sendMessage", contact_id=contact_id, message="Still there?")
        shop.pass_time("ana", seconds=1)
        shop.services.attending.attend(contact_id)
    assert (shop.state(contact_id), shop.carried()) == (("open", "ana"), {"ana": 1})

    shop.pass_time("ana", seconds=1801)
    shop.services.attending.attend(contact_id)

    assert (shop.state(contact_id)[0], shop.carried()) == ("closed", {"ana": 0})
    assert shop.system.check_ups.pending == {}


def test_a_seller_who_reopened_has_answered() -> None:
    shop = Shop.with_sellers(seller("ana"), seller("bo", open_count=5))
    contact_id = shop.start(1)
    shop.close(contact_id)
    shop.seller("ana").send("sendMessage", contact_id=contact_id, message="I forgot")
    shop.pass_time("bo", seconds=FRESH_SECONDS + 1)

    shop.system.check_up(contact_id)

    assert shop.state(contact_id) == ("open", "ana")


def test_whom_a_vanished_seller_leaves_waits_in_front_of_those_who_came_later() -> None:
    shop = Shop.with_sellers(seller("ana", capacity=1))
    first, second = shop.start(1), shop.start(2)
    shop.pass_time(seconds=FRESH_SECONDS + 1)

    shop.system.check_up(first)

    assert shop.state(first) == ("queued", None)
    assert shop.visitor(1).send("sync", contact_id=first, after=0)["entries"][-1]["reason"] == "away"
    assert shop.visitor(1).send("InitChat", sellerId="support", userInfo={})["queue"]["position"] == 1
    assert shop.visitor(2).send("InitChat", sellerId="support", userInfo={})["queue"]["position"] == 2
    shop.seller("ana").send("presence", status="online")
    assert (shop.state(first)[0], shop.state(second)[0]) == ("open", "queued")


def test_where_sellers_need_not_be_there_nobody_loses_an_unanswered_contact() -> None:
    shop = Shop.with_sellers(Seller("ana", "ana", 5), strategy=Direct())
    contact_id = shop.start(1, "ana")
    shop.visitor(1).send("sendMessage", contact_id=contact_id, message="Hello")
    shop.pass_time(seconds=600)

    again = shop.system.check_up(contact_id)

    assert shop.state(contact_id) == ("open", "ana")
    # It is looked at again when it has been silent for too long.
    assert again == timedelta(seconds=Settings().idle_seconds) - (shop.system.clock.now() - START)


def test_who_waits_is_not_closed_for_being_silent() -> None:
    shop = Shop.with_sellers(seller("ana", capacity=0), settings=Settings(idle_seconds=60))
    contact_id = shop.start(1)
    shop.pass_time(seconds=12 * 3600)

    assert shop.system.check_up(contact_id) == RAREST
    assert shop.state(contact_id) == ("queued", None)


def say_between_the_look_and_the_deed(shop: Shop, who: Client, contact_id: str) -> None:
    """A message comes in after the check-up has looked at the contact, and before it does anything."""
    store = shop.system.store
    latest = store.latest
    looks = 0

    def look(contact_id: str) -> Excerpt:
        nonlocal looks
        looks += 1
        if looks == 2:
            who.send("sendMessage", contact_id=contact_id, message="Here I am")
        return latest(contact_id)

    store.latest = look  # type: ignore[method-assign]


@pytest.mark.parametrize("who", ["visitor", "ana"])
def test_something_written_while_the_lease_is_being_ended_keeps_the_contact_where_it_is_and_its_check_ups_go_on(
    who: str,
) -> None:
    shop = Shop.with_sellers(seller("ana"), seller("bo", open_count=5))
    contact_id = shop.start(1)
    shop.pass_time("bo", seconds=FRESH_SECONDS + 1)
    say_between_the_look_and_the_deed(shop, shop.visitor(1) if who == "visitor" else shop.seller("ana"), contact_id)

    again = shop.system.check_up(contact_id)

    assert (shop.state(contact_id), again) == (("open", "ana"), SOON)
    assert shop.carried() == {"ana": 1, "bo": 5}


def test_something_written_while_a_silent_contact_is_being_closed_keeps_it_open_and_its_check_ups_go_on() -> None:
    shop = Shop.with_sellers(seller("ana"), settings=Settings(idle_seconds=60))
    contact_id = shop.start(1)
    shop.pass_time("ana", seconds=61)
    say_between_the_look_and_the_deed(shop, shop.visitor(1), contact_id)

    again = shop.system.check_up(contact_id)

    assert (shop.state(contact_id), again) == (("open", "ana"), SOON)


def test_an_id_of_the_shop_whose_log_has_expired_is_not_used_again() -> None:
    shop = Shop.with_sellers(seller("ana"))
    contact_id = shop.start(1)
    shop.system.store.expire(contact_id, through=99)
    shop.system.ids.count = 0

    again = shop.start(2)

    assert again != contact_id
    assert shop.system.store.entries[contact_id] == {}


def test_the_shop_does_not_hear_of_a_start_with_a_seller_who_does_not_exist() -> None:
    asked = []

    class Directory:
        def register(self, request: ContactRequest) -> RegisteredContact:
            asked.append(request)
            return RegisteredContact(request.proposed_contact_id)

    system = System(settings=Settings(accepts_unknown_sellers=False), directory=Directory())
    visitor = system.connect(Principal("device-1", Role.VISITOR), "visitor-laptop")

    assert visitor.send("InitChat", sellerId="nobody", userInfo={})["code"] == "unknown_seller"
    assert asked == []


def test_an_attendant_that_stalled_does_not_put_off_what_came_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop.with_sellers(seller("ana"), seller("ben"), settings=Settings(lease_seconds=120, idle_seconds=900))
    contact_id = shop.start(1)
    ana = shop.seller("ana")
    ana.send("sendMessage", contact_id=contact_id, message="Hello", id="m-1")
    check_ups, attending = shop.system.check_ups, shop.services.attending
    put = check_ups.put
    stalled = [True]

    def late(contact: str, at: datetime) -> None:
        if stalled.pop() if stalled else False:
            # A new lease begins, and its own check-up is asked for, before the older one is written.
            ana.send("transferChat", contact_id=contact_id, to="ben", id="t-1")
            attending.attend(contact_id)
        put(contact, at)

    monkeypatch.setattr(check_ups, "put", late)
    attending.attend(contact_id)

    assert check_ups.pending == {contact_id: shop.system.clock.now() + SOON}
