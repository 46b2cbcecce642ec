"""The notes of sellers, in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chat.ports.conversations import Note
from chat.ports.errors import ForgottenError, NumberTakenError


@dataclass
class MemoryNotes:
    """Notes by their contact and number. `forgotten` are contacts whose visitors were erased."""

    items: dict[str, dict[int, Note]] = field(default_factory=lambda: defaultdict(dict))
    forgotten: set[str] = field(default_factory=set)
    before_writing: list[Callable[[], object]] = field(default_factory=list)

    def notes(self, contact_id: str, after: int) -> Sequence[Note]:
        kept = self.items.get(contact_id, {})
        return [kept[seq] for seq in sorted(kept) if seq > after]

    def add(self, note: Note) -> None:
        if self.before_writing:
            self.before_writing.pop(0)()
        if note.contact_id in self.forgotten:
            raise ForgottenError(note.contact_id)
        if note.seq in self.items[note.contact_id]:
            raise NumberTakenError
        self.items[note.contact_id][note.seq] = note
