"""What sellers do beside the log: the notes that they keep about contacts, and the visitors whom they block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chat.model.entries import GIVING, Entry, EntryKind, Status
from chat.model.identity import Principal, Role
from chat.ports.conversations import Note
from chat.ports.limits import Block
from tests.simulation.world import Violation

MARK = "among us"
"""What is in every note, and in nothing else."""
CLOCKS_DIFFER = 12.0
"""Seconds by which the clocks of two functions differ at most."""


@dataclass
class NotesWatch:
    """Sees what is noted, and what of it is told to whom."""

    now: Callable[[], float]
    kept: dict[str, list[tuple[float, Note]]] = field(default_factory=lambda: defaultdict(list))

    def was_kept(self, note: Note) -> None:
        """Raises `Violation`."""
        before = [each for _, each in self.kept[note.contact_id]]
        if note.seq != len(before) + 1:
            raise Violation(f"notes are numbered without a gap: {note.seq} follows {len(before)} in {note.contact_id}")
        if any((each.seller_id, each.id) == (note.seller_id, note.id) for each in before):
            raise Violation(f"a note is kept once: {note.id} again in {note.contact_id}")
        self.kept[note.contact_id].append((self.now(), note))

    def is_kept(self, contact_id: str, note_id: str) -> bool:
        """Whether there is a note of that id."""
        return any(each.id == note_id for _, each in self.kept[contact_id])

    def told(self, role: Role, frame: object) -> None:
        """Somebody is told something. Raises `Violation`."""
        if role is Role.VISITOR and MARK in str(frame):
            raise Violation(f"no visitor sees a note: {frame}")

    def published(self, event: Mapping[str, Any]) -> None:
        """The bus is told something. Raises `Violation`."""
        if MARK in str(event):
            raise Violation(f"no visitor sees a note: {event['type']} tells of one")

    def acknowledged(self, contact_id: str, note_id: str, seq: int) -> None:
        """Raises `Violation`."""
        kept = self.kept[contact_id]
        if seq > len(kept) or kept[seq - 1][1].id != note_id:
            raise Violation(f"acknowledged is durable: {note_id} is not at {seq} of the notes")

    def listed(self, contact_id: str, answer: Mapping[str, Any], began: float) -> None:
        """Raises `Violation`."""
        after, listed = answer["after"], answer["notes"]
        kept = [each.id for _, each in self.kept[contact_id][after : after + len(listed)]]
        if kept != [each["id"] for each in listed] or [each["seq"] for each in listed] != [
            after + number for number in range(1, len(listed) + 1)
        ]:
            raise Violation(f"notes are listed in order, and all of them: {listed} of {contact_id} after {after}")
        missing = [each.id for at, each in self.kept[contact_id][after + len(listed) :] if at < began]
        if missing and not answer["more"]:
            raise Violation(f"notes are listed in order, and all of them: {missing} of {contact_id} are not there")


@dataclass(frozen=True)
class _Held:
    block: Block
    since: float
    until: float


@dataclass
class BlocksWatch:
    """Sees who is blocked since when, by the schedule's own clock; visitors go by their references."""

    now: Callable[[], float]
    held: dict[str, _Held] = field(default_factory=dict)
    ended_at: dict[str, float] = field(default_factory=dict)

    def began(self, block: Block, until: float) -> None:
        """Somebody is blocked until a time of the schedule's."""
        self.lifted(block.visitor)
        self.held[block.visitor] = _Held(block, self.now(), until)

    def lifted(self, visitor: str) -> None:
        """Somebody is not blocked any more."""
        if self.held.pop(visitor, None):
            self.ended_at[visitor] = self.now()

    def since(self, visitor: str) -> float | None:
        """Since when a visitor is blocked by every clock; None if they are not."""
        held = self.held.get(visitor)
        return held.since if held and held.until > self.now() + CLOCKS_DIFFER else None

    def refused(self, visitor: str, contact_id: str, seller_id: str) -> None:
        """A seller is told that they may not block a visitor. Raises `Violation`."""
        held = self.held.get(visitor)
        by = (contact_id, seller_id)
        if held and self.since(visitor) and (held.block.contact_id, held.block.seller_id) == by:
            raise Violation(f"what is refused is not stored: {visitor} is blocked")

    def was_held(self, visitor: str, since: float) -> bool:
        """Whether some clock said since a time that a visitor is blocked."""
        held = self.held.get(visitor)
        return self.ended_at.get(visitor, -1.0) >= since or (held is not None and held.until + CLOCKS_DIFFER >= since)

    def written(self, visitor: str, entries: Sequence[Entry], looked: float, sellers: Sequence[str]) -> None:
        """What a function wrote that looked whether the visitor is blocked after a time. Raises `Violation`."""
        since, begun = self.since(visitor), GIVING | {EntryKind.OPENED}
        # A seller may take whom they like, and write again to whom they had.
        if since is None or since >= looked or entries[-1].sender in sellers:
            return
        if begun & {each.kind for each in entries}:
            raise Violation(f"a block holds: {entries[-1].kind} in {entries[-1].contact_id}")

    def answered(
        self, seller: Principal, visitor: str, since: Sequence[Entry], began: float, sellers: Sequence[str]
    ) -> None:
        """A seller is told that they blocked a visitor; `since` is how the contact stood, and what came since.

        Raises `Violation`.
        """
        is_closed = any(each.state.status is Status.CLOSED for each in since)
        # Unless it went to somebody else, or was lifted before it is asked for once more.
        if not is_closed and self.since(visitor) is not None and all(each.state.admits(seller) for each in since):
            raise Violation(f"who blocks a visitor ends the contact: {since[-1].contact_id} went on")
        held = self.since(visitor)
        if held is None or self.ended_at.get(visitor, -1.0) >= began or since[-1].state.status is Status.CLOSED:
            return
        reopened = next((n for n, each in reversed([*enumerate(since)]) if each.kind is EntryKind.REOPENED), None)
        said = [each for each in since[reopened or 0 :] if each.kind is EntryKind.MESSAGE]
        # Who looked for a block before there was one may still come to wait, and is turned away when it is their turn.
        waits = since[-1].state.status is Status.QUEUED
        if reopened is not None and said and said[0].sender not in sellers and not waits:
            raise Violation(f"a block holds: {since[-1].contact_id} was reopened meanwhile")
