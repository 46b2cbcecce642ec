"""Who may open no contact, since a seller has blocked them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from chat.model.errors import ChatError, Code
from chat.model.identity import reference_of
from chat.model.timestamps import epoch_ms, epoch_seconds, iso
from chat.ports.errors import asking_to_retry
from chat.ports.limits import Block, BlockStore
from chat.ports.machine import Clock


class Blocks:
    """Keeps visitors from opening and reopening contacts, and from being given to a seller, for a while.

    What a seller has goes on until it ends.
    """

    def __init__(self, *, store: BlockStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def require_none(self, device: str) -> None:
        """Raises `ChatError`: `blocked` for who is, with the time that is left of it, and `try_again`."""
        if block := self.of(device):
            raise ChatError(
                Code.BLOCKED,
                f"A seller has blocked you: you can open no chat until {ends(block)}.",
                retry_after_ms=block.until * 1000 - epoch_ms(self._clock.now()),
            )

    def of(self, device: str) -> Block | None:
        """The block that holds for a visitor, if one does. Raises `ChatError`: `try_again`."""
        block = self.last(device)
        return block if block and self.holds(block) else None

    def last(self, device: str) -> Block | None:
        """The last block of a visitor, also if it is over and still kept. Raises `ChatError`: `try_again`."""
        with asking_to_retry():
            return self._store.of(reference_of(device))

    def holds(self, block: Block) -> bool:
        """Whether a block is not over."""
        return not is_over(block, self._clock.now())

    def begin(
        self,
        device: str,
        *,
        contact_id: str,
        seller_id: str,
        reason: str,
        lasts: timedelta,
        block_id: str | None = None,
    ) -> Block:
        """Block a visitor from now on, whatever held for them until now. Raises `ChatError`: `try_again`."""
        now = self._clock.now()
        block = Block(
            visitor=reference_of(device),
            contact_id=contact_id,
            seller_id=seller_id,
            reason=reason,
            since=iso(now),
            until=epoch_seconds(now + lasts),
            id=block_id or "",
        )
        with asking_to_retry():
            is_new = self._store.put(block)
        # Another attempt was quicker, and its block may have been lifted since.
        return block if is_new else self.last(device) or block

    def lift(self, visitor: str, since: str | None = None) -> None:
        """End the block of a visitor, by their reference, if there is one; only that which began `since`, if told.

        Raises `ChatError`: `try_again`.
        """
        with asking_to_retry():
            self._store.lift(visitor, epoch_seconds(self._clock.now()), since)

    def listed(self, limit: int, before: str | None) -> tuple[Sequence[Block], str | None]:
        """A page of the blocks that are not over, newest first, and behind what the next one begins.

        Raises `ChatError`: `try_again`.
        """
        with asking_to_retry():
            found = self._store.newest(limit + 1, before)
        now, page = self._clock.now(), found[:limit]
        return [block for block in page if not is_over(block, now)], page[-1].place if len(found) > limit else None


def is_over(block: Block, now: datetime) -> bool:
    """Whether a block has ended: it is deleted late."""
    return block.until <= now.timestamp()


def ends(block: Block) -> str:
    """When a block is over, in ISO 8601."""
    return iso(datetime.fromtimestamp(block.until, UTC))
