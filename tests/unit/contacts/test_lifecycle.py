"""Closing and handing over: entries of the log that change who may do what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from chat.adapters.dynamodb.conversations import entry_item, entry_of
from chat.model.entries import Entry
from chat.model.identity import Principal, Role
from chat.model.metrics import Metric
from chat.model.sellers import Availability, Seller
from chat.model.timestamps import epoch_seconds
from chat.ports.conversations import Change, Excerpt
from chat.ports.errors import NumberTakenError, StoreBusyError, StoreUnavailableError
from tests.doubles.conversations import ContestedConversations
from tests.doubles.machine import START
from tests.worlds.domain import COLLEAGUE, SELLER, VISITOR, Client, System

NOW = epoch_seconds(START)


def kinds(client: Client, contact_id: str) -> list[str]:
    return [entry["kind"] for entry in client.send("sync", contact_id=contact_id, after=0)["entries"]]


# Closing


@pytest.mark.parametrize("who", ["visitor", "seller"])
def test_either_side_may_close(visitor: Client, seller: Client, contact: str, who: str) -> None:
    client = {"visitor": visitor, "seller": seller}[who]

    reply = client.send("closeChat", contact_id=contact, id="c1", base=2)

    assert reply == {
        "action": "ack",
        "of": "closeChat",
        "contact_id": contact,
        "id": "c1",
        "seq": 3,
        "timestamp": "2026-01-01T00:00:00.000Z",
    }
    assert kinds(client, contact) == ["opened", "assigned", "closed"]


def test_everyone_elses_connections_hear_of_the_close(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    phone = system.connect(SELLER, "seller-phone")

    seller.send("closeChat", contact_id=contact)

    for client in (visitor, phone):
        (frame,) = client.received
        assert (frame["action"], frame["entry"]["kind"], frame["entry"]["from"]) == ("entry", "closed", "123456")
        assert "message" not in frame
    assert seller.received == []


def test_closing_twice_closes_once(visitor: Client, seller: Client, contact: str) -> None:
    visitor.send("closeChat", contact_id=contact, id="c1", base=2)

    again = seller.send("closeChat", contact_id=contact, id="c2", base=2)

    assert (again["action"], again["id"], again["seq"]) == ("ack", "c2", 3)
    assert kinds(visitor, contact) == ["opened", "assigned", "closed"]


def test_a_repeated_close_gets_the_same_acknowledgement_even_after_a_reopening(visitor: Client, contact: str) -> None:
    frame = {"contact_id": contact, "id": "c1", "base": 2}
    first = visitor.send("closeChat", **frame)
    visitor.send("sendMessage", contact_id=contact, message="One more thing")

    assert visitor.send("closeChat", **frame) == first
    assert kinds(visitor, contact)[-1] == "message"


def test_a_closed_contact_moves_from_the_open_to_the_closed_inbox(seller: Client, contact: str) -> None:
    seller.send("closeChat", contact_id=contact)

    assert seller.send("inbox", status="open")["contacts"] == []
    assert [item["contact_id"] for item in seller.send("inbox", status="closed")["contacts"]] == [contact]


def test_a_foreign_contact_cannot_be_closed_and_looks_like_none(colleague: Client, contact: str) -> None:
    foreign = colleague.send("closeChat", contact_id=contact)
    missing = colleague.send("closeChat", contact_id="no-such-contact")

    assert foreign["code"] == "forbidden"
    assert foreign | {"contact_id": ""} == missing | {"contact_id": ""}


def test_an_expired_contact_cannot_be_closed(system: System, visitor: Client, contact: str) -> None:
    system.store.expire(contact, through=99)

    assert visitor.send("closeChat", contact_id=contact)["code"] == "contact_expired"


def test_a_close_that_could_not_be_stored_is_answered_with_try_again(
    system: System, visitor: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(_change: object) -> None:
        raise StoreUnavailableError("time-out")

    monkeypatch.setattr(system.store, "commit", unavailable)

    assert visitor.send("closeChat", contact_id=contact)["code"] == "try_again"


# Handing over


@pytest.mark.usefixtures("colleague")
def test_a_seller_hands_a_contact_to_a_colleague(seller: Client, contact: str) -> None:
    reply = seller.send("transferChat", contact_id=contact, to="654321", id="t1", base=2)

    assert (reply["action"], reply["of"], reply["id"], reply["seq"]) == ("ack", "transferChat", "t1", 3)


def test_both_sellers_and_the_visitor_hear_who_answers_from_now_on(
    system: System, visitor: Client, seller: Client, colleague: Client, contact: str
) -> None:
    phone = system.connect(SELLER, "seller-phone")

    seller.send("transferChat", contact_id=contact, to="654321")

    for client in (visitor, phone, colleague):
        (frame,) = client.received
        assert (frame["entry"]["kind"], frame["entry"]["seller_id"]) == ("transferred", "654321")


def test_the_colleague_reads_all_of_it_and_answers(
    visitor: Client, seller: Client, colleague: Client, contact: str
) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello")
    seller.send("transferChat", contact_id=contact, to="654321")

    assert kinds(colleague, contact) == ["opened", "assigned", "message", "transferred"]
    assert colleague.send("sendMessage", contact_id=contact, message="Hi")["action"] == "ack"


@pytest.mark.usefixtures("colleague")
def test_the_seller_who_handed_it_over_has_no_rights_left(seller: Client, contact: str) -> None:
    seller.send("transferChat", contact_id=contact, to="654321")

    frames: list[tuple[str, dict[str, object]]] = [
        ("sendMessage", {"message": "Hello again"}),
        ("sync", {"after": 0}),
        ("sync", {"after": 0, "limit": 1}),
        ("receipt", {"read": 1}),
        ("typing", {}),
        ("closeChat", {}),
        ("transferChat", {"to": "123456"}),
    ]
    codes = [seller.send(action, contact_id=contact, **fields)["code"] for action, fields in frames]

    assert codes == ["forbidden"] * len(frames)


@pytest.mark.usefixtures("colleague")
def test_the_seller_who_handed_it_over_hears_no_more_of_it(visitor: Client, seller: Client, contact: str) -> None:
    seller.send("transferChat", contact_id=contact, to="654321")

    visitor.send("sendMessage", contact_id=contact, message="A secret")

    assert seller.received == []


def test_a_repeated_close_is_news_to_nobody_whose_contact_it_was_before_a_transfer() -> None:
    store = ContestedConversations()
    system = System(store=store)
    visitor, tab = system.connect(VISITOR, "visitor-laptop"), system.connect(VISITOR, "visitor-tab")
    seller, phone = system.connect(SELLER, "seller-laptop"), system.connect(SELLER, "seller-phone")
    colleague = system.connect(COLLEAGUE, "colleague-laptop")
    contact = visitor.send("InitChat", sellerId="123456", userInfo={})["contact_id"]
    system.forget_what_happened()
    frame = {"contact_id": contact, "id": "c1", "base": 2}

    def somebody_is_faster() -> None:
        seller.send("transferChat", contact_id=contact, to="654321")
        tab.send("closeChat", **frame)

    store.before_writing.append(somebody_is_faster)

    assert visitor.send("closeChat", **frame)["seq"] == 4
    assert [frame["entry"]["kind"] for frame in phone.received] == ["transferred"]
    assert [frame["entry"]["kind"] for frame in colleague.received] == ["transferred", "closed", "closed"]


def test_a_transfer_that_was_applied_though_it_looked_lost_is_told_to_both_sellers(
    system: System, seller: Client, colleague: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = system.connect(SELLER, "seller-phone")
    commit = system.store.commit

    def applied_before(change: Change) -> None:
        commit(change)
        raise NumberTakenError

    monkeypatch.setattr(system.store, "commit", applied_before)

    assert seller.send("transferChat", contact_id=contact, to="654321")["seq"] == 3
    for client in (phone, colleague):
        assert [frame["entry"]["kind"] for frame in client.received] == ["transferred"]


def test_a_transfer_moves_the_contact_to_the_other_inbox(seller: Client, colleague: Client, contact: str) -> None:
    seller.send("transferChat", contact_id=contact, to="654321")

    assert seller.send("inbox")["contacts"] == []
    assert [item["seller_id"] for item in colleague.send("inbox")["contacts"]] == ["654321"]


def test_a_deployment_is_one_shop_so_a_contact_goes_to_any_of_its_teams(
    system: System, seller: Client, colleague: Client, contact: str
) -> None:
    now = epoch_seconds(system.clock.now())
    for name, team in (("123456", "sales"), ("654321", "support")):
        system.store.sellers.register(Seller(name, team, 5, 0, Availability.ONLINE, now))

    assert seller.send("transferChat", contact_id=contact, to="654321")["action"] == "ack"
    assert [item["contact_id"] for item in colleague.send("inbox")["contacts"]] == [contact]


@pytest.mark.usefixtures("colleague")
def test_a_repeated_transfer_gets_the_same_acknowledgement_though_the_contact_is_the_colleagues(
    seller: Client, contact: str
) -> None:
    frame = {"contact_id": contact, "to": "654321", "id": "t1", "base": 2}

    first = seller.send("transferChat", **frame)

    assert first["action"] == "ack"
    assert seller.send("transferChat", **frame) == first


def test_a_transfer_to_who_is_neither_registered_nor_connected_is_refused(seller: Client, contact: str) -> None:
    reply = seller.send("transferChat", contact_id=contact, to="65432l")

    assert (reply["code"], reply["field"]) == ("unknown_seller", "to")
    assert kinds(seller, contact) == ["opened", "assigned"]


def test_a_transfer_to_oneself_changes_nothing(seller: Client, contact: str) -> None:
    reply = seller.send("transferChat", contact_id=contact, to="123456", id="t1")

    assert (reply["action"], reply["id"], reply["seq"]) == ("ack", "t1", 2)
    assert kinds(seller, contact) == ["opened", "assigned"]


def test_a_visitor_cannot_transfer(visitor: Client, contact: str) -> None:
    assert visitor.send("transferChat", contact_id=contact, to="654321")["code"] == "forbidden"


def test_a_foreign_seller_cannot_take_a_contact(colleague: Client, contact: str) -> None:
    assert colleague.send("transferChat", contact_id=contact, to="654321")["code"] == "forbidden"


def test_a_closed_contact_is_not_transferred(seller: Client, contact: str) -> None:
    seller.send("closeChat", contact_id=contact)

    assert seller.send("transferChat", contact_id=contact, to="654321")["code"] == "contact_closed"


@pytest.mark.parametrize("name", ["system", "visitor-id-1"])
def test_a_contact_cannot_go_to_a_name_that_the_log_uses_itself(seller: Client, contact: str, name: str) -> None:
    reply = seller.send("transferChat", contact_id=contact, to=name)

    assert (reply["code"], reply["field"]) == ("unknown_seller", "to")


def test_after_a_transfer_the_visitors_to_still_finds_the_contact(
    visitor: Client, seller: Client, colleague: Client, contact: str
) -> None:
    seller.send("transferChat", contact_id=contact, to="654321")

    assert visitor.send("sendMessage", to="123456", message="Hello")["contact_id"] == contact
    assert [frame["action"] for frame in colleague.received] == ["entry", "sendMessage"]


def test_a_second_device_of_the_visitor_may_close_what_the_first_one_opened(system: System, contact: str) -> None:
    assert system.connect(VISITOR, "visitor-phone").send("closeChat", contact_id=contact)["action"] == "ack"


def test_a_repeated_close_that_needed_no_entry_closes_nothing_that_was_reopened_since(
    visitor: Client, seller: Client, contact: str
) -> None:
    seller.send("closeChat", contact_id=contact, id="c1", base=2)
    frame = {"contact_id": contact, "id": "c2", "base": 2}
    # The visitor has not seen the end yet.
    assert visitor.send("closeChat", **frame)["seq"] == 3
    seller.send("sendMessage", contact_id=contact, message="One more thing")

    again = visitor.send("closeChat", **frame)

    assert (again["action"], again["seq"]) == ("ack", 5)
    assert kinds(visitor, contact)[-2:] == ["reopened", "message"]


@pytest.mark.parametrize("base", [{}, {"base": 0}, {"base": 5}])
def test_a_close_from_a_cursor_behind_the_last_end_or_from_none_closes_what_was_reopened(
    visitor: Client, seller: Client, contact: str, base: dict[str, int]
) -> None:
    seller.send("closeChat", contact_id=contact)
    visitor.send("sendMessage", contact_id=contact, message="One more thing")

    assert visitor.send("closeChat", contact_id=contact, id="c2", **base)["seq"] == 6
    assert kinds(visitor, contact)[-1] == "closed"


# What happens without anybody asking


class Apart(ContestedConversations):
    """Hands out entries as they come from a table: nothing in them is the very object that was written."""

    def _excerpt(self, contact_id: str, entries: Sequence[Entry]) -> Excerpt:
        return super()._excerpt(contact_id, [entry_of(json.loads(json.dumps(entry_item(entry)))) for entry in entries])


def _idle(store: Apart) -> tuple[System, Excerpt]:
    """A contact with a long log, and its end as somebody saw it."""
    system = System(store=store)
    contact = str(system.connect(VISITOR, "v").send("InitChat", sellerId="123456", userInfo={})["contact_id"])
    store.entries[contact][1000] = replace(store.entries[contact][2], seq=1000)
    return system, store.latest(contact)


def test_an_idle_contact_is_closed_however_long_its_log_is() -> None:
    system, seen = _idle(Apart())

    assert system.services.lifecycle.close_idle(seen)

    closed = system.store.entries[seen.entries[-1].contact_id][1001]
    assert (closed.kind, closed.state.seller, closed.state.claimed) == ("closed", "123456", False)


def test_a_contact_is_closed_by_a_write_that_was_carried_out_though_it_looked_lost() -> None:
    store = Apart()
    system, seen = _idle(store)
    commit = store.commit

    def commit_and_lose_the_answer(change: Change) -> None:
        commit(change)
        raise StoreBusyError("ThrottlingException")

    store.commit = commit_and_lose_the_answer  # type: ignore[method-assign]

    assert system.services.lifecycle.close_idle(seen)


@pytest.mark.parametrize("entry_id", ["0", "zzz"])
def test_a_contact_that_went_on_is_not_closed_for_being_idle(entry_id: str) -> None:
    system, seen = _idle(Apart())
    (newest,) = seen.entries
    system.store.entries[newest.contact_id][1001] = replace(newest, seq=1001, id=entry_id)

    assert not system.services.lifecycle.close_idle(seen)


def test_a_contact_is_handed_to_who_comes_before_in_the_alphabet_too() -> None:
    system = System()
    for name in ("ana", "bo"):
        system.store.sellers.register(Seller(name, "support", 1, 0, Availability.ONLINE, int(START.timestamp())))
    contact = str(system.connect(VISITOR, "v").send("InitChat", sellerId="bo", userInfo={})["contact_id"])

    system.connect(Principal("bo", Role.SELLER), "b").send("transferChat", contact_id=contact, to="ana")

    assert [name for name, each in system.store.sellers.items.items() if each.open_count] == ["ana"]
    assert system.store.entries[contact][3].state.seller == "ana"


# Handing over to a team


RETURNS = Principal("rita", Role.SELLER)


def team_of(system: System, *sellers: Seller) -> None:
    for each in (Seller("123456", "sales", 5, 1, Availability.ONLINE, NOW), *sellers):
        system.store.sellers.items[each.id] = each


def of_returns(name: str, said: Availability = Availability.ONLINE, *, capacity: int = 2, carries: int = 0) -> Seller:
    return Seller(name, "returns", capacity, carries, said, NOW)


def test_of_a_team_whom_the_strategy_wants_gets_the_contact(system: System, seller: Client, contact: str) -> None:
    team_of(system, of_returns("ralf", carries=1), of_returns("rita"))
    rita = system.connect(RETURNS, "rita-laptop")

    reply = seller.send("transferChat", contact_id=contact, to="returns", id="t1", base=2)

    assert (reply["seq"], reply["status"], reply["seller_id"]) == (3, "open", "rita")
    assert [(frame["entry"]["kind"], frame["entry"]["seller_id"]) for frame in rita.received] == [
        ("transferred", "rita")
    ]
    assert rita.send("sendMessage", contact_id=contact, message="Hello")["action"] == "ack"
    assert system.store.sellers.items["rita"].open_count == 1


def test_while_nobody_of_a_team_has_room_the_contact_waits_for_it_and_not_for_the_one_that_was_asked_for(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    team_of(system, of_returns("rita", capacity=1, carries=1))
    rita = system.connect(RETURNS, "rita-laptop")

    reply = seller.send("transferChat", contact_id=contact, to="returns", id="t1", base=2)

    assert (reply["status"], reply["seller_id"]) == ("queued", None)
    assert [frame["entry"]["reason"] for frame in visitor.received] == ["busy"]
    assert [item["contact_id"] for item in rita.send("inbox", status="queued")["contacts"]] == [contact]
    assert seller.send("inbox", status="queued")["contacts"] == []
    system.store.sellers.items["rita"] = of_returns("rita")
    system.services.queue.drain(["returns"])
    assert [item["contact_id"] for item in rita.send("inbox")["contacts"]] == [contact]


def test_a_name_that_a_seller_shares_with_the_team_is_the_sellers(system: System, seller: Client, contact: str) -> None:
    team_of(system, of_returns("returns", carries=1), of_returns("rita"))

    assert seller.send("transferChat", contact_id=contact, to="returns")["seller_id"] == "returns"


def test_the_contact_waits_for_a_full_team_whatever_that_is_called(
    system: System, seller: Client, contact: str
) -> None:
    team_of(system, Seller("zoe", "tyres", 1, 1, Availability.ONLINE, NOW))

    assert seller.send("transferChat", contact_id=contact, to="tyres")["status"] == "queued"


def test_a_visitor_who_is_handed_to_a_team_of_which_nobody_is_there_is_told_so(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    team_of(system, of_returns("rita", Availability.AWAY))

    assert seller.send("transferChat", contact_id=contact, to="returns")["status"] == "queued"
    assert [frame["entry"]["reason"] for frame in visitor.received] == ["away"]


def test_it_comes_behind_those_who_wait_for_the_team_already(system: System, seller: Client, contact: str) -> None:
    team_of(system, of_returns("rita", Availability.AWAY))
    other = system.connect(Principal("device-2", Role.VISITOR), "other")
    waiting = other.send("InitChat", sellerId="returns", userInfo={})["contact_id"]
    other.send("sendMessage", contact_id=waiting, message="Hello?")
    system.clock.advance(seconds=1)
    system.store.sellers.items["rita"] = of_returns("rita")

    assert seller.send("transferChat", contact_id=contact, to="returns")["status"] == "queued"


def test_a_seller_whom_the_index_takes_for_free_is_passed_over(
    system: System, seller: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    team_of(system, of_returns("ralf", capacity=1, carries=1), of_returns("rita", carries=1))
    lagging = [of_returns("ralf", capacity=1), of_returns("rita", carries=1)]
    monkeypatch.setattr(system.store.sellers, "team", lambda _team: lagging)

    assert seller.send("transferChat", contact_id=contact, to="returns")["seller_id"] == "rita"


def test_of_three_sellers_whom_the_index_takes_for_free_it_is_to_be_tried_again_in_a_second(
    system: System, seller: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("ralf", "rita", "rosa")
    team_of(system, *(of_returns(name, capacity=1, carries=1) for name in names))
    lagging = [of_returns(name, capacity=1) for name in names]
    monkeypatch.setattr(system.store.sellers, "team", lambda _team: lagging)

    reply = seller.send("transferChat", contact_id=contact, to="returns")

    assert (reply["code"], reply["retry_after_ms"]) == ("try_again", 1000)


def test_a_repeated_hand_over_to_a_team_is_answered_as_the_first_time(
    system: System, seller: Client, contact: str
) -> None:
    team_of(system, of_returns("rita", Availability.AWAY))
    frame = {"contact_id": contact, "to": "returns", "id": "t1", "base": 2}

    first = seller.send("transferChat", **frame)

    assert first["status"] == "queued"
    assert seller.send("transferChat", **frame) == first


def test_to_ones_own_team_it_goes_to_somebody_else(system: System, seller: Client, contact: str) -> None:
    team_of(system, Seller("654321", "sales", 5, 4, Availability.ONLINE, NOW))

    assert seller.send("transferChat", contact_id=contact, to="sales")["seller_id"] == "654321"


def test_to_ones_own_team_in_which_nobody_else_has_room_it_is_refused_and_does_not_come_straight_back(
    system: System, seller: Client, contact: str
) -> None:
    team_of(system, Seller("654321", "sales", 5, 5, Availability.ONLINE, NOW))

    reply = seller.send("transferChat", contact_id=contact, to="sales")

    assert (reply["code"], reply["field"]) == ("seller_full", "to")
    assert kinds(seller, contact) == ["opened", "assigned"]


def test_a_contact_stays_with_the_team_it_was_handed_to_and_its_visitor_has_one_and_not_two(
    system: System, visitor: Client, seller: Client, contact: str
) -> None:
    team_of(system, of_returns("rita"), of_returns("ralf", carries=1))
    rita = system.connect(RETURNS, "rita-laptop")
    seller.send("transferChat", contact_id=contact, to="returns")
    rita.send("closeChat", contact_id=contact)
    system.store.sellers.items["rita"] = of_returns("rita", Availability.OFFLINE)

    assert visitor.send("sendMessage", to="123456", message="One more thing")["contact_id"] == contact
    listing = system.store.listing(contact)
    assert listing is not None
    assert listing.seller == "ralf"


def test_who_hands_over_to_an_empty_team_has_not_vanished(system: System, seller: Client, contact: str) -> None:
    team_of(system, of_returns("rita", Availability.AWAY))
    system.forget_what_happened()

    seller.send("transferChat", contact_id=contact, to="returns")

    assert not any(Metric.CONTACTS_MOVED in measured for measured in system.journal.measured)
