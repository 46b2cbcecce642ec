"""Frames that API Gateway does not carry: what is too large, and what is no text."""

from dataclasses import replace
from typing import Any, NoReturn

from hypercorn.protocol import ws_stream
from hypercorn.protocol.ws_stream import FrameTooLargeError, Handshake, WebsocketBuffer, WSStream
from wsproto.events import CloseConnection, Event, Message
from wsproto.frame_protocol import CloseReason

from local_aws.strict.switches import Strictness

_handle_events, _send_event = WSStream._handle_events, WSStream._send_wsproto_event


def refuse_frames(strictness: Strictness) -> None:
    """Have the server close connections where API Gateway does, and with its codes, from the next one on."""

    class Buffer(_Buffer):
        rules = strictness

    ws_stream.WebsocketBuffer = Buffer  # type: ignore[misc]
    ws_stream.Handshake = _Uncompressed  # type: ignore[misc]
    WSStream._handle_events = _to_the_end  # type: ignore[assignment, method-assign]
    WSStream._send_wsproto_event = _with_its_code  # type: ignore[assignment, method-assign]


class _Buffer(WebsocketBuffer):
    """Counts bytes, not characters, of each frame and of all that make up a message."""

    rules: Strictness

    def __init__(self, max_length: int) -> None:
        super().__init__(max_length)
        self._frame_bytes = 0
        self._message_bytes = 0
        self.has_interrupted = False
        self.is_refused_as_binary = False

    def extend(self, event: Message[Any]) -> None:
        size = len(event.data.encode() if isinstance(event.data, str) else event.data)
        self._frame_bytes += size
        self._message_bytes += size
        if _exceeds(self._frame_bytes, self.rules.frame_bytes) or _exceeds(
            self._message_bytes, self.rules.message_bytes
        ):
            self._interrupt()
        if self.rules.text_only and not isinstance(event.data, str):
            self.is_refused_as_binary = True
            self._interrupt()
        super().extend(event)
        if event.frame_finished:
            self._frame_bytes = 0

    def clear(self) -> None:
        super().clear()
        self._message_bytes = 0

    def _interrupt(self) -> NoReturn:
        self.has_interrupted = True
        # The one error that the server closes a connection for.
        raise FrameTooLargeError


class _Uncompressed(Handshake):
    """API Gateway takes up no extension, so a frame is as large as what is in it."""

    def __init__(self, headers: list[tuple[bytes, bytes]], http_version: str) -> None:
        super().__init__(headers, http_version)
        self.extensions = None


async def _to_the_end(stream: WSStream) -> None:
    # The server stops at what is too large, and would leave the client's answer to the end lying behind it.
    await _handle_events(stream)
    while getattr(stream.buffer, "has_interrupted", False):
        stream.buffer.has_interrupted = False  # type: ignore[attr-defined]
        await _handle_events(stream)


async def _with_its_code(stream: WSStream, event: Event) -> None:
    if isinstance(event, CloseConnection) and getattr(stream.buffer, "is_refused_as_binary", False):
        event = replace(event, code=CloseReason.UNSUPPORTED_DATA)
    await _send_event(stream, event)


def _exceeds(size: int, limit: int | None) -> bool:
    return limit is not None and size > limit
