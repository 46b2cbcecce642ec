"""What docs/php-backend.md promises, asked of the reference back end."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from datetime import timedelta
from functools import partial

import jwt
import pytest

from chat.access.tokens import seller_of
from tests.php_backend.shop import API_KEY, TOKEN_SECRET, Shop, signature

pytestmark = pytest.mark.enable_socket


def event(seq: int, *, id: str | None = None, type: str = "message.created", **data: object) -> dict[str, object]:  # noqa: A002
    return {
        "id": id or f"contact-1/{seq}",
        "type": type,
        "timestamp": "2026-11-23T10:00:00.000Z",
        "data": {"contact_id": "contact-1", "seq": seq, **data},
    }


# Contacts


def test_a_contact_is_registered_under_the_proposed_id(shop: Shop) -> None:
    assert shop.register("start-1", "contact-1", user_info={"name": "Zoë", "cart": {}}) == (
        201,
        {"contact_id": "contact-1"},
    )
    status, answer = shop.call("GET", "/contacts/contact-1")
    assert status == 200
    assert answer["contact"]["seller_id"] == "123456"
    assert answer["contact"]["visitor"] == "visitor-7"
    assert answer["contact"]["user_info"] == {"name": "Zoë", "cart": {}}


def test_the_same_start_made_again_gives_the_same_contact(shop: Shop) -> None:
    shop.register("start-1", "contact-1")
    assert shop.register("start-1", "contact-2") == (200, {"contact_id": "contact-1"})
    assert shop.call("GET", "/contacts/contact-2")[0] == 404


def test_one_start_made_many_times_at_once_gives_one_contact(shop: Shop) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: shop.register("start-1", f"contact-{number}"), range(24)))
    assert len({answer["contact_id"] for _, answer in answers}) == 1
    assert sorted(status for status, _ in answers) == [200] * 23 + [201]


def test_an_id_that_another_contact_has_is_refused(shop: Shop) -> None:
    shop.register("start-1", "contact-1")
    status, answer = shop.register("start-2", "contact-1")
    assert status == 409
    assert "Propose a new one" in answer["error"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seller_id", ""),
        ("seller_id", 123456),
        ("user_info", []),
        ("user_info", "Ana"),
        ("visitor", "two words"),
        ("proposed_contact_id", "contact\n"),
        ("proposed_contact_id", "x" * 65),
        ("proposed_contact_id", None),
    ],
)
def test_a_wrong_field_is_named(shop: Shop, field: str, value: object) -> None:
    status, answer = shop.register("start-1", "contact-1", **{field: value})
    assert status == 400
    assert f"'{field}'" in answer["error"]


def test_a_contact_needs_an_idempotency_key(shop: Shop) -> None:
    status, answer = shop.register("", "contact-1")
    assert status == 400
    assert "Idempotency-Key" in answer["error"]


def test_text_that_looks_like_sql_is_text(shop: Shop) -> None:
    name = "'); DROP TABLE contacts; --"
    shop.register("start-1';--", "contact-1", user_info={"name": name})
    assert shop.call("GET", "/contacts/contact-1")[1]["contact"]["user_info"] == {"name": name}


# The key


@pytest.mark.parametrize("key", [None, "wrong", API_KEY + "x", API_KEY[:-1], ""])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/contacts"), ("GET", "/contacts/contact-1"), ("POST", "/sellers/choose"), ("POST", "/events")],
)
def test_nothing_is_done_without_the_key(shop: Shop, method: str, path: str, key: str | None) -> None:
    status, answer = shop.call(method, path, {}, key=key, Idempotency_Key="start-1")
    assert status == 401
    assert "API key" in answer["error"]


def test_while_a_key_is_rotated_both_are_good(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(PHP_API_KEY="the-new-key-of-the-shop the-old-key-of-the-shop")
    for key in ("the-new-key-of-the-shop", "the-old-key-of-the-shop"):
        assert shop.call("GET", "/contacts/contact-1", key=key)[0] == 404
    assert shop.call("GET", "/contacts/contact-1", key="the-new-key-of-the-shop the-old-key-of-the-shop")[0] == 401


@pytest.mark.parametrize("key", ["", "short"])
def test_a_shop_without_a_proper_key_lets_nobody_in_and_says_why_in_its_log(
    open_shop: Callable[..., Shop], key: str
) -> None:
    shop = open_shop(PHP_API_KEY=key)
    assert shop.call("GET", "/contacts/contact-1", key=key)[0] == 500
    assert "PHP_API_KEY must be set" in shop.log


# Choosing a seller


def ask(shop: Shop, *candidates: tuple[str, int, int]) -> tuple[int, object]:
    offered = [{"seller_id": name, "open_contacts": count, "capacity": most} for name, count, most in candidates]
    question = {"contact_id": "contact-2", "seller_id": "team", "visitor": "visitor-7", "user_info": {}}
    return shop.call("POST", "/sellers/choose", {**question, "candidates": offered})


def test_the_seller_with_the_fewest_open_contacts_is_chosen(shop: Shop) -> None:
    assert ask(shop, ("ana", 3, 5), ("bo", 1, 5), ("cy", 2, 5)) == (200, {"seller_id": "bo"})


def test_nobody_is_chosen_when_nobody_has_time(shop: Shop) -> None:
    assert ask(shop, ("ana", 5, 5), ("bo", 0, 0)) == (200, {"seller_id": None})
    assert ask(shop) == (200, {"seller_id": None})


def test_a_visitor_comes_back_to_whom_he_talked_to_last_if_that_seller_has_time(shop: Shop) -> None:
    shop.register("start-1", "contact-1")
    shop.send(event(2, type="contact.assigned", seller_id="bo"))
    shop.send(event(5, type="contact.transferred", seller_id="ana"))
    assert ask(shop, ("ana", 3, 5), ("bo", 1, 5)) == (200, {"seller_id": "ana"})
    assert ask(shop, ("ana", 5, 5), ("bo", 1, 5)) == (200, {"seller_id": "bo"})


@pytest.mark.parametrize("candidates", [None, {}, ["ana"], [{"seller_id": "ana"}], [{"open_contacts": -1}]])
def test_candidates_that_are_none_are_refused(shop: Shop, candidates: object) -> None:
    assert shop.call("POST", "/sellers/choose", {"visitor": "visitor-7", "candidates": candidates})[0] == 400


# Events


def received(shop: Shop) -> list[int]:
    return [event["data"]["seq"] for event in shop.call("GET", "/contacts/contact-1")[1]["events"]]


def test_a_signed_event_is_kept(shop: Shop) -> None:
    sent = event(1, message="Hello ✨", extra={})
    assert shop.send(sent) == (200, {"id": "contact-1/1", "duplicate": False})
    assert shop.call("GET", "/contacts/contact-1")[1]["events"] == [sent]


def test_an_event_sent_again_is_kept_once(shop: Shop) -> None:
    shop.send(event(1, message="first"))
    assert shop.send(event(1, message="second")) == (200, {"id": "contact-1/1", "duplicate": True})
    [kept] = shop.call("GET", "/contacts/contact-1")[1]["events"]
    assert kept["data"]["message"] == "first"


def test_events_out_of_order_are_read_in_order_and_a_hole_shows(shop: Shop) -> None:
    for seq in (4, 1, 2, 4):
        shop.send(event(seq))
    assert received(shop) == [1, 2, 4]
    assert shop.call("GET", "/contacts/contact-1")[1]["complete_up_to"] == 2
    shop.send(event(3))
    assert received(shop) == [1, 2, 3, 4]
    assert shop.call("GET", "/contacts/contact-1")[1]["complete_up_to"] == 4


def test_another_event_under_a_number_that_is_taken_is_refused_for_good(shop: Shop) -> None:
    shop.send(event(1))
    status, answer = shop.send(event(1, id="another"))
    assert status == 422
    assert "number" in answer["error"]
    assert received(shop) == [1]


def test_events_may_come_before_their_contact_is_registered(shop: Shop) -> None:
    shop.send(event(1))
    assert shop.call("GET", "/contacts/contact-1")[1]["contact"] is None
    shop.register("start-1", "contact-1")
    assert shop.call("GET", "/contacts/contact-1")[1]["contact"]["contact_id"] == "contact-1"
    assert received(shop) == [1]


def erasure(*contacts: str, timestamp: str = "2126-11-23T10:00:00.000Z") -> dict[str, object]:
    data = {"visitor": "visitor-7", "contact_ids": list(contacts), "timestamp": timestamp}
    return {"id": f"visitor-7/erased/{timestamp}", "type": "visitor.erased", "timestamp": timestamp, "data": data}


def test_of_a_visitor_who_was_erased_nothing_is_kept_and_nothing_taken_that_comes_late(shop: Shop) -> None:
    shop.register("start-1", "contact-1")
    shop.register("start-2", "contact-of-long-ago")
    shop.register("start-3", "contact-of-another", visitor="visitor-8")
    shop.send(event(1))

    assert shop.send(erasure("contact-1", "contact-never-heard-of"))[0] == 200
    assert shop.send(event(2, message="canary")) == (200, {"id": "contact-1/2", "duplicate": True})

    assert [
        shop.call("GET", f"/contacts/{name}")[0] for name in ("contact-1", "contact-of-long-ago", "contact-of-another")
    ] == [404, 404, 200]
    assert b"canary" not in shop.database.read_bytes()


@pytest.mark.parametrize("late", ["event", "registration"])
def test_what_comes_at_the_very_moment_of_an_erasure_is_not_kept_either(shop: Shop, late: str) -> None:
    shop.register("start-0", "contact-0")
    send = partial(shop.send, event(1)) if late == "event" else partial(shop.register, "start-1", "contact-1")
    with ThreadPoolExecutor() as threads, closing(sqlite3.connect(shop.database, isolation_level=None)) as erasing:
        erasing.execute("BEGIN IMMEDIATE")
        erasing.execute("INSERT INTO erased (contact_id) VALUES ('contact-1')")
        # It looks before the erasure is there to be seen, and writes once that is through.
        coming = threads.submit(send)
        wait([coming], timeout=0.3)
        erasing.execute("COMMIT")

    assert coming.result()[0] in {200, 503}
    assert shop.call("GET", "/contacts/contact-1")[0] == 404


def test_a_contact_that_was_erased_is_registered_no_more(shop: Shop) -> None:
    shop.register("start-1", "contact-1")
    shop.send(erasure("contact-1"))

    assert shop.register("start-1", "contact-1") == (200, {"contact_id": "contact-1"})
    assert shop.call("GET", "/contacts/contact-1")[0] == 404


def test_an_erasure_that_comes_again_forgets_nothing_newer(shop: Shop) -> None:
    told = erasure("contact-1", timestamp="2026-01-01T10:00:00.000Z")
    shop.send(told)
    shop.register("start-2", "contact-2")

    assert shop.send(told)[0] == 200
    assert shop.call("GET", "/contacts/contact-2")[0] == 200


@pytest.mark.parametrize("contacts", [None, {}, "contact-1", [1], ["two words"]])
def test_an_erasure_without_contacts_is_refused(shop: Shop, contacts: object) -> None:
    told = erasure("contact-1")
    told["data"] = {"visitor": "visitor-7", "contact_ids": contacts, "timestamp": told["timestamp"]}
    assert shop.send(told)[0] == 400


def test_an_event_without_a_signature_needs_the_key(shop: Shop) -> None:
    assert shop.call("POST", "/events", event(1))[0] == 200
    assert received(shop) == [1]


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook_signature": "v1,AAAA"},
        {"webhook_signature": "v1a,AAAA"},
        {"webhook_signature": "nonsense"},
        {"webhook_id": "contact-1/2"},
        {"webhook_timestamp": "1"},
        {"webhook_timestamp": "soon"},
        {"webhook_timestamp": ""},
    ],
)
def test_a_bad_signature_is_refused_even_beside_a_good_key(shop: Shop, headers: dict[str, str]) -> None:
    assert shop.send(event(1), Authorization=f"Bearer {API_KEY}", **headers)[0] == 401
    assert shop.call("GET", "/contacts/contact-1")[0] == 404


def test_a_changed_body_is_refused(shop: Shop) -> None:
    assert shop.send(event(1, message="Hell"), **signature(event(1, message="Hello")))[0] == 401


@pytest.mark.parametrize("sign", [1, -1], ids=["past", "future"])
def test_a_signature_is_good_for_five_minutes(shop: Shop, sign: int) -> None:
    status, answer = shop.send(event(1), **signature(event(1), age=timedelta(seconds=310) * sign))
    assert status == 401
    assert "webhook-timestamp" in answer["error"]
    assert shop.send(event(1), **signature(event(1), age=timedelta(seconds=290) * sign))[0] == 200


def test_one_good_signature_among_several_is_enough_while_a_secret_is_rotated(shop: Shop) -> None:
    new = signature(event(1), secret="whsec_" + "bmV3" * 8)["webhook_signature"]
    old = signature(event(1))["webhook_signature"]
    assert shop.send(event(1), webhook_signature=new)[0] == 401
    assert shop.send(event(1), webhook_signature=f"{new} {old}")[0] == 200


def test_an_event_signed_under_another_id_is_refused(shop: Shop) -> None:
    status, answer = shop.send(event(1), **signature(event(1), webhook_id="contact-1/9"))
    assert status == 400
    assert "webhook-id" in answer["error"]


@pytest.mark.parametrize(
    "broken",
    [
        {"id": "an id"},
        {"type": "Message Created"},
        {"timestamp": "yesterday"},
        {"data": []},
        {"data": {"contact_id": "contact-1"}},
        {"data": {"contact_id": "contact-1", "seq": 0}},
        {"data": {"contact_id": "contact-1", "seq": "1"}},
        {"data": {"contact_id": "contact-1", "seq": 1.5}},
        {"data": {"contact_id": "a b", "seq": 1}},
    ],
)
def test_an_event_that_is_none_is_refused(shop: Shop, broken: dict[str, object]) -> None:
    assert shop.call("POST", "/events", {**event(1), **broken})[0] == 400


# Tokens


def test_a_seller_who_has_signed_in_gets_a_token_that_the_chat_believes(shop: Shop) -> None:
    status, answer = shop.call("POST", "/seller-token", key=None, Cookie=shop.sign_in("123456"))
    assert status == 200
    assert answer["expires_in"] == 3600
    seller = seller_of(answer["token"], TOKEN_SECRET)
    assert seller.user_id == "123456"
    claims = jwt.decode(answer["token"], TOKEN_SECRET, algorithms=["HS256"], audience="seller-chat")
    assert claims["exp"] - claims["iat"] == 3600
    assert {name: claims[name] for name in ("sub", "role", "iss", "aud")} == {
        "sub": "123456",
        "role": "seller",
        "iss": "seller-chat",
        "aud": "seller-chat",
    }


@pytest.mark.parametrize("headers", [{}, {"Cookie": "PHPSESSID=0123456789abcdef0123456789abcdef"}])
def test_nobody_else_gets_a_token(shop: Shop, headers: dict[str, str]) -> None:
    assert shop.call("POST", "/seller-token", **headers) == (401, {"error": "Sign in first."})


def test_a_short_secret_signs_no_token(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(SELLER_TOKEN_SECRET="short")
    assert shop.call("POST", "/seller-token", Cookie=shop.sign_in("123456"))[0] == 500
    assert "SELLER_TOKEN_SECRET must be set" in shop.log


# Everything else


@pytest.mark.parametrize(
    "path", ["/", "/src/Api.php", "/index.php", "/../src/Api.php", "/contacts/a/b", "/var/chat.sqlite"]
)
def test_what_is_not_there_is_not_there(shop: Shop, path: str) -> None:
    assert shop.call("GET", path)[0] == 404


def test_a_wrong_method_is_told_the_right_one(shop: Shop) -> None:
    assert shop.call("GET", "/contacts") == (405, {"error": "Use POST."})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b'{"a":' * 100])
def test_a_body_that_is_no_json_object_is_refused(shop: Shop, body: bytes) -> None:
    assert shop.call("POST", "/contacts", body, Idempotency_Key="start-1")[0] == 400


def test_a_number_that_no_reader_of_json_has_is_refused(shop: Shop) -> None:
    content = json.dumps(event(1, message="7e7")).replace('"7e7"', "1e999").encode()

    assert shop.call("POST", "/events", content)[0] == 400


def test_a_body_that_is_too_large_is_refused(shop: Shop) -> None:
    assert shop.call("POST", "/contacts", b" " * 131_073)[0] == 413


def test_below_a_base_path_the_contract_is_the_same(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(BASE_PATH="/chat/v1/")
    assert shop.call("GET", "/contacts/contact-1")[1] == {"error": "There is no such thing here."}
    assert shop.call("POST", "/chat/v1/events", event(1))[0] == 200


def test_a_database_that_cannot_be_opened_asks_for_another_try(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(DATABASE_FILE="/")
    status, answer = shop.register("start-1", "contact-1")
    assert status == 503
    assert "Send the same request again" in answer["error"]


def test_neither_answers_nor_logs_hold_secrets_or_what_visitors_told(shop: Shop) -> None:
    answers = [
        shop.register("start-1", "contact-1", user_info={"name": "Canary"}),
        shop.register("start-2", "contact-1", user_info={"name": "Canary"}),
        shop.send(event(1, message="Canary"), webhook_signature="v1,AAAA"),
        shop.call("POST", "/contacts", {"name": "Canary"}),
    ]
    told = repr(answers) + shop.log
    for secret in ("Canary", API_KEY, TOKEN_SECRET, "whsec_"):
        assert secret not in told
