"""`make mutate-controls`: take out each control, and show that the test which docs/security.md names fails.

FIRST:LAST takes a part of them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tests.mutants_of_controls.controls import MUTANTS
from tests.mutants_of_stacks.__main__ import COPY, SECONDS, copy
from tests.mutants_of_stacks.mutant import Mutant

# Thousands of made-up inputs each are not needed to find what is missing altogether.
INPUTS = {"FUZZ_INPUTS": "2000"}


def is_noticed(mutant: Mutant) -> bool:
    """Whether the test that is named fails without the control."""
    file = COPY / mutant.file
    original = file.read_text(encoding="utf-8")
    file.write_text(mutant.applied(COPY), encoding="utf-8")
    try:
        return not passes(mutant.noticed_by)
    finally:
        file.write_text(original, encoding="utf-8")


def passes(test: str) -> bool:
    """Whether a test passes; it is named by its file and, in that, by its function or its sentence."""
    path, name = test.split("::")
    if path.startswith("widget/"):
        arguments = ["npx", "vitest", "run", path.removeprefix("widget/"), "--testNamePattern", re.escape(name)]
        return _succeeds(arguments, folder="widget")
    arguments = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", path, "-k", name]
    return _succeeds(arguments)


def _succeeds(arguments: list[str], folder: str = ".") -> bool:
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
        return False
    return done.returncode == 0


def main() -> int:
    """Print a line for each control; the exit code is 0 only if its test passes with it and fails without it."""
    first, last = (int(part) if part else None for part in (sys.argv[1] if len(sys.argv) > 1 else ":").split(":"))
    copy()
    passing: dict[str, bool] = {}
    wrong = 0
    for mutant in MUTANTS[first:last]:
        test = mutant.noticed_by
        passing.setdefault(test, passes(test))
        verdict = "SURVIVED" if not is_noticed(mutant) else "noticed" if passing[test] else "FAILS ANYWAY"
        wrong += verdict != "noticed"
        sys.stdout.write(f"{mutant.name} | {mutant.file} | {test} | {verdict}\n")
        sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
