"""What a page pays for the widget: a launcher, until a visitor turns to it."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from local_aws.web_pages import FOLDERS
from tests.bench.page import SHIFTS, launcher_ms, served
from tests.browser.conftest import NewContext
from tests.browser.people import Stage, Visitor
from tests.browser.shop import Shop

THE_SHOP_S_OWN = {"/", "/shop.css", "/shop.js", "/stub.js", "/config.json", "/favicon.ico"}
CHAT = re.compile(r"/chat/chat-[\w-]{8}\.js")
GERMAN = re.compile(r"/chat/de-[\w-]{8}\.js")


@pytest.fixture
def seen() -> list[str]:
    """The paths of the pages' requests, in their order, and the addresses of their sockets."""
    return []


def watched(context: BrowserContext, seen: list[str]) -> BrowserContext:
    """A profile whose requests are seen."""

    def socket(each: Any) -> None:
        seen.append(each.url)

    def page(each: Page) -> None:
        each.on("websocket", socket)

    context.on("request", lambda request: seen.append(urlsplit(request.url).path))
    context.on("page", page)
    return context


def bubble(visitor: Visitor) -> Any:
    """The widget's button."""
    return visitor.page.get_by_role("button", name=re.compile("Open the chat|Chat öffnen"))


def stored(page: Page) -> int:
    """How many things the page keeps."""
    return int(page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length"))


def chats(seen: list[str]) -> list[str]:
    """The requests for the chat."""
    return [path for path in seen if CHAT.fullmatch(path)]


def test_a_visitor_who_leaves_it_alone_loads_the_launcher_alone(
    stage: Stage, new_context: NewContext, seen: list[str]
) -> None:
    visitor = stage.visitor(watched(new_context(), seen))
    bubble(visitor).wait_for()
    visitor.page.wait_for_load_state("networkidle")
    assert [path for path in seen if path not in THE_SHOP_S_OWN] == ["/widget.js"]
    assert stored(visitor.page) == 0


@pytest.mark.parametrize("intent", ["hover", "focus"])
def test_the_chat_is_there_before_it_is_opened(
    intent: str, stage: Stage, new_context: NewContext, seen: list[str]
) -> None:
    visitor = stage.visitor(watched(new_context(), seen))
    with visitor.page.expect_request(CHAT):
        getattr(bubble(visitor), intent)()
    visitor.page.wait_for_load_state("networkidle")
    assert stored(visitor.page) == 0
    visitor.start_chat("Ada")
    assert len(chats(seen)) == 1
    assert visitor.complaints == []


def test_the_bubble_keeps_the_focus_while_the_chat_takes_its_place(stage: Stage, new_context: NewContext) -> None:
    visitor = stage.visitor(new_context())
    with visitor.page.expect_response(CHAT):
        bubble(visitor).focus()
    visitor.page.wait_for_load_state("networkidle")
    expect(bubble(visitor)).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("dialog")).to_be_visible()


def test_a_visitor_with_a_chat_has_it_loaded_on_the_next_page(
    stage: Stage, new_context: NewContext, seen: list[str]
) -> None:
    visitor = stage.visitor(watched(new_context(), seen))
    visitor.start_chat("Ada")
    visitor.page.get_by_role("button", name="Minimize the chat").click()
    seen.clear()
    with visitor.page.expect_request(CHAT):
        visitor.page.reload()


def test_its_words_are_loaded_with_it_and_not_before(stage: Stage, new_context: NewContext, seen: list[str]) -> None:
    visitor = stage.visitor(watched(new_context(locale="de-AT"), seen))
    visitor.page.evaluate("document.documentElement.lang = ''")
    visitor.page.evaluate("SellerChat('update', { language: 'de' })")
    expect(visitor.page.get_by_role("button", name="Chat öffnen")).to_be_visible()
    assert not [path for path in seen if GERMAN.fullmatch(path)]
    bubble(visitor).click()
    expect(visitor.page.get_by_role("button", name="Chat starten")).to_be_visible()
    assert len([path for path in seen if GERMAN.fullmatch(path)]) == 1


def test_a_chat_that_cannot_be_loaded_says_so_and_comes_at_the_next_press(
    stage: Stage, new_context: NewContext
) -> None:
    context = new_context()
    context.route(CHAT, lambda route: route.abort())
    visitor = stage.visitor(context)
    bubble(visitor).click()
    expect(visitor.page.get_by_role("status")).to_have_text("⚠ Open the chat")
    context.unroute(CHAT)
    visitor.start_chat("Ada")


def test_nothing_of_the_page_moves_by_it(new_context: NewContext) -> None:
    shop = Shop(new_context(), body="<main><h1>Bowls</h1><p>By hand</p></main>")
    shop.bubble.wait_for()
    before = shop.page.locator("main").bounding_box()
    assert shop.page.evaluate(SHIFTS) == 0
    shop.bubble.click()
    shop.page.get_by_label("Name").wait_for()
    assert shop.page.evaluate(SHIFTS) == 0
    assert shop.page.locator("main").bounding_box() == before


def test_a_page_s_main_thread_works_twenty_milliseconds_more_at_most(browser: Browser) -> None:
    with served() as address:
        assert launcher_ms(browser, address) <= 20


def pinned() -> tuple[str, str]:
    """The address of the widget that pages may pin, and the tag that does so."""
    pin = json.loads((FOLDERS[0] / "pinned.json").read_text(encoding="ascii"))
    return f"/{pin['path']}", f'<script src="/{pin["path"]}" integrity="{pin["integrity"]}"></script>'


def test_a_pinned_widget_is_all_in_the_file_whose_hash_the_page_has(new_context: NewContext, seen: list[str]) -> None:
    path, tag = pinned()
    shop = Shop(watched(new_context(locale="de-AT"), seen), tag=tag, language="de")

    shop.bubble.click()
    shop.page.get_by_label("Name").fill("Ada")
    shop.page.get_by_role("button", name="Chat starten").click()
    shop.page.get_by_label("Nachricht schreiben").fill("Hallo")
    shop.page.keyboard.press("Enter")
    expect(shop.messages).to_contain_text("Hallo")

    assert [each for each in seen if each.endswith(".js")] == [path]


def test_a_pinned_widget_that_was_replaced_does_not_run(new_context: NewContext) -> None:
    path, tag = pinned()
    context = new_context()
    shop = Shop(context, tag=tag)
    shop.bubble.wait_for()

    replaced = (FOLDERS[0] / path.lstrip("/")).read_text(encoding="utf-8") + ";"
    context.route(f"**{path}", lambda route: route.fulfill(body=replaced, content_type="text/javascript"))
    shop.page.reload()
    shop.page.wait_for_load_state("load")

    assert shop.page.evaluate("typeof SellerChat") == "undefined"
    assert shop.page.locator("seller-chat").count() == 0
