"""What a visitor had before: for who answers them now, as far as it was that seller's or is their team's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import Mock, call

import pytest

from chat.lists.earlier import PAGE
from chat.model.entries import EntryKind, Status
from chat.model.identity import Principal, Role
from chat.model.sellers import Availability, Seller
from chat.model.timestamps import epoch_seconds
from tests.doubles.machine import START
from tests.worlds.domain import SELLER, Client, System


@pytest.fixture
def ana(system: System) -> Client:
    """A seller of a team of two."""
    for name in ("ana", "bo"):
        system.store.sellers.register(member(name))
    return system.connect(Principal("ana", Role.SELLER), "ana-laptop")


@pytest.fixture
def bo(system: System) -> Client:
    """Her colleague."""
    return system.connect(Principal("bo", Role.SELLER), "bo-laptop")


def member(name: str, team: str = "support") -> Seller:
    return Seller(name, team, 9, 0, Availability.AWAY, epoch_seconds(START))


def begun(visitor: Client, text: str = "Hello", requested: str = "123456") -> str:
    """A contact that goes on, or waits."""
    answer = visitor.send("InitChat", sellerId=requested, userInfo={"name": "Ada"})
    visitor.send("sendMessage", contact_id=answer["contact_id"], message=text)
    return str(answer["contact_id"])


def ended(visitor: Client, text: str = "Hello", requested: str = "123456") -> str:
    contact = begun(visitor, text, requested)
    visitor.send("closeChat", contact_id=contact)
    visitor.system.clock.advance(minutes=10)
    return contact


def earlier(client: Client, contact: str, **fields: object) -> list[str]:
    answer = client.send("earlier", contact_id=contact, **fields)
    return [each["contact_id"] for each in answer["contacts"]]


def read(client: Client, contact: str, past: str, **fields: object) -> dict[str, Any]:
    return client.send("readEarlier", contact_id=contact, earlier=past, **fields)


# The list


def test_what_the_visitor_had_before_is_listed_the_newest_first(visitor: Client, seller: Client) -> None:
    first, second, now = ended(visitor, "Where is it?"), ended(visitor, "It is broken"), begun(visitor)

    answer = seller.send("earlier", contact_id=now)

    assert [each["contact_id"] for each in answer["contacts"]] == [second, first]
    assert answer["contacts"][1] == {
        "contact_id": first,
        "opened_at": "2026-01-01T00:00:00.000Z",
        "since": "2026-01-01T00:00:00.000Z",
        "seller_id": "123456",
        "name": "Ada",
        "message": "Where is it?",
    }
    assert "next" not in answer


def test_who_is_here_for_the_first_time_had_nothing(seller: Client, contact: str) -> None:
    assert seller.send("earlier", contact_id=contact) == {"action": "earlier", "contact_id": contact, "contacts": []}


def test_a_page_looks_at_so_many_and_says_where_to_go_on(visitor: Client, seller: Client) -> None:
    past = [ended(visitor, str(number)) for number in range(PAGE + 2)][::-1]
    now = begun(visitor)

    first = seller.send("earlier", contact_id=now)

    assert [each["contact_id"] for each in first["contacts"]] == past[:PAGE]
    assert first["next"] == past[PAGE - 1]
    second = seller.send("earlier", contact_id=now, after=first["next"])
    assert [each["contact_id"] for each in second["contacts"]] == past[PAGE:]
    assert "next" not in second


def test_a_page_that_ends_with_the_oldest_says_so(visitor: Client, seller: Client) -> None:
    for number in range(PAGE):
        ended(visitor, str(number))

    assert "next" not in seller.send("earlier", contact_id=begun(visitor))


def test_a_contact_that_was_reopened_is_not_before_itself(visitor: Client, seller: Client) -> None:
    contact = ended(visitor)
    visitor.send("sendMessage", contact_id=contact, message="One more thing")

    assert earlier(seller, contact) == []


def test_a_long_first_message_is_cut_off(visitor: Client, seller: Client) -> None:
    ended(visitor, "x" * 500)

    assert seller.send("earlier", contact_id=begun(visitor))["contacts"][0]["message"] == "x" * 120


# Reading one


def test_one_is_read_as_its_own_seller_read_it(visitor: Client, seller: Client) -> None:
    past = ended(visitor, "Where is it?")
    now = begun(visitor)

    answer = read(seller, now, past)

    assert (answer["earlier"], answer["after"], answer["more"]) == (past, 0, False)
    assert [entry["kind"] for entry in answer["entries"]] == ["opened", "assigned", "message", "closed"]
    assert [entry["seq"] for entry in read(seller, now, past, after=2)["entries"]] == [3, 4]


def test_a_long_one_is_read_in_pages(visitor: Client, seller: Client) -> None:
    past = begun(visitor)
    for number in range(12):
        visitor.send("sendMessage", contact_id=past, message=str(number) + "x" * 3_990)
    visitor.send("closeChat", contact_id=past)
    now = begun(visitor)

    seen: list[int] = []
    more = True
    while more:
        answer = read(seller, now, past, after=seen[-1] if seen else 0)
        assert len(answer["entries"]) < 12
        seen += [entry["seq"] for entry in answer["entries"]]
        more = answer["more"]

    assert seen == list(range(1, 17))


def test_reading_one_writes_nothing_and_nobody_is_told(system: System, visitor: Client, seller: Client) -> None:
    past, now = ended(visitor), begun(visitor)
    before = visitor.send("sync", contact_id=past, after=0)
    system.forget_what_happened()

    seller.send("earlier", contact_id=now)
    read(seller, now, past)

    assert visitor.received == seller.received == []
    assert visitor.send("sync", contact_id=past, after=0) == before


# Whose it is


def test_what_a_colleague_of_the_team_had_is_seen_by_who_answers_for_the_team(
    visitor: Client, ana: Client, bo: Client
) -> None:
    past = begun(visitor, "Where is it?", "support")
    bo.send("takeChat", contact_id=past)
    bo.send("closeChat", contact_id=past)
    now = begun(visitor, "Again", "support")

    # Also before it is taken, as the contact itself is.
    assert earlier(ana, now) == [past]
    ana.send("takeChat", contact_id=now)
    assert earlier(ana, now) == [past]
    assert "Where is it?" in str(read(ana, now, past)["entries"])
    assert (earlier_code(bo, now), read(bo, now, past)["code"]) == ("forbidden", "forbidden")


def earlier_code(client: Client, contact: str) -> str:
    return str(client.send("earlier", contact_id=contact)["code"])


def test_what_the_visitor_had_with_another_seller_or_team_is_neither_told_nor_read(
    visitor: Client, seller: Client, ana: Client, bo: Client
) -> None:
    with_ana, with_support = ended(visitor, requested="ana"), ended(visitor, requested="support")
    now = begun(visitor)

    assert earlier(seller, now) == []
    for past in (with_ana, with_support):
        assert read(seller, now, past)["code"] == "forbidden"
        assert seller.send("earlier", contact_id=now, after=past)["contacts"] == []
    # Nor is a seller's own by a colleague of their team.
    with_bo = begun(visitor, requested="bo")
    assert bo.send("sync", contact_id=with_bo, after=0)["action"] == "sync"
    assert read(bo, with_bo, with_ana)["code"] == "forbidden"
    assert len(read(bo, with_bo, with_support)["entries"]) == 4


def test_of_many_that_went_to_another_team_no_more_is_told_than_that_there_are_more(
    system: System, visitor: Client, ana: Client
) -> None:
    system.store.sellers.register(member("cy", "returns"))
    handed: list[str] = []
    for number in range(PAGE + 1):
        handed.append(begun(visitor, str(number), "support"))
        ana.send("takeChat", contact_id=handed[-1])
        ana.send("transferChat", contact_id=handed[-1], to="returns")
        visitor.send("closeChat", contact_id=handed[-1])
    now = begun(visitor, requested="support")

    answer = ana.send("earlier", contact_id=now)

    assert answer == {"action": "earlier", "contact_id": now, "contacts": [], "next": handed[1]}


def test_who_is_handed_a_contact_sees_what_was_theirs_of_it_and_no_more(
    system: System, visitor: Client, ana: Client, bo: Client
) -> None:
    system.store.sellers.register(member("cy", "returns"))
    cy = system.connect(Principal("cy", Role.SELLER), "cy-laptop")
    first = begun(visitor, "First", "support")
    ana.send("takeChat", contact_id=first)
    ana.send("transferChat", contact_id=first, to="cy")
    cy.send("closeChat", contact_id=first)
    second = begun(visitor, "Second", "support")
    ana.send("takeChat", contact_id=second)
    ana.send("closeChat", contact_id=second)
    now = begun(visitor, "Now", "support")
    ana.send("takeChat", contact_id=now)
    ana.send("transferChat", contact_id=now, to="cy")

    assert earlier(cy, now) == [first]
    assert read(cy, now, second)["code"] == "forbidden"
    assert earlier_code(ana, now) == "forbidden"


def test_what_a_team_handed_on_to_another_is_the_others(
    system: System, visitor: Client, ana: Client, bo: Client
) -> None:
    for name in ("cy", "di"):
        system.store.sellers.register(member(name, "returns"))
    past = begun(visitor, "Complaint", "support")
    ana.send("takeChat", contact_id=past)
    ana.send("transferChat", contact_id=past, to="returns")
    visitor.send("closeChat", contact_id=past)
    now = begun(visitor, "Again", "support")

    assert earlier(bo, now) == []
    assert read(bo, now, past)["code"] == "forbidden"


def test_a_stranger_and_the_visitor_list_and_read_nothing(
    system: System, visitor: Client, seller: Client, colleague: Client
) -> None:
    past, now = ended(visitor), begun(visitor)
    somebody = system.connect(Principal("device-2", Role.VISITOR), "other")

    for client in (visitor, colleague, somebody):
        assert earlier_code(client, now) == "forbidden"
        assert read(client, now, past)["code"] == "forbidden"


def test_another_visitors_contact_is_answered_like_one_that_does_not_exist(
    system: System, visitor: Client, seller: Client
) -> None:
    other = system.connect(Principal("device-2", Role.VISITOR), "other")
    foreign, now = ended(other), begun(visitor)

    assert read(seller, now, foreign) == read(seller, now, "nowhere") | {"contact_id": now}
    assert seller.send("earlier", contact_id=now, after=foreign) == seller.send(
        "earlier", contact_id=now, after="nowhere"
    )
    assert read(seller, now, foreign)["code"] == "forbidden"


def test_nothing_is_read_beside_a_contact_that_has_ended(visitor: Client, seller: Client) -> None:
    past, now = ended(visitor), ended(visitor)

    assert earlier_code(seller, now) == "contact_closed"
    assert read(seller, now, past)["code"] == "contact_closed"


def test_what_goes_on_is_no_earlier_contact(visitor: Client, ana: Client, bo: Client) -> None:
    going_on = begun(visitor, requested="support")
    bo.send("takeChat", contact_id=going_on)
    now = begun(visitor, requested="ana")
    ana.send("takeChat", contact_id=now)

    assert read(ana, now, going_on)["code"] == "forbidden"
    bo.send("closeChat", contact_id=going_on)
    assert read(ana, now, going_on)["action"] == "readEarlier"


def test_one_that_is_reopened_while_it_is_read_is_not_answered(
    system: System, visitor: Client, ana: Client, bo: Client
) -> None:
    past = begun(visitor, requested="support")
    bo.send("takeChat", contact_id=past)
    bo.send("closeChat", contact_id=past)
    now = begun(visitor, requested="ana")
    ana.send("takeChat", contact_id=now)
    listing = system.store.listing

    def then_reopened(contact_id: str) -> object:
        found = listing(contact_id)
        if contact_id == past:
            system.store.listing = listing  # type: ignore[method-assign]
            visitor.send("sendMessage", contact_id=past, message="A secret for Bo")
        return found

    system.store.listing = then_reopened  # type: ignore[method-assign, assignment]

    assert read(ana, now, past)["code"] == "forbidden"


# What is left of it


def test_the_list_ends_where_what_was_before_has_expired(system: System, visitor: Client, seller: Client) -> None:
    old = ended(visitor, "Long ago")
    system.clock.advance(days=system.settings.retention_days - 1)
    past = ended(visitor, "Yesterday")
    now = begun(visitor)
    assert earlier(seller, now) == [past, old]

    system.clock.advance(days=2)
    visitor.send("sendMessage", contact_id=now, message="Still here")

    assert earlier(seller, now) == [past]
    assert read(seller, now, old)["entries"] == []


def test_a_contact_of_which_nothing_is_left_is_followed_by_one_that_names_none(
    system: System, visitor: Client, seller: Client
) -> None:
    ended(visitor, "Long ago")
    system.clock.advance(days=system.settings.retention_days + 1)

    now = begun(visitor)

    assert "previous_contact" not in system.store.entries[now][1].details
    assert earlier(seller, now) == []


def test_one_whose_visitor_is_being_erased_ends_the_list(system: System, visitor: Client, seller: Client) -> None:
    past, now = ended(visitor), begun(visitor)
    system.store.listings[past] = replace(system.store.listings[past], visitor="")

    assert earlier(seller, now) == []
    assert read(seller, now, past)["code"] == "forbidden"


def test_what_began_before_this_was_noted_has_nothing_before_it(
    system: System, visitor: Client, seller: Client
) -> None:
    ended(visitor)
    now = begun(visitor)
    opened = system.store.entries[now][1]
    assert (opened.kind, opened.state.status) == (EntryKind.OPENED, Status.QUEUED)
    del opened.details["previous_contact"]  # type: ignore[attr-defined]

    assert earlier(seller, now) == []


# Bad input


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({}, "missing_field", "contact_id"),
        ({"contact_id": "no/id"}, "bad_field", "contact_id"),
        ({"contact_id": "c", "after": 7}, "bad_field", "after"),
        ({"contact_id": "c", "after": "x" * 65}, "bad_field", "after"),
    ],
)
def test_what_is_no_question_for_a_list_is_refused_by_name(
    seller: Client, fields: dict[str, Any], code: str, field: str
) -> None:
    answer = seller.send("earlier", **fields)

    assert (answer["code"], answer["field"]) == (code, field)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"contact_id": "c"}, "missing_field", "earlier"),
        ({"contact_id": "c", "earlier": ""}, "bad_field", "earlier"),
        ({"contact_id": "c", "earlier": "d", "after": -1}, "bad_field", "after"),
    ],
)
def test_what_is_no_question_for_one_is_refused_by_name(
    seller: Client, fields: dict[str, Any], code: str, field: str
) -> None:
    answer = seller.send("readEarlier", **fields)

    assert (answer["code"], answer["field"]) == (code, field)


def test_its_own_visitor_is_somebody_else_for_a_seller_of_the_same_name(
    system: System, visitor: Client, seller: Client
) -> None:
    past, now = ended(visitor), begun(visitor)
    namesake = system.connect(Principal(SELLER.user_id, Role.VISITOR), "namesake")

    assert read(namesake, now, past)["code"] == "forbidden"


def test_a_page_of_what_was_said_has_a_hundred_entries(visitor: Client, seller: Client) -> None:
    past = ended(visitor)
    log = visitor.system.store.entries[past]
    for seq in range(max(log) + 1, 102):
        log[seq] = replace(log[3], seq=seq)

    page = read(seller, begun(visitor), past, after=0)

    assert ([entry["seq"] for entry in page["entries"]], page["more"]) == ([*range(1, 101)], True)


def test_who_the_seller_is_is_read_once_for_all_that_is_listed(
    visitor: Client, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sellers = visitor.system.store.sellers
    for _ in range(3):
        ended(visitor, requested="support")
    now = begun(visitor, requested="support")
    asked = Mock(wraps=sellers.get)
    monkeypatch.setattr(sellers, "get", asked)

    listed = visitor.system.services.reading.earlier(ana.sender.principal, now, None)

    assert len(listed.contacts) == 3
    # And twice to see whether she may ask.
    assert asked.mock_calls.count(call("ana")) == 3
