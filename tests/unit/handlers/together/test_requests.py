"""What each operation of the deployed functions costs in requests, and how many of them wait for another.

A change to one of these numbers is a change of the design.
tests/unit/together/test_budgets.py says what the reads are for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import pytest
from botocore.client import BaseClient

from chat.adapters.threads import Threads
from chat.model.identity import Principal, Role
from tests.worlds.deployment import SELLER, VISITOR, Functions
from tests.worlds.tables import SELLERS

T = TypeVar("T")
CLOSING = {"GetItem": 1, "Query": 3, "TransactWriteItems": 1, "PostToConnection": 1}


@dataclass
class Requests:
    """The requests to DynamoDB and @connections, and after how many others each of them was made.

    A request takes one step. What runs side by side begins at the same step, and what follows begins after all of it.
    """

    taken: list[tuple[int, str]] = field(default_factory=list)
    _step: ContextVar[int] = field(default_factory=lambda: ContextVar("step", default=0))

    @property
    def counts(self) -> dict[str, int]:
        """How many of each operation."""
        return dict(Counter(operation for _, operation in self.taken))

    @property
    def steps(self) -> int:
        """How many requests waited for one another."""
        return len({step for step, _ in self.taken})

    def make(self, operation: str) -> None:
        """Note a request."""
        self.taken.append((self._step.get(), operation))
        self._step.set(self._step.get() + 1)

    def side_by_side(self, tasks: Sequence[Callable[[], T]], run: Callable[..., list[T]]) -> list[T]:
        """Run tasks that begin at the same step, and go on after the last."""
        begun, ended = self._step.get(), [0]

        def from_the_same(task: Callable[[], T]) -> T:
            self._step.set(begun)
            try:
                return task()
            finally:
                ended.append(self._step.get())

        try:
            return run([partial(from_the_same, task) for task in tasks])
        finally:
            self._step.set(max(begun, *ended))


@pytest.fixture
def contact(functions: Functions) -> str:
    """An open contact of a visitor and a seller who are both connected."""
    functions.connect(SELLER, "s1")
    functions.send(SELLER, "s1", action="presence", status="online")
    functions.connect(VISITOR, "v1")
    started = functions.send(VISITOR, "v1", action="InitChat", sellerId="123456", userInfo={"name": "Ana"})
    assert started["status"] == "open"
    return str(started["contact_id"])


@pytest.fixture
def requests(functions: Functions, contact: str, monkeypatch: pytest.MonkeyPatch) -> Requests:
    """The requests from here on; all before is done."""
    seen, carry_out, run = Requests(), BaseClient._make_api_call, Threads.run  # type: ignore[attr-defined]

    def noted(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        seen.make(operation)
        return carry_out(client, operation, parameters)

    def at_once(threads: Threads, tasks: Sequence[Callable[[], T]]) -> list[T]:
        return seen.side_by_side(tasks, lambda begun: run(threads, begun))

    monkeypatch.setattr(BaseClient, "_make_api_call", noted)
    monkeypatch.setattr(Threads, "run", at_once)
    return seen


def _in_a_team(functions: Functions) -> None:
    functions.dynamodb.update_item(
        TableName=SELLERS,
        Key={"seller_id": {"S": "123456"}},
        UpdateExpression="SET team = :team",
        ExpressionAttributeValues={":team": {"S": "support"}},
    )


def test_to_connect_costs_one_write(functions: Functions, requests: Requests) -> None:
    functions.connect(VISITOR, "v2")

    assert (requests.counts, requests.steps) == ({"PutItem": 1}, 1)


def test_to_disconnect_costs_one_write(functions: Functions, requests: Requests) -> None:
    functions.disconnect(VISITOR, "v1")

    assert (requests.counts, requests.steps) == ({"DeleteItem": 1}, 1)


def test_the_last_connection_of_a_seller_costs_a_look_up_and_a_note_that_they_are_gone(
    functions: Functions, requests: Requests
) -> None:
    functions.disconnect(SELLER, "s1")

    assert (requests.counts, requests.steps) == ({"DeleteItem": 1, "Query": 1, "UpdateItem": 1}, 3)


@pytest.mark.parametrize("named", ["123456", "support"], ids=["a seller", "a team"])
def test_a_chat_that_is_given_to_a_seller_costs_nine_requests_in_four_steps_before_two_posts(
    functions: Functions, requests: Requests, named: str
) -> None:
    _in_a_team(functions)
    requests.taken.clear()
    stranger = Principal("device-7c9e6679-7425-40de-944b-e07fc1f90ae7", Role.VISITOR)

    started = functions.send(stranger, "v2", action="InitChat", sellerId=named, userInfo={"name": "Bo"})

    assert started["status"] == "open"
    reads_of_the_team = {"Query": 1} if named == "support" else {}
    counts = {
        "UpdateItem": 3,  # the connection, two counters
        "GetItem": 2,  # the pointer, the seller
        "Query": 3,  # whether anybody waits, the connections of both
        "TransactWriteItems": 1,
        "PostToConnection": 2,
    }
    assert Counter(requests.counts) == Counter(counts) + Counter(reads_of_the_team)
    assert requests.steps == 6 + len(reads_of_the_team)


def test_a_chat_that_goes_on_costs_three_steps(functions: Functions, requests: Requests) -> None:
    functions.send(VISITOR, "v1", action="InitChat", sellerId="123456", userInfo={"name": "Ana"})

    assert requests.counts == {"UpdateItem": 1, "GetItem": 1, "Query": 1}
    assert requests.steps <= 3


def test_a_message_costs_two_reads_then_a_write_beside_two_look_ups_then_a_post(
    functions: Functions, requests: Requests, contact: str
) -> None:
    functions.send(VISITOR, "v1", action="sendMessage", contact_id=contact, message="Hello", id="m1", base=2)

    # Who may is known from one small item before anything else is read.
    assert requests.counts == {"GetItem": 1, "Query": 3, "PutItem": 1, "PostToConnection": 1}
    assert requests.steps <= 4


def test_a_receipt_that_rises_costs_two_reads_a_write_and_a_post_to_the_other_side(
    functions: Functions, requests: Requests, contact: str
) -> None:
    functions.send(SELLER, "s1", action="receipt", contact_id=contact, read=2)

    assert requests.counts == {"GetItem": 1, "Query": 3, "UpdateItem": 1, "PostToConnection": 1}


def test_typing_costs_two_reads_a_look_up_and_a_post(functions: Functions, requests: Requests, contact: str) -> None:
    functions.send(SELLER, "s1", action="typing", contact_id=contact)

    assert (requests.counts, requests.steps) == ({"GetItem": 1, "Query": 2, "PostToConnection": 1}, 4)


@pytest.mark.parametrize(
    ("frame", "counts"),
    [
        pytest.param({"action": "sync", "after": 2}, {"GetItem": 1, "Query": 1}, id="sync"),
        pytest.param({"action": "ping"}, {}, id="ping"),
        pytest.param({"action": "inbox"}, {"Query": 1}, id="inbox"),
        pytest.param({"action": "closeChat"}, CLOSING, id="close"),
    ],
)
def test_an_operation_of_a_seller_costs(
    functions: Functions, requests: Requests, contact: str, frame: dict[str, Any], counts: dict[str, int]
) -> None:
    named = {} if frame["action"] in {"ping", "inbox"} else {"contact_id": contact}
    functions.send(SELLER, "s1", **frame, **named)

    assert requests.counts == counts


def test_to_say_that_one_is_there_costs_a_write_and_a_look_at_two_queues(
    functions: Functions, requests: Requests
) -> None:
    functions.send(SELLER, "s1", action="presence", status="online")

    assert requests.counts == {"UpdateItem": 1, "Query": 2}
