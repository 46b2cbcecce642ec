"""A seller finds in their own contacts what was told and said, page by page; what they look for is only a text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chat.lists.searching import CONTACTS, ENTRIES, LONGEST_FOUND
from chat.model.identity import Principal, Role
from chat.model.rates import Rate
from chat.model.settings import Settings
from tests.worlds.domain import Client, System


@pytest.fixture
def system() -> System:
    """The whole domain, without a limit on how much is written in a moment, and with a year of messages."""
    fast = Rate(burst=10_000, per_second=1)
    return System(
        settings=Settings(
            visitor_rate=fast,
            seller_rate=fast,
            address_chats_per_hour=10_000,
            retention_days=365,
            default_capacity=1000,
        )
    )


def chat_of(system: System, number: int, *texts: str, **told: object) -> str:
    visitor = system.connect(Principal(f"device-{number}", Role.VISITOR), f"tab-{number}")
    contact = str(visitor.send("InitChat", sellerId="123456", userInfo=told)["contact_id"])
    for text in texts:
        assert visitor.send("sendMessage", contact_id=contact, message=text)["action"] == "ack"
    system.clock.advance(seconds=1)
    return contact


def everything(seller: Client, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = seller.send("search", query=query, **after)
        found += page["found"]
        if "next" not in page:
            return found
        after = {"after": page["next"]}


def contacts(found: list[dict[str, Any]]) -> list[str]:
    return [each["contact_id"] for each in found]


def test_a_word_that_was_said_is_found_with_who_said_it_and_when(system: System, seller: Client) -> None:
    contact = chat_of(system, 1, "Hello", "Where is order 4711?", "Hm", name="Asha")

    assert everything(seller, "ORDER 4711") == [
        {
            "contact_id": contact,
            "status": "open",
            "since": "2026-01-01T00:00:00.000Z",
            "opened_at": "2026-01-01T00:00:00.000Z",
            "seller_id": "123456",
            "name": "Asha",
            "seq": 4,
            "timestamp": "2026-01-01T00:00:00.000Z",
            "from": f"visitor-{contact}",
            "text": "Where is order 4711?",
        }
    ]


def test_what_ended_yesterday_is_found(system: System, seller: Client) -> None:
    contact = chat_of(system, 1, "Where is my parcel?")
    seller.send("closeChat", contact_id=contact)
    system.clock.advance(days=1)

    (found,) = everything(seller, "parcel")

    assert (found["contact_id"], found["status"]) == (contact, "closed")


@pytest.mark.parametrize(
    "query",
    ["asha", "RAO", "asha@example", "cart", "4711", "blue mug"],
    ids=["a name", "its end", "an e-mail", "a page", "a number", "within lists"],
)
def test_what_a_visitor_told_of_themselves_is_found(system: System, seller: Client, query: str) -> None:
    told = {"name": "Asha Rao", "email": "asha@example.com", "page": "/cart", "order": 4711, "items": ["A blue mug"]}
    contact = chat_of(system, 1, **told)
    chat_of(system, 2, name="Bo")

    assert contacts(everything(seller, query)) == [contact]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("STRASSE", "straße"),
        ("\uff37\uff49\uff44\uff45 letters", "wide"),
        ("caf\u0065\u0301", "CAFÉ"),
        ("ПРИВЕТ", "привет"),
        ("蓝色的杯子", "蓝色"),
    ],
)
def test_letters_are_alike_however_they_are_written(system: System, seller: Client, text: str, query: str) -> None:
    contact = chat_of(system, 1, text)

    assert contacts(everything(seller, query)) == [contact]


@pytest.mark.parametrize(
    "query", [".*", "a|b", "(((", "%_", "\\d+", "'; DROP TABLE", "<script>", '{"S":"x"}', "begins_with", "[[", "~~"]
)
def test_a_hostile_text_is_only_a_text(system: System, seller: Client, query: str) -> None:
    contact = chat_of(system, 1, f"I typed {query} into the box")
    chat_of(system, 2, "a and b, 1 and 2")

    assert contacts(everything(seller, query)) == [contact]


@pytest.mark.parametrize("query", ["a", "x" * 101, "two\nlines", "\u202eturned", 7, ["a list"], None], ids=repr)
def test_what_is_no_line_of_two_to_a_hundred_characters_is_refused(seller: Client, query: object) -> None:
    answer = seller.send("search", query=query)

    assert answer["code"] in {"bad_field", "missing_field"}
    assert answer["field"] == "query"


def test_white_space_alone_is_no_word(seller: Client) -> None:
    assert seller.send("search", query="  \u00a0")["code"] == "bad_field"


@pytest.mark.parametrize("after", ["", "queued/0/", "open/x/", "open/0/no place", "open", "closed/0/../x"])
def test_a_cursor_that_was_never_handed_out_is_refused(seller: Client, after: str) -> None:
    assert seller.send("search", query="order", after=after)["code"] == "bad_field"


def test_a_visitor_may_not_search(visitor: Client, contact: str) -> None:
    assert visitor.send("search", query="Ana")["code"] == "forbidden"


def test_nobody_finds_anything_in_contacts_of_others(system: System, seller: Client) -> None:
    contact = chat_of(system, 1, "A secret")
    other = system.connect(Principal("654321", Role.SELLER), "other")

    assert everything(other, "secret") == []
    listed = system.store.listings[contact]
    assert seller.send("transferChat", contact_id=contact, to="654321")["action"] == "ack"
    assert contacts(everything(other, "secret")) == [contact]
    assert everything(seller, "secret") == []
    # A list that lags behind still has it.
    inbox = system.store.inbox
    system.store.inbox = lambda owner, *more: [listed, *inbox(owner, *more)]  # type: ignore[method-assign]
    assert everything(seller, "secret") == []


def test_all_words_are_in_one_entry_and_the_newest_one_is_shown(system: System, seller: Client) -> None:
    chat_of(system, 1, "A red cup", "and a blue plate")
    contact = chat_of(system, 2, "A blue cup", "Another blue cup", "Thanks")

    found = everything(seller, "cup blue")

    assert [(each["contact_id"], each["text"]) for each in found] == [(contact, "Another blue cup")]


def test_a_long_text_is_cut_off_around_the_first_word(system: System, seller: Client) -> None:
    chat_of(system, 1, "x" * 500 + " needle " + "y" * 500)

    (found,) = everything(seller, "needle")

    assert "needle" in found["text"]
    assert len(found["text"]) == LONGEST_FOUND


def test_each_request_looks_through_a_bounded_number_of_contacts_and_all_are_reached(
    system: System, seller: Client
) -> None:
    open_ones = [chat_of(system, number, "A blue cup") for number in range(CONTACTS + 5)]
    ended = [chat_of(system, 100 + number, "A blue cup") for number in range(2 * CONTACTS)]
    for contact in ended:
        seller.send("closeChat", contact_id=contact)
        system.clock.advance(seconds=1)
    system.forget_what_happened()

    first = seller.send("search", query="cup")

    assert dict(system.store.requests) == {"inbox": 1, "read": CONTACTS}
    assert len(first["found"]) == CONTACTS
    assert contacts(everything(seller, "cup")) == [*open_ones[::-1], *ended[::-1]]


def test_a_page_without_a_find_says_how_far_it_looked_and_where_to_go_on(system: System, seller: Client) -> None:
    for number in range(CONTACTS + 1):
        chat_of(system, number, "Hello")

    page = seller.send("search", query="needle")

    assert page["found"] == []
    assert page["searched_to"] == "2026-01-01T00:00:01.000Z"
    assert page["next"].startswith("open/0/")


def test_a_long_contact_is_read_to_its_end_over_several_requests(system: System, seller: Client) -> None:
    contact = chat_of(system, 1, "An early needle", *["Hay"] * (10 * ENTRIES), "A late needle")
    behind = chat_of(system, 2, "Another needle")
    system.store.listings[behind] = replace(system.store.listings[behind], since="2025-12-31T00:00:00.000Z")

    found = everything(seller, "needle")

    assert [(each["contact_id"], each["text"]) for each in found] == [
        (contact, "An early needle"),
        (contact, "A late needle"),
        (behind, "Another needle"),
    ]


def test_what_was_said_more_than_ninety_days_ago_is_not_found_and_what_was_told_is(
    system: System, seller: Client
) -> None:
    contact = chat_of(system, 1, "An old needle", name="Asha")
    ended = chat_of(system, 2, "An old needle", name="Asha")
    seller.send("closeChat", contact_id=ended)
    system.clock.advance(days=91)

    assert everything(seller, "needle") == []
    assert contacts(everything(seller, "asha")) == [contact]


def test_what_is_past_its_retention_is_not_found(system: System, seller: Client) -> None:
    contact = chat_of(system, 1, "A needle", "Hello")
    system.store.expire(contact, through=3, deleted=lambda _: False)

    assert everything(seller, "needle") == []
