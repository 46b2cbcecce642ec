"""The notes of sellers, in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chat.ports.conversations import Note, TagSet
from chat.ports.errors import ForgottenError, FullError, NumberTakenError


@dataclass
class MemoryNotes:
    """Notes by their contact and number, and tags. `forgotten` are contacts whose visitors were erased."""

    items: dict[str, dict[int, Note]] = field(default_factory=lambda: defaultdict(dict))
    forgotten: set[str] = field(default_factory=set)
    sets: dict[str, TagSet] = field(default_factory=dict)
    before_writing: list[Callable[[], object]] = field(default_factory=list)

    def notes(self, contact_id: str, after: int, most: int) -> Sequence[Note]:
        kept = self.items.get(contact_id, {})
        return [kept[seq] for seq in sorted(kept) if seq > after][-most:]

    def add(self, note: Note) -> None:
        if self.before_writing:
            self.before_writing.pop(0)()
        if note.contact_id in self.forgotten:
            raise ForgottenError(note.contact_id)
        if note.seq in self.items[note.contact_id]:
            raise NumberTakenError
        self.items[note.contact_id][note.seq] = note

    def tags(self, contact_ids: Sequence[str]) -> Sequence[TagSet]:
        return [self.sets[each] for each in contact_ids if each in self.sets]

    def tag(self, contact_id: str, tag: str, *, expires_at: int, now: int, most: int) -> None:
        if contact_id in self.forgotten:
            raise ForgottenError(contact_id)
        known = self.sets.get(contact_id)
        before = known.tags if known and known.expires_at > now else frozenset()
        if len(before) >= most and tag not in before:
            raise FullError
        self.sets[contact_id] = TagSet(contact_id, before | {tag}, expires_at)

    def untag(self, contact_id: str, tag: str) -> None:
        if known := self.sets.get(contact_id):
            self.sets[contact_id] = TagSet(contact_id, known.tags - {tag}, known.expires_at)
