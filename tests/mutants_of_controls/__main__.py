"""`make mutate-controls`: take out each control, and show that the test which docs/security.md names fails.

FIRST:LAST takes a part of them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Literal

from tests.mutants_of_controls.controls import MUTANTS
from tests.mutants_of_stacks.__main__ import COPY, SECONDS, copy
from tests.mutants_of_stacks.mutant import Mutant

# Thousands of made-up inputs each are not needed to find what is missing altogether.
INPUTS = {"FUZZ_INPUTS": "2000"}

Outcome = Literal["passes", "fails", "is too slow"]


def without(mutant: Mutant) -> Outcome:
    """What becomes of the test that is named without the control."""
    file = COPY / mutant.file
    original = file.read_text(encoding="utf-8")
    file.write_text(mutant.applied(COPY), encoding="utf-8")
    try:
        return outcome(mutant.noticed_by)
    finally:
        file.write_text(original, encoding="utf-8")


def outcome(test: str) -> Outcome:
    """What becomes of a test; it is named by its file and, in that, by its function or its sentence."""
    path, name = test.split("::")
    if path.startswith("widget/"):
        arguments = ["npx", "vitest", "run", path.removeprefix("widget/"), "--testNamePattern", re.escape(name)]
        return _ran(arguments, folder="widget")
    arguments = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", path, "-k", name]
    return _ran(arguments)


def _ran(arguments: list[str], folder: str = ".") -> Outcome:
    try:
        done = subprocess.run(  # noqa: S603
            arguments,
            cwd=COPY / folder,
            env={**os.environ, "PYTHONPATH": ".:lambdas", **INPUTS},
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return "is too slow"
    return "fails" if done.returncode else "passes"


def verdict(with_it: Outcome, without_it: Outcome) -> str:
    """What the two runs of a test say of a control; where one was too slow they say nothing."""
    if "is too slow" in (with_it, without_it):
        return "TOO SLOW: try an idle machine"
    if without_it == "passes":
        return "SURVIVED"
    return "noticed" if with_it == "passes" else "FAILS ANYWAY"


def main() -> int:
    """Print a line for each control; the exit code is 0 only if its test passes with it and fails without it."""
    first, last = (int(part) if part else None for part in (sys.argv[1] if len(sys.argv) > 1 else ":").split(":"))
    copy()
    before: dict[str, Outcome] = {}
    wrong = 0
    for mutant in MUTANTS[first:last]:
        test = mutant.noticed_by
        if test not in before:
            before[test] = outcome(test)
        said = verdict(before[test], without(mutant))
        wrong += said != "noticed"
        sys.stdout.write(f"{mutant.name} | {mutant.file} | {test} | {said}\n")
        sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
