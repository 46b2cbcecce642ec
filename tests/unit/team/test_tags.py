"""Tags of sellers: few and short, for who may read the contact, in its lists, and never for its visitor."""

from __future__ import annotations

from typing import Any

import pytest

from chat.model.identity import Principal, Role
from chat.model.sellers import Seller
from chat.team.tags import MOST_TAGS
from tests.worlds.domain import SELLER, Client, System


def tags(client: Client, contact: str) -> list[str]:
    found: list[str] = client.send("tag", contact_id=contact)["tags"]
    return found


def test_tags_are_added_and_taken_away_and_all_of_them_are_answered(seller: Client, contact: str) -> None:
    seller.send("tag", contact_id=contact, add="refund")

    assert seller.send("tag", contact_id=contact, add="VIP") == {
        "action": "tag",
        "contact_id": contact,
        "tags": ["VIP", "refund"],
    }
    assert seller.send("tag", contact_id=contact, remove="refund")["tags"] == ["VIP"]
    assert seller.send("tag", contact_id=contact, remove="VIP", add="later")["tags"] == ["later"]


def test_a_tag_is_one_however_its_characters_are_made_up(seller: Client, contact: str) -> None:
    assert seller.send("tag", contact_id=contact, add="cafe\u0301")["tags"] == ["caf\u00e9"]
    assert seller.send("tag", contact_id=contact, add="caf\u00e9")["tags"] == ["caf\u00e9"]
    assert seller.send("tag", contact_id=contact, remove="cafe\u0301")["tags"] == []


def test_a_repeated_change_is_answered_as_the_first_time(seller: Client, contact: str) -> None:
    for _ in range(2):
        assert seller.send("tag", contact_id=contact, add="refund")["tags"] == ["refund"]
    for _ in range(2):
        assert seller.send("tag", contact_id=contact, remove="refund")["tags"] == []


def test_the_lists_have_them(seller: Client, contact: str) -> None:
    assert "tags" not in seller.send("inbox", lines=True)["contacts"][0]

    seller.send("tag", contact_id=contact, add="refund")

    assert seller.send("inbox", lines=True)["contacts"][0]["tags"] == ["refund"]
    assert "tags" not in seller.send("inbox")["contacts"][0]
    seller.send("closeChat", contact_id=contact)
    assert seller.send("inbox", status="closed", lines=True)["contacts"][0]["tags"] == ["refund"]


def test_the_other_devices_of_the_seller_hear_of_a_change_and_nobody_else_does(
    system: System, visitor: Client, seller: Client, colleague: Client, contact: str
) -> None:
    phone = system.connect(SELLER, "seller-phone")
    system.forget_what_happened()

    seller.send("tag", contact_id=contact, add="refund")
    seller.send("tag", contact_id=contact)

    assert [frame["tags"] for frame in phone.received] == [["refund"]]
    assert visitor.received == seller.received == colleague.received == []


def test_they_go_with_the_contact_to_who_answers_it_next(seller: Client, colleague: Client, contact: str) -> None:
    seller.send("tag", contact_id=contact, add="refund")
    seller.send("transferChat", contact_id=contact, to="654321")

    assert tags(colleague, contact) == ["refund"]
    assert colleague.send("inbox", lines=True)["contacts"][0]["tags"] == ["refund"]
    assert seller.send("tag", contact_id=contact)["code"] == "forbidden"


def test_who_reads_what_waits_may_tag_it(system: System, visitor: Client) -> None:
    system.store.sellers.register(Seller("ana", "support", 5))
    waiting = str(visitor.send("InitChat", sellerId="support", userInfo={})["contact_id"])
    ana = system.connect(Principal("ana", Role.SELLER), "ana-laptop")

    assert ana.send("tag", contact_id=waiting, add="Spanish")["tags"] == ["Spanish"]
    assert ana.send("inbox", status="queued", lines=True)["contacts"][0]["tags"] == ["Spanish"]


@pytest.mark.parametrize("fields", [{}, {"add": "mine"}, {"remove": "refund"}])
def test_a_visitor_and_a_stranger_neither_read_nor_change_any(
    visitor: Client, seller: Client, colleague: Client, contact: str, fields: dict[str, Any]
) -> None:
    seller.send("tag", contact_id=contact, add="refund")

    for client in (visitor, colleague):
        assert client.send("tag", contact_id=contact, **fields)["code"] == "forbidden"
    assert tags(seller, contact) == ["refund"]


def test_a_tag_moves_nothing_of_the_log(visitor: Client, seller: Client, contact: str) -> None:
    before = visitor.send("sync", contact_id=contact, after=0)

    seller.send("tag", contact_id=contact, add="refund")

    assert visitor.send("sync", contact_id=contact, after=0) == before


def test_a_contact_has_only_so_many_and_one_that_it_has_is_not_one_too_many(seller: Client, contact: str) -> None:
    for number in range(MOST_TAGS):
        assert seller.send("tag", contact_id=contact, add=f"tag {number}")["action"] == "tag"

    refused = seller.send("tag", contact_id=contact, add="one too many")
    assert (refused["code"], refused["field"]) == ("too_large", "add")
    assert seller.send("tag", contact_id=contact, add="tag 3")["action"] == "tag"
    assert seller.send("tag", contact_id=contact, remove="tag 3", add="another")["action"] == "tag"


@pytest.mark.parametrize("field", ["add", "remove"])
@pytest.mark.parametrize("text", ["", " leads", "\u200b", "two\nlines", "a\x00b", "x" * 33, "turned \u202eround"])
def test_what_is_no_tag_is_refused_with_what_to_do(seller: Client, contact: str, field: str, text: str) -> None:
    reply = seller.send("tag", contact_id=contact, **{field: text})

    assert (reply["code"], reply["field"]) == ("bad_field", field)
    assert "at most 32 characters" in reply["reason"]


@pytest.mark.parametrize("text", ["<script>", "'; DROP", "עברית", "x" * 32, "\N{SLICE OF PIZZA}"])
def test_a_tag_is_text_whatever_it_looks_like(seller: Client, contact: str, text: str) -> None:
    assert seller.send("tag", contact_id=contact, add=text)["tags"] == [text]


def test_what_is_past_its_retention_is_in_no_list(system: System, seller: Client, contact: str) -> None:
    seller.send("tag", contact_id=contact, add="old")
    system.clock.advance(seconds=system.settings.retention_days * 86_400 - 60)
    seller.send("sendMessage", contact_id=contact, message="Still here")
    system.clock.advance(seconds=120)

    assert tags(seller, contact) == []
    assert "tags" not in seller.send("inbox", lines=True)["contacts"][0]


def test_who_was_erased_is_called_nothing(system: System, seller: Client, contact: str) -> None:
    system.notes.forgotten.add(contact)

    assert seller.send("tag", contact_id=contact, add="Too late")["code"] == "forbidden"
