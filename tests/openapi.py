"""docs/openapi.yaml as something that REST calls can be held to."""

from __future__ import annotations

from collections.abc import Mapping

from jsonschema import Draft202012Validator

from tests.documents import Document, Schema, closed

DOCUMENT = Document("openapi.yaml")


class NonconformingCallError(AssertionError):
    """An answer is not as the document says."""


def operations() -> Mapping[str, Schema]:
    """Every operation by its route, such as `POST /chats`."""
    paths = DOCUMENT.whole["paths"].items()
    return {f"{method.upper()} {path}": each for path, methods in paths for method, each in methods.items()}


def responses(route: str) -> Mapping[int, Schema]:
    """What a route may answer, by status."""
    return {int(status): DOCUMENT.resolved(each) for status, each in operations()[route]["responses"].items()}


def check_answer(route: str, status: int, body: object, headers: Mapping[str, str]) -> None:
    """Raise `NonconformingCallError` unless the document allows this answer of this route."""
    if status not in responses(route):
        raise NonconformingCallError(f"{route} answered {status}, of which nothing is said.")
    response = responses(route)[status]
    schema = closed(response["content"]["application/json"]["schema"])
    problems = [error.message for error in Draft202012Validator(schema).iter_errors(body)]
    codes = response.get("x-error-codes")
    if codes and isinstance(body, dict) and body.get("code") not in codes:
        problems.append(f"{status} with {body.get('code')}")
    problems += [f"no {name}" for name in response.get("headers", {}) if name not in headers]
    if problems:
        raise NonconformingCallError(f"{route} answered {status} {body}: {'; '.join(problems)}")
