"""`make mutate-stacks`: run the tests on every mutant, and list who noticed it. FIRST:LAST takes a part of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

from tests.mutants_of_stacks import of_access, of_values, of_ways
from tests.mutants_of_stacks.mutant import PROJECT, Mutant

MUTANTS = (*of_access.MUTANTS, *of_values.MUTANTS, *of_ways.MUTANTS)
SURVIVORS: dict[str, str] = {}
"""Mutants that no test need notice, each with the reason."""

COPY = PROJECT / ".local" / "mutants-of-stacks"
LINKS = (".venv", "node_modules", "widget/node_modules", "widget/dist")
INFRASTRUCTURE = "tests/infrastructure"
WITHOUT_SNAPSHOTS = ("--ignore", f"{INFRASTRUCTURE}/test_snapshots.py", "--ignore", f"{INFRASTRUCTURE}/test_mutants.py")
SECONDS = 300


def copy() -> None:
    """A copy of what is checked out, changes included, that a mutant may spoil."""
    shutil.rmtree(COPY, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (PROJECT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, COPY / name)
    for name in LINKS:
        (COPY / name).symlink_to(PROJECT / name)


def noticed_by(mutant: Mutant) -> str | None:
    """The first test that fails on a mutant, those before that the mutant names; None where all pass."""
    file = COPY / mutant.file
    original = file.read_text(encoding="utf-8")
    file.write_text(mutant.applied(COPY), encoding="utf-8")
    first = mutant.noticed_by if "/" in mutant.noticed_by else f"{INFRASTRUCTURE}/{mutant.noticed_by}"
    try:
        return failing(first) or failing(INFRASTRUCTURE, "tests/unit/documents", *WITHOUT_SNAPSHOTS)
    finally:
        file.write_text(original, encoding="utf-8")


def failing(*arguments: str) -> str | None:
    """The first test that fails, by name; None where all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *arguments]
    try:
        done = subprocess.run(command, cwd=COPY, capture_output=True, text=True, check=False, timeout=SECONDS)  # noqa: S603
    except subprocess.TimeoutExpired:
        sys.exit(f"error: {arguments[0]} takes more than {SECONDS} s, so nothing is known of it: try an idle machine")
    if done.returncode == 0:
        return None
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return found[1].rpartition("/")[2] if found else f"pytest: {done.stdout.strip().splitlines()[-1]}"


def main() -> int:
    """Print a line for each mutant; the exit code is 0 only if all are noticed but those that need not be."""
    first, last = (int(part) if part else None for part in (sys.argv[1] if len(sys.argv) > 1 else ":").split(":"))
    copy()
    if broken := failing(f"{INFRASTRUCTURE}/test_chat_stack.py", f"{INFRASTRUCTURE}/test_context.py"):
        sys.stderr.write(f"The tests fail before anything is changed: {broken}\n")
        return 1
    unexpected = 0
    for mutant in MUTANTS[first:last]:
        test = noticed_by(mutant)
        unexpected += test is None and mutant.name not in SURVIVORS
        sys.stdout.write(f"{mutant.name} | {mutant.file} | {test or SURVIVORS.get(mutant.name, 'SURVIVED')}\n")
        sys.stdout.flush()
    return 1 if unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
