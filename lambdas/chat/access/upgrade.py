"""What a browser sends to open a WebSocket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SUBPROTOCOL = "seller-chat"
"""The harmless subprotocol a seller offers before the token, and the only one that is ever answered."""


@dataclass(frozen=True)
class Upgrade:
    """What a browser sends to open a WebSocket. Header names are lower case."""

    user_id: str
    headers: Mapping[str, str]
    ticket: str | None = None

    @property
    def offered_token(self) -> str | None:
        """The token, offered as a subprotocol since a browser cannot set headers and query strings end up in logs."""
        offered = [part.strip() for part in self.headers.get("sec-websocket-protocol", "").split(",")]
        return next((part for part in offered if part and part != SUBPROTOCOL), None)
