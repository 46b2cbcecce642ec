"""What may go wrong, whether it does, how often it did, and how few of it a failing schedule needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random


@dataclass(frozen=True)
class Fired:
    """Something that went wrong: its name among all that may, and when."""

    name: str
    what: str
    at: float


@dataclass
class Chances:
    """Decides by the seed, each kind of decision on its own: so what is spared changes little of what else goes wrong.

    `boosts` say where a fault has few occasions, and strikes so many times as often. `spared` are names of decisions,
    or of whole kinds, that fall as they would have, but nothing goes wrong.
    """

    seed: int
    names: Iterable[str]
    spared: frozenset[str] = frozenset()
    now: Callable[[], float] = lambda: 0.0
    levels: dict[str, float] = field(default_factory=dict)
    boosts: Mapping[str, float] = field(default_factory=dict)
    fired: list[Fired] = field(default_factory=list)
    covered: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    are_off: bool = False
    _streams: dict[str, Random] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Each kind of fault is absent, rare or frequent: all of them at once would hide what few of them do."""
        for name in self.names:
            self.levels[name] = self.stream(f"level of {name}").choice((0.0, 0.0, 0.03, 0.15))

    def stream(self, name: str) -> Random:
        """Random numbers of their own for a purpose."""
        if name not in self._streams:
            self._streams[name] = Random(f"{self.seed} {name}")  # noqa: S311 - a schedule must be repeatable
        return self._streams[name]

    def strike(self, fault: str, where: str = "") -> bool:
        """Whether a fault strikes here; `where` is what the coverage counts it under."""
        level = self.levels[fault]
        if self.are_off or not level:
            return False
        what = f"{fault}: {where}" if where else fault
        self.asked[what] += 1
        if self.stream(what).random() >= level * self.boosts.get(where, self.boosts.get(what, 1.0)):
            return False
        name = f"{what}, {self.asked[what]}"
        if name in self.spared or fault in self.spared:
            return False
        self.fired.append(Fired(name, what, self.now()))
        self.cover(what)
        return True

    def cover(self, what: str) -> None:
        """Count something interesting that came about."""
        self.covered[what] += 1

    def end(self) -> None:
        """Nothing goes wrong from here on."""
        self.are_off = True
