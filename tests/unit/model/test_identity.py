"""Names: what others may see of a person, and which names nobody can take."""

from __future__ import annotations

import pytest

from chat.model.entries import State, Status
from chat.model.identity import Principal, Role, alias_of, contact_of, is_device_id, is_seller_id, is_user_id
from chat.ports.shop import is_contact_id


@pytest.mark.parametrize("name", ["a", "123456", "ana@shop.example", "0f8fad5b-d9cb-469f-a165-70867728950e", "x" * 128])
def test_these_are_user_ids(name: str) -> None:
    assert is_user_id(name)
    assert is_seller_id(name)


@pytest.mark.parametrize("name", ["", " ", "a b", "a\n", "ä", "a/b", "a#b", "<script>", "x" * 129])
def test_these_are_not(name: str) -> None:
    assert not is_user_id(name)
    assert not is_seller_id(name)


@pytest.mark.parametrize(
    "name",
    [
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "device-0f8fad5b-d9cb-469f-a165-70867728950e",
        "0f8fad5bd9cb469fa16570867728950e",
        "V1StGXR8Z5jdHi6BmyTa1",
        "01hf3k9wq2s8d7c6v5b4n3m2a1",
        "9081726354908172635490817263549081726",
    ],
)
def test_these_can_hold_122_bits(name: str) -> None:
    assert is_device_id(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a",
        "customer-4711",
        "V1StGXR8Z5jdHi6BmyTa",
        "01hf3k9wq2s8d7c6v5b4n3m",
        "908172635490817263549081726354908172",
        "a" * 128,
        "00000000-0000-0000-0000-000000004711",
        "ana.longname.of.somebody@shop.example.com",
        "V1StGXR8Z5jdHi6BmyTa1\n",
        "V1StGXR8Z5jdHi6BmyTa1" * 7,
    ],
)
def test_these_cannot(name: str) -> None:
    assert not is_device_id(name)


@pytest.mark.parametrize("name", ["system", "visitor-", "visitor-contact-1"])
def test_no_seller_can_pass_for_a_visitor_or_for_the_system(name: str) -> None:
    assert is_user_id(name)
    assert not is_seller_id(name)


@pytest.mark.parametrize(
    ("value", "is_one"), [("c", True), ("c" * 64, True), ("c" * 65, False), ("", False), ("a\n", False), (7, False)]
)
def test_a_contact_id_is_short_and_plain(value: object, is_one: bool) -> None:
    assert is_contact_id(value) is is_one


def test_others_know_a_visitor_by_the_contact_alone() -> None:
    visitor = Principal("device-1", Role.VISITOR)

    assert visitor.name_in("contact-1") == alias_of("contact-1") == "visitor-contact-1"


def test_others_know_a_seller_by_the_sellers_id() -> None:
    assert Principal("123456", Role.SELLER).name_in("contact-1") == "123456"


def test_an_alias_leads_back_to_the_contact() -> None:
    assert contact_of(alias_of("contact-1")) == "contact-1"
    assert contact_of("123456") is None


@pytest.mark.parametrize(
    ("person", "admitted"),
    [
        (Principal("device-1", Role.VISITOR), True),
        (Principal("123456", Role.SELLER), True),
        (Principal("device-1", Role.SELLER), False),
        (Principal("123456", Role.VISITOR), False),
        (Principal("device-2", Role.VISITOR), False),
    ],
)
def test_only_the_two_of_a_conversation_are_admitted_each_in_the_own_role(person: Principal, admitted: bool) -> None:
    state = State(Status.OPEN, visitor="device-1", requested="123456", opened_at="", seller="123456")

    assert state.admits(person) is admitted


def test_while_a_contact_waits_the_seller_who_was_asked_for_is_not_in_it() -> None:
    state = State(Status.QUEUED, visitor="device-1", requested="123456", opened_at="")

    assert not state.admits(Principal("123456", Role.SELLER))
    assert state.participants() == (Principal("device-1", Role.VISITOR),)
