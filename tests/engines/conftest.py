"""Firefox and WebKit, one of each for all tests, and a shop that they look at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from local_aws.web_pages import FOLDERS
from tests.engines.engine import Engine
from tests.engines.firefox import PROGRAM as FIREFOX
from tests.engines.firefox import FirefoxBrowser
from tests.engines.shop_server import ShopServer, Site
from tests.engines.visit import Visit
from tests.engines.webkit import WebKitBrowser
from tests.engines.webkit import is_here as has_webkit

OpenPage = Callable[[], Engine]
NewVisit = Callable[..., Visit]


def missing(name: str, packages: str) -> None:
    """Skip what cannot be run here, loudly; where ENGINE_TESTS is `required` it fails."""
    how = f"There is no {name} here: install it (Debian: apt-get install {packages})."
    if os.environ.get("ENGINE_TESTS") == "required":
        pytest.fail(how)
    pytest.skip(how)


@pytest.fixture(scope="session")
def firefox() -> Iterator[OpenPage]:
    """Firefox without a window."""
    if FIREFOX is None:
        missing("Firefox", "firefox-esr")
    with FirefoxBrowser() as browser:
        yield browser.open


@pytest.fixture(scope="session")
def webkit() -> Iterator[OpenPage]:
    """WebKit on a screen that nobody sees."""
    if not has_webkit():
        missing("WebKit", "webkit2gtk-driver xvfb xauth dbus")
    with WebKitBrowser() as browser:
        yield browser.open


@pytest.fixture(scope="session")
def shop_server() -> Iterator[ShopServer]:
    """A shop with the built widget."""
    if not (FOLDERS[0] / "widget.js").is_file():
        pytest.fail("The widget is not built: run `make widget`.")
    with ShopServer() as server:
        yield server


@pytest.fixture(params=["firefox", "webkit"])
def visit(request: pytest.FixtureRequest, shop_server: ShopServer) -> Iterator[NewVisit]:
    """Opens a shop's page in each of the engines."""
    opened: list[Engine] = []

    def make(*, size: tuple[int, int] = (1280, 800), site: Site | None = None) -> Visit:
        # One at a time: a driver of WebKit's has no room for two.
        while opened:
            opened.pop().close()
        engine: Engine = request.getfixturevalue(request.param)()
        opened.append(engine)
        chat = shop_server.show(site or Site())
        engine.resize(*size)
        engine.goto(shop_server.url)
        return Visit(engine, chat, shop_server.url)

    yield make
    for engine in opened:
        engine.close()
