"""Nobody keeps a seller's place without talking while somebody else waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from chat.contacts.holding import SETTLED, SILENT
from chat.model.entries import Entry, EntryKind, Status
from chat.model.identity import Principal, Role
from chat.model.inbox import Listing
from chat.model.sellers import Seller
from chat.model.settings import Settings
from chat.model.timestamps import iso
from chat.ports.strategies import Ask, Strategy
from chat.team import LeastLoaded
from tests.doubles.conversations import TwoAtTheEnd
from tests.worlds.domain import Client, System

STEP = 5
MINUTE = 60


class Shop:
    """A team on a clock that runs: events and check-ups come when they are due, sellers say that they are there."""

    def __init__(self, sellers: int, capacity: int, strategy: Strategy | None = None) -> None:
        self.system = System(store=TwoAtTheEnd(), strategy=strategy or LeastLoaded())
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


def test_who_lost_a_seller_that_vanished_need_not_wait_for_one_who_goes_on_saying_nothing() -> None:
    two = Shop(sellers=2, capacity=1)
    lost = two.open("lost")
    two.speak(lost)
    silent, waits = two.open("silent"), two.open("waits")
    two.pass_time(MINUTE)
    there, gone = sorted(two.sellers, key=lambda each: each.sender.principal.user_id == two.newest(lost).state.seller)
    there.send("closeChat", contact_id=waits)
    two.pass_time(STEP)
    assert two.is_open(silent)

    two.sellers.remove(gone)
    two.pass_time(5 * MINUTE)

    assert (two.newest(lost).state.seller, two.is_open(silent)) == (there.sender.principal.user_id, False)


def test_who_never_speaks_is_closed_after_the_idle_time_however_often_the_seller_changes(one: Shop) -> None:
    lost, waits = one.open("lost"), one.open("waits")
    one.pass_time(MINUTE)
    one.sellers[0].send("closeChat", contact_id=waits)

    one.pass_time(Settings().idle_seconds)

    newest = one.newest(lost)
    assert (newest.kind, newest.details) == (EntryKind.CLOSED, {"reason": "idle"})


def test_who_never_speaks_and_was_put_away_stays_as_long_once_their_seller_has_looked(one: Shop) -> None:
    seller, idle = one.sellers[0], Settings().idle_seconds
    lost, waits = one.open("lost"), one.open("waits")
    one.pass_time(MINUTE)
    seller.send("closeChat", contact_id=waits)
    one.pass_time(STEP)
    until = iso(one.system.clock.now() + timedelta(seconds=2 * idle))
    seller.send("snooze", contact_id=lost, until=until)
    one.pass_time(2 * idle)

    seller.send("snooze", contact_id=lost, ends=until)

    one.pass_time(idle - MINUTE)
    assert one.is_open(lost)
    one.pass_time(2 * MINUTE)
    assert one.newest(lost).details == {"reason": "idle"}


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


# When a contact is looked at again


def look(shop: Shop, contact: str) -> float | None:
    """Seconds until a contact is to be looked at again, once what is due for it is done; None for never."""
    again = shop.system.check_up(contact)
    return again.total_seconds() if again else None


@pytest.mark.parametrize(("silent_for", "again"), [(20, 40), (60, 60), (70, 50)])
def test_who_says_nothing_is_looked_at_after_a_minute_and_then_every_minute_or_when_the_lease_ends(
    one: Shop, silent_for: int, again: int
) -> None:
    silent = one.open("silent")

    one.system.clock.advance(seconds=silent_for)

    assert look(one, silent) == again


@pytest.mark.parametrize(("gone_for", "again", "keeps"), [(4, 10, True), (5, 60, False)])
def test_whether_a_silent_visitor_has_left_is_looked_at_after_five_seconds_and_every_ten(
    one: Shop, gone_for: int, again: int, keeps: bool
) -> None:
    silent = one.open("silent")
    one.leave(silent)
    one.open("waits")

    one.system.clock.advance(seconds=gone_for)

    assert (look(one, silent), one.is_open(silent)) == (again, keeps)


def test_who_lost_a_seller_by_silence_is_looked_at_when_their_time_is_over(one: Shop) -> None:
    lost = one.open("lost")
    one.open("waits")
    one.pass_time(MINUTE)
    assert not one.is_open(lost)

    one.system.clock.advance(minutes=20)

    assert look(one, lost) == 10 * MINUTE


def test_who_lost_a_seller_by_silence_gives_way_again_to_who_comes_at_the_moment_at_which_they_are_given_one(
    one: Shop,
) -> None:
    lost, waits = one.open("lost"), one.open("waits")
    one.pass_time(MINUTE)
    one.sellers[0].send("closeChat", contact_id=waits)
    one.pass_time(0)
    assert one.is_open(lost)
    late = one.open("late")

    one.pass_time(MINUTE)

    assert (one.is_open(lost), one.is_open(late)) == (False, True)


def test_who_waits_for_a_seller_by_name_has_the_place_of_a_silent_one_of_the_team_whatever_the_names() -> None:
    shop = Shop(sellers=0, capacity=0)
    shop.system.store.sellers.register(Seller("zoe", "support", 1))
    zoe = shop.system.connect(Principal("zoe", Role.SELLER), "zoe")
    zoe.send("presence", status="online")
    silent, waits = shop.open("silent"), shop.open("waits", "zoe")
    shop.system.clock.advance(seconds=MINUTE)

    look(shop, silent)

    assert (shop.is_open(silent), shop.is_open(waits)) == (False, True)


@pytest.mark.parametrize(("at", "again"), [(1799, 1), (1800, 60), (2100, 300), (3720, 900)])
def test_who_speaks_alone_is_looked_at_after_the_idle_time_and_then_ever_more_rarely(
    one: Shop, at: int, again: int
) -> None:
    alone = one.open("alone")
    one.answer(alone)
    one.system.clock.advance(seconds=at - 20)
    one.speak(alone)

    one.system.clock.advance(seconds=20)

    assert look(one, alone) == again


def test_what_is_closed_for_who_waits_is_looked_at_once_more(one: Shop) -> None:
    alone = one.open("alone")
    one.answer(alone)
    one.system.clock.advance(seconds=1780)
    one.speak(alone)
    one.open("waits")
    one.system.clock.advance(seconds=20)

    assert (look(one, alone), one.is_open(alone)) == (60, False)


@pytest.mark.parametrize(("later", "again", "keeps"), [(119, 1, True), (120, 60, False)])
def test_a_seller_who_is_not_there_loses_the_contact_when_the_lease_ends_and_not_before(
    one: Shop, later: int, again: int, keeps: bool
) -> None:
    contact = one.open("speaks")
    one.speak(contact)
    one.sellers[0].send("presence", status="away")

    one.system.clock.advance(seconds=later)

    assert (look(one, contact), one.is_open(contact)) == (again, keeps)


def test_a_seller_who_is_there_and_has_not_answered_is_looked_at_once_more_after_another_lease(one: Shop) -> None:
    contact = one.open("speaks")
    one.speak(contact)
    one.system.clock.advance(seconds=120)

    assert (look(one, contact), one.is_open(contact)) == (120, True)


def test_a_seller_whom_nobody_has_registered_keeps_the_contact_without_a_sign_of_life(one: Shop) -> None:
    contact = one.open("speaks", "unregistered")
    one.speak(contact)
    one.system.clock.advance(seconds=200)

    assert (look(one, contact), one.is_open(contact)) == (1600, True)


class Asked(LeastLoaded):
    """Notes who had a contact before, each time that it is asked for sellers."""

    def __init__(self) -> None:
        self.previous: list[str | None] = []

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        self.previous.append(ask.previous)
        return super().order(ask, sellers)


def test_the_strategy_is_told_from_which_seller_who_vanished_a_contact_comes() -> None:
    strategy = Asked()
    shop = Shop(sellers=1, capacity=1, strategy=strategy)
    contact = shop.open("waits")
    shop.sellers[0].send("presence", status="away")
    shop.system.clock.advance(seconds=120)

    look(shop, contact)

    assert strategy.previous[-1] == "seller-0"


@pytest.mark.parametrize(("later", "keeps"), [(29, True), (30, False)])
def test_what_is_back_from_a_snooze_and_not_looked_at_stays_three_days_and_the_idle_time(
    one: Shop, later: int, keeps: bool
) -> None:
    contact = one.open("speaks")
    one.answer(contact)
    until = one.system.clock.now() + timedelta(hours=1)
    assert one.sellers[0].send("snooze", contact_id=contact, until=iso(until))["until"] == iso(until)

    one.system.clock.advance(days=3, hours=1, minutes=later)
    look(one, contact)

    assert one.is_open(contact) == keeps
