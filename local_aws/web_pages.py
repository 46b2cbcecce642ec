"""The demo shop and the seller's console, served on this machine with the policy they have when they are hosted."""

import json
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from local_aws.emulator import ADDRESS, port_is_taken
from local_aws.errors import LocalSystemError

WIDGET = Path(__file__).resolve().parent.parent / "widget"
FOLDERS = (WIDGET / "dist", WIDGET / "demo")
START_PAGE = "index.html"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
}


class WebPages:
    """A small static web server beside the emulator.

    Args:
        port: the TCP port on 127.0.0.1.
        outputs: the system's outputs; the pages learn from them where its APIs are.
        origins: whose pages may read these files beside their own.
    """

    def __init__(self, *, port: int, outputs: Mapping[str, str], origins: Collection[str] = ()) -> None:
        self.port = port
        hosts = [f"{name}:{port}" for name in (ADDRESS, "localhost")]
        visitors = Visitors(hosts, {*origins, *(f"http://{host}" for host in hosts)})
        self._pages = (_addresses(outputs), security_headers(outputs), visitors)
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """The demo shop's address; the console's is `console.html` below it."""
        return f"http://{ADDRESS}:{self.port}/"

    def __enter__(self) -> Self:
        """Serve in a thread of its own.

        Raises:
            LocalSystemError: the port is taken.
        """
        if port_is_taken(self.port):
            raise LocalSystemError(f"Port {self.port}, for the demo shop, is taken: choose another PORT.")
        self._server = ThreadingHTTPServer((ADDRESS, self.port), _handler(*self._pages))
        threading.Thread(target=self._server.serve_forever, name="web-pages", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()


def _addresses(outputs: Mapping[str, str]) -> bytes:
    addresses = {"webSocketUrl": outputs["WebSocketUrl"]}
    if "RestUrl" in outputs:
        addresses["restUrl"] = outputs["RestUrl"].rstrip("/")
    return json.dumps(addresses).encode()


def security_headers(outputs: Mapping[str, str]) -> dict[str, str]:
    """Return what stacks/web_stack.py has CloudFront send, with this system's APIs as the only ones to talk to."""
    apis = {
        f"{address.scheme}://{address.netloc}"
        for address in (urlsplit(outputs[name]) for name in ("WebSocketUrl", "RestUrl") if name in outputs)
    }
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": " ".join(["'self'", *sorted(apis)]),
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


# What is for the pages of every shop, which load the chat as a module, and what is for this one alone.
OF_SCRIPTS = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
OF_PAGES = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@dataclass(frozen=True)
class Visitors:
    """From where these pages may be asked for: the names of this server, and the origins of other pages."""

    hosts: Collection[str]
    origins: Collection[str]

    def include(self, headers: Message, path: str) -> bool:
        """Tell whether a request with these headers is answered; a script is for the pages of every shop."""
        (host, *more), origins = headers.get_all("Host", [""]), headers.get_all("Origin", [])
        is_own_page = path.endswith(".js") or all(origin in self.origins for origin in origins)
        return not more and host in self.hosts and is_own_page


def _handler(addresses: bytes, security_headers: Mapping[str, str], visitors: Visitors) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path).lstrip("/") or START_PAGE
            if not visitors.include(self.headers, path):
                self.send_error(HTTPStatus.FORBIDDEN)
                return
            body = addresses if path == "config.json" else _file(path)
            self.send_response(HTTPStatus.NOT_FOUND if body is None else HTTPStatus.OK)
            alone = OF_SCRIPTS if path.endswith(".js") else OF_PAGES
            for name, value in {**security_headers, **alone}.items():
                self.send_header(name, value)
            self.send_header("Content-Type", MEDIA_TYPES.get(Path(path).suffix, "text/plain; charset=utf-8"))
            self.end_headers()
            self.wfile.write(b"Not found" if body is None else body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Say nothing: the terminal is for what a person needs to know."""

    return Handler


def _file(path: str) -> bytes | None:
    # No file can be called so, and the operating system says it in its own way.
    for folder in () if "\0" in path else FOLDERS:
        file = (folder / path).resolve()
        if file.is_relative_to(folder) and file.is_file():
            return file.read_bytes()
    return None
