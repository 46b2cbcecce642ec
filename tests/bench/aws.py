"""DynamoDB and @connections in a process of their own, so that their CPU is not counted."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from moto.server import ThreadedMotoServer


class _Connections(BaseHTTPRequestHandler):
    """Takes every post."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Says nothing."""


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """The variables by which AWS's clients find both."""
    command = [sys.executable, "-m", "tests.bench.aws"]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def _serve() -> None:
    posts = ThreadingHTTPServer(("127.0.0.1", 0), _Connections)
    threading.Thread(target=posts.serve_forever, daemon=True).start()
    dynamodb = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    dynamodb.start()
    _, port = dynamodb.get_host_and_port()
    variables = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": f"http://127.0.0.1:{posts.server_port}/production",
    }
    sys.stdout.write(json.dumps(variables) + "\n")
    sys.stdout.flush()
    # Until the one who started this is gone.
    sys.stdin.read()


if __name__ == "__main__":
    _serve()
