"""What sellers have put away: by what each snooze ends, and whether anybody is told otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chat.model.entries import Entry, EntryKind
from chat.model.identity import alias_of
from chat.model.inbox import Snooze
from tests.doubles.machine import START
from tests.simulation.asides import CLOCKS_DIFFER
from tests.simulation.courses import Course
from tests.simulation.day import LOOKED_AT_WITHIN
from tests.simulation.world import Violation


def seconds_of(time: str) -> float:
    """A time (ISO 8601) in the schedule's own."""
    return (datetime.fromisoformat(time) - START).total_seconds()


@dataclass
class SnoozesWatch:
    """Sees what is put away, what brings it back, and who is told of either.

    `kept` is for how many seconds what came back waits for its seller to look at it, `idle` after how many an idle
    contact is closed. `cover` is told of what came about.
    """

    now: Callable[[], float]
    cover: Callable[[str], None]
    kept: float
    idle: float
    away: defaultdict[str, Course[Snooze | None]] = field(
        default_factory=lambda: defaultdict(lambda: Course[Snooze | None](None))
    )
    ids: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    looked_at: dict[str, float] = field(default_factory=dict)

    def was_noted(self, contact_id: str, snooze: Snooze, entries: Sequence[Entry]) -> None:
        """What its seller wants is noted of a contact that has these entries. Raises `Violation`."""
        before = self.away[contact_id].last
        if not snooze.is_away:
            if before is None:
                raise Violation(f"what was put away comes back once: {contact_id} was back before")
            is_over = seconds_of(before.until) <= self.now()
            self.cover("a snooze that ended by its time" if is_over else "a snooze that was taken back")
            # As the function saw it, which may have been slow to note it.
            self.looked_at[contact_id] = seconds_of(snooze.woken_at)
            self.away[contact_id].becomes(None, self.now())
            return
        if self.ids[contact_id][-1:] == [snooze.id]:
            raise Violation(f"what was put away comes back once: {contact_id} went away again by {snooze.id}")
        if before:
            self.cover("a snooze in the place of another")
        self.ids[contact_id].append(snooze.id)
        self.looked_at.pop(contact_id, None)
        self.away[contact_id].becomes(snooze, self.now())
        # What the visitor has written meanwhile brings it back at once.
        if any(entry.seq > snooze.seq and _is_the_visitors_word(entry) for entry in entries):
            self._ends(contact_id, "the visitor's word")

    def written(self, entry: Entry) -> None:
        """Something is written in a contact. Raises `Violation`."""
        contact_id, now = entry.contact_id, self.now()
        is_away = self.away[contact_id].last is not None
        why = entry.details.get("reason")
        if entry.kind is EntryKind.CLOSED and why == "idle" and now + CLOCKS_DIFFER < self.stays_until(contact_id):
            raise Violation(f"what is put away is not closed as idle: {contact_id}")
        if entry.kind is EntryKind.QUEUED and why == "silent" and is_away:
            raise Violation(f"what is put away keeps its place: {contact_id}")
        if ended := _ended_by(entry):
            self._ends(contact_id, ended)

    def retired(self, contact_id: str) -> None:
        """Nothing is left of a contact."""
        self._ends(contact_id, "its contact's expiry")

    def told(self, contact_id: str, answer: Mapping[str, Any], since: float) -> None:
        """Somebody is told until when a contact is away, as of some moment since a time. Raises `Violation`."""
        told = (answer["until"], answer["seq"]) if "until" in answer else None
        held = [(each.until, each.seq) if each else None for each in self.away[contact_id].since(since)]
        if told not in held:
            raise Violation(f"a snooze is told as it is: {contact_id} is away by {held}, and told to be by {told}")

    def acknowledged(self, frame: Mapping[str, Any], answer: Mapping[str, Any], entries: list[Entry]) -> None:
        """A seller is answered who wanted to put a contact away that has these entries. Raises `Violation`."""
        contact_id = frame["contact_id"]
        if frame["id"] in self.ids[contact_id]:
            if answer.get("until") != frame["until"]:
                self.cover("a snooze that was over when it was answered")
            return
        if answer.get("until") == frame["until"]:
            raise Violation(f"acknowledged is durable: {frame['id']} is not noted of {contact_id}")
        if not any(_is_news(entry, frame["base"]) for entry in entries):
            raise Violation(f"an acknowledged snooze is not lost: {frame['id']} of {contact_id}")
        self.cover("a snooze of what had come back already")

    def is_away_by(self, contact_id: str, snooze_id: str) -> bool:
        """Whether a contact is away since somebody said so under an id."""
        return self.away[contact_id].last is not None and self.ids[contact_id][-1] == snooze_id

    def may_be_open(self, contact_id: str) -> bool:
        """Whether a contact in which nothing happens goes on still, since it was put away."""
        return self.stays_until(contact_id) + 2 * CLOCKS_DIFFER > self.now()

    def keeps_its_place(self, contact_id: str) -> bool:
        """Whether a contact keeps its seller's place though nobody has spoken in it.

        What is put away does, and is looked at only every `idle` seconds, so that a while passes once it is back.
        """
        if self.away[contact_id].last is not None:
            return True
        return contact_id in self.looked_at and self.looked_at[contact_id] + self.idle + LOOKED_AT_WITHIN > self.now()

    def overdue(self, since: float) -> list[str]:
        """The contacts whose time came before `since`, and at which nobody has looked yet."""
        last = {contact_id: course.last for contact_id, course in self.away.items()}
        return [contact_id for contact_id, each in last.items() if each and seconds_of(each.until) < since]

    def stays_until(self, contact_id: str) -> float:
        """Until when a contact is not idle, whatever was written in it."""
        away = self.away[contact_id].last
        if away:
            return seconds_of(away.until) + self.kept + self.idle
        return self.looked_at.get(contact_id, -self.idle) + self.idle

    def _ends(self, contact_id: str, ended_by: str) -> None:
        if self.away[contact_id].last:
            self.cover(f"a snooze that ended by {ended_by}")
            self.away[contact_id].becomes(None, self.now())
        self.looked_at.pop(contact_id, None)


def _ended_by(entry: Entry) -> str | None:
    """What of an entry brings a contact back, if anything does."""
    match entry.kind:
        case EntryKind.MESSAGE if _is_the_visitors_word(entry):
            return "the visitor's word"
        case EntryKind.MESSAGE | EntryKind.IDENTIFIED:
            # Of what began before messages were counted, everything does.
            return None if entry.state.talk else "an entry of whatever kind"
        case EntryKind.CLOSED:
            return "a closing"
        case _:
            return "a hand-over"


def _is_the_visitors_word(entry: Entry) -> bool:
    return entry.kind is EntryKind.MESSAGE and entry.sender == alias_of(entry.contact_id)


def _is_news(entry: Entry, base: int) -> bool:
    """Whether an entry would have brought back what is put away by who knows the log up to `base`."""
    return entry.seq > base and _ended_by(entry) is not None
