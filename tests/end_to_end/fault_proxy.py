"""A bad network between clients and the WebSocket API: it cuts, delays, drops, reorders and refuses."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from random import Random
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request, Response
from websockets.typing import Data, Subprotocol

SELLERS = Subprotocol("seller-chat")
"""What a seller's client offers beside its token; API Gateway selects it, the emulator selects nothing."""

MESSAGES = frozenset({"sendMessage", "entry"})
PUSHES = MESSAGES | {"receipt", "typing", "queue"}


class End(Enum):
    """How a connection ends."""

    CUT = auto()
    """For both sides at once; what is on its way is lost, the last frame included."""

    UNNOTICED = auto()
    """For the client only. The last frame still reaches the server, whose answer and pushes go nowhere for a while."""

    SILENCE = auto()
    """For nobody: the socket stays open, and nothing comes through any more."""


@dataclass(frozen=True, kw_only=True)
class Weather:
    """How bad the network is; probabilities are from 0 to 1."""

    messages_per_connection: tuple[int, int] = (10, 30)
    """A connection ends at a number of messages from this range, sent and received ones together."""

    ends: tuple[tuple[End, float], ...] = ((End.CUT, 0.5), (End.UNNOTICED, 0.47), (End.SILENCE, 0.03))
    lost_push: float = 0.05
    refused_connect: float = 0.1

    delay_seconds: float = 0.015
    """The mean. Every frame has a delay of its own, so frames overtake each other, as API Gateway allows."""

    longest_delay_seconds: float = 0.5
    unnoticed_seconds: tuple[float, float] = (0.5, 5)


@dataclass
class Damage:
    """What the network has done so far."""

    messages: int = 0
    ends: int = 0
    lost_pushes: int = 0
    refused_connects: int = 0


class FaultProxy:
    """A WebSocket proxy on 127.0.0.1 with a seed for all that is left to chance.

    The network is calm until `begin` and after `stop`; a calm one only passes frames on.
    """

    def __init__(self, upstream: str, *, seed: int, weather: Weather | None = None) -> None:
        self._upstream = upstream
        self.weather = weather or Weather()
        self.random = Random(seed)  # noqa: S311 (faults, not secrets)
        self.damage = Damage()
        self.is_calm = True
        self.stopped = asyncio.Event()
        self._path = urlsplit(upstream).path
        self._port = 0
        self._dialled: dict[uuid.UUID, ClientConnection] = {}
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()))

    @property
    def url(self) -> str:
        """What clients connect to."""
        return f"ws://127.0.0.1:{self._port}{self._path}"

    def begin(self) -> None:
        """Let faults happen from now on, also to connections that are open."""
        self.is_calm = False

    def stop(self) -> None:
        """Let no more faults happen; connections that have gone silent stay so."""
        self.is_calm = True

    def __enter__(self) -> Self:
        """Start to listen on a free port."""
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every connection."""
        self._loop.call_soon_threadsafe(self.stopped.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        async with serve(
            self._converse,
            "127.0.0.1",
            0,
            process_request=self._admit,
            select_subprotocol=lambda _, offered: SELLERS if SELLERS in offered else None,
            ping_interval=None,
            compression=None,
        ) as server:
            self._port = server.sockets[0].getsockname()[1]
            self._started.set()
            await self.stopped.wait()
        # Of clients that left while they were still connecting.
        for dialled in self._dialled.values():
            await dialled.close()

    async def _admit(self, client: ServerConnection, request: Request) -> Response | None:
        if not self.is_calm and self.random.random() < self.weather.refused_connect:
            self.damage.refused_connects += 1
            return client.respond(HTTPStatus.SERVICE_UNAVAILABLE, "")
        offered = ",".join(request.headers.get_all("Sec-WebSocket-Protocol"))
        try:
            self._dialled[client.id] = await connect(
                f"{self._upstream}?{urlsplit(request.path).query}",
                subprotocols=[Subprotocol(each.strip()) for each in offered.split(",") if each] or None,
                ping_interval=None,
                compression=None,
            )
        except InvalidStatus as refusal:
            return client.respond(HTTPStatus(refusal.response.status_code), "")
        return None

    async def _converse(self, client: ServerConnection) -> None:
        await Passage(self, client, self._dialled.pop(client.id)).carry()


class Passage:
    """One client's connection through the proxy."""

    def __init__(self, proxy: FaultProxy, client: ServerConnection, server: ClientConnection) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._on_their_way: set[asyncio.Task[None]] = set()
        self._has_ended = False
        self._messages_left = proxy.random.randint(*proxy.weather.messages_per_connection)
        ends, weights = zip(*proxy.weather.ends, strict=True)
        self._end: End = proxy.random.choices(ends, weights)[0]

    async def carry(self) -> None:
        """Pass frames on in both directions until one side is gone, then end the other."""
        directions = [
            asyncio.create_task(self._forward(self._client, self._server)),
            asyncio.create_task(self._forward(self._server, self._client)),
        ]
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        if self._has_ended and self._end is End.UNNOTICED:
            seconds = self._proxy.random.uniform(*self._proxy.weather.unnoticed_seconds)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._proxy.stopped.wait(), seconds)
        await self._server.close()
        await self._client.close()
        await asyncio.wait(directions)

    async def _forward(self, source: Connection, sink: Connection) -> None:
        with suppress(ConnectionClosed):
            async for frame in source:
                if self._survives(frame, sink):
                    delivery = asyncio.create_task(self._deliver(frame, sink))
                    self._on_their_way.add(delivery)
                    delivery.add_done_callback(self._on_their_way.discard)

    def _survives(self, frame: Data, sink: Connection) -> bool:
        if self._has_ended:
            return False
        if self._proxy.is_calm:
            return True
        # API Gateway's own frames have no action, or nothing at all in them.
        action = json.loads(frame or "{}").get("action")
        if action in MESSAGES:
            self._proxy.damage.messages += 1
            self._messages_left -= 1
            if self._messages_left <= 0:
                return self._strike(sink)
        is_push = sink is self._client and action in PUSHES
        is_lost = is_push and self._proxy.random.random() < self._proxy.weather.lost_push
        self._proxy.damage.lost_pushes += is_lost
        return not is_lost

    def _strike(self, sink: Connection) -> bool:
        """End the connection; true if the frame that is on its way to `sink` is its last one and not lost."""
        self._has_ended = True
        self._proxy.damage.ends += 1
        if self._end is not End.SILENCE:
            self._client.transport.abort()
        if self._end is End.CUT:
            self._server.transport.abort()
        return self._end is End.UNNOTICED and sink is self._server

    async def _deliver(self, frame: Data, sink: Connection) -> None:
        if not self._proxy.is_calm:
            random, weather = self._proxy.random, self._proxy.weather
            await asyncio.sleep(min(random.expovariate(1 / weather.delay_seconds), weather.longest_delay_seconds))
        if self._has_ended and self._end is End.SILENCE:
            return
        with suppress(ConnectionClosed):
            await sink.send(frame)
