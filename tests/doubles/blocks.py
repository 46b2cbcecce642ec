"""The blocks of visitors, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chat.ports.limits import Block


@dataclass
class MemoryBlocks:
    """The blocks of visitors; those that were lifted are not listed. `failure`, if there is one, is raised."""

    blocks: dict[str, Block] = field(default_factory=dict)
    lifted: set[str] = field(default_factory=set)
    failure: Exception | None = None

    def put(self, block: Block) -> bool:
        self._fail()
        if block.id and block.visitor in self.blocks and self.blocks[block.visitor].id == block.id:
            return False
        self.lifted.discard(block.visitor)
        self.blocks[block.visitor] = block
        return True

    def of(self, visitor: str) -> Block | None:
        self._fail()
        return self.blocks.get(visitor)

    def lift(self, visitor: str, now: int, since: str | None = None) -> None:
        self._fail()
        if visitor in self.blocks and visitor not in self.lifted and since in {None, self.blocks[visitor].since}:
            self.lifted.add(visitor)
            self.blocks[visitor] = replace(self.blocks[visitor], until=now)

    def newest(self, limit: int, before: str | None = None) -> Sequence[Block]:
        self._fail()
        listed = [block for block in self.blocks.values() if block.visitor not in self.lifted]
        listed = [block for block in listed if before is None or block.place < before]
        return sorted(listed, key=lambda block: block.place, reverse=True)[:limit]

    def _fail(self) -> None:
        if self.failure:
            raise self.failure
