"""Notes of sellers: in order, once, for who may read the contact, and never for its visitor."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest

from chat.model.identity import Principal, Role
from chat.model.sellers import Seller
from chat.protocol.fields import MAX_NOTE_CHARACTERS
from chat.team.notes import MOST_NOTES
from tests.worlds.domain import COLLEAGUE, SELLER, Client, System


def texts(client: Client, contact: str, after: int = 0) -> list[str]:
    return [note["text"] for note in client.send("notes", contact_id=contact, after=after)["notes"]]


def test_a_note_is_kept_and_listed_with_who_wrote_it_and_when(seller: Client, contact: str) -> None:
    reply = seller.send("note", contact_id=contact, text="Wants a refund", id="n1", base=0)

    note = {"seq": 1, "id": "n1", "from": "123456", "timestamp": "2026-01-01T00:00:00.000Z", "text": "Wants a refund"}
    assert reply == {"action": "note", "contact_id": contact, "note": note}
    assert seller.send("notes", contact_id=contact) == {
        "action": "notes",
        "contact_id": contact,
        "after": 0,
        "notes": [note],
        "more": False,
    }


def test_notes_are_numbered_in_the_order_in_which_they_were_kept(seller: Client, contact: str) -> None:
    for text in ("one", "two", "three"):
        seller.send("note", contact_id=contact, text=text)

    assert texts(seller, contact) == ["one", "two", "three"]
    assert texts(seller, contact, after=1) == ["two", "three"]


def test_a_repeated_note_is_kept_once_and_answered_as_the_first_time(seller: Client, contact: str) -> None:
    frame = {"contact_id": contact, "text": "Wants a refund", "id": "n1", "base": 0}
    first = seller.send("note", **frame)
    seller.send("note", contact_id=contact, text="Has a receipt", id="n2", base=1)

    assert seller.send("note", **frame) == first
    assert texts(seller, contact) == ["Wants a refund", "Has a receipt"]


@pytest.mark.usefixtures("colleague")
def test_a_repeated_note_is_answered_as_the_first_time_though_the_contact_has_gone_to_a_colleague(
    seller: Client, contact: str
) -> None:
    frame: dict[str, Any] = {"contact_id": contact, "text": "Wants a refund", "id": "n1", "base": 0}
    first = seller.send("note", **frame)
    seller.send("transferChat", contact_id=contact, to=COLLEAGUE.user_id)

    assert seller.send("note", **frame) == first
    assert seller.send("note", **{**frame, "id": "n2"})["code"] == "forbidden"


def test_a_repeated_note_about_who_waited_is_answered_as_the_first_time_though_a_colleague_took_them(
    system: System, visitor: Client
) -> None:
    ana, bo = (Principal(name, Role.SELLER) for name in ("ana", "bo"))
    for each in (ana, bo):
        system.store.sellers.register(Seller(each.user_id, "support", 5))
    writer, taker = system.connect(ana, "ana-laptop"), system.connect(bo, "bo-laptop")
    contact = visitor.send("InitChat", sellerId="support", userInfo={})["contact_id"]
    frame: dict[str, Any] = {"contact_id": contact, "text": "Wants a refund", "id": "n1", "base": 0}
    first = writer.send("note", **frame)
    taker.send("takeChat", contact_id=contact)

    assert writer.send("note", **frame) == first


def test_two_devices_that_write_at_once_lose_nothing(system: System, seller: Client, contact: str) -> None:
    phone = system.connect(SELLER, "seller-phone")
    system.notes.before_writing.append(lambda: phone.send("note", contact_id=contact, text="from the phone", id="p"))

    reply = seller.send("note", contact_id=contact, text="from the laptop", id="l")

    assert reply["note"]["seq"] == 2
    assert texts(seller, contact) == ["from the phone", "from the laptop"]


def test_a_visitor_who_is_called_like_the_seller_is_answered_with_no_note(
    system: System, seller: Client, contact: str
) -> None:
    frame: dict[str, Any] = {"contact_id": contact, "text": "Wants a refund", "id": "n1", "base": 0}
    seller.send("note", **frame)
    system.store.sellers.register(Seller(SELLER.user_id, SELLER.user_id, 5))
    namesake = system.connect(Principal(SELLER.user_id, Role.VISITOR), "namesake")

    assert namesake.send("note", **frame)["code"] == "forbidden"


def test_who_is_overtaken_eight_times_is_asked_to_try_again(system: System, seller: Client, contact: str) -> None:
    phone = system.connect(SELLER, "seller-phone")
    overtakes = lambda: phone.send("note", contact_id=contact, text="from the phone")  # noqa: E731 - at each attempt
    system.notes.before_writing = [each for _ in range(8) for each in (overtakes, lambda: None)]

    answer = seller.send("note", contact_id=contact, text="from the laptop", id="l")

    assert (answer["code"], answer["retry_after_ms"]) == ("try_again", 1000)
    assert texts(seller, contact) == ["from the phone"] * 8


def test_a_note_costs_one_look_at_the_others(
    system: System, seller: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Mock(wraps=system.notes.notes)
    monkeypatch.setattr(system.notes, "notes", looks)

    seller.send("note", contact_id=contact, text="Wants a refund")

    assert looks.call_count == 1


def test_who_never_could_read_a_contact_is_refused_before_its_notes_are_looked_at(
    system: System, seller: Client, colleague: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seller.send("note", contact_id=contact, text="Wants a refund", id="n1")
    looks = Mock(wraps=system.notes.notes)
    monkeypatch.setattr(system.notes, "notes", looks)

    for asked in (contact, "no-such-contact"):
        assert colleague.send("note", contact_id=asked, text="Let me in", id="n1")["code"] == "forbidden"
    assert looks.call_count == 0


def test_who_gave_a_contact_away_is_refused_before_its_notes_are_looked_at_unless_they_repeat_something(
    system: System, seller: Client, colleague: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seller.send("transferChat", contact_id=contact, to=COLLEAGUE.user_id)["action"] == "ack"
    looks = Mock(wraps=system.notes.notes)
    monkeypatch.setattr(system.notes, "notes", looks)

    assert seller.send("note", contact_id=contact, text="Wants a refund")["code"] == "forbidden"

    assert looks.call_count == 0


def test_a_number_that_a_client_has_seen_is_not_handed_out_again(system: System, seller: Client, contact: str) -> None:
    seller.send("note", contact_id=contact, text="old", id="n1", base=0)
    system.notes.items.clear()

    assert seller.send("note", contact_id=contact, text="new", id="n2", base=1)["note"]["seq"] == 2


@pytest.mark.parametrize("base", [MOST_NOTES - 1, 999_999_999_999])
def test_a_number_that_no_note_has_had_takes_away_no_note_s_place(seller: Client, contact: str, base: int) -> None:
    written = [seller.send("note", contact_id=contact, text="made up", id="made-up", base=base)]
    written += [
        seller.send("note", contact_id=contact, text="Wants a refund", base=base if number % 2 else 0)
        for number in range(1, MOST_NOTES)
    ]

    assert {each["action"] for each in written} == {"note"}
    assert seller.send("note", contact_id=contact, text="one too many")["code"] == "too_large"
    numbers = [each["note"]["seq"] for each in written]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] <= MOST_NOTES * (MOST_NOTES + 1)


def test_a_number_that_no_note_has_had_leads_a_hundred_on_from_the_last_one(seller: Client, contact: str) -> None:
    written = [seller.send("note", contact_id=contact, text="made up", base=base) for base in (999, 999, 0)]

    assert [each["note"]["seq"] for each in written] == [101, 202, 203]


def test_notes_that_have_expired_take_no_place(system: System, seller: Client, visitor: Client, contact: str) -> None:
    for _ in range(MOST_NOTES):
        seller.send("note", contact_id=contact, text="old")
    system.clock.advance(days=60)
    visitor.send("sendMessage", contact_id=contact, message="I am still here")
    system.clock.advance(days=60)

    assert seller.send("note", contact_id=contact, text="new", base=MOST_NOTES)["note"]["seq"] == MOST_NOTES + 1


def test_the_other_devices_of_the_seller_hear_of_a_note_and_nobody_else_does(
    system: System, visitor: Client, seller: Client, colleague: Client, contact: str
) -> None:
    phone = system.connect(SELLER, "seller-phone")
    system.forget_what_happened()

    seller.send("note", contact_id=contact, text="Wants a refund")

    assert [(frame["action"], frame["note"]["text"]) for frame in phone.received] == [("note", "Wants a refund")]
    assert visitor.received == seller.received == colleague.received == []


def test_a_note_has_no_key_by_which_the_documents_client_would_show_it(
    system: System, seller: Client, contact: str
) -> None:
    phone = system.connect(SELLER, "seller-phone")
    seller.send("note", contact_id=contact, text="Wants a refund")

    frames = [*phone.received, seller.send("notes", contact_id=contact)]
    assert all("message" not in frame for frame in frames)


def test_notes_go_with_the_contact_to_who_answers_it_next(seller: Client, colleague: Client, contact: str) -> None:
    seller.send("note", contact_id=contact, text="Wants a refund")
    seller.send("transferChat", contact_id=contact, to="654321")

    assert texts(colleague, contact) == ["Wants a refund"]
    assert seller.send("notes", contact_id=contact)["code"] == "forbidden"
    assert seller.send("note", contact_id=contact, text="One more")["code"] == "forbidden"


def test_who_reads_what_waits_reads_its_notes(system: System, visitor: Client) -> None:
    system.store.sellers.register(Seller("ana", "support", 5))
    waiting = str(visitor.send("InitChat", sellerId="support", userInfo={})["contact_id"])
    ana = system.connect(Principal("ana", Role.SELLER), "ana-laptop")

    ana.send("note", contact_id=waiting, text="Speaks Spanish only")

    assert texts(ana, waiting) == ["Speaks Spanish only"]


@pytest.mark.parametrize("frame", [{"action": "notes"}, {"action": "note", "text": "Let me in"}])
def test_a_visitor_and_a_stranger_neither_read_nor_write_any(
    visitor: Client, colleague: Client, contact: str, frame: dict[str, Any]
) -> None:
    for client in (visitor, colleague):
        assert client.send(contact_id=contact, **frame)["code"] == "forbidden"


def test_a_note_moves_nothing_of_the_log(visitor: Client, seller: Client, contact: str) -> None:
    before = visitor.send("sync", contact_id=contact, after=0)

    seller.send("note", contact_id=contact, text="Wants a refund")

    assert visitor.send("sync", contact_id=contact, after=0) == before


def test_a_closed_contact_has_notes_too(seller: Client, contact: str) -> None:
    seller.send("closeChat", contact_id=contact)

    assert seller.send("note", contact_id=contact, text="Was a wrong number")["action"] == "note"


def test_a_contact_has_only_so_many(seller: Client, contact: str) -> None:
    for number in range(100):
        assert seller.send("note", contact_id=contact, text=f"note {number}")["action"] == "note"

    assert seller.send("note", contact_id=contact, text="one too many")["code"] == "too_large"


@pytest.mark.parametrize("text", ["", " \u200b", "a\x00b", "x" * (MAX_NOTE_CHARACTERS + 1)])
def test_what_is_no_note_is_refused_with_what_to_do(seller: Client, contact: str, text: str) -> None:
    reply = seller.send("note", contact_id=contact, text=text)

    assert (reply["code"], reply["field"]) == ("bad_field", "text")
    assert "at most 1000 characters" in reply["reason"]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "'; DROP TABLE notes;--", "עברית\nand English"])
def test_a_note_is_text_whatever_it_looks_like(seller: Client, contact: str, text: str) -> None:
    seller.send("note", contact_id=contact, text=text)

    assert texts(seller, contact) == [text]


def test_a_long_list_comes_in_pages(seller: Client, contact: str) -> None:
    for number in range(40):
        seller.send("note", contact_id=contact, text=f"{number:02}" + "x" * 900)

    first = seller.send("notes", contact_id=contact)
    rest = seller.send("notes", contact_id=contact, after=first["notes"][-1]["seq"])

    assert (first["more"], rest["more"]) == (True, False)
    assert [note["seq"] for note in first["notes"] + rest["notes"]] == list(range(1, 41))


@pytest.mark.parametrize("seconds", [60, 61])
def test_what_is_past_its_retention_is_not_listed(system: System, seller: Client, contact: str, seconds: int) -> None:
    seller.send("note", contact_id=contact, text="old")
    system.clock.advance(seconds=system.settings.retention_days * 86_400 - 60)
    seller.send("sendMessage", contact_id=contact, message="Still here")
    system.clock.advance(seconds=seconds)

    assert texts(seller, contact) == []


def test_nothing_is_written_about_who_was_erased(system: System, seller: Client, contact: str) -> None:
    system.notes.forgotten.add(contact)

    assert seller.send("note", contact_id=contact, text="Too late")["code"] == "forbidden"
