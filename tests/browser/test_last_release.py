"""Pages that embed the last release's widget, and a console that was open since, go on with today's back end."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from local_aws.cdk_command import NODE_FOLDER
from local_aws.web_pages import MEDIA_TYPES, START_PAGE, WebPages, security_headers
from tests.browser.conftest import NewContext
from tests.browser.people import Network, Stage
from tests.compatibility.releases import NoReleaseError, last_release, unpack
from tests.end_to_end.deployed_system import DeployedSystem
from tests.infrastructure.synthesis import PROJECT

BUILDS = ("chat", "stub", "console", "widget")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The files of the last release's pages, built with today's tools."""
    try:
        sources = unpack(last_release(), tmp_path_factory.mktemp("before"), ["widget"]) / "widget"
    except NoReleaseError as missing:
        if os.environ.get("RELEASE_TESTS") == "required":
            raise
        pytest.skip(str(missing))
    (sources / "node_modules").symlink_to(PROJECT / "widget" / "node_modules")
    for mode in BUILDS:
        command = [str(NODE_FOLDER / "node"), "node_modules/vite/bin/vite.js", "build", "--mode", mode]
        subprocess.run(command, cwd=sources, check=True, capture_output=True)  # noqa: S603 - our own program
    return sources / "dist", sources / "demo"


@dataclass
class LastRelease:
    """What a browser that came before the deployment has of the pages: all files but where the APIs are."""

    folders: tuple[Path, Path]
    pages: WebPages
    system: DeployedSystem

    def kept_by(self, context: BrowserContext) -> BrowserContext:
        """The profile, with the pages as they were."""
        context.route(f"{self.pages.url}**", self._serve)
        return context

    def _serve(self, route: Route) -> None:
        path = urlsplit(route.request.url).path.lstrip("/") or START_PAGE
        file = next((each / path for each in self.folders if (each / path).is_file()), None)
        if file is None:
            route.continue_()
            return
        kind = {"Content-Type": MEDIA_TYPES[file.suffix]}
        route.fulfill(path=file, headers={**security_headers(self.system.outputs), **kind})


@pytest.fixture
def before(folders: tuple[Path, Path], pages: WebPages, deployed_system: DeployedSystem) -> LastRelease:
    """The pages as they were."""
    return LastRelease(folders, pages, deployed_system)


@pytest.mark.parametrize("options", [{}, {"connection": "Rest"}], ids=["socket", "rest"])
def test_its_widget_chats_and_finds_its_chat_again(
    before: LastRelease, stage: Stage, new_context: NewContext, options: dict[str, str]
) -> None:
    seller = stage.seller(new_context())
    visitor = stage.visitor(before.kept_by(new_context()), **options)
    visitor.start_chat("Ada")
    visitor.say("Is the moss bowl in stock?")
    seller.choose("Ada")
    expect(seller.log()).to_contain_text("Is the moss bowl in stock?")
    seller.say("Ada", "It is.")
    expect(visitor.log()).to_contain_text("It is.")
    expect(visitor.log().get_by_label("Sending")).to_have_count(0)

    visitor.page.reload()
    expect(visitor.log()).to_contain_text("It is.")
    seller.page.get_by_role("button", name="End chat").click()
    expect(visitor.log()).to_contain_text("The chat has ended.")
    assert visitor.complaints == seller.complaints == []


def test_its_widget_sends_what_was_written_while_it_was_cut_off(
    before: LastRelease, stage: Stage, new_context: NewContext
) -> None:
    context = before.kept_by(new_context())
    network = Network(context)
    seller = stage.seller(new_context())
    visitor = stage.visitor(context)
    visitor.start_chat("Ada")
    seller.choose("Ada")
    network.cut()
    visitor.say("from the dark")
    seller.say("Ada", "Are you there?")
    network.restore()

    expect(visitor.log()).to_contain_text("Are you there?")
    expect(seller.log().locator(".bubble", has_text="from the dark")).to_have_count(1)


def test_its_console_answers_visitors_of_today_s_widget(
    before: LastRelease, stage: Stage, new_context: NewContext
) -> None:
    seller = stage.seller(before.kept_by(new_context()))
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    visitor.say("Is the moss bowl in stock?")
    expect(seller.contact("Ada")).to_contain_text("Is the moss bowl in stock?")
    seller.choose("Ada")
    seller.say("Ada", "It is.")
    expect(visitor.log()).to_contain_text("It is.")
    seller.page.get_by_role("button", name="End chat").click()
    expect(visitor.log()).to_contain_text("The chat has ended.")
    assert visitor.complaints == seller.complaints == []


def test_what_runs_is_the_last_release(before: LastRelease, stage: Stage, new_context: NewContext) -> None:
    visitor = stage.visitor(before.kept_by(new_context()))
    (chat,) = (before.folders[0] / "chat").glob("chat-*.js")

    with visitor.page.expect_response(f"**/chat/{chat.name}") as loaded:
        visitor.open_chat()

    assert loaded.value.body() == chat.read_bytes()
