"""One who floods is cut off, and nobody else notices."""

from __future__ import annotations

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

from websockets.exceptions import ConnectionClosed

from tests.end_to_end.clients import DocumentVisitor, is_ack, visitor
from tests.end_to_end.deployed_system import DeployedSystem

CONVERSATIONS = 20
MESSAGES = 10
WARMING_UP = 2
PAUSE_SECONDS = 1.0
FRAMES_PER_SECOND = 200
FLOOD_SECONDS = 12.0
BACKLOG_SECONDS = 90.0
SETTLE_SECONDS = 3.0
"""What follows from messages, events for one, goes on for a moment after them."""

LOOKS = 3
"""How often times are compared at most: what else the machine did meanwhile is over at the next look."""


class Talk:
    """An ordinary conversation: it says something, waits for the acknowledgement, and pauses."""

    def __init__(self, client: DocumentVisitor) -> None:
        self._client = client
        self._contact_id = client.submit_user_info({})
        self._said = 0

    def say(self) -> float:
        """Send one message; the seconds until it was acknowledged."""
        self._said += 1
        started = time.monotonic()
        self._client.send({"action": "sendMessage", "contact_id": self._contact_id, "message": str(self._said)})
        self._client.receive(is_ack)
        return time.monotonic() - started

    def kept(self) -> list[str]:
        """What the log holds of it."""
        answer = self._client.ask({"action": "sync", "contact_id": self._contact_id, "after": 0})
        return [entry["message"] for entry in answer["entries"] if entry["kind"] == "message"]


def side_by_side(talks: list[Talk], messages: int = MESSAGES) -> list[float]:
    """How long each message of all conversations took, while all go on at once."""
    seconds: list[float] = []

    def go_on(number: int, talk: Talk) -> None:
        # People do not all write at the same moment.
        time.sleep(number * PAUSE_SECONDS / len(talks))
        for _ in range(messages):
            seconds.append(talk.say())
            time.sleep(PAUSE_SECONDS)

    threads = [threading.Thread(target=go_on, args=[number, talk]) for number, talk in enumerate(talks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds


def flood(client: DocumentVisitor) -> bool:
    """Write into conversations whose ids are guessed, at full rate; whether the connection was closed."""
    started = time.monotonic()
    frame = {"action": "sendMessage", "contact_id": "guessed", "message": "flood"}
    try:
        for sent in range(1, round(FRAMES_PER_SECOND * FLOOD_SECONDS)):
            client.send(frame)
            time.sleep(max(0.0, started + sent / FRAMES_PER_SECOND - time.monotonic()))
        # The emulator handles few frames of one connection at once, so a slow machine is still busy with them. It
        # announces the end and leaves the TCP connection open, which only who sends notices.
        while time.monotonic() - started < BACKLOG_SECONDS:
            client.listen()
            client.send(frame)
    except ConnectionClosed:
        # Who only writes has not heard yet what came before the end.
        with suppress(ConnectionClosed):
            client.listen()
        return True
    return False


def slowed(talks: list[Talk], flooder: DocumentVisitor) -> float:
    """How many times as long messages take beside a flooder, who is cut off meanwhile."""
    before = side_by_side(talks)
    time.sleep(SETTLE_SECONDS)
    with ThreadPoolExecutor(1) as aside:
        outcome = aside.submit(flood, flooder)
        beside = side_by_side(talks)
        assert outcome.result()
    assert {frame["code"] for frame in flooder.frames} == {"forbidden"}
    time.sleep(SETTLE_SECONDS)
    after = side_by_side(talks)
    # Quiet on both sides of the flood, since what the emulator does of itself changes from one second to the next.
    return statistics.median(beside) / statistics.median(before + after)


def test_a_flooder_is_cut_off_and_slows_nobody_down(deployed_system: DeployedSystem, seller_id: str) -> None:
    with ExitStack() as open_sockets:
        talks = [
            Talk(open_sockets.enter_context(visitor(deployed_system, seller_id=f"{seller_id}-{number}")))
            for number in range(CONVERSATIONS)
        ]
        side_by_side(talks, WARMING_UP)
        times: list[float] = []
        while len(times) < LOOKS and min(times, default=2.0) >= 2.0:
            time.sleep(SETTLE_SECONDS)
            flooder = visitor(deployed_system, seller_id=f"{seller_id}-flooded-{len(times)}")
            times.append(slowed(talks, open_sockets.enter_context(flooder)))

        said = WARMING_UP + len(times) * 3 * MESSAGES
        assert [len(talk.kept()) for talk in talks] == [said] * CONVERSATIONS
        assert min(times) < 2.0, f"messages took {times} times as long beside a flooder"
