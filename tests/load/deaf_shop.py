"""A shop's back end that keeps what it is told, and can be down."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class DeafShop:
    """Answers the calls of docs/php-backend.md, looks at no signature, and answers 503 while it is down."""

    def __init__(self) -> None:
        self.is_down = False
        self.heard: dict[str, float] = {}
        """When it was told of an event first, by its id."""

        shop = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)))
                answer = shop.answer(self.path, body)
                content = json.dumps(answer or {}).encode()
                self.send_response(503 if answer is None else 200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_words: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str, body: dict[str, str]) -> dict[str, object] | None:
        """What it says to a call; None while it is down."""
        if self.is_down:
            return None
        if path.endswith("/contacts"):
            return {"contact_id": body["proposed_contact_id"]}
        is_known = body["id"] in self.heard
        self.heard.setdefault(body["id"], time.time())
        return {"id": body["id"], "duplicate": is_known}

    def __enter__(self) -> Self:
        """Open."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self._server.shutdown()
        self._server.server_close()
