"""The command line: `simulate FIRST:LAST`, `days FIRST:LAST`, `model`, `mutants` and `storm SOCKETS PER_SECOND`."""

from __future__ import annotations

import argparse
import sys

from tests.simulation import campaign, model, mutants, storm


def main() -> int:
    """Run what was asked for; the exit code is 0 only if nothing was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for kind in campaign.CHUNKS:
        commands.add_parser(kind, help="run the schedules FIRST to LAST-1").add_argument("seeds", help="FIRST:LAST")
    commands.add_parser("mutants", help="show that every mutant is caught")
    commands.add_parser("model", help="look at every order in which a few people's frames can be handled")
    lost = commands.add_parser("storm", help="have so many sockets come back at once")
    lost.add_argument("sockets")
    lost.add_argument("per_second")
    arguments = parser.parse_args()
    if arguments.command == "storm":
        return storm.report(arguments.sockets, arguments.per_second)
    if arguments.command == "mutants":
        return mutants.report()
    if arguments.command == "model":
        return model.report()
    first, last = (int(part) for part in arguments.seeds.split(":"))
    return campaign.report(arguments.command, first, last)


if __name__ == "__main__":
    sys.exit(main())
