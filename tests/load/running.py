"""People who chat under locust while something else goes on, and what they leave behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import urllib3

from administration.command_line import carried_out, failed
from administration.errors import AdministrationError
from chat.model.identity import Principal, Role
from tests.load.notes import read
from tests.load.outcome import Entry, Outcome, compare, outcome_of, share
from tests.load.plan import STOP_SECONDS, Crowd

ROOT = Path(__file__).parents[2]
LOCUST = ROOT / ".venv" / "load" / "bin" / "locust"
PEOPLE = Path(__file__).with_name("people.py")
NOTES = "notes.jsonl"
PROGRESS_SECONDS = 10
ANSWER_SECONDS = 30.0
TRIES = 5

Report = Callable[[str], None]


@contextmanager
def chatting(crowd: Crowd, folder: Path, *, url: str | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """The people, until they have left; `url` is where they connect to, if not to the system itself.

    Raises `AdministrationError` where they could not begin.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / NOTES).unlink(missing_ok=True)
    plan = crowd.write(folder, url=url or crowd.deployment.outputs["WebSocketUrl"])
    crowd.register()
    size = crowd.size
    command = [str(LOCUST), "--locustfile", str(PEOPLE), "--headless", "--skip-log-setup"]
    command += ["--users", str(size.visitors + size.sellers), "--spawn-rate", f"{size.arrivals_per_second:.2f}"]
    command += ["--run-time", f"{size.seconds}s", "--html", str(folder / "locust.html")]
    variables = {**os.environ, "LOAD_PLAN": str(plan), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with (folder / "locust.log").open("wb") as log:
        people = subprocess.Popen(  # noqa: S603 - our own program
            command, cwd=ROOT, env=variables, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield people
    finally:
        people.terminate()
        people.wait()
        plan.unlink(missing_ok=True)
        crowd.leave()


def watch(people: subprocess.Popen[bytes], crowd: Crowd, folder: Path, report: Report) -> None:
    """Report how it goes until they have left. Raises `AdministrationError` where they end before their time."""
    begun = time.monotonic()
    ends = begun + crowd.size.seconds + STOP_SECONDS + 60
    while people.poll() is None and time.monotonic() < ends:
        if time.monotonic() - begun < crowd.size.seconds:
            crowd.forget_openings()
        _pause(people)
        report(progress(outcome_of(read(folder / NOTES)), crowd, time.monotonic() - begun))
    if time.monotonic() - begun < crowd.size.seconds / 2:
        raise AdministrationError(f"The people ended too soon; the reason is at the end of {folder}/locust.log.")


def _pause(people: subprocess.Popen[bytes]) -> None:
    try:
        people.wait(PROGRESS_SECONDS)
    except subprocess.TimeoutExpired:
        return


def progress(found: Outcome, crowd: Crowd, seconds: float) -> str:
    """How it goes, in a line."""
    minutes, rest = divmod(int(seconds), 60)
    slow = share([1000 * (at - sent) for _, sent, at in found.acknowledged.values()], 0.95)
    return (
        f"{minutes:2}:{rest:02}  {len(found.visitors)} of {crowd.size.visitors} visitors, "
        f"{len(found.acknowledged)} messages acknowledged, 95 % within {slow:.0f} ms, "
        f"{len(found.delivered)} delivered, {sum(found.errors.values())} errors"
    )


def looked_over(crowd: Crowd, folder: Path) -> Outcome:
    """What became of it, by the logs of all contacts as their visitors read them over REST."""
    found = outcome_of(read(folder / NOTES))
    proofs = {device: crowd.proof(Principal(device, Role.VISITOR)) or device for device in found.visitors.values()}
    url = crowd.deployment.outputs["RestUrl"].rstrip("/")
    compare(found, {contact: log_of(url, contact, proofs[device]) for contact, device in found.visitors.items()})
    return found


def log_of(url: str, contact: str, bearer: str) -> list[Entry]:
    """A contact's entries. Raises `AdministrationError` where they cannot be read."""
    log: list[Entry] = []
    more = True
    while more:
        page = _page(f"{url}/chats/{contact}/entries?after={len(log)}", bearer)
        log += page["entries"]  # type: ignore[arg-type]
        more = bool(page["more"])
    return log


def _page(url: str, bearer: str) -> dict[str, object]:
    for attempt in range(TRIES):
        time.sleep(attempt)
        answer = urllib3.request(
            "GET", url, headers={"Authorization": f"Bearer {bearer}"}, timeout=ANSWER_SECONDS, retries=False
        )
        if answer.status == 200:
            found: dict[str, object] = answer.json()
            return found
    raise AdministrationError(f"A contact's log could not be read: {answer.status} {answer.data[:200]!r}")


def stoppable(command: Callable[[], int]) -> int:
    """Carry a command out; what stops it lets it end its people first, and is answered in one line."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    try:
        return carried_out(command)
    except KeyboardInterrupt:
        return failed("Interrupted: the people have left, and nothing was looked over.")


def tell(line: str) -> None:
    """Say it at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
