"""What became of a load: what was lost or doubled, and how long what took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.load import notes
from tests.load.notes import Note


@dataclass
class Outcome:
    """What people noted, and what the logs of their contacts hold."""

    begun: float = 0
    connected: int = 0
    visitors: dict[str, str] = field(default_factory=dict)
    """The visitors' device ids by contact."""

    acknowledged: dict[str, tuple[str, float, float]] = field(default_factory=dict)
    """The contact, and when it was sent first and acknowledged, by the message's id."""

    numbers: dict[str, int] = field(default_factory=dict)
    """What number an acknowledged message has, by its id."""

    unacknowledged: set[str] = field(default_factory=set)
    delivered: dict[str, tuple[float, float]] = field(default_factory=dict)
    """When a message was sent first and shown to the other side, by its id."""

    pongs: list[tuple[float, float]] = field(default_factory=list)
    """When one came, and after how many milliseconds."""

    errors: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    """Acknowledged, and not in the log of its contact."""

    doubled: list[str] = field(default_factory=list)
    """More than once in a log; and numbers that are there twice, or left out."""

    unseen: list[str] = field(default_factory=list)
    """Acknowledged, and not shown to the other side when everybody had looked once more."""

    @property
    def is_good(self) -> bool:
        """Whether something was said at all, nothing was lost or doubled, and everything was seen."""
        return bool(self.acknowledged) and not (self.lost or self.doubled or self.unseen)


def outcome_of(noted: Iterable[Note]) -> Outcome:
    """What people noted."""
    found = Outcome()
    for note in noted:
        found.begun = found.begun or note["at"]
        _take(found, note)
    return found


def _take(found: Outcome, note: Note) -> None:
    what = note["what"]
    if what == notes.CONNECTED:
        found.connected += 1
    elif what == notes.STARTED:
        found.visitors[note["contact"]] = note["visitor"]
    elif what == notes.SENT:
        found.unacknowledged.add(note["id"])
    elif what == notes.ACKNOWLEDGED:
        found.unacknowledged.discard(note["id"])
        found.numbers[note["id"]] = note["seq"]
        found.acknowledged[note["id"]] = (note["contact"], note["sent"], note["at"])
    elif what == notes.DELIVERED:
        found.delivered.setdefault(note["id"], (note["sent"], note["at"]))
    elif what == notes.PONG:
        found.pongs.append((note["at"], note["ms"]))
    elif what == notes.ERROR:
        found.errors[note["code"]] += 1


Entry = Mapping[str, object]


def compare(found: Outcome, logs: Mapping[str, Sequence[Entry]]) -> None:
    """Hold what was acknowledged to the logs of all contacts."""
    stored: Counter[str] = Counter()
    for contact, entries in logs.items():
        numbers = [entry["seq"] for entry in entries]
        if numbers != list(range(1, len(numbers) + 1)):
            found.doubled.append(f"numbers of {contact}")
        stored.update(str(entry.get("id")) for entry in entries if entry["kind"] == "message")
    found.doubled += [message for message, times in stored.items() if times > 1]
    found.lost += [message for message in found.acknowledged if message not in stored]
    found.unseen += [message for message in found.acknowledged if message in stored and message not in found.delivered]


def share(values: Sequence[float], part: float) -> float:
    """The value below which a part of them lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0
