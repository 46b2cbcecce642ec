"""What a chat takes of AWS: in this design, in the document's own, and over servers that are always on.

The frames are those that the clients send (chat_of_twenty.json), their bills those that the functions are held to
(tests/worlds/bills.py). What is neither counted nor priced stands here as a constant.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.worlds.bills import BILLS

Used = Mapping[str, float]
"""How much of what is paid by use, in the words of the prices."""

STEP_SECONDS, CALL_SECONDS = 0.005, 0.01
"""A step that waits, and a call's own work on a gigabyte."""
NOT_COUNTED = 3
"""Events of a chat, and calls of the publisher and of the attendant for these and for check-ups."""
CHAT_MINUTES = 10
"""For twenty messages."""
PAGE_FILES, PAGE_KILOBYTES = 4, 37
METRICS_BYTES = 250
"""The line of metrics that a message or a step of a chat's life writes, at most."""
ACCESS_BYTES = 400
"""A line of the access log, about: one for each frame that comes in, each connection and each end of one."""
ENTRY_BYTES = 700
"""An entry of the log with its state and an ordinary text."""
LIFE_ENTRIES = 3
"""Entries of a chat that are no messages: opened, assigned, closed."""

SERVICES: Mapping[str, str] = {
    "frames": "API Gateway",
    "minutes of a connection": "API Gateway",
    "calls of a function": "Lambda",
    "seconds of a gigabyte": "Lambda",
    "units read": "DynamoDB",
    "units written": "DynamoDB",
    "events": "EventBridge",
    "schedules": "EventBridge",
    "requests to a queue": "SQS",
    "kilobytes of logs": "CloudWatch",
    "requests to CloudFront": "CloudFront",
    "gigabytes from CloudFront": "CloudFront",
}
"""Who charges for it."""


@dataclass(frozen=True)
class Sent:
    """The frames of one chat, by action, and its share of connections and of minutes."""

    frames: Mapping[str, float]
    connections: float
    minutes: float


def sent(messages: int = 20) -> Sent:
    """What the widget and the console send in a chat of so many messages, with one of a seller's five at a time.

    What is written makes messages, typing and receipts; what takes time makes looks of the console. To begin and to end
    takes the same always.
    """
    told = json.loads((Path(__file__).parent / "chat_of_twenty.json").read_text(encoding="utf-8"))
    longer, chats = messages / told["messages"], told["chats"]
    once = Counter({"InitChat": told["visitor"]["InitChat"], "sync": told["visitor"]["sync"]})
    once["closeChat"] = told["seller"]["closeChat"]
    everything = Counter(told["visitor"]) + Counter(told["seller"])
    frames = {action: (once[action] + (count - once[action]) * longer) / chats for action, count in everything.items()}
    return Sent(frames, connections=1 + 1 / chats, minutes=CHAT_MINUTES * longer)


def of_chat(messages: int = 20) -> dict[str, float]:
    """What a chat takes of this design."""
    chat = sent(messages)
    bills = {action: BILLS[action][2] for action in chat.frames}

    def over_frames(name: str) -> float:
        return sum(many * float(getattr(bills[action], name)) for action, many in chat.frames.items())

    calls = sum(many for action, many in chat.frames.items() if action != "ping") + 3 * chat.connections
    calls += 2 * NOT_COUNTED
    steps = over_frames("steps") + 2 * chat.connections + 4 * NOT_COUNTED
    come_in = sum(chat.frames.values())
    answers = sum(many for action, many in chat.frames.items() if bills[action].answered)
    logged = METRICS_BYTES * (messages + LIFE_ENTRIES) + ACCESS_BYTES * (come_in + 2 * chat.connections)
    return {
        "units read": over_frames("reads") + 2 * NOT_COUNTED,
        "units written": over_frames("writes") + 2 * chat.connections,
        "frames": come_in + over_frames("posts") + answers,
        "minutes of a connection": chat.minutes * chat.connections,
        "calls of a function": calls,
        "seconds of a gigabyte": STEP_SECONDS * steps + CALL_SECONDS * calls,
        "events": NOT_COUNTED,
        "schedules": 1,
        "requests to a queue": 3 * NOT_COUNTED,
        "kilobytes of logs": logged / 1024,
        **PAGE,
    }


PAGE: Used = {"requests to CloudFront": PAGE_FILES, "gigabytes from CloudFront": PAGE_KILOBYTES / 1024**2}
"""The widget of a visitor who chats."""


@dataclass(frozen=True)
class Asked:
    """What a handler of the document asks for, by its text: frames, units, and requests one after another."""

    frames: int
    reads: float
    writes: float
    steps: int


ASKED_BY_DOCUMENT: Mapping[str, Asked] = {
    "connect": Asked(frames=1, reads=0, writes=2, steps=1),
    "init-chat": Asked(frames=2, reads=0, writes=2, steps=2),
    # One put, one query, one post.
    "send-message": Asked(frames=2, reads=0.5, writes=1, steps=3),
}
"""Each of an item below a unit's size; `connect` is an upgrade, which is no frame."""
PLATFORM_LINES = 350
"""Bytes of START, END and REPORT, which Lambda writes of every call where nobody turns them off."""
DOCUMENT_ENTRY_BYTES = 300


def of_document(messages: int = 20) -> dict[str, float]:
    """The same of the document's design: no numbers, acknowledgements, receipts, typing, sync, inbox or queue."""
    connections = 1 + 1 / 5
    called = {"connect": connections, "init-chat": 1.0, "send-message": float(messages)}
    calls = sum(called.values())

    def over_calls(name: str) -> float:
        return sum(many * float(getattr(ASKED_BY_DOCUMENT[handler], name)) for handler, many in called.items())

    return {
        "units read": over_calls("reads"),
        "units written": over_calls("writes"),
        "frames": over_calls("frames") - connections,
        "minutes of a connection": CHAT_MINUTES * messages / 20 * connections,
        "calls of a function": calls,
        "seconds of a gigabyte": STEP_SECONDS * over_calls("steps") + CALL_SECONDS * calls,
        "kilobytes of logs": calls * PLATFORM_LINES / 1024,
        **PAGE,
    }


def of_servers(messages: int = 20) -> dict[str, float]:
    """What a chat takes of servers that are always on beside themselves: its entries are stored, and read once."""
    entries = messages + LIFE_ENTRIES
    return {
        "units read": 2 * entries * ENTRY_BYTES / 4096,
        "units written": entries,
        "kilobytes of logs": METRICS_BYTES * entries / 1024,
        **PAGE,
    }
