"""docs/asyncapi.yaml says what the code does: a client may be written from it and docs/protocol.md alone."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator

from chat.access.upgrade import SUBPROTOCOL
from chat.api.dispatch import Dispatch
from chat.model.errors import Code
from chat.protocol.fields import MAX_USER_INFO_BYTES
from chat.protocol.frames import KNOWN, MAX_FRAME_BYTES, UNANSWERED, Inbox, decode
from chat.protocol.replies import HandedOver, Reply
from tests.asyncapi import DOCUMENT, NOTHING, accepted, actions, check_exchange, check_received, emitted
from tests.documents import FOLDER, Schema
from tests.schemas import code_schema, shape, without_details

ASYNCAPI_3 = FOLDER.parent / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"
PROTOCOL = (FOLDER / "protocol.md").read_text(encoding="utf-8")
WITHOUT_ACTION = [DOCUMENT.whole["components"]["messages"][name] for name in ("nothing", "gatewaysOwn")]
"""What does not come from the service's own code."""


def replies() -> dict[str, type[Reply]]:
    return {str(kind.__struct_config__.tag): kind for kind in Reply.__subclasses__()}


def examples(*, accepted: bool) -> Iterator[Any]:
    of_clients = [
        reference["$ref"].rsplit("/", 1)[-1]
        for operation in DOCUMENT.whole["operations"].values()
        if operation["action"] == "receive"
        for reference in operation["messages"]
    ]
    for name, message in DOCUMENT.whole["components"]["messages"].items():
        if (name in of_clients) is accepted:
            for example in message["examples"]:
                yield pytest.param(message, example["payload"], id=f"{name}: {example['name']}")


# The document itself


def test_it_is_an_asyncapi_3_document() -> None:
    schema = json.loads(ASYNCAPI_3.read_text(encoding="utf-8"))

    assert [error.message for error in Draft7Validator(schema).iter_errors(DOCUMENT.whole)] == []


def test_every_schema_in_it_is_one() -> None:
    for schema in DOCUMENT.resolved(DOCUMENT.whole["components"]["schemas"]).values():
        Draft7Validator.check_schema(schema)


def test_nothing_is_defined_that_is_not_used() -> None:
    text = (FOLDER / "asyncapi.yaml").read_text(encoding="utf-8")
    used = set(re.findall(r"\$ref: '#/([^']+)'", text))
    components = DOCUMENT.whole["components"]

    assert {name for name in components["schemas"] if f"components/schemas/{name}" not in used} == set()
    assert {name for name in components["messages"] if f"components/messages/{name}" not in used} == set()
    assert {
        name for name in DOCUMENT.whole["channels"]["chat"]["messages"] if f"channels/chat/messages/{name}" not in used
    } == set()


def test_every_operation_and_every_message_explains_itself() -> None:
    assert all(operation["title"] and operation["description"] for operation in DOCUMENT.whole["operations"].values())
    assert all(
        message["title"] and message["examples"] for message in DOCUMENT.whole["components"]["messages"].values()
    )


def test_it_says_which_subprotocol_is_answered() -> None:
    headers = DOCUMENT.whole["channels"]["chat"]["bindings"]["ws"]["headers"]["properties"]

    assert f"answers `{SUBPROTOCOL}`" in headers["Sec-WebSocket-Protocol"]["description"]


@pytest.mark.parametrize(("message", "example"), [*examples(accepted=True), *examples(accepted=False)])
def test_every_example_is_as_its_schema_says(message: Schema, example: Schema) -> None:
    payload = DOCUMENT.resolved(message["payload"])

    assert [error.message for error in Draft7Validator(payload).iter_errors(example)] == []
    if message not in WITHOUT_ACTION:
        assert example["action"] in actions(payload)


@pytest.mark.parametrize(("_message", "example"), list(examples(accepted=True)))
def test_every_example_of_a_clients_frame_is_understood(_message: Schema, example: Schema) -> None:
    decode(json.dumps(example))


# The document and the code


def test_it_names_every_action_that_is_understood_and_no_other() -> None:
    assert set(accepted()) == set(KNOWN)


def test_it_names_every_frame_that_is_sent_and_no_other() -> None:
    assert set(emitted()) == set(replies())


def test_it_names_every_error_code_and_where_each_can_come() -> None:
    operations = DOCUMENT.whole["operations"].values()
    listed = {code for operation in operations for code in operation.get("x-error-codes", [])}

    assert set(DOCUMENT.whole["components"]["schemas"]["ErrorCode"]["enum"]) == set(Code)
    assert listed == set(Code)


def test_it_names_the_limits_that_no_schema_can_express() -> None:
    assert f"at most {MAX_FRAME_BYTES} bytes" in " ".join(DOCUMENT.whole["info"]["description"].split())
    assert f"at most {MAX_USER_INFO_BYTES} bytes" in DOCUMENT.whole["components"]["schemas"]["Details"]["description"]


@pytest.mark.parametrize("action", sorted(KNOWN))
def test_what_a_client_sends_has_the_fields_types_and_limits_of_the_code(action: str) -> None:
    documented, in_code = (
        shape(without_details(each), limits=True) for each in (accepted()[action], code_schema(KNOWN[action]))
    )
    documented["properties"].pop("action")
    documented["required"].discard("action")
    for name, each in documented["properties"].items():
        if "pattern" in each and "minLength" not in in_code["properties"][name]:
            # The code says it by the pattern alone.
            each.pop("minLength", None)
    if action == "inbox":
        # The code's schemas leave out a default that is a member of an enumeration.
        assert documented["properties"]["status"].pop("default") == Inbox().status

    assert documented == in_code


@pytest.mark.parametrize("action", sorted(replies()))
def test_what_a_client_receives_has_the_fields_and_types_of_the_code(action: str) -> None:
    documented, in_code = shape(emitted()[action]), shape(code_schema(replies()[action]))
    if action == "ack":
        # That of a hand-over is one with more.
        in_code["properties"] = shape(code_schema(HandedOver))["properties"]
    if action == "sendMessage":
        # It is always set where the frame is made.
        documented["required"].discard("type")
    if action == "ack":
        documented["properties"]["of"].pop("enum")
    if action == "InitChat":
        documented["properties"]["message"].pop("enum")

    assert documented == in_code


# What API Gateway adds


def is_as_described(name: str, frame: object) -> bool:
    schema = DOCUMENT.resolved(DOCUMENT.whole["components"]["messages"][name]["payload"])
    return bool(Draft7Validator(schema).is_valid(frame))


@pytest.mark.parametrize(
    "frame",
    [
        # As people saw them: https://github.com/Kludex/mangum/issues/128, https://github.com/middyjs/middy/issues/1219
        {"message": "Internal server error", "connectionId": "LOhsvcJiDoECFOg=", "requestId": "LOht8HJCjoEFqoQ="},
        {"message": "Forbidden", "connectionId": "Z2bGicFTDoECJkQ=", "requestId": "Z2bHRGvRjoEF0Pg="},
        {"message": "Endpoint request timed out", "connectionId": "c", "requestId": "r"},
        {"message": "Too Many Requests", "connectionId": "c", "requestId": "r"},
    ],
)
def test_a_frame_of_api_gateways_own_is_described_and_none_of_the_services(frame: dict[str, str]) -> None:
    assert is_as_described("gatewaysOwn", frame)
    with pytest.raises(AssertionError):
        check_received(json.dumps(frame).encode())
    assert frame["message"] in json.dumps([message["examples"] for message in WITHOUT_ACTION])


def test_nothing_that_the_service_sends_can_be_taken_for_api_gateways_own() -> None:
    sent = [example for message, example in (each.values for each in examples(accepted=False)) if "action" in example]

    assert len(sent) > len(replies())
    for example in sent:
        assert not is_as_described("gatewaysOwn", example | {"message": "m", "connectionId": "c", "requestId": "r"})
        assert not is_as_described("nothing", example)


def test_the_original_documents_client_takes_nothing_that_it_does_not_know_for_a_chat_line() -> None:
    # It shows whatever has a `message`, or is of the `type` `message`, but for the answer to its InitChat.
    assert {action for action, schema in emitted().items() if {"message", "type"} & schema["properties"].keys()} == {
        "InitChat",
        "sendMessage",
    }


def test_an_empty_frame_answers_what_the_code_answers_with_nothing_and_nothing_else() -> None:
    signatures = [inspect.signature(method) for method in vars(Dispatch).values() if inspect.isfunction(method)]
    of_frames = {kind.__name__: action for action, kind in KNOWN.items()}
    silent = {
        of_frames[asked]
        for signature in signatures
        if signature.return_annotation == "None"
        for parameter in signature.parameters.values()
        if (asked := parameter.annotation) in of_frames
    }

    assert silent == UNANSWERED | {"signOut"}
    assert {
        reference["$ref"].rpartition("/")[2]
        for operation in DOCUMENT.whole["operations"].values()
        if NOTHING in operation.get("reply", {}).get("messages", [])
        for reference in operation["messages"]
    } == silent - UNANSWERED
    assert is_as_described("nothing", "")
    assert not is_as_described("nothing", " ")


# The document and docs/protocol.md


def protocol_section(title: str) -> str:
    return PROTOCOL.split(f"\n{title}\n", 1)[1].split("\n#", 1)[0]


def test_both_name_the_same_actions() -> None:
    rows = re.findall(r"^\| (`\w+`.*?) \|", protocol_section("### What a client sends"), re.MULTILINE)

    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(accepted())


def test_both_name_the_same_answers_and_pushes() -> None:
    named = re.findall(r'^\{"action": "(\w+)"', protocol_section("### What a client receives"), re.MULTILINE)

    assert set(named) == set(emitted())


def test_both_name_the_same_error_codes() -> None:
    rows = re.findall(r"^\| (`\w+`.*?) \|", protocol_section("## Errors"), re.MULTILINE)

    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(Code)


def test_both_name_the_same_kinds_of_entries() -> None:
    (row,) = re.findall(r"^\| `kind` \| all \| (.*) \|$", protocol_section("### An entry"), re.MULTILINE)
    kinds = DOCUMENT.whole["components"]["schemas"]["Entry"]["properties"]["kind"]["enum"]

    assert re.findall(r"`(\w+)`", row) == kinds


# What the other tests rely on


@pytest.mark.parametrize(
    "frame",
    [
        {"action": "nonsense"},
        {"action": "pong", "more": 1},
        {"action": "entry", "contact_id": "c"},
        {"action": "entry", "contact_id": "c", "entry": {"seq": 1, "kind": "message", "from": "1", "timestamp": "now"}},
        {"action": "error", "code": "no_such_code", "reason": "?"},
        {"action": "error", "code": "bad_frame", "reason": "?", "message": "a chat line"},
        {"action": "pong", "padding": "x" * 40_000},
    ],
)
def test_a_frame_that_is_not_documented_is_noticed(frame: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        check_received(json.dumps(frame).encode())


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"action": "ping"}, {"action": "typing", "contact_id": "c", "from": "seller", "typing": True}),
        ({"action": "ping"}, None),
        ({"action": "nonsense"}, {"action": "pong"}),
        ({"action": "sync", "contact_id": "c"}, {"action": "pong"}),
        ({"action": "ping"}, {"action": "error", "of": "ping", "code": "unknown_seller", "reason": "?"}),
        ({}, {"action": "error", "code": "unknown_seller", "reason": "?"}),
    ],
)
def test_an_answer_that_is_not_documented_is_noticed(
    asked: dict[str, object], answer: dict[str, object] | None
) -> None:
    with pytest.raises(AssertionError):
        check_exchange(json.dumps(asked), json.dumps(answer).encode() if answer else None)


def test_an_answer_that_is_documented_is_let_through() -> None:
    check_exchange('{"action": "ping"}', b'{"action": "pong"}')
    check_exchange('{"action": "typing", "contact_id": "c", "typing": null}', None)
    check_exchange("nonsense", b'{"action": "error", "code": "bad_frame", "reason": "Send JSON."}')
