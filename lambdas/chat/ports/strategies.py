"""How it is decided who answers. The built-in ways are in `chat.team.strategies`, the shop's own in an adapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chat.model.entries import Json
from chat.model.sellers import Seller


@dataclass(frozen=True)
class Ask:
    """A contact that needs a seller.

    `requested` is the seller or team that the page asked for, `previous` who served this visitor last, `visitor` a
    reference that is not the device id.
    """

    contact_id: str
    requested: str
    visitor: str
    user_info: Mapping[str, Json]
    previous: str | None = None


class Strategy(Protocol):
    """Puts sellers into the order in which they are offered a contact."""

    needs_presence: bool
    """Whether only those are asked who are online within their hours."""

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        """`sellers` (all have room) or some of them, the best first. None at all means that the contact waits."""
