"""What a review must not overlook, and in which order it is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What may go wrong; the worst first."""

    LOSS = "Lost"
    PUBLIC = "Public"
    PROTECTION = "Protection"
    ENCRYPTION = "Encryption"
    RETENTION = "Kept for less long"
    ALARM = "Alarms"
    TRUST = "Trust"
    PERMISSION = "Permissions"
    COST = "Fixed cost"


@dataclass(frozen=True)
class Finding:
    """One thing to look at."""

    kind: Kind
    about: str
    text: str


def in_order(findings: list[Finding]) -> list[Finding]:
    """The worst first, each once."""
    kinds = list(Kind)
    return sorted(dict.fromkeys(findings), key=lambda each: kinds.index(each.kind))
