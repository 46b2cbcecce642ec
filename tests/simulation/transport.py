"""What brings functions their work: a table's stream, a bus, queues. At least once, late, and in any order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from tests import events
from tests.simulation.chances import Chances
from tests.simulation.deployed import Wire, answering_as_aws
from tests.simulation.kernel import CrashError, Kernel, current

BATCH = 10
COMES_AGAIN = 30.0
"""After so many seconds somebody else may have what a function was given, and has not said that it is done."""
Handle = Callable[[dict[str, Any]], Mapping[str, Any]]
Spawn = Callable[[str, Callable[[], None]], None]
"""Starts an invocation of a name."""


class Stream:
    """A table's stream with one shard: in order, and nothing more before a batch is done with."""

    def __init__(self, kernel: Kernel, spawn: Spawn, handle: Handle) -> None:
        self._kernel = kernel
        self._spawn = spawn
        self._handle = handle
        self._items: list[dict[str, Any]] = []
        self._turn = 0
        self._is_read = False

    def put(self, items: Sequence[dict[str, Any]]) -> None:
        """What was written in one transaction."""
        self._items.extend(items)
        if not self._is_read:
            self._is_read = True
            self._kernel.at(0.1, partial(self._hand_in, self._turn))

    def _hand_in(self, turn: int) -> None:
        if turn != self._turn:
            return
        batch = self._items[:BATCH]
        if not batch:
            self._is_read = False
            return
        self._kernel.at(COMES_AGAIN, partial(self._hand_in, turn))

        def call() -> None:
            failures = self._handle(events.stream(batch))["batchItemFailures"]
            if turn != self._turn:
                return
            # The record that is named comes first next time.
            done = int(failures[0]["itemIdentifier"]) - 1 if failures else len(batch)
            del self._items[:done]
            self._turn += 1
            self._kernel.at(1.0 if failures else 0.1, partial(self._hand_in, self._turn))

        self._spawn("publisher", call)


class Bus:
    """The part of EventBridge's client that the publisher asks for."""

    def __init__(self, wire: Wire, published: Callable[[dict[str, Any]], None]) -> None:
        self._wire = wire
        self._published = published

    def put_events(self, *, Entries: Sequence[Mapping[str, str]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        put = lambda: [self._put(entry) for entry in Entries]  # noqa: E731 - done where the wire says
        return {"Entries": answering_as_aws(lambda: self._wire.take("put_events", put, writes=True))}

    def _put(self, entry: Mapping[str, str]) -> dict[str, str]:
        for fault, code in (("bus refuses", "ThrottlingException"), ("bus refuses for good", "MalformedDetail")):
            if self._wire.chances.strike(fault):
                current().disturbed = True
                return {"ErrorCode": code}
        self._published(msgspec.json.decode(entry["Detail"]))
        return {"EventId": "1"}


@dataclass(eq=False)
class Message:
    """A message in a queue. `turn` grows with every change of when it shows next: of several, the last one counts."""

    id: str
    what: str
    body: str
    done: Callable[[], None]
    receives: int = 0
    turn: int = 0
    is_done: bool = False


class Queue:
    """A queue, and what hands its messages to a function. Who is killed gets all of a batch again."""

    def __init__(self, name: str, kernel: Kernel, chances: Chances, spawn: Spawn, handle: Handle) -> None:
        self.name = name
        self._kernel = kernel
        self._chances = chances
        self._random = chances.stream(f"queue of {name}")
        self._spawn = spawn
        self._handle = handle
        self._waiting: list[Message] = []
        self._received: dict[str, Message] = {}
        self._count = 0
        self._is_asked = False

    def send(self, what: str, body: object, delay: float = 0.0, done: Callable[[], None] = lambda: None) -> None:
        """`done` is called when the message is deleted."""
        self._count += 1
        message = Message(f"{self.name}-{self._count}", what, msgspec.json.encode(body).decode(), done)
        self._kernel.at(delay, partial(self._show, message, 0))

    def hide(self, receipt: str, seconds: float) -> None:
        """Show a message again after so long, counted from now."""
        self._show_again(self._received[receipt], seconds)

    def _show_again(self, message: Message, seconds: float) -> None:
        message.turn += 1
        self._kernel.at(seconds, partial(self._show, message, message.turn))

    def _show(self, message: Message, turn: int) -> None:
        if message.is_done or message.turn != turn:
            return
        self._waiting.append(message)
        if not self._is_asked:
            self._is_asked = True
            self._kernel.at(self._random.uniform(0.01, 0.5), self._ask)

    def _ask(self) -> None:
        self._is_asked = False
        self._random.shuffle(self._waiting)
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            self._hand_in(batch)

    def _hand_in(self, batch: Sequence[Message]) -> None:
        for message in batch:
            message.receives += 1
            self._show_again(message, COMES_AGAIN)
        handed = {"Records": [self._record(message) for message in batch]}
        kinds = sorted({message.what for message in batch}, reverse=True)

        def call() -> None:
            failures = {each["itemIdentifier"] for each in self._handle(handed)["batchItemFailures"]}
            if self._chances.strike("dies at its end", self.name):
                self._chances.cover(f"a batch of {'several' if len(batch) > 1 else 'one'} that died: {self.name}")
                raise CrashError
            if failures and len(failures) < len(batch):
                self._chances.cover(f"a batch that failed in part: {self.name}")
            for message in batch:
                if message.id not in failures:
                    self._delete(message)

        self._spawn(kinds[0], call)

    def _record(self, message: Message) -> dict[str, Any]:
        record: dict[str, Any] = events.from_queue(message.body, receives=message.receives)["Records"][0]
        self._received[message.id] = message
        return record | {"messageId": message.id, "receiptHandle": message.id}

    def _delete(self, message: Message) -> None:
        message.is_done = True
        message.done()
        if self._chances.strike("handed in again", message.what):
            # Deleted, and one of the queue's servers has not heard of it.
            message.is_done = False
            self._show_again(message, self._random.uniform(1, 60))


class Queues:
    """The parts of SQS's client that the functions ask for."""

    def __init__(self, wire: Wire, hide: Callable[[str, float], None], set_aside: Callable[[str], None]) -> None:
        self._wire = wire
        self._hide = hide
        self._set_aside = set_aside

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: N803 - boto3's names
        hide = lambda: self._hide(ReceiptHandle, VisibilityTimeout)  # noqa: E731 - done where the wire says
        answering_as_aws(lambda: self._wire.take("hide", hide, writes=True))

    def send_message(self, *, QueueUrl: str, MessageBody: str, MessageAttributes: object) -> None:  # noqa: N803 - boto3's names
        set_aside = lambda: self._set_aside(MessageBody)  # noqa: E731 - done where the wire says
        answering_as_aws(lambda: self._wire.take("set aside", set_aside, writes=True))
