"""One conversation, in which each frame is taken by one of two releases, and each reads what the other wrote."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
import urllib3
import yaml
from jsonschema import Draft202012Validator
from moto.server import ThreadedMotoServer

from tests.compatibility.releases import NoReleaseError, last_release, unpack
from tests.compatibility.sandbox import Sandbox
from tests.infrastructure.synthesis import PROJECT
from tests.worlds.deployment import DEVICE, SELLER, VISITOR
from tests.worlds.tables import CONVERSATIONS, create_tables

pytestmark = pytest.mark.enable_socket


@dataclass
class Cloud:
    """Tables, and the frames that were pushed to connections."""

    url: str
    tables: Any
    pushed: list[tuple[str, dict[str, Any]]]

    def items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.tables.scan(TableName=CONVERSATIONS)["Items"]
        return found


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    pushed: list[tuple[str, dict[str, Any]]] = []
    behind = f"http://{host}:{port}"

    class Front(BaseHTTPRequestHandler):
        """Keeps what is pushed, and hands on all else."""

        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path.startswith("/posts/"):
                pushed.append((self.path.rsplit("/", 1)[-1], json.loads(content)))
                self._answer(200, b"")
                return
            answer = urllib3.request("POST", behind + self.path, body=content, headers=dict(self.headers))
            self._answer(answer.status, answer.data)

        def _answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    front = ThreadingHTTPServer(("127.0.0.1", 0), Front)
    Thread(target=front.serve_forever, daemon=True).start()
    account = boto3.Session("nobody", "nothing", region_name="eu-central-1")
    tables = account.client("dynamodb", endpoint_url=behind)
    create_tables(tables)
    yield Cloud(f"http://127.0.0.1:{front.server_port}", tables, pushed)
    front.shutdown()
    front.server_close()
    moto.stop()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of the release before.

    An archive of the project has no past: these tests are skipped there, unless RELEASE_TESTS is `required`.
    """
    try:
        return unpack(last_release(), tmp_path_factory.mktemp("before"))
    except NoReleaseError as missing:
        if os.environ.get("RELEASE_TESTS") == "required":
            raise
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def sandboxes(cloud: Cloud, before: Path) -> Iterator[dict[str, Sandbox]]:
    with Sandbox(before, cloud.url) as old, Sandbox(PROJECT, cloud.url) as new:
        yield {"old": old, "new": new}


class Talk:
    """A visitor and a seller, whose frames are taken by releases in turn."""

    numbers = itertools.count()

    def __init__(self, sandboxes: dict[str, Sandbox], order: tuple[str, ...]) -> None:
        self._taken_by = itertools.cycle([sandboxes[each] for each in order])
        number = next(self.numbers)
        self.visitor = VISITOR.__class__(f"{DEVICE}-{number}", VISITOR.role)
        self.seller = SELLER.__class__(f"seller-{number}", SELLER.role)
        self.at = {self.visitor: f"visitor-{number}", self.seller: f"desk-{number}"}
        self.answers: list[dict[str, Any]] = []
        for person, connection_id in self.at.items():
            next(self._taken_by).connect(person, connection_id)

    def send(self, person: Any, action: str, **fields: object) -> dict[str, Any]:
        answer = next(self._taken_by).send(person, self.at[person], action=action, **fields)
        assert answer.get("action") != "error", answer
        self.answers.append(answer)
        return answer

    def whole(self) -> list[str]:
        """A conversation with all that usually happens; what everyone reads in the end."""
        contact = self.send(self.visitor, "InitChat", sellerId=self.seller.user_id, userInfo={"name": "Bo"})[
            "contact_id"
        ]
        self.send(self.seller, "presence", status="online")
        self.send(self.visitor, "sendMessage", contact_id=contact, message="One", id="m1", base=0)
        self.send(self.visitor, "sendMessage", contact_id=contact, message="One", id="m1", base=0)
        self.send(self.seller, "inbox", status="open")
        self.send(self.seller, "sendMessage", contact_id=contact, message="Two", id="m2")
        self.send(self.visitor, "receipt", contact_id=contact, delivered=3, read=3)
        self.send(self.seller, "typing", contact_id=contact, typing=True)
        self.send(self.seller, "closeChat", contact_id=contact)
        self.send(self.visitor, "sendMessage", contact_id=contact, message="Three", id="m3")
        self.send(self.visitor, "closeChat", contact_id=contact)
        read = [self.send(who, "sync", contact_id=contact, after=0)["entries"] for who in (self.visitor, self.visitor)]
        assert read[0] == read[1]
        return [f"{each['seq']} {each['kind']} {each.get('message', '')}".strip() for each in read[0]]


WHOLE = ["opened", "assigned", "message One", "message Two", "closed", "reopened", "message Three", "closed"]
ORDERS = [("old",), ("new",), ("old", "new"), ("new", "old"), ("old", "old", "new"), ("new", "new", "old")]


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_a_conversation_is_the_same_whichever_release_takes_a_frame(
    sandboxes: dict[str, Sandbox], order: tuple[str, ...]
) -> None:
    read = Talk(sandboxes, order).whole()

    assert read == [f"{number} {each}" for number, each in enumerate(WHOLE, start=1)]


def test_a_client_of_the_release_before_understands_all_that_is_answered_and_pushed_today(
    sandboxes: dict[str, Sandbox], cloud: Cloud, before: Path
) -> None:
    cloud.pushed.clear()
    talk = Talk(sandboxes, ("new",))
    talk.whole()
    told = [*filter(None, talk.answers), *(frame for _, frame in cloud.pushed)]

    assert {frame["action"] for frame in told} >= {"InitChat", "ack", "entry", "sendMessage", "sync", "inbox"}
    assert [(frame, problem) for frame in told for problem in problems(frame, before)] == []


def test_what_is_renamed_or_missing_is_seen(before: Path) -> None:
    ack = {
        "action": "ack",
        "of": "sendMessage",
        "contact_id": "c",
        "seq": 3,
        "id": "m1",
        "at": "2026-01-01T00:00:00.000Z",
    }
    assert problems(ack, before) == []
    assert problems({**ack, "action": "acknowledged"}, before) != []
    assert problems({name: value for name, value in ack.items() if name != "seq"} | {"number": 3}, before) != []


def test_an_entry_whose_fields_are_renamed_is_not_read_by_the_release_before(
    cloud: Cloud, sandboxes: dict[str, Sandbox], tmp_path: Path
) -> None:
    """What this suite is for: the change that it must not let through, made on purpose."""
    broken = Path(shutil.copytree(PROJECT / "lambdas", tmp_path / "lambdas")).parent
    adapter = broken / "lambdas" / "chat" / "adapters" / "dynamodb" / "conversations.py"
    text = adapter.read_text(encoding="utf-8")
    assert '"kind"' in text
    adapter.write_text(text.replace('"kind"', '"sort"'), encoding="utf-8")

    with Sandbox(broken, cloud.url) as incompatible, pytest.raises((AssertionError, json.JSONDecodeError)):
        Talk({**sandboxes, "broken": incompatible}, ("old", "broken")).whole()


def test_a_release_that_is_not_here_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoReleaseError, match="git fetch --unshallow"):
        unpack("0" * 40, tmp_path)


def problems(frame: dict[str, Any], release: Path) -> list[str]:
    """What a client that knows only this release's document cannot read of a frame; more fields are none."""
    document = yaml.safe_load((release / "docs" / "asyncapi.yaml").read_text(encoding="utf-8"))
    schemas = [_tolerant(each["payload"]) for each in document["components"]["messages"].values()]
    errors = []
    for schema in schemas:
        validator = Draft202012Validator({**schema, "components": _tolerant(document["components"])})
        found = [error.message for error in validator.iter_errors(frame)]
        if not found:
            return []
        errors += found
    return errors[:3] or ["no schema"]


def _tolerant(schema: Any) -> Any:
    """The same without what refuses fields that are not known."""
    if isinstance(schema, dict):
        return {
            name: _tolerant(value)
            for name, value in schema.items()
            if name not in {"additionalProperties", "unevaluatedProperties"}
        }
    return [_tolerant(each) for each in schema] if isinstance(schema, list) else schema
