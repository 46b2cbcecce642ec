"""A browser's engine with one page open, as a person uses it: a mouse, a keyboard, eyes."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

PATIENCE_SECONDS = 20.0
LOOK_EVERY_SECONDS = 0.05
KEYS = {
    "Backspace": "\ue003",
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Shift": "\ue008",
    "Escape": "\ue00c",
    "Home": "\ue011",
    "ArrowDown": "\ue015",
}
IN_WIDGET = """const root = document.querySelector('seller-chat')?.shadowRoot;
const find = (css) => root?.querySelector(css);"""
MIDDLE = "(({x, y, width, height}) => width && [x + width / 2, y + height / 2])(WHERE.getBoundingClientRect())"

Actions = list[dict[str, Any]]


class UnansweredError(AssertionError):
    """The driver did not answer in time."""


class Engine(ABC):
    """One page. Elements are found by script, since drivers do not agree on what is in a shadow root."""

    @abstractmethod
    def goto(self, url: str) -> None:
        """Load a page; returns once it is loaded."""

    @abstractmethod
    def call(self, function: str, *given: Any) -> Any:
        """What a function of the page's answers, as JSON carries it."""

    @abstractmethod
    def act(self, actions: Actions) -> None:
        """Input of the kinds that WebDriver describes."""

    @abstractmethod
    def resize(self, width: int, height: int) -> None:
        """Give the page a size, as near to it as the engine can."""

    @abstractmethod
    def picture(self) -> bytes:
        """The page as it looks, a PNG."""

    @abstractmethod
    def close(self) -> None:
        """End it."""

    def wait(self, condition: str, *given: Any) -> Any:
        """Wait until an expression over `find` (by selector, in the widget), `root` and `given` holds; its value."""
        function = f"""(...given) => {{ {IN_WIDGET} const found = ({condition});
            return found instanceof Element || found; }}"""
        ends = time.monotonic() + PATIENCE_SECONDS
        while not (found := self._looked(function, *given)):
            if time.monotonic() > ends:
                text = self.call("() => document.querySelector('seller-chat')?.shadowRoot.textContent")
                raise AssertionError(f"It never came to this: {condition} {json.dumps(given)}; the widget says: {text}")
            time.sleep(LOOK_EVERY_SECONDS)
        return found

    def _looked(self, function: str, *given: Any) -> Any:
        # What is asked of a page that is just being left may never be answered: the next page is asked again.
        with suppress(UnansweredError):
            return self.call(function, *given)
        return None

    def ask(self, expression: str, *given: Any) -> Any:
        """The value of an expression over the same, now."""
        return self.call(f"(...given) => {{ {IN_WIDGET} return ({expression}); }}", *given)

    def press(self, selector: str, *, in_page: bool = False) -> None:
        """Press the middle of an element of the widget, or of the page, once it is there and stands still."""
        where = "document.querySelector(given[0])" if in_page else "find(given[0])"
        middle = f"{where} && {MIDDLE.replace('WHERE', where)}"
        before, point = None, self.wait(middle, selector)
        while point != before:
            time.sleep(0.1)
            before, point = point, self.wait(middle, selector)
        self.press_at(*point)

    def press_at(self, x: float, y: float) -> None:
        """Press the mouse at a point."""
        to = {"type": "pointerMove", "x": round(x), "y": round(y)}
        steps = [to, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self.act([{"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}])

    def turn_wheel(self, x: int, y: int, by: int) -> None:
        """Turn the mouse's wheel over a point."""
        step = {"type": "scroll", "x": x, "y": y, "deltaX": 0, "deltaY": by, "origin": "viewport"}
        self.act([{"type": "wheel", "id": "wheel", "actions": [step]}])

    def type(self, text: str) -> None:
        """Type a text, key by key."""
        self._keys([key for letter in text for key in _stroke([letter])])

    def key(self, names: str) -> None:
        """Press keys together, such as `Shift+Enter`."""
        self._keys(_stroke([KEYS.get(name, name) for name in names.split("+")]))
        # The page hears it a moment later.
        time.sleep(0.1)

    def _keys(self, steps: Actions) -> None:
        self.act([{"type": "key", "id": "keyboard", "actions": steps}])


def _stroke(keys: Sequence[str]) -> Actions:
    down = [{"type": "keyDown", "value": key} for key in keys]
    return [*down, *({"type": "keyUp", "value": key} for key in reversed(keys))]
