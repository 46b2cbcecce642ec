"""No log line of any function holds a text, a key, a device id or what a visitor told."""

from __future__ import annotations

import importlib
import json
from functools import reduce

import pytest

from chat.adapters.json_journal import LINE
from stacks.constructs.failures import FAILURES
from tests import events
from tests.worlds.deployment import DEVICE, SELLER, VISITOR, Functions, seller_token, with_token
from tests.worlds.event_functions import (
    SHOP_KEY,
    Courier,
    Office,
    Published,
    bus_events,
    entries_of,
    started_while_the_shop_was_down,
)
from tests.worlds.functions import KEY
from tests.worlds.tables import CONNECTIONS, CONVERSATIONS


def test_no_log_line_holds_a_text_a_token_a_device_id_or_what_a_visitor_told(
    functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    canaries = {"text": "canary-text", "info": "canary-info", "token": seller_token(aud="canary-audience")}
    functions.authorize(with_token(canaries["token"]))
    functions.authorize(with_token(seller_token(), user_id=DEVICE))
    functions.authorize(events.authorizer(userId=f"{DEVICE} "))
    functions.connect(VISITOR, "v1")
    functions.connect(SELLER, "s1", subprotocols=f"seller-chat, {seller_token()}")
    functions.connections.gone.add("s1")

    started = functions.send(VISITOR, "v1", action="InitChat", sellerId="123456", userInfo={"name": canaries["info"]})
    for frame in (
        {"action": "sendMessage", "contact_id": started["contact_id"], "message": canaries["text"]},
        {"action": "sendMessage", "contact_id": "missing", "message": canaries["text"]},
        {"action": "sendMessage", "to": DEVICE, "message": canaries["text"]},
        {"action": canaries["text"]},
        {"action": "InitChat", "sellerId": canaries["text"] + " ", "userInfo": {"name": canaries["info"]}},
        {"action": "inbox", "status": canaries["text"]},
    ):
        functions.send(VISITOR, "v1", **frame)
        functions.send_raw(VISITOR, "v1", json.dumps(frame), route="fallback")
    functions.send_raw(VISITOR, "v1", canaries["text"])
    functions.dynamodb.delete_table(TableName=CONVERSATIONS)
    functions.dynamodb.delete_table(TableName=CONNECTIONS)
    functions.send(VISITOR, "v1", action="InitChat", sellerId="123456", userInfo={"name": canaries["info"]})
    functions.connect(VISITOR, "v2")

    lines = capsys.readouterr().out.splitlines()
    assert {json.loads(line).get("event") for line in lines} >= {"connection_refused", "refused", "connection_failed"}
    assert not [line for line in lines if "canary" in line or canaries["token"] in line or KEY in line]
    assert not [line for line in lines if json.loads(line).keys() - LINE]


@pytest.mark.enable_socket
def test_no_log_line_holds_a_text_a_key_a_device_id_or_what_a_visitor_told(
    courier: Courier, office: Office, published: Published, capsys: pytest.CaptureFixture[str]
) -> None:
    system, _ = started_while_the_shop_was_down()
    told = bus_events(system)
    published.bus.answers = [(400, {"__type": "InternalException", "message": "canary-text"})] * 3

    published.handle(events.stream(entries_of(published.items)))
    courier.shop.is_down = True
    courier.bring(*told, "canary-text", {"canary": "text"})
    office.check_up("canary text", {"canary": "text"}, "canary-text")
    office.dynamodb.delete_table(TableName=CONVERSATIONS)
    office.dynamodb.delete_table(TableName=CONNECTIONS)
    office.check_up("canary-text")

    lines = capsys.readouterr().out.splitlines()
    assert {json.loads(line).get("event") for line in lines} - {None} == {
        "publish_failed",
        "delivery_failed",
        "event_set_aside",
        "check_up_failed",
    }
    assert not [line for line in lines if "canary" in line or KEY in line or SHOP_KEY in line]
    assert not [line for line in lines if json.loads(line).keys() - LINE]


CANARY = f"canary-text {DEVICE} {KEY}"


def broken(*_arguments: object, **_named: object) -> None:
    raise RuntimeError(CANARY) from ValueError(CANARY)


@pytest.mark.parametrize(
    ("function", "inside", "event"),
    [
        ("authorizer", "_admission.admit", events.authorizer(userId=DEVICE)),
        ("connection", "_connecting.opened", events.connect(VISITOR, "v1")),
        ("connection", "_connecting.closed", events.disconnect(VISITOR, "v1")),
        ("conversation", "_dispatch._require_session", events.message(VISITOR, "v1", '{"action": "ping"}')),
        ("fallback", "parse", events.message(VISITOR, "v1", '{"action": "ping"}')),
    ],
)
def test_lambda_which_logs_what_escapes_with_its_text_gets_no_exception(
    function: str,
    inside: str,
    event: events.Event,
    functions: Functions,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = importlib.import_module(f"handlers.{function}")
    *path, name = inside.split(".")
    monkeypatch.setattr(reduce(getattr, path, module), name, broken)

    answer = json.dumps(module.handle(event, None))

    said = capsys.readouterr()
    noted, *measured = map(json.loads, said.out.splitlines())
    assert noted["event"] in FAILURES
    assert noted["error"].startswith("RuntimeError at ")
    assert not [each for each in measured if each.keys() - LINE]
    assert not [each for each in (answer, said.out, said.err) if "canary" in each]


@pytest.mark.enable_socket
def test_nor_does_it_of_what_works_in_the_background(
    courier: Courier,
    office: Office,
    published: Published,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(courier.module, "_event_in", broken)
    monkeypatch.setattr(office.module._attending, "attend", broken)
    monkeypatch.setattr(published.module, "event_of", broken)

    courier.bring("canary-text")
    office.check_up("contact")
    published.handle(events.stream(entries_of(published.items)))

    said = capsys.readouterr()
    assert {json.loads(line).get("event") for line in said.out.splitlines()} >= {"delivery_failed", "check_up_failed"}
    assert "canary" not in said.out + said.err
