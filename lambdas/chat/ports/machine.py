"""What the domain needs from the outside. Adapters implement these; tests and the simulator bring their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from chat.model.entries import Change, Head, Json, Mark, Place, Status, Window
from chat.model.identity import Principal, Role
from chat.model.sellers import Availability, Seller

T = TypeVar("T")


class ConversationStore(Protocol):
    """The log, heads, marks and pointers of contacts.

    Every method may raise `StoreBusyError` (nothing written) or `StoreUnavailableError` (outcome unknown).
    """

    def read(self, contact_id: str, first: int, limit: int | None = None) -> Window:
        """Entries from number `first` on, at most `limit`, read strongly consistently."""

    def latest(self, contact_id: str) -> Window:
        """The newest entry (possibly a few before it), the head and the marks, read strongly consistently."""

    def commit(self, change: Change) -> None:
        """Write a change. Raises `NumberTakenError`, `PointerMovedError`, `SellerFullError`: nothing was written."""

    def raise_mark(self, contact_id: str, role: Role, mark: Mark, expires_at: int) -> bool:
        """Store a mark until `expires_at` (epoch seconds) unless a higher one is there; False if one is."""

    def current_contact(self, visitor: str, requested: str) -> str | None:
        """The contact that a visitor last opened with a seller, read strongly consistently."""

    def inbox(self, owner: str, status: Status, limit: int, after: Place | None = None) -> Sequence[Head]:
        """Contacts of a seller or team in a status: open and closed newest first, queued oldest first.

        `after` is the place behind which to go on.
        """

    def retire(self, head: Head) -> None:
        """List a contact that waits, and of which only its head is left, as closed, unless it has moved since."""


class SellerStore(Protocol):
    """The registered sellers. Every method may raise `StoreBusyError` or `StoreUnavailableError`."""

    def get(self, seller_id: str) -> Seller | None:
        """A seller, read strongly consistently; None if he is not registered."""

    def team(self, team: str) -> Sequence[Seller]:
        """The sellers of a team, eventually consistent: a claim checks again."""

    def beat(self, seller_id: str, availability: Availability, at: int, connection_id: str = "") -> Seller | None:
        """Note what a seller says of himself at `at` (epoch seconds), and where; None if he is not registered."""

    def leave(self, seller_id: str, connection_id: str, remaining: str | None = None) -> None:
        """Note that a seller is offline, if what he said last came over this connection.

        With a `remaining` connection he stays there, and it counts as the one over which he said it.
        """

    def register(self, seller: Seller) -> None:
        """Add a seller, unless he is registered."""


@dataclass(frozen=True)
class Connection:
    """One open WebSocket of a person; `connected_at` is ISO 8601 in UTC."""

    id: str
    user_id: str
    role: Role
    connected_at: str


class ConnectionStore(Protocol):
    """The connections table."""

    def add(self, connection: Connection, expires_at: int) -> None:
        """Store a connection until `expires_at` (epoch seconds)."""

    def restore(self, connection: Connection, expires_at: int) -> None:
        """Store a connection again, or only its new `connected_at` if it is there."""

    def remove(self, connection_id: str) -> Connection | None:
        """Forget a connection; whose it was, None if it is unknown."""

    def forget(self, connection: Connection) -> None:
        """Forget a connection that was found gone, unless it has been restored since it was looked up."""

    def of(self, person: Principal) -> Sequence[Connection]:
        """The connections of a person, eventually consistent: one just opened may be missing."""

    def describe(self, connection_id: str, seller_id: str, user_info: Json, contact_id: str, at: str) -> None:
        """Note on a connection what InitChat learned; nothing happens if the connection is not there."""


class Push(Protocol):
    """Posts frames to connections."""

    def post(self, connection_id: str, frame: bytes) -> None:
        """Send one frame. Raises `ConnectionGoneError` or `PushFailedError`."""

    def close(self, connection_id: str) -> None:
        """End a connection; no error if it is gone already."""


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Now, in UTC."""


class Ids(Protocol):
    """New identifiers."""

    def new(self) -> str:
        """An identifier nobody can guess: at least 122 random bits, `[A-Za-z0-9-]`."""


class Parallel(Protocol):
    """Runs calls side by side."""

    def run(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """The results in order, once all have ended; then raises the first exception, if there was one."""


class Pause(Protocol):
    """Waits between attempts."""

    def after_attempt(self, attempt: int) -> None:
        """Wait a random time that grows with `attempt` (0, 1, 2 …)."""


class Journal(Protocol):
    """Structured operational notes; the implementation keeps an allow-list of fields."""

    def note(self, event: str, **fields: str | int | float | bool | None) -> None:
        """Write one line."""
