"""`make load VISITORS=50 SELLERS=5 MINUTES=2`: many people chat, and nothing may be lost or doubled.

It takes the running local system, or the environment of ENV. The report is .local/load/report.html.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from administration.command_line import deployment_asked_for, parser_for
from administration.deployments import LOCAL_HOME, Deployment
from administration.errors import AdministrationError
from tests.load.plan import Crowd, Size, size_of
from tests.load.report import Machine, limits, page, verdict
from tests.load.running import Report, chatting, looked_over, stoppable, tell, watch

FOLDER = LOCAL_HOME / "load"
PRODUCTION = "production"


def load(deployment: Deployment, size: Size, folder: Path, report: Report) -> bool:
    """Have them chat and write the report; whether nothing was lost or doubled.

    Raises `AdministrationError`, and botocore's errors where AWS cannot be asked.
    """
    crowd, busy = Crowd(deployment, size), Busy()
    with chatting(crowd, folder) as people:
        watch(people, crowd, folder, report)
    machine = busy.until_now(is_emulated=deployment.endpoint is not None)
    found = looked_over(crowd, folder)
    (folder / "report.html").write_text(page(found, f"{size}, {deployment.environment}", machine), encoding="utf-8")
    for line in (verdict(found), *limits(found, machine), f"The report is {folder / 'report.html'}."):
        report(line)
    return found.is_good


class Busy:
    """How busy the machine is from here on, by what Linux counts."""

    def __init__(self) -> None:
        self._before = self._counted()

    def until_now(self, *, is_emulated: bool) -> Machine:
        """What it was since."""
        spent, idle = (now - before for now, before in zip(self._counted(), self._before, strict=True))
        return Machine(os.cpu_count() or 1, 1 - idle / spent if spent else 0, is_emulated)

    @staticmethod
    def _counted() -> tuple[float, float]:
        """All that the cores could have done, and what they did not."""
        try:
            counted = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]
        except OSError:
            return time.monotonic(), time.monotonic()
        numbers = [int(each) for each in counted]
        return sum(numbers), numbers[3] + numbers[4]


def confirm(deployment: Deployment) -> None:
    """Have production's name typed. Raises `AdministrationError` where it is not."""
    if deployment.environment != PRODUCTION:
        return
    tell(f"These would be real chats in {PRODUCTION}, beside those of your visitors. Type its name to go on:")
    if sys.stdin.readline().strip() != PRODUCTION:
        raise AdministrationError(f"Nothing was done: a load on {PRODUCTION} needs its name typed.")


def main() -> int:
    """Do it; 1 where something was lost or doubled, or after one line on standard error that says why not."""
    parser = parser_for(__doc__)
    add_size(parser)
    arguments = parser.parse_args()

    def loaded() -> int:
        size = size_of(arguments.visitors, arguments.sellers, arguments.minutes, arguments.pace)
        deployment = deployment_asked_for(arguments)
        confirm(deployment)
        return 0 if load(deployment, size, FOLDER, tell) else 1

    return stoppable(loaded)


def add_size(parser: argparse.ArgumentParser) -> None:
    """How many people, and how long; said as text, so that what is wrong is answered in one way."""
    for name, usual in (("visitors", "50"), ("sellers", "5"), ("minutes", "2"), ("pace", "20")):
        parser.add_argument(f"--{name}", default=usual)


if __name__ == "__main__":
    sys.exit(main())
