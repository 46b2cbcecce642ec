"""The shop's back end as seen from here, when it works and when it does not."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from chat.adapters.shop.chooser import ShopChooser
from chat.adapters.shop.directory import ShopDirectory
from chat.adapters.shop.events import ShopEvents
from chat.adapters.shop.http import MAX_RESPONSE_BYTES, ApiKey, JsonHttpClient, Patience, RefusedForGoodError
from chat.adapters.system import SystemClock
from chat.model.metrics import Metric
from chat.model.sellers import Seller
from chat.ports.shop import ContactRequest, DirectoryUnavailableError
from chat.ports.strategies import Ask
from tests.doubles.machine import RecordingJournal

if TYPE_CHECKING:
    from chat.model.entries import Json

pytestmark = pytest.mark.enable_socket

KEY = "key-that-nobody-may-see"
REQUEST = ContactRequest("start-1", "123456", {"name": "Ana"}, "visitor-7", "contact-1")
ASK = Ask("contact-1", "team", "visitor-7", {})
SELLERS = (Seller("ana", "team", 5, open_count=1), Seller("bo", "team", 5))
UNHURRIED = Patience(connect=5, read=1, total=20, first_pause=0.01)
IMPATIENT = Patience(connect=0.2, read=0.1, total=0.5, first_pause=0.01)

Behaviour = Callable[["ShopHandler"], None]


class ShopServer(ThreadingHTTPServer):
    """Behaves as scripted, one behaviour a request, the last one for ever; keeps the requests."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ShopHandler)
        self.script: list[Behaviour] = []
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_request: Any) -> None:
        """Nothing: clients that give up are what these tests are about."""

    def behave(self, *script: Behaviour) -> None:
        self.script = list(script)


class ShopHandler(BaseHTTPRequestHandler):
    server: ShopServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        script = self.server.script
        (script.pop(0) if len(script) > 1 else script[0])(self)

    def reply(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Nothing: a test's output is its result."""


def answers(status: int, content: object = None, **headers: str) -> Behaviour:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return lambda handler: handler.reply(status, raw, **headers)


def sleeps(seconds: float) -> Behaviour:
    return lambda _handler: time.sleep(seconds)


def hangs_up(handler: ShopHandler) -> None:
    handler.connection.close()


def hangs_up_in_mid_answer(handler: ShopHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b'{"contact_id": ')


def drips_headers(handler: ShopHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(100):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.02)


def sends_a_body_without_end(handler: ShopHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" " * 4096)


REGISTERED = answers(201, {"contact_id": "shop-42"})


@pytest.fixture
def shop() -> Iterator[ShopServer]:
    server = ShopServer()
    server.behave(REGISTERED)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def always(key: str) -> ApiKey:
    def read(*, fresh: bool) -> str:
        return key

    return read


the_key = always(KEY)


def register(url: str, **options: Any) -> str:
    client = JsonHttpClient(url, options.pop("api_key", the_key), options.pop("patience", UNHURRIED), **options)
    return ShopDirectory(client, RecordingJournal()).register(REQUEST).contact_id


def choose(shop: ShopServer) -> list[str]:
    ordered = ShopChooser(JsonHttpClient(shop.url, the_key, UNHURRIED)).order(ASK, SELLERS)
    return [seller.id for seller in ordered]


# Registering


def test_the_shop_learns_who_wants_to_talk_to_whom_and_its_contact_id_is_taken(shop: ShopServer) -> None:
    assert register(shop.url) == "shop-42"
    [(path, headers, body)] = shop.requests
    assert path == "/contacts"
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["idempotency-key"] == "start-1"
    assert body == {
        "seller_id": "123456",
        "user_info": {"name": "Ana"},
        "visitor": "visitor-7",
        "proposed_contact_id": "contact-1",
    }


@pytest.mark.parametrize("api_key", [the_key, always("")])
def test_how_long_the_shop_took_is_measured_whether_it_answered_or_not(shop: ShopServer, api_key: ApiKey) -> None:
    journal = RecordingJournal()
    with contextlib.suppress(DirectoryUnavailableError):
        ShopDirectory(JsonHttpClient(shop.url, api_key, UNHURRIED), journal).register(REQUEST)

    (measured,) = journal.measured
    assert 0 <= measured[Metric.DIRECTORY_MS] < 20_000


def test_a_path_in_the_address_is_kept(shop: ShopServer) -> None:
    register(shop.url + "/chat/v1/")
    assert shop.requests[0][0] == "/chat/v1/contacts"


def test_text_that_is_no_unicode_still_reaches_the_shop(shop: ShopServer) -> None:
    request = ContactRequest("start-1", "123456", {"name": "Zo\u00eb \ud800 नमस्ते"}, "visitor-7", "contact-1")
    ShopDirectory(JsonHttpClient(shop.url, the_key, UNHURRIED), RecordingJournal()).register(request)
    assert shop.requests[0][2]["user_info"] == {"name": "Zo\u00eb ? नमस्ते"}


@pytest.mark.parametrize("contact_id", [None, 7, "", "a b", "é", "x" * 65, "contact\n", ["shop-42"]])
def test_a_contact_id_that_no_contact_can_have_is_nonsense(shop: ShopServer, contact_id: object) -> None:
    shop.behave(answers(200, {"contact_id": contact_id}))
    with pytest.raises(DirectoryUnavailableError, match="no usable contact_id"):
        register(shop.url)
    assert len(shop.requests) == 1


# Trying again


@pytest.mark.parametrize(
    "failure",
    [answers(500), answers(503), answers(429), hangs_up, hangs_up_in_mid_answer, sleeps(1.2)],
    ids=["500", "503", "429", "hangs up", "hangs up in mid-answer", "slow"],
)
def test_what_may_pass_is_tried_again_under_the_same_idempotency_key(shop: ShopServer, failure: Behaviour) -> None:
    shop.behave(failure, REGISTERED)
    assert register(shop.url) == "shop-42"
    assert [headers["idempotency-key"] for _, headers, _ in shop.requests] == ["start-1", "start-1"]


def test_after_two_retries_the_shop_is_unavailable(shop: ShopServer) -> None:
    shop.behave(answers(503))
    with pytest.raises(DirectoryUnavailableError, match="answered 503"):
        register(shop.url)
    assert len(shop.requests) == 3


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 413, 422])
def test_a_refusal_is_never_tried_again(shop: ShopServer, status: int) -> None:
    shop.behave(answers(status, {"contact_id": "shop-42"}))
    with pytest.raises(DirectoryUnavailableError, match=f"answered {status}"):
        register(shop.url)
    assert len(shop.requests) == 1


@pytest.mark.parametrize(
    ("status", "for_good"),
    [
        *((status, True) for status in (400, 410, 413, 422)),
        *((status, False) for status in (302, 401, 403, 404, 409, 500)),
    ],
)
def test_a_refusal_of_what_was_sent_is_told_from_one_of_who_sent_it_where_and_when(
    shop: ShopServer, status: int, for_good: bool
) -> None:
    shop.behave(answers(status))
    with pytest.raises(DirectoryUnavailableError) as raised:
        register(shop.url)
    assert isinstance(raised.value, RefusedForGoodError) == for_good


def test_pauses_are_random_between_nothing_and_a_bound_that_doubles(shop: ShopServer) -> None:
    shop.behave(answers(500))
    bounds: list[tuple[float, float]] = []
    pauses: list[float] = []

    def the_longest(low: float, high: float) -> float:
        bounds.append((low, high))
        return high

    with pytest.raises(DirectoryUnavailableError):
        register(shop.url, patience=Patience(), uniform=the_longest, sleep=pauses.append)
    assert bounds == [(0, 0.2), (0, 0.4)]
    assert pauses == [0.2, 0.4]


def test_no_attempt_begins_after_the_budget_is_spent(shop: ShopServer) -> None:
    now = 100.0

    def answers_late(handler: ShopHandler) -> None:
        nonlocal now
        now += 2.9
        handler.reply(500, b"")

    shop.behave(answers_late)
    with pytest.raises(DirectoryUnavailableError, match="answered 500"):
        register(shop.url, patience=Patience(), clock=lambda: now, uniform=lambda _low, high: high, sleep=pytest.fail)
    assert len(shop.requests) == 1


# Slow, dead, hostile


@pytest.mark.parametrize("behaviour", [sleeps(2), drips_headers], ids=["silent", "drips headers"])
def test_nobody_waits_longer_than_the_budget(shop: ShopServer, behaviour: Behaviour) -> None:
    shop.behave(behaviour)
    started = time.monotonic()
    with pytest.raises(DirectoryUnavailableError, match="no answer"):
        register(shop.url, patience=IMPATIENT)
    assert time.monotonic() - started < IMPATIENT.total + 0.3


def test_a_slow_name_server_does_not_break_the_budget(shop: ShopServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def never_resolves(*_args: object, **_named: object) -> None:
        time.sleep(1)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", never_resolves)
    started = time.monotonic()
    with pytest.raises(DirectoryUnavailableError, match="no answer in time"):
        register("https://shop.example", patience=IMPATIENT)
    assert time.monotonic() - started < IMPATIENT.total + 0.3


def test_the_budget_is_three_seconds() -> None:
    assert Patience() == Patience(connect=0.5, read=1.5, total=3.0, retries=2, first_pause=0.2)


def test_nobody_listening_is_unavailable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(DirectoryUnavailableError, match="NewConnectionError"):
            register(f"http://127.0.0.1:{unused.getsockname()[1]}")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(shop: ShopServer, status: int) -> None:
    shop.behave(answers(status, Location=f"{shop.url}/elsewhere"), REGISTERED)
    with pytest.raises(DirectoryUnavailableError, match=f"answered {status}"):
        register(shop.url)
    assert [path for path, _, _ in shop.requests] == ["/contacts"]


@pytest.mark.parametrize("content", [b"<html>Welcome</html>", b"", b"\xff\xfe", b"[" * 60_000])
def test_an_answer_that_is_not_json_is_nonsense(shop: ShopServer, content: bytes) -> None:
    shop.behave(answers(200, content))
    with pytest.raises(DirectoryUnavailableError, match="else than JSON"):
        register(shop.url)


@pytest.mark.parametrize("content", [None, [], "shop-42", 42])
def test_json_that_is_no_object_is_nonsense(shop: ShopServer, content: object) -> None:
    shop.behave(answers(200, content))
    with pytest.raises(DirectoryUnavailableError, match="not an object"):
        register(shop.url)


@pytest.mark.parametrize(
    "behaviour", [answers(200, b" " * (MAX_RESPONSE_BYTES + 1)), sends_a_body_without_end], ids=["announced", "endless"]
)
def test_a_huge_answer_is_not_read_to_its_end(shop: ShopServer, behaviour: Behaviour) -> None:
    shop.behave(behaviour)
    with pytest.raises(DirectoryUnavailableError, match="more than 65536 bytes"):
        register(shop.url)
    assert len(shop.requests) == 1


def test_an_answer_of_just_the_allowed_size_is_read(shop: ShopServer) -> None:
    shop.behave(answers(200, b'{"contact_id": "shop-42"}'.ljust(MAX_RESPONSE_BYTES)))
    assert register(shop.url) == "shop-42"


# The key


def test_a_rotated_key_is_read_again_once(shop: ShopServer) -> None:
    shop.behave(answers(401), REGISTERED)
    asked: list[bool] = []

    def rotated(*, fresh: bool) -> str:
        asked.append(fresh)
        return "new" if fresh else "old"

    assert register(shop.url, api_key=rotated) == "shop-42"
    assert [headers["authorization"] for _, headers, _ in shop.requests] == ["Bearer old", "Bearer new"]
    assert asked == [False, True]


def test_an_event_shows_its_signature_and_not_the_key(shop: ShopServer) -> None:
    event: dict[str, Json] = {"id": "contact-1/1"}
    ShopEvents(JsonHttpClient(shop.url, the_key, UNHURRIED), SystemClock()).deliver(event)

    (_, headers, body) = shop.requests[0]
    assert body == event
    assert "authorization" not in headers
    assert KEY not in str(headers)
    assert headers["webhook-signature"].startswith("v1,")


def test_a_key_that_is_still_refused_is_not_tried_a_third_time(shop: ShopServer) -> None:
    shop.behave(answers(401))
    with pytest.raises(DirectoryUnavailableError, match="answered 401"):
        register(shop.url)
    assert len(shop.requests) == 2


@pytest.mark.parametrize("key", ["", " ", "two words", "line\nbreak", "clé"])
def test_a_key_that_no_header_can_carry_is_never_sent(shop: ShopServer, key: str) -> None:
    with pytest.raises(DirectoryUnavailableError, match="API key is empty or holds"):
        register(shop.url, api_key=always(key))
    assert shop.requests == []


def test_the_line_break_at_the_end_of_a_stored_key_does_no_harm(shop: ShopServer) -> None:
    register(shop.url, api_key=always(KEY + "\n"))
    assert shop.requests[0][1]["authorization"] == f"Bearer {KEY}"


def test_a_key_that_cannot_be_read_makes_the_shop_unavailable(shop: ShopServer) -> None:
    def unreadable(*, fresh: bool) -> str:
        raise DirectoryUnavailableError("the API key could not be read")

    with pytest.raises(DirectoryUnavailableError, match="could not be read"):
        register(shop.url, api_key=unreadable)


@pytest.mark.parametrize("behaviour", [REGISTERED, answers(500), answers(401), hangs_up, answers(302, Location="/x")])
def test_neither_logs_nor_errors_hold_the_key_or_what_the_visitor_told(
    shop: ShopServer, caplog: pytest.LogCaptureFixture, behaviour: Behaviour
) -> None:
    caplog.set_level(logging.DEBUG)
    shop.behave(behaviour)
    told = caplog.text
    try:
        register(shop.url)
    except DirectoryUnavailableError as error:
        told += repr(error) + repr(error.__cause__) + repr(error.__context__)
    told += caplog.text
    assert "urllib3" in told
    assert KEY not in told
    assert "Ana" not in told


# The address


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example",
        "http://127.0.0.1.shop.example",
        "http://10.0.0.1",
        "ftp://shop.example",
        "shop.example",
        "",
        "https://",
        "https://user:password@shop.example",
        "https://shop.example/?key=1",
        "https://shop.example/#x",
    ],
)
def test_only_https_and_nothing_but_an_address_is_configured(url: str) -> None:
    with pytest.raises(ValueError, match="must b"):
        JsonHttpClient(url, the_key)


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.8.8.8", "http://[::1]:1", "https://shop.example/a"])
def test_https_and_plain_http_to_this_machine_itself_are_accepted(url: str) -> None:
    JsonHttpClient(url, the_key)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure_shop(shop: ShopServer, authority: trustme.CA) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    shop.socket = context.wrap_socket(shop.socket, server_side=True)
    return f"https://localhost:{shop.server_port}"


def test_a_certificate_of_a_known_authority_is_accepted(
    secure_shop: str, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    assert register(secure_shop, patience=Patience()) == "shop-42"


def test_a_certificate_of_an_unknown_authority_is_refused_before_anything_is_sent(
    secure_shop: str, shop: ShopServer
) -> None:
    with pytest.raises(DirectoryUnavailableError, match="certificate or protocol not accepted"):
        register(secure_shop)
    assert shop.requests == []


def test_a_certificate_for_another_host_is_refused(
    secure_shop: str, shop: ShopServer, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with pytest.raises(DirectoryUnavailableError, match="certificate or protocol not accepted"):
        register(secure_shop.replace("localhost", "127.0.0.1"))
    assert shop.requests == []


# Choosing


def test_the_shop_is_told_the_candidates_and_their_loads(shop: ShopServer) -> None:
    shop.behave(answers(200, {"seller_id": "bo"}))
    assert choose(shop) == ["bo"]
    [(path, _, body)] = shop.requests
    assert path == "/sellers/choose"
    assert body == {
        "contact_id": "contact-1",
        "seller_id": "team",
        "visitor": "visitor-7",
        "user_info": {},
        "candidates": [
            {"seller_id": "ana", "open_contacts": 1, "capacity": 5},
            {"seller_id": "bo", "open_contacts": 0, "capacity": 5},
        ],
    }


def test_the_shop_may_let_the_contact_wait(shop: ShopServer) -> None:
    shop.behave(answers(200, {"seller_id": None}))
    assert choose(shop) == []


@pytest.mark.parametrize("answer", [{}, {"seller_id": "eve"}, {"seller_id": 5}, {"seller_id": ["bo"]}])
def test_a_choice_that_was_not_offered_is_nonsense(shop: ShopServer, answer: dict[str, object]) -> None:
    shop.behave(answers(200, answer))
    with pytest.raises(DirectoryUnavailableError, match=r"without seller_id|not asked about"):
        choose(shop)
