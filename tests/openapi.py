"""docs/openapi.yaml as something that REST calls can be held to."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

Schema = dict[str, Any]

PROJECT = Path(__file__).parent.parent


class NonconformingCallError(AssertionError):
    """An answer is not as the document says."""


@cache
def document() -> Schema:
    """The whole document, as it is written."""
    loaded: Schema = yaml.safe_load((PROJECT / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
    return loaded


def operations() -> Mapping[str, Schema]:
    """Every operation by its route, such as `POST /chats`."""
    paths = document()["paths"].items()
    return {f"{method.upper()} {path}": each for path, methods in paths for method, each in methods.items()}


def responses(route: str) -> Mapping[int, Schema]:
    """What a route may answer, by status."""
    return {int(status): resolved(each) for status, each in operations()[route]["responses"].items()}


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


def check_answer(route: str, status: int, body: object, headers: Mapping[str, str]) -> None:
    """Raise `NonconformingCallError` unless the document allows this answer of this route."""
    if status not in responses(route):
        raise NonconformingCallError(f"{route} answered {status}, of which nothing is said.")
    response = responses(route)[status]
    schema = _closed(response["content"]["application/json"]["schema"])
    problems = [error.message for error in Draft202012Validator(schema).iter_errors(body)]
    codes = response.get("x-error-codes")
    if codes and isinstance(body, dict) and body.get("code") not in codes:
        problems.append(f"{status} with {body.get('code')}")
    problems += [f"no {name}" for name in response.get("headers", {}) if name not in headers]
    if problems:
        raise NonconformingCallError(f"{route} answered {status} {body}: {'; '.join(problems)}")


def _closed(schema: Schema) -> Schema:
    """The schema without room for what is not documented; clients must leave that room."""
    closed = deepcopy(schema)
    if "items" in closed:
        closed["items"] = _closed(closed["items"])
    if "properties" in closed:
        closed["properties"] = {name: _closed(value) for name, value in closed["properties"].items()}
        closed.setdefault("additionalProperties", False)
    return closed
