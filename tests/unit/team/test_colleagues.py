"""Who a seller sees of the team."""

from __future__ import annotations

from chat.model.hours import Hours
from chat.model.identity import Principal, Role
from chat.model.sellers import FRESH_SECONDS, Availability, Seller
from chat.model.timestamps import epoch_seconds
from chat.protocol.replies import MAX_PAGE_BYTES
from chat.team.colleagues import MOST_SELLERS, MOST_TEAMS
from tests.worlds.domain import Client, System

ANA = Principal("ana", Role.SELLER)


def team_of(system: System, *sellers: Seller) -> Client:
    for seller in sellers:
        system.store.sellers.register(seller)
    return system.connect(ANA, "ana-1")


def test_a_seller_sees_the_team_by_name_those_who_are_there_first() -> None:
    system = System()
    now = epoch_seconds(system.clock.now())
    ana = team_of(
        system,
        Seller("ana", "support", 5, 2, Availability.AWAY, now, name="Ana"),
        Seller("bo", "support", 3, 3, Availability.ONLINE, now),
        Seller("cy", "sales", 3, 0, Availability.ONLINE, now),
    )

    assert ana.send("team") == {
        "action": "team",
        "team": "support",
        "sellers": [
            {"seller_id": "bo", "name": "bo", "status": "online", "open_count": 3, "capacity": 3},
            {"seller_id": "ana", "name": "Ana", "status": "away", "open_count": 2, "capacity": 5},
        ],
        "teams": [{"team": "sales", "there": 1, "room": 3}, {"team": "support", "there": 1, "room": 0}],
    }


def test_of_a_team_those_count_who_are_there_within_their_hours() -> None:
    system = System()
    now = epoch_seconds(system.clock.now())
    closed = Hours.parse({"time_zone": "UTC", "week": {}})
    ana = team_of(
        system,
        Seller("ana", "support", 5),
        Seller("bo", "sales", 3, 1, Availability.ONLINE, now),
        Seller("cy", "sales", 3, 5, Availability.ONLINE, now),
        Seller("di", "sales", 3, 0, Availability.AWAY, now),
        Seller("ed", "sales", 3, 0, Availability.ONLINE, now, hours=closed),
        Seller("fay", "sales", 3, 0, Availability.ONLINE, now - FRESH_SECONDS - 1),
    )

    assert {"team": "sales", "there": 2, "room": 2} in ana.send("team")["teams"]


def test_of_very_many_teams_some_are_listed_and_always_the_sellers_own() -> None:
    system = System()
    others = (Seller(f"seller-{number}", f"{'t' * 100}-{number}", 5) for number in range(MOST_SELLERS + 1))
    ana = team_of(system, *others, Seller("ana", "a-team", 5))

    teams = ana.send("team")["teams"]

    assert len(teams) == MOST_TEAMS
    assert "a-team" in {each["team"] for each in teams}


def test_who_is_away_comes_before_who_is_offline_and_both_behind_who_is_there() -> None:
    system = System()
    now = epoch_seconds(system.clock.now())
    said = {"ana": Availability.OFFLINE, "bo": Availability.AWAY, "cy": Availability.OFFLINE, "di": Availability.ONLINE}
    ana = team_of(system, *(Seller(name, "support", 5, 0, word, now) for name, word in said.items()))

    assert [each["seller_id"] for each in ana.send("team")["sellers"]] == ["di", "bo", "ana", "cy"]


def test_who_was_not_heard_of_lately_is_offline_whatever_they_said() -> None:
    system = System()
    long_ago = epoch_seconds(system.clock.now()) - FRESH_SECONDS - 1
    ana = team_of(system, Seller("ana", "support", 5, 0, Availability.ONLINE, long_ago))

    assert [each["status"] for each in ana.send("team")["sellers"]] == ["offline"]


def test_of_a_large_team_as_many_are_listed_as_fit_into_one_frame() -> None:
    system = System()
    ana = team_of(
        system, Seller("ana", "support", 5), *(Seller(f"seller-{number}", "support", 5) for number in range(1000))
    )

    listed = ana.send("team")

    assert 100 < len(listed["sellers"]) < 1000
    assert len(str(listed)) < 2 * MAX_PAGE_BYTES


def test_a_visitor_sees_no_team(system: System, visitor: Client) -> None:
    assert visitor.send("team")["code"] == "forbidden"


def test_who_is_not_registered_has_no_team(seller: Client) -> None:
    assert seller.send("team")["code"] == "unknown_seller"
