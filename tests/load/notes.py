"""What is noted while people chat, a line of JSON each, for the report: who sent what when, and what came of it.

Both sides use it, so it needs nothing but Python.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

Note = dict[str, Any]

CONNECTED: Final = "connected"
STARTED: Final = "started"
SENT: Final = "sent"
ACKNOWLEDGED: Final = "acknowledged"
DELIVERED: Final = "delivered"
PONG: Final = "pong"
ERROR: Final = "error"
LEFT: Final = "left"


class Notes:
    """A file that notes are added to."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def add(self, what: str, **details: object) -> None:
        """Note something that happens now."""
        self._file.write(json.dumps({"what": what, "at": time.time(), **details}) + "\n")


def read(path: Path) -> Iterator[Note]:
    """All notes so far, oldest first; a line that is still being written is left out."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)
