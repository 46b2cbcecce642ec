"""Snooze: a seller puts an open contact away, and it is back at its time, or as soon as something happens in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chat.contacts.holding import KEPT
from chat.model.entries import EntryKind, Status
from chat.model.identity import Principal, Role
from chat.model.sellers import Availability, Seller
from chat.model.settings import Settings
from chat.model.timestamps import epoch_seconds, iso
from tests.doubles.conversations import MemoryConversations, TwoAtTheEnd
from tests.doubles.machine import START
from tests.worlds.domain import COLLEAGUE, SELLER, VISITOR, Client, System

NIGHT = timedelta(hours=14)
MONTH = timedelta(days=30)
TOMORROW = iso(START + NIGHT)
HALF_AN_HOUR = timedelta(seconds=Settings().idle_seconds)


@pytest.fixture
def colleague(system: System) -> Client:
    """A seller who has nothing to do with the contact yet."""
    return system.connect(COLLEAGUE, "colleague-laptop")


def put_away(client: Client, contact: str, until: str = TOMORROW, **fields: Any) -> dict[str, Any]:
    answer = client.send("snooze", contact_id=contact, until=until, **fields)
    assert answer["action"] == "snooze"
    return answer


def listed(client: Client, contact: str) -> dict[str, Any] | None:
    """What the seller's list says of a contact that is put away."""
    (found,) = [each for each in client.send("inbox", tails=True)["contacts"] if each["contact_id"] == contact]
    told: dict[str, Any] | None = found.get("snooze")
    return told


def test_a_contact_is_put_away_until_a_time_and_the_lists_tell(seller: Client, contact: str) -> None:
    assert listed(seller, contact) is None

    answer = put_away(seller, contact)

    assert answer == {"action": "snooze", "contact_id": contact, "until": TOMORROW, "seq": 2}
    assert listed(seller, contact) == {"until": TOMORROW, "seq": 2}
    assert seller.send("inbox", lines=True)["contacts"][0]["snooze"] == {"until": TOMORROW, "seq": 2}
    assert "snooze" not in seller.send("inbox")["contacts"][0]
    assert seller.send("snooze", contact_id=contact) == answer


def test_what_came_before_the_newest_entry_does_not_bring_it_back() -> None:
    system = System(store=TwoAtTheEnd())
    visitor, seller = system.connect(VISITOR, "visitor-laptop"), system.connect(SELLER, "seller-laptop")
    contact = visitor.send("InitChat", sellerId=SELLER.user_id, userInfo={})["contact_id"]
    for person in (visitor, seller):
        person.send("sendMessage", contact_id=contact, message="Until tomorrow")

    answer = put_away(seller, contact)

    assert (answer.get("until"), answer.get("seq")) == (TOMORROW, 4)


def test_the_sellers_other_devices_hear_of_it_and_nobody_else_does(
    system: System, visitor: Client, seller: Client, colleague: Client, contact: str
) -> None:
    phone = system.connect(SELLER, "seller-phone")
    system.forget_what_happened()

    seller.send("snooze", contact_id=contact)
    assert phone.received == []
    put_away(seller, contact)
    assert [frame.get("until") for frame in phone.received] == [TOMORROW]
    seller.send("snooze", contact_id=contact, ends=TOMORROW)
    assert [frame.get("until") for frame in phone.received] == [TOMORROW, None]
    assert visitor.received == seller.received == colleague.received == []


def test_it_moves_nothing_of_the_log_and_keeps_its_place(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    before, held = visitor.send("sync", contact_id=contact, after=0), system.store.listings[contact]

    put_away(seller, contact)

    assert visitor.send("sync", contact_id=contact, after=0) == before
    assert replace(system.store.listings[contact], snooze=None) == held


def test_it_is_told_as_it_was_after_its_time_until_the_seller_has_looked_at_it(
    system: System, seller: Client, contact: str
) -> None:
    put_away(seller, contact)
    system.clock.advance(seconds=NIGHT.total_seconds() + 60)

    for _ in range(2):
        assert listed(seller, contact) == {"until": TOMORROW, "seq": 2}
    for _ in range(2):
        assert seller.send("snooze", contact_id=contact, ends=TOMORROW) == {"action": "snooze", "contact_id": contact}
    assert listed(seller, contact) is None


@pytest.mark.parametrize("another", [timedelta(hours=1), 2 * NIGHT])
def test_what_ends_another_snooze_leaves_this_one(seller: Client, contact: str, another: timedelta) -> None:
    put_away(seller, contact)

    assert seller.send("snooze", contact_id=contact, ends=iso(START + another))["until"] == TOMORROW
    assert listed(seller, contact)


def test_the_last_of_two_devices_says_until_when(seller: Client, contact: str) -> None:
    later, sooner = iso(START + 2 * NIGHT), iso(START + timedelta(hours=1))

    for until, name in ((TOMORROW, "b"), (later, "c"), (sooner, "a")):
        assert put_away(seller, contact, until, id=name)["until"] == until
        assert listed(seller, contact) == {"until": until, "seq": 2}


def test_it_is_back_at_once_when_the_visitor_writes(visitor: Client, seller: Client, contact: str) -> None:
    put_away(seller, contact)

    visitor.send("sendMessage", contact_id=contact, message="Are you there?")

    assert listed(seller, contact) is None
    assert "until" not in seller.send("snooze", contact_id=contact)


def test_it_stays_away_whatever_the_seller_writes_and_whatever_page_the_visitor_looks_at(
    visitor: Client, seller: Client, contact: str
) -> None:
    put_away(seller, contact)

    seller.send("sendMessage", contact_id=contact, message="I ask, and write to you tomorrow")
    visitor.send("identify", contact_id=contact, userInfo={"page": "/bowls"})

    assert listed(seller, contact) == {"until": TOMORROW, "seq": 2}


# A name before and one behind those that visitors have in a contact.
@pytest.mark.parametrize("name", ["ana", "zoe"])
def test_what_the_seller_did_not_have_yet_brings_it_back_at_once(system: System, visitor: Client, name: str) -> None:
    seller = system.connect(Principal(name, Role.SELLER), f"{name}-laptop")
    contact = visitor.send("InitChat", sellerId=name, userInfo={})["contact_id"]
    visitor.send("sendMessage", contact_id=contact, message="One more thing")

    assert "until" not in put_away(seller, contact, base=2)
    assert listed(seller, contact) is None
    assert put_away(seller, contact, base=3)["seq"] == 3
    assert put_away(seller, contact, base=99)["seq"] == 3


def test_a_device_that_is_behind_leaves_it_away_as_another_one_said(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    visitor.send("sendMessage", contact_id=contact, message="One more thing")
    put_away(seller, contact, base=3)
    tablet = system.connect(SELLER, "tablet")
    system.forget_what_happened()

    answer = put_away(tablet, contact, iso(START + 2 * NIGHT), base=2)

    assert (answer["until"], answer["seq"]) == (TOMORROW, 3)
    assert seller.received == [answer]
    assert listed(tablet, contact) == {"until": TOMORROW, "seq": 3}


def test_what_the_seller_and_the_visitors_page_said_since_leaves_it_away(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    seller.send("sendMessage", contact_id=contact, message="Until tomorrow")
    visitor.send("identify", contact_id=contact, userInfo={"page": "/bowls"})
    # Their name is read anew with every connection.
    phone = system.connect(Principal("".join(SELLER.user_id), Role.SELLER), "seller-phone")

    assert put_away(phone, contact, base=2)["seq"] == 2


def test_a_cursor_that_lies_too_far_back_is_refused(seller: Client, contact: str) -> None:
    for number in range(20):
        seller.send("sendMessage", contact_id=contact, message=f"Message {number}")

    refused = seller.send("snooze", contact_id=contact, until=TOMORROW, base=2)

    assert (refused["code"], refused["field"]) == ("bad_field", "base")


def test_a_repeated_frame_does_not_put_away_what_has_come_back_since(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    for _ in range(2):
        assert put_away(seller, contact, id="s1", base=2)["until"] == TOMORROW
    visitor.send("sendMessage", contact_id=contact, message="Are you there?")
    assert "until" not in put_away(seller, contact, id="s1", base=2)

    put_away(seller, contact, id="s2", base=3)
    seller.send("snooze", contact_id=contact, ends=TOMORROW)
    assert "until" not in put_away(seller, contact, id="s2", base=3)

    put_away(seller, contact, id="s3", base=3)
    system.clock.advance(seconds=NIGHT.total_seconds() + 60)
    assert put_away(seller, contact, id="s3", base=3)["until"] == TOMORROW


def test_of_a_contact_that_was_handed_over_nothing_is_left(seller: Client, colleague: Client, contact: str) -> None:
    put_away(seller, contact)

    seller.send("transferChat", contact_id=contact, to="654321")
    assert listed(colleague, contact) is None
    assert seller.send("snooze", contact_id=contact, until=TOMORROW)["code"] == "forbidden"
    colleague.send("transferChat", contact_id=contact, to="123456")
    assert listed(seller, contact) is None


def test_of_a_contact_that_was_closed_nothing_is_left(seller: Client, contact: str) -> None:
    put_away(seller, contact)
    seller.send("closeChat", contact_id=contact)

    assert "until" not in seller.send("snooze", contact_id=contact)
    assert seller.send("snooze", contact_id=contact, until=TOMORROW)["code"] == "contact_closed"
    seller.send("sendMessage", contact_id=contact, message="One more thing")
    assert listed(seller, contact) is None


@pytest.mark.parametrize("fields", [{}, {"until": TOMORROW}, {"ends": TOMORROW}])
def test_only_its_own_seller_puts_it_away(
    visitor: Client, seller: Client, colleague: Client, contact: str, fields: dict[str, Any]
) -> None:
    put_away(seller, contact)

    for client in (visitor, colleague):
        assert client.send("snooze", contact_id=contact, **fields)["code"] == "forbidden"
    assert listed(seller, contact)


def test_what_waits_for_the_team_is_nobodys_to_put_away(system: System, visitor: Client) -> None:
    system.store.sellers.register(Seller("ana", "support", 5))
    waiting = str(visitor.send("InitChat", sellerId="support", userInfo={})["contact_id"])
    ana = system.connect(Principal("ana", Role.SELLER), "ana-laptop")

    assert ana.send("snooze", contact_id=waiting, until=TOMORROW)["code"] == "forbidden"


@pytest.mark.parametrize(
    "until",
    ["", "tomorrow", "2026-11-24", "2026-11-24T08:00:00", "2026-11-24T08:00:00+01:00", "2026-02-31T08:00:00Z", 5, True],
)
@pytest.mark.parametrize("field", ["until", "ends"])
def test_what_is_no_time_is_refused_with_what_to_do(seller: Client, contact: str, field: str, until: Any) -> None:
    put_away(seller, contact)

    refused = seller.send("snooze", contact_id=contact, **{field: until})

    assert (refused["code"], refused["field"]) == ("bad_field", field)
    assert "2026-11-30T09:00:00.000Z" in refused["reason"]


@pytest.mark.parametrize("away", [timedelta(days=-1), timedelta(), MONTH + timedelta(seconds=1)])
def test_a_time_that_is_past_or_too_far_away_is_refused(seller: Client, contact: str, away: timedelta) -> None:
    refused = seller.send("snooze", contact_id=contact, until=iso(START + away))

    assert (refused["code"], refused["field"]) == ("bad_field", "until")
    assert iso(START + MONTH) in refused["reason"]
    assert put_away(seller, contact, iso(START + MONTH))["until"] == iso(START + MONTH)


def test_nothing_is_put_away_until_it_is_past_its_retention(system: System, seller: Client, contact: str) -> None:
    ends = epoch_seconds(START) + 3 * 86_400
    log = system.store.entries[contact]
    for seq in log:
        log[seq] = replace(log[seq], expires_at=ends)

    assert seller.send("snooze", contact_id=contact, until=iso(START + timedelta(days=4)))["code"] == "bad_field"
    assert put_away(seller, contact, iso(START + timedelta(days=3)))["action"] == "snooze"


def test_what_is_past_its_retention_is_put_away_by_nobody(system: System, seller: Client, contact: str) -> None:
    put_away(seller, contact)
    system.clock.advance(seconds=system.settings.retention_days * 86_400 + 2 * 3600)

    assert seller.send("snooze", contact_id=contact)["code"] == "contact_expired"
    assert system.store.listings[contact].snooze is None


def test_of_who_was_erased_nothing_is_noted(system: System, seller: Client, contact: str) -> None:
    system.store.listings[contact] = replace(system.store.listings[contact], visitor="")

    assert seller.send("snooze", contact_id=contact, until=TOMORROW)["code"] == "try_again"
    assert system.store.listings[contact].snooze is None


def test_what_moves_at_that_very_moment_is_not_put_away(system: System, seller: Client, contact: str) -> None:
    def and_moves(listing: Any, snooze: Any) -> bool:
        system.store.listings[contact] = replace(listing, since=iso(START + timedelta(seconds=1)))
        return MemoryConversations.snooze(system.store, listing, snooze)

    system.store.snooze = and_moves  # type: ignore[method-assign]

    assert seller.send("snooze", contact_id=contact, until=TOMORROW)["code"] == "try_again"


def test_a_contact_of_before_visitors_messages_were_counted_is_back_with_the_next_entry(
    system: System, seller: Client, contact: str
) -> None:
    log = system.store.entries[contact]
    for seq in log:
        log[seq] = replace(log[seq], state=replace(log[seq].state, talk=None))
    put_away(seller, contact)
    assert listed(seller, contact)

    seller.send("sendMessage", contact_id=contact, message="Until tomorrow")

    assert listed(seller, contact) is None


class TestIdleTime:
    """What is put away is not closed for being idle: it is to be there when its time comes."""

    @pytest.fixture
    def spoken(self, system: System, visitor: Client) -> str:
        """A contact in which the seller has answered."""
        there = Seller("123456", "support", 5, 0, Availability.ONLINE, epoch_seconds(START))
        system.store.sellers.register(there)
        contact = str(visitor.send("InitChat", sellerId="123456", userInfo={})["contact_id"])
        visitor.send("sendMessage", contact_id=contact, message="Where is my bowl?")
        seller = system.connect(SELLER, "seller-desk")
        seller.send("sendMessage", contact_id=contact, message="I ask the carrier")
        return contact

    def closed_as_idle(self, system: System, contact: str) -> bool:
        newest = system.store.entries[contact][max(system.store.entries[contact])]
        return newest.state.status is Status.CLOSED and newest.details == {"reason": "idle"}

    def pass_time(self, system: System, contact: str, lasts: timedelta) -> None:
        """Check-ups come when the one before said so."""
        ends = system.clock.now() + lasts
        while (again := system.check_up(contact)) and system.clock.now() + again <= ends:
            system.clock.advance(seconds=max(again.total_seconds(), 1))
        system.clock.advance(seconds=(ends - system.clock.now()).total_seconds())

    def somebody_waits(self, system: System) -> str:
        """Another visitor's contact with the seller, in which they have spoken."""
        other = system.connect(Principal("device-2", Role.VISITOR), "other")
        waiting = str(other.send("InitChat", sellerId="123456", userInfo={})["contact_id"])
        other.send("sendMessage", contact_id=waiting, message="Hello?")
        return waiting

    def test_it_waits_for_its_time_and_is_looked_at_every_half_hour(
        self, system: System, seller: Client, spoken: str
    ) -> None:
        put_away(seller, spoken)

        assert system.check_up(spoken) == HALF_AN_HOUR
        self.pass_time(system, spoken, NIGHT)
        assert not self.closed_as_idle(system, spoken)

    def test_what_ends_it_before_its_time_is_noticed_by_the_check_up_that_is_due(
        self, system: System, visitor: Client, seller: Client, spoken: str
    ) -> None:
        put_away(seller, spoken)
        due = system.check_up(spoken)
        assert due is not None
        assert due <= HALF_AN_HOUR
        visitor.send("sendMessage", contact_id=spoken, message="Are you there?")

        system.clock.advance(seconds=due.total_seconds())
        self.pass_time(system, spoken, HALF_AN_HOUR)

        assert self.closed_as_idle(system, spoken)

    def test_it_stays_for_a_seller_who_comes_later_but_not_for_ever(
        self, system: System, seller: Client, spoken: str
    ) -> None:
        put_away(seller, spoken)

        self.pass_time(system, spoken, NIGHT + KEPT)
        assert not self.closed_as_idle(system, spoken)
        assert listed(seller, spoken)
        self.pass_time(system, spoken, 2 * HALF_AN_HOUR)
        assert self.closed_as_idle(system, spoken)

    def test_once_the_seller_has_looked_at_it_it_is_like_any_other(
        self, system: System, seller: Client, spoken: str
    ) -> None:
        put_away(seller, spoken)
        self.pass_time(system, spoken, NIGHT + timedelta(hours=3))

        seller.send("snooze", contact_id=spoken, ends=TOMORROW)

        assert system.check_up(spoken) == HALF_AN_HOUR
        self.pass_time(system, spoken, HALF_AN_HOUR + timedelta(seconds=1))
        system.check_up(spoken)
        assert self.closed_as_idle(system, spoken)

    def test_one_whose_visitor_has_written_meanwhile_is_like_any_other(
        self, system: System, visitor: Client, seller: Client, spoken: str
    ) -> None:
        put_away(seller, spoken)
        visitor.send("sendMessage", contact_id=spoken, message="Are you there?")

        assert system.check_up(spoken) == HALF_AN_HOUR

    def test_it_keeps_its_place_also_while_others_wait(
        self, system: System, visitor: Client, seller: Client, spoken: str
    ) -> None:
        system.store.sellers.register(replace(system.store.sellers.items["123456"], capacity=1))
        visitor.send("sendMessage", contact_id=spoken, message="Thank you")
        put_away(seller, spoken)
        waiting = self.somebody_waits(system)

        self.pass_time(system, spoken, NIGHT)

        assert not self.closed_as_idle(system, spoken)
        assert max(system.store.entries[waiting].values(), key=lambda each: each.seq).kind is not EntryKind.ASSIGNED

    def test_one_whose_visitor_has_said_nothing_keeps_its_place_too(
        self, system: System, visitor: Client, seller: Client
    ) -> None:
        there = Seller("123456", "support", 1, 0, Availability.ONLINE, epoch_seconds(START))
        system.store.sellers.register(there)
        silent = str(visitor.send("InitChat", sellerId="123456", userInfo={})["contact_id"])
        seller.send("sendMessage", contact_id=silent, message="What can I do for you?")
        put_away(seller, silent)
        self.somebody_waits(system)

        self.pass_time(system, silent, NIGHT)

        assert listed(seller, silent) == {"until": TOMORROW, "seq": 3}
