"""What the console costs the thread that draws it, beside another build of it, in Chromium.

`python -m tests.bench.console DIST` prints the table; DIST is `widget/dist` of a checkout of the other build. Both have
two hundred chats and one of 5,000 messages, and take turns in one run, each in a profile of its own. The thread's own
time is counted, so that the machine counts for as little as it can.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from local_aws.web_pages import FOLDERS
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.played_desk import MESSAGES, PlayedDesk

ROUNDS = 5
SETTLED_MS = 1_500
WHEEL_PIXELS = 600
SCROLLED = 40
"""Frames of one scrolling (`PlayedDesk.scroll`)."""
SPOKEN = 10
OPEN = """async (name) => {
  const row = [...document.querySelectorAll(".contact")].find((each) => each.textContent.includes(name));
  row.click();
  while (!document.querySelector(".conversation h2")?.textContent.includes(name)
    || !document.querySelector(".conversation .message")) await new Promise(requestAnimationFrame);
  await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
}"""
"""Choose a chat, and wait until it is drawn."""
Costs = Mapping[str, float]


class Desk:
    """A seller at a build of the console, once all is read and the long chat is open."""

    def __init__(self, browser: Browser, build: Path) -> None:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        context.set_default_timeout(120_000)
        self._desk = PlayedDesk(context, build=build)
        self._page = self._desk.page
        self._session = context.new_cdp_session(self._page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._page.locator(".contact").first.wait_for()
        # Who has just written is on top of the list, and so within sight of a list that draws what is seen.
        for number in (1, 0):
            self._desk.say(number, "Are you there?")
        self._page.locator(".contact", has_text="Are you there?").nth(1).wait_for()
        self.open(1)
        self.open(0)
        expect(self._page.get_by_role("log")).to_contain_text("Are you there?", timeout=120_000)
        expect(self._page.get_by_role("log")).to_contain_text(f"Message {MESSAGES - 1}", timeout=120_000)
        self._page.wait_for_timeout(SETTLED_MS)

    def open(self, number: int) -> None:
        """Open a chat from the list."""
        self._page.evaluate(OPEN, f"Visitor number {number}")

    def costs(self) -> Costs:
        """One round."""
        return {
            "elements of the page": self._desk.nodes,
            "a frame while scrolling, ms": self._thread_ms(lambda: self._desk.scroll(-WHEEL_PIXELS)) / SCROLLED,
            "opening from memory, ms": self._opening(),
            "a message in the open chat, ms": self._thread_ms(lambda: self._hear(0)) / SPOKEN,
            "a message in another chat, ms": self._thread_ms(lambda: self._hear(1)) / SPOKEN,
        }

    def _opening(self) -> float:
        self.open(1)
        self._page.wait_for_timeout(SETTLED_MS)
        return self._thread_ms(lambda: self.open(0))

    def _hear(self, number: int) -> None:
        for _ in range(SPOKEN):
            self._desk.say(number, "One more")
            self._page.wait_for_timeout(100)

    def _thread_ms(self, act: Callable[[], object]) -> float:
        before = self._worked()
        act()
        return (self._worked() - before) * 1000

    def _worked(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


@contextmanager
def desks(*builds: Path) -> Iterator[list[Desk]]:
    """A seller at each of the builds."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield [Desk(browser, build) for build in builds]
        browser.close()


def table(before: list[Costs], now: list[Costs]) -> str:
    """Medians of the rounds, from where to where they went, and the ratio of the medians."""
    lines = ["| | before | now | now over before |", "| --- | --- | --- | --- |"]
    for name in now[0]:
        pair = [[each[name] for each in costs] for costs in (before, now)]
        middles = [statistics.median(values) for values in pair]
        shown = [f"{statistics.median(values):,.1f} ({min(values):,.1f} … {max(values):,.1f})" for values in pair]
        lines.append(f"| {name} | {shown[0]} | {shown[1]} | {middles[1] / middles[0]:.2f} |")
    return "\n".join(lines)


def main(other: Path) -> None:
    """Measure, and print the table."""
    with desks(other, FOLDERS[0]) as (before, now):
        rounds = [(before.costs(), now.costs()) for _ in range(ROUNDS + 1)]
    # The first one of each warms up.
    sys.stdout.write(table([one for one, _ in rounds[1:]], [other for _, other in rounds[1:]]) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
