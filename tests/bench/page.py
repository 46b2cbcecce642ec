"""What the widget costs the page of a shop, in Chromium: beside the same page without it."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS

DIST = Path(__file__).parents[2] / "widget/dist"
ROUNDS = 7
PAGE = "<!doctype html><title>Shop</title><main><h1>Shop</h1></main>"
WIDGET = '<script async src="/widget.js" data-seller-id="123456" data-api-url="{socket}"></script>'
METRICS = {
    "TaskDuration": ("main thread, its own time, ms", 1000.0),
    "ScriptDuration": ("of it script, ms", 1000.0),
    "LayoutDuration": ("of it layout, ms", 1000.0),
    "JSHeapUsedSize": ("heap, KB", 1 / 1024),
}
"""What Chromium tells of a page, what we call it, and what it is multiplied by."""


SHIFTS = """() => new Promise((resolve) => {
  let shift = 0;
  const watch = (entries) => { for (const { value } of entries) shift += value; };
  const observer = new PerformanceObserver((list) => watch(list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  setTimeout(() => { watch(observer.takeRecords()); resolve(shift); }, 100);
})"""
"""By how much what a person sees moved by itself (Cumulative Layout Shift), up to now."""


class _Files(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if not self.path.endswith(".html"):
            super().do_GET()
            return
        script = (
            WIDGET.format(socket=f"ws://127.0.0.1:{cast(ThreadingHTTPServer, self.server).server_port}")
            if "widget" in self.path
            else ""
        )
        page = (PAGE + script).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_words: object) -> None:
        """Says nothing."""


def rows() -> list[list[str]]:
    """The table: what a page costs, and what the widget adds before and after it is opened."""
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        without, closed, opened = [], [], []
        for _ in range(ROUNDS + 1):
            without.append(_cost(browser, f"{address}/plain.html", is_opened=False))
            closed.append(_cost(browser, f"{address}/widget.html", is_opened=False))
            opened.append(_cost(browser, f"{address}/widget.html", is_opened=True))
        browser.close()
    # The first one of each warms up.
    return [
        [name, *(_median([each[name] for each in costs[1:]]) for costs in (without, closed, opened))]
        for name in without[0]
    ]


def launcher_ms(browser: Browser, address: str) -> float:
    """What a page's main thread does for a widget that nobody opens: the median of what it does more."""
    name, _ = METRICS["TaskDuration"]
    more = [
        _cost(browser, f"{address}/widget.html", is_opened=False)[name]
        - _cost(browser, f"{address}/plain.html", is_opened=False)[name]
        for _ in range(ROUNDS)
    ]
    return statistics.median(more)


def _median(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ({min(values):.0f} … {max(values):.0f})"


def _cost(browser: Browser, address: str, *, is_opened: bool) -> Mapping[str, float]:
    context = browser.new_context()
    page = context.new_page()
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(int(response.headers.get("content-length", 0))))
    session = context.new_cdp_session(page)
    # The thread's own time, and none of what the machine did meanwhile.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(address, wait_until="load")
    # Nothing asks the page whether the widget is there: the asking would be counted as its work.
    page.wait_for_timeout(500)
    took = _open(page) if is_opened else 0.0
    page.wait_for_timeout(500)
    told = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    shift = float(page.evaluate(SHIFTS))
    assert page.locator("seller-chat").count() == ("widget.html" in address)
    context.close()
    return {
        "requests": len(sizes),
        "files as served, bytes": sum(sizes),
        **{name: told[metric] * factor for metric, (name, factor) in METRICS.items()},
        "layout shift": shift,
        "from the press to the panel, ms": took,
    }


def _open(page: Page) -> float:
    """Press the bubble; how long it took until the panel was there, with what it loads, in milliseconds."""
    began = float(page.evaluate("performance.now()"))
    page.get_by_role("button").first.click()
    page.get_by_role("dialog").first.wait_for()
    return float(page.evaluate("performance.now()")) - began


@contextmanager
def served() -> Iterator[str]:
    """The address of a page with the widget, `/widget.html`, and of the same one without, `/plain.html`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(DIST)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
