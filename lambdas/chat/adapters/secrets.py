"""Secrets Manager, read once per sandbox and again after a while, so that a rotated secret takes effect.

While it is rotated it has two values, which Secrets Manager calls current and previous.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

LOOKED_UP_SECONDS = 10


class Secret:
    """One secret string."""

    def __init__(
        self,
        connect: Callable[[], SecretsManagerClient],
        name: str,
        *,
        lifetime_seconds: float = 300,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect = connect
        self._client: SecretsManagerClient | None = None
        self._name = name
        self._lifetime = lifetime_seconds
        self._monotonic = monotonic
        self._value: str | None = None
        self._read_at = 0.0
        self._all: tuple[str, ...] = ()
        self._all_read_at: float | None = None

    def value(self, *, fresh: bool = False) -> str:
        """The secret, at most `lifetime_seconds` old. Raises botocore's errors: without it nothing can be proven."""
        if fresh or self._value is None or self._monotonic() - self._read_at > self._lifetime:
            self._value = self._manager().get_secret_value(SecretId=self._name)["SecretString"]
            self._read_at = self._monotonic()
        return self._value

    def all_values(self) -> tuple[str, ...]:
        """All that may be good: the value that was read, a newer one, and the one before.

        Looked up at most every `LOOKED_UP_SECONDS`, however many ask. Raises botocore's errors.
        """
        now = self._monotonic()
        if self._all_read_at is None or now - self._all_read_at >= LOOKED_UP_SECONDS:
            # What was read before is among them: to whom it is the other value, it is the one before.
            found = (self.value(), self.value(fresh=True), self._previous())
            self._all = tuple(dict.fromkeys(each for each in found if each))
            self._all_read_at = now
        return self._all

    def _previous(self) -> str | None:
        manager = self._manager()
        try:
            return manager.get_secret_value(SecretId=self._name, VersionStage="AWSPREVIOUS")["SecretString"]
        except manager.exceptions.ResourceNotFoundException:
            return None

    def _manager(self) -> SecretsManagerClient:
        # Not before: many a function never needs it, and the client is dear.
        self._client = self._client or self._connect()
        return self._client
