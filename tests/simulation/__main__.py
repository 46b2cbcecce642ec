"""The command line: `simulate FIRST:LAST` and `mutants`."""

from __future__ import annotations

import argparse
import sys

from tests.simulation.campaign import report_schedules


def main() -> int:
    """Run what was asked for; the exit code is 0 only if nothing was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    simulate = commands.add_parser("simulate", help="run the schedules FIRST to LAST-1")
    simulate.add_argument("seeds", help="FIRST:LAST")
    commands.add_parser("mutants", help="show that every mutant is caught")
    arguments = parser.parse_args()
    if arguments.command == "mutants":
        from tests.simulation.mutants import report

        return report()
    first, last = (int(part) for part in arguments.seeds.split(":"))
    return report_schedules(first, last)


if __name__ == "__main__":
    sys.exit(main())
