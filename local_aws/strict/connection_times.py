"""Connections that are silent for too long, or open for too long."""

import asyncio
from typing import TYPE_CHECKING

from local_aws.strict.switches import Strictness

if TYPE_CHECKING:
    from hypercorn.typing import (
        ASGIFramework,
        ASGIReceiveCallable,
        ASGIReceiveEvent,
        ASGISendCallable,
        ASGISendEvent,
        Scope,
        WebsocketDisconnectEvent,
    )

GOING_AWAY = 1001


class ConnectionTimes:
    """An ASGI application that ends WebSockets when API Gateway would."""

    def __init__(self, application: "ASGIFramework", strictness: Strictness) -> None:
        self._application = application
        self._strictness = strictness

    async def __call__(self, scope: "Scope", receive: "ASGIReceiveCallable", send: "ASGISendCallable") -> None:
        """Serve one request or connection."""
        if scope["type"] != "websocket":
            await self._application(scope, receive, send)
            return
        connection = _Connection(receive, send, self._strictness)
        await self._application(scope, connection.receive, connection.send)


class _Connection:
    def __init__(self, receive: "ASGIReceiveCallable", send: "ASGISendCallable", strictness: Strictness) -> None:
        self._receive = receive
        self._send = send
        self._strictness = strictness
        self._opened = self._last_used = asyncio.get_running_loop().time()
        self._has_ended = False

    async def receive(self) -> "ASGIReceiveEvent":
        """The next event, or the end if that comes first."""
        event = asyncio.ensure_future(self._receive())
        try:
            while not event.done():
                remaining = self._seconds_left()
                if remaining is not None and remaining <= 0:
                    await self.send({"type": "websocket.close", "code": GOING_AWAY, "reason": None})
                    return _disconnected()
                await asyncio.wait({event}, timeout=remaining)
            self._last_used = asyncio.get_running_loop().time()
            return event.result()
        finally:
            event.cancel()

    async def send(self, event: "ASGISendEvent") -> None:
        """Pass an event on; nothing comes after the end."""
        if self._has_ended:
            return
        self._has_ended = event["type"] == "websocket.close"
        self._last_used = asyncio.get_running_loop().time()
        await self._send(event)

    def _seconds_left(self) -> float | None:
        ends = [
            since + seconds
            for since, seconds in (
                (self._last_used, self._strictness.idle_seconds),
                (self._opened, self._strictness.lifetime_seconds),
            )
            if seconds is not None
        ]
        return min(ends) - asyncio.get_running_loop().time() if ends else None


def _disconnected() -> "WebsocketDisconnectEvent":
    return {"type": "websocket.disconnect", "code": GOING_AWAY}
