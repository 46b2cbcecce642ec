"""Firefox for Playwright, which asks for emulations that an older one does not know: they are taken for done.

`python -m tests.engines.bridge FIREFOX ARGUMENTS` starts Firefox, and stands between it and its driver.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve

from tests.engines.firefox import address_in


def main(command: list[str]) -> None:
    """Start Firefox, and tell where it is reached, as it does itself; ends with it."""
    firefox = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)  # noqa: S603
    address = address_in(firefox.stderr)
    with serve(lambda driver: meet(driver, address), "127.0.0.1", 0, max_size=None, compression=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host, port = server.socket.getsockname()
        sys.stderr.write(f"WebDriver BiDi listening on ws://{host}:{port}\n")
        sys.stderr.flush()
        firefox.wait()


def meet(driver: ServerConnection, address: str) -> None:
    """Hand on what the driver says, and what Firefox answers."""
    emulations: set[int] = set()
    with connect(f"{address}/session", max_size=None, compression=None, ping_interval=None) as firefox:
        threading.Thread(target=answer, args=(firefox, driver, emulations), daemon=True).start()
        with suppress(ConnectionClosed):
            for text in driver:
                command = json.loads(text)
                if command["method"].startswith("emulation."):
                    emulations.add(command["id"])
                firefox.send(text)


def answer(firefox: ClientConnection, driver: ServerConnection, emulations: set[int]) -> None:
    """Hand on what Firefox says, until it has nothing more to say."""
    with suppress(ConnectionClosed):
        for text in firefox:
            told = json.loads(text)
            is_unknown = told.get("error") == "unknown command" and told.get("id") in emulations
            done = {"type": "success", "id": told.get("id"), "result": {}}
            driver.send(json.dumps(done) if is_unknown else text)


if __name__ == "__main__":
    main(sys.argv[1:])
