"""WebSocket servers that are held to the rules that a test names: one that only echoes, and the emulator's gateway."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.protocol import ws_stream
from websockets.sync.client import ClientConnection, connect

from local_aws.emulator import ADDRESS, free_port
from local_aws.strict.connection_times import ConnectionTimes
from local_aws.strict.frames import refuse_frames
from local_aws.strict.switches import Strictness

if TYPE_CHECKING:
    from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, Scope

Connect = Callable[[Strictness], ClientConnection]


async def echo(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "bytes": event["bytes"], "text": event["text"]})


@contextmanager
def serving(application: ASGIFramework) -> Iterator[str]:
    port, loop, done = free_port(), asyncio.new_event_loop(), asyncio.Event()
    config = Config()
    config.bind, config.graceful_timeout = [f"{ADDRESS}:{port}"], 0.1
    server = serve(application, config, shutdown_trigger=done.wait)
    thread = threading.Thread(target=loop.run_until_complete, args=[server])
    thread.start()
    yield f"ws://{ADDRESS}:{port}"
    loop.call_soon_threadsafe(done.set)
    thread.join()
    loop.close()


def connected(url: str) -> ClientConnection:
    for _ in range(100):
        try:
            return connect(url)
        except ConnectionRefusedError:
            threading.Event().wait(0.02)
    raise TimeoutError(url)


@pytest.fixture
def connect_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Connects to a server that is as strict as it is told."""
    for each in ("WebsocketBuffer", "Handshake"):
        monkeypatch.setattr(ws_stream, each, getattr(ws_stream, each))
    with ExitStack() as running:

        def begin(strictness: Strictness) -> ClientConnection:
            refuse_frames(strictness)
            url = running.enter_context(serving(ConnectionTimes(echo, strictness)))
            return running.enter_context(connected(url))

        yield begin
