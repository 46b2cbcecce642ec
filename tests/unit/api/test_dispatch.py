"""Every frame is answered with a frame of the protocol or with nothing, whatever comes in and whatever breaks."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.model.errors import Code
from chat.model.identity import Principal, Role, Sender
from chat.model.metrics import Metric
from chat.model.timestamps import epoch_seconds
from chat.protocol.frames import MAX_FRAME_BYTES, SendMessage
from tests import asyncapi
from tests.doubles.machine import START
from tests.worlds.domain import VISITOR, Client, System


def test_a_ping_is_answered(visitor: Client) -> None:
    assert visitor.send("ping") == {"action": "pong"}


def test_an_error_repeats_what_tells_the_client_which_frame_is_meant(visitor: Client) -> None:
    reply = visitor.send("sendMessage", contact_id="no-such-contact", message="Hello", id="m1")

    assert (reply["action"], reply["of"], reply["id"], reply["contact_id"]) == (
        "error",
        "sendMessage",
        "m1",
        "no-such-contact",
    )


def test_an_error_repeats_nothing_long(visitor: Client) -> None:
    reply = visitor.send("x" * 65, id="i" * 65, contact_id="c" * 65)

    assert reply["code"] == "unknown_action"
    assert not {"of", "id", "contact_id"} & reply.keys()


@pytest.mark.parametrize("name", ["of", "id", "contact_id"])
def test_an_error_repeats_nothing_that_is_no_text(visitor: Client, name: str) -> None:
    reply = visitor.send("sync", id=1, contact_id={"a": 1}, after=0)

    assert name not in reply or reply[name] == "sync"


def test_an_error_has_no_message_and_is_no_chat_line(visitor: Client) -> None:
    reply = visitor.send("sendMessage", to="123456")

    assert reply["action"] == "error"
    assert "message" not in reply
    assert "type" not in reply


# Sessions


def test_a_token_that_has_run_out_ends_the_session_whatever_is_asked(system: System) -> None:
    seller = Principal("123456", Role.SELLER, expires_at=epoch_seconds(START) + 60)
    client = system.connect(seller, "laptop")

    before = client.send("inbox")
    system.clock.advance(seconds=60)

    assert before["action"] == "inbox"
    assert {client.send(action)["code"] for action in ("inbox", "ping", "nonsense")} == {"session_expired"}
    assert client.send("sendMessage", id="m1")["id"] == "m1"
    assert "Connect again" in client.send("inbox")["reason"]


@pytest.mark.parametrize(
    ("message", "code"), [("\\ud83d", "bad_frame"), ("\\u00e9" * 4000, "too_large")], ids=["half an emoji", "too large"]
)
def test_an_error_names_the_message_also_where_the_frame_could_not_be_taken(
    visitor: Client, message: str, code: str
) -> None:
    reply = visitor.send_raw(f'{{"action": "sendMessage", "contact_id": "c1", "id": "m1", "message": "{message}"}}')

    assert (reply["code"], reply["of"], reply["id"], reply["contact_id"]) == (code, "sendMessage", "m1", "c1")


@pytest.mark.parametrize(
    "body", ["[1]", "{", '{"id": 1, "action": ["a"]}', '{"id": "\\ud83d"}', "[" * 100_000], ids=lambda body: body[:9]
)
def test_an_error_names_nothing_that_is_no_name(visitor: Client, body: str) -> None:
    reply = visitor.send_raw(body)

    assert (reply["action"], "id" in reply, "of" in reply) == ("error", False, False)


def test_who_goes_on_after_the_session_has_ended_is_cut_off(system: System) -> None:
    client = system.connect(Principal("123456", Role.SELLER, expires_at=epoch_seconds(START)), "laptop")

    for _ in range(100):
        client.send("inbox")

    assert system.push.closed == ["laptop"]


def test_a_visitors_session_has_no_end(system: System, visitor: Client) -> None:
    system.clock.advance(days=365)

    assert visitor.send("ping") == {"action": "pong"}


# When something of ours breaks


def test_a_programming_error_is_answered_with_try_again_and_noted_without_what_was_sent(
    system: System, visitor: Client, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("canary-in-the-exception")

    monkeypatch.setattr(system.store, "read", broken)

    reply = visitor.send("sync", contact_id=contact, after=0)

    assert (reply["code"], reply["of"], reply["retry_after_ms"]) == ("try_again", "sync", 500)
    ((event, fields),) = system.journal.notes
    assert (event, fields["action"]) == ("failed", "sync")
    assert str(fields["error"]).startswith("RuntimeError at test_dispatch.py:")
    assert "canary" not in json.dumps([reply, fields])


def test_a_refusal_is_noted_with_its_code(system: System, visitor: Client) -> None:
    visitor.send("sendMessage", to="123456", message="")

    assert system.journal.notes == [
        (
            "refused",
            {
                "code": Code.BAD_FIELD,
                "action": "sendMessage",
                "contact_id": None,
                "connection_id": "visitor-laptop",
            },
        )
    ]
    assert system.journal.measured == []


@pytest.mark.parametrize(("contact_id", "noted"), [("contact-7", "contact-7"), ("a visitor's words", None)])
def test_a_send_that_fails_on_our_side_is_counted_and_noted_with_its_contact(
    contact_id: str, noted: str | None, monkeypatch: pytest.MonkeyPatch, system: System, visitor: Client
) -> None:
    def broken(_outgoing: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(system.services.messaging, "send", broken)
    monkeypatch.setattr("chat.api.dispatch.parse", lambda asked: SendMessage("sendMessage", asked["contact_id"]))
    visitor.send("sendMessage", contact_id=contact_id, message="Hello")

    assert [fields["contact_id"] for _, fields in system.journal.notes] == [noted]
    assert system.journal.measured == [{Metric.FAILED_SENDS: 1}]


def test_a_contact_that_somebody_may_not_see_is_not_noted(system: System, visitor: Client) -> None:
    visitor.send("sendMessage", contact_id="device-of-somebody", message="Hello")

    assert [fields["contact_id"] for _, fields in system.journal.notes] == [None]
    assert system.journal.measured == []


def test_what_goes_well_is_not_noted(system: System, visitor: Client, contact: str) -> None:
    visitor.send("sendMessage", contact_id=contact, message="Hello")

    assert system.journal.notes == []


# Anything at all

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=10), children, max_size=4),
    max_leaves=12,
)
actions = st.sampled_from(
    [
        *("InitChat", "initiateChat", "sendMessage", "identify", "sync", "receipt", "typing", "inbox"),
        *("transferChat", "closeChat"),
    ]
)
fields = st.sampled_from(
    ["sellerId", "userInfo", "message", "contact_id", "to", "id", "base", "after", "limit", "read", "typing", "status"]
)
nearly_right = st.sampled_from(["id-1", "123456", "visitor-id-1", 0, 1, 2, {}, {"name": "Ana"}, True, "open"])


def answer_to_anything(body: str | bytes, sender: Sender, *, is_binary: bool = False) -> None:
    system = System()
    system.connect(VISITOR, "visitor-laptop").send("InitChat", sellerId="123456", userInfo={})
    system.forget_what_happened()

    answer = system.dispatch.answer(body, sender, is_binary=is_binary)

    assert not [event for event, _ in system.journal.notes if event == "failed"]
    asyncapi.check_exchange(body, answer)


senders = st.sampled_from([VISITOR, Principal("123456", Role.SELLER), Principal("nobody", Role.SELLER)]).map(
    lambda person: Sender(person, "connection")
)


@given(st.text() | st.binary(), senders, st.booleans())
def test_no_body_breaks_anything(body: str | bytes, sender: Sender, is_binary: bool) -> None:
    answer_to_anything(body, sender, is_binary=is_binary)


@given(json_values, senders)
def test_no_json_breaks_anything(value: object, sender: Sender) -> None:
    answer_to_anything(json.dumps(value), sender)


@given(actions, st.dictionaries(fields, nearly_right | json_values), senders)
def test_no_frame_of_ours_with_any_fields_breaks_anything(
    action: str, values: dict[str, object], sender: Sender
) -> None:
    answer_to_anything(json.dumps({**values, "action": action}), sender)


@pytest.mark.parametrize("filler", ["x", "\\u0001", '\\"', "漢"])
@pytest.mark.parametrize("field", ["status", "action", "sellerId", "contact_id"])
def test_the_answer_to_the_largest_frame_fits_into_one(visitor: Client, filler: str, field: str) -> None:
    room = (MAX_FRAME_BYTES - 40) // len(filler.encode())
    body = f'{{"action": "inbox", "{field}": "{filler * room}"}}'

    answer = visitor.system.dispatch.answer(body, replace(visitor.sender, connection_id="other"))

    assert answer is not None
    assert len(answer) < asyncapi.API_GATEWAY_FRAME_BYTES
