"""A visitor at the demo shop and a seller at the console, as one drives a browser for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, Locator, Page, WebSocketRoute

from local_aws.web_pages import WebPages
from tests.end_to_end.deployed_system import DeployedSystem

# Firefox takes it for an error of the page that a connection was cut, which tests do on purpose.
_CUT_CONNECTION = re.compile(
    r"establish a connection to the server at ws|The connection to ws\S+ was interrupted while .* was loading\."
)


@dataclass
class Person:
    """Somebody at a page; whatever the page complains about is kept."""

    page: Page
    complaints: list[str]

    @classmethod
    def at(cls, context: BrowserContext, url: str) -> Any:
        """Open a page in a tab of its own."""
        page = context.new_page()
        person = cls(page, [])
        page.on(
            "pageerror",
            lambda error: None if _CUT_CONNECTION.search(str(error)) else person.complaints.append(str(error)),
        )
        page.on(
            "console", lambda line: person.complaints.append(line.text) if "Content Security" in line.text else None
        )
        page.goto(url)
        return person

    def log(self) -> Locator:
        """The conversation."""
        return self.page.get_by_role("log")


class Visitor(Person):
    """A visitor of the shop."""

    def open_chat(self) -> None:
        """Press the bubble."""
        self.page.get_by_role("button", name="Open the chat").click()

    def start_chat(self, name: str = "Ada") -> None:
        """Open the chat and introduce oneself; returns once the chat has started."""
        self.open_chat()
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_role("button", name="Start chat").click()
        self.page.get_by_label("More").wait_for()

    def say(self, text: str) -> None:
        """Write and send."""
        box = self.page.get_by_label("Write a message")
        box.fill(text)
        box.press("Enter")


class Seller(Person):
    """A seller at his desk."""

    def sign_in(self, token: str) -> None:
        """Paste a token; returns once the desk is there."""
        self.page.get_by_label("Token").fill(token)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("navigation", name="Conversations").wait_for()

    def contact(self, name: str) -> Locator:
        """A visitor's line in the inbox."""
        return self.page.get_by_role("navigation").get_by_role("button", name=name)

    def choose(self, name: str) -> None:
        """Open the conversation with a visitor."""
        self.contact(name).click()
        self.page.get_by_role("heading", name=name).first.wait_for()

    def say(self, name: str, text: str) -> None:
        """Write to a visitor and send."""
        box = self.page.get_by_label(f"Write to {name}")
        box.fill(text)
        box.press("Enter")


class Network:
    """The way to the system for all pages of a browser. Chromium's own offline switch leaves open WebSockets alone."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._open: list[WebSocketRoute] = []
        context.route_web_socket(lambda _: True, self._pass)

    def cut(self) -> None:
        """Go offline: what is open breaks, and nothing new opens."""
        self._context.set_offline(True)
        for socket in self._open:
            socket.close(code=4000)
        self._open.clear()

    def restore(self) -> None:
        """Be back."""
        self._context.set_offline(False)

    def _pass(self, socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        self._open.append(socket)


def received_by(context: BrowserContext) -> list[str]:
    """Every frame that comes to a browser's pages from now on. Firefox tells of none, so all pass through here."""
    frames: list[str] = []

    def join(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            frames.append(str(text))
            socket.send(text)

        server.on_message(pass_on)

    context.route_web_socket(lambda _: True, join)
    return frames


def hold_frames(context: BrowserContext, action: str, held: list[Callable[[], None]]) -> None:
    """Hold back a browser's frames of an action: each is sent when its function in `held` is called."""

    def join(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            if f'"action":"{action}"' in str(text):
                held.append(lambda: server.send(text))
            else:
                server.send(text)

        socket.on_message(pass_on)

    context.route_web_socket(lambda _: True, join)


@dataclass
class Stage:
    """A deployed system with its pages, and a seller of this test alone."""

    system: DeployedSystem
    pages: WebPages
    seller_id: str

    def register(self, **more: str | int) -> None:
        """Have the seller in a team of their own, away until they sign in."""
        self.system.sellers.put_item(
            Item={
                "seller_id": self.seller_id,
                "team": self.team,
                "name": "Grace",
                "capacity": 5,
                "open_count": 0,
                "availability": "offline",
                **more,
            }
        )

    def colleague(self, name: str, team: str | None = None) -> Stage:
        """Another seller, of the same team if of no other, registered, away until they sign in."""
        colleague = replace(self, seller_id=f"{self.seller_id}-{name.lower()}")
        colleague.register(team=team or self.team, name=name)
        return colleague

    @property
    def team(self) -> str:
        """The seller's team."""
        return f"team-{self.seller_id}"

    def of_team(self) -> Stage:
        """The shop's page asks for the team instead."""
        return replace(self, seller_id=self.team)

    def visitor(self, context: BrowserContext, **options: str) -> Visitor:
        """A visitor who looks at the shop; options are the demo shop's: language, theme, connection."""
        visitor: Visitor = Visitor.at(context, f"{self.pages.url}?{urlencode({'seller': self.seller_id, **options})}")
        # The shop's page boots the widget after it has fetched its settings, and so after its own load event.
        visitor.page.locator("seller-chat").wait_for(state="attached")
        return visitor

    def seller(self, context: BrowserContext) -> Seller:
        """The seller, signed in."""
        seller: Seller = Seller.at(context, f"{self.pages.url}console.html")
        seller.sign_in(self.system.seller_token(self.seller_id))
        return seller
