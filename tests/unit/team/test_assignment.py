"""Who is given a contact: by the environment's strategy, never over capacity, and never nobody in silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from chat.model.hours import Hours
from chat.model.identity import Principal, Role
from chat.model.sellers import Availability, Seller
from chat.model.settings import Settings
from chat.model.timestamps import epoch_seconds
from chat.ports.errors import SellerFullError
from chat.ports.shop import (
    ContactRequest,
    DirectoryUnavailableError,
    RegisteredContact,
)
from chat.ports.strategies import Ask, Strategy
from chat.team import Offer, Outlook, first_with_room
from chat.team.assignment import MOST_OFFERS
from chat.team.strategies import STRATEGIES, Direct, LeastLoaded, RoundRobin, Sticky
from tests.doubles.machine import START
from tests.worlds.domain import Client, System

NOW = epoch_seconds(START)
ASK = Ask("contact-1", "support", "visitor-7", {})
CLOSED_TODAY = Hours.parse({"time_zone": "UTC", "week": {}})


def seller(name: str, *, open_count: int = 0, capacity: int = 5, last: str = "", hours: Hours | None = None) -> Seller:
    return Seller(name, "support", capacity, open_count, Availability.ONLINE, NOW, last, hours)


def with_team(*sellers: Seller, strategy: Strategy | None = None, settings: Settings | None = None) -> System:
    system = System(strategy=strategy or LeastLoaded(), settings=settings or Settings())
    for each in sellers:
        system.store.sellers.register(each)
    return system


def start(system: System, number: int = 1, requested: str = "support") -> dict[str, object]:
    visitor = system.connect(Principal(f"device-{number}", Role.VISITOR), f"visitor-{number}")
    return visitor.send("InitChat", sellerId=requested, userInfo={"name": "Ana"})


def names(sellers: Sequence[Seller]) -> list[str]:
    return [each.id for each in sellers]


# Strategies


def test_least_loaded_asks_who_has_fewest_and_then_who_waited_longest() -> None:
    team = [seller("a", open_count=2), seller("b", last="2026-01-02"), seller("c", last="2026-01-01")]

    assert names(LeastLoaded().order(ASK, team)) == ["c", "b", "a"]


def test_round_robin_asks_who_waited_longest_however_many_he_has() -> None:
    team = [seller("a", last="2026-01-03"), seller("b", open_count=4), seller("c", last="2026-01-01")]

    assert names(RoundRobin().order(ASK, team)) == ["b", "c", "a"]


def test_sticky_asks_who_served_this_visitor_last_and_then_the_least_loaded() -> None:
    team = [seller("a"), seller("bo", open_count=1), seller("c", open_count=4)]

    assert names(Sticky().order(Ask("c1", "support", "v", {}, previous="c"), team)) == ["c", "a", "bo"]
    assert names(Sticky().order(Ask("c1", "support", "v", {}, previous="gone"), team)) == ["a", "bo", "c"]
    # A name as it comes from the log is another object than the one of the table.
    assert names(Sticky().order(Ask("c1", "support", "v", {}, previous="".join(["b", "o"])), team)) == ["bo", "a", "c"]


def test_direct_asks_the_one_the_page_names_or_else_the_team() -> None:
    team = [seller("a"), seller("bo", open_count=1), seller("cy", open_count=2)]

    # A name as it comes in a frame is another object than the one of the table.
    assert names(Direct().order(Ask("c1", "".join(["b", "o"]), "v", {}), team)) == ["bo"]
    assert names(Direct().order(ASK, team)) == ["a", "bo", "cy"]


def test_every_strategy_that_needs_nothing_has_a_name() -> None:
    assert set(STRATEGIES) == {"direct", "least_loaded", "round_robin", "sticky"}


def test_all_of_them_but_direct_give_contacts_only_to_sellers_who_are_there() -> None:
    assert [name for name, strategy in STRATEGIES.items() if not strategy().needs_presence] == ["direct"]


# In a whole system


def test_contacts_are_spread_over_a_team_within_everyones_capacity() -> None:
    system = with_team(seller("ana", capacity=2), seller("bo", capacity=2), seller("cy", capacity=2))

    replies = [start(system, number) for number in range(8)]

    assert [reply["status"] for reply in replies] == ["open"] * 6 + ["queued"] * 2
    assert {each.id: each.open_count for each in system.store.sellers.items.values()} == {"ana": 2, "bo": 2, "cy": 2}


def test_who_waits_is_told_the_place() -> None:
    system = with_team(seller("ana", capacity=0))

    replies = [start(system, number) for number in range(3)]

    assert [reply["queue"] for reply in replies] == [{"position": place, "out_of_hours": False} for place in (1, 2, 3)]
    assert {reply["seller_id"] for reply in replies} == {"support"}


def test_who_comes_when_nobody_works_is_told_so() -> None:
    system = with_team(seller("ana", hours=CLOSED_TODAY))

    assert start(system)["queue"] == {"position": 1, "out_of_hours": True}


@pytest.mark.parametrize(
    ("colleague", "reason"),
    [
        (replace(seller("bo"), availability=Availability.AWAY), "away"),
        (replace(seller("bo"), heartbeat_at=0), "away"),
        (seller("bo", capacity=0), "busy"),
        (seller("bo", hours=CLOSED_TODAY), "away"),
    ],
    ids=["away", "silent", "busy", "after work"],
)
def test_who_waits_is_told_whether_anybody_is_there(colleague: Seller, reason: str) -> None:
    system = with_team(replace(seller("ana"), availability=Availability.OFFLINE), colleague)

    contact = start(system)["contact_id"]

    newest = system.store.latest(str(contact)).newest
    assert newest is not None
    assert newest.details == {"reason": reason}


def test_nobody_overtakes_who_waits_already() -> None:
    system = with_team(seller("ana", capacity=0))
    start(system, 1)
    system.store.sellers.items["ana"] = seller("ana", capacity=1)

    reply = start(system, 2)

    assert reply["queue"] == {"position": 2, "out_of_hours": False}
    assert system.store.entries[str(reply["contact_id"])][2].details == {"reason": "busy"}


@pytest.mark.parametrize("availability", [Availability.AWAY, Availability.OFFLINE])
def test_who_is_not_there_is_given_nothing(availability: Availability) -> None:
    system = with_team(Seller("ana", "support", 5, availability=availability, heartbeat_at=NOW))

    assert start(system)["status"] == "queued"


def test_who_was_not_heard_of_for_a_while_is_not_there() -> None:
    system = with_team(seller("ana"))
    system.clock.advance(seconds=151)

    assert start(system)["status"] == "queued"


def test_the_documents_seller_is_given_the_contact_without_being_there() -> None:
    system = with_team(Seller("123456", "123456", 5), strategy=Direct())

    assert start(system, requested="123456")["status"] == "open"


def test_a_seller_who_is_not_registered_may_be_asked_for_where_the_environment_says_so() -> None:
    reply = start(with_team(), requested="anybody")

    assert (reply["status"], reply["seller_id"]) == ("open", "anybody")


def test_where_sellers_must_be_registered_any_other_name_is_unknown() -> None:
    reply = start(with_team(seller("ana"), settings=Settings(accepts_unknown_sellers=False)), requested="anybody")

    assert (reply["code"], reply["field"]) == ("unknown_seller", "sellerId")


class Broken:
    """Somebody's strategy, with a mistake in it."""

    needs_presence = True

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        raise ZeroDivisionError


class Stranger:
    """A strategy that names a seller whom nobody asked about."""

    needs_presence = True

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        return [replace(sellers[0], id="somebody-else")]


@pytest.mark.parametrize("strategy", [Broken(), Stranger()])
def test_a_strategy_that_fails_or_names_nobody_we_know_loses_no_chat(strategy: Strategy) -> None:
    system = with_team(seller("ana"), strategy=strategy)

    assert start(system)["action"] == "InitChat"


def test_a_strategy_that_raises_is_noted_and_the_least_loaded_is_asked() -> None:
    system = with_team(seller("ana"), strategy=Broken())

    assert start(system)["seller_id"] == "ana"
    assert [(event, fields["error"]) for event, fields in system.journal.notes] == [
        ("strategy_failed", "ZeroDivisionError")
    ]


def test_a_full_team_whose_index_lags_costs_a_few_attempts_however_large_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sellers = [seller(f"seller-{number}", capacity=1) for number in range(50)]
    system = with_team(*(replace(each, open_count=1) for each in sellers))
    monkeypatch.setattr(system.store.sellers, "team", lambda _team: sellers)

    assert start(system)["queue"] == {"position": 1, "out_of_hours": False}
    assert system.store.requests["commit"] == MOST_OFFERS + 1


# Who may be asked


def outlook(system: System, requested: str, without: str | None = None) -> Outlook:
    return system.services.assignment.outlook(Ask("c1", requested, "v", {}), without=without)


@pytest.mark.parametrize(("own_team", "asked"), [("support", ["ana"]), ("aaa", ["ana"]), ("ana", ["ana", "bo"])])
def test_a_name_is_a_sellers_before_it_is_a_teams_but_for_who_is_in_the_team_of_that_name(
    own_team: str, asked: list[str]
) -> None:
    system = with_team(replace(seller("ana"), team=own_team), replace(seller("bo"), team="ana"))

    # As a frame brings it: another object than the one of the table.
    assert names(system.services.assignment.team("".join(["an", "a"]))) == asked


def test_who_is_left_out_is_not_asked() -> None:
    system = with_team(seller("ana"), seller("bo"))

    assert [offer.seller for offer in outlook(system, "support", without="".join(["an", "a"])).offers] == ["bo"]


def test_who_is_not_registered_has_room_and_works_at_any_hour_where_the_environment_says_so() -> None:
    offers = (Offer("123456", claims=False),)
    expected = Outlook(offers, out_of_hours=False, has_room=True, is_nobody_there=False)

    assert outlook(System(), "123456") == expected


def test_where_sellers_must_be_registered_nobody_else_has_room() -> None:
    system = System(settings=Settings(accepts_unknown_sellers=False))

    assert outlook(system, "123456") == Outlook((), out_of_hours=False, has_room=False)


@pytest.mark.parametrize(
    ("sellers", "reason"),
    [
        ([seller("ana", hours=CLOSED_TODAY)], "out_of_hours"),
        ([seller("ana", hours=CLOSED_TODAY), seller("bo", capacity=0)], "busy"),
    ],
)
def test_the_log_says_why_a_contact_waits(sellers: list[Seller], reason: str) -> None:
    system = with_team(*sellers)

    queued = system.store.entries[str(start(system)["contact_id"])][2]

    assert (queued.kind, queued.sender, queued.details) == ("queued", "system", {"reason": reason})


def test_three_sellers_are_tried_and_no_fourth() -> None:
    tried: list[str] = []

    def give(offer: Offer) -> None:
        tried.append(offer.seller)
        raise SellerFullError(offer.seller)

    assert first_with_room((Offer(name, claims=True) for name in "abcde"), give) is None
    assert tried == ["a", "b", "c"]


# The directory


class Directory:
    """The shop's list of contacts."""

    def __init__(self, contact_id: str | None) -> None:
        self.contact_id = contact_id
        self.requests: list[ContactRequest] = []

    def register(self, request: ContactRequest) -> RegisteredContact:
        self.requests.append(request)
        if self.contact_id is None:
            raise DirectoryUnavailableError("no answer in time")
        return RegisteredContact(self.contact_id)


def test_the_shop_gives_the_contact_its_id() -> None:
    system = System(directory=Directory("shop-17"))

    assert start(system)["contact_id"] == "shop-17"
    assert system.store.entries["shop-17"][1].details["registered"] is True


def test_the_shop_is_told_what_it_needs_and_not_the_device_id() -> None:
    directory = Directory("shop-17")

    start(System(directory=directory))

    (request,) = directory.requests
    assert (request.seller_id, request.user_info) == ("support", {"name": "Ana"})
    assert "device-1" not in f"{request.visitor} {request.idempotency_key} {request.proposed_contact_id}"


def test_without_the_shops_answer_the_chat_starts_under_our_own_id() -> None:
    system = System(directory=Directory(None))

    reply = start(system)

    assert reply["status"] == "open"
    opened = system.store.entries[str(reply["contact_id"])][1]
    assert opened.details["registered"] is False
    assert [event for event, _ in system.journal.notes] == ["directory_unavailable"]


def test_an_id_that_the_shop_gives_twice_begins_no_log_twice() -> None:
    system = System(directory=Directory("shop-17"))
    first, second = start(system, 1), start(system, 2)

    assert first["contact_id"] == "shop-17"
    assert second["contact_id"] != "shop-17"
    assert system.store.entries["shop-17"][1].state.visitor == "device-1"


def test_the_shop_is_asked_under_the_same_key_by_every_attempt_at_the_same_start() -> None:
    directory = Directory(None)
    for _ in range(2):
        start(System(directory=directory))

    first, second = directory.requests
    assert first.idempotency_key == second.idempotency_key


def test_a_start_that_finds_an_open_contact_does_not_ask_the_shop() -> None:
    directory = Directory("shop-17")
    system = System(directory=directory)
    start(system)

    assert start(system)["contact_id"] == "shop-17"
    assert len(directory.requests) == 1


# Capacity over a contact's life


@pytest.fixture
def carried() -> tuple[System, Client, Client, str]:
    """A contact that takes up one of a registered seller's two places."""
    system = with_team(seller("ana", capacity=2), seller("bo", capacity=1, open_count=1))
    contact_id = str(start(system)["contact_id"])
    visitor = system.connect(Principal("device-1", Role.VISITOR), "visitor-1")
    return system, visitor, system.connect(Principal("ana", Role.SELLER), "ana-1"), contact_id


def carries(system: System, name: str) -> int:
    return system.store.sellers.items[name].open_count


def test_closing_gives_a_place_back_once(carried: tuple[System, Client, Client, str]) -> None:
    system, visitor, ana, contact_id = carried

    ana.send("closeChat", contact_id=contact_id)
    visitor.send("closeChat", contact_id=contact_id)

    assert carries(system, "ana") == 0


def test_reopening_takes_it_up_again(carried: tuple[System, Client, Client, str]) -> None:
    system, visitor, ana, contact_id = carried
    ana.send("closeChat", contact_id=contact_id)

    visitor.send("sendMessage", contact_id=contact_id, message="One more thing")

    assert carries(system, "ana") == 1


def test_a_contact_that_comes_back_to_a_full_seller_waits(carried: tuple[System, Client, Client, str]) -> None:
    system, visitor, ana, contact_id = carried
    ana.send("closeChat", contact_id=contact_id)
    system.store.sellers.items["ana"] = seller("ana", capacity=2, open_count=2)

    reply = visitor.send("sendMessage", contact_id=contact_id, message="One more thing")

    assert reply["action"] == "ack"
    assert visitor.send("sync", contact_id=contact_id, after=0)["status"] == "queued"
    assert carries(system, "ana") == 2


def test_a_contact_that_comes_back_to_a_seller_who_left_the_shop_waits() -> None:
    system = with_team(seller("ana"), settings=Settings(accepts_unknown_sellers=False))
    contact_id = str(start(system)["contact_id"])
    visitor = system.connect(Principal("device-1", Role.VISITOR), "visitor-1")
    visitor.send("closeChat", contact_id=contact_id)
    del system.store.sellers.items["ana"]

    reply = visitor.send("sendMessage", contact_id=contact_id, message="Is anybody there?")

    assert reply["action"] == "ack"
    assert visitor.send("sync", contact_id=contact_id, after=0)["status"] == "queued"


def test_a_transfer_moves_the_place(carried: tuple[System, Client, Client, str]) -> None:
    system, _visitor, ana, contact_id = carried
    system.store.sellers.items["bo"] = seller("bo", capacity=1)

    ana.send("transferChat", contact_id=contact_id, to="bo")

    assert (carries(system, "ana"), carries(system, "bo")) == (0, 1)


def test_a_transfer_to_a_full_colleague_is_refused_and_moves_nothing(
    carried: tuple[System, Client, Client, str],
) -> None:
    system, _visitor, ana, contact_id = carried

    reply = ana.send("transferChat", contact_id=contact_id, to="bo")

    assert (reply["code"], reply["field"]) == ("seller_full", "to")
    assert (carries(system, "ana"), carries(system, "bo")) == (1, 1)
    assert ana.send("sendMessage", contact_id=contact_id, message="Still me")["action"] == "ack"


def test_a_transfer_to_nobody_we_know_is_refused_where_sellers_must_be_registered() -> None:
    system = with_team(seller("ana"), settings=Settings(accepts_unknown_sellers=False))
    contact_id = start(system)["contact_id"]
    ana = system.connect(Principal("ana", Role.SELLER), "ana-1")

    assert ana.send("transferChat", contact_id=contact_id, to="nobody")["code"] == "unknown_seller"
