"""docs/asyncapi.yaml as something that frames can be held to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator

Schema = dict[str, Any]

PROJECT = Path(__file__).parent.parent
API_GATEWAY_FRAME_BYTES = 32 * 1024
"""What API Gateway lets through as one WebSocket frame."""


class NonconformingFrameError(AssertionError):
    """A frame is not as the document says."""


@cache
def document() -> Schema:
    """The whole document, as it is written."""
    # The loader in C is ten times as fast, and this is loaded by every test process.
    loaded: Schema = yaml.load(
        (PROJECT / "docs" / "asyncapi.yaml").read_text(encoding="utf-8"),
        Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),  # noqa: S506 - both are safe
    )
    return loaded


def resolved(node: Any) -> Any:
    """A part of the document with what it refers to in the places of the references."""
    if isinstance(node, list):
        return [resolved(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target: Any = document()
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return resolved(target)
    return {name: resolved(value) for name, value in node.items()}


def actions(schema: Schema) -> list[str]:
    """The values of `action` with which a frame is meant to be of this schema."""
    action = schema["properties"]["action"]
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
        allowed = _answers(asked["action"])
        # Typing has no answer but a refusal.
        if reply["action"] not in allowed and (answer is not None or allowed != {"error"}):
            raise NonconformingFrameError(f"{asked['action']} was answered with {reply['action']}.")


def _check_refusal(reply: Mapping[str, Any]) -> None:
    operation = _operation_of(reply.get("of")) or document()["operations"]["refuse"]
    if reply["code"] not in operation["x-error-codes"]:
        raise NonconformingFrameError(f"{reply.get('of')} was refused with {reply['code']}: {reply['reason']}")


def _check(value: object, validator: Draft7Validator) -> None:
    problems = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(value)]
    if problems:
        raise NonconformingFrameError(f"{value}: {'; '.join(problems)}")


@cache
def _validator_of_received(action: str | None) -> Draft7Validator:
    if action is None or action not in emitted():
        raise NonconformingFrameError(f"Nothing is said about frames with the action {action}.")
    return Draft7Validator(_closed(emitted()[action]))


@cache
def _validator_of_accepted(action: str) -> Draft7Validator:
    if action not in accepted():
        raise NonconformingFrameError(f"{action} was accepted, but nothing is said about it.")
    return Draft7Validator(accepted()[action])


def _closed(schema: Schema) -> Schema:
    """The schema without room for what is not documented; clients must leave that room."""
    closed = dict(schema)
    if "items" in schema:
        closed["items"] = _closed(schema["items"])
    if "properties" in schema:
        closed["properties"] = {name: _closed(value) for name, value in schema["properties"].items()}
        closed.setdefault("additionalProperties", False)
    return closed


def _operations(action: str) -> list[Schema]:
    return [operation for operation in document()["operations"].values() if operation["action"] == action]


@cache
def _operation_of(action: str | None) -> Schema | None:
    found = [operation for operation in _operations("receive") if action in [name for _, name in _messages(operation)]]
    return found[0] if found else None


@cache
def _answers(action: str) -> set[str]:
    operation = _operation_of(action)
    return {name for _, name in _messages(operation["reply"])} if operation else set()


def _messages(holder: Schema) -> Iterator[tuple[Schema, str]]:
    for message in resolved(holder["messages"]):
        for action in actions(message["payload"]):
            yield message["payload"], action
