"""The REST calls as API Gateway hands them over: the document's client, one that keeps everything, and bad ones."""

from __future__ import annotations

import base64
import json
import re
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from moto import mock_aws

from chat.adapters.json_journal import LINE
from chat.api.rest import UnauthorizedError
from chat.model.errors import ChatError, Code
from chat.model.metrics import Metric
from tests import events
from tests.openapi import DOCUMENT, check_answer, operations
from tests.worlds import functions
from tests.worlds.functions import KEY, SECRET
from tests.worlds.tables import CONNECTIONS, CONVERSATIONS, SELLERS, create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

DEVICE = "canary-device-0f8fad5b-d9cb-469f-a165-70867728950e"
OTHER_DEVICE = "6fa459ea-ee8a-4ca4-894e-db77e160355e"
SEND = "POST /sendmessage"
START = "POST /chats"
READ = "GET /chats/{contact_id}/entries"
RECEIPTS = "POST /chats/{contact_id}/receipts"
IDENTIFY = "POST /chats/{contact_id}/identify"
CLOSE = "POST /chats/{contact_id}/close"
TICKET = "POST /tickets"
REPORT = "POST /reports"
FELT = {"reconnects": 2, "failed_sends": 1, "slowest_send_ms": 12_000}


@dataclass(frozen=True)
class Answer:
    """What a caller gets."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]


@dataclass
class Api:
    """The deployed HTTP API; every answer is held to docs/openapi.yaml."""

    module: Any
    dynamodb: DynamoDBClient

    def handle(self, event: events.Event) -> Answer:
        response = functions.call(self.module, event)
        answer = Answer(response["statusCode"], json.loads(response["body"]), response["headers"])
        check_answer(event["routeKey"], answer.status, answer.body, answer.headers)
        return answer

    def call(self, route: str, body: object = None, bearer: str | None = DEVICE, **more: Any) -> Answer:
        return self.handle(events.call(route, body, bearer=bearer, **more))

    def start(self, device: str = DEVICE) -> str:
        answer = self.call(START, {"sellerId": "123456", "userInfo": {"name": "Ana"}}, device)
        assert answer.status == 200
        return str(answer.body["contact_id"])

    def send(self, message: str, bearer: str | None = DEVICE, **more: object) -> Answer:
        return self.call(SEND, {"sellerId": "123456", "message": message, **more}, bearer)

    def read(self, contact_id: str, device: str | None = DEVICE, **query: str) -> Answer:
        return self.call(READ, None, device, path={"contact_id": contact_id}, query=query or None)

    def texts(self, contact_id: str) -> list[str]:
        entries = self.read(contact_id).body["entries"]
        return [entry["message"] for entry in entries if entry["kind"] == "message"]

    def expire(self, contact_id: str) -> None:
        found = self.dynamodb.query(
            TableName=CONVERSATIONS,
            KeyConditionExpression="contact_id = :c AND begins_with(#item, :entry)",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues={":c": {"S": contact_id}, ":entry": {"S": "entry#"}},
        )
        for item in found["Items"]:
            key = {name: item[name] for name in ("contact_id", "item")}
            self.dynamodb.delete_item(TableName=CONVERSATIONS, Key=key)


@pytest.fixture(scope="session")
def rest_module(aws_environment: pytest.MonkeyPatch) -> Any:
    """handlers.rest."""
    return functions.load("rest", aws_environment)


@pytest.fixture
def api(rest_module: Any, dynamodb_client: DynamoDBClient, secrets_client: SecretsManagerClient) -> Iterator[Api]:
    """A deployment with empty tables."""
    with mock_aws():
        create_tables(dynamodb_client)
        secrets_client.create_secret(Name=SECRET, SecretString=KEY)
        functions.forget_callers(rest_module)
        yield Api(rest_module, dynamodb_client)


def seller_token(key: str = KEY, **claims: object) -> str:
    good = {"sub": "123456", "role": "seller", "iss": "seller-chat", "aud": "seller-chat", "exp": time.time() + 3600}
    return jwt.encode({**good, **claims}, key, "HS256")


# The document's client

DOCUMENTS_CALL = {
    "sellerId": "123456",
    "widgetId": "widget-1",
    "message": "Hello",
    "userInfo": {"name": "Ana", "email": "ana@example.com"},
    "timestamp": "2026-11-23T10:00:00.000Z",
}


def test_the_documents_call_works_as_it_is_written(api: Api) -> None:
    answer = api.call(SEND, DOCUMENTS_CALL, bearer=None)

    assert answer.status == 200
    assert (answer.body["of"], answer.body["seq"]) == ("sendMessage", 3)


@pytest.mark.parametrize("changes", [{}, {"message": "Still there?"}, {"userInfo": None}])
def test_who_gives_the_same_details_from_the_same_address_is_somebody_else(
    api: Api, changes: dict[str, object]
) -> None:
    first = api.call(SEND, DOCUMENTS_CALL, bearer=None)

    other = api.call(SEND, {**DOCUMENTS_CALL, **changes}, bearer=None)

    assert other.body["contact_id"] != first.body["contact_id"]
    assert other.body["device_id"] != first.body["device_id"]
    # Else it would tell whether somebody of these details has chatted here.
    assert other.body["seq"] == first.body["seq"]


def test_who_knows_the_contact_alone_does_not_go_on_in_it(api: Api) -> None:
    contact_id = api.call(SEND, DOCUMENTS_CALL, bearer=None).body["contact_id"]

    answer = api.call(SEND, {**DOCUMENTS_CALL, "contact_id": contact_id}, bearer=None)

    assert (answer.status, answer.body["code"]) == (403, "forbidden")


def test_who_shows_what_the_first_answer_gave_goes_on_and_reads(api: Api) -> None:
    first = api.call(SEND, DOCUMENTS_CALL, bearer=None).body
    device = first["device_id"]

    second = api.call(SEND, {**DOCUMENTS_CALL, "message": "Still there?", "deviceId": device}, bearer=None).body
    third = api.send("I am here", device).body

    assert [second["contact_id"], third["contact_id"]] == [first["contact_id"]] * 2
    assert [second["seq"], third["seq"]] == [first["seq"] + 1, first["seq"] + 2]
    texts = [entry.get("message") for entry in api.read(first["contact_id"], device).body["entries"]]
    assert texts[-3:] == ["Hello", "Still there?", "I am here"]


def test_what_the_first_answer_gives_cannot_be_guessed(api: Api) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", api.call(SEND, DOCUMENTS_CALL, bearer=None).body["device_id"])


def test_who_names_a_device_is_not_told_it(api: Api) -> None:
    assert "device_id" not in api.send("Hello").body
    assert "device_id" not in api.send("Hello", None, deviceId=DEVICE).body


# A whole conversation


def test_a_visitor_without_a_web_socket_holds_a_whole_conversation(api: Api) -> None:
    contact_id = api.start()
    sent = api.send("Hello", contact_id=contact_id, id="m1", base=2)
    first = api.read(contact_id, after="0")
    api.send("Are you there?", contact_id=contact_id, id="m2", base=3)
    second = api.read(contact_id, after=str(first.body["tail"]))

    assert (sent.body["id"], sent.body["seq"]) == ("m1", 3)
    assert [entry["kind"] for entry in first.body["entries"]] == ["opened", "assigned", "message"]
    assert [entry["message"] for entry in second.body["entries"]] == ["Are you there?"]
    assert second.headers["Cache-Control"] == "no-store"


def test_a_repeated_call_is_answered_alike_and_stored_once(api: Api) -> None:
    contact_id = api.start()
    call: dict[str, Any] = {"contact_id": contact_id, "id": "m1", "base": 2}

    assert api.send("Hello", **call) == api.send("Hello", **call)
    assert api.texts(contact_id) == ["Hello"]


def test_starting_twice_gives_one_contact(api: Api) -> None:
    assert api.start() == api.start()


def test_a_device_id_in_the_body_is_as_good_as_a_bearer(api: Api) -> None:
    contact_id = api.start()

    assert api.send("Hello", None, deviceId=DEVICE).body["contact_id"] == contact_id


def test_without_a_contact_the_message_goes_to_the_one_with_that_seller(api: Api) -> None:
    contact_id = api.start()

    assert api.send("Hello").body["contact_id"] == contact_id


def test_who_waits_is_told_his_place(api: Api) -> None:
    api.dynamodb.put_item(
        TableName=SELLERS,
        Item={"seller_id": {"S": "123456"}, "team": {"S": "123456"}, "capacity": {"N": "0"}, "open_count": {"N": "0"}},
    )

    answer = api.call(START, {"sellerId": "123456", "userInfo": {}})

    assert (answer.status, answer.body["status"]) == (200, "queued")
    assert answer.body["queue"] == {"position": 1, "out_of_hours": False}


def test_a_page_is_as_long_as_was_asked_for(api: Api) -> None:
    contact_id = api.start()
    page = api.read(contact_id, after="0", limit="1")

    assert ([entry["seq"] for entry in page.body["entries"]], page.body["more"]) == ([1], True)


def test_the_query_string_does_not_replace_the_path(api: Api) -> None:
    mine, other = api.start(), api.start(OTHER_DEVICE)

    answer = api.call(READ, path={"contact_id": mine}, query={"contact_id": other})

    assert answer.body["contact_id"] == mine


def test_a_body_in_base64_is_read(api: Api) -> None:
    event = events.call(START, base64.b64encode(b'{"sellerId": "123456", "userInfo": {}}').decode(), bearer=DEVICE)
    event["isBase64Encoded"] = True

    assert api.handle(event).status == 200


@pytest.mark.parametrize(("route", "body"), [(SEND, DOCUMENTS_CALL), (SEND, {}), (READ, None), (TICKET, None)])
def test_no_answer_is_kept_taken_for_a_page_or_framed(api: Api, route: str, body: object) -> None:
    headers = api.call(route, body).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


# Refusals


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "bad_frame"),
        ("nonsense", "bad_frame"),
        ("[]", "bad_frame"),
        ({}, "missing_field"),
        ({"sellerId": "123456"}, "missing_field"),
        ({"sellerId": 1, "message": "Hello", "userInfo": {}}, "bad_field"),
        ({"sellerId": "a b", "message": "Hello", "userInfo": {}}, "bad_field"),
        ({"sellerId": "123456", "message": " ", "userInfo": "Ana"}, "bad_field"),
        ({"sellerId": "123456", "message": "Hello", "base": -1, "userInfo": []}, "bad_field"),
    ],
)
@pytest.mark.parametrize("route", [SEND, START])
def test_a_body_that_says_nothing_is_told_what_is_wrong_with_it(api: Api, route: str, body: object, code: str) -> None:
    answer = api.call(route, body)

    assert (answer.status, answer.body["code"]) == (400, code)
    # There are neither here.
    assert "frame" not in answer.body["reason"].lower()
    assert "action" not in answer.body["reason"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\x00\x9f"])
def test_a_binary_body_is_refused(api: Api, content: bytes) -> None:
    event = events.call(SEND, base64.b64encode(content).decode())
    event["isBase64Encoded"] = True

    assert api.handle(event).status == 400


@pytest.mark.parametrize(
    "body",
    [
        {"sellerId": "123456", "message": "x" * 4001},
        {"sellerId": "123456", "message": "Hello", "userInfo": {"a": "x" * 1000, "b": "x" * 1000, "c": "x" * 50}},
        {"sellerId": "123456", "message": "Hello", "padding": "x" * 16384},
    ],
)
def test_what_is_over_a_limit_is_too_large(api: Api, body: object) -> None:
    assert api.call(SEND, body).status == 413


def test_the_longest_text_is_taken(api: Api) -> None:
    assert api.send("✨" * 4000).status == 200


@pytest.mark.parametrize(
    "bearer", [None, "", "a", "a b", "customer-4711", "x" * 64, "ana.longname@shop.example.com", "x" * 129]
)
def test_a_call_for_a_visitor_needs_a_device_id(api: Api, bearer: str | None) -> None:
    answers = [api.call(START, {"sellerId": "123456", "userInfo": {}}, bearer), api.read("contact-1", bearer)]

    assert [answer.status for answer in answers] == [401, 401]
    assert {answer.body["reason"] for answer in answers} == {
        "Send the visitor's device id, which cannot be guessed, as 'Authorization: Bearer …'."
    }


def test_another_scheme_is_no_bearer(api: Api) -> None:
    event = events.call(START, {"sellerId": "123456", "userInfo": {}})
    event["headers"]["authorization"] = f"Basic {DEVICE}"

    assert api.handle(event).status == 401


def test_a_foreign_contact_looks_like_one_that_does_not_exist(api: Api) -> None:
    foreign = api.start(OTHER_DEVICE)

    for contact_id in (foreign, "no-such-contact"):
        assert api.read(contact_id).status == 403
        assert api.send("Hello", contact_id=contact_id).status == 403
    assert api.read(foreign).body == api.read("no-such-contact").body


@pytest.mark.parametrize("name", ["system", "visitor-1"])
def test_a_name_that_the_log_uses_itself_is_no_seller(api: Api, name: str) -> None:
    answer = api.call(START, {"sellerId": name, "userInfo": {}})

    assert (answer.status, answer.body["code"], answer.body["field"]) == (404, "unknown_seller", "sellerId")


@pytest.mark.parametrize(
    "query", [{"after": "-1"}, {"after": "x"}, {"after": "1,2"}, {"after": ""}, {"limit": "0"}, {"limit": "101"}]
)
def test_a_cursor_or_a_limit_that_is_none_is_named(api: Api, query: dict[str, str]) -> None:
    answer = api.read(api.start(), **query)

    assert (answer.status, answer.body["code"], answer.body["field"]) == (400, "bad_field", next(iter(query)))


def test_a_query_string_that_is_no_utf_8_is_refused(api: Api) -> None:
    answer = api.read(api.start(), after="\ud800")

    assert (answer.status, answer.body["code"], answer.body["field"]) == (400, "bad_field", "after")


def test_a_contact_id_that_can_be_none_is_named(api: Api) -> None:
    assert api.read("a b").body["field"] == "contact_id"


def test_a_contact_past_retention_is_gone(api: Api) -> None:
    contact_id = api.start()
    api.expire(contact_id)

    assert api.read(contact_id, after="0").status == 410
    assert api.send("Hello", contact_id=contact_id).status == 410


def test_who_sends_too_fast_is_told_when_to_go_on(api: Api) -> None:
    contact_id = api.start()
    answers = [api.send(f"Message {number}", contact_id=contact_id) for number in range(30)]

    refused = [answer for answer in answers if answer.status != 200]
    assert {answer.status for answer in refused} == {429}
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)


def test_a_table_that_is_gone_is_answered_with_try_again(api: Api) -> None:
    contact_id = api.start()
    api.dynamodb.delete_table(TableName=CONVERSATIONS)

    answers = [api.send("Hello"), api.read(contact_id), api.call(START, {"sellerId": "1", "userInfo": {}})]

    assert [answer.status for answer in answers] == [503] * 3


def test_every_code_has_the_status_that_the_document_gives_it(api: Api) -> None:
    documented = {
        (code, int(status))
        for operation in operations().values()
        for status, response in operation["responses"].items()
        for code in DOCUMENT.resolved(response).get("x-error-codes", [])
    }
    refusals = [ChatError(code, "?") for code in {Code(code) for code, _ in documented}]

    in_code = {(str(error.code), api.module._status(error)) for error in refusals}
    in_code.add(("forbidden", api.module._status(UnauthorizedError("?"))))
    assert in_code == documented


# Tickets


def test_a_seller_gets_a_ticket_that_is_stored_as_a_hash(api: Api) -> None:
    answer = api.call(TICKET, bearer=seller_token())

    assert (answer.status, answer.body["expires_in"]) == (200, 30)
    (item,) = api.dynamodb.scan(TableName=CONNECTIONS)["Items"]
    assert answer.body["ticket"] not in json.dumps(item)
    assert item["seller_id"]["S"] == "123456"


@pytest.mark.parametrize(
    "bearer",
    [
        None,
        "",
        "nonsense",
        seller_token("another-key-" * 6),
        seller_token(exp=time.time() - 3600),
        seller_token(role="visitor"),
    ],
    # A token has a time in it, and every worker must give a test the same name.
    ids=["none", "empty", "nonsense", "of another key", "expired", "of a visitor"],
)
def test_nobody_gets_a_ticket_without_a_sellers_token(api: Api, bearer: str | None) -> None:
    assert api.call(TICKET, bearer=bearer).status == 401
    assert api.dynamodb.scan(TableName=CONNECTIONS)["Items"] == []


# Where visitors need a token


@pytest.fixture
def members_only(api: Api, aws_environment: pytest.MonkeyPatch) -> Iterator[Api]:
    """The same deployment, with VISITOR_TOKENS=required."""
    with pytest.MonkeyPatch.context() as modules:
        modules.delitem(sys.modules, "handlers.rest")
        yield Api(functions.load("rest", aws_environment, VISITOR_TOKENS="required"), api.dynamodb)


STRANGERS = {
    "nothing": None,
    "a device id": DEVICE,
    "a seller's token": seller_token(),
    "a token of another key": seller_token("another-key-" * 6, role="visitor", sub=DEVICE),
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_no_call_of_a_visitor_works_without_a_visitors_token(api: Api, members_only: Api, stranger: str) -> None:
    bearer, contact = STRANGERS[stranger], {"contact_id": api.start()}
    before = api.dynamodb.scan(TableName=CONVERSATIONS)["Items"]

    answers = [
        members_only.call(START, {"sellerId": "123456", "userInfo": {}}, bearer),
        members_only.send("Hello", bearer, deviceId=DEVICE),
        members_only.send("Hello", bearer, userInfo={"name": "Ana"}),
        members_only.call(READ, None, bearer, path=contact),
        members_only.call(RECEIPTS, {"read": 1}, bearer, path=contact),
        members_only.call(IDENTIFY, {"userInfo": {}}, bearer, path=contact),
        members_only.call(CLOSE, {}, bearer, path=contact),
    ]

    assert [answer.status for answer in answers] == [401] * len(answers)
    assert api.dynamodb.scan(TableName=CONVERSATIONS)["Items"] == before


def test_a_visitors_token_stands_for_its_device(api: Api, members_only: Api) -> None:
    contact_id = api.start()

    assert members_only.read(contact_id, seller_token(role="visitor", sub=DEVICE)).status == 200


# The journal


def test_no_log_line_holds_a_text_a_token_a_device_id_or_what_a_visitor_told(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    info = {"name": "canary-info"}
    token = seller_token()
    for body in (
        {"sellerId": "123456", "message": "canary-text", "userInfo": info},
        {"sellerId": "canary text", "message": "canary-text"},
        {"sellerId": "123456", "message": "canary-text" * 1000},
        "canary-text",
    ):
        api.call(SEND, body)
        api.call(START, body)
    api.call(TICKET, bearer=token)
    api.call(TICKET, bearer=token + "canary")
    api.read("canary contact")
    api.dynamodb.delete_table(TableName=CONVERSATIONS)
    api.dynamodb.delete_table(TableName=CONNECTIONS)
    api.send("canary-text", userInfo=info)
    api.call(TICKET, bearer=token)

    lines = capsys.readouterr().out.splitlines()
    assert {json.loads(line).get("event") for line in lines} >= {"refused", "failed"}
    assert not [line for line in lines if "canary" in line or token in line or KEY in line]
    assert not [line for line in lines if json.loads(line).keys() - LINE]


# What is known of the visitor, receipts, and the end


def test_what_the_page_knows_of_its_visitor_by_now_is_told_once_however_often_the_call_is_repeated(api: Api) -> None:
    contact_id = api.start()
    call = {"userInfo": {"plan": "gold"}, "id": "i1", "base": 2}

    answers = [api.call(IDENTIFY, call, path={"contact_id": contact_id}) for _ in range(2)]

    assert [(answer.status, answer.body["of"], answer.body["seq"]) for answer in answers] == [(200, "identify", 3)] * 2
    told = [(entry["kind"], entry.get("user_info")) for entry in api.read(contact_id).body["entries"][2:]]
    assert told == [("identified", {"plan": "gold"})]


def test_who_has_left_is_told_that_nothing_more_can_be_said_of_them(api: Api) -> None:
    contact_id = api.start()
    api.call(CLOSE, {}, path={"contact_id": contact_id})

    answer = api.call(IDENTIFY, {"userInfo": {"plan": "gold"}}, path={"contact_id": contact_id})

    assert (answer.status, answer.body["code"]) == (409, "contact_closed")


def test_what_was_read_is_told_and_never_goes_back(api: Api) -> None:
    contact_id = api.start()

    answer = api.call(RECEIPTS, {"delivered": 2, "read": 1}, path={"contact_id": contact_id})
    api.call(RECEIPTS, {"delivered": 1}, path={"contact_id": contact_id})

    assert (answer.status, answer.body) == (
        200, {"action": "ack", "of": "receipt", "contact_id": contact_id, "seq": 2}
    )  # fmt: skip
    assert api.read(contact_id).body["marks"]["visitor"] == {"delivered": 2, "read": 1}


def test_a_conversation_is_closed_once_however_often_the_call_is_repeated(api: Api) -> None:
    contact_id = api.start()
    call = {"id": "c1", "base": 2}

    answers = [api.call(CLOSE, call, path={"contact_id": contact_id}) for _ in range(2)]

    assert [(answer.status, answer.body["seq"]) for answer in answers] == [(200, 3), (200, 3)]
    assert [entry["kind"] for entry in api.read(contact_id).body["entries"]] == ["opened", "assigned", "closed"]


@pytest.mark.parametrize("route", [RECEIPTS, IDENTIFY, CLOSE])
def test_nobody_else_ends_a_conversation_tells_of_its_visitor_or_says_that_it_was_read(api: Api, route: str) -> None:
    contact_id = api.start()
    body = {"read": 2, "userInfo": {"plan": "gold"}}

    strangers = api.call(route, body, OTHER_DEVICE, path={"contact_id": contact_id})
    nobodys = api.call(route, body, None, path={"contact_id": contact_id})

    assert (strangers.status, nobodys.status) == (403, 401)
    assert len(api.read(contact_id).body["entries"]) == 2


@pytest.mark.parametrize(
    ("route", "body", "field"),
    [
        ("POST /chats/{contact_id}/receipts", {"read": -1}, "read"),
        ("POST /chats/{contact_id}/close", {"base": "2"}, "base"),
        ("POST /chats/{contact_id}/close", {"id": "a b"}, "id"),
        ("POST /chats/{contact_id}/identify", {"userInfo": "gold"}, "userInfo"),
        ("POST /chats/{contact_id}/identify", {"userInfo": {}, "base": -1}, "base"),
    ],
)
def test_a_receipt_details_or_an_end_that_is_wrong_is_refused_with_the_fields_name(
    api: Api, route: str, body: dict[str, object], field: str
) -> None:
    answer = api.call(route, body, path={"contact_id": api.start()})

    assert (answer.status, answer.body["field"]) == (400, field)


# Other people's pages


def contacts_in(api: Api) -> int:
    return len(api.dynamodb.scan(TableName=CONVERSATIONS)["Items"])


@pytest.mark.parametrize("route", [SEND, START])
def test_a_foreign_page_writes_nothing(api: Api, route: str) -> None:
    body = {"sellerId": "123456", "message": "Send it to another address", "userInfo": {"name": "Ana"}}
    before = contacts_in(api)

    answer = api.call(route, body, headers={"origin": "https://evil.example"})

    assert (answer.status, answer.body["code"]) == (403, "forbidden")
    assert contacts_in(api) == before


def test_a_page_of_the_shop_and_a_program_may_call(api: Api) -> None:
    body = {"sellerId": "123456", "userInfo": {"name": "Ana"}}

    assert api.call(START, body, headers={"origin": "https://shop.example"}).status == 200
    assert api.call(START, body).status == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "", "text/plain; application/json"]
)
def test_what_a_browser_sends_without_asking_first_is_not_taken(api: Api, content_type: str) -> None:
    before = contacts_in(api)

    answer = api.call(SEND, {"sellerId": "123456", "message": "Hello"}, headers={"content-type": content_type})

    assert (answer.status, answer.body["code"]) == (400, "bad_frame")
    assert "application/json" in answer.body["reason"]
    assert contacts_in(api) == before


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_taken_however_it_is_spelt(api: Api, content_type: str) -> None:
    body = {"sellerId": "123456", "message": "Hello"}

    assert api.call(SEND, body, headers={"content-type": content_type}).status == 200


# Reports of pages in trouble


def report(api: Api, body: object = FELT, **headers: str) -> Answer:
    """As a page does that is left: it names nobody, and may not ask first."""
    told = {"content-type": "text/plain;charset=UTF-8", "origin": "https://shop.example", **headers}
    return api.call(REPORT, body, None, headers=told)


def measured(lines: str) -> list[dict[str, Any]]:
    """The metrics of what was written, without when."""
    found = [json.loads(line) for line in lines.splitlines() if "_aws" in line]
    return [{name: value for name, value in each.items() if name != "_aws"} for each in found]


def test_what_a_page_tells_of_its_visitor_s_trouble_is_counted_by_the_environment_alone(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = report(api)

    assert (answer.status, answer.body) == (200, {})
    assert measured(capsys.readouterr().out) == [
        {
            "environment": "test",
            Metric.TROUBLED_PAGES: 1,
            Metric.PAGE_RECONNECTS: 2,
            Metric.PAGE_FAILED_SENDS: 1,
            Metric.PAGE_SLOWEST_SEND_MS: 12_000,
        }
    ]


def test_what_did_not_happen_on_a_page_is_no_value_of_a_metric(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    report(api, {**FELT, "failed_sends": 0, "slowest_send_ms": 0})

    assert measured(capsys.readouterr().out) == [
        {"environment": "test", Metric.TROUBLED_PAGES: 1, Metric.PAGE_RECONNECTS: 2}
    ]


@pytest.mark.parametrize("field", FELT)
@pytest.mark.parametrize("value", [-1, 600_001, 0.5, "1", True, [1]])
def test_a_report_that_no_page_could_make_counts_nothing(
    api: Api, capsys: pytest.CaptureFixture[str], field: str, value: object
) -> None:
    answer = report(api, {**FELT, field: value})

    assert (answer.status, answer.body["field"]) == (400, field)
    assert Metric.TROUBLED_PAGES not in capsys.readouterr().out


def test_a_foreign_page_counts_nothing(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(api, origin="https://evil.example").status == 403
    assert Metric.TROUBLED_PAGES not in capsys.readouterr().out


def test_reports_without_end_from_one_address_are_told_to_slow_down(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = 0
    # As many as it takes: the limit comes back while a slow machine is at it.
    while (status := report(api).status) == 200 and taken < 5000:
        taken += 1

    assert status == 429
    assert capsys.readouterr().out.count(Metric.TROUBLED_PAGES) == 2 * taken
