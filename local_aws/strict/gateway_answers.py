"""How API Gateway handles frames: side by side, in time, and with frames of its own where a function is of no help."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from ministack.services import apigateway

from local_aws.strict.switches import Strictness
from local_aws.strict.throttles import TOO_MANY, Routes

Invoke = Callable[..., Awaitable[dict[str, Any] | None]]

FAILED, TIMED_OUT = "Internal server error", "Endpoint request timed out"
SIDE_BY_SIDE = 4
"""Frames of one connection that are handled at once. AWS has no such limit; this machine's few processes do."""

_TURNS = "turns"


def answer_as_gateway(strictness: Strictness, routes: Routes) -> None:
    """Have frames handled and answered as API Gateway does; to be called before the emulator starts."""
    gateway = _Gateway(strictness, routes, apigateway._invoke_ws_lambda)
    apigateway._invoke_ws_lambda = gateway.invoke
    apigateway.handle_connections_api = _limited(apigateway.handle_connections_api, strictness)


class _Gateway:
    def __init__(self, strictness: Strictness, routes: Routes, invoke: Invoke) -> None:
        self._strictness = strictness
        self._routes = routes
        self._invoke = invoke
        self._random = Random(strictness.seed)  # noqa: S311 (an order, no secret)
        self._tasks: set[asyncio.Task[None]] = set()

    async def invoke(self, *call: Any, **more: Any) -> dict[str, Any] | None:
        """Call a route's function; a frame's answer goes out by itself, later than this returns."""
        connection_id, event_type, request_id = call[5:8]
        connection = apigateway._ws_connections.get(connection_id)
        is_let_through = event_type == "DISCONNECT" or self._lets_through(call)
        if event_type != "MESSAGE" or connection is None:
            return await self._invoke(*call, **more) if is_let_through else {"statusCode": 429}
        frame = _Frame(connection, connection_id, request_id)
        if not is_let_through:
            await frame.say(TOO_MANY)
            return None
        answering = self._answer(frame, call, more)
        if self._strictness.longest_detour_seconds is None:
            await answering
            return None
        task = asyncio.create_task(answering)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return None

    def _lets_through(self, call: tuple[Any, ...]) -> bool:
        api, _, _, route, stage = call[:5]
        return not self._strictness.route_throttles or self._routes.let_through(api, stage, route["routeKey"])

    async def _answer(self, frame: "_Frame", call: tuple[Any, ...], more: dict[str, Any]) -> None:
        async with frame.turn:
            await self._take_a_detour()
            if not frame.is_connected:
                return
            try:
                async with asyncio.timeout(self._strictness.integration_seconds):
                    answer = await self._invoke(*call, **more)
            except TimeoutError:
                await frame.say(TIMED_OUT)
                return
        if answer is not None:
            await self._deliver(frame, answer, is_returned=self._has_response(*call))

    async def _take_a_detour(self) -> None:
        longest = self._strictness.longest_detour_seconds
        # Most go straight: it is the few others that are overtaken.
        if longest is not None and self._random.random() < self._strictness.detours:
            await asyncio.sleep(self._random.uniform(0, longest))

    def _has_response(self, api: str, _account: str, _region: str, route: dict[str, Any], *_rest: Any) -> bool:
        responses = apigateway._route_responses.get(api, {}).get(route["routeId"])
        return bool(responses) or not self._strictness.route_responses

    async def _deliver(self, frame: "_Frame", answer: dict[str, Any], *, is_returned: bool) -> None:
        # No function of ours answers a frame with 500: that is how the emulator says that one has failed.
        if self._strictness.own_frames and ("statusCode" not in answer or int(answer["statusCode"]) >= 500):
            await frame.say(FAILED)
            return
        body = answer.get("body")
        if is_returned and (body or self._strictness.empty_frames):
            text = json.dumps(body) if isinstance(body, dict | list) else str(body or "")
            limit = self._strictness.message_bytes
            if limit is not None and len(text.encode()) > limit:
                await frame.say(FAILED)
            else:
                await frame.connection["outbox"].put(text)


class _Frame:
    """One that a client sent."""

    def __init__(self, connection: dict[str, Any], connection_id: str, request_id: str) -> None:
        self.connection = connection
        self._connection_id = connection_id
        self._request_id = request_id

    @property
    def turn(self) -> asyncio.Semaphore:
        """Held while it is handled."""
        turns: asyncio.Semaphore = self.connection.setdefault(_TURNS, asyncio.Semaphore(SIDE_BY_SIDE))
        return turns

    @property
    def is_connected(self) -> bool:
        """Whether there is somebody to answer."""
        return apigateway._ws_connections.get(self._connection_id) is self.connection

    async def say(self, message: str) -> None:
        """Send a frame of the gateway's own."""
        own = {"message": message, "connectionId": self._connection_id, "requestId": self._request_id}
        await self.connection["outbox"].put(json.dumps(own))


def _limited(handle: Callable[..., Awaitable[Any]], strictness: Strictness) -> Callable[..., Awaitable[Any]]:
    """Refuse what is too large to be posted."""

    async def limited(*request: Any) -> Any:
        method, body = request[0], request[4]
        if method == "POST" and strictness.message_bytes is not None and len(body) > strictness.message_bytes:
            headers = {"Content-Type": "application/json", "x-amzn-ErrorType": "PayloadTooLargeException"}
            return 413, headers, json.dumps({"message": "Payload too large"}).encode()
        return await handle(*request)

    return limited
