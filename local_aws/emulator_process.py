"""The emulator's own process: MiniStack, which ends with the process that started it.

The starter holds the other end of this process's standard input. Even when the starter is killed, that pipe closes, and
the emulator saves its state and leaves, so that no orphan keeps the port.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
from functools import partialmethod
from typing import TYPE_CHECKING

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app
from ministack.core.lambda_runtime import Worker

from local_aws import frame_logs, gateway_resources, schedules, streams
from local_aws.credentials import Credentials
from local_aws.emulator import ACCOUNT
from local_aws.guard import Guard, Rules
from local_aws.strict.connection_times import ConnectionTimes
from local_aws.strict.frames import refuse_frames
from local_aws.strict.gateway_answers import answer_as_gateway
from local_aws.strict.indexes import let_indexes_lag
from local_aws.strict.loops import end_loops
from local_aws.strict.partition_keys import hold_to_partition_keys
from local_aws.strict.stream_batches import repeat_what_failed
from local_aws.strict.switches import Strictness
from local_aws.strict.throttles import Routes, throttle

if TYPE_CHECKING:
    from hypercorn.typing import (
        ASGIFramework,
        ASGIReceiveCallable,
        ASGIReceiveEvent,
        ASGISendCallable,
        Scope,
        WebsocketDisconnectEvent,
    )

KEEP_ALIVE_SECONDS = 75
LAST_CALLS_SECONDS = 5
GOING_AWAY = 1001
FIRST_LOG_LINE_SECONDS = 0.002


class WebSockets:
    """An ASGI application that can end its open WebSockets while everything still works.

    Otherwise the functions behind `$disconnect` would be called after the tables are out of reach, and wait for them.
    """

    def __init__(self, application: "ASGIFramework") -> None:
        self._application = application
        self._closing = asyncio.Event()
        self._open: set[asyncio.Task[None] | None] = set()

    async def __call__(self, scope: "Scope", receive: "ASGIReceiveCallable", send: "ASGISendCallable") -> None:
        """Serve one request, connection or lifespan."""
        if scope["type"] != "websocket":
            await self._application(scope, receive, send)
            return
        task = asyncio.current_task()
        self._open.add(task)
        try:
            await self._application(scope, lambda: self._next_event(receive), send)
        finally:
            self._open.discard(task)

    async def close(self) -> None:
        """Tell every open WebSocket's handler that its client has left, and wait for all of them."""
        self._closing.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_CALLS_SECONDS):
                while self._open:
                    await asyncio.sleep(0.02)

    async def _next_event(self, receive: "ASGIReceiveCallable") -> "ASGIReceiveEvent":
        event = asyncio.ensure_future(receive())
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait({event, closing}, return_when=asyncio.FIRST_COMPLETED)
            return event.result() if event.done() else self._disconnected()
        finally:
            event.cancel()
            closing.cancel()

    @staticmethod
    def _disconnected() -> "WebsocketDisconnectEvent":
        return {"type": "websocket.disconnect", "code": GOING_AWAY}


async def serve_until_told(address: str) -> None:
    """Serve MiniStack at HOST:PORT until SIGTERM."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    threading.Thread(target=_leave_with_the_starter, daemon=True).start()
    streams.begin_anew()
    schedules.fire_on_time()
    gateway_resources.deploy_responses()
    frame_logs.keep_what_is_noted()
    _hurry_silent_functions()
    web_sockets = WebSockets(app)
    strictness = Strictness.of_json(os.environ.pop("LOCAL_AWS_STRICTNESS"))
    be_strict(strictness)
    guard = Guard(ConnectionTimes(web_sockets, strictness), rules_for(address))

    async def shutdown() -> None:
        await told.wait()
        await web_sockets.close()

    config = Config()
    config.bind = [address]
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    # What is open then are idle connections of clients.
    config.graceful_timeout = 0.1
    await serve(guard, config, shutdown_trigger=shutdown)
    # The state is saved. Threads that wait for functions, which wait for this server, would take seconds to end.
    sys.stdout.flush()
    os._exit(0)


def be_strict(strictness: Strictness) -> None:
    """Hold the emulator to the rules of AWS that it forgets."""
    routes = Routes()
    refuse_frames(strictness)
    answer_as_gateway(strictness, routes)
    throttle(strictness, routes)
    let_indexes_lag(strictness)
    hold_to_partition_keys(strictness)
    repeat_what_failed(strictness)
    end_loops(strictness)


def rules_for(address: str) -> Rules:
    """Read who may come in, and take the run's key away from whatever is started from here on."""
    _, _, port = address.rpartition(":")
    return Rules(
        hosts=(address, f"localhost:{port}"),
        origins=json.loads(os.environ.pop("LOCAL_AWS_ORIGINS")),
        account=ACCOUNT,
        credentials=Credentials(os.environ.pop("AWS_ACCESS_KEY_ID"), os.environ.pop("AWS_SECRET_ACCESS_KEY")),
    )


def _hurry_silent_functions() -> None:
    # MiniStack holds back every answer for 50 ms until the function has logged something, which a healthy one does not.
    # A line that comes later is not lost: it is taken with the next call's.
    Worker._drain_stderr_bounded = partialmethod(Worker._drain_stderr_bounded, first_line_wait=FIRST_LOG_LINE_SECONDS)


def _leave_with_the_starter() -> None:
    # Not sys.stdin: its lock would still be held by this thread when the interpreter shuts down.
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    asyncio.run(serve_until_told(sys.argv[1]))
