"""Token buckets that travel in the log's state, so that limiting a sender costs no request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chat.model.errors import ChatError, Code
from chat.model.identity import Role

SHORTEST_WAIT_MS = 500
"""So a client that waits as it is told is refused twice a second at most, and is no flooder."""


@dataclass(frozen=True)
class Rate:
    """A token bucket's size and how many tokens come back per second."""

    burst: int
    per_second: float


@dataclass(frozen=True)
class Bucket:
    """A token bucket: `tokens` that were left at `at_ms` (epoch milliseconds)."""

    tokens: float
    at_ms: int


def take(buckets: Mapping[Role, Bucket], role: Role, rate: Rate, now_ms: int) -> dict[Role, Bucket]:
    """The buckets after one message of `role`. Raises `slow_down` with the time until the next token."""
    before = buckets.get(role, Bucket(tokens=rate.burst, at_ms=now_ms))
    # A clock behind the one that wrote the bucket must not take tokens away.
    elapsed = max(0, now_ms - before.at_ms) / 1000
    tokens = min(rate.burst, before.tokens + elapsed * rate.per_second)
    if tokens < 1:
        wait = max(SHORTEST_WAIT_MS, round((1 - tokens) / rate.per_second * 1000) + 1)
        raise ChatError(
            Code.SLOW_DOWN, f"Too many at once. Send the same frame again in {wait} ms.", retry_after_ms=wait
        )
    return {**buckets, role: Bucket(tokens=round(tokens - 1, 3), at_ms=max(now_ms, before.at_ms))}
