"""One browser for all tests, a profile of its own for each person, and pages served beside the deployed system."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect

from local_aws.web_pages import FOLDERS, WebPages
from tests.browser.people import Stage
from tests.end_to_end.deployed_system import DeployedSystem

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Pages of a made-up shop load the widget from this machine, which browsers otherwise ask a person about.
    "--disable-features=LocalNetworkAccessChecks",
]
PATIENCE_MS = 60_000
"""The first call of every function starts a process, on a machine that may be busy."""
expect.set_options(timeout=PATIENCE_MS)

NewContext = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium without a window. Where there is none, these tests are skipped, unless BROWSER_TESTS is `required`."""
    if CHROMIUM is None:
        how = "There is no Chromium here: install it (Debian: apt-get install chromium)."
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail(how)
        pytest.skip(how)
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Makes profiles: somebody's browser, with nothing stored in it."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**{"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def pages(browser: Browser, deployed_system: DeployedSystem, pages_port: int) -> Iterator[WebPages]:
    """The demo shop and the console, with their policy on."""
    if not (FOLDERS[0] / "widget.js").is_file():
        pytest.fail("The widget is not built: run `make widget`.")
    with WebPages(port=pages_port, outputs=deployed_system.outputs) as pages:
        yield pages


@pytest.fixture
def stage(pages: WebPages, deployed_system: DeployedSystem) -> Stage:
    """A seller whom no other test knows."""
    return Stage(deployed_system, pages, f"seller-{uuid.uuid4().hex[:12]}")
