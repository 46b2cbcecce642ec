"""Whatever a visitor may send, the shop's example back end takes: no event is set aside for what is in it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from chat.api.rest import SendRequest
from chat.model.errors import ChatError
from chat.model.identity import reference_of
from chat.protocol.fields import (
    GREATEST_NUMBER,
    MAX_DETAIL_CHARACTERS,
    MAX_DETAILS,
    MAX_MESSAGE_CHARACTERS,
    MAX_NAME_CHARACTERS,
)
from chat.protocol.frames import InitChat, SendMessage, convert
from tests.php_backend.shop import Shop

pytestmark = pytest.mark.enable_socket

ODD = st.sampled_from("\x00\x07\x1b\x7f\x85\u2028\u202e\u200b\ufeff\ufffe\ufdd0\\\"'</>&%\r\n\t💬\U000e0041")
TEXTS = st.text(st.one_of(st.characters(codec="utf-8"), ODD), max_size=30)
KEYS = st.one_of(
    st.from_regex(r"[A-Za-z0-9_.-]{1,5}", fullmatch=True), st.sampled_from(["name", "", "\x00a", "0", "a b"])
)
VALUES: SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
DETAILS = st.dictionaries(KEYS, VALUES, max_size=5)
every = settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)


def accepted(body: dict[str, Any], kind: Any) -> bool:
    try:
        convert(body, kind, "call")
    except ChatError:
        return False
    return True


@every
@given(info=DETAILS)
@example(info={})
@example(info={"0": 1, "__proto__": None, "-": False, ".": ""})
@example(info={"a": [{"b": "\\u0000"}], "c": {"d": [GREATEST_NUMBER, -GREATEST_NUMBER, 5e-324, 1.5e15]}})
@example(info={"a": "x" * MAX_DETAIL_CHARACTERS, "name": "n" * MAX_NAME_CHARACTERS})
@example(info={f"k{count}": [] for count in range(MAX_DETAILS)})
@example(info={"k" * 64: {"k" * 64: {"k" * 64: "\ufffd"}}})
def test_whatever_a_visitor_may_tell_is_registered(shop: Shop, info: dict[str, Any]) -> None:
    start = {"sellerId": "123456", "userInfo": info}
    over_rest = accepted({**start, "message": "a"}, SendRequest)
    assert accepted(start, InitChat) is over_rest
    assume(over_rest)

    contact = str(uuid.uuid4())

    assert shop.register(f"start-{contact}", contact, user_info=info, visitor=reference_of(contact))[0] == 201
    assert shop.call("GET", f"/contacts/{contact}")[1]["contact"]["user_info"] == info


@every
@given(text=TEXTS)
@example(text="💬" * MAX_MESSAGE_CHARACTERS)
@example(text="\\" * MAX_MESSAGE_CHARACTERS)
@example(text="\t\r\n.\u2028")
def test_whatever_a_visitor_may_write_is_kept(shop: Shop, text: str) -> None:
    over_rest = accepted({"sellerId": "123456", "message": text}, SendRequest)
    assert accepted({"contact_id": "c", "message": text}, SendMessage) is over_rest
    assume(over_rest)

    contact = str(uuid.uuid4())
    data = {"contact_id": contact, "seq": 1, "from": f"visitor-{contact}", "message": text}
    event: dict[str, object] = {
        "id": f"{contact}/1",
        "type": "message.created",
        "timestamp": "2026-11-23T10:00:00.000Z",
        "data": data,
    }

    assert shop.send(event)[0] == 200
    assert shop.call("GET", f"/contacts/{contact}")[1]["events"] == [event]
