"""What clients may send, and the answer to everything else: a code, the field, and what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat.model.errors import ChatError, Code
from chat.protocol.fields import MAX_MESSAGE_CHARACTERS, MAX_USER_INFO_BYTES
from chat.protocol.frames import KNOWN, MAX_FRAME_BYTES, Frame, decode

CONTACT = {"contact_id": "contact-1"}


def frame(action: str, **fields: Any) -> str:
    return json.dumps({"action": action, **fields}, ensure_ascii=False)


def refused(body: str | bytes, *, is_binary: bool = False) -> ChatError:
    with pytest.raises(ChatError) as caught:
        decode(body, is_binary=is_binary)
    return caught.value


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "hello",
        "{",
        '{"action": "ping"',
        "{'action': 'ping'}",
        '{"action": "ping"} {"action": "ping"}',
        '{"action": "sendMessage", "message": "\\ud800", "contact_id": "c"}',
        '{"action": "sync", "contact_id": "c", "after": NaN}',
        b"\xff\xfe",
        b'{"action": "\xc3\x28"}',
        "[" * 8000,
        '{"action": "InitChat", "sellerId": "1", "userInfo": {"a": ' + "[" * 7000 + "]" * 7000 + "}}",
        '{"action": "InitChat", "sellerId": "1", "userInfo": {"a": ' + "9" * 5000 + "}}",
    ],
)
def test_what_is_not_json_is_a_bad_frame(body: str | bytes) -> None:
    error = refused(body)

    assert error.code is Code.BAD_FRAME
    assert "JSON object" in error.reason


@pytest.mark.parametrize("body", ["null", "true", "1", '"ping"', "[]", '[{"action": "ping"}]'])
def test_what_is_not_an_object_is_a_bad_frame(body: str) -> None:
    assert refused(body).code is Code.BAD_FRAME


def test_a_binary_frame_is_a_bad_frame() -> None:
    error = refused("eyJhY3Rpb24iOiAicGluZyJ9", is_binary=True)

    assert (error.code, error.reason) == (Code.BAD_FRAME, "Send text, not binary data.")


@pytest.mark.parametrize("body", ["{}", '{"action": null}', '{"Action": "ping"}'])
def test_a_frame_needs_an_action(body: str) -> None:
    error = refused(body)

    assert (error.code, error.field) == (Code.MISSING_FIELD, "action")


@pytest.mark.parametrize("action", ['"nonsense"', '"PING"', '""', "1", "{}", "[]", "true"])
def test_an_unknown_action_is_told_which_there_are(action: str) -> None:
    error = refused(f'{{"action": {action}}}')

    assert error.code is Code.UNKNOWN_ACTION
    assert all(name in error.reason for name in KNOWN)


@pytest.mark.parametrize(
    ("action", "fields", "missing"),
    [
        ("InitChat", {"userInfo": {}}, "sellerId"),
        ("InitChat", {"sellerId": "1"}, "userInfo"),
        ("initiateChat", {"sellerId": "1"}, "userInfo"),
        ("sendMessage", CONTACT, "message"),
        ("identify", CONTACT, "userInfo"),
        ("identify", {"userInfo": {}}, "contact_id"),
        ("sync", {"after": 0}, "contact_id"),
        ("sync", CONTACT, "after"),
        ("receipt", {"read": 1}, "contact_id"),
        ("typing", {}, "contact_id"),
        ("transferChat", {"to": "1"}, "contact_id"),
        ("transferChat", CONTACT, "to"),
        ("closeChat", {}, "contact_id"),
    ],
)
def test_a_missing_field_is_named_and_null_is_as_good_as_missing(
    action: str, fields: dict[str, Any], missing: str
) -> None:
    for given in (fields, {**fields, missing: None}):
        error = refused(frame(action, **given))

        assert (error.code, error.field) == (Code.MISSING_FIELD, missing)
        assert error.reason == f"{action} needs '{missing}'."


@pytest.mark.parametrize(
    ("action", "fields", "wrong"),
    [
        ("InitChat", {"sellerId": 123456, "userInfo": {}}, "sellerId"),
        ("InitChat", {"sellerId": "", "userInfo": {}}, "sellerId"),
        ("InitChat", {"sellerId": "a b", "userInfo": {}}, "sellerId"),
        ("InitChat", {"sellerId": "s" * 129, "userInfo": {}}, "sellerId"),
        ("InitChat", {"sellerId": "123456\n", "userInfo": {}}, "sellerId"),
        ("InitChat", {"sellerId": "1", "userInfo": "Ana"}, "userInfo"),
        ("InitChat", {"sellerId": "1", "userInfo": []}, "userInfo"),
        ("sendMessage", {**CONTACT, "message": 1}, "message"),
        ("sendMessage", {**CONTACT, "message": ["Hello"]}, "message"),
        ("sendMessage", {**CONTACT, "message": ""}, "message"),
        ("sendMessage", {**CONTACT, "message": " \n\t\u00a0\u2003"}, "message"),
        ("sendMessage", {"contact_id": "", "message": "Hello"}, "contact_id"),
        ("sendMessage", {"contact_id": "c" * 65, "message": "Hello"}, "contact_id"),
        ("sendMessage", {"contact_id": "a/b", "message": "Hello"}, "contact_id"),
        ("sendMessage", {"contact_id": "c\n", "message": "Hello"}, "contact_id"),
        ("sendMessage", {"to": "", "message": "Hello"}, "to"),
        ("sendMessage", {"to": "two words", "message": "Hello"}, "to"),
        ("sendMessage", {"to": "123456\n", "message": "Hello"}, "to"),
        ("sendMessage", {"to": "\u202e654321", "message": "Hello"}, "to"),
        ("sendMessage", {"to": "t" * 161, "message": "Hello"}, "to"),
        ("sendMessage", {**CONTACT, "message": "Hello", "id": ""}, "id"),
        ("sendMessage", {**CONTACT, "message": "Hello", "id": "i" * 65}, "id"),
        ("sendMessage", {**CONTACT, "message": "Hello", "id": "i\n"}, "id"),
        ("sendMessage", {**CONTACT, "message": "Hello", "id": 7}, "id"),
        ("sendMessage", {**CONTACT, "message": "Hello", "base": -1}, "base"),
        ("sendMessage", {**CONTACT, "message": "Hello", "base": "2"}, "base"),
        ("sendMessage", {**CONTACT, "message": "Hello", "base": 2.5}, "base"),
        ("sendMessage", {**CONTACT, "message": "Hello", "base": 1e308}, "base"),
        ("sendMessage", {**CONTACT, "message": 2.0}, "message"),
        ("sendMessage", {**CONTACT, "message": "Hello", "base": True}, "base"),
        ("sendMessage", {**CONTACT, "message": "Hello", "base": 10**12}, "base"),
        ("sync", {**CONTACT, "after": -1}, "after"),
        ("sync", {**CONTACT, "after": 10**30}, "after"),
        ("sync", {**CONTACT, "after": 0, "limit": 0}, "limit"),
        ("sync", {**CONTACT, "after": 0, "limit": 101}, "limit"),
        ("identify", {**CONTACT, "userInfo": {"a b": 1}}, "userInfo"),
        ("receipt", {**CONTACT, "read": -1}, "read"),
        ("receipt", {**CONTACT, "delivered": "all"}, "delivered"),
        ("typing", {**CONTACT, "typing": 1}, "typing"),
        ("inbox", {"status": "OPEN"}, "status"),
        ("transferChat", {**CONTACT, "to": "a b"}, "to"),
        ("closeChat", {**CONTACT, "id": "a b"}, "id"),
    ],
)
def test_a_wrong_field_is_named(action: str, fields: dict[str, Any], wrong: str) -> None:
    error = refused(frame(action, **fields))

    assert (error.code, error.field) == (Code.BAD_FIELD, wrong)
    assert wrong in error.reason


def test_a_frame_over_the_limit_is_too_large_whatever_is_in_it() -> None:
    ping = frame("ping", padding="")
    largest = ping.replace('""', '"' + "x" * (MAX_FRAME_BYTES - len(ping)) + '"')

    assert decode(largest).action == "ping"
    assert refused(largest + " ").code is Code.TOO_LARGE


def test_the_limit_counts_bytes_not_characters() -> None:
    assert refused(frame("ping", padding="漢" * (MAX_FRAME_BYTES // 3))).code is Code.TOO_LARGE


def test_a_text_over_the_limit_is_too_large_and_one_of_4000_parrots_is_not() -> None:
    parrots = "🦜" * MAX_MESSAGE_CHARACTERS

    assert decode(frame("sendMessage", **CONTACT, message=parrots)).message == parrots  # type: ignore[attr-defined]
    error = refused(frame("sendMessage", **CONTACT, message="x" * (MAX_MESSAGE_CHARACTERS + 1)))
    assert (error.code, error.field) == (Code.TOO_LARGE, "message")


def test_user_info_over_the_limit_is_too_large() -> None:
    def info(size: int) -> str:
        note = "x" * (size // 3)
        rest = size - len(json.dumps({"a": note, "b": note, "c": ""}, separators=(",", ":")))
        return frame("InitChat", sellerId="1", userInfo={"a": note, "b": note, "c": "x" * rest})

    assert decode(info(MAX_USER_INFO_BYTES)).action == "InitChat"
    error = refused(info(MAX_USER_INFO_BYTES + 1))
    assert (error.code, error.field) == (Code.TOO_LARGE, "userInfo")


@pytest.mark.parametrize("depth", [3, 10, 500, 900])
def test_user_info_has_three_levels_at_most(depth: int) -> None:
    body = '{"action": "InitChat", "sellerId": "1", "userInfo": {"a": ' + "[" * depth + "]" * depth + "}}"

    error = refused(body)

    assert (error.code, error.field) == (Code.BAD_FIELD, "userInfo")
    assert "3 levels" in error.reason


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (frame("ping"), {}),
        (frame("ping", anything=1), {}),
        (frame("InitChat", sellerId="1", userInfo={}), {"sellerId": "1", "userInfo": {}}),
        (frame("InitChat", sellerId="a@b.example:c_d-e", userInfo={"n": None}), {"userInfo": {"n": None}}),
        (frame("InitChat", sellerId="1", userInfo={}, timestamp="2026-01-01"), {"sellerId": "1"}),
        (frame("sendMessage", to="123456", message="Hi", type="message"), {"contact_id": None, "id": None}),
        (frame("sendMessage", contact_id="c", message="Hi", id="i", base=0), {"id": "i", "base": 0}),
        (frame("sendMessage", contact_id="c", message="Hi", id=None, base=None), {"id": None, "base": None}),
        (frame("sendMessage", contact_id="c", message=" \r\n\ta\u200b\n"), {"message": " \r\n\ta\u200b\n"}),
        (frame("identify", contact_id="c", userInfo={"a": 1}), {"userInfo": {"a": 1}, "base": None}),
        (frame("sync", contact_id="c", after=0), {"after": 0, "limit": 100}),
        # To JSON Schema, and to writers that know no integers, 2.0 is as whole as 2.
        (frame("sync", contact_id="c", after=2.0, limit=1e2), {"after": 2, "limit": 100}),
        (frame("sync", contact_id="c", after=10**12 - 1, limit=1), {"after": 10**12 - 1, "limit": 1}),
        (frame("receipt", contact_id="c"), {"delivered": 0, "read": 0}),
        (frame("typing", contact_id="c"), {"typing": True}),
        (frame("typing", contact_id="c", typing=False), {"typing": False}),
        (frame("inbox"), {"status": "open"}),
        (frame("inbox", status="queued"), {"status": "queued"}),
        (frame("transferChat", contact_id="c", to="654321"), {"to": "654321"}),
        (frame("closeChat", contact_id="c" * 64), {"id": None, "base": None}),
    ],
)
def test_good_frames_are_understood_and_unknown_fields_ignored(body: str, expected: dict[str, Any]) -> None:
    decoded = decode(body)

    assert isinstance(decoded, Frame)
    assert {name: getattr(decoded, name) for name in expected} == expected


def test_bytes_are_as_good_as_text() -> None:
    assert decode(b'{"action": "ping"}').action == "ping"
