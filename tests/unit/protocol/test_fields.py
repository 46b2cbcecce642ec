"""One definition of text, name, key and details: the code's, both documents' and both doors' are the same."""

from __future__ import annotations

import re
import sys
import time
import unicodedata
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from jsonschema import Draft202012Validator

from chat.api.rest import SendRequest, StartRequest
from chat.model.errors import ChatError, Code
from chat.protocol.fields import (
    MAX_DETAIL_CHARACTERS,
    MAX_DETAILS,
    MAX_MESSAGE_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_USER_INFO_BYTES,
    label_of,
)
from chat.protocol.frames import BlockVisitor, InitChat, SendMessage, ShareReply, TagContact, convert
from tests import asyncapi, openapi
from tests.documents import Document

WRITTEN = {"Text": SendMessage, "Details": InitChat}
UNSEEN = (
    "\u200b", "\u2060", "\ufeff", "\u00ad", "\u202e", "\u2800", "\u115f", "\u180e", "\U000e0041", "\u034f", "\u3164",
    "\ufe0f", "\u2066", "\u061c", "\U0001d173", " \t\r\n\u00a0\u2028\u2029\u3000",
)  # fmt: skip
NEVER = ("\x00", "\x07", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f", "\x85", "\x9b", "\ufdd0", "\ufffe", "\uffff")
TURNING = ("\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069")
BREAKS = ("\n", "\r", "\t", "\u2028", "\u2029")


def doors_for_a_text(text: str) -> list[Callable[[], object]]:
    return [
        lambda: convert({"contact_id": "c", "message": text}, SendMessage, "sendMessage"),
        lambda: convert({"sellerId": "1", "message": text}, SendRequest, "POST /sendmessage"),
    ]


def door_for_a_reason(reason: str) -> list[Callable[[], object]]:
    return [lambda: convert({"contact_id": "c", "minutes": 1, "reason": reason}, BlockVisitor, "blockVisitor")]


def doors_for_details(info: object) -> list[Callable[[], object]]:
    return [
        lambda: convert({"sellerId": "1", "userInfo": info}, InitChat, "InitChat"),
        lambda: convert({"sellerId": "1", "userInfo": info}, StartRequest, "POST /chats"),
        lambda: convert({"sellerId": "1", "message": "a", "userInfo": info}, SendRequest, "POST /sendmessage"),
    ]


def refusals(doors: list[Callable[[], object]]) -> list[ChatError | None]:
    found: list[ChatError | None] = []
    for door in doors:
        try:
            door()
            found.append(None)
        except ChatError as error:
            found.append(error)
    return found


def is_documented(name: str, value: object) -> bool:
    answers = {_validator(document, name).is_valid(value) for document in (asyncapi.DOCUMENT, openapi.DOCUMENT)}
    assert len(answers) == 1
    return answers.pop()


def is_a_reason(text: str) -> bool:
    return _validator(asyncapi.DOCUMENT, "Reason").is_valid(text)


def _validator(document: Document, name: str) -> Draft202012Validator:
    return Draft202012Validator(_in_python(document.resolved(document.whole["components"]["schemas"][name])))


def _in_python(node: Any) -> Any:
    """A schema whose patterns end where those of JSON Schema do: Python's `$` lets a final newline pass."""
    if isinstance(node, list):
        return [_in_python(each) for each in node]
    if not isinstance(node, dict):
        return node
    patterns = {"pattern": re.sub(r"\$\Z", r"\\Z", node["pattern"])} if isinstance(node.get("pattern"), str) else {}
    return {**{name: _in_python(each) for name, each in node.items()}, **patterns}


@pytest.mark.parametrize("text", [*UNSEEN, "".join(UNSEEN), "\u200b" * 4000, *NEVER, *(f"a{one}b" for one in NEVER)])
def test_a_message_has_something_to_see_and_nothing_that_harms(text: str) -> None:
    for error in refusals(doors_for_a_text(text)):
        assert error
        assert (error.code, error.field) == (Code.BAD_FIELD, "message")
        assert "something to see" in error.reason
    assert not is_documented("Text", text)


@pytest.mark.parametrize(
    "text",
    ["a", ".", "💬", "❤️", "👩‍👩‍👧", "שלום\u200f!", "a\tb\r\nc\n", "\u200ba", "नमस्ते", "\u202aa\u202c", "é", "漢" * 4000],
)
def test_what_people_write_is_a_message(text: str) -> None:
    assert refusals(doors_for_a_text(text)) == [None, None]
    assert is_documented("Text", text)


PERSIAN = ("\u0645\u06cc", "\u062e\u0648\u0627\u0647\u0645")
"""Two parts of a word that are not joined."""
LOOK_LIKE_ANOTHER = (
    *(f"VI{one}P" for one in (*"".join(UNSEEN), "\u200c", "\u200d", "\u200e", "\u200f") if one != " "),
    *(f"VIP{one}" for one in (*"".join(UNSEEN), "\u200c", "\u200d", "\u200e", "\u200f", "\U000e0100")),
    *("V  IP", " VIP", "é\u200c\u200dé", "漢\u200d字", "\U0001f3f4\U000e0067"),
    *(f"{PERSIAN[0]}{one}" for one in ("\u200c", f"\u200c\u200c{PERSIAN[1]}")),
    "1\ufe0f",
)  # fmt: skip
LABELS = (
    "VIP", "to be refunded", "שלום", "café", "👩‍👩‍👧", "❤️", "❤️\u200d🔥", "🏳️\u200d🌈 late", "1️⃣ first",
    "\u200c".join(PERSIAN),
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "क्\u200dष", "葛\U000e0100城",
    "☎\ufe0e", "漢" * 32,
)  # fmt: skip


def doors_for_a_label(label: str) -> list[Callable[[], object]]:
    return [
        lambda: convert({"contact_id": "c", "add": label}, TagContact, "tag"),
        lambda: convert({"contact_id": "c", "remove": label}, TagContact, "tag"),
        lambda: convert({"id": "r", "base": 0, "text": "Hello", "name": label}, ShareReply, "shareReply"),
    ]


@pytest.mark.parametrize("label", LOOK_LIKE_ANOTHER)
def test_what_looks_like_another_tag_or_name_of_a_reply_is_none(label: str) -> None:
    for error in refusals(doors_for_a_label(label)):
        assert error
        assert (error.code, "can be seen" in error.reason) == (Code.BAD_FIELD, True)
    assert not _validator(asyncapi.DOCUMENT, "Label").is_valid(label)


@pytest.mark.parametrize("label", LABELS)
def test_what_shows_in_a_tag_or_a_name_of_a_reply_is_taken(label: str) -> None:
    assert refusals(doors_for_a_label(label)) == [None, None, None]
    assert _validator(asyncapi.DOCUMENT, "Label").is_valid(label)


def test_a_label_is_written_in_one_way_and_stays_one() -> None:
    """Each character that Unicode makes up in another way than it was written."""
    label = _validator(asyncapi.DOCUMENT, "Label")
    others = [one for one in map(chr, range(sys.maxunicode + 1)) if not unicodedata.is_normalized("NFC", one)]
    for written in (*filter(label.is_valid, others), "cafe\u0301", "\u1100\u1161"):
        assert label_of(written, "add") == label_of(unicodedata.normalize("NFD", written), "add")
        assert label.is_valid(label_of(written, "add"))

    assert label_of(None, "add") is None


def test_a_label_that_has_become_too_long_is_none() -> None:
    with pytest.raises(ChatError, match="at most 32 characters") as refused:
        label_of("\u0958" * 17, "name")

    assert (refused.value.code, refused.value.field) == (Code.BAD_FIELD, "name")


@pytest.mark.parametrize("reason", ["", *UNSEEN, *(f"a{one}b" for one in (*NEVER, *TURNING, *BREAKS)), "\u200b" * 200])
def test_a_reason_is_a_line_with_something_to_see(reason: str) -> None:
    (error,) = refusals(door_for_a_reason(reason))
    assert error
    assert (error.code, error.field) == (Code.BAD_FIELD, "reason")
    assert not is_a_reason(reason)


@pytest.mark.parametrize("reason", ["Insults", "💬", "\u200ba", " a ", "漢" * 200])
def test_what_sellers_write_is_a_reason(reason: str) -> None:
    assert refusals(door_for_a_reason(reason)) == [None]
    assert is_a_reason(reason)


@pytest.mark.parametrize(
    "info",
    [
        {"": 1},
        {"\x00a": 1},
        {"a b": 1},
        {"Größe": 1},
        {"k" * 65: 1},
        {"a\n": 1},
        {"a": {"\x00": 1}},
        {"a": [{"": 1}]},
        {"a": "x" * (MAX_DETAIL_CHARACTERS + 1)},
        {"a": 2**53},
        {"a": -(2**53)},
        {"a": 1e300},
        {"a": [[[]]]},
        {"a": {"b": {"c": {}}}},
        {f"a{count}": 1 for count in range(MAX_DETAILS + 1)},
        {"a": [1] * (MAX_DETAILS + 1)},
        {"a": [None, {f"a{count}": 1 for count in range(MAX_DETAILS + 1)}]},
        {"name": "n" * (MAX_NAME_CHARACTERS + 1)},
        {"name": 1},
        {"name": True},
        {"name": ["Ana"]},
        {"name": {"first": "Ana"}},
        *({"name": f"Ana{one}"} for one in (*BREAKS, *TURNING, *NEVER)),
        *({"a": [f"x{one}y"]} for one in (*TURNING, *NEVER)),
    ],
)
def test_details_that_are_none_are_refused_by_name_at_every_door(info: dict[str, Any]) -> None:
    for error in refusals(doors_for_details(info)):
        assert error
        assert (error.code, error.field) == (Code.BAD_FIELD, "userInfo")
    assert not is_documented("Details", info)


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"name": None},
        {"name": ""},
        {"name": "Zoë Ж 漢\u200f"},
        {"address": "Main Street 1\nTown"},
        {"cart": [{"sku": "a-1", "amount": 2, "price": 9.99, "gift": False, "note": None}]},
        {"order": {"lines": ["a", "b"], "of": {"day": 1}}},
        {"a": 2**53 - 1, "b": -(2**53 - 1), "c": 0.5, "d": 1e15},
        {"__proto__": 1, "1": 2, "a.b-c_d": 3},
    ],
)
def test_details_of_every_kind_are_taken_at_every_door(info: dict[str, Any]) -> None:
    assert refusals(doors_for_details(info)) == [None, None, None]
    assert is_documented("Details", info)


def test_details_are_bounded_as_a_whole() -> None:
    info = {"a": "x" * 1000, "b": "x" * 1000, "c": "x" * 30}

    assert {error and error.code for error in refusals(doors_for_details(info))} == {Code.TOO_LARGE}


CHARACTERS = st.one_of(st.characters(codec="utf-8"), st.sampled_from([*"".join((*UNSEEN, *NEVER, *TURNING)), "a"]))
TEXTS = st.text(CHARACTERS, max_size=6)
VALUES: SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("ab._-é ", max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
DETAILS = st.dictionaries(st.one_of(st.just("name"), st.text("ab._-\x00", max_size=4)), VALUES, max_size=4)


@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
@example(text="a" * (MAX_MESSAGE_CHARACTERS + 1))
def test_code_and_documents_agree_on_every_text(text: str) -> None:
    assert {error is None for error in refusals(doors_for_a_text(text))} == {is_documented("Text", text)}


@settings(max_examples=400, deadline=None)
@given(info=DETAILS)
def test_code_and_documents_agree_on_all_details(info: dict[str, Any]) -> None:
    if len(msgspec.json.encode(info)) <= MAX_USER_INFO_BYTES:
        assert {error is None for error in refusals(doors_for_details(info))} == {is_documented("Details", info)}


@pytest.mark.parametrize("text", ["\u200b" * 16_000, "a" * 15_999 + "\x00", "\u200ba" * 8_000 + "\x00"])
def test_a_text_is_judged_in_one_pass(text: str) -> None:
    started = time.process_time()
    assert all(refusals(doors_for_a_text(text)))
    assert time.process_time() - started < 0.25
