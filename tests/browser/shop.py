"""A page of a made-up shop with the built widget on it, and a seller played by the test: nothing is deployed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, WebSocketRoute

from local_aws.web_pages import FOLDERS
from tests.browser.played_chat import PlayedChat

SHOP = "http://shop.test/"
PAGE = """<!doctype html><html lang="en"><head><title>A shop</title><meta name="viewport" content="width=device-width">
<style>{css}</style></head><body>{body}
{tag}<script>SellerChat("boot", {options});</script></body></html>"""
TAG = '<script src="/widget.js"></script>'


class Shop(PlayedChat):
    """A shop whose pages are as hostile as the test makes them."""

    def __init__(
        self,
        context: BrowserContext,
        *,
        css: str = "",
        body: str = "",
        tag: str = TAG,
        files: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        self.css, self.body, self.tag, self.files = css, body, tag, files or {}
        self.options = {"sellerId": "1", "apiUrl": "ws://chat.test/", **options}
        super().__init__()
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

    def _serve(self, route: Any) -> None:
        name = urlsplit(route.request.url).path.lstrip("/")
        if name in ("", "other"):
            page = PAGE.format(css=self.css, body=self.body, tag=self.tag, options=json.dumps(self.options))
            route.fulfill(body=page, content_type="text/html")
            return
        if name in self.files:
            kind = "text/html" if name.endswith(".html") else "text/javascript"
            route.fulfill(body=self.files[name], content_type=kind)
            return
        file = FOLDERS[0] / name
        if file.is_file():
            route.fulfill(path=file, content_type="text/javascript")
        else:
            route.fulfill(status=404)

    def _meet(self, socket: WebSocketRoute) -> None:
        send = socket.send
        self.connections.append(send)
        # What a laptop that sleeps leaves behind is neither closed nor answered.
        socket.on_message(lambda text: self.hear(str(text), send) if send in self.connections else None)
