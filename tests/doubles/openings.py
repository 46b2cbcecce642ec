"""The counters of new contacts, in memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from chat.ports.limits import Limit, Opening


@dataclass
class MemoryOpenings:
    """The counters of new contacts: the starts of each device under a key. `failure`, if there is one, is raised."""

    counts: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    groups: Counter[tuple[str, str]] = field(default_factory=Counter)
    failure: Exception | None = None

    def count(self, key: str, opening: Opening, expires_at: int) -> Limit | None:
        if self.failure:
            raise self.failure
        starts = self.counts.setdefault(key, {}).setdefault(opening.device, set())
        if opening.start in starts:
            return None
        if len(starts) >= opening.device_limit:
            return Limit.DEVICE
        if self.groups[key, opening.group] >= opening.group_limit:
            return Limit.ADDRESS
        starts.add(opening.start)
        self.groups[key, opening.group] += 1
        return None
