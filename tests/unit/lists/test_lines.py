"""A list that is asked for lines says what each contact's log says: who it is, what was said last, who waits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.contacts.reading import LINES_LIMIT
from chat.model.identity import Principal, Role
from chat.model.rates import Rate
from chat.model.sellers import Seller
from chat.model.settings import Settings
from chat.protocol.replies import LONGEST_LINE
from tests.worlds.domain import SELLER, VISITOR, Client, System


def line_in(seller: Client, contact: str, status: str = "open") -> dict[str, Any]:
    listed = seller.send("inbox", status=status, lines=True)["contacts"]
    return next((each.get("line", {}) for each in listed if each["contact_id"] == contact), {})


def test_a_line_tells_who_it_is_what_was_said_last_and_who_waits_since_when(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello")
    system.clock.advance(minutes=1)
    visitor.send("sendMessage", contact_id=contact, message="Is the blue one in stock?")

    assert line_in(seller, contact) == {
        "name": "Ana",
        "tail": 4,
        "timestamp": "2026-01-01T00:01:00.000Z",
        "read": 0,
        "unread": 2,
        "answered": False,
        "from": f"visitor-{contact}",
        "message": "Is the blue one in stock?",
        "waits_since": "2026-01-01T00:00:00.000Z",
    }


def test_a_list_that_is_not_asked_for_lines_has_none_and_costs_what_it_did(
    system: System, seller: Client, contact: str
) -> None:
    assert "line" not in seller.send("inbox")["contacts"][0]
    assert dict(system.store.requests) == {"inbox": 1}


def test_an_answer_ends_the_wait_and_what_follows_it_begins_another(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello")
    seller.send("sendMessage", contact_id=contact, message="Good morning")
    answered = line_in(seller, contact)
    system.clock.advance(minutes=5)
    visitor.send("sendMessage", contact_id=contact, message="Still there?")

    assert "waits_since" not in answered
    assert (answered["from"], answered["answered"]) == ("123456", True)
    assert line_in(seller, contact)["waits_since"] == "2026-01-01T00:05:00.000Z"


def test_a_visitor_to_whom_nothing_was_said_waits_since_the_seller_was_called(seller: Client, contact: str) -> None:
    line = line_in(seller, contact)

    assert (line["waits_since"], line["unread"], "message" in line) == ("2026-01-01T00:00:00.000Z", 0, False)


def test_what_the_seller_has_seen_is_not_unread(visitor: Client, seller: Client, contact: str) -> None:
    for number in range(4):
        visitor.send("sendMessage", contact_id=contact, message=f"Message {number}")
    seller.send("receipt", contact_id=contact, read=4)

    assert (line_in(seller, contact)["read"], line_in(seller, contact)["unread"]) == (4, 2)


def test_pages_that_a_visitor_looks_at_hide_nothing_of_what_was_said(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello")
    for number in range(6):
        system.clock.advance(seconds=10)
        visitor.send("identify", contact_id=contact, userInfo={"page": f"https://shop.example/{number}"})

    line = line_in(seller, contact)

    assert (line["message"], line["name"], line["unread"], line["tail"]) == ("Hello", "Ana", 1, 9)


def test_a_name_that_becomes_known_later_is_the_name(visitor: Client, seller: Client, contact: str) -> None:
    visitor.send("identify", contact_id=contact, userInfo={"name": " Ana Lima "})

    assert line_in(seller, contact)["name"] == "Ana Lima"


@pytest.mark.parametrize("name", [7, True, ["Ana"], None], ids=str)
def test_what_is_no_text_is_no_name(visitor: Client, seller: Client, contact: str, name: object) -> None:
    visitor.send("identify", contact_id=contact, userInfo={"name": name})

    assert line_in(seller, contact)["name"] == "Ana"


def test_a_closed_contact_keeps_its_line(visitor: Client, seller: Client, contact: str) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello")
    seller.send("closeChat", contact_id=contact)

    line = line_in(seller, contact, "closed")

    assert (line["name"], line["message"], line["unread"], line["answered"]) == ("Ana", "Hello", 1, False)
    assert "waits_since" not in line


def test_a_long_message_is_cut_off(visitor: Client, seller: Client, contact: str) -> None:
    visitor.send("sendMessage", contact_id=contact, message="🦜" * (LONGEST_LINE + 1))

    assert line_in(seller, contact)["message"] == "🦜" * LONGEST_LINE


def test_who_waits_for_the_team_has_a_line(system: System, visitor: Client, seller: Client) -> None:
    system.store.sellers.register(Seller("123456", team="support", name="Ana", capacity=5))
    contact = visitor.send("InitChat", sellerId="support", userInfo={"name": "Bo"})["contact_id"]
    visitor.send("sendMessage", contact_id=contact, message="Anybody there?")

    line = line_in(seller, contact, "queued")

    assert (line["name"], line["message"]) == ("Bo", "Anybody there?")
    assert line["waits_since"] == "2026-01-01T00:00:00.000Z"


def test_of_what_a_lagging_list_takes_for_still_theirs_a_seller_is_told_nothing(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    colleague = system.connect(Principal("654321", Role.SELLER), "colleague")
    before = system.store.listings[contact]
    assert seller.send("transferChat", contact_id=contact, to="654321")["action"] == "ack"
    visitor.send("sendMessage", contact_id=contact, message="For the colleague alone")
    assert line_in(colleague, contact)["message"] == "For the colleague alone"
    system.store.listings[contact] = before

    assert line_in(seller, contact) == {}


def test_of_what_is_past_its_retention_nothing_is_told(system: System, visitor: Client, seller: Client) -> None:
    contact = visitor.send("InitChat", sellerId="123456", userInfo={"name": "Ana"})["contact_id"]
    visitor.send("sendMessage", contact_id=contact, message="Hello")
    visitor.send("identify", contact_id=contact, userInfo={"page": "https://shop.example/"})
    system.store.expire(contact, through=3)
    after_the_message = line_in(seller, contact)
    system.store.expire(contact, through=4)

    assert "message" not in after_the_message
    assert after_the_message["unread"] == 1
    assert line_in(seller, contact) == {}


def test_a_contact_that_began_before_lines_were_noted_has_none(system: System, seller: Client, contact: str) -> None:
    log = system.store.entries[contact]
    for seq, entry in log.items():
        log[seq] = replace(entry, state=replace(entry.state, talk=None))
    seller.send("sendMessage", contact_id=contact, message="Hello")

    assert line_in(seller, contact) == {}


def test_a_list_with_lines_comes_in_pages_that_fit_into_a_frame(system: System, seller: Client) -> None:
    started = []
    for number in range(LINES_LIMIT + 3):
        visitor = system.connect(Principal(f"device-{number}", Role.VISITOR), f"tab-{number}")
        started.append(visitor.send("InitChat", sellerId="123456", userInfo={"name": "漢" * 200})["contact_id"])
        visitor.send("sendMessage", contact_id=started[-1], message="漢" * 500)
        system.clock.advance(minutes=5)

    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = seller.send("inbox", lines=True, **after)
        found += [each["contact_id"] for each in page["contacts"]]
        if "next" not in page:
            break
        after = {"after": page["next"]}

    assert found == started[::-1]


def test_each_line_costs_one_read_and_one_more_where_something_is_unread(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    seller.send("inbox", lines=True)
    read = dict(system.store.requests)
    for number in range(3):
        visitor.send("sendMessage", contact_id=contact, message=f"Message {number}")
    seller.send("receipt", contact_id=contact, read=3)
    system.forget_what_happened()
    seller.send("inbox", lines=True)

    assert read == {"inbox": 1, "latest": 1}
    assert dict(system.store.requests) == {"inbox": 1, "latest": 1, "read": 1}


@given(st.lists(st.sampled_from(["ask", "answer", "see", "browse", "close", "name"]), max_size=25))
def test_a_line_is_what_a_recount_of_the_whole_log_gives(acts: list[str]) -> None:
    fast = Rate(burst=1000, per_second=1)
    system = System(settings=Settings(visitor_rate=fast, seller_rate=fast, address_chats_per_hour=1000))
    visitor, seller = system.connect(VISITOR, "v"), system.connect(SELLER, "s")
    contact = visitor.send("InitChat", sellerId="123456", userInfo={"name": "Ana"})["contact_id"]
    for number, act in enumerate(acts):
        system.clock.advance(seconds=1)
        tail = max(system.store.entries[contact])
        _do(act, number, visitor, seller, contact, tail)

    status = str(system.store.listings[contact].status)
    line = line_in(seller, contact, status)
    entries = seller.send("sync", contact_id=contact, after=0)["entries"]
    messages = [each for each in entries if each["kind"] == "message"]
    alias = f"visitor-{contact}"
    theirs = [each for each in messages if each["from"] == alias]
    answers = [each["seq"] for each in messages if each["from"] == "123456"]
    waiting = [each["timestamp"] for each in theirs if each["seq"] > max(answers, default=0)]
    names = [each["user_info"]["name"] for each in entries if "name" in each.get("user_info", {})]
    read = line["read"]

    assert (line["name"], line["tail"], line["answered"]) == (names[-1], entries[-1]["seq"], bool(answers))
    assert line.get("message") == (messages[-1]["message"] if messages else None)
    assert line["unread"] == sum(each["seq"] > read for each in theirs)
    if status == "closed":
        assert "waits_since" not in line
    elif messages:
        assert line.get("waits_since") == (waiting[0] if waiting else None)


def _do(act: str, number: int, visitor: Client, seller: Client, contact: str, tail: int) -> None:
    match act:
        case "ask":
            visitor.send("sendMessage", contact_id=contact, message=f"Question {number}")
        case "answer":
            seller.send("sendMessage", contact_id=contact, message=f"Answer {number}")
        case "see":
            seller.send("receipt", contact_id=contact, read=max(1, tail - number % 3))
        case "browse":
            visitor.send("identify", contact_id=contact, userInfo={"page": f"https://shop.example/{number}"})
        case "name":
            visitor.send("identify", contact_id=contact, userInfo={"name": f"Ana {number}"})
        case _:
            seller.send("closeChat", contact_id=contact)
