"""A request that is tried again where AWS's SDKs would try it again (their `standard` mode)."""

from __future__ import annotations

from collections.abc import Callable
from random import uniform
from time import sleep
from typing import Any

import msgspec
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

PASSING = frozenset(
    {
        "BandwidthLimitExceeded",
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ServiceUnavailable",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""Codes after which the same request may succeed."""
PASSING_STATUS = frozenset({500, 502, 503, 504})
LOST = (ConnectionClosedError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError)
LONGEST_PAUSE_SECONDS = 20.0

Attempt = Callable[[], tuple[int, bytes]]


def answered(operation: str, attempt: Attempt, most: int) -> dict[str, Any]:
    """The JSON that AWS answers to at most `most` attempts, with `ResponseMetadata` as botocore has it.

    `RetryAttempts` tells the caller whether an earlier attempt may have been carried out. Raises `ClientError` for a
    refusal, and what the transport raises.
    """
    retries = 0
    while True:
        is_last = retries + 1 >= most
        try:
            status, body = attempt()
        except LOST:
            if is_last:
                raise
        else:
            answer = _decoded(body)
            metadata = {"HTTPStatusCode": status, "RetryAttempts": retries}
            if status < 300:
                return {**answer, "ResponseMetadata": metadata}
            code = _code(answer, status)
            if is_last or not (code in PASSING or status in PASSING_STATUS):
                raise _refused(operation, code, answer, metadata)
        _pause(retries)
        retries += 1


def _pause(retries: int) -> None:
    sleep(uniform(0, 1) * min(2**retries, LONGEST_PAUSE_SECONDS))  # noqa: S311 - it keeps no secret


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(body) if body else {}
    except msgspec.DecodeError:
        # A gateway's page, which only its status describes.
        return {}
    return value if isinstance(value, dict) else {}


def _code(answer: dict[str, Any], status: int) -> str:
    named = str(answer.get("__type") or answer.get("code") or "")
    return named.rpartition("#")[2] or str(status)


def _refused(operation: str, code: str, answer: dict[str, Any], metadata: dict[str, Any]) -> ClientError:
    message = str(answer.get("message") or answer.get("Message") or "")
    details = {name: value for name, value in answer.items() if name not in {"__type", "message", "Message"}}
    response: Any = {**details, "Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}
    return ClientError(response, operation)
