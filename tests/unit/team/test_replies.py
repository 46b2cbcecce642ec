"""Replies that a team shares: few and short, each as its last writer wanted it, and nobody's change lost unseen."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import msgspec
import pytest

from chat.model.identity import Principal, Role
from chat.model.sellers import Seller, SharedReplies
from chat.ports.errors import NumberTakenError
from tests.worlds.domain import Client, System


@pytest.fixture
def ana(system: System) -> Client:
    return member(system, "ana")


@pytest.fixture
def bo(system: System) -> Client:
    return member(system, "bo")


def member(system: System, name: str, team: str = "support") -> Client:
    system.store.sellers.register(Seller(name, team, 5))
    return system.connect(Principal(name, Role.SELLER), f"{name}-laptop")


def share(client: Client, reply: str, base: int, text: str | None = None, name: str = "hello") -> dict[str, Any]:
    fields = {} if text is None else {"name": name, "text": text}
    return client.send("shareReply", id=reply, base=base, **fields)


def texts(client: Client) -> list[str]:
    return [each["text"] for each in client.send("replies")["replies"]]


def test_a_team_shares_nothing_at_first(ana: Client) -> None:
    assert ana.send("replies") == {"action": "replies", "team": "support", "version": 0, "replies": []}


def test_what_one_shares_all_of_the_team_have_in_the_order_in_which_it_came(ana: Client, bo: Client) -> None:
    assert share(ana, "r1", 0, "Hello {name}")["version"] == 1

    answer = share(bo, "r2", 1, "Good-bye", "bye")

    assert answer == {
        "action": "shareReply",
        "id": "r2",
        "team": "support",
        "version": 2,
        "replies": [
            {"id": "r1", "name": "hello", "text": "Hello {name}"},
            {"id": "r2", "name": "bye", "text": "Good-bye"},
        ],
    }
    assert texts(ana) == ["Hello {name}", "Good-bye"]


def test_each_may_change_and_take_away_what_another_shared(ana: Client, bo: Client) -> None:
    share(ana, "r1", 0, "Hello")
    share(ana, "r2", 1, "Bye")

    assert [each["text"] for each in share(bo, "r1", 2, "Hello there")["replies"]] == ["Hello there", "Bye"]
    assert [each["text"] for each in share(bo, "r2", 3)["replies"]] == ["Hello there"]
    # Without a text it goes, whether or not it is called by its name.
    assert bo.send("shareReply", id="r1", base=4, name="hello")["replies"] == []


def test_a_name_is_one_however_its_characters_are_made_up(ana: Client) -> None:
    first = ana.send("shareReply", id="r1", base=0, name="cafe\u0301", text="Hello")

    assert [each["name"] for each in first["replies"]] == ["caf\u00e9"]
    assert ana.send("shareReply", id="r1", base=1, name="caf\u00e9", text="Hello")["version"] == 1


@pytest.mark.parametrize("text", ["Hello", None])
def test_a_repetition_is_answered_as_the_first_time_and_changes_nothing(ana: Client, text: str | None) -> None:
    share(ana, "r1", 0, "Before")
    first = share(ana, "r1", 1, text)

    assert share(ana, "r1", 1, text) == first
    assert first["version"] == 2


def test_of_two_who_change_one_reply_the_second_is_told(ana: Client, bo: Client) -> None:
    share(ana, "r1", 0, "Hello")
    share(ana, "r1", 1, "Hello from Ana")

    for late in ("Hello from Bo", None):
        refused = share(bo, "r1", 1, late)
        assert (refused["code"], refused["field"], refused["id"]) == ("bad_field", "base", "r1")
    assert texts(bo) == ["Hello from Ana"]
    assert texts(bo) == ["Hello from Ana"]


def test_who_knows_a_list_that_is_to_come_has_it_from_elsewhere_and_changes_nothing(ana: Client) -> None:
    share(ana, "r1", 0, "Hello")

    for reply in ("r1", "r2"):
        assert share(ana, reply, 2, "From another team")["field"] == "base"
    assert texts(ana) == ["Hello"]


def test_two_who_change_different_replies_are_not_in_each_others_way(ana: Client, bo: Client) -> None:
    share(ana, "r1", 0, "Hello")
    share(ana, "r2", 1, "Bye")

    share(ana, "r1", 2, "Hello there")
    share(bo, "r2", 2, "Good-bye")
    share(bo, "r3", 2, "Thanks")

    assert texts(ana) == ["Hello there", "Good-bye", "Thanks"]


def test_what_was_taken_away_does_not_come_back_with_a_late_repetition(ana: Client, bo: Client) -> None:
    share(ana, "r1", 0, "Hello")
    share(bo, "r1", 1)

    assert share(ana, "r1", 0, "Hello")["field"] == "base"
    assert texts(ana) == []
    assert share(ana, "r2", 2, "Hello again")["action"] == "shareReply"


def test_who_loses_the_race_of_two_looks_again(system: System, ana: Client, bo: Client) -> None:
    keep = system.store.sellers.keep_replies

    def after_another(team: str, replies: SharedReplies) -> None:
        system.store.sellers.keep_replies = keep  # type: ignore[method-assign]
        share(bo, "r2", 0, "Bo was quicker")
        keep(team, replies)

    system.store.sellers.keep_replies = after_another  # type: ignore[method-assign]

    assert share(ana, "r1", 0, "Hello")["version"] == 2
    assert texts(ana) == ["Bo was quicker", "Hello"]


def test_who_loses_every_race_is_told_to_come_back_in_a_second(
    system: System, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system.store.sellers, "keep_replies", Mock(side_effect=NumberTakenError))

    refused = share(ana, "r1", 0, "Hello")

    assert (refused["code"], refused["retry_after_ms"]) == ("try_again", 1000)


def test_another_team_has_its_own(system: System, ana: Client) -> None:
    other = member(system, "cy", "returns")
    share(ana, "r1", 0, "Hello")

    assert other.send("replies") == {"action": "replies", "team": "returns", "version": 0, "replies": []}
    assert share(other, "r1", 0, "For returns")["version"] == 1
    assert texts(ana) == ["Hello"]


def test_a_visitor_and_who_is_not_registered_share_nothing(system: System, visitor: Client, ana: Client) -> None:
    share(ana, "r1", 0, "Hello")
    unknown = system.connect(Principal("nobody", Role.SELLER), "nobody-laptop")

    for client, code in ((visitor, "forbidden"), (unknown, "unknown_seller")):
        assert client.send("replies")["code"] == code
        assert share(client, "r1", 1)["code"] == code
    assert texts(ana) == ["Hello"]


def test_nobody_is_told_until_they_ask(system: System, visitor: Client, ana: Client, bo: Client) -> None:
    share(ana, "r1", 0, "Hello")

    assert visitor.received == ana.received == bo.received == []


def test_there_are_only_so_many_and_one_that_is_there_is_not_one_too_many(ana: Client) -> None:
    for number in range(50):
        assert share(ana, f"r{number}", number, "Hello")["action"] == "shareReply"

    refused = share(ana, "more", 50, "Hello")
    assert (refused["code"], refused["field"]) == ("too_large", "text")
    assert share(ana, "r3", 50, "Hello there")["action"] == "shareReply"
    assert share(ana, "r4", 51)["action"] == "shareReply"
    assert share(ana, "more", 52, "Hello")["action"] == "shareReply"


def test_all_of_them_are_twenty_kilobytes_at_most_so_that_one_frame_brings_them(ana: Client) -> None:
    fat = "\N{PILE OF POO}" * 1000
    for number in range(5):
        share(ana, f"r{number}", number, fat)
    room = 20 * 1024 - len(msgspec.json.encode(share(ana, "last", 5, "x")["replies"]))

    assert share(ana, "last", 6, "x" * (room + 2))["code"] == "too_large"
    assert share(ana, "last", 6, "x" * (room + 1))["action"] == "shareReply"
    assert len(msgspec.json.encode(ana.send("replies")["replies"])) == 20 * 1024


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"base": 0, "text": "Hello", "name": "hello"}, "missing_field", "id"),
        ({"id": "r1", "text": "Hello", "name": "hello"}, "missing_field", "base"),
        ({"id": "r1", "base": 0, "text": "Hello"}, "missing_field", "name"),
        ({"id": "r1", "base": 0, "text": "\u200b", "name": "hello"}, "bad_field", "text"),
        ({"id": "r1", "base": 0, "text": "x" * 1001, "name": "hello"}, "bad_field", "text"),
        ({"id": "r1", "base": 0, "text": "Hello", "name": "two\nlines"}, "bad_field", "name"),
        ({"id": "r1", "base": 0, "text": "Hello", "name": "x" * 33}, "bad_field", "name"),
        ({"id": "r1", "base": -1, "text": "Hello", "name": "hello"}, "bad_field", "base"),
    ],
)
def test_what_is_no_reply_is_refused_by_name(ana: Client, fields: dict[str, Any], code: str, field: str) -> None:
    answer = ana.send("shareReply", **fields)

    assert (answer["code"], answer["field"]) == (code, field)


@pytest.mark.parametrize("text", ["<script>", "'; DROP", "{name}", "עברית", "two\nlines"])
def test_a_reply_is_text_whatever_it_looks_like(ana: Client, text: str) -> None:
    share(ana, "r1", 0, text)

    assert texts(ana) == [text]
