"""A page of a made-up shop with the built widget on it, and a seller played by the test: nothing is deployed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, WebSocketRoute

from local_aws.web_pages import FOLDERS

SHOP = "http://shop.test/"
CONTACT = "c-1"
PAGE = """<!doctype html><html lang="en"><head><title>A shop</title><meta name="viewport" content="width=device-width">
<style>{css}</style></head><body>{body}
{tag}<script>SellerChat("boot", {options});</script></body></html>"""
TAG = '<script src="/widget.js"></script>'


class Shop:
    """A shop whose pages are as hostile as the test makes them."""

    def __init__(
        self, context: BrowserContext, *, css: str = "", body: str = "", tag: str = TAG, **options: Any
    ) -> None:
        self.css, self.body, self.tag = css, body, tag
        self.options = {"sellerId": "1", "apiUrl": "ws://chat.test/", **options}
        self.log: list[dict[str, Any]] = []
        self.marks = {"delivered": 0, "read": 0}
        self._sockets: list[WebSocketRoute] = []
        self._status = "open"
        context.route(f"{SHOP}**", self._serve)
        context.route_web_socket("ws://chat.test/**", self._meet)
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(SHOP)

    @property
    def bubble(self) -> Locator:
        """The button that opens the chat."""
        return self.page.locator("seller-chat .launcher")

    @property
    def field(self) -> Locator:
        """Where a message is written."""
        return self.page.get_by_label("Write a message")

    @property
    def messages(self) -> Locator:
        """The conversation."""
        return self.page.get_by_role("log")

    def start_chat(self, name: str = "Ada") -> None:
        """Press the bubble and introduce oneself."""
        self.bubble.click()
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_role("button", name="Start chat").click()
        self.field.wait_for()
        self.page.get_by_label("More").wait_for()

    def say(self, text: str) -> None:
        """The visitor writes and sends."""
        self.field.fill(text)
        self.field.press("Enter")

    def answer(self, text: str) -> int:
        """The seller writes; returns the entry's number."""
        entry = self._append(kind="message", message=text, **{"from": "1"})
        self.push({"action": "sendMessage", "type": "message", "contact_id": CONTACT, **_without(entry, "kind")})
        return int(entry["seq"])

    def end(self) -> None:
        """The seller ends the chat."""
        self._status = "closed"
        entry = self._append(kind="closed", **{"from": "1"})
        self.push({"action": "entry", "contact_id": CONTACT, "entry": entry})

    def push(self, frame: dict[str, Any]) -> None:
        """Send a frame to all of the visitor's connections."""
        for socket in self._sockets:
            socket.send(json.dumps(frame))

    def focused(self) -> str:
        """What has the keyboard's focus, in the page or in the widget: its id, name or class."""
        focused: str = self.page.evaluate(
            """() => {
              const inPage = document.activeElement;
              const {id, name, className, tagName} = inPage.shadowRoot?.activeElement ?? inPage;
              return id || name || className || tagName;
            }"""
        )
        return focused

    def _append(self, **entry: Any) -> dict[str, Any]:
        seq = len(self.log) + 1
        whole = {"seq": seq, "id": f"id-{seq}", "timestamp": datetime.now(UTC).isoformat(), **entry}
        self.log.append(whole)
        return whole

    def _serve(self, route: Any) -> None:
        name = urlsplit(route.request.url).path.lstrip("/")
        if name in ("", "other"):
            page = PAGE.format(css=self.css, body=self.body, tag=self.tag, options=json.dumps(self.options))
            route.fulfill(body=page, content_type="text/html")
            return
        file = FOLDERS[0] / name
        if file.is_file():
            route.fulfill(path=file, content_type="text/javascript")
        else:
            route.fulfill(status=404)

    def _meet(self, socket: WebSocketRoute) -> None:
        self._sockets.append(socket)
        socket.on_message(lambda text: self._hear(socket, json.loads(text)))

    def _hear(self, socket: WebSocketRoute, frame: dict[str, Any]) -> None:
        reply = getattr(self, f"_{frame['action']}", lambda _: None)(frame)
        if reply:
            socket.send(json.dumps({"contact_id": CONTACT, **reply}))

    def _InitChat(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if not self.log:
            self._append(kind="opened", **{"from": f"visitor-{CONTACT}"})
            self._append(kind="assigned", seller_id="1", **{"from": "system"})
        answer = {"message": "Chat initialized successfully", "device_id": "d", "alias": f"visitor-{CONTACT}"}
        return {**answer, "action": "InitChat", "seller_id": "1", "status": self._status, "seq": len(self.log)}

    def _sync(self, frame: dict[str, Any]) -> dict[str, Any]:
        entries = [entry for entry in self.log if entry["seq"] > frame["after"]]
        marks = {"visitor": self.marks, "seller": {"delivered": 0, "read": 0}}
        page = {"after": frame["after"], "entries": entries, "more": False, "tail": len(self.log), "marks": marks}
        return {"action": "sync", "status": self._status, **page}

    def _sendMessage(self, frame: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        known = [entry for entry in self.log if entry["id"] == frame["id"]]
        entry = known[0] if known else self._append(**_message_of(frame))
        told = {name: entry[name] for name in ("id", "seq", "timestamp")}
        return {"action": "ack", "of": "sendMessage", **told}

    def _receipt(self, frame: dict[str, Any]) -> None:
        self.marks = {mark: max(self.marks[mark], frame[mark]) for mark in self.marks}


def _message_of(frame: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "message", "id": frame["id"], "message": frame["message"], "from": f"visitor-{CONTACT}"}


def _without(entry: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != name}
