"""Secrets Manager, read once per sandbox and again after a while, so that a rotated secret takes effect."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


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

    def value(self, *, fresh: bool = False) -> str:
        """The secret, at most `lifetime_seconds` old. Raises botocore's errors: without it nothing can be proven."""
        if fresh or self._value is None or self._monotonic() - self._read_at > self._lifetime:
            # Not before: many a function never needs it, and the client is dear.
            self._client = self._client or self._connect()
            self._value = self._client.get_secret_value(SecretId=self._name)["SecretString"]
            self._read_at = self._monotonic()
        return self._value
