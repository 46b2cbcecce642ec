"""docs/embed.md, pasted into a page of a shop that allows nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.browser.conftest import NewContext
from tests.browser.people import Stage, Visitor

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "embed.md").read_text(encoding="utf-8")
SHOP = "http://localhost:1/"
FRAMES = 60
EMPTY_PAGE = "<!doctype html><html lang=en><title>A shop</title><body>{}</body></html>"


def example(language: str, containing: str) -> str:
    """The document's code block that contains something."""
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    return next(block for block in blocks if containing in block)


@pytest.fixture
def filled_in(stage: Stage) -> Callable[[str], str]:
    """Puts this system's addresses and seller where an example has its own."""
    outputs = stage.system.outputs

    def fill(text: str) -> str:
        for placeholder, value in {
            "https://HOST/": stage.pages.url,
            "wss://API/STAGE": outputs["WebSocketUrl"],
            "https://REST": outputs["RestUrl"],
            "123456": stage.seller_id,
        }.items():
            text = text.replace(placeholder, value)
        return text

    return fill


def shop_page(context: BrowserContext, stage: Stage, body: str, files: dict[str, str] | None = None) -> Visitor:
    """A page with the policy that the document asks for, and no more."""
    api = urlsplit(stage.system.outputs["WebSocketUrl"]).netloc
    policy = (
        f"default-src 'none'; script-src {SHOP} {stage.pages.url}; connect-src ws://{api} http://{api}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )

    def answer(route: Any) -> None:
        name = urlsplit(route.request.url).path.lstrip("/")
        if name and name not in (files or {}):
            route.fulfill(status=404)
            return
        route.fulfill(
            body=(files or {})[name] if name else EMPTY_PAGE.format(body),
            content_type="text/javascript" if name else "text/html",
            headers={"Content-Security-Policy": policy},
        )

    context.route(f"{SHOP}**", answer)
    visitor: Visitor = Visitor.at(context, SHOP)
    return visitor


# Of what a shop's sanitiser may leave of its customers' markup, some bears the names of the page's own properties.
CUSTOMERS_MARKUP = (
    '<img name="currentScript" src="https://attacker.example/x.png" data-seller-id="attacker" '
    'data-api-url="wss://attacker.example/x"><a id="SellerChat" href="https://attacker.example/">Nice shop!</a>'
)


def test_customers_markup_is_never_taken_for_the_tag(
    stage: Stage, new_context: NewContext, filled_in: Callable[[str], str]
) -> None:
    context = new_context()
    foreign: list[str] = []
    context.on("request", lambda request: foreign.append(request.url) if "attacker" in request.url else None)
    visitor = shop_page(context, stage, CUSTOMERS_MARKUP + filled_in(example("html", "data-seller-id")))
    visitor.page.on("websocket", lambda socket: foreign.append(socket.url) if "attacker" in socket.url else None)

    visitor.start_chat("Ada")

    # The picture itself is the page's affair, and its policy refuses it.
    assert [url for url in foreign if not url.endswith("x.png")] == []
    assert visitor.page.locator("seller-chat").get_attribute("data-seller-id") == stage.seller_id


def test_the_tag_alone_is_a_whole_chat(stage: Stage, new_context: NewContext, filled_in: Callable[[str], str]) -> None:
    seller = stage.seller(new_context())
    visitor = shop_page(new_context(), stage, filled_in(example("html", "data-seller-id")))
    visitor.start_chat("Ada")
    visitor.say("From an empty page")
    seller.choose("Ada")
    expect(seller.log()).to_contain_text("From an empty page")
    assert visitor.complaints == []


def test_calls_before_the_widget_has_loaded_are_not_lost(
    stage: Stage, new_context: NewContext, filled_in: Callable[[str], str]
) -> None:
    script = filled_in(example("js", "boot")) + 'SellerChat("on", "ready", () => { document.title = "Ready"; });\n'
    page = filled_in(example("html", "stub.js"))
    visitor = shop_page(new_context(), stage, page, {"chat.js": script})
    expect(visitor.page).to_have_title("Ready")
    visitor.start_chat("Ada")
    expect(visitor.log()).to_contain_text("Hello! How can we help you?")
    assert visitor.complaints == []


def test_a_shop_s_colours_are_the_widget_s(stage: Stage, new_context: NewContext) -> None:
    visitor = stage.visitor(new_context())
    bubble = visitor.page.get_by_role("button", name="Open the chat")
    bubble.wait_for()
    visitor.page.evaluate("document.documentElement.style.setProperty('--seller-chat-accent', 'rgb(122, 31, 92)')")
    expect(bubble).to_have_css("background-color", "rgb(122, 31, 92)")


def test_a_shop_s_own_idea_of_a_rem_leaves_the_widget_alone(stage: Stage, new_context: NewContext) -> None:
    visitor = stage.visitor(new_context())
    bubble = visitor.page.get_by_role("button", name="Open the chat")
    bubble.wait_for()
    visitor.page.evaluate("document.documentElement.style.fontSize = '10px'")
    box = bubble.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (60, 60)
    bubble.click()
    expect(visitor.page.get_by_role("dialog").get_by_role("heading")).to_have_css("font-size", "16px")


def test_a_thousand_messages_scroll_without_jank(stage: Stage, new_context: NewContext) -> None:
    context = new_context()
    context.route_web_socket(re.compile("."), long_past)
    visitor = stage.visitor(context)
    visitor.start_chat("Ada")
    expect(visitor.log()).to_contain_text("message 1000 ")
    assert visitor.log().locator(".message").count() == 1000
    assert work_per_frame_while_scrolling(visitor.page) <= 1000 / 60


def work_per_frame_while_scrolling(page: Page) -> float:
    """Scroll from the end to the beginning in a second or so; the main thread's work per frame, in milliseconds.

    It is the processor's time, not the clock's: a machine that is busy with something else makes no difference.
    """
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        return 1000 * float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))

    before = worked()
    page.evaluate(
        """async (frames) => {
          const log = document.querySelector("seller-chat").shadowRoot.querySelector("[role=log]");
          const distance = log.scrollHeight;
          for (let frame = 0; frame < frames; frame++) {
            log.scrollTop = -distance * frame / frames;
            await new Promise(requestAnimationFrame);
          }
        }""",
        FRAMES,
    )
    return (worked() - before) / FRAMES


def long_past(socket: WebSocketRoute) -> None:
    """A server on whose log there are a thousand messages already."""
    contact = "c-1000"
    entries = [
        {
            "seq": seq,
            "kind": "message",
            "from": f"visitor-{contact}" if seq % 3 else "123456",
            "id": f"id-{seq}",
            "message": f"message {seq} " + "and some more words " * (seq % 7),
            "timestamp": f"2026-11-{10 + seq // 100:02}T{10 + seq % 100 // 10:02}:{seq % 60:02}:00.000Z",
        }
        for seq in range(1, 1001)
    ]

    def answer(text: str | bytes) -> None:
        frame = json.loads(text)
        if frame["action"] == "InitChat":
            reply = {"message": "Chat initialized successfully", "device_id": "d", "alias": f"visitor-{contact}"}
            socket.send(
                json.dumps(
                    {
                        **reply,
                        "action": "InitChat",
                        "contact_id": contact,
                        "seller_id": "1",
                        "status": "open",
                        "seq": 1000,
                    }
                )
            )
        elif frame["action"] == "sync":
            new = [entry for entry in entries if entry["seq"] > frame["after"]]
            marks = {"delivered": 1000, "read": 1000}
            socket.send(
                json.dumps(
                    {
                        "action": "sync",
                        "contact_id": contact,
                        "after": frame["after"],
                        "entries": new,
                        "more": False,
                        "tail": 1000,
                        "status": "open",
                        "marks": {"visitor": marks, "seller": marks},
                    }
                )
            )

    socket.on_message(answer)
