"""The page of a made-up shop and its chat, served on this machine: these engines have no network that tests play."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from local_aws.web_pages import FOLDERS
from tests.browser.played_chat import PlayedChat

POLICY = (
    "default-src 'none'; img-src *; script-src 'self' 'nonce-shop'; style-src 'nonce-shop'; connect-src 'self' {chat}; "
    "base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
PAGE = """<!doctype html><html lang="en"><head><title>A shop</title><meta name="viewport" content="width=device-width">
<style nonce="shop">{css}</style><script nonce="shop">
window.complaints = [];
addEventListener("error", ({{message}}) => complaints.push(message));
addEventListener("unhandledrejection", ({{reason}}) => complaints.push(String(reason)));
addEventListener("securitypolicyviolation", ({{violatedDirective: which, sourceFile: file}}) =>
  complaints.push(`${{which}} in ${{file}}`));
{script}</script></head><body>{body}
<script nonce="shop" src="/widget.js"></script>
<script nonce="shop">SellerChat("boot", {options});</script></body></html>"""


@dataclass
class Site:
    """What the shop's page has, besides the widget."""

    css: str = ""
    body: str = ""
    script: str = ""
    options: dict[str, Any] = field(default_factory=dict)


class ShopServer:
    """One site at a time, with a chat of its own."""

    def __init__(self) -> None:
        self.site = Site()
        self.chat = PlayedChat()
        self._server: Server = serve(self._meet, "127.0.0.1", 0, process_request=self._serve, compression=None)
        self._host = f"127.0.0.1:{self._server.socket.getsockname()[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> ShopServer:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()

    @property
    def url(self) -> str:
        """Where its page is."""
        return f"http://{self._host}/"

    def show(self, site: Site) -> PlayedChat:
        """Another site, and a new chat."""
        self.site, self.chat = site, PlayedChat()
        return self.chat

    def _meet(self, socket: ServerConnection) -> None:
        chat = self.chat
        chat.connections.append(socket.send)
        try:
            for text in socket:
                chat.hear(str(text), socket.send)
        except ConnectionClosed:
            pass
        finally:
            chat.connections.remove(socket.send)

    def _serve(self, _: ServerConnection, request: Request) -> Response | None:
        name = request.path.partition("?")[0].lstrip("/")
        if name == "chat":
            return None
        if name == "plain":
            return self._answer(b"<!doctype html><title>Terms</title>", "text/html")
        if name in {"", "other"}:
            return self._answer(self._page(), "text/html")
        file = FOLDERS[0] / name
        return (
            self._answer(file.read_bytes(), "text/javascript") if file.is_file() else Response(404, "", Headers(), b"")
        )

    def _page(self) -> bytes:
        options = {"sellerId": "1", "apiUrl": f"ws://{self._host}/chat", **self.site.options}
        site = self.site
        page = PAGE.format(css=site.css, body=site.body, script=site.script, options=json.dumps(options))
        return page.encode()

    def _answer(self, body: bytes, kind: str) -> Response:
        policy = POLICY.format(chat=f"ws://{self._host}")
        headers = Headers({"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(body))})
        headers["Content-Security-Policy"] = policy
        headers["Connection"] = "close"
        return Response(200, "OK", headers, body)
