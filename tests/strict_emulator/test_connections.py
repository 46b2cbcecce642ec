"""Connections end where API Gateway ends them."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from local_aws.strict.switches import Strictness
from tests.strict_emulator.conftest import Connect

FRAME, MESSAGE = 32 * 1024, 128 * 1024
LENIENT = Strictness(frame_bytes=None, message_bytes=None, text_only=False, idle_seconds=None, lifetime_seconds=None)


def closed_with(client: ClientConnection) -> int | None:
    """The code that the next thing to come closes the connection with."""
    with pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=5)
    return closed.value.rcvd.code if closed.value.rcvd else None


def send(client: ClientConnection, message: str | bytes | list[str] | list[bytes]) -> None:
    """Send what is refused, perhaps before its last frame left."""
    with suppress(ConnectionClosed):
        client.send(message)


def frames(size: int, *, each: int) -> list[str]:
    """A message of this size in frames of that one."""
    return ["a" * min(each, size - start) for start in range(0, size, each)]


def test_a_frame_and_a_message_of_just_the_limits_pass(connect_to: Connect) -> None:
    client = connect_to(Strictness())
    for sent in ("a" * FRAME, frames(MESSAGE, each=FRAME)):
        client.send(sent)
        assert client.recv(timeout=5) == "".join(sent)


@pytest.mark.parametrize(
    "text",
    ["a" * (FRAME + 1), "ä" * (FRAME // 2 + 1), b"a" * (FRAME + 1)],
    ids=["text", "two bytes a character", "binary"],
)
def test_a_larger_frame_closes_the_connection(connect_to: Connect, text: str | bytes) -> None:
    client = connect_to(Strictness())
    send(client, text)
    assert closed_with(client) == 1009


def test_so_does_a_larger_message_in_small_frames(connect_to: Connect) -> None:
    client = connect_to(Strictness())
    send(client, frames(MESSAGE + 1, each=FRAME))
    assert closed_with(client) == 1009


@pytest.mark.parametrize("message", [b"a", [b"a", b"b"]], ids=["one frame", "two"])
def test_a_binary_frame_closes_the_connection(connect_to: Connect, message: bytes | list[bytes]) -> None:
    client = connect_to(Strictness())
    send(client, message)
    assert closed_with(client) == 1003


def test_a_connection_that_is_silent_for_too_long_is_closed(connect_to: Connect) -> None:
    client = connect_to(Strictness(idle_seconds=0.3))
    for _ in range(4):
        time.sleep(0.15)
        client.send("still here")
        client.recv(timeout=5)
    assert closed_with(client) == 1001


def test_a_connection_is_closed_when_its_time_is_over_however_busy_it_is(connect_to: Connect) -> None:
    client, started = connect_to(Strictness(lifetime_seconds=0.5)), time.monotonic()
    with suppress(ConnectionClosed):
        while time.monotonic() < started + 5:
            client.send("busy")
            client.recv(timeout=5)
    assert closed_with(client) == 1001
    assert time.monotonic() < started + 5


def test_what_is_switched_off_closes_nothing(connect_to: Connect) -> None:
    client = connect_to(LENIENT)
    client.send("a" * (MESSAGE + 1))
    assert len(client.recv(timeout=5)) == MESSAGE + 1
    client.send(b"binary")
    assert client.recv(timeout=5) == b"binary"


def test_the_switches_reach_the_emulators_process() -> None:
    strictness = Strictness(frame_bytes=None, idle_seconds=0.5)
    assert Strictness.of_json(strictness.as_json()) == strictness
