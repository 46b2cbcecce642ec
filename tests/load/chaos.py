"""`make chaos MINUTES=5`: people chat with a local AWS of their own while one thing after another goes wrong there.

At the end nothing that was acknowledged may be missing, and the shop must have heard of all of it. How long each fault
was felt is in the report, .local/chaos/report.html.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from administration.deployments import LOCAL_HOME
from administration.deployments import Deployment as Found
from local_aws.deployment import Deployment
from local_aws.emulator import REGION, Emulator, free_port
from tests.end_to_end.fault_proxy import FaultProxy
from tests.load.__main__ import Busy, add_size
from tests.load.deaf_shop import DeafShop
from tests.load.misfortunes import VARIABLE, Misfortunes
from tests.load.notes import read
from tests.load.outcome import Entry, Outcome, outcome_of
from tests.load.plan import STOP_SECONDS, Crowd, Size, size_of
from tests.load.report import limits, page, table, verdict
from tests.load.running import NOTES, PROGRESS_SECONDS, Report, chatting, log_of, looked_over, progress, stoppable, tell

FOLDER = LOCAL_HOME / "chaos"
KILL_SECONDS = 4
LATE = Misfortunes(batch_delay_seconds=3, doubled_batches=0.5)
TOLD_SECONDS = 150
"""How long the shop may take to hear of the last entries: its queue comes again after 36 seconds."""

Change = Callable[[], None]


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong for a time; what goes on by itself need not be repeated."""

    name: str
    begin: Change
    end: Change
    again: Change = lambda: None


@dataclass(frozen=True)
class Period:
    """When a fault was there, by the clock."""

    fault: str
    begun: float
    ended: float


@dataclass(frozen=True)
class Place:
    """Where it all happens."""

    emulator: Emulator
    deployment: Found
    proxy: FaultProxy
    shop: DeafShop
    misfortunes: Path

    def faults(self) -> list[Fault]:
        """One after another."""
        return [
            Fault("functions' processes are killed", self._kill, lambda: None, self._kill),
            Fault("connections are cut, frames lost and reordered", self.proxy.begin, self.proxy.stop),
            Fault("batches of the stream come late and twice", *self._befall(LATE)),
            Fault("DynamoDB throttles a third of all requests", *self._befall(Misfortunes(throttled=0.33))),
            Fault("the shop's back end is down", lambda: self._shop(is_down=True), lambda: self._shop(is_down=False)),
        ]

    def _befall(self, misfortunes: Misfortunes) -> tuple[Change, Change]:
        return lambda: misfortunes.write(self.misfortunes), lambda: Misfortunes().write(self.misfortunes)

    def _shop(self, *, is_down: bool) -> None:
        self.shop.is_down = is_down

    def _kill(self) -> None:
        for worker in children(self.emulator.process_id or 0):
            os.kill(worker, signal.SIGKILL)


def children(process_id: int) -> list[int]:
    """The processes that a process has started, as Linux tells them."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name may have spaces and brackets in it; behind it are the state and the parent.
            parent = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
            if int(parent) == process_id:
                found.append(int(status.parent.name))
    return found


@contextmanager
def place(report: Report) -> Iterator[Place]:
    """A local AWS with a shop's back end and a bad network in front of it; it is gone afterwards."""
    with ExitStack() as running:
        home = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        shop = running.enter_context(DeafShop())
        misfortunes = home / "misfortunes.json"
        os.environ[VARIABLE] = str(misfortunes)
        running.callback(os.environ.pop, VARIABLE, None)
        emulator = Emulator(port=free_port(), home=home, program="tests.load.misfortunes")
        running.enter_context(emulator)
        outputs = Deployment(emulator, home=home, report=report, context={"php_api_url": shop.url}).bring_up_to_date()
        proxy = running.enter_context(FaultProxy(outputs["WebSocketUrl"], seed=1))
        session = emulator.credentials.session(REGION)
        yield Place(emulator, Found(session, emulator.endpoint, outputs), proxy, shop, misfortunes)


def chaos(here: Place, size: Size, folder: Path, report: Report) -> bool:
    """Let everything go wrong while they chat; whether nothing was lost, doubled or kept from the shop."""
    crowd, busy = Crowd(here.deployment, size), Busy()
    with chatting(crowd, folder, url=here.proxy.url) as people:
        periods = go_wrong(here, people, crowd, folder, report)
        with suppress(subprocess.TimeoutExpired):
            people.wait(size.seconds + 2 * STOP_SECONDS)
    machine = busy.until_now(is_emulated=True)
    found = looked_over(crowd, folder)
    untold = events_untold(here, found, report)
    rows = [felt(period, found, here.shop.heard) for period in periods]
    tables = {"Faults, and how long they were felt": table(HEAD, rows)}
    (folder / "report.html").write_text(page(found, f"{size}, with faults", machine, tables=tables), encoding="utf-8")
    for row in (HEAD, *rows):
        report(" | ".join(row))
    told = f"Of what was said, the shop did not hear {len(untold)} entries."
    for line in (verdict(found), told, *limits(found, machine), f"The report is {folder / 'report.html'}."):
        report(line)
    return found.is_good and not untold


def go_wrong(here: Place, people: subprocess.Popen[bytes], crowd: Crowd, folder: Path, report: Report) -> list[Period]:
    """Have one fault after another, each for half of its time, once everybody is there."""
    faults, begun = here.faults(), time.monotonic()

    def pass_by(seconds: float, again: Change = lambda: None) -> None:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0 and people.poll() is None:
            again()
            crowd.forget_openings()
            time.sleep(min(KILL_SECONDS, left))

    while people.poll() is None and not _all_are_here(folder, crowd) and time.monotonic() < begun + crowd.size.seconds:
        pass_by(1)
    half = max(1.0, _ends_at(folder, crowd) - time.time()) / len(faults) / 2
    periods = []
    for fault in faults:
        report(f"{progress(outcome_of(read(folder / NOTES)), crowd, time.monotonic() - begun)}; {fault.name}")
        since = time.time()
        fault.begin()
        pass_by(half, fault.again)
        fault.end()
        periods.append(Period(fault.name, since, time.time()))
        pass_by(half)
    return periods


def _all_are_here(folder: Path, crowd: Crowd) -> bool:
    return len(outcome_of(read(folder / NOTES)).visitors) == crowd.size.visitors


def _ends_at(folder: Path, crowd: Crowd) -> float:
    """When people leave: their time begins with the first of them."""
    begun = next((note["at"] for note in read(folder / NOTES)), time.time())
    return float(begun) + crowd.size.seconds


def events_untold(here: Place, found: Outcome, report: Report) -> set[str]:
    """The entries that the shop has not heard of, when it has had time to."""
    url = here.deployment.outputs["RestUrl"].rstrip("/")
    logs: Mapping[str, Sequence[Entry]] = {
        contact: log_of(url, contact, device) for contact, device in found.visitors.items()
    }
    entries = {f"{contact}/{entry['seq']}" for contact, log in logs.items() for entry in log}
    deadline = time.monotonic() + TOLD_SECONDS
    while (untold := entries - here.shop.heard.keys()) and time.monotonic() < deadline:
        report(f"The shop has yet to hear of {len(untold)} entries.")
        time.sleep(PROGRESS_SECONDS)
    return untold


HEAD = ("fault", "for, s", "slowest message, s", "all acknowledged after, s", "the shop knew all after, s")


def felt(period: Period, found: Outcome, heard: Mapping[str, float]) -> tuple[str, ...]:
    """How long it was felt: by a message of then, and once it was over by those that were still waiting."""
    then = [(sent, at) for _, sent, at in found.acknowledged.values() if sent <= period.ended and at >= period.begun]
    slowest = max((at - sent for sent, at in then), default=0)
    recovered = max((at - period.ended for _, at in then), default=0)
    known = [heard[event] for event in told_before(period.ended, found) if event in heard]
    knew = max((at - period.ended for at in known), default=0)
    numbers = (period.ended - period.begun, slowest, max(0, recovered), max(0, knew))
    return (period.fault, *(f"{number:.1f}" for number in numbers))


def told_before(moment: float, found: Outcome) -> list[str]:
    """The events of messages that were acknowledged by then."""
    return [
        f"{contact}/{found.numbers[message]}"
        for message, (contact, _, at) in found.acknowledged.items()
        if at <= moment
    ]


def main() -> int:
    """Do it; 1 where anything is missing, or after one line on standard error that says why not."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_size(parser)
    arguments = parser.parse_args()

    def survived() -> int:
        size = size_of(arguments.visitors, arguments.sellers, arguments.minutes, arguments.pace)
        with place(tell) as here:
            return 0 if chaos(here, size, FOLDER, tell) else 1

    return stoppable(survived)


if __name__ == "__main__":
    sys.exit(main())
