"""Errors that reach a client."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """The `code` of an error frame; docs/protocol.md says what a client does about each."""

    BAD_FRAME = "bad_frame"
    UNKNOWN_ACTION = "unknown_action"
    MISSING_FIELD = "missing_field"
    BAD_FIELD = "bad_field"
    TOO_LARGE = "too_large"
    FORBIDDEN = "forbidden"
    CONTACT_CLOSED = "contact_closed"
    CONTACT_TAKEN = "contact_taken"
    CONTACT_EXPIRED = "contact_expired"
    BLOCKED = "blocked"
    UNKNOWN_SELLER = "unknown_seller"
    SELLER_FULL = "seller_full"
    SLOW_DOWN = "slow_down"
    TRY_AGAIN = "try_again"
    SESSION_EXPIRED = "session_expired"


class ChatError(Exception):
    """A request that is answered with an error frame; nothing already accepted is lost by it.

    `reason` tells a person what to do. `field` names the field that is wrong. `retry_after_ms` is in milliseconds.
    """

    def __init__(self, code: Code, reason: str, *, field: str | None = None, retry_after_ms: int | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.field = field
        self.retry_after_ms = retry_after_ms


def forbidden() -> ChatError:
    """One answer for a foreign contact and for one that does not exist, so that nobody can tell which it is."""
    return ChatError(Code.FORBIDDEN, "This is not a contact of yours. Start one with InitChat, or check 'contact_id'.")


def unknown_seller(field: str) -> ChatError:
    """Nobody is registered under the name in `field`."""
    return ChatError(Code.UNKNOWN_SELLER, f"No such seller. Check '{field}'.", field=field)


def unregistered() -> ChatError:
    """The seller who asks is not registered, or not any more."""
    return ChatError(Code.UNKNOWN_SELLER, "This seller is not registered here.")


def try_again(retry_after_ms: int = 500) -> ChatError:
    """Something of ours failed; the same frame may be sent again without harm."""
    return ChatError(
        Code.TRY_AGAIN,
        "This could not be completed just now. Send the same frame again, with the same 'id'.",
        retry_after_ms=retry_after_ms,
    )
