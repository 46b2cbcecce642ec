"""DynamoDB's failures in the domain's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chat.ports.errors import StoreBusyError, StoreUnavailableError

_BUSY = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
CONDITION_FAILED = "ConditionalCheckFailed"


@contextmanager
def translated() -> Iterator[None]:
    """Raise `StoreBusyError` for what was refused for now, `StoreUnavailableError` for what has an unknown outcome.

    A failed condition passes through as the `ClientError` it is: only its caller knows what it means.
    """
    try:
        yield
    except ClientError as error:
        code = error_code(error)
        if code in _BUSY or is_conflict(error):
            # Also if a condition failed beside it: it was looked at while somebody else was writing.
            raise StoreBusyError(code) from error
        if code.startswith(CONDITION_FAILED) or CONDITION_FAILED in cancellation_codes(error):
            raise
        raise StoreUnavailableError(code) from error
    except BotoCoreError as error:
        raise StoreUnavailableError(type(error).__name__) from error


def all_of(answer: Any, table: str) -> list[Any]:
    """The items of a table in an answer to BatchGetItem. Raises `StoreBusyError` where some were put off."""
    if answer.get("UnprocessedKeys"):
        raise StoreBusyError("UnprocessedKeys")
    found: list[Any] = answer["Responses"].get(table, [])
    return found


def is_written(write: Callable[[], object]) -> bool:
    """Make a request with a condition; False if that was not met. Raises what `translated` does."""
    with translated():
        try:
            write()
        except ClientError as error:
            if error_code(error).startswith(CONDITION_FAILED):
                return False
            raise
    return True


@contextmanager
def condition_may_fail() -> Iterator[None]:
    """Go on where a condition was not met: then there was nothing to do."""
    try:
        yield
    except ClientError as error:
        if not error_code(error).startswith(CONDITION_FAILED) and CONDITION_FAILED not in cancellation_codes(error):
            raise


def was_retried(error: ClientError) -> bool:
    """Whether the client had asked before, and may have been heard though it got no answer."""
    return bool(error.response.get("ResponseMetadata", {}).get("RetryAttempts"))


def error_code(error: ClientError) -> str:
    """The exception's name as DynamoDB gives it."""
    return error.response["Error"]["Code"]


def cancellation_codes(error: ClientError) -> list[str]:
    """Why a transaction was cancelled, one code per action in their order."""
    reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
    return [reason.get("Code") or "None" for reason in reasons]


def is_conflict(error: ClientError) -> bool:
    """Whether a transaction was cancelled for something that passes, possibly among other reasons."""
    passing = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
    return not passing.isdisjoint(cancellation_codes(error))
