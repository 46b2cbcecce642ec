"""Reading a log from a cursor on: everything that follows, or an explicit gap; never a part of it in silence."""

from __future__ import annotations

import json
from dataclasses import replace
from unittest.mock import Mock

import pytest

from chat.contacts.reading import INBOX_LIMIT
from chat.model.entries import Status
from chat.model.identity import Principal, Role
from chat.model.inbox import Listing
from chat.model.rates import Rate
from chat.model.sellers import Seller
from chat.model.settings import Settings
from chat.ports.errors import StoreBusyError, StoreUnavailableError
from chat.protocol.fields import MAX_MESSAGE_CHARACTERS
from chat.protocol.frames import MAX_PAGE
from tests.asyncapi import API_GATEWAY_FRAME_BYTES
from tests.worlds.domain import COLLEAGUE, SELLER, VISITOR, Client, System


@pytest.fixture
def system() -> System:
    """The whole domain, without a limit on how much is written in a moment."""
    return System(settings=Settings(visitor_rate=Rate(burst=1000, per_second=1), address_chats_per_hour=1000))


def write(client: Client, contact_id: str, *, count: int, text: str = "Message {number}") -> None:
    for number in range(1, count + 1):
        assert client.send("sendMessage", contact_id=contact_id, message=text.format(number=number))["action"] == "ack"
    client.system.forget_what_happened()


def numbers(reply: dict[str, object]) -> list[int]:
    entries = reply["entries"]
    assert isinstance(entries, list)
    return [entry["seq"] for entry in entries]


# What follows


def test_a_cursor_gets_what_follows_it(visitor: Client, contact: str) -> None:
    write(visitor, contact, count=3)

    reply = visitor.send("sync", contact_id=contact, after=3)

    assert numbers(reply) == [4, 5]
    assert {name: reply[name] for name in ("action", "contact_id", "after", "more", "tail", "status")} == {
        "action": "sync",
        "contact_id": contact,
        "after": 3,
        "more": False,
        "tail": 5,
        "status": "open",
    }
    assert "gap" not in reply


def test_who_has_everything_gets_nothing_and_knows_it(visitor: Client, contact: str) -> None:
    reply = visitor.send("sync", contact_id=contact, after=2)

    assert (numbers(reply), reply["more"], reply["tail"]) == ([], False, 2)


def test_both_sides_read_the_same(visitor: Client, seller: Client, contact: str) -> None:
    write(visitor, contact, count=2)

    assert visitor.send("sync", contact_id=contact, after=0) == seller.send("sync", contact_id=contact, after=0)


def test_an_entry_says_what_it_is_and_nothing_about_the_back_end(visitor: Client, seller: Client, contact: str) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello", id="m1")

    entry = seller.send("sync", contact_id=contact, after=2)["entries"][0]

    assert entry == {
        "seq": 3,
        "kind": "message",
        "from": f"visitor-{contact}",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "id": "m1",
        "message": "Hello",
    }


def test_the_device_id_is_in_nothing_that_a_seller_can_ask_for(visitor: Client, seller: Client, contact: str) -> None:
    write(visitor, contact, count=2)

    answers = [seller.send("sync", contact_id=contact, after=0), seller.send("inbox")]

    assert "device-1" not in json.dumps(answers)


# Pages


def test_a_long_log_comes_in_pages_that_join_without_a_hole(visitor: Client, contact: str) -> None:
    write(visitor, contact, count=MAX_PAGE + 40)

    first = visitor.send("sync", contact_id=contact, after=0)
    second = visitor.send("sync", contact_id=contact, after=numbers(first)[-1])

    assert (len(numbers(first)), first["more"], second["more"]) == (MAX_PAGE, True, False)
    assert numbers(first) + numbers(second) == list(range(1, MAX_PAGE + 43))


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6, 7])
def test_a_client_may_ask_for_small_pages(visitor: Client, contact: str, limit: int) -> None:
    write(visitor, contact, count=4)

    pages = []
    cursor, more = 0, True
    while more:
        page = visitor.send("sync", contact_id=contact, after=cursor, limit=limit)
        pages.append(page)
        assert 1 <= len(numbers(page)) <= limit
        cursor, more = numbers(page)[-1], page["more"]

    assert [number for page in pages for number in numbers(page)] == [1, 2, 3, 4, 5, 6]
    assert (pages[-1]["tail"], pages[-1]["status"]) == (6, "open")


def test_a_page_that_is_not_the_last_says_nothing_about_the_end_of_the_log(visitor: Client, contact: str) -> None:
    write(visitor, contact, count=9)

    page = visitor.send("sync", contact_id=contact, after=0, limit=2)

    assert page["more"] is True
    assert not {"tail", "status", "marks"} & page.keys()


@pytest.mark.parametrize(("entries", "limit", "told"), [(3, 2, 3), (4, 2, None), (16, 15, 16), (17, 15, None)])
def test_a_page_behind_which_one_entry_was_read_tells_the_end_of_the_log_if_that_is_the_last(
    visitor: Client, contact: str, entries: int, limit: int, told: int | None
) -> None:
    write(visitor, contact, count=entries - 2)

    page = visitor.send("sync", contact_id=contact, after=0, limit=limit)

    assert (numbers(page), page["more"], page.get("tail")) == ([*range(1, limit + 1)], True, told)


@pytest.mark.parametrize(("missed", "reads"), [(7, 1), (8, 2)])
def test_who_missed_seven_entries_has_them_in_one_read(
    system: System, visitor: Client, contact: str, missed: int, reads: int
) -> None:
    write(visitor, contact, count=missed)

    assert len(numbers(visitor.send("sync", contact_id=contact, after=2))) == missed

    assert system.store.requests["read"] == reads


def test_a_seller_who_has_all_that_follows_is_admitted_by_that_read(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    write(visitor, contact, count=1)

    assert numbers(seller.send("sync", contact_id=contact, after=2)) == [3]

    assert system.store.requests["latest"] == 0


def test_a_long_log_is_followed_by_its_numbers(system: System, visitor: Client, contact: str) -> None:
    log = system.store.entries[contact]
    system.store.entries[contact] = {1000 + seq: replace(entry, seq=1000 + seq) for seq, entry in log.items()}

    assert numbers(visitor.send("sync", contact_id=contact, after=1001)) == [1002]


@pytest.mark.parametrize("character", ["x", "ü", "漢", "🦜", '"', "\n"])
def test_a_page_of_the_largest_messages_fits_into_one_frame(
    system: System, visitor: Client, contact: str, character: str
) -> None:
    size = len(json.dumps(character, ensure_ascii=False).encode()) - 2
    text = character * min(MAX_MESSAGE_CHARACTERS, 16_000 // size)
    text = "x" + text[1:]
    for _ in range(10):
        body = json.dumps({"action": "sendMessage", "contact_id": contact, "message": text}, ensure_ascii=False)
        assert visitor.send_raw(body)["action"] == "ack"

    read: list[int] = []
    more = True
    while more:
        body = json.dumps({"action": "sync", "contact_id": contact, "after": read[-1] if read else 0})
        answer = system.dispatch.answer(body, visitor.sender)
        assert answer is not None
        assert len(answer) < API_GATEWAY_FRAME_BYTES
        page = json.loads(answer)
        more = page["more"]
        read += numbers(page)

    assert read == list(range(1, 13))


# Gaps


@pytest.mark.parametrize("after", [2, 4])
def test_entries_past_retention_are_an_explicit_gap(system: System, visitor: Client, contact: str, after: int) -> None:
    write(visitor, contact, count=6)
    system.store.expire(contact, through=5)

    reply = visitor.send("sync", contact_id=contact, after=after)

    assert reply["gap"] == {"from": after + 1, "to": 5, "reason": "expired"}
    assert numbers(reply) == [6, 7, 8]


def test_a_newcomer_is_told_what_he_can_no_longer_have(system: System, visitor: Client, contact: str) -> None:
    system.store.expire(contact, through=1)

    reply = visitor.send("sync", contact_id=contact, after=0)

    assert (reply["gap"], numbers(reply)) == ({"from": 1, "to": 1, "reason": "expired"}, [2])


def test_a_cursor_just_below_what_is_left_has_no_gap(system: System, visitor: Client, contact: str) -> None:
    write(visitor, contact, count=3)
    system.store.expire(contact, through=3)

    reply = visitor.send("sync", contact_id=contact, after=3)

    assert "gap" not in reply
    assert numbers(reply) == [4, 5]


@pytest.mark.parametrize("after", [3, 4, 999_999_999_999])
def test_a_cursor_that_was_never_handed_out_gets_a_fresh_start(visitor: Client, contact: str, after: int) -> None:
    reply = visitor.send("sync", contact_id=contact, after=after)

    assert reply["gap"] == {"from": 0, "to": after, "reason": "unknown_cursor"}
    assert (reply["after"], numbers(reply)) == (0, [1, 2])


def test_a_fresh_start_comes_in_pages_too(visitor: Client, contact: str) -> None:
    write(visitor, contact, count=5)

    reply = visitor.send("sync", contact_id=contact, after=50, limit=3)

    assert (numbers(reply), reply["more"]) == ([1, 2, 3], True)


def test_a_log_that_is_gone_altogether_is_expired(system: System, visitor: Client, contact: str) -> None:
    system.store.expire(contact, through=99)

    for after in (0, 2, 50):
        assert visitor.send("sync", contact_id=contact, after=after)["code"] == "contact_expired"


# Who may


def test_a_foreign_contact_is_answered_like_one_that_does_not_exist(system: System, contact: str) -> None:
    stranger = system.connect(Principal("device-2", Role.VISITOR), "stranger")

    for after in (0, 1, 2, 50):
        foreign = stranger.send("sync", contact_id=contact, after=after)
        missing = stranger.send("sync", contact_id="no-such-contact", after=after)
        assert foreign["code"] == "forbidden"
        assert foreign | {"contact_id": ""} == missing | {"contact_id": ""}


def test_another_seller_cannot_read_even_the_first_page(system: System, visitor: Client, contact: str) -> None:
    write(visitor, contact, count=5)
    other = system.connect(Principal("654321", Role.SELLER), "other")

    assert other.send("sync", contact_id=contact, after=0, limit=1)["code"] == "forbidden"


def test_who_handed_a_contact_over_reads_not_even_what_was_said_before(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    write(visitor, contact, count=5)
    colleague = system.connect(COLLEAGUE, "colleague-laptop")
    assert seller.send("transferChat", contact_id=contact, to=COLLEAGUE.user_id)["action"] == "ack"

    assert seller.send("sync", contact_id=contact, after=0, limit=1)["code"] == "forbidden"
    assert numbers(colleague.send("sync", contact_id=contact, after=0, limit=1)) == [1]


def test_a_read_that_fails_is_answered_with_try_again(
    system: System, visitor: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: object) -> None:
        raise StoreBusyError("ThrottlingException")

    monkeypatch.setattr(system.store, "read", busy)

    reply = visitor.send("sync", contact_id=contact, after=2)

    assert (reply["code"], reply["of"], reply["contact_id"]) == ("try_again", "sync", contact)


# Inbox


@pytest.mark.parametrize("deleted", [{6}, {3}, {2, 5}, set()])
def test_what_is_past_its_retention_is_gone_in_whatever_order_it_is_deleted(
    system: System, visitor: Client, seller: Client, contact: str, deleted: set[int]
) -> None:
    for number in range(4):
        visitor.send("sendMessage", contact_id=contact, message=f"Message {number}")

    system.store.expire(contact, through=6, deleted=deleted.__contains__)

    assert seller.send("sendMessage", contact_id=contact, message="Late")["code"] == "contact_expired"
    assert visitor.send("sync", contact_id=contact, after=0)["code"] == "contact_expired"


def test_where_a_part_is_past_its_retention_the_rest_follows_an_explicit_gap(
    system: System, visitor: Client, contact: str
) -> None:
    for number in range(4):
        visitor.send("sendMessage", contact_id=contact, message=f"Message {number}")
    system.store.expire(contact, through=4, deleted={3}.__contains__)

    reply = visitor.send("sync", contact_id=contact, after=1)

    assert reply["gap"] == {"from": 2, "to": 4, "reason": "expired"}
    assert [entry["seq"] for entry in reply["entries"]] == [5, 6]


def test_pages_of_which_nothing_is_left_are_passed_over(system: System, visitor: Client, contact: str) -> None:
    for number in range(4):
        visitor.send("sendMessage", contact_id=contact, message=f"Message {number}")
    system.store.expire(contact, through=5, deleted=lambda _: False)

    reply = visitor.send("sync", contact_id=contact, after=0, limit=1)

    assert [entry["seq"] for entry in reply["entries"]] == [6]
    assert reply["more"] is False


def test_a_sellers_inbox_lists_open_contacts_newest_first(system: System, seller: Client) -> None:
    started = []
    for number in range(3):
        visitor = system.connect(Principal(f"device-{number}", Role.VISITOR), f"tab-{number}")
        started.append(visitor.send("InitChat", sellerId="123456", userInfo={})["contact_id"])
        system.clock.advance(minutes=1)

    reply = seller.send("inbox")

    assert reply["status"] == "open"
    assert [item["contact_id"] for item in reply["contacts"]] == started[::-1]
    assert reply["contacts"][0] == {
        "contact_id": started[2],
        "status": "open",
        "since": "2026-01-01T00:02:00.000Z",
        "opened_at": "2026-01-01T00:02:00.000Z",
        "seller_id": "123456",
    }


def test_an_inbox_tells_how_far_each_log_goes_and_how_far_both_have_read_it_if_asked(
    visitor: Client, seller: Client, contact: str
) -> None:
    write(visitor, contact, count=2)
    seller.send("receipt", contact_id=contact, delivered=4, read=3)

    [listed] = seller.send("inbox", tails=True)["contacts"]

    read = seller.send("sync", contact_id=contact, after=4)
    assert {name: listed[name] for name in ("tail", "status", "marks")} == {
        "tail": 4,
        "status": "open",
        "marks": {"visitor": {"delivered": 0, "read": 0}, "seller": {"delivered": 4, "read": 3}},
    }
    assert {name: read[name] for name in ("tail", "status", "marks")} == {
        name: listed[name] for name in ("tail", "status", "marks")
    }


def test_of_a_contact_that_has_gone_to_somebody_else_while_its_list_lags_no_tail_is_told(
    system: System, seller: Client, contact: str
) -> None:
    system.store.sellers.register(Seller("654321", "support", capacity=5))
    system.connect(Principal("654321", Role.SELLER), "other").send("presence", status="online")
    lagging = system.store.inbox(SELLER.user_id, Status.OPEN, INBOX_LIMIT)
    assert seller.send("transferChat", contact_id=contact, to="654321")["action"] == "ack"
    system.store.inbox = lambda *_arguments: lagging  # type: ignore[method-assign]

    [listed] = seller.send("inbox", tails=True)["contacts"]

    assert (listed["contact_id"], "tail" in listed, "marks" in listed) == (contact, False, False)


def test_who_waits_is_listed_without_a_tail(system: System) -> None:
    system.store.sellers.register(Seller("ana", "support", capacity=1))
    system.connect(VISITOR, "phone").send("InitChat", sellerId="ana", userInfo={})

    [listed] = system.connect(Principal("ana", Role.SELLER), "laptop").send("inbox", status="queued", tails=True)[
        "contacts"
    ]

    assert "tail" not in listed


def test_the_queue_is_listed_beside_the_open_contacts_and_its_next_page_by_itself(system: System) -> None:
    system.store.sellers.register(Seller(SELLER.user_id, "support", capacity=1))
    seller = system.connect(SELLER, "seller-laptop")
    seller.send("presence", status="online")
    open_one, *waiting = open_contacts(system, INBOX_LIMIT + 2)

    both = seller.send("inbox", tails=True, queued=True)
    rest = seller.send("inbox", status="queued", after=both["queued"]["next"])

    assert [each["contact_id"] for each in both["contacts"]] == [open_one]
    assert [each["contact_id"] for each in both["queued"]["contacts"] + rest["contacts"]] == waiting


def test_of_who_waits_beside_the_open_contacts_no_log_is_read(system: System) -> None:
    system.store.sellers.register(Seller("ana", "support", capacity=1))
    ana = system.connect(Principal("ana", Role.SELLER), "laptop")
    system.connect(VISITOR, "phone").send("InitChat", sellerId="ana", userInfo={})
    system.forget_what_happened()

    assert len(ana.send("inbox", tails=True, queued=True)["queued"]["contacts"]) == 1

    assert system.store.requests["latest"] == 0


def test_the_queue_beside_the_fullest_inbox_fits_into_one_frame(system: System) -> None:
    name = "s" * 128
    for number in range(300):
        contact_id, status = f"{number:064d}", (Status.OPEN, Status.QUEUED)[number % 2]
        time = "2026-01-01T00:00:00.000Z"
        system.store.listings[contact_id] = Listing(contact_id, status, name, time, time, name)
    seller = system.connect(Principal(name, Role.SELLER), "laptop")

    answer = system.dispatch.answer('{"action": "inbox", "queued": true}', seller.sender)

    assert answer is not None
    assert len(answer) < API_GATEWAY_FRAME_BYTES
    assert json.loads(answer)["queued"]["next"]


def test_a_heartbeat_beside_a_list_keeps_a_seller_there_and_lists_whom_it_brought(system: System) -> None:
    system.store.sellers.register(Seller("ana", "support", capacity=1))
    ana = system.connect(Principal("ana", Role.SELLER), "laptop")
    ana.send("presence", status="online")
    system.clock.advance(seconds=200)
    waiting = system.connect(VISITOR, "phone").send("InitChat", sellerId="ana", userInfo={})
    assert waiting["status"] == "queued"

    listed = ana.send("inbox", beat=True)

    assert listed["presence"] == {"status": "online", "open_count": 1, "capacity": 1}
    assert [each["contact_id"] for each in listed["contacts"]] == [waiting["contact_id"]]


def test_who_is_no_registered_seller_gets_their_lists_and_no_answer_to_a_heartbeat() -> None:
    system = System(settings=Settings(accepts_unknown_sellers=False))
    stranger = system.connect(Principal("nobody", Role.SELLER), "laptop")

    assert stranger.send("inbox", beat=True, queued=True) == {
        "action": "inbox",
        "status": "open",
        "contacts": [],
        "queued": {"contacts": []},
    }


def test_a_heartbeat_that_cannot_be_noted_keeps_nobody_from_their_lists(
    system: System, seller: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_arguments: object) -> None:
        raise StoreUnavailableError

    monkeypatch.setattr(system.store.sellers, "beat", unavailable)

    assert seller.send("inbox", beat=True) == {"action": "inbox", "status": "open", "contacts": []}
    assert seller.send("presence")["code"] == "try_again"


def open_contacts(system: System, count: int) -> list[str]:
    """Contacts of the seller, oldest first."""
    contacts = []
    for number in range(count):
        system.clock.advance(seconds=1)
        visitor = system.connect(Principal(f"device-{number}", Role.VISITOR), f"visitor-{number}")
        contacts.append(str(visitor.send("InitChat", sellerId=SELLER.user_id, userInfo={})["contact_id"]))
    return contacts


def test_a_long_inbox_comes_in_pages(system: System) -> None:
    contacts = open_contacts(system, 2 * INBOX_LIMIT + 1)
    seller = system.connect(SELLER, "seller-laptop")

    pages = [seller.send("inbox")]
    while "next" in pages[-1]:
        pages.append(seller.send("inbox", after=pages[-1]["next"]))

    assert [len(page["contacts"]) for page in pages] == [INBOX_LIMIT, INBOX_LIMIT, 1]
    assert [item["contact_id"] for page in pages for item in page["contacts"]] == contacts[::-1]


@pytest.mark.parametrize("status", ["open", "queued"])
def test_of_a_hundred_that_are_listed_one_more_is_read(
    system: System, seller: Client, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    asked = Mock(return_value=[])
    monkeypatch.setattr(system.store, "inbox", asked)

    seller.send("inbox", status=status)

    asked.assert_called_once_with(SELLER.user_id, Status(status), 101, None)


def test_a_page_lists_forty_with_what_was_said_in_them(system: System, seller: Client) -> None:
    for number in range(41):
        contact_id, time = f"c{number}", "2026-01-01T00:00:00.000Z"
        system.store.listings[contact_id] = Listing(contact_id, Status.CLOSED, "", time, time, SELLER.user_id)

    listed = seller.send("inbox", status="closed", lines=True)

    assert len(listed["contacts"]) == 40
    assert len(seller.send("inbox", status="closed", lines=True, after=listed["next"])["contacts"]) == 1


def test_an_inbox_of_just_a_page_has_no_next_one(system: System) -> None:
    open_contacts(system, INBOX_LIMIT)

    assert "next" not in system.connect(SELLER, "seller-laptop").send("inbox")


@pytest.mark.parametrize("after", ["", "1", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z/a b"])
def test_a_place_in_the_inbox_that_was_never_handed_out_is_refused(seller: Client, after: str) -> None:
    reply = seller.send("inbox", after=after)

    assert (reply["code"], reply["field"]) == ("bad_field", "after")


def test_a_seller_sees_who_waits_for_him_and_who_waits_for_his_team_in_one_line(system: System) -> None:
    system.store.sellers.register(Seller("ana", "support", capacity=1))
    waiting = []
    for number, requested in enumerate(["support", "ana", "support", "sales"]):
        system.clock.advance(seconds=1)
        visitor = system.connect(Principal(f"device-{number}", Role.VISITOR), f"visitor-{number}")
        waiting.append(visitor.send("InitChat", sellerId=requested, userInfo={})["contact_id"])

    reply = system.connect(Principal("ana", Role.SELLER), "ana-laptop").send("inbox", status="queued")

    assert [item["contact_id"] for item in reply["contacts"]] == waiting[:3]


def test_an_inbox_is_only_ones_own(system: System, contact: str) -> None:
    assert system.connect(Principal("654321", Role.SELLER), "other").send("inbox")["contacts"] == []


@pytest.mark.parametrize("status", ["open", "queued", "closed"])
def test_a_visitor_has_no_inbox_not_even_one_named_like_a_seller(system: System, contact: str, status: str) -> None:
    impostor = system.connect(Principal(SELLER.user_id, Role.VISITOR), "impostor")

    assert impostor.send("inbox", status=status)["code"] == "forbidden"


def test_a_long_inbox_with_tails_comes_in_pages_too(system: System) -> None:
    contacts = open_contacts(system, INBOX_LIMIT + 1)
    seller = system.connect(SELLER, "seller-laptop")

    first = seller.send("inbox", tails=True)
    second = seller.send("inbox", tails=True, after=first["next"])

    listed = [*first["contacts"], *second["contacts"]]
    assert [each["contact_id"] for each in listed] == contacts[::-1]
    assert {each["tail"] for each in listed} == {2}
    assert len(json.dumps(first)) < API_GATEWAY_FRAME_BYTES


def test_the_fullest_inbox_fits_into_one_frame(system: System) -> None:
    name = "s" * 128
    for number in range(150):
        contact_id = f"{number:064d}"
        time = "2026-01-01T00:00:00.000Z"
        system.store.listings[contact_id] = Listing(contact_id, Status.CLOSED, name, time, time, name)
    seller = system.connect(Principal(name, Role.SELLER), "laptop")

    answer = system.dispatch.answer('{"action": "inbox", "status": "closed"}', seller.sender)

    assert answer is not None
    assert len(answer) < API_GATEWAY_FRAME_BYTES


def test_an_inbox_that_cannot_be_read_is_answered_with_try_again(
    system: System, seller: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_arguments: object) -> None:
        raise StoreUnavailableError("time-out")

    monkeypatch.setattr(system.store, "inbox", unavailable)

    assert seller.send("inbox")["code"] == "try_again"


def test_a_device_of_the_visitor_that_never_saw_the_contact_reads_it_all(system: System, contact: str) -> None:
    assert numbers(system.connect(VISITOR, "phone").send("sync", contact_id=contact, after=0)) == [1, 2]
