"""What only AWS can show to `make verify`, and how it takes its time."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.frames import Close
from websockets.http11 import Response
from websockets.sync.client import ClientConnection

from administration.deployments import Deployment
from administration.verification import events, operations, sockets
from administration.verification.__main__ import LEASE, steps_of
from administration.verification.people import People, Socket
from administration.verification.resources import Resources
from administration.verification.step import NotAsItShouldBeError, Step, carry_out

DOCUMENT = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
PENDING, CONFIRMED = "PendingConfirmation", "arn:aws:sns:eu-central-1:123456789012:alarms:1"


def deployed(environment: str) -> Deployment:
    return Deployment(Mock(), None, {"AlarmTopic": "arn:aws:sns:eu-central-1:123456789012:alarms"}, environment)


def resources(**clients: Any) -> Resources:
    """Resources whose clients answer what is said."""
    return cast("Resources", SimpleNamespace(client=clients.__getitem__, **clients))


def subscribed(*arns: str) -> Resources:
    answer = {"Subscriptions": [{"SubscriptionArn": arn} for arn in arns]}
    return resources(sns=Mock(list_subscriptions_by_topic=Mock(return_value=answer)))


def logged(*lines: str) -> Resources:
    pages = [{"events": [{"message": line} for line in lines]}]
    return resources(logs=Mock(get_paginator=Mock(return_value=Mock(paginate=Mock(return_value=pages)))))


def tagged(**tags: str) -> Resources:
    return cast("Resources", SimpleNamespace(tags=lambda _part: tags))


@dataclass
class GatewaysConnection:
    """A visitor's connection as API Gateway has it: pings are its own, and a binary frame or one over 32 KB ends it."""

    answers: list[str] = field(default_factory=list)
    code: int | None = None

    def send(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            self.code = sockets.NO_TEXT
        elif len(frame) > sockets.CARRIED:
            self.code = sockets.TOO_BIG
        elif '"ping"' in frame:
            self.answers.append('{"action": "pong"}')
        elif '"typing"' in frame:
            self.answers.append("")
        else:
            self._refuse("too_large" if len(frame) > sockets.HANDLED else "unknown_action")

    def recv(self, timeout: float) -> str:
        if not self.answers and self.code is not None:
            raise ConnectionClosedError(Close(self.code, ""), None)
        if not self.answers:
            raise TimeoutError(timeout)
        return self.answers.pop(0)

    def _refuse(self, code: str) -> None:
        self.answers.append(json.dumps({"action": "error", "code": code}))


class Strangers(People):
    """A visitor who is let in, and others who are not."""

    @contextmanager
    def socket(self, *protocols: str, **query: str) -> Iterator[Socket]:
        if protocols or not query:
            raise InvalidStatus(Response(403 if protocols else 401, "", Headers()))
        yield Socket(cast("ClientConnection", GatewaysConnection()), self)


def test_the_step_of_sockets_passes_where_api_gateway_answers_pings_and_frames_that_it_does_not_carry() -> None:
    told = cast("Resources", SimpleNamespace(variables={}))

    assert sockets.check_visitors(Strangers(deployed("dev"), told)) is None


@dataclass
class Waiting:
    """A visitor's socket: the contact waits at the first looks, and has been given to the seller then."""

    looks: int

    def ask(self, frame: dict[str, Any], action: str) -> dict[str, Any]:
        self.looks -= 1
        kinds = ["opened", "queued"] if self.looks > 0 else ["opened", "queued", "assigned"]
        return {"action": action, "entries": [{"kind": kind} for kind in kinds]}


@pytest.mark.parametrize(
    ("assignment", "status", "looks", "is_given"),
    [("direct", "open", 0, True), ("direct", "waiting", 2, True), ("external", "waiting", 0, False)],
)
def test_a_free_seller_is_waited_for_unless_the_shop_decides(
    assignment: str, status: str, looks: int, is_given: bool
) -> None:
    people = People(deployed("dev"), cast("Resources", SimpleNamespace(variables={"ASSIGNMENT": assignment})))
    visitor = cast("Socket", Waiting(looks))

    assert sockets._is_given(people, visitor, {"status": status, "contact_id": "c"}) is is_given


def test_a_contact_that_waits_beside_a_free_seller_fails_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "GIVING_SECONDS", 0)
    people = People(deployed("dev"), cast("Resources", SimpleNamespace(variables={"ASSIGNMENT": "direct"})))
    visitor = cast("Socket", Waiting(1_000))

    with pytest.raises(NotAsItShouldBeError, match="the seller who is free is given the contact"):
        sockets._is_given(people, visitor, {"status": "waiting", "contact_id": "c"})


def test_a_step_is_given_up_at_its_deadline() -> None:
    outcome = carry_out(Step("slow", 0.05, lambda: time.sleep(5)))

    assert (outcome.is_late, outcome.reason) == (True, "It did not end in time.")
    assert "FAILED" in outcome.line()


def test_a_step_that_breaks_says_how_on_one_line() -> None:
    def broken() -> None:
        raise ValueError("one\ntwo")

    assert carry_out(Step("broken", 5, broken)).line().endswith("ValueError: one two")


def test_another_commit_is_found() -> None:
    tags = {"service": "seller-chat", "environment": "dev", "commit": "old"}

    assert operations.check_version(deployed("dev"), tagged(**tags), "old") is None
    with pytest.raises(NotAsItShouldBeError, match="the commit that runs is 'old', not 'new'"):
        operations.check_version(deployed("dev"), tagged(**tags), "new")


@pytest.mark.parametrize(
    ("environment", "arns", "told"),
    [
        ("production", (), "confirm a subscription"),
        ("production", (PENDING,), "confirm a subscription"),
        ("dev", (PENDING,), "confirm a subscription"),
        ("production", (PENDING, CONFIRMED), None),
    ],
)
def test_somebody_is_told_of_alarms(environment: str, arns: tuple[str, ...], told: str | None) -> None:
    if told is None:
        assert operations._check_topic(deployed(environment), subscribed(*arns)) is None
        return
    with pytest.raises(NotAsItShouldBeError, match=told):
        operations._check_topic(deployed(environment), subscribed(*arns))


def running(
    limit: int, *, reserved: int | None = None, queues: tuple[int | None, ...] = (), called_by: str = ""
) -> Resources:
    """An account with a function for which so many at once may be reserved, and queues that call so many of it."""
    name = "arn:aws:lambda:eu-central-1:123456789012:function:SellerChat-dev-Chat-Attendant"
    mappings = {
        f"{number}": {
            "FunctionArn": f"{name}{called_by}",
            **({"ScalingConfig": {"MaximumConcurrency": each}} if each else {}),
        }
        for number, each in enumerate(queues)
    }
    client = Mock(
        get_account_settings=lambda: {"AccountLimit": {"ConcurrentExecutions": limit}},
        get_function_concurrency=lambda FunctionName: {} if reserved is None else {operations.RESERVED: reserved},  # noqa: N803, ARG005
        get_event_source_mapping=lambda UUID: mappings[UUID],  # noqa: N803
    )
    function = {"FunctionArn": name, "FunctionName": name}
    found = SimpleNamespace(
        client=lambda _service: client,
        functions={"attendant": function},
        names=lambda _kind: {f"Queue{each}": each for each in mappings},
    )
    return cast("Resources", found)


def test_an_account_that_runs_what_is_reserved_and_what_queues_call_is_as_it_should_be() -> None:
    operations._check_concurrency(running(10, queues=(4, 4, 2, None)))
    operations._check_concurrency(running(50, reserved=50, queues=(20, 5)))
    operations._check_concurrency(running(50, reserved=50, queues=(20, 5), called_by=":live"))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            running(9, queues=(4, 4, 2)),
            "10 functions at once are reserved or called by queues, and the account runs 9.",
        ),
        (running(49, reserved=50), "50 functions at once are reserved or called by queues, and the account runs 49."),
        (running(1000, reserved=5, queues=(20,)), "Queue0 calls 20 functions at once, for which 5 are reserved."),
    ],
)
def test_more_functions_at_once_than_there_are_are_found(found: Resources, said: str) -> None:
    with pytest.raises(NotAsItShouldBeError, match=f"^{re.escape(said)}$"):
        operations._check_concurrency(found)


def test_an_access_log_whose_errors_are_no_json_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "LOG_SECONDS", 0)
    good = json.dumps({"status": "403", "error": "Forbidden"})
    operations._check_access_log(logged(good), "log", 0)

    with pytest.raises(NotAsItShouldBeError, match="is no JSON"):
        operations._check_access_log(logged(good, '{"error": ""Forbidden""}'), "log", 0)
    with pytest.raises(NotAsItShouldBeError, match="a line about an error in log takes longer"):
        operations._check_access_log(logged(json.dumps({"status": "200"})), "log", 0)


def reading(*results: str, source: str = "table/Conversations/stream/2026") -> Resources:
    """A mapping of a source of events whose last call comes to one result after another, and stays at the last."""
    told = list(results)

    def mapping(UUID: str) -> dict[str, str]:  # noqa: N803
        return {"EventSourceArn": source, "LastProcessingResult": told.pop(0) if len(told) > 1 else told[0]}

    client = Mock(get_event_source_mapping=mapping)
    return cast("Resources", SimpleNamespace(client=lambda _service: client, names=lambda _kind: {"Publisher": "1"}))


def test_a_call_for_a_stream_that_failed_before_is_over_when_the_next_one_went_well() -> None:
    events._check_results(reading("PROBLEM: Function call failed", "OK"))
    events._check_results(reading("No records processed"))


def test_calls_for_a_stream_that_go_on_failing_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "SETTLED_SECONDS", 0)
    with pytest.raises(NotAsItShouldBeError, match=r"calls for streams came to is \{'Publisher': 'PROBLEM"):
        events._check_results(reading("PROBLEM: Function call failed"))


def test_what_fails_for_a_queue_is_looked_for_among_the_dead_letters_alone() -> None:
    events._check_results(reading("FAILED", source="arn:aws:sqs:eu-central-1:123456789012:CheckUps"))


@pytest.mark.parametrize(
    ("variables", "said"), [({}, None), ({"PHP_API_URL": "https://shop.example"}, events.NOT_SEEN)]
)
def test_that_the_shops_back_end_is_not_looked_at_is_said_where_there_is_one(
    variables: dict[str, str], said: str | None
) -> None:
    assert events.what_is_not_seen(cast("Resources", SimpleNamespace(variables=variables))) == said


def test_every_step_is_documented() -> None:
    people = People(deployed("dev"), resources())
    steps = [step.name for step in steps_of(people, commit=None, slow=True)]

    section = DOCUMENT.split("\n## Does it work?\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [*steps, "leave"]
    assert steps[-1] == LEASE
