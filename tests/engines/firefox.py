"""Firefox, spoken to by WebDriver BiDi over its own socket: no driver stands between."""

from __future__ import annotations

import base64
import itertools
import json
import re
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from websockets.sync.client import connect

from tests.engines.engine import Actions, Engine

PROGRAM = shutil.which("firefox-esr") or shutil.which("firefox")
_LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
_CHOICES = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "intl.accept_languages": "en-GB",
    # As on a desktop with a mouse: a bar of its own beside the page.
    "ui.useOverlayScrollbars": 0,
    "widget.gtk.overlay-scrollbars.enabled": False,
}


class FirefoxBrowser:
    """A running Firefox; each page of it has nothing stored."""

    def __init__(self) -> None:
        self._profile = tempfile.TemporaryDirectory(prefix="firefox-")
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _CHOICES.items()]
        Path(self._profile.name, "user.js").write_text("".join(lines), encoding="ascii")
        command = [str(PROGRAM), "--headless", "--no-remote", "--profile", self._profile.name]
        self._process = subprocess.Popen(  # noqa: S603
            [*command, "--remote-debugging-port=0"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        self._open = ExitStack()
        address = f"{address_in(self._process.stderr)}/session"
        self._socket = self._open.enter_context(connect(address, max_size=None, open_timeout=30, compression=None))
        self._ids = itertools.count(1)
        self.say("session.new", capabilities={})

    def __enter__(self) -> FirefoxBrowser:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._open.close()
        self._process.terminate()
        self._process.wait(timeout=20)
        self._profile.cleanup()

    def say(self, method: str, **params: Any) -> dict[str, Any]:
        """Give a command; its result."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer: dict[str, Any] = json.loads(self._socket.recv(timeout=60))
            if answer.get("id") == number:
                break
        if answer["type"] == "error":
            raise AssertionError(f"{method}: {answer['error']}: {answer['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def open(self) -> Firefox:
        """A page with the focus, in a profile of its own."""
        return Firefox(self)


class Firefox(Engine):
    """One page of Firefox."""

    def __init__(self, browser: FirefoxBrowser) -> None:
        self._browser = browser
        self._profile = browser.say("browser.createUserContext")["userContext"]
        # The first page of a browser never has the focus; one that is made has.
        made = browser.say("browsingContext.create", type="tab", userContext=self._profile)
        self._page = made["context"]

    def goto(self, url: str) -> None:
        """Load a page."""
        self._browser.say("browsingContext.navigate", context=self._page, url=url, wait="complete")

    def call(self, function: str, *given: Any) -> Any:
        """Call a function."""
        declaration = f"async (given) => JSON.stringify((await ({function})(...JSON.parse(given))) ?? null)"
        answer = self._browser.say(
            "script.callFunction",
            functionDeclaration=declaration,
            target={"context": self._page},
            arguments=[{"type": "string", "value": json.dumps(given)}],
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise AssertionError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def act(self, actions: Actions) -> None:
        """Act."""
        self._browser.say("input.performActions", context=self._page, actions=actions)

    def resize(self, width: int, height: int) -> None:
        """Resize the page."""
        viewport = {"width": width, "height": height}
        self._browser.say("browsingContext.setViewport", context=self._page, viewport=viewport)

    def picture(self) -> bytes:
        """Take a picture."""
        return base64.b64decode(self._browser.say("browsingContext.captureScreenshot", context=self._page)["data"])

    def close(self) -> None:
        """Close the page, and forget what it stored."""
        self._browser.say("browser.removeUserContext", userContext=self._profile)


def address_in(lines: IO[str] | None) -> str:
    """Where a Firefox that starts says that it is reached. Raises `AssertionError` if it ends instead."""
    for line in lines or ():
        if found := _LISTENS.search(line):
            return found[1]
    raise AssertionError("Firefox ended before it listened.")
