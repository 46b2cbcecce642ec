"""An AWS that behaves as scripted, on this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from chat.adapters.aws import attempts
from chat.adapters.aws.clients import Connections, DynamoDB, Surroundings

Behaviour = Callable[["Handler"], None]


class Aws(ThreadingHTTPServer):
    """Behaves as scripted, one behaviour a request, the last one for ever; counts requests and connections."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Behaviour] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.connections = 0
        self.surroundings = Surroundings(
            {
                "AWS_REGION": "eu-central-1",
                "AWS_ACCESS_KEY_ID": "an-id",
                "AWS_SECRET_ACCESS_KEY": "a-key",
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server_port}/stage",
            }
        )

    def process_request(self, *request: Any) -> None:
        self.connections += 1
        super().process_request(*request)

    def handle_error(self, *_request: Any) -> None:
        """Nothing: clients that give up are what these tests are about."""

    def behave(self, *script: Behaviour) -> None:
        self.script = list(script)

    def dynamodb(self, *, read_seconds: float = 5, attempts: int = 3) -> DynamoDB:
        return DynamoDB(self.surroundings, read_seconds=read_seconds, attempts=attempts)

    def management(self) -> Connections:
        return Connections(self.surroundings, read_seconds=5, attempts=2)


class Handler(BaseHTTPRequestHandler):
    server: Aws
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.command, self.path, headers, body))
        script = self.server.script
        (script.pop(0) if len(script) > 1 else script[0])(self)

    def do_DELETE(self) -> None:
        self.do_POST()

    def reply(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Nothing: a test's output is its result."""


def answers(status: int, content: object = None) -> Behaviour:
    raw = content if isinstance(content, bytes) else json.dumps(content or {}).encode()
    return lambda handler: handler.reply(status, raw)


def refuses(code: str, status: int = 400, **details: object) -> Behaviour:
    return answers(status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "No.", **details})


def hangs_up(handler: Handler) -> None:
    handler.close_connection = True
    handler.connection.close()


def answers_and_hangs_up(handler: Handler) -> None:
    handler.close_connection = True
    handler.reply(200, b"{}")


def breaks_off(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b'{"Items": [')
    handler.close_connection = True


def sleeps(seconds: float) -> Behaviour:
    return lambda _handler: time.sleep(seconds)


@pytest.fixture
def aws() -> Iterator[Aws]:
    server = Aws()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited between attempts; nobody waits."""
    waited: list[float] = []
    monkeypatch.setattr(attempts, "sleep", waited.append)
    monkeypatch.setattr(attempts, "uniform", lambda _least, most: most)
    return waited
