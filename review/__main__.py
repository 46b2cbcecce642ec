"""Prints what a checkout would change where another one is deployed; needs no AWS credentials.

Both must be synthesized with `make synth-all`. `make review BASE=REVISION` does all of it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from review.assembly import Assembly, read
from review.report import every_property, for_terminal, markdown, review

LONGEST_COMMENT = 60_000
"""Characters; GitHub refuses comments of more than 65,536."""


def main() -> int:
    """Print the review; return 0, or 2 after one line where there is nothing to compare."""
    parser = argparse.ArgumentParser(prog="review", description=__doc__)
    parser.add_argument("base", type=Path, help="the checkout to compare with")
    parser.add_argument("head", type=Path, help="the checkout that is proposed")
    parser.add_argument("--terminal", action="store_true", help="write for a terminal, not for a pull request")
    parser.add_argument("--every-property", type=Path, help="a file for what a pull request's comment folds")
    arguments = parser.parse_args()
    base, head = _environments(parser, arguments.base), _environments(parser, arguments.head)
    result = review(base, head)
    sys.stdout.write(for_terminal(result) if arguments.terminal else markdown(result, longest=LONGEST_COMMENT))
    if arguments.every_property:
        arguments.every_property.write_text(every_property(result), encoding="utf-8")
        sys.stdout.write(f"\nEvery property: {arguments.every_property}\n")
    return 0


def _environments(parser: argparse.ArgumentParser, checkout: Path) -> dict[str, Assembly]:
    folders = sorted(each.parent for each in (checkout / "cdk.out").glob("*/manifest.json"))
    if not folders:
        parser.error(f"{checkout} is not synthesized: run `make -C {checkout} synth-all`")
    return {folder.name: read(folder) for folder in folders}


if __name__ == "__main__":
    sys.exit(main())
