"""The counters of new contacts, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class MemoryOpenings:
    """The counters of new contacts; `failure`, if there is one, is raised."""

    counts: dict[str, set[str]] = field(default_factory=dict)
    failure: Exception | None = None

    def count(self, key: str, start: str, limit: int, expires_at: int) -> bool:
        if self.failure:
            raise self.failure
        starts = self.counts.setdefault(key, set())
        if start not in starts and len(starts) >= limit:
            return False
        starts.add(start)
        return True
