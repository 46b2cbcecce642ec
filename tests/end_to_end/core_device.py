"""People's devices that run the real client core, each in a Node process of its own (widget/tests/device/device.ts)."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

WIDGET = Path(__file__).parents[2] / "widget"
NODE = Path(sys.executable).parent / "node"

ONLINE = "online"

Entry = dict[str, Any]


@dataclass
class Page:
    """What a page of a device has shown so far."""

    connection: str = "idle"
    entries: list[Entry] = field(default_factory=list)
    outgoing: list[dict[str, str]] = field(default_factory=list)
    """The person's own messages that are not among the entries yet: `id`, `state`, and `failure` if it failed."""

    losses: int = 0
    """How often it was online and then was not."""

    rewrites: int = 0
    """How often it took back what it had shown, which it must never do."""

    @property
    def messages(self) -> list[str]:
        """The texts of the messages that it shows, from top to bottom."""
        return [entry["message"] for entry in self.entries if entry["kind"] == "message"]


class CoreDevice:
    """A device and its pages, which share storage, locks and broadcasts.

    Args:
        setup: as `Setup` in device.ts.
        storage: the file for its localStorage.
    """

    def __init__(self, setup: dict[str, Any], *, storage: Path) -> None:
        self.pages = [Page() for _ in range(setup.get("pages", 1))]
        self._setup = setup
        self._storage = storage
        self._changed = threading.Condition()

    def write(self, text: str, *, page: int = 0) -> None:
        """Write a message on a page."""
        self._tell({"do": "write", "page": page, "text": text})

    def look(self) -> None:
        """Come back to the window, as when a person looks whether there is anything new."""
        self._tell({"do": "look"})

    def wait_until(self, reached: Callable[[Page], bool], *, page: int | None = None, seconds: float = 120) -> None:
        """Return when a page, or else every page, has come so far. Raises TimeoutError that tells how far they are."""
        waited_for = self.pages if page is None else [self.pages[page]]
        deadline = time.monotonic() + seconds
        with self._changed:
            while not all(map(reached, waited_for)):
                if not self._changed.wait(deadline - time.monotonic()):
                    raise TimeoutError(f"{self._setup['role']}: {[self._summary(each) for each in self.pages]}")

    def __enter__(self) -> Self:
        """Start it and open its pages."""
        self._process = subprocess.Popen(  # noqa: S603 (the project's own program)
            [
                NODE,
                "--no-warnings",
                "--experimental-webstorage",
                f"--localstorage-file={self._storage}",
                WIDGET / "tests" / "device" / "device.ts",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._tell(self._setup)
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Switch it off. Node is started by a launcher, so a signal to the process would not reach it."""
        with self._process:
            assert self._process.stdin
            self._process.stdin.close()
            self._listener.join()

    def _tell(self, command: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            event = json.loads(line)
            with self._changed:
                self._take(self.pages[event["page"]], event)
                self._changed.notify_all()

    @staticmethod
    def _take(page: Page, event: dict[str, Any]) -> None:
        if "rewritten" in event:
            page.rewrites += 1
            page.entries.clear()
        page.entries += event.get("shown", [])
        before, page.connection = page.connection, event.get("connection", page.connection)
        page.losses += before == ONLINE != page.connection
        page.outgoing = event.get("outgoing", page.outgoing)

    @staticmethod
    def _summary(page: Page) -> str:
        return (
            f"{page.connection}, {len(page.entries)} entries shown, {len(page.outgoing)} to send: {page.outgoing[:3]}"
        )


def built_core(folder: Path) -> Path:
    """Build the client core as it is shipped and return its path."""
    vite = WIDGET / "node_modules" / "vite" / "bin" / "vite.js"
    build: list[str | Path] = [NODE, vite, "build", "--logLevel", "error", "--mode", "core", "--outDir", folder]
    subprocess.run(build, cwd=WIDGET, check=True)  # noqa: S603 (pinned in widget/package-lock.json)
    return folder / "core.js"
