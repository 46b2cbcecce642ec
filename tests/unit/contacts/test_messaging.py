"""Sending messages: stored once, brought to everyone it is for, acknowledged whatever becomes of the pushes."""

from __future__ import annotations

import pytest

from chat.log import ATTEMPTS, LONGEST_EXCERPT
from chat.model.identity import Principal, Role
from chat.model.rates import Rate
from chat.model.sellers import Availability, Seller
from chat.model.settings import Settings
from chat.ports.conversations import Change
from chat.ports.errors import NumberTakenError, PushFailedError, StoreBusyError, StoreUnavailableError
from tests.doubles.conversations import ContestedConversations, MemoryConversations
from tests.worlds.domain import SELLER, VISITOR, Client, System

STRANGER = Principal("device-2", Role.VISITOR)


def texts(client: Client, contact_id: str) -> list[str]:
    entries = client.send("sync", contact_id=contact_id, after=0)["entries"]
    return [entry["message"] for entry in entries if entry["kind"] == "message"]


# What the two sides get


def test_a_visitors_message_reaches_the_seller_as_a_chat_line(visitor: Client, seller: Client, contact: str) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello", id="m1", base=2)

    assert seller.received == [
        {
            "action": "sendMessage",
            "type": "message",
            "from": f"visitor-{contact}",
            "message": "Hello",
            "timestamp": "2026-01-01T00:00:00.000Z",
            "id": "m1",
            "seq": 3,
            "contact_id": contact,
        }
    ]


def test_a_sellers_message_reaches_the_visitor_under_the_sellers_id(
    visitor: Client, seller: Client, contact: str
) -> None:
    seller.send("sendMessage", contact_id=contact, message="Hello")

    assert [(frame["action"], frame["from"], frame["message"]) for frame in visitor.received] == [
        ("sendMessage", "123456", "Hello")
    ]


def test_the_acknowledgement_names_the_entry(visitor: Client, contact: str) -> None:
    reply = visitor.send("sendMessage", contact_id=contact, message="Hello", id="m1", base=2)

    assert reply == {
        "action": "ack",
        "of": "sendMessage",
        "contact_id": contact,
        "id": "m1",
        "seq": 3,
        "timestamp": "2026-01-01T00:00:00.000Z",
    }


def test_a_message_without_an_id_gets_one(visitor: Client, seller: Client, contact: str) -> None:
    reply = visitor.send("sendMessage", contact_id=contact, message="Hello")

    assert reply["id"] == seller.received[0]["id"]


def test_the_name_in_the_frame_is_not_believed(visitor: Client, seller: Client, contact: str) -> None:
    visitor.send("sendMessage", contact_id=contact, message="I am the boss", **{"from": "123456"})

    assert seller.received[0]["from"] == f"visitor-{contact}"


def test_the_time_in_the_frame_is_not_believed(visitor: Client, seller: Client, contact: str) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello", timestamp="1999-12-31T23:59:59Z")

    assert seller.received[0]["timestamp"] == "2026-01-01T00:00:00.000Z"


def test_nobody_but_the_visitor_sees_the_device_id(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello")
    seller.send("sync", contact_id=contact, after=0)

    assert b"device-1" not in b"".join(system.push.frames["seller-laptop"])


@pytest.mark.parametrize("sender", ["visitor", "seller"])
def test_ones_own_devices_get_the_message_as_an_entry(
    system: System, visitor: Client, seller: Client, contact: str, sender: str
) -> None:
    client, person = {"visitor": (visitor, VISITOR), "seller": (seller, SELLER)}[sender]
    phone = system.connect(person, "phone")

    client.send("sendMessage", contact_id=contact, message="Hello", id="m1")

    (frame,) = phone.received
    assert frame["action"] == "entry"
    assert "message" not in frame
    assert (frame["entry"]["id"], frame["entry"]["message"]) == ("m1", "Hello")


def test_the_sending_connection_gets_its_answer_and_nothing_else(visitor: Client, contact: str) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello")

    assert visitor.received == []


# Connections that are gone or slow


def test_of_three_connections_the_two_that_live_get_it_and_the_dead_one_is_forgotten(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    phone, tablet = system.connect(SELLER, "phone"), system.connect(SELLER, "tablet")
    system.push.gone.add("phone")

    reply = visitor.send("sendMessage", contact_id=contact, message="Hello")

    assert reply["action"] == "ack"
    assert [len(device.received) for device in (seller, phone, tablet)] == [1, 0, 1]
    assert "phone" not in system.connections.items
    assert {"seller-laptop", "tablet", "visitor-laptop"} == set(system.connections.items)


def test_a_push_that_fails_withholds_no_acknowledgement_and_forgets_no_connection(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    system.push.failing["seller-laptop"] = PushFailedError("LimitExceededException")

    reply = visitor.send("sendMessage", contact_id=contact, message="Hello")

    assert reply["action"] == "ack"
    assert "seller-laptop" in system.connections.items
    assert texts(seller, contact) == ["Hello"]


def test_a_look_up_that_fails_withholds_no_acknowledgement(
    system: System, visitor: Client, seller: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_arguments: object, **_options: object) -> None:
        raise StoreUnavailableError("time-out")

    monkeypatch.setattr(system.connections, "of", unavailable)

    reply = visitor.send("sendMessage", contact_id=contact, message="Hello")

    assert reply["action"] == "ack"
    assert texts(seller, contact) == ["Hello"]


def test_who_is_offline_finds_the_message_later(system: System, visitor: Client, contact: str) -> None:
    system.connections.remove("seller-laptop")

    visitor.send("sendMessage", contact_id=contact, message="Hello")

    assert texts(system.connect(SELLER, "tomorrow"), contact) == ["Hello"]


def test_nothing_is_pushed_that_is_not_stored(
    system: System, visitor: Client, seller: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(_change: Change) -> None:
        raise StoreUnavailableError("time-out")

    monkeypatch.setattr(system.store, "commit", unavailable)

    reply = visitor.send("sendMessage", contact_id=contact, message="Hello")

    assert reply["code"] == "try_again"
    assert seller.received == []


# Exactly once


def test_a_repeated_frame_gets_the_same_acknowledgement_and_is_stored_once(
    system: System, visitor: Client, contact: str
) -> None:
    frame = {"contact_id": contact, "message": "Hello", "id": "m1", "base": 2}
    first = visitor.send("sendMessage", **frame)
    system.clock.advance(minutes=3)

    assert visitor.send("sendMessage", **frame) == first
    assert texts(visitor, contact) == ["Hello"]


def test_a_message_whose_first_attempt_died_behind_the_write_is_pushed_by_the_second(
    system: System, visitor: Client, seller: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = {"contact_id": contact, "message": "Hello", "id": "m1", "base": 2}
    commit = system.store.commit

    def applied_but_not_answered(change: Change) -> None:
        commit(change)
        raise StoreUnavailableError("time-out")

    with monkeypatch.context() as patched:
        patched.setattr(system.store, "commit", applied_but_not_answered)
        assert visitor.send("sendMessage", **frame)["code"] == "try_again"
    assert seller.received == []

    assert visitor.send("sendMessage", **frame)["seq"] == 3
    assert [frame["message"] for frame in seller.received] == ["Hello"]


def test_a_repeat_after_which_others_wrote_is_not_pushed_again(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    frame = {"contact_id": contact, "message": "Hello", "id": "m1", "base": 2}
    visitor.send("sendMessage", **frame)
    seller.send("sendMessage", contact_id=contact, message="Yes?")
    system.forget_what_happened()

    visitor.send("sendMessage", **frame)

    assert seller.received == []


@pytest.mark.parametrize("action", ["closeChat", "sendMessage"])
def test_an_id_that_was_used_for_something_else_is_refused(visitor: Client, contact: str, action: str) -> None:
    frames: dict[str, dict[str, object]] = {
        "sendMessage": {"contact_id": contact, "id": "m1", "base": 2, "message": "Hello"},
        "closeChat": {"contact_id": contact, "id": "m1", "base": 2},
    }
    first = next(other for other in frames if other != action)
    visitor.send(first, **frames[first])

    reply = visitor.send(action, **frames[action])

    assert (reply["code"], reply["field"]) == ("bad_field", "id")


def test_a_retry_is_recognised_as_long_as_a_dozen_entries_follow_its_base(
    visitor: Client, seller: Client, contact: str
) -> None:
    frame = {"contact_id": contact, "message": "Hello", "id": "m1", "base": 2}
    first = visitor.send("sendMessage", **frame)
    for number in range(LONGEST_EXCERPT - 2):
        seller.send("sendMessage", contact_id=contact, message=f"Answer {number}")

    assert visitor.send("sendMessage", **frame) == first


def test_a_retry_from_further_back_is_told_to_read_and_is_stored_once_when_it_comes_from_there(
    visitor: Client, seller: Client, contact: str
) -> None:
    frame = {"contact_id": contact, "message": "Hello", "id": "m1"}
    for number in range(30):
        seller.send("sendMessage", contact_id=contact, message=f"Answer {number}")

    refused = visitor.send("sendMessage", **frame, base=2)
    tail = visitor.send("sync", contact_id=contact, after=2)["tail"]
    first = visitor.send("sendMessage", **frame, base=tail)

    assert (refused["code"], refused["field"]) == ("bad_field", "base")
    assert first["seq"] == tail + 1
    assert visitor.send("sendMessage", **frame, base=tail) == first


def test_a_retry_from_another_connection_is_recognised(system: System, visitor: Client, contact: str) -> None:
    frame = {"contact_id": contact, "message": "Hello", "id": "m1", "base": 2}
    first = visitor.send("sendMessage", **frame)

    assert system.connect(VISITOR, "after-the-reload").send("sendMessage", **frame) == first


def test_a_retry_is_recognised_by_a_client_that_names_the_seller_only(visitor: Client, contact: str) -> None:
    frame = {"to": "123456", "message": "Hello", "id": "m1", "base": 2}

    assert visitor.send("sendMessage", **frame) == visitor.send("sendMessage", **frame)


def test_the_same_id_from_both_sides_is_two_messages(visitor: Client, seller: Client, contact: str) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello", id="m1", base=2)
    seller.send("sendMessage", contact_id=contact, message="Hi", id="m1", base=2)

    assert texts(visitor, contact) == ["Hello", "Hi"]


def test_a_retry_costs_no_token(contact: str, visitor: Client) -> None:
    frame = {"contact_id": contact, "message": "Hello", "id": "m1", "base": 2}

    assert {visitor.send("sendMessage", **frame)["action"] for _ in range(50)} == {"ack"}


@pytest.mark.parametrize("base", [3, 50, 999_999_999_999])
def test_a_base_that_was_never_handed_out_is_not_believed(visitor: Client, contact: str, base: int) -> None:
    reply = visitor.send("sendMessage", contact_id=contact, message="Hello", id="m1", base=base)

    assert reply["seq"] == 3
    assert visitor.send("sendMessage", contact_id=contact, message="Hello", id="m1", base=base) == reply


def test_a_base_of_zero_is_an_honest_one(visitor: Client, contact: str) -> None:
    assert visitor.send("sendMessage", contact_id=contact, message="Hello", id="m1", base=0)["seq"] == 3


# Races and failing stores


def contested() -> tuple[System, ContestedConversations, Client, Client, str]:
    store = ContestedConversations()
    system = System(store=store)
    visitor, seller = system.connect(VISITOR, "visitor-laptop"), system.connect(SELLER, "seller-laptop")
    contact_id = visitor.send("InitChat", sellerId="123456", userInfo={})["contact_id"]
    system.forget_what_happened()
    return system, store, visitor, seller, contact_id


def test_who_loses_the_race_for_a_number_gets_the_next_one() -> None:
    _system, store, visitor, seller, contact = contested()
    store.before_writing.append(lambda: seller.send("sendMessage", contact_id=contact, message="First"))

    assert visitor.send("sendMessage", contact_id=contact, message="Second", id="m1", base=2)["seq"] == 4
    assert texts(visitor, contact) == ["First", "Second"]


def test_two_copies_of_a_frame_at_the_same_moment_are_one_message() -> None:
    system, store, visitor, seller, contact = contested()
    tab = system.connect(VISITOR, "tab")
    frame = {"contact_id": contact, "message": "Hello", "id": "m1", "base": 2}
    other: list[object] = []
    store.before_writing.append(lambda: other.append(tab.send("sendMessage", **frame)))

    assert visitor.send("sendMessage", **frame) == other[0]
    assert texts(seller, contact) == ["Hello"]


def test_a_write_that_was_applied_though_it_looked_lost_is_pushed() -> None:
    # botocore repeats a put whose answer was lost, and its own first attempt then makes the condition fail.
    _system, store, visitor, seller, contact = contested()

    def applied_before(change: Change) -> None:
        MemoryConversations.commit(store, change)
        raise NumberTakenError

    store.commit = applied_before  # type: ignore[method-assign]

    assert visitor.send("sendMessage", contact_id=contact, message="Hello")["seq"] == 3
    assert [frame["message"] for frame in seller.received] == ["Hello"]


def test_who_loses_every_race_is_told_to_try_again() -> None:
    _system, store, visitor, seller, contact = contested()
    store.before_writing = [
        step
        for _ in range(ATTEMPTS)
        for step in (lambda: seller.send("sendMessage", contact_id=contact, message="Me first"), lambda: None)
    ]

    reply = visitor.send("sendMessage", contact_id=contact, message="Hello", id="m1", base=2)

    assert (reply["code"], reply["of"], reply["id"]) == ("try_again", "sendMessage", "m1")
    assert "Hello" not in texts(visitor, contact)


def test_a_store_that_is_busy_for_a_moment_is_asked_again() -> None:
    _system, store, visitor, _seller, contact = contested()

    def busy() -> None:
        raise StoreBusyError("ThrottlingException")

    store.before_writing = [busy, busy]

    assert visitor.send("sendMessage", contact_id=contact, message="Hello")["seq"] == 3


def test_a_write_with_an_unknown_outcome_is_left_to_the_client_who_repeats_it_safely() -> None:
    _system, store, visitor, seller, contact = contested()
    frame = {"contact_id": contact, "message": "Hello", "id": "m1", "base": 2}
    commit = store.commit

    def applied_but_unanswered(change: Change) -> None:
        MemoryConversations.commit(store, change)
        raise StoreUnavailableError("ReadTimeoutError")

    store.commit = applied_but_unanswered  # type: ignore[method-assign]
    refused = visitor.send("sendMessage", **frame)
    store.commit = commit  # type: ignore[method-assign]

    assert refused["code"] == "try_again"
    assert visitor.send("sendMessage", **frame)["seq"] == 3
    assert texts(seller, contact) == ["Hello"]


def test_a_read_that_fails_is_answered_with_try_again(
    system: System, visitor: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_arguments: object) -> None:
        raise StoreUnavailableError("time-out")

    monkeypatch.setattr(system.store, "read", unavailable)

    assert visitor.send("sendMessage", contact_id=contact, message="Hello", base=2)["code"] == "try_again"


# To whom


def test_a_visitor_without_a_contact_starts_one_by_writing(visitor: Client, seller: Client) -> None:
    reply = visitor.send("sendMessage", type="message", to="123456", message="Hello", **{"from": "device-1"})

    assert reply["seq"] == 3
    assert [frame["action"] for frame in seller.received] == ["entry", "sendMessage"]


def test_a_visitors_to_is_the_seller_of_his_open_contact(visitor: Client, contact: str) -> None:
    assert visitor.send("sendMessage", to="123456", message="Hello")["contact_id"] == contact


def test_a_sellers_to_is_the_alias_as_it_came(visitor: Client, seller: Client, contact: str) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello")

    reply = seller.send("sendMessage", to=seller.received[0]["from"], message="Hi")

    assert reply["contact_id"] == contact
    assert visitor.received[0]["message"] == "Hi"


def test_a_sellers_to_that_is_no_alias_is_refused_with_a_way_out(seller: Client, contact: str) -> None:
    reply = seller.send("sendMessage", to="device-1", message="Hi")

    assert (reply["code"], reply["field"]) == ("bad_field", "to")
    assert "contact_id" in reply["reason"]


def test_a_message_needs_somebody_to_go_to(visitor: Client, contact: str) -> None:
    reply = visitor.send("sendMessage", message="Hello")

    assert (reply["code"], reply["field"]) == ("missing_field", "to")


def test_a_visitors_to_that_names_nobody_is_refused(visitor: Client) -> None:
    reply = visitor.send("sendMessage", to="no such seller!", message="Hello")

    assert (reply["code"], reply["field"]) == ("bad_field", "to")


# Who may


def test_a_foreign_contact_is_answered_like_one_that_does_not_exist(
    system: System, visitor: Client, contact: str
) -> None:
    stranger = system.connect(STRANGER, "stranger")

    foreign = stranger.send("sendMessage", contact_id=contact, message="Hello")
    missing = stranger.send("sendMessage", contact_id="no-such-contact", message="Hello")

    assert foreign["code"] == "forbidden"
    assert foreign | {"contact_id": ""} == missing | {"contact_id": ""}
    assert texts(visitor, contact) == []


@pytest.mark.parametrize("action", ["sendMessage", "closeChat"])
@pytest.mark.parametrize("message_id", ["m1", "open.opened"])
def test_a_stranger_who_guesses_an_id_gets_no_acknowledgement_of_it(
    system: System, visitor: Client, contact: str, action: str, message_id: str
) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello", id="m1", base=2)
    stranger = system.connect(STRANGER, "stranger")

    reply = stranger.send(action, contact_id=contact, message="Hello", id=message_id, base=1)

    assert reply["code"] == "forbidden"


def test_a_visitor_named_like_the_seller_is_nobody(system: System, visitor: Client, contact: str) -> None:
    impostor = system.connect(Principal("123456", Role.VISITOR), "impostor")

    visitor.send("sendMessage", contact_id=contact, message="My card number is …")

    assert impostor.received == []
    assert impostor.send("sendMessage", contact_id=contact, message="Hello")["code"] == "forbidden"
    assert impostor.send("sync", contact_id=contact, after=0)["code"] == "forbidden"


def test_a_seller_named_like_the_visitor_is_nobody(system: System, seller: Client, contact: str) -> None:
    impostor = system.connect(Principal("device-1", Role.SELLER), "impostor")

    seller.send("sendMessage", contact_id=contact, message="Hello")

    assert impostor.received == []
    assert impostor.send("sendMessage", contact_id=contact, message="Hello")["code"] == "forbidden"


# How much


def test_a_sender_over_the_rate_is_told_when_to_come_back() -> None:
    system = System(settings=Settings(visitor_rate=Rate(burst=2, per_second=1)))
    visitor = system.connect(VISITOR, "visitor-laptop")
    contact = visitor.send("InitChat", sellerId="123456", userInfo={})["contact_id"]
    frame = {"contact_id": contact, "message": "Three", "id": "m3", "base": 2}
    for text in ("One", "Two"):
        visitor.send("sendMessage", contact_id=contact, message=text)

    refused = visitor.send("sendMessage", **frame)
    system.clock.advance(milliseconds=refused["retry_after_ms"])

    assert (refused["code"], refused["of"], refused["id"]) == ("slow_down", "sendMessage", "m3")
    assert visitor.send("sendMessage", **frame)["action"] == "ack"
    assert texts(visitor, contact) == ["One", "Two", "Three"]


def test_one_sides_rate_does_not_slow_the_other() -> None:
    system = System(settings=Settings(visitor_rate=Rate(burst=1, per_second=1)))
    visitor, seller = system.connect(VISITOR, "visitor-laptop"), system.connect(SELLER, "seller-laptop")
    contact = visitor.send("InitChat", sellerId="123456", userInfo={})["contact_id"]
    visitor.send("sendMessage", contact_id=contact, message="One")

    assert visitor.send("sendMessage", contact_id=contact, message="Two")["code"] == "slow_down"
    assert seller.send("sendMessage", contact_id=contact, message="Hi")["action"] == "ack"


# After the end


def test_a_message_after_the_close_reopens_the_contact(visitor: Client, seller: Client, contact: str) -> None:
    seller.send("closeChat", contact_id=contact)

    reply = visitor.send("sendMessage", contact_id=contact, message="One more thing", id="m1", base=3)

    assert reply["seq"] == 5
    kinds = [entry["kind"] for entry in visitor.send("sync", contact_id=contact, after=2)["entries"]]
    assert kinds == ["closed", "reopened", "message"]
    assert [frame["action"] for frame in seller.received] == ["entry", "sendMessage"]
    assert [item["contact_id"] for item in seller.send("inbox")["contacts"]] == [contact]


def test_an_old_contact_stays_closed_once_the_visitor_has_a_new_one(
    visitor: Client, seller: Client, contact: str
) -> None:
    seller.send("closeChat", contact_id=contact)
    newer = visitor.send("InitChat", sellerId="123456", userInfo={})["contact_id"]

    replies = [person.send("sendMessage", contact_id=contact, message="Still there?") for person in (visitor, seller)]

    assert [reply["code"] for reply in replies] == ["contact_closed", "contact_closed"]
    assert [item["contact_id"] for item in seller.send("inbox")["contacts"]] == [newer]


def test_a_repeat_of_the_message_that_reopened_is_answered_as_before(visitor: Client, contact: str) -> None:
    visitor.send("closeChat", contact_id=contact)
    frame = {"contact_id": contact, "message": "One more thing", "id": "m1", "base": 3}

    assert visitor.send("sendMessage", **frame) == visitor.send("sendMessage", **frame)
    assert texts(visitor, contact) == ["One more thing"]


def refusing() -> tuple[System, Client, str]:
    system = System(settings=Settings(reopens_closed=False))
    visitor = system.connect(VISITOR, "visitor-laptop")
    contact = visitor.send("InitChat", sellerId="123456", userInfo={})["contact_id"]
    visitor.send("closeChat", contact_id=contact)
    return system, visitor, contact


def test_a_system_that_does_not_reopen_says_so() -> None:
    _system, visitor, contact = refusing()

    reply = visitor.send("sendMessage", contact_id=contact, message="One more thing")

    assert reply["code"] == "contact_closed"
    assert "InitChat" in reply["reason"]


def test_a_retry_is_recognised_though_its_base_counted_in_the_contact_before() -> None:
    system, visitor, _ = refusing()
    frame = {"to": "123456", "message": "One more thing", "id": "m1", "base": 40}
    first = visitor.send("sendMessage", **frame)
    system.connect(SELLER, "seller-1").send("sendMessage", contact_id=first["contact_id"], message="Yes?")

    assert visitor.send("sendMessage", **frame) == first


def test_a_system_that_does_not_reopen_starts_a_new_contact_for_a_client_that_names_the_seller() -> None:
    _system, visitor, contact = refusing()

    reply = visitor.send("sendMessage", to="123456", message="One more thing")

    assert reply["contact_id"] != contact
    assert reply["seq"] == 3


def test_a_contact_past_retention_is_never_written_again(system: System, visitor: Client, contact: str) -> None:
    system.store.expire(contact, through=99)

    reply = visitor.send("sendMessage", contact_id=contact, message="Still there?", id="m1", base=2)

    assert reply["code"] == "contact_expired"
    assert "InitChat" in reply["reason"]
    assert system.store.entries[contact] == {}


def test_a_visitor_who_writes_to_the_seller_after_retention_gets_a_new_contact(
    system: System, visitor: Client, contact: str
) -> None:
    system.store.expire(contact, through=99)

    reply = visitor.send("sendMessage", to="123456", message="Still there?")

    assert (reply["contact_id"] != contact, reply["seq"]) == (True, 3)


def test_numbers_go_on_where_the_oldest_entries_are_gone(system: System, visitor: Client, contact: str) -> None:
    system.store.expire(contact, through=1)

    assert visitor.send("sendMessage", contact_id=contact, message="Hello", base=0)["seq"] == 3


def test_a_log_is_gone_from_its_beginning_on_also_where_the_retention_was_shortened(
    system: System, visitor: Client, contact: str
) -> None:
    shortened = System(settings=Settings(retention_days=1), store=system.store, clock=system.clock)
    again = shortened.connect(VISITOR, "visitor-again")
    again.send("sendMessage", contact_id=contact, message="Hello")
    again.send("closeChat", contact_id=contact)

    expiries = [entry.expires_at for entry in system.store.read(contact, 1)]

    assert expiries == sorted(expiries)


def test_a_message_for_a_full_seller_goes_to_the_newer_contact_that_another_tab_opened_meanwhile() -> None:
    _system, store, visitor, _seller, _contact = contested()
    store.sellers.register(Seller("ana", "ana", 1, 0, Availability.ONLINE, 10**12))
    first = visitor.send("InitChat", sellerId="ana", userInfo={})["contact_id"]
    visitor.send("closeChat", contact_id=first)
    store.sellers.count("ana", 1)
    opened: list[str] = []
    store.before_writing += [
        lambda: None,
        lambda: opened.append(visitor.send("InitChat", sellerId="ana", userInfo={})["contact_id"]),
    ]

    reply = visitor.send("sendMessage", to="ana", message="One more thing", id="m1", base=0)

    assert reply["action"] == "ack"
    assert [reply["contact_id"]] == opened


def test_what_the_page_learns_of_a_visitor_in_a_running_chat_reaches_the_seller_as_an_entry(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    phone = system.connect(VISITOR, "phone")
    frame = {"contact_id": contact, "userInfo": {"name": "Ada Lovelace", "plan": "gold"}, "id": "i1", "base": 2}

    first = visitor.send("identify", **frame)

    assert (first["of"], first["id"], first["seq"]) == ("identify", "i1", 3)
    for client in (seller, phone):
        entry = client.received[-1]["entry"]
        assert (entry["kind"], entry["from"]) == ("identified", f"visitor-{contact}")
        assert entry["user_info"] == {"name": "Ada Lovelace", "plan": "gold"}
    assert visitor.send("identify", **frame) == first
    assert len(seller.send("sync", contact_id=contact, after=2)["entries"]) == 1


def test_who_is_no_visitor_of_a_contact_tells_nothing_of_one(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    stranger = system.connect(Principal("another-device", Role.VISITOR), "elsewhere")

    for client in (seller, stranger):
        assert client.send("identify", contact_id=contact, userInfo={"name": "Eve"})["code"] == "forbidden"
    assert visitor.send("sync", contact_id=contact, after=0)["tail"] == 2


def test_nothing_is_added_to_a_chat_that_is_over(visitor: Client, seller: Client, contact: str) -> None:
    seller.send("closeChat", contact_id=contact)

    assert visitor.send("identify", contact_id=contact, userInfo={"name": "Ada"})["code"] == "contact_closed"


def test_what_is_told_of_a_visitor_takes_from_the_same_rate_as_messages(visitor: Client, contact: str) -> None:
    answers = [visitor.send("identify", contact_id=contact, userInfo={"page": f"/{number}"}) for number in range(200)]

    assert answers[0]["action"] == "ack"
    assert answers[-1]["code"] == "slow_down"


def test_places_change_with_the_first_word_of_who_waits_and_with_nothing_else_that_is_said() -> None:
    system = System()
    ana = Seller("ana", "support", 1, 0, Availability.ONLINE, int(system.clock.now().timestamp()))
    system.store.sellers.register(ana)
    clients, contacts = list[Client](), list[str]()
    for number in range(3):
        clients.append(system.connect(Principal(f"device-{number}", Role.VISITOR), f"v{number}"))
        contacts.append(str(clients[-1].send("InitChat", sellerId="support", userInfo={})["contact_id"]))

    def looks(number: int, message_id: str) -> int:
        """How often a message makes the queue look who waits."""
        system.forget_what_happened()
        clients[number].send("sendMessage", contact_id=contacts[number], message="Hello", id=message_id, base=1)
        return system.store.requests["inbox"]

    assert looks(0, "open") == 0
    assert looks(2, "first") == 1
    assert [frame["position"] for frame in clients[1].received] == [2]
    assert looks(2, "first") == 0
    assert looks(2, "second") == 0
