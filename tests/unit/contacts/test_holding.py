"""Nobody keeps a seller's place without talking while somebody else waits."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chat.contacts.holding import SETTLED, SILENT
from chat.model.entries import Entry, EntryKind, Status
from chat.model.identity import Principal, Role
from chat.model.inbox import Listing
from chat.model.sellers import Seller
from chat.model.settings import Settings
from chat.ports.strategies import Ask, Strategy
from chat.team import LeastLoaded
from tests.worlds.domain import Client, System

STEP = 5
MINUTE = 60


class Shop:
    """A team on a clock that runs: events and check-ups come when they are due, sellers say that they are there."""

    def __init__(self, sellers: int, capacity: int, strategy: Strategy | None = None) -> None:
        self.system = System(strategy=strategy or LeastLoaded())
        self._brought = dict[str, int]()
        self._passed = 0
        self.sellers = [self._seller(f"seller-{number}", capacity) for number in range(sellers)]
        self.visitors = dict[str, Client]()

    def _seller(self, name: str, capacity: int) -> Client:
        self.system.store.sellers.register(Seller(name, "support", capacity))
        seller = self.system.connect(Principal(name, Role.SELLER), name)
        seller.send("presence", status="online")
        return seller

    def open(self, device: str, requested: str = "support", **told: object) -> str:
        """A visitor comes and says nothing yet."""
        visitor = self.system.connect(Principal(device, Role.VISITOR), device)
        contact = str(visitor.send("InitChat", sellerId=requested, userInfo=told)["contact_id"])
        self.visitors[contact] = visitor
        self.pass_time(0)
        return contact

    def speak(self, contact: str) -> None:
        """The visitor of a contact writes."""
        assert self.visitors[contact].send("sendMessage", contact_id=contact, message="Hello?")["action"] == "ack"

    def answer(self, contact: str) -> None:
        """The seller of a contact writes."""
        seller = next(
            each for each in self.sellers if each.sender.principal.user_id == self.newest(contact).state.seller
        )
        assert seller.send("sendMessage", contact_id=contact, message="Yes?")["action"] == "ack"

    def leave(self, contact: str) -> None:
        """The visitor of a contact closes the page."""
        self.system.connections.remove(self.visitors[contact].connection_id)

    def newest(self, contact: str) -> Entry:
        """How a contact stands now."""
        newest = self.system.store.latest(contact).newest
        assert newest
        return newest

    def is_open(self, contact: str) -> bool:
        """Whether somebody has it."""
        return self.newest(contact).state.status is Status.OPEN

    def waiting(self) -> list[Listing]:
        """Those who wait, in their order."""
        return list(self.system.store.inbox("support", Status.QUEUED, 1000))

    def place_told(self, contact: str) -> int:
        """The place that the visitor of a contact heard of last."""
        told = [frame for frame in self.visitors[contact].received if frame["action"] == "queue"]
        return int(told[-1]["position"])

    def pass_time(self, seconds: int) -> None:
        """Let it pass, with all that is due in it."""
        for _ in range(0, seconds, STEP):
            self._bring_what_is_due()
            self.system.clock.advance(seconds=STEP)
            self._passed += STEP
            if self._passed % MINUTE == 0:
                for seller in self.sellers:
                    seller.send("presence")
        self._bring_what_is_due()

    def _bring_what_is_due(self) -> None:
        while fresh := self._fresh():
            for entry in fresh:
                attending = self.system.services.attending
                if entry.kind in {EntryKind.QUEUED, EntryKind.CLOSED, EntryKind.TRANSFERRED}:
                    attending.room_may_be_free(entry.contact_id, entry.state.seller, entry.sender)
                attending.attend(entry.contact_id)
        for contact, at in list(self.system.check_ups.pending.items()):
            if at <= self.system.clock.now():
                self.system.services.attending.attend(contact)

    def _fresh(self) -> list[Entry]:
        fresh = []
        for contact, log in list(self.system.store.entries.items()):
            before = self._brought.get(contact, 0)
            self._brought[contact] = max(log)
            fresh += [log[seq] for seq in range(before + 1, max(log) + 1) if log[seq].kind is not EntryKind.MESSAGE]
        return fresh


@pytest.fixture
def shop() -> Shop:
    """Five sellers, each of whom can talk to five."""
    return Shop(sellers=5, capacity=5)


@pytest.fixture
def one() -> Shop:
    """One seller who can talk to one."""
    return Shop(sellers=1, capacity=1)


def test_two_hundred_silent_chats_keep_who_speaks_from_a_seller_for_a_minute_at_most(shop: Shop) -> None:
    for number in range(200):
        shop.leave(shop.open(f"device-{number}"))
    honest = shop.open("honest")
    shop.speak(honest)

    shop.pass_time(MINUTE)

    assert shop.is_open(honest)


def test_two_hundred_silent_chats_whose_pages_stay_open_do_no_more(shop: Shop) -> None:
    for number in range(200):
        shop.open(f"device-{number}")
    honest = shop.open("honest")
    shop.speak(honest)

    shop.pass_time(MINUTE)

    assert shop.is_open(honest)


@pytest.mark.parametrize("later", [10, 70, 200, 600])
def test_whenever_somebody_speaks_it_takes_a_minute_at_most(shop: Shop, later: int) -> None:
    for number in range(200):
        shop.open(f"device-{number}")
    shop.pass_time(later)
    honest = shop.open("honest")
    shop.speak(honest)

    shop.pass_time(MINUTE)

    assert shop.is_open(honest)


def test_an_opening_calls_a_seller_at_once(one: Shop) -> None:
    assert one.is_open(one.open("ana"))


def test_who_says_nothing_keeps_the_seller_while_nobody_else_waits(one: Shop) -> None:
    silent = one.open("silent")

    one.pass_time(10 * MINUTE)

    assert one.is_open(silent)


def test_who_says_nothing_gives_the_seller_to_who_waits_after_a_minute(one: Shop) -> None:
    silent, waits = one.open("silent"), one.open("waits")

    one.pass_time(MINUTE - STEP)
    assert one.is_open(silent)
    one.pass_time(STEP)

    assert (one.is_open(silent), one.is_open(waits)) == (False, True)
    assert one.newest(silent).details == {"reason": "silent"}


def test_who_has_spoken_keeps_the_seller(one: Shop) -> None:
    spoken = one.open("spoken")
    one.speak(spoken)
    one.open("waits")

    one.pass_time(5 * MINUTE)

    assert one.is_open(spoken)


def test_who_leaves_without_a_word_gives_the_seller_to_who_waits_at_once(one: Shop) -> None:
    silent, waits = one.open("silent"), one.open("waits")
    one.pass_time(2 * STEP)

    one.leave(silent)
    one.pass_time(2 * STEP)

    assert one.is_open(waits)


def test_who_has_just_come_is_not_taken_for_gone_while_the_index_lags(one: Shop) -> None:
    silent = one.open("silent")
    one.leave(silent)
    one.open("waits")

    assert one.is_open(silent)
    one.pass_time(int(SETTLED.total_seconds()) * 3)
    assert not one.is_open(silent)


def test_who_speaks_comes_before_those_who_have_not(one: Shop) -> None:
    one.speak(one.open("served"))
    silent, speaks = one.open("silent"), one.open("speaks")

    one.speak(speaks)

    assert [listing.contact_id for listing in one.waiting()] == [speaks, silent]


def test_who_spoke_first_comes_first(one: Shop) -> None:
    one.speak(one.open("served"))
    waiting = [one.open(f"waits-{number}") for number in range(3)]

    for contact in reversed(waiting):
        one.pass_time(STEP)
        one.speak(contact)
    one.speak(waiting[0])

    assert [listing.contact_id for listing in one.waiting()] == waiting[::-1]


def test_everybody_is_told_where_they_stand_once_somebody_has_spoken(one: Shop) -> None:
    one.speak(one.open("served"))
    silent, speaks = one.open("silent"), one.open("speaks")

    one.speak(speaks)

    assert (one.place_told(speaks), one.place_told(silent)) == (1, 2)
    assert one.visitors[speaks].send("InitChat", sellerId="support", userInfo={})["queue"]["position"] == 1


def test_who_kept_a_seller_in_vain_comes_after_all_others_until_they_speak(one: Shop) -> None:
    lost = one.open("lost")
    one.open("waits")
    one.pass_time(MINUTE)
    late = one.open("late")
    assert [listing.contact_id for listing in one.waiting()] == [late, lost]

    one.speak(lost)

    assert [listing.contact_id for listing in one.waiting()] == [lost, late]


def test_who_kept_a_seller_in_vain_is_nobody_for_whom_others_must_give_way(one: Shop) -> None:
    lost, waits = one.open("lost"), one.open("waits")
    one.pass_time(MINUTE)

    one.pass_time(5 * MINUTE)

    assert (one.is_open(lost), one.is_open(waits)) == (False, True)


def test_who_kept_a_seller_in_vain_is_called_one_again_once_nobody_else_waits(one: Shop) -> None:
    lost, waits = one.open("lost"), one.open("waits")
    one.pass_time(MINUTE)
    one.sellers[0].send("closeChat", contact_id=waits)

    one.pass_time(STEP)

    assert one.is_open(lost)


def test_who_never_speaks_is_closed_after_the_idle_time_however_often_the_seller_changes(one: Shop) -> None:
    lost, waits = one.open("lost"), one.open("waits")
    one.pass_time(MINUTE)
    one.sellers[0].send("closeChat", contact_id=waits)

    one.pass_time(Settings().idle_seconds)

    newest = one.newest(lost)
    assert (newest.kind, newest.details) == (EntryKind.CLOSED, {"reason": "idle"})


def test_who_waits_for_the_first_time_may_be_silent_all_night(one: Shop) -> None:
    one.sellers[0].send("presence", status="away")
    waits = one.open("waits")

    one.pass_time(2 * Settings().idle_seconds)

    assert one.newest(waits).state.status is Status.QUEUED


def test_who_speaks_alone_for_the_idle_time_gives_the_seller_to_who_waits(one: Shop) -> None:
    alone = one.open("alone")
    one.speak(alone)
    waits = one.open("waits")
    one.speak(waits)

    for _ in range(3):
        one.pass_time(Settings().idle_seconds // 2)
        if one.is_open(alone):
            one.speak(alone)

    assert one.is_open(waits)
    assert one.newest(alone).details == {"reason": "idle"}


def test_who_speaks_alone_keeps_the_seller_while_nobody_waits(one: Shop) -> None:
    alone = one.open("alone")
    one.speak(alone)

    for _ in range(4):
        one.pass_time(Settings().idle_seconds // 2)
        one.speak(alone)

    assert one.is_open(alone)


def test_a_seller_who_answers_keeps_the_visitor(one: Shop) -> None:
    talks = one.open("talks")
    one.speak(talks)
    one.speak(one.open("waits"))

    for _ in range(4):
        one.pass_time(Settings().idle_seconds // 2)
        one.answer(talks)

    assert one.is_open(talks)


def test_who_waits_for_a_seller_by_name_is_somebody_too(one: Shop) -> None:
    one.open("silent")
    waits = one.open("waits", "seller-0")

    one.pass_time(MINUTE)

    assert one.is_open(waits)


def test_every_contact_that_goes_on_has_one_check_up(shop: Shop) -> None:
    contacts = [shop.open(f"device-{number}") for number in range(30)]

    shop.pass_time(3 * MINUTE)

    assert {*shop.system.check_ups.pending} == {*contacts}


def test_a_minute_is_what_the_documents_say() -> None:
    assert SILENT.total_seconds() == MINUTE


class Wanted(LeastLoaded):
    """Gives nobody whose device is not wanted."""

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        return [] if ask.user_info.get("unwanted") else super().order(ask, sellers)


def test_nobody_gives_way_again_and_again_to_whom_the_strategy_does_not_want() -> None:
    shop = Shop(sellers=1, capacity=1, strategy=Wanted())
    silent = shop.open("silent")
    shop.open("unwanted", unwanted=True)

    shop.pass_time(10 * MINUTE)

    kinds = [entry.kind for entry in shop.system.store.entries[silent].values()]
    assert kinds == [EntryKind.OPENED, EntryKind.ASSIGNED, EntryKind.QUEUED, EntryKind.ASSIGNED]
