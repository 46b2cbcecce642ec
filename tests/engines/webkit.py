"""WebKit, Safari's engine, as GTK's MiniBrowser, spoken to by its WebDriver."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.engines.engine import Actions, Engine, UnansweredError

DRIVER = shutil.which("WebKitWebDriver")
SCREEN = shutil.which("xvfb-run")
_MINI_BROWSERS = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
_START_SECONDS = 60
_ANSWER_SECONDS = 10
# The pointer starts in the middle, and only the window below it has the focus.
_SCREEN = (1500, 900)


def is_here() -> bool:
    """Whether all is installed that it takes."""
    return bool(DRIVER and SCREEN and _MINI_BROWSERS and shutil.which("dbus-run-session"))


class WebKitBrowser:
    """A running driver; it has one page at a time, and each begins with nothing stored."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._port = _free_port()
        screen = [str(SCREEN), "-a", "-s", "-screen 0 {}x{}x24".format(*_SCREEN), "dbus-run-session", "--"]
        environment = os.environ | {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
        self._process = subprocess.Popen(  # noqa: S603
            [*screen, str(DRIVER), "-p", str(self._port)],
            env=environment | {"LANG": "en_GB.UTF-8"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        ends = time.monotonic() + 30
        while not self._listens():
            if time.monotonic() > ends:
                raise AssertionError("WebKit's driver does not listen.")
            time.sleep(0.1)

    def __enter__(self) -> WebKitBrowser:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stop(signal.SIGTERM)

    def start_again(self) -> None:
        """Have another driver in the place of one that no longer answers."""
        self._stop(signal.SIGKILL)
        self._start()

    def _stop(self, how: signal.Signals) -> None:
        # The whole group: what runs below xvfb-run would stay.
        os.killpg(self._process.pid, how)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)

    def _listens(self) -> bool:
        try:
            self.say("GET", "/status")
        except OSError:
            return False
        return True

    def say(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, seconds: float = _ANSWER_SECONDS
    ) -> Any:
        """Give a command; its value."""
        url, data = f"http://127.0.0.1:{self._port}{path}", None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
                return json.load(answer)["value"]
        except TimeoutError as error:
            raise UnansweredError(f"{path}: no answer in {seconds} s") from error
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise AssertionError(f"{path}: {value['error']}: {value['message']}") from error

    def open(self) -> WebKit:
        """A page with the focus, in a profile of its own."""
        return WebKit(self)


class WebKit(Engine):
    """One page of WebKit."""

    def __init__(self, browser: WebKitBrowser) -> None:
        self._browser = browser
        program = {"binary": str(_MINI_BROWSERS[-1]), "args": ["--automation"], "useOverlayScrollbars": True}
        wanted = {"browserName": "MiniBrowser", "webkitgtk:browserOptions": program}
        made = browser.say("POST", "/session", {"capabilities": {"alwaysMatch": wanted}}, seconds=_START_SECONDS)
        self._session = f"/session/{made['sessionId']}"

    def goto(self, url: str) -> None:
        """Load a page."""
        self._browser.say("POST", f"{self._session}/url", {"url": url}, seconds=_START_SECONDS)

    def call(self, function: str, *given: Any) -> Any:
        """Call a function."""
        script = f"return (async () => JSON.stringify((await ({function})(...arguments)) ?? null))();"
        body = {"script": script.replace("...arguments", "...JSON.parse(arguments0)"), "args": [json.dumps(given)]}
        body["script"] = f"const arguments0 = arguments[0]; {body['script']}"
        return json.loads(self._say("POST", "/execute/sync", body))

    def act(self, actions: Actions) -> None:
        """Act."""
        self._say("POST", "/actions", {"actions": actions})

    def resize(self, width: int, height: int) -> None:
        """Resize the window by as much as the page is too small; no page is narrower than the browser's bar, 447."""
        for _ in range(2):
            rect = self._say("GET", "/window/rect")
            inner = self.call("() => [innerWidth, innerHeight]")
            size = {"width": rect["width"] + width - inner[0], "height": rect["height"] + height - inner[1]}
            place = {"x": max(0, (_SCREEN[0] - size["width"]) // 2), "y": max(0, (_SCREEN[1] - size["height"]) // 2)}
            self._say("POST", "/window/rect", size | place)
            time.sleep(0.3)

    def picture(self) -> bytes:
        """Take a picture."""
        return base64.b64decode(self._say("GET", "/screenshot"))

    def close(self) -> None:
        """End the session, and with it the browser."""
        try:
            self._say("DELETE", "")
        except (AssertionError, OSError):
            # Else no test after this one would have a page.
            self._browser.start_again()

    def _say(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._browser.say(method, self._session + path, body)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
