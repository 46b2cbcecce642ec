"""docs/asyncapi.yaml as something that frames can be held to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft7Validator

from tests.documents import Document, Schema, closed

DOCUMENT = Document("asyncapi.yaml")
API_GATEWAY_FRAME_BYTES = 32 * 1024
"""What API Gateway lets through as one WebSocket frame."""
OF_WHOLE_FRAMES = ("bad_frame", "too_large")
"""Refusals of frames that cannot be taken, whatever they say they are."""
NOTHING = {"$ref": "#/channels/chat/messages/nothing"}
"""The empty frame, as operations name it."""


class NonconformingFrameError(AssertionError):
    """A frame is not as the document says."""


def actions(schema: Schema) -> list[str]:
    """The values of `action` with which a frame is meant to be of this schema; none of one that has no action."""
    action = schema.get("properties", {}).get("action")
    if action is None:
        return []
    return action.get("enum") or [action["const"]]


@cache
def accepted() -> Mapping[str, Schema]:
    """What clients may send, by action."""
    return {action: payload for operation in _operations("receive") for payload, action in _messages(operation)}


@cache
def emitted() -> Mapping[str, Schema]:
    """What clients receive, by action: every push and every answer."""
    pushes = [pair for operation in _operations("send") for pair in _messages(operation)]
    answers = [pair for operation in _operations("receive") for pair in _messages(operation["reply"])]
    return {action: payload for payload, action in (*pushes, *answers)}


def check_received(frame: bytes) -> None:
    """Raise `NonconformingFrameError` unless the service may send this."""
    if len(frame) >= API_GATEWAY_FRAME_BYTES:
        raise NonconformingFrameError(f"{len(frame)} bytes do not fit into one frame.")
    value = json.loads(frame)
    _check(value, _validator_of_received(value.get("action")))


def check_exchange(body: str | bytes, answer: bytes | None) -> None:
    """Raise `NonconformingFrameError` unless this answer to this body is one that the document allows.

    What was not refused must have been as the document says, too.
    """
    reply = json.loads(answer) if answer is not None else {"action": None}
    if answer is not None:
        check_received(answer)
    if reply["action"] == "error":
        _check_refusal(reply)
    else:
        asked = {name: value for name, value in json.loads(body).items() if value is not None}
        _check(asked, _validator_of_accepted(asked["action"]))
        if reply["action"] not in _answers(asked["action"]):
            raise NonconformingFrameError(f"{asked['action']} was answered with {reply['action']}.")


def _check_refusal(reply: Mapping[str, Any]) -> None:
    operation = _operation_of(reply.get("of")) or DOCUMENT.whole["operations"]["refuse"]
    if reply["code"] not in {*operation["x-error-codes"], *OF_WHOLE_FRAMES}:
        raise NonconformingFrameError(f"{reply.get('of')} was refused with {reply['code']}: {reply['reason']}")


def _check(value: object, validator: Draft7Validator) -> None:
    problems = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(value)]
    if problems:
        raise NonconformingFrameError(f"{value}: {'; '.join(problems)}")


@cache
def _validator_of_received(action: str | None) -> Draft7Validator:
    if action is None or action not in emitted():
        raise NonconformingFrameError(f"Nothing is said about frames with the action {action}.")
    return Draft7Validator(closed(emitted()[action]))


@cache
def _validator_of_accepted(action: str) -> Draft7Validator:
    if action not in accepted():
        raise NonconformingFrameError(f"{action} was accepted, but nothing is said about it.")
    return Draft7Validator(accepted()[action])


def _operations(action: str) -> list[Schema]:
    return [operation for operation in DOCUMENT.whole["operations"].values() if operation["action"] == action]


@cache
def _operation_of(action: str | None) -> Schema | None:
    found = [operation for operation in _operations("receive") if action in [name for _, name in _messages(operation)]]
    return found[0] if found else None


@cache
def _answers(action: str) -> set[str | None]:
    """The actions of all that may answer; None where nothing may."""
    operation = _operation_of(action)
    if operation is None:
        return set()
    answers: set[str | None] = {name for _, name in _messages(operation["reply"])}
    # Also where nothing but a refusal is ever an answer.
    return answers | {None} if NOTHING in operation["reply"]["messages"] or answers == {"error"} else answers


def _messages(holder: Schema) -> Iterator[tuple[Schema, str]]:
    for message in DOCUMENT.resolved(holder["messages"]):
        for action in actions(message["payload"]):
            yield message["payload"], action
