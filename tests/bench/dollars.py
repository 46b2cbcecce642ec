"""What a message and a chat cost, from what is counted and measured, by the prices of reviews."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from review.cost import prices

_A_MILLION: Mapping[str, float] = prices()["a_million"]
FRAME, FRAME_BYTES = _A_MILLION["frames"], 32 * 1024
"""A million frames of API Gateway, in or out, each of up to so many bytes."""
READ, WRITE = _A_MILLION["units read"], _A_MILLION["units written"]
CALL, GIGABYTE_SECOND = _A_MILLION["calls of a function"], _A_MILLION["seconds of a gigabyte"]
EVENT, SCHEDULE, QUEUED = _A_MILLION["events"], _A_MILLION["schedules"], 3 * _A_MILLION["requests to a queue"]
"""A message of a queue is sent, received and deleted."""
LOGGED = _A_MILLION["kilobytes of logs"]
CORE = 1024 / 1769
"""Of a core that a function of one gigabyte has."""
WAITING_SECONDS = 0.005
"""That a request to DynamoDB or @connections takes."""
FUNCTIONS_MET = 4
"""In how many sandboxes of the function a chat's frames end up; each asks once of both sides who may."""


@dataclass(frozen=True)
class Work:
    """One call of a function, and what it asked of AWS."""

    frames: int = 1
    read_units: float = 0
    write_units: float = 0
    steps: int = 0
    seconds: float = 0
    """Of CPU, on a whole core."""
    logged: float = 0
    """Bytes."""

    def dollars(self) -> float:
        """For a million of it."""
        billed = self.seconds / CORE + self.steps * WAITING_SECONDS
        return (
            self.frames * FRAME
            + self.read_units * READ
            + self.write_units * WRITE
            + CALL
            + billed * GIGABYTE_SECOND
            + self.logged / 1024 * LOGGED
        )


def frames(sizes: list[int]) -> int:
    """How many frames one is billed for."""
    return sum(ceil(size / FRAME_BYTES) for size in sizes)


@dataclass(frozen=True)
class Chat:
    """A chat of twenty messages, for one of a seller's five at the same time: what it takes of each operation."""

    frames: Mapping[str, float]

    @classmethod
    def as_sent(cls) -> Chat:
        """As the widget and the console send it; `widget/tests/core/chat-of-twenty.test.ts` keeps the file."""
        told = json.loads((Path(__file__).parent / "chat_of_twenty.json").read_text(encoding="utf-8"))
        sent = {**told["visitor"]}
        for action, count in told["seller"].items():
            sent[action] = sent.get(action, 0) + count
        # Each comes over a connection; the seller's is shared, and lasts as long.
        connections = 1 + 1 / told["chats"]
        return cls({action: count / told["chats"] for action, count in sent.items()} | {"connect": connections})


def around(publisher: float) -> float:
    """What happens to a chat without a frame: it is opened, given to a seller and closed, and looked after.

    `publisher` is what a call of such a function costs.
    """
    events = 3 * (EVENT + publisher)
    check_ups = 2 * publisher + QUEUED + SCHEDULE
    return events + check_ups
