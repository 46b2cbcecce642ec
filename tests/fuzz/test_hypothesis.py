"""Structured inputs: frames, upgrades and calls that are almost right.

`FUZZ_INPUTS` says how many there are in all; `make fuzz N=…` sets it.
"""

from __future__ import annotations

import base64
import itertools
import json
import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from chat.api.rest import JSON
from chat.model.identity import Principal
from chat.protocol.frames import KNOWN
from tests.fuzz import likely, local_address
from tests.fuzz.surface import CONTACT, PEOPLE, ROUTES, VISITOR, WAITING, Surface

INPUTS = int(os.environ.get("FUZZ_INPUTS", "6000"))
FIELDS = sorted(
    {"action", "widgetId", "deviceId", "timestamp", "from", "type"}.union(
        *(frame.__struct_fields__ for frame in KNOWN.values())
    )
)
LIKELY = st.sampled_from(
    [CONTACT, WAITING, f"visitor-{CONTACT}", "123456", VISITOR.user_id, "online", "open", "queued", "system", "", " ",
     "\n", "\x00", "a" * 65, "a" * 129, "a" * 4001, "ä", "\ud800", "💬", "null", 0, 1, 2, 3, -1, 1e308, 10**12, 2**63,
     2**64, True, None]
)  # fmt: skip
ANYTHING: SearchStrategy[Any] = st.recursive(
    st.one_of(LIKELY, st.text(max_size=20), st.integers(), st.floats(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=6)


def changed(draw: st.DrawFn, value: dict[str, Any]) -> str:
    """An object with a few things missing, wrong or besides; and now and then no JSON at all."""
    for name in draw(st.lists(st.sampled_from(sorted(value)), max_size=2)) if value else ():
        value.pop(name, None)
    value |= draw(st.one_of(st.just({}), st.just({}), OBJECTS))
    text = json.dumps(value, ensure_ascii=draw(st.booleans()))
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return text[: len(text) // 2]
    return draw(st.text(max_size=40)) if kind == 1 else text


@st.composite
def frames(draw: st.DrawFn) -> str:
    """Frames that are almost right, and some that are."""
    frame = likely.frame(draw(st.sampled_from(sorted(KNOWN))))
    if "contact_id" in frame:
        frame["contact_id"] = draw(st.sampled_from([CONTACT, WAITING]))
    return changed(draw, frame)


# One world for all of it, in one process.
pytestmark = pytest.mark.xdist_group("made-up inputs")

SEGMENT = st.one_of(st.binary(max_size=30), st.sampled_from([b'{"alg":"none"}', b'{"alg":"HS256"}', b'{"sub":"1"}']))
TOKENS = st.one_of(
    st.text(max_size=60),
    st.lists(SEGMENT, min_size=1, max_size=4).map(
        lambda parts: ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    ),
)
# A visitor's device id, in two of three.
AUTHORIZATIONS = st.one_of(
    st.sampled_from([f"Bearer {VISITOR.user_id}", f"bearer {VISITOR.user_id}"]),
    st.just(f"Bearer {VISITOR.user_id}"),
    st.one_of(st.just(""), TOKENS, TOKENS.map(lambda token: f"Bearer {token}")),
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Sec-WebSocket-Protocol": st.one_of(TOKENS, TOKENS.map(lambda token: f"seller-chat, {token}")),
        "Origin": st.one_of(st.text(max_size=30), st.sampled_from(["https://shop.example", "null", "*"])),
        "origin": st.text(max_size=10),
    },
)
USER_IDS = st.one_of(st.text(max_size=140), LIKELY.map(str), st.text("aB3-@", max_size=40))
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "userId": st.one_of(st.text(max_size=140), LIKELY.map(str), st.text("aB3-@", max_size=40)),
        "ticket": st.text(max_size=40),
    },
)


@st.composite
def calls(draw: st.DrawFn) -> dict[str, Any]:
    """HTTP calls as API Gateway hands them on."""
    route = draw(st.sampled_from(ROUTES))
    body = changed(draw, likely.body(route))
    encoded = draw(st.booleans())
    if encoded:
        body = base64.b64encode(body.encode("utf-8", "surrogatepass")).decode()[: draw(st.integers(100, 5000))]
    headers = {"Content-Type": draw(st.sampled_from([JSON, JSON, JSON, f"{JSON}; charset=utf-8", "text/plain"]))}
    if authorization := draw(AUTHORIZATIONS):
        headers["Authorization"] = authorization
    event: dict[str, Any] = {
        "routeKey": route,
        "headers": headers,
        "requestContext": {"http": {"sourceIp": "203.0.113.7"}},
        "isBase64Encoded": encoded,
        "body": body,
    }
    event["pathParameters"] = {"contact_id": draw(st.one_of(st.just(CONTACT), st.text(max_size=70)))}
    names = st.sampled_from(["after", "limit", "contact_id", "other"])
    values = st.one_of(st.sampled_from(["0", "1"]), st.text(max_size=20), LIKELY.map(str))
    event["queryStringParameters"] = draw(st.dictionaries(names, values, max_size=2))
    return event


@pytest.fixture(scope="module")
def surface() -> Iterator[Surface]:
    """One for all inputs; it renews itself. Its silence must not outlast it."""
    yield Surface()
    logging.getLogger("chat").disabled = False


def every(share: float) -> settings:
    return settings(
        max_examples=max(1, round(INPUTS * share)),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@every(0.4)
@given(person=st.sampled_from(PEOPLE), body=frames(), is_binary=st.booleans())
def test_every_frame_is_answered_as_documented(surface: Surface, person: Principal, body: str, is_binary: bool) -> None:
    surface.frame(person, body, is_binary=is_binary and body.startswith(" "))


@every(0.2)
@given(parameters=PARAMETERS, headers=HEADERS)
def test_no_upgrade_that_is_made_up_proves_a_seller(
    surface: Surface, parameters: dict[str, str], headers: dict[str, str]
) -> None:
    surface.upgrade(parameters, headers)


@every(0.3)
@given(event=calls())
def test_every_call_is_answered_as_documented(surface: Surface, event: dict[str, Any]) -> None:
    surface.call(event)


def test_all_that_lies_behind_the_checks_is_within_reach_of_what_is_made_up() -> None:
    """Each frame and call is taken from somebody as it is, before anything about it is made up."""
    taken: set[str] = set()
    for action, contact_id, person in itertools.product(KNOWN, (CONTACT, WAITING), PEOPLE):
        fresh = Surface()
        fresh.frame(person, json.dumps({**likely.frame(action), "contact_id": contact_id}))
        taken |= fresh.accepted
        if fresh.has_taken_who_waits:
            taken.add("who waits")
    for route in ROUTES:
        fresh = Surface()
        fresh.call(
            {
                "routeKey": route,
                "headers": {"Content-Type": JSON, "Authorization": f"Bearer {VISITOR.user_id}"},
                "requestContext": {"http": {"sourceIp": "203.0.113.7"}},
                "isBase64Encoded": False,
                "body": json.dumps(likely.body(route)),
                "pathParameters": {"contact_id": CONTACT},
                "queryStringParameters": {},
            }
        )
        taken |= fresh.accepted

    # Nothing that is made up proves a seller.
    assert taken == {*KNOWN, *ROUTES, "who waits"} - {"POST /tickets"}


PATHS = st.lists(st.one_of(st.sampled_from(local_address.PARTS), st.text(max_size=8)), min_size=1, max_size=5)
SENT = st.tuples(
    st.one_of(st.sampled_from(local_address.NAMES), st.text("abcxyz-", min_size=1, max_size=8)),
    st.one_of(st.sampled_from(local_address.VALUES), st.text(max_size=12)),
)


@every(0.1)
@given(
    method=st.sampled_from(["GET", "POST", "OPTIONS", "DELETE"]),
    path=PATHS.map("".join),
    query=st.one_of(st.sampled_from(local_address.QUERIES), st.text(max_size=20)),
    host=st.sampled_from(local_address.HOSTS),
    headers=st.lists(SENT, max_size=4),
)
def test_nobody_reaches_the_local_aws_without_its_key_but_the_chats_own_doors(
    method: str, path: str, query: str, host: str, headers: list[tuple[str, str]]
) -> None:
    local_address.check(method, path, query, [("host", host), *headers])
    local_address.check(method, path, query, headers)
