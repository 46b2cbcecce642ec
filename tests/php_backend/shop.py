"""The reference back end, run by PHP's own web server."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import urllib3
from standardwebhooks import Webhook

EXAMPLE = Path(__file__).parents[2] / "examples" / "php-backend"
API_KEY = "an-api-key-of-the-tests"
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOKEN_SECRET = "a-secret-that-the-shop-and-the-chat-share"


def signature(
    event: dict[str, object],
    *,
    webhook_id: str | None = None,
    secret: str = WEBHOOK_SECRET,
    age: timedelta = timedelta(),
) -> dict[str, str]:
    """The headers that Standard Webhooks has for an event sent `age` ago, under its own id unless another is given."""
    webhook_id = webhook_id or str(event["id"])
    moment = datetime.now(UTC) - age
    return {
        "webhook_id": webhook_id,
        "webhook_timestamp": str(int(moment.timestamp())),
        "webhook_signature": Webhook(secret).sign(webhook_id, moment, json.dumps(event)),
    }


def missing() -> str | None:
    """What must be installed before these tests can run."""
    if not all(map(shutil.which, ("php", "curl", "openssl"))):
        return "PHP, curl or openssl is missing: apt-get install -y php-cli php-sqlite3 curl openssl"
    modules = subprocess.run(["php", "-m"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    return None if "pdo_sqlite" in modules else "PHP's SQLite driver is missing: apt-get install -y php-sqlite3"


@dataclass
class Shop:
    """One shop: a folder with its database and sessions, and, while it is up, a web server."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    _running: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / "data" / "chat.sqlite"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def start(self) -> None:
        """Open the shop, on the same port as before if it was open already."""
        self.port = self.port or _free_port()
        command = ["php", "-d", f"session.save_path={self.folder}", "-S", f"127.0.0.1:{self.port}", "public/index.php"]
        log = self._running.enter_context((self.folder / "log").open("a"))
        server = subprocess.Popen(  # noqa: S603
            command, cwd=EXAMPLE, env=self._environment(), stdout=log, stderr=log, start_new_session=True
        )
        self._running.callback(self._wait_until, listens=False)
        self._running.enter_context(server)
        # The server's workers outlive it unless they are told, too.
        self._running.callback(os.killpg, server.pid, signal.SIGTERM)
        self._wait_until(listens=True)

    def stop(self) -> None:
        """Close the shop; what it knows stays."""
        self._running.close()

    def call(
        self, method: str, path: str, body: object = None, *, key: str | None = API_KEY, **headers: str
    ) -> tuple[int, Any]:
        """One request: the status and the JSON that came back. Underscores in names of headers become hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            named["Authorization"] = f"Bearer {key}"
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = urllib3.request(method, self.url + path, body=content, headers=named, retries=False, redirect=False)
        assert answer.headers["Content-Type"] == "application/json"
        return answer.status, answer.json()

    def register(self, start: str, contact_id: str, **fields: object) -> tuple[int, Any]:
        """`POST /contacts` as the chat makes it."""
        body = {"seller_id": "123456", "user_info": {"name": "Ana"}, "visitor": "visitor-7"}
        return self.call(
            "POST", "/contacts", {**body, "proposed_contact_id": contact_id, **fields}, Idempotency_Key=start
        )

    def send(self, event: dict[str, object], **headers: str) -> tuple[int, Any]:
        """`POST /events`, signed; `headers` replace those of the signature."""
        content = json.dumps(event).encode()
        return self.call("POST", "/events", content, key=None, **{**signature(event), **headers})

    def sign_in(self, seller_id: str) -> str:
        """What the shop's own sign-in page does; the cookie that it sets."""
        session = secrets.token_hex(16)
        (self.folder / f"sess_{session}").write_text(f'seller_id|s:{len(seller_id)}:"{seller_id}";')
        return f"PHPSESSID={session}"

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PHP_API_KEY": API_KEY,
            "WEBHOOK_SECRET": WEBHOOK_SECRET,
            "SELLER_TOKEN_SECRET": TOKEN_SECRET,
            "DATABASE_FILE": str(self.database),
            "PHP_CLI_SERVER_WORKERS": "4",
            **self.environment,
        }

    def _wait_until(self, *, listens: bool) -> None:
        # A worker of before would answer for a moment, and keep the port from the next server.
        for _ in range(500):
            with socket.socket() as attempt:
                if (attempt.connect_ex(("127.0.0.1", self.port)) == 0) is listens:
                    return
            time.sleep(0.02)
        raise TimeoutError(self.log)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
