"""The environment variables of the functions, read and checked once per sandbox."""

from __future__ import annotations

import os
from collections.abc import Mapping

from chat.model.rates import Rate
from chat.model.settings import Settings


class MissingVariableError(Exception):
    """A function was deployed without a variable that it needs."""


class Environment:
    """Typed access to the variables; docs/operations.md lists them."""

    def __init__(self, variables: Mapping[str, str] = os.environ) -> None:
        self._variables = variables

    def text(self, name: str) -> str:
        """A variable that must be there. Raises `MissingVariableError`."""
        if value := self._variables.get(name):
            return value
        raise MissingVariableError(f"The environment variable {name} is not set.")

    def optional(self, name: str) -> str | None:
        """A variable that may be missing."""
        return self._variables.get(name) or None

    @property
    def assignment(self) -> str:
        """The name of the strategy by which contacts are assigned."""
        return self._variables.get("ASSIGNMENT", "least_loaded")

    @property
    def log_level(self) -> str:
        """A level name of `logging`."""
        return self._variables.get("LOG_LEVEL", "INFO")

    @property
    def allowed_origins(self) -> frozenset[str]:
        """Origins whose pages may connect, as `scheme://host[:port]`; `*` for all."""
        return frozenset(filter(None, self.text("ALLOWED_ORIGINS").split(",")))

    @property
    def settings(self) -> Settings:
        """What this environment decides about conversations."""
        return Settings(
            retention_days=int(self.text("RETENTION_DAYS")),
            reopens_closed=self.text("REOPEN_CLOSED") == "true",
            accepts_unknown_sellers=self.text("UNKNOWN_SELLERS") == "accept",
            idle_seconds=int(self.text("IDLE_CLOSE_SECONDS")),
            lease_seconds=int(self._variables.get("LEASE_SECONDS", "120")),
            visitor_rate=_rate(self._variables.get("VISITOR_RATE", "20/1")),
            seller_rate=_rate(self._variables.get("SELLER_RATE", "60/5")),
        )


def _rate(text: str) -> Rate:
    burst, per_second = text.split("/")
    return Rate(burst=int(burst), per_second=float(per_second))
