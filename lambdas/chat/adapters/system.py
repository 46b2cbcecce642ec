"""The machine itself: its clock, its randomness, its waiting."""

from __future__ import annotations

import os
import random
import time
import uuid
from datetime import UTC, datetime


class SystemClock:
    """Implements `chat.ports.machine.Clock`."""

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC)


class RandomIds:
    """Implements `chat.ports.machine.Ids`."""

    def new(self) -> str:
        """A random UUID (RFC 9562, version 4): 122 random bits."""
        return str(uuid.uuid4())

    def secret(self) -> str:
        """256 random bits, in hexadecimal."""
        return os.urandom(32).hex()


class Jitter:
    """Implements `chat.ports.machine.Pause` with full jitter: any time up to a bound that doubles each attempt."""

    def __init__(self, *, first_seconds: float = 0.02, most_seconds: float = 0.4) -> None:
        self._first = first_seconds
        self._most = most_seconds

    def after_attempt(self, attempt: int) -> None:
        """Wait; `attempt` counts from 0."""
        time.sleep(random.uniform(0, min(self._most, self._first * 2**attempt)))  # noqa: S311 - no secret
