"""What the ports report to the domain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chat.model.errors import try_again


class NumberTakenError(Exception):
    """A conditional append lost: the log already has an entry of that number."""


class PointerMovedError(Exception):
    """Another request opened a contact for this visitor and seller first."""


class ListingMovedError(Exception):
    """The contact is not listed any more as it was when it was read."""


class SellerFullError(Exception):
    """The seller has no room for one more contact."""


class ForgottenError(Exception):
    """The contact's visitor was erased: nothing is written about them any more."""


class FullError(Exception):
    """There are as many as there may be: one more was not added."""


class StoreBusyError(Exception):
    """The store refused for now (throttling, a conflicting transaction): nothing was written."""


class StoreUnavailableError(Exception):
    """The store failed or timed out: whether a write was applied is unknown."""


class ConnectionGoneError(Exception):
    """The WebSocket is closed for good (API Gateway's 410 GoneException)."""


class PushFailedError(Exception):
    """A push did not go out, but the connection may still be there (time-out, limit, client buffer full)."""


@contextmanager
def asking_to_retry() -> Iterator[None]:
    """Raise `try_again` where a store raises `StoreBusyError` or `StoreUnavailableError`."""
    try:
        yield
    except (StoreBusyError, StoreUnavailableError) as error:
        raise try_again() from error
