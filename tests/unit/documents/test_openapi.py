"""docs/openapi.yaml says what the code does: a client may be written from it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec import Struct
from openapi_spec_validator import validate

from chat.api.rest import ReadRequest, ReportRequest, SendRequest, StartRequest
from chat.protocol.fields import MAX_USER_INFO_BYTES
from chat.protocol.frames import MAX_FRAME_BYTES, CloseChat, Receipt
from chat.protocol.replies import Ack, ChatStarted, ErrorFrame, FirstAck, Synced, Ticket
from tests import asyncapi
from tests.documents import FOLDER, Schema
from tests.openapi import DOCUMENT, NonconformingCallError, check_answer, operations, responses
from tests.schemas import code_schema, shape, without_details

PROTOCOL = (FOLDER / "protocol.md").read_text(encoding="utf-8")


def schema(name: str) -> Schema:
    found: Schema = DOCUMENT.resolved(DOCUMENT.whole["components"]["schemas"][name])
    return found


def test_it_is_an_openapi_3_1_document() -> None:
    validate(DOCUMENT.whole)

    assert DOCUMENT.whole["openapi"] == "3.1.0"


def test_nothing_is_defined_that_is_not_used() -> None:
    text = (FOLDER / "openapi.yaml").read_text(encoding="utf-8")
    used = set(re.findall(r"\$ref: '#/components/([^']+)'", text))
    components = DOCUMENT.whole["components"]

    assert {f"{kind}/{name}" for kind in ("schemas", "responses", "headers") for name in components[kind]} == used


@pytest.mark.parametrize("route", sorted(operations()))
def test_every_example_of_a_body_is_as_its_schema_says(route: str) -> None:
    content = operations()[route].get("requestBody", {}).get("content", {"application/json": {}})["application/json"]

    for example in content.get("examples", {}).values():
        problems = Draft202012Validator(DOCUMENT.resolved(content["schema"])).iter_errors(example["value"])
        assert [problem.message for problem in problems] == []


def test_what_both_documents_describe_they_describe_alike() -> None:
    of_websocket, of_rest = asyncapi.DOCUMENT.whole["components"]["schemas"], DOCUMENT.whole["components"]["schemas"]
    variants = {"Acknowledged", "Error"}

    for name in (of_websocket.keys() & of_rest.keys()) - variants:
        assert of_rest[name] == of_websocket[name]


@pytest.mark.parametrize(
    ("name", "kind", "ignored"),
    [
        ("SendRequest", SendRequest, {"timestamp"}),
        ("StartRequest", StartRequest, set()),
        ("ReportRequest", ReportRequest, set()),
        ("ReceiptRequest", Receipt, set()),
        ("CloseRequest", CloseChat, set()),
    ],
)
def test_a_body_has_the_fields_types_and_limits_of_the_code(name: str, kind: type[Struct], ignored: set[str]) -> None:
    documented, in_code = without_details(schema(name)), shape(without_details(code_schema(kind)), limits=True)
    if name in {"ReceiptRequest", "CloseRequest"}:
        # It is in the path.
        del in_code["properties"]["contact_id"]
        in_code["required"] -= {"contact_id"}
    documented["properties"] = {key: each for key, each in documented["properties"].items() if key not in ignored}
    compared = shape(documented, limits=True)
    if name == "SendRequest":
        # The code says it by the pattern alone.
        compared["properties"]["message"].pop("minLength")

    assert compared == in_code


def test_the_parameters_of_a_read_have_the_types_and_limits_of_the_code() -> None:
    parameters = operations()["GET /chats/{contact_id}/entries"]["parameters"]
    documented = {each["name"]: shape(DOCUMENT.resolved(each["schema"]), limits=True) for each in parameters}
    in_code = shape(code_schema(ReadRequest), limits=True)

    assert documented == in_code["properties"]
    assert {each["name"] for each in parameters if each.get("required")} == in_code["required"]


@pytest.mark.parametrize(
    ("name", "kind", "never"),
    [
        ("Said", FirstAck, set()),
        ("Acknowledged", Ack, set()),
        ("ChatStarted", ChatStarted, set()),
        ("Synced", Synced, set()),
        ("Ticket", Ticket, set()),
        # Frames repeat what tells them apart; a call has its own answer.
        ("Error", ErrorFrame, {"of", "id", "contact_id"}),
    ],
)
def test_an_answer_has_the_fields_and_types_of_the_code(name: str, kind: type[Struct], never: set[str]) -> None:
    documented, in_code = shape(schema(name)), shape(code_schema(kind))
    in_code["properties"] = {key: each for key, each in in_code["properties"].items() if key not in never}
    if name in {"Said", "Acknowledged"}:
        documented["properties"]["of"].pop("enum")
        # Of a receipt alone they are missing, which has an answer of its own; and who named a device is given none.
        in_code["required"] = (in_code["required"] | {"id", "timestamp"}) - {"device_id"}
    if name == "ChatStarted":
        documented["properties"]["message"].pop("enum")
    if name == "Error":
        codes = {
            code
            for route in operations()
            for each in responses(route).values()
            for code in each.get("x-error-codes", [])
        }
        assert documented["properties"].pop("code")["enum"] == codes
        assert codes < in_code["properties"].pop("code")["enum"]

    assert documented == in_code


def test_it_names_the_limits_that_no_schema_can_express() -> None:
    assert f"at most {MAX_FRAME_BYTES} bytes" in " ".join(DOCUMENT.whole["info"]["description"].split())
    assert f"at most {MAX_USER_INFO_BYTES} bytes" in schema("Details")["description"]


def test_protocol_md_names_the_same_calls_and_statuses() -> None:
    section = PROTOCOL.split("\n## REST\n", 1)[1]
    calls = {re.sub(r"\?.*", "", call) for call in re.findall(r"^\| `([A-Z]+ /[^`]+)` \|", section, re.MULTILINE)}
    sentence = section[section.index("Errors have") :]
    statuses = {int(status) for status in re.findall(r"\b[45]\d\d\b", sentence)}

    assert calls == set(operations())
    assert statuses == {status for route in operations() for status in responses(route)} - {200}


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (418, {}, {}),
        (200, {}, {}),
        (200, {"ticket": "t", "expires_in": 30, "more": 1}, {}),
        (401, {"action": "error", "code": "too_large", "reason": "?"}, {}),
        (503, {"action": "error", "code": "try_again", "reason": "?"}, {}),
    ],
)
def test_an_answer_that_is_not_documented_is_noticed(status: int, body: Any, headers: dict[str, str]) -> None:
    with pytest.raises(NonconformingCallError):
        check_answer("POST /tickets", status, body, headers)


def test_an_answer_that_is_documented_is_let_through() -> None:
    refused = {"action": "error", "code": "try_again", "reason": "Later."}

    check_answer("POST /tickets", 200, {"ticket": "t", "expires_in": 30}, {})
    check_answer("POST /tickets", 503, refused, {"Retry-After": "1"})
