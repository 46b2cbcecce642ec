"""At how many open chats each limit of AWS is met, by what a chat takes of it (tests/bench/usage.py)."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from stacks.environments import PRODUCTION
from tests.bench.usage import CHAT_MINUTES, of_chat, sent

CHAT_SECONDS = 60 * CHAT_MINUTES


@dataclass(frozen=True)
class Limit:
    """So much a second is let through, and a chat takes so much of it from its beginning to its end."""

    name: str
    per_second: float
    of_a_chat: float

    @property
    def chats(self) -> int:
        """How many open chats take all of it, to two figures; they begin and end evenly."""
        exactly = self.per_second * CHAT_SECONDS / self.of_a_chat
        size: int = 10 ** (len(str(floor(exactly))) - 2)
        return floor(exactly / size) * size

    def row(self) -> str:
        """As docs/scaling.md begins its row."""
        return f"| {self.name} | {self.per_second:,.0f} | {self.chats:,} |"


def limits() -> list[Limit]:
    """The narrowest first. Values of an account are AWS's usual ones, those of routes production's."""
    chat, throttles = sent(), PRODUCTION.throttles
    used, frames = of_chat(), chat.frames
    come_in = sum(frames.values()) + chat.connections
    posts = used["frames"] - sum(frames.values())
    found = [
        # The typing of both sides, with a receipt or without.
        Limit(
            "route `typing`", throttles.signal.requests_per_second, frames["typing"] + frames["typing, with a receipt"]
        ),
        Limit("route `receipt`", throttles.signal.requests_per_second, frames["receipt"]),
        Limit("route `sendMessage`", throttles.message.requests_per_second, frames["sendMessage"]),
        Limit("route `sync`", throttles.read.requests_per_second, frames["sync"]),
        Limit("route `InitChat`", throttles.start.requests_per_second, frames["InitChat"]),
        Limit("new connections, route `$connect`", throttles.connect.requests_per_second, chat.connections),
        Limit("new connections, account", 500, chat.connections),
        Limit("requests to API Gateway, account", 10_000, come_in + posts),
        Limit("functions at once, account", 1_000, used["seconds of a gigabyte"]),
        Limit("functions at once, new account", 10, used["seconds of a gigabyte"]),
        Limit("units written, new table", 4_000, used["units written"]),
        Limit("units read, new table", 12_000, used["units read"]),
        Limit("units written, table", 40_000, used["units written"]),
    ]
    return sorted(found, key=lambda limit: limit.chats)
