"""What a visitor felt of trouble comes to the deployment's metrics when they leave the page."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from playwright.sync_api import expect

from chat.model.metrics import Metric
from tests.browser.conftest import NewContext
from tests.browser.people import Network, Stage
from tests.browser.shop import Shop
from tests.end_to_end.deployed_system import DeployedSystem, wait_until

REPORT = re.compile(r"/chat/report-[\w-]{8}\.js")
ONE_OF_FOUR = "Math.random = () => 0.2"


def told(system: DeployedSystem, since: float) -> list[dict[str, Any]]:
    """The reports that were counted from a moment on."""
    lines = [json.loads(line) for line in system.logged(since) if Metric.TROUBLED_PAGES in line]
    return [{name: value for name, value in line.items() if name in set(Metric)} for line in lines]


def test_a_page_whose_chat_was_cut_off_says_so_when_it_is_left(
    stage: Stage, new_context: NewContext, deployed_system: DeployedSystem
) -> None:
    began, context = time.time(), new_context()
    context.add_init_script(ONE_OF_FOUR)
    loaded: list[str] = []
    context.on("response", lambda response: loaded.append(response.url))
    network = Network(context)
    visitor = stage.visitor(context)
    visitor.start_chat("Ada")
    network.cut()
    expect(visitor.page.get_by_text("You are offline.")).to_be_visible()
    visitor.say("from the dark")

    network.restore()
    expect(visitor.log().get_by_label("Sent", exact=True)).to_be_visible()
    expect(visitor.page.locator("seller-chat .trouble")).to_have_count(0)
    # Where the first connection took its time that was trouble, too.
    visitor.page.wait_for_timeout(1_000)
    assert [url for url in loaded if REPORT.search(url)] != []
    visitor.page.goto("about:blank")
    wait_until(lambda: told(deployed_system, began) != [], seconds=60, what="the report")

    (new,) = told(deployed_system, began)
    assert new.pop(Metric.PAGE_SLOWEST_SEND_MS) > 0
    assert new.pop(Metric.PAGE_RECONNECTS) >= 1
    assert new == {Metric.TROUBLED_PAGES: 1}
    assert visitor.complaints == []


def test_a_page_that_nothing_befalls_loads_nothing_for_it(new_context: NewContext) -> None:
    context = new_context()
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    shop = Shop(context)
    shop.start_chat()
    shop.say("one")
    expect(shop.messages.get_by_label("Sent", exact=True)).to_be_visible()

    assert [url for url in asked if REPORT.search(url)] == []
