"""Somebody at the shop's page in one of the engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.browser.played_chat import PlayedChat
from tests.engines.engine import Engine

FOCUSED = """(({id, name, className, tagName}) => id || name || className || tagName)(
  root?.activeElement ?? document.activeElement)"""


@dataclass
class Visit:
    """A visitor, the page before them, and the chat that the test plays."""

    engine: Engine
    chat: PlayedChat
    url: str

    def start_chat(self, name: str = "Ada") -> None:
        """Press the bubble and introduce oneself."""
        self.engine.press(".launcher")
        self.engine.wait("root.activeElement?.name === 'name'")
        self.engine.type(name)
        self.engine.key("Enter")
        self.engine.wait("find('.menu') && root.activeElement?.name === 'message'")

    def say(self, text: str) -> None:
        """Write and send."""
        self.engine.type(text)
        self.engine.key("Enter")
        self.reads(text)

    def hears(self, *texts: str) -> None:
        """The seller writes, and the visitor sees it."""
        for text in texts:
            self.chat.answer(text)
        self.reads(texts[-1])

    def reads(self, text: str) -> None:
        """A text is in the conversation."""
        self.engine.wait("find('.rows')?.textContent.includes(given[0])", text)

    def focused(self) -> str:
        """What has the keyboard's focus, in the page or in the widget: its id, name or class."""
        focused: str = self.engine.ask(FOCUSED)
        return focused

    def style(self, selector: str, name: str) -> Any:
        """A computed style of something in the widget."""
        return self.engine.ask("getComputedStyle(find(given[0]))[given[1]]", selector, name)

    def complaints(self) -> list[str]:
        """What the page complained about."""
        complaints: list[str] = self.engine.call("() => window.complaints")
        return complaints
