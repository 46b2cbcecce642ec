"""The command line: `simulate FIRST:LAST`, `claims FIRST:LAST` and `mutants`."""

from __future__ import annotations

import argparse
import sys

from tests.simulation import campaign, mutants


def main() -> int:
    """Run what was asked for; the exit code is 0 only if nothing was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for kind in campaign.KINDS:
        commands.add_parser(kind, help="run the schedules FIRST to LAST-1").add_argument("seeds", help="FIRST:LAST")
    commands.add_parser("mutants", help="show that every mutant is caught")
    arguments = parser.parse_args()
    if arguments.command == "mutants":
        return mutants.report()
    first, last = (int(part) for part in arguments.seeds.split(":"))
    return campaign.report(arguments.command, first, last)


if __name__ == "__main__":
    sys.exit(main())
