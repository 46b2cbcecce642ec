"""Where limits are kept: the counter of opened contacts, and who was blocked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Protocol


class Limit(StrEnum):
    """What may open only so many contacts."""

    DEVICE = auto()
    ADDRESS = auto()


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A start to be counted: as one of its `device`, and of the `group` of all that are counted under the same key."""

    start: str
    device: str
    device_limit: int
    group: str
    group_limit: int


class OpeningCounter(Protocol):
    """Counts how often something was opened."""

    def count(self, key: str, opening: Opening, expires_at: int) -> Limit | None:
        """Count an opening under `key` until `expires_at` (epoch seconds), once for each `start` of a device.

        Where one more of the device or of the group would be too many, it is not counted, and the answer is which;
        the device's limit comes first. May raise `StoreBusyError` or `StoreUnavailableError`.
        """


@dataclass(frozen=True)
class Block:
    """A visitor whom a seller wants to hear nothing of for a while.

    `visitor` is the reference, not the device id; `contact_id` is the contact that the seller had then. `since` is ISO
    8601, `until` in epoch seconds; `id` is what the seller called it, empty if nothing.
    """

    visitor: str
    contact_id: str
    seller_id: str
    reason: str
    since: str
    until: int
    id: str = ""

    @property
    def place(self) -> str:
        """Where it stands in the list, and behind what a page of it goes on."""
        return f"{self.since}/{self.contact_id}"


class BlockStore(Protocol):
    """Knows who is blocked. What is over may be there still. Every method may raise the stores' errors."""

    def put(self, block: Block) -> bool:
        """Keep a block until it is over, in place of an earlier one of the visitor; False if that has its `id`."""

    def of(self, visitor: str) -> Block | None:
        """The block of a visitor, read strongly consistently."""

    def lift(self, visitor: str, now: int, since: str | None = None) -> None:
        """End a visitor's block `now` (epoch seconds), if there is one, and if it began `since` where that is told."""

    def newest(self, limit: int, before: str | None = None) -> Sequence[Block]:
        """The blocks, newest first; those behind a place, if one is named."""
