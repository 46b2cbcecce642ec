"""DynamoDB and @connections in a process of their own, so that their CPU is not counted."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme
import urllib3
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
def running(*, encrypted: bool = False) -> Iterator[dict[str, str]]:
    """The variables by which AWS's clients find both."""
    command = [sys.executable, "-m", "tests.bench.aws", *(["encrypted"] if encrypted else [])]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


class _Front(BaseHTTPRequestHandler):
    """Hands posts on within this machine, and keeps connections open as AWS does, which moto's server closes."""

    protocol_version = "HTTP/1.1"
    server: _Tls

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        answer = self.server.inner.urlopen("POST", self.path, body=body, headers=dict(self.headers))
        self.send_response(answer.status)
        for name in ("Content-Type", "x-amz-crc32"):
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(answer.data)))
        self.end_headers()
        self.wfile.write(answer.data)

    def log_message(self, *_words: object) -> None:
        """Says nothing."""


class _Tls(ThreadingHTTPServer):
    """Speaks TLS before a port of this machine."""

    daemon_threads = True

    def __init__(self, certificate: trustme.LeafCert, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Front)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.inner = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=20)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def _serve(*, encrypted: bool) -> None:
    posts = ThreadingHTTPServer(("127.0.0.1", 0), _Connections)
    threading.Thread(target=posts.serve_forever, daemon=True).start()
    dynamodb = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    dynamodb.start()
    _, port = dynamodb.get_host_and_port()
    with tempfile.TemporaryDirectory() as folder:
        variables = _variables("http", port, posts.server_port)
        if encrypted:
            authority, roots = trustme.CA(), Path(folder, "roots.pem")
            authority.cert_pem.write_to_path(str(roots))
            certificate = authority.issue_cert("127.0.0.1")
            fronts = (_Tls(certificate, each).server_port for each in (port, posts.server_port))
            variables = _variables("https", *fronts) | {"AWS_CA_BUNDLE": str(roots)}
        sys.stdout.write(json.dumps(variables) + "\n")
        sys.stdout.flush()
        # Until the one who started this is gone.
        sys.stdin.read()


def _variables(scheme: str, port: int, posts: int) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"{scheme}://127.0.0.1:{port}",
        "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": f"{scheme}://127.0.0.1:{posts}/production",
    }


if __name__ == "__main__":
    _serve(encrypted="encrypted" in sys.argv)
