"""WebSockets: the tickets that open them, where they are kept, and how frames reach them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chat.model.entries import Json
from chat.model.identity import Principal, Role


@dataclass(frozen=True)
class Connection:
    """One open WebSocket of a person; `connected_at` is ISO 8601 in UTC."""

    id: str
    user_id: str
    role: Role
    connected_at: str


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a start learned of a visitor's connection, `at` (ISO 8601)."""

    seller_id: str
    contact_id: str
    user_info: Json
    at: str


class ConnectionStore(Protocol):
    """The connections table."""

    def add(self, connection: Connection, expires_at: int) -> None:
        """Store a connection until `expires_at` (epoch seconds)."""

    def restore(self, connection: Connection, expires_at: int, learned: Description | None = None) -> None:
        """Store a connection again, or only its new `connected_at` if it is there, with what a start learned of it."""

    def remove(self, connection_id: str) -> Connection | None:
        """Forget a connection; whose it was, None if it is unknown."""

    def forget(self, connection: Connection) -> None:
        """Forget a connection that was found gone, unless it has been restored since it was looked up."""

    def holds(self, connection_id: str) -> bool:
        """Whether a connection is stored, read strongly consistently."""

    def of(self, person: Principal, enough: int | None = None) -> Sequence[Connection]:
        """The connections of a person, eventually consistent: one just opened may be missing.

        Where `enough` were found, others are not looked for: then it is any of them.
        """


class Push(Protocol):
    """Posts frames to connections."""

    def post(self, connection_id: str, frame: bytes) -> None:
        """Send one frame. Raises `ConnectionGoneError` or `PushFailedError`."""

    def close(self, connection_id: str) -> None:
        """End a connection; no error if it is gone already."""


class TicketStore(Protocol):
    """Where tickets wait to be used. Both methods may raise `StoreBusyError` or `StoreUnavailableError`."""

    def put(self, digest: str, person: Principal, expires_at: int) -> None:
        """Keep a ticket until `expires_at` (epoch seconds)."""

    def take(self, digest: str, now: int) -> Principal | None:
        """Whose ticket it was; None if there is none, or none any more. It cannot be taken twice."""
