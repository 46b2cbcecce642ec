"""`make mutate`: make every change, and list those that no test notices and nobody has accounted for.

What was noticed is remembered as long as the module stays as it is. `--afresh` forgets it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.mutants_of_rooms.changes import ROOT, changes_to, modules, source_of
from tests.mutants_of_rooms.judging import came_by, is_noticed

REMEMBERED = ROOT / ".local" / "noticed.jsonl"
EQUIVALENT = Path(__file__).parent / "equivalent.toml"


def main() -> int:
    """The exit code is 0 if every change is noticed or accounted for, and nothing is accounted for in vain."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants_of_rooms", description=__doc__)
    parser.add_argument("files", nargs="*", help="only files whose path ends like this")
    parser.add_argument("--afresh", action="store_true", help="forget what was noticed before")
    arguments = parser.parse_args()
    # It is no development package: `make mutate` puts it there.
    sys.path.append(str(ROOT / ".local" / "cosmic-ray"))
    if arguments.afresh:
        REMEMBERED.unlink(missing_ok=True)
    chosen = [each for each in modules() if not arguments.files or each.endswith(tuple(arguments.files))]
    survivors = _survivors(chosen)
    accounted = {(each["module"], each["was"], each["becomes"]) for each in _equivalent() if each["module"] in chosen}
    left = survivors - accounted
    for module, was, becomes in sorted(left):
        print(f"SURVIVED in {module}\n  - {was}\n  + {becomes}")
    for module, was, becomes in sorted(accounted - survivors):
        print(f"Accounted for in vain, in {module}\n  - {was}\n  + {becomes}")
    print(f"{len(survivors) - len(left)} are equivalent, {len(left)} survived")
    return 1 if survivors != accounted else 0


def _equivalent() -> list[dict[str, str]]:
    equivalent: list[dict[str, str]] = tomllib.loads(EQUIVALENT.read_text())["equivalent"]
    return equivalent


def _survivors(chosen: list[str]) -> set[tuple[str, str, str]]:
    came = came_by(chosen)
    for module in chosen:
        # What fails by itself notices everything.
        if is_noticed(module, source_of(module), came.tests_of_module(module)):
            raise SystemExit(f"The tests of {module} fail without a change, when they run in another order.")
    changes = [change for module in chosen for change in changes_to(module)]
    noticed, survivors, began = set(_remembered()), set(), time.monotonic()
    REMEMBERED.parent.mkdir(exist_ok=True)
    with REMEMBERED.open("a") as remembered:
        for number, change in enumerate(changes, start=1):
            if change.key in noticed:
                continue
            if is_noticed(change.module, change.source(), came.tests_of(change)):
                remembered.write(json.dumps(change.key) + "\n")
                remembered.flush()
                continue
            survivors.add((change.module, *change.difference()))
            print(f"{time.monotonic() - began:6.0f} s, {number} of {len(changes)}: {change.module}:{change.line}",
                  *change.difference(), sep="\n    ", flush=True)  # fmt: skip
    print(f"{len(changes)} changes")
    return survivors


def _remembered() -> Iterator[str]:
    if REMEMBERED.exists():
        yield from map(json.loads, REMEMBERED.read_text().splitlines())


if __name__ == "__main__":
    sys.exit(main())
