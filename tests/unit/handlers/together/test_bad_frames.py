"""Whatever comes is answered in the protocol's words, by the function of its route and by the one of all others."""

from __future__ import annotations

import json

import pytest

from tests import events
from tests.worlds.deployment import VISITOR, Functions


@pytest.mark.parametrize("route", ["conversation", "fallback"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "bad_frame"),
        ("", "bad_frame"),
        ("not JSON", "bad_frame"),
        ("[]", "bad_frame"),
        ("{}", "missing_field"),
        ('{"action": "nonsense"}', "unknown_action"),
        ('{"action": "sendMessage"}', "missing_field"),
        ('{"action": "sync", "contact_id": 1, "after": 0}', "bad_field"),
        (json.dumps({"action": "ping", "padding": "x" * 20_000}), "too_large"),
    ],
)
def test_whatever_comes_is_answered_with_an_error_of_the_protocol(
    functions: Functions, body: str | None, code: str, route: str
) -> None:
    reply = functions.send_raw(VISITOR, "v1", body, route=route)

    assert (reply["action"], reply["code"]) == ("error", code)
    assert reply["reason"]


@pytest.mark.parametrize("module", ["conversation", "fallback"])
def test_a_binary_frame_is_refused(functions: Functions, module: str) -> None:
    response = functions._call(module, events.message(VISITOR, "v1", "eyJhY3Rpb24iOiJwaW5nIn0=", is_binary=True))

    assert json.loads(response["body"])["code"] == "bad_frame"


@pytest.mark.parametrize("module", ["conversation", "fallback"])
def test_an_error_says_which_frame_it_is_about(functions: Functions, module: str) -> None:
    reply = functions.send_raw(VISITOR, "v1", '{"action": "nonsense", "id": "m1", "contact_id": "c"}', route=module)

    assert (reply["of"], reply["id"], reply["contact_id"]) == ("nonsense", "m1", "c")
