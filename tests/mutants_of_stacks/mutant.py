"""What a mutant is: a named edit of one file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


class StaleMutantError(Exception):
    """The file does not say what the mutant changes; the message says which."""


@dataclass(frozen=True)
class Mutant:
    """One place of a file, and what somebody might write there by mistake."""

    name: str
    file: str
    before: str
    """What the file says, exactly once."""

    after: str
    noticed_by: str
    """The test file that is run first; all others follow where it notices nothing."""

    def applied_to(self, text: str) -> str:
        """The file with the mistake. Raises StaleMutantError."""
        if text.count(self.before) != 1:
            raise StaleMutantError(
                f"{self.name}: {self.file} holds {self.before!r} {text.count(self.before)} times, not once: "
                "write the mutant anew in tests/mutants_of_stacks, or take it out where its subject is gone"
            )
        return text.replace(self.before, self.after)

    def applied(self, root: Path = PROJECT) -> str:
        """The file below `root` with the mistake. Raises StaleMutantError."""
        return self.applied_to((root / self.file).read_text(encoding="utf-8"))
