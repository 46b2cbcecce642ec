"""Marked secrets, sent through every frame and every call: where they may turn up, and nowhere else."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import msgspec
import pytest

from chat.access.tickets import Tickets
from chat.access.tokens import TokenRefusedError
from chat.adapters.json_journal import ALLOWED_FIELDS
from chat.api.rest import Call, Rest
from chat.events import event_of
from chat.model.identity import Principal, Role, reference_of
from chat.protocol.frames import KNOWN
from tests.worlds.domain import Client, System

DEVICE = "canary-device-0f8fad5b-d9cb-469f-a165-70867728950e"
TEXT = "canary-text"
INFO = "canary-name"
NOTE = "canary-note"
TAG = "canary-tag"
UNTIL = "2026-01-02T03:04:05.678Z"
ADDRESS = "203.0.113.99"
TOKEN = "canary-token"


@pytest.fixture
def visitor(system: System) -> Client:
    """A visitor whose device id is marked."""
    return system.connect(Principal(DEVICE, Role.VISITOR), "visitor-laptop")


@pytest.fixture
def contact(system: System, visitor: Client, seller: Client) -> str:
    """A contact of the marked visitor."""
    return str(visitor.send("InitChat", sellerId="123456", userInfo={"name": INFO})["contact_id"])


def said(contact: str) -> dict[str, dict[str, Any]]:
    """A frame of every kind; the fields of `sendMessage` are marked."""
    return {
        "InitChat": {"sellerId": "123456", "userInfo": {"name": INFO}},
        "initiateChat": {"sellerId": "123456", "userInfo": {"name": INFO}},
        "sendMessage": {"contact_id": contact, "message": TEXT, "from": DEVICE, "to": "123456"},
        "identify": {"contact_id": contact, "userInfo": {"name": INFO}},
        "sync": {"contact_id": contact, "after": 0, "announce": True},
        "receipt": {"contact_id": contact, "delivered": 2, "read": 1},
        "typing": {"contact_id": contact},
        "inbox": {"announce": True, "tails": True},
        "presence": {"status": "online"},
        "transferChat": {"contact_id": contact, "to": "654321"},
        "takeChat": {"contact_id": contact},
        "earlier": {"contact_id": contact},
        "readEarlier": {"contact_id": contact, "earlier": contact},
        "closeChat": {"contact_id": contact},
        "note": {"contact_id": contact, "text": NOTE},
        "notes": {"contact_id": contact},
        "replies": {},
        "shareReply": {"id": "r1", "base": 0, "name": "hello", "text": NOTE},
        "tag": {"contact_id": contact, "add": TAG},
        "snooze": {"contact_id": contact, "until": UNTIL},
        "blockVisitor": {"contact_id": contact, "minutes": 1, "reason": "Insults"},
        "blocks": {},
        "search": {"query": "canary"},
        "unblockVisitor": {"visitor": reference_of(DEVICE)},
        "team": {},
        "signOut": {},
        "ping": {},
    }


def test_every_frame_is_among_those_that_are_tried(contact: str) -> None:
    assert set(said(contact)) == set(KNOWN)


@pytest.fixture
def answers_to_seller(system: System, visitor: Client, seller: Client, contact: str) -> list[dict[str, Any]]:
    """Everything both sides could say was said, some of it broken; all that the seller was answered."""
    answers = []
    for sender in (visitor, seller):
        for action, fields in said(contact).items():
            answer = sender.send(action, **fields)
            broken = sender.send_raw(json.dumps({"action": action, "contact_id": DEVICE, "sellerId": [TEXT]}))
            if sender is seller:
                answers += [answer, broken]
    visitor.send_raw(f'{{"action": "{TEXT}"}}')
    visitor.send_raw(TEXT)
    return answers


def test_nothing_that_can_be_said_fails(system: System, answers_to_seller: list[dict[str, Any]]) -> None:
    assert [fields for event, fields in system.journal.notes if event == "failed"] == []


def test_a_device_id_is_in_nothing_that_a_seller_receives(
    system: System, seller: Client, answers_to_seller: list[dict[str, Any]]
) -> None:
    assert {frame["action"] for frame in seller.received} >= {"entry", "sendMessage", "receipt", "typing"}
    answered = [answer for answer in answers_to_seller if answer.get("contact_id") != DEVICE]
    assert DEVICE not in json.dumps([seller.received, answered])


def test_a_note_a_tag_and_a_snooze_reach_no_visitor_by_any_door_and_no_event(
    system: System, visitor: Client, seller: Client, contact: str, rest: Rest
) -> None:
    assert seller.send("note", contact_id=contact, text=NOTE)["action"] == "note"
    assert seller.send("tag", contact_id=contact, add=TAG)["tags"] == [TAG]
    assert seller.send("snooze", contact_id=contact, until=UNTIL)["until"] == UNTIL
    frames = said(contact)
    del frames["note"]
    frames["tag"] = {"contact_id": contact}
    answers = [visitor.send(action, **fields) for action, fields in frames.items()]
    seller.send("closeChat", contact_id=contact)
    answers.append(visitor.send("sendMessage", contact_id=contact, message="Hello again"))
    calls = [
        Call("POST /chats", json.dumps({"sellerId": "123456", "userInfo": {}}), bearer=DEVICE),
        Call("GET /chats/{contact_id}/entries", bearer=DEVICE, path={"contact_id": contact}),
        Call("POST /chats/{contact_id}/receipts", '{"read": 2}', bearer=DEVICE, path={"contact_id": contact}),
        Call("POST /chats/{contact_id}/identify", '{"userInfo": {}}', bearer=DEVICE, path={"contact_id": contact}),
        Call("POST /chats/{contact_id}/close", "{}", bearer=DEVICE, path={"contact_id": contact}),
    ]
    replies = [msgspec.to_builtins(rest.answer(call).reply, str_keys=True) for call in calls]
    events = [event_of(entry) for entry in system.store.entries[contact].values()]

    assert None not in replies
    everything = json.dumps([visitor.received, answers, replies, events, system.journal.notes])
    assert NOTE not in everything
    assert TAG not in everything
    assert UNTIL not in everything


def test_a_device_id_is_in_no_event(system: System, contact: str, answers_to_seller: list[dict[str, Any]]) -> None:
    events = [event_of(entry) for entry in system.store.entries[contact].values()]

    assert len(events) > 3
    assert DEVICE not in json.dumps(events)


def test_no_line_of_the_journal_holds_a_secret_or_a_text(
    system: System, answers_to_seller: list[dict[str, Any]]
) -> None:
    system.connect(Principal(DEVICE, Role.VISITOR), "second")
    lines = [fields for _, fields in system.journal.notes]

    assert len(lines) > 10
    for canary in (DEVICE, TEXT, INFO, ADDRESS):
        assert canary not in json.dumps(lines)


def test_the_journal_has_no_field_for_a_secret_or_a_text() -> None:
    assert ALLOWED_FIELDS.isdisjoint(
        {"message", "text", "token", "user_id", "userId", "device_id", "address", "user_info", "userInfo", "body"}
    )


class Shelf:
    """Where tickets wait; keeps what was put there."""

    def __init__(self) -> None:
        self.items: dict[str, Principal] = {}

    def put(self, digest: str, person: Principal, expires_at: int) -> None:
        self.items[digest] = person

    def take(self, digest: str, now: int) -> Principal | None:
        return self.items.pop(digest, None)


def refuse(token: str) -> Principal:
    raise TokenRefusedError("InvalidSignatureError")


@pytest.fixture
def rest(system: System) -> Rest:
    """The REST calls of the system."""
    return Rest(
        services=system.services,
        tickets=Tickets(store=Shelf(), clock=system.clock, ids=system.ids),
        seller_of=refuse,
        ids=system.ids,
        journal=system.journal,
        allowed_origins=frozenset({"*"}),
    )


def test_no_rest_call_leaves_a_secret_in_the_journal_or_with_the_seller(
    system: System, rest: Rest, seller: Client
) -> None:
    body = {"sellerId": "123456", "userInfo": {"name": INFO}, "message": TEXT, "deviceId": DEVICE}
    started = rest.answer(Call("POST /chats", json.dumps(body), bearer=DEVICE, source_ip=ADDRESS)).reply
    contact = msgspec.to_builtins(started)["contact_id"]
    calls = [
        Call("POST /sendmessage", json.dumps(body), source_ip=ADDRESS),
        Call("POST /sendmessage", json.dumps({**body, "deviceId": None}), source_ip=ADDRESS),
        Call("POST /sendmessage", json.dumps({**body, "message": [TEXT]}), bearer=DEVICE, source_ip=ADDRESS),
        Call("GET /chats/{contact_id}/entries", bearer=DEVICE, path={"contact_id": contact}, source_ip=ADDRESS),
        Call("GET /chats/{contact_id}/entries", bearer="other", path={"contact_id": contact}, source_ip=ADDRESS),
        Call("POST /chats/{contact_id}/receipts", '{"read": 2}', bearer=DEVICE, path={"contact_id": contact}),
        Call("POST /chats/{contact_id}/identify", json.dumps(body), bearer=DEVICE, path={"contact_id": contact}),
        Call(
            "POST /chats/{contact_id}/close",
            json.dumps({"id": f"{TEXT}!"}),
            bearer=DEVICE,
            path={"contact_id": contact},
        ),
        Call("POST /tickets", bearer=TOKEN, source_ip=ADDRESS),
        Call("POST /reports", json.dumps({"reconnects": TEXT}), bearer=DEVICE, source_ip=ADDRESS),
    ]
    outcomes = [rest.answer(call).error for call in calls]

    assert [error.code if error else None for error in outcomes] == [
        None, None, "bad_field", None, "forbidden", None, None, "bad_field", "forbidden",
        "bad_field",
    ]  # fmt: skip
    assert [frame["action"] for frame in seller.received].count("sendMessage") == 2
    for canary in (DEVICE, TOKEN, ADDRESS):
        assert canary not in json.dumps(seller.received)
    for canary in (DEVICE, TOKEN, ADDRESS, TEXT, INFO):
        assert canary not in json.dumps(system.journal.notes)


def test_no_head_holds_anything_of_the_visitor(system: System, contact: str) -> None:
    listing = json.dumps(asdict(system.store.listings[contact]))

    assert DEVICE not in listing
    assert INFO not in listing
