"""`make verify ENV=NAME`: looks in seven steps whether what is deployed works, and leaves nothing behind.

It prints a line for each step. A step that fails makes it end with 1, after all others have been looked at.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import FrameType

from administration.command_line import carried_out, deployment_asked_for, failed, parser_for
from administration.deployments import Deployment
from administration.verification import events, operations, rest, sockets, web
from administration.verification.people import People
from administration.verification.resources import Resources
from administration.verification.step import Outcome, Step, carry_out

DEADLINE_SECONDS = 90
"""For all steps together but the one that waits for a lease."""
LEASE_DEADLINE_SECONDS = 300
LEASE = "lease"
LEAVING_SECONDS = 25


def steps_of(people: People, *, commit: str | None, slow: bool) -> list[Step]:
    """What is looked at, in this order."""
    deployment, resources, began = people.deployment, people.resources, time.time()
    steps = [
        Step("web", 15, lambda: web.check(deployment)),
        Step("rest", 30, lambda: rest.check(people)),
        Step("socket", 45, lambda: sockets.check_visitors(people)),
        Step("seller", 30, lambda: sockets.check_seller(people)),
        Step("events", 45, lambda: events.check(people)),
        Step("operations", 45, lambda: operations.check(deployment, resources, began)),
        Step("version", 10, lambda: operations.check_version(deployment, resources, commit)),
    ]
    return [*steps, Step(LEASE, LEASE_DEADLINE_SECONDS, lambda: sockets.check_lease(people))] if slow else steps


def verify(
    deployment: Deployment, report: Callable[[str], None], *, commit: str | None = None, slow: bool = False
) -> bool:
    """Whether all is as it should be. Each step is reported in a line; what was made is deleted whatever happens."""
    people = People(deployment, Resources(deployment))
    outcomes: list[Outcome] = []
    try:
        people.register()
        for outcome in _carried_out(steps_of(people, commit=commit, slow=slow)):
            report(outcome.line())
            outcomes.append(outcome)
    finally:
        left = carry_out(Step("leave", LEAVING_SECONDS, people.leave))
        report(left.line())
    return all(outcome.reason is None for outcome in (*outcomes, left))


def _carried_out(steps: list[Step]) -> Iterator[Outcome]:
    """How the steps went. After one that did not end, the others would be looked at beside it: they are not."""
    ends = time.monotonic() + DEADLINE_SECONDS
    for step in steps:
        left = max(ends - time.monotonic(), 0)
        deadline = step.deadline_seconds if step.name == LEASE else min(step.deadline_seconds, left)
        outcome = carry_out(replace(step, deadline_seconds=deadline))
        yield outcome
        if outcome.is_late:
            return


def main() -> int:
    """Verify an environment; return 0, or 1 where something is not as it should be."""
    parser = parser_for(__doc__)
    parser.add_argument("--commit", help="what should run")
    parser.add_argument("--slow", action="store_true", help="wait for a lease to end, too")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)

    def look() -> int:
        deployment = deployment_asked_for(arguments)
        return 0 if verify(deployment, _report, commit=arguments.commit or None, slow=arguments.slow) else 1

    try:
        return carried_out(look)
    except KeyboardInterrupt:
        return failed("Interrupted.")


def _report(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
