"""The widget on pages that do everything shops' pages do: it is seen, can be written in, and keeps what was written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import NewContext
from tests.browser.shop import SHOP, TAG, Shop

PHONE = {"viewport": {"width": 375, "height": 667}, "is_mobile": True, "has_touch": True}
RESETS = {
    "colour and size": "* { color: #333; font-family: serif; font-size: 13px }",
    "everything unset": "* { all: unset } head, style, script { display: none }",
    "inherited": "body, html { text-transform: uppercase; letter-spacing: .2em; text-shadow: 2px 2px red; "
    "white-space: nowrap; word-spacing: 1em; line-height: 3; text-align: right; visibility: hidden; "
    "cursor: wait; pointer-events: none }",
    "important": "body *, seller-chat { display: none !important; opacity: 0 !important; position: static !important }",
    "moved": "body { transform: scale(.9); filter: grayscale(1) } body > * { position: relative; overflow: hidden }",
    "a grid": "html { display: grid; grid-template-columns: 1fr 1fr; overflow: hidden } html > * { max-height: 10px }",
    "above all": "div { position: fixed; inset: 0; z-index: 2147483647; background: #fdd }",
}


def styles(shop: Shop, selector: str, *names: str) -> list[str]:
    """Computed styles of something in the widget."""
    found: list[str] = shop.page.locator(f"seller-chat {selector}").first.evaluate(
        "(element, names) => names.map(name => getComputedStyle(element)[name])", list(names)
    )
    return found


def test_looks_the_same_whatever_the_page_does_to_everything(new_context: NewContext) -> None:
    names = (
        "color",
        "fontSize",
        "fontFamily",
        "textTransform",
        "letterSpacing",
        "textShadow",
        "whiteSpace",
        "lineHeight",
    )
    more = ("wordSpacing", "visibility", "cursor", "textAlign", "width", "height", "opacity", "pointerEvents")

    def looks(css: str) -> list[object]:
        shop = Shop(new_context(), css=css, body="<div></div>")
        shop.start_chat()
        shop.say("Hello")
        expect(shop.messages.get_by_label("Sent")).to_be_visible()
        assert shop.complaints == []
        found = [styles(shop, selector, *names, *more) for selector in (".own .bubble", ".header h2", "textarea")]
        return [shop.page.locator("seller-chat .panel").bounding_box(), *found]

    plain = looks("")
    assert {name: looks(css) for name, css in RESETS.items()} == dict.fromkeys(RESETS, plain)


def test_is_as_dark_as_the_page_and_not_as_the_device(new_context: NewContext) -> None:
    light = Shop(new_context(color_scheme="dark"))
    dark = Shop(new_context(color_scheme="dark"), css=":root { color-scheme: light dark }")
    for shop in (light, dark):
        shop.bubble.click()
    assert styles(light, ".panel", "backgroundColor") == ["rgb(255, 255, 255)"]
    assert styles(dark, ".panel", "backgroundColor") == ["rgb(22, 25, 29)"]


@pytest.mark.parametrize(
    ("accent", "black"), [("#ffd54f", True), ("#7a1f5c", False), ("white", True), ("#25d366", True)]
)
def test_words_can_be_read_on_any_colour_of_a_shop(new_context: NewContext, accent: str, black: bool) -> None:
    shop = Shop(new_context(), css=f":root {{ --seller-chat-accent: {accent} }}")
    shop.bubble.wait_for()
    [colour] = styles(shop, ".launcher", "color")
    numbers = [float(each) for each in re.findall(r"[\d.]+", colour.split("xyz-d65")[-1])]
    assert (max(numbers) < 0.01) == black


def test_a_page_that_is_replaced_as_turbo_does_keeps_the_chat(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    shop.field.fill("half a sentence")
    shop.page.evaluate(
        """() => {
          const next = document.createElement("body");
          next.innerHTML = "<h1>Another page</h1>";
          document.body.replaceWith(next);
        }"""
    )
    assert shop.field.input_value() == "half a sentence"
    shop.answer("Still here")
    expect(shop.messages).to_contain_text("Still here")


def test_what_came_while_the_page_had_taken_the_widget_out_is_not_read_before_it_is_back(
    new_context: NewContext,
) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    shop.page.evaluate(
        """() => {
          window.host = document.querySelector("seller-chat");
          document.documentElement.append = () => { throw new Error("not now") };
          host.remove();
        }"""
    )
    seq = shop.answer("Can you see this?")
    shop.page.wait_for_timeout(300)
    assert shop.marks["read"] < seq
    shop.page.evaluate(
        "() => { delete document.documentElement.append; document.documentElement.append(window.host); }"
    )
    expect(shop.messages).to_contain_text("Can you see this?")
    shop.page.wait_for_timeout(1_200)
    assert shop.marks["read"] == seq


def test_the_widget_comes_back_to_a_page_that_was_written_anew(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    shop.page.evaluate("document.documentElement.innerHTML = '<body><h1>Another page</h1></body>'")
    expect(shop.field).to_be_visible()
    shop.say("From the next page")
    expect(shop.messages).to_contain_text("From the next page")


MODAL = """<dialog id="cart"><p>Your cart</p><input id="coupon">
<button id="ask" onclick="SellerChat('open')">Ask</button>
<button id="done" onclick="cart.close()">Done</button></dialog>
<button id="buy" onclick="cart.showModal()">Buy</button>"""


@pytest.mark.parametrize("opens", ["by the bubble", "from within the dialog", "before it"])
def test_a_modal_dialog_of_the_page_does_not_lock_the_chat_out(new_context: NewContext, opens: str) -> None:
    shop = Shop(new_context(), body=MODAL)
    if opens == "before it":
        shop.start_chat()
        shop.field.fill("half a sentence")
    shop.page.locator("#buy").click()
    if opens == "by the bubble":
        shop.start_chat()
    elif opens == "from within the dialog":
        shop.page.locator("#ask").click()
        shop.page.get_by_label("Name").fill("Ada")
        shop.page.get_by_role("button", name="Start chat").click()
    else:
        assert shop.field.input_value() == "half a sentence"
    shop.say("Is there a discount?")
    expect(shop.messages).to_contain_text("Is there a discount?")
    shop.field.press("Escape")
    expect(shop.page.locator("seller-chat .panel")).to_be_hidden()
    assert shop.page.locator("#cart").evaluate("dialog => dialog.open")
    shop.page.locator("#done").click()
    shop.bubble.click()
    expect(shop.messages).to_contain_text("Is there a discount?")


IN_A_SHADOW = """<div id="drawer"></div><script>
const shadow = drawer.attachShadow({mode: "open"});
shadow.innerHTML = "<dialog><input id=coupon><button>Done</button></dialog>";
shadow.querySelector("button").onclick = () => shadow.querySelector("dialog").close();
const buy = () => shadow.querySelector("dialog").showModal();</script>"""


def test_a_modal_dialog_in_a_shadow_of_the_page_s_own_does_not_lock_the_chat_out(new_context: NewContext) -> None:
    shop = Shop(new_context(), body=IN_A_SHADOW)
    shop.start_chat()
    shop.page.evaluate("buy()")
    shop.field.click()
    shop.field.press_sequentially("Is there a discount?")
    shop.field.press("Enter")
    expect(shop.messages).to_contain_text("Is there a discount?")
    assert shop.page.locator("#coupon").input_value() == ""
    for _ in range(2):
        shop.page.get_by_role("button", name="Done").click()
        expect(shop.field).to_be_visible()
        shop.say("And without one?")
        shop.page.evaluate("buy()")
    shop.field.press("Escape")
    expect(shop.page.locator("seller-chat .panel")).to_be_hidden()
    assert shop.page.locator("#coupon").is_visible()
    assert shop.complaints == []


TRAPS = {
    # As Bootstrap, MUI and Radix do: it sees the focus arrive outside, and takes it back.
    "bubbling": """document.addEventListener("focusin", (event) => {
        if (!modal.contains(event.target)) coupon.focus(); });
        document.addEventListener("focusout", ({relatedTarget}) => {
        if (relatedTarget && !modal.contains(relatedTarget)) coupon.focus(); });""",
    # As focus-trap does: it hears everything before the target does, and lets no press through.
    "capturing": """for (const type of ["focusin", "mousedown", "touchstart", "click", "keydown"])
        document.addEventListener(type, (event) => {
          if (modal.contains(event.target)) return;
          event.preventDefault(); event.stopImmediatePropagation(); coupon.focus(); }, true);""",
}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS.keys())
def test_a_scripted_modal_does_not_take_the_focus_back(new_context: NewContext, trap: str) -> None:
    body = f'<div id="modal" role="dialog" aria-modal="true"><input id="coupon"></div><script>{trap}</script>'
    shop = Shop(new_context(), body=body, consent={"text": "We keep this.", "required": True})
    shop.page.locator("#coupon").focus()
    shop.bubble.click()
    shop.page.get_by_label("Name").click()
    shop.page.keyboard.type("Ada")
    shop.page.get_by_role("checkbox").check()
    shop.page.get_by_role("button", name="Start chat").click()
    shop.field.click()
    shop.page.keyboard.type("Hello")
    shop.page.keyboard.press("Enter")
    expect(shop.messages).to_contain_text("You: Hello")
    assert shop.page.locator("#coupon").input_value() == ""


@pytest.mark.parametrize("capture", ["false", "true"])
def test_the_page_s_shortcuts_do_not_eat_letters(new_context: NewContext, capture: str) -> None:
    script = f"""<script>document.addEventListener("keydown", (event) => {{
      if (event.target.tagName !== "INPUT" && event.key === "/") event.preventDefault(); }}, {{capture: {capture}}});
      document.addEventListener("paste", (event) => event.preventDefault());
      document.addEventListener("wheel", (event) => event.preventDefault(), {{passive: false}});</script>"""
    shop = Shop(new_context(), body=script)
    shop.start_chat()
    shop.field.press_sequentially("a/b s")
    assert shop.field.input_value() == "a/b s"
    shop.page.keyboard.press("Enter")
    expect(shop.messages).to_contain_text("a/b s")
    shop.page.keyboard.press("Escape")
    expect(shop.bubble).to_be_focused()


def test_a_dropped_picture_does_not_make_the_browser_leave_the_shop(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    for selector in (".messages", ".composer textarea", ".header", ".launcher"):
        prevented = shop.page.locator(f"seller-chat {selector}").evaluate(
            """(element) => ["dragover", "drop"].map((type) => {
              const dataTransfer = new DataTransfer();
              dataTransfer.items.add(new File(["x"], "bowl.png", {type: "image/png"}));
              const event = new DragEvent(type, {dataTransfer, bubbles: true, cancelable: true, composed: true});
              return !element.dispatchEvent(event);
            })"""
        )
        assert prevented == [True, True], selector
    expect(shop.page.get_by_text("Pictures and files cannot be sent yet.")).to_be_visible()


def test_a_pasted_picture_is_told_to_be_too_much_and_pasted_words_are_words(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    paste = """(field, [file, text]) => {
      const clipboardData = new DataTransfer();
      if (file) clipboardData.items.add(new File(["x"], "bowl.png", {type: "image/png"}));
      if (text) clipboardData.setData("text/plain", "a bowl");
      return field.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
    }"""
    notice = shop.page.get_by_text("Pictures and files cannot be sent yet.")
    assert [shop.field.evaluate(paste, given) for given in ([False, True], [True, True])] == [True, True]
    expect(notice).to_be_hidden()
    assert shop.field.evaluate(paste, [True, False]) is False
    expect(notice).to_be_visible()


def test_what_the_keyboard_of_a_phone_leaves_of_the_window_is_where_the_panel_is(new_context: NewContext) -> None:
    shop = Shop(new_context(**PHONE))
    shop.start_chat()
    # As Safari does: the page stays as high as it was, and is pushed up behind the keyboard.
    shop.page.evaluate(
        """() => {
          Object.defineProperty(visualViewport, "height", { get: () => 350 });
          Object.defineProperty(visualViewport, "offsetTop", { get: () => 60 });
          visualViewport.dispatchEvent(new Event("resize"));
        }"""
    )
    box = shop.page.locator("seller-chat .panel").bounding_box()
    assert box is not None
    assert (box["y"], box["height"]) == (60, 350)
    for part in (shop.page.get_by_role("button", name="Minimize the chat"), shop.field):
        place = part.bounding_box()
        assert place is not None
        assert 60 <= place["y"] < place["y"] + place["height"] <= 60 + 350


LOADS = {
    "a module": '<script type="module" src="/loads.js"></script>',
    "a tag manager": "<script>(0, eval)(\"import('/widget.js')\")</script>",
}


@pytest.mark.parametrize("way", LOADS)
def test_loaded_without_a_tag_of_its_own_it_speaks_its_language_all_the_same(new_context: NewContext, way: str) -> None:
    files = {"loads.js": 'import "/widget.js";'}
    tag = f'<script src="/stub.js"></script>{LOADS[way]}'
    shop = Shop(new_context(), tag=tag, files=files, language="de", filesUrl=SHOP)
    shop.bubble.click()
    expect(shop.page.get_by_role("button", name="Chat starten")).to_be_visible()
    assert shop.complaints == []


def test_a_second_tag_for_another_seller_is_told_to_be_too_much(new_context: NewContext) -> None:
    one = '<script src="/widget.js" data-seller-id="{}" data-api-url="ws://chat.test/"></script>'
    shop = Shop(new_context(), tag=one.format("1"))
    shop.bubble.wait_for()
    told: list[str] = []
    shop.page.on("console", lambda line: told.append(line.text))
    again = """seller => { const tag = document.createElement("script"); tag.src = "/widget.js";
      tag.dataset.sellerId = seller; tag.dataset.apiUrl = "ws://chat.test/"; document.body.append(tag);
      return new Promise((loaded) => { tag.onload = loaded; }); }"""
    for seller in ("1", "2"):
        shop.page.evaluate(again, seller)
    assert told == ["SellerChat: the tag of 2 is ignored."]
    expect(shop.page.locator("seller-chat")).to_have_count(1)


def test_the_chat_is_not_printed(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    shop.page.emulate_media(media="print")
    expect(shop.page.locator("seller-chat .panel")).to_be_hidden()
    expect(shop.bubble).to_be_hidden()


def test_a_page_that_goes_on_does_not_take_the_focus(new_context: NewContext) -> None:
    shop = Shop(new_context(), body='<input id="search" autofocus>')
    shop.start_chat()
    shop.page.goto(f"{SHOP}other")
    expect(shop.field).to_be_visible()
    shop.page.wait_for_timeout(200)
    assert shop.focused() == "search"


def test_on_a_phone_the_next_page_is_seen_and_not_the_chat(new_context: NewContext) -> None:
    shop = Shop(new_context(**PHONE), body="<h1>Bowls</h1>")
    shop.start_chat()
    shop.page.goto(f"{SHOP}other")
    expect(shop.bubble).to_be_visible()
    shop.page.wait_for_timeout(300)
    expect(shop.page.locator("seller-chat .panel")).to_be_hidden()
    shop.answer("Look at this one")
    expect(shop.page.locator("seller-chat .badge")).to_have_text("1")
    expect(shop.page.locator("seller-chat .teaser")).to_contain_text("Look at this one")


def test_a_window_that_grows_or_shrinks_is_never_left_frozen(new_context: NewContext) -> None:
    shop = Shop(new_context(), body='<p style="height: 3000px">Bowls</p>')
    shop.start_chat()
    shop.field.fill("half a sentence")
    modal = "document.querySelector('seller-chat').shadowRoot.querySelector('dialog').matches(':modal')"
    for width, height, is_modal in ((640, 400, True), (1280, 800, False), (375, 667, True)):
        shop.page.set_viewport_size({"width": width, "height": height})
        shop.page.wait_for_function(f"{modal} === {str(is_modal).lower()}")
        expect(shop.field).to_be_focused()
        shop.page.mouse.move(100, 20)
        shop.page.mouse.wheel(0, 300)
        shop.page.wait_for_timeout(150)
        assert (shop.page.evaluate("scrollY") == 0) == is_modal
        shop.page.evaluate("scrollTo(0, 0)")
    shop.field.press("Escape")
    assert shop.page.evaluate("document.documentElement.style.overflow") == ""


def test_a_shop_says_where_the_bubble_is_and_may_have_its_own(new_context: NewContext) -> None:
    css = ":root { --seller-chat-offset-y: 90px; --seller-chat-offset-x: 12px }"
    shop = Shop(new_context(**PHONE), css=css, side="left")
    assert shop.bubble.bounding_box() == {"x": 12, "y": 667 - 90 - 60, "width": 60, "height": 60}
    own = Shop(new_context(), body='<button id="help"><b>Help</b></button>', launcher="#help")
    own.page.locator("#help b").click()
    own.page.get_by_label("Name").wait_for()
    expect(own.bubble).to_have_count(0)
    own.page.get_by_role("button", name="Minimize the chat").click()
    expect(own.page.locator("seller-chat .panel")).to_be_hidden()


def test_a_shop_that_gives_the_widget_a_place_in_its_own_order_gets_it(new_context: NewContext) -> None:
    body = '<div style="position: fixed; inset: 0; z-index: 20" id="veil"></div>'
    shop = Shop(new_context(), css=":root { --seller-chat-z-index: 10 }", body=body)
    shop.bubble.wait_for()
    topmost = "([x, y]) => document.elementFromPoint(x, y)?.id ?? ''"
    assert shop.page.evaluate(topmost, [1230, 750]) == "veil"


def test_booting_again_and_taking_it_off_the_page(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    shop.field.fill("half a sentence")
    shop.page.evaluate("options => { SellerChat('boot', options); SellerChat('boot', options) }", shop.options)
    assert shop.field.input_value() == "half a sentence"
    shop.page.evaluate("SellerChat('destroy')")
    expect(shop.page.locator("seller-chat")).to_have_count(0)
    shop.page.evaluate("options => SellerChat('boot', options)", shop.options)
    expect(shop.field).to_have_value("half a sentence")
    assert shop.complaints == []


def test_after_a_reset_the_next_customer_at_the_device_finds_nothing_of_the_one_before(new_context: NewContext) -> None:
    shop = Shop(new_context(), userInfo={"name": "Ada"})
    shop.bubble.click()
    expect(shop.page.get_by_label("Name")).to_have_value("Ada")
    shop.page.evaluate("SellerChat('identify', {email: 'ada@shop.test', plan: 'gold'})")
    expect(shop.page.get_by_label("Email")).to_have_value("ada@shop.test")
    shop.page.get_by_role("button", name="Start chat").click()
    shop.field.wait_for()
    assert shop.started["plan"] == "gold"
    shop.page.evaluate("SellerChat('reset')")
    assert shop.page.evaluate("localStorage.length + sessionStorage.length") == 0
    shop.bubble.click()
    expect(shop.page.get_by_label("Name")).to_have_value("")
    expect(shop.page.get_by_label("Email")).to_have_value("")
    shop.page.get_by_label("Name").fill("Grace")
    shop.page.get_by_role("button", name="Start chat").click()
    shop.field.wait_for()
    assert {"name", "email", "plan"} & shop.started.keys() == {"name"}
    assert shop.started["name"] == "Grace"


def test_what_a_page_says_one_after_another_holds_in_this_order_while_its_check_loads(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.bubble.click()
    shop.page.get_by_label("Name").wait_for()
    held: list[Route] = []
    shop.page.route("**/chat/faults*.js", lambda route: held.append(route))
    with shop.page.expect_request("**/chat/faults*.js"):
        shop.page.evaluate("SellerChat('identify', {email: 'ada@shop.test'}); SellerChat('reset')")
    shop.bubble.click()
    expect(shop.page.get_by_label("Email")).to_have_value("")
    [route] = held
    route.fallback()
    fields = [{"name": "email", "label": "Email"}, {"name": "order", "label": "Order"}]
    shop.page.evaluate("fields => SellerChat('update', {fields})", fields)
    shop.page.get_by_label("Order").wait_for()
    expect(shop.page.get_by_label("Email")).to_have_value("")
    assert shop.complaints == []


def test_back_and_forth_between_pages_the_chat_goes_on(new_context: NewContext) -> None:
    shop = Shop(new_context(), body="<h1>Bowls</h1>")
    shop.start_chat()
    shop.field.fill("half a sentence")
    shop.page.goto(f"{SHOP}other")
    shop.page.go_back()
    expect(shop.field).to_have_value("half a sentence")
    shop.answer("Welcome back")
    expect(shop.messages).to_contain_text("Welcome back")


# What translators do to text, here also where they cannot reach today.
TRANSLATE = """() => {
  const root = document.querySelector("seller-chat").shadowRoot;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const font = document.createElement("font");
    text.replaceWith(font);
    font.append(`[${text.data}]`);
  }
}"""


def test_a_page_that_a_browser_translates_neither_breaks_nor_doubles(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    shop.say("Hello")
    shop.page.evaluate(TRANSLATE)
    shop.answer("Bonjour")
    shop.say("Still here")
    expect(shop.messages).to_contain_text("Bonjour")
    expect(shop.messages.locator(".bubble", has_text="Still here")).to_have_count(1)
    shop.end()
    shop.page.get_by_role("button", name="Start a new chat").wait_for()
    assert shop.complaints == []


STORAGE = {
    "forbidden": """for (const name of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, name, {get() { throw new DOMException("no", "SecurityError") }});""",
    "full": 'Storage.prototype.setItem = () => { throw new DOMException("no", "QuotaExceededError") };',
}


@pytest.mark.parametrize("broken", STORAGE)
def test_without_storage_a_visitor_writes_and_reads(new_context: NewContext, broken: str) -> None:
    context = new_context()
    context.add_init_script(STORAGE[broken])
    shop = Shop(context)
    shop.start_chat()
    shop.field.fill("half a sentence")
    shop.page.keyboard.press("Escape")
    shop.bubble.click()
    assert shop.field.input_value() == "half a sentence"
    shop.page.keyboard.press("Enter")
    expect(shop.messages).to_contain_text("half a sentence")
    assert shop.complaints == []


LEFT_BEHIND = {
    "outbox:000001795862000000:a": "{}",
    "outbox:b": "5",
    "outbox:000001795862000000:c": '{"id":"c","text":"t"}',
}
"""As another script, or an older version of this one, may leave it."""


def test_what_is_no_message_in_storage_is_dropped_and_the_page_goes_on(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    shop.page.evaluate(
        "left => { for (const key in left) localStorage.setItem(`seller-chat:1:${key}`, left[key]); }", LEFT_BEHIND
    )
    shop.page.reload()
    shop.say("Still here")
    expect(shop.messages.get_by_label("Sent")).to_be_visible()
    stored = shop.page.evaluate("Object.keys(localStorage).filter(key => key.includes('outbox'))")
    assert stored == []
    assert shop.complaints == []


def test_a_backend_that_cannot_be_reached_is_told_after_fifteen_seconds_with_another_way(
    new_context: NewContext,
) -> None:
    context = new_context()
    context.clock.install()
    other = {"email": "hi@shop.test", "phone": "+49 30 901820"}
    shop = Shop(context, apiUrl="ws://127.0.0.1:9/", otherWay=other)
    shop.bubble.click()
    shop.page.get_by_label("Name").fill("Ada")
    shop.page.get_by_role("button", name="Start chat").click()
    shop.say("Is anybody there?")
    banner = shop.page.locator("seller-chat .banner")
    context.clock.run_for(13_000)
    expect(banner).to_have_text("Connecting…")
    context.clock.run_for(2_500)
    expect(banner).to_contain_text("We cannot be reached just now. Your messages will be sent when we are back")
    expect(banner.get_by_role("link", name="hi@shop.test")).to_have_attribute("href", "mailto:hi@shop.test")
    expect(banner.get_by_role("link", name=other["phone"])).to_have_attribute("href", "tel:+4930901820")
    shop.page.reload()
    expect(shop.messages).to_contain_text("Is anybody there?")


WRONG = ["'Ada'", "{total: 10n}", "{'order number': '4711'}", "{long: 'x'.repeat(3000)}"]


def test_what_is_wrong_in_what_a_page_says_of_a_visitor_is_reported_and_keeps_nobody_from_chatting(
    new_context: NewContext,
) -> None:
    shop = Shop(new_context())
    shop.bubble.click()
    shop.page.get_by_label("Name").wait_for()
    for said in (*WRONG, "{plan: 'gold', email: 'ada@shop.test'}"):
        shop.page.evaluate(f"SellerChat('identify', {said})")
    expect(shop.page.get_by_label("Email")).to_have_value("ada@shop.test")
    shop.page.get_by_label("Name").fill("Ada")
    shop.page.get_by_role("button", name="Start chat").click()
    shop.say("Hello")
    expect(shop.messages.get_by_label("Sent")).to_be_visible()
    assert shop.started["plan"] == "gold"
    wrong = ("userInfo", "userInfo.total", "userInfo.order number", "userInfo.long")
    assert [text.partition(" is wrong. It takes")[0] for text in shop.complaints] == [
        f"SellerChat: {each}" for each in wrong
    ]


def test_on_a_page_without_https_a_visitor_writes_and_reads(new_context: NewContext) -> None:
    shop = Shop(new_context())
    assert shop.page.evaluate("[isSecureContext, typeof crypto.randomUUID]") == [False, "undefined"]
    shop.start_chat()
    shop.say("Hello")
    expect(shop.messages.get_by_label("Sent")).to_be_visible()


def test_a_long_text_is_counted_and_kept_until_it_is_short_enough(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    shop.field.fill("🍵" * 4001)
    shop.field.press("Enter")
    expect(shop.page.get_by_text("Characters too many: 1")).to_be_visible()
    assert len(shop.log) == 2
    shop.field.fill("🍵" * 4000)
    expect(shop.page.get_by_text("Characters left: 0")).to_be_visible()
    shop.field.press("Enter")
    expect(shop.field).to_have_value("")


def test_an_enter_that_ends_the_choice_of_a_character_sends_nothing(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    shop.field.fill("にほん")
    shop.field.evaluate(
        """field => field.dispatchEvent(new KeyboardEvent("keydown",
          {key: "Enter", keyCode: 229, isComposing: false, bubbles: true, composed: true, cancelable: true}))"""
    )
    assert shop.field.input_value() == "にほん"


def test_where_there_is_no_shift_enter_makes_a_line(new_context: NewContext) -> None:
    shop = Shop(new_context(**PHONE))
    shop.start_chat()
    expect(shop.field).to_have_attribute("enterkeyhint", "enter")
    shop.field.fill("one")
    shop.field.press("Enter")
    assert shop.field.input_value() == "one\n"
    shop.page.get_by_role("button", name="Send").click()
    expect(shop.messages).to_contain_text("one")


def test_the_way_back_to_the_latest_keeps_the_focus_and_says_how_many_there_are(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    for number in range(40):
        shop.answer(f"message {number}")
    expect(shop.messages).to_contain_text("message 39")
    shop.messages.evaluate("list => { list.scrollTop = -800 }")
    shop.page.get_by_role("button", name="Latest messages").wait_for()
    seq = shop.answer("Did you see this?")
    shop.page.wait_for_timeout(1_200)
    assert shop.marks["read"] < seq
    shop.page.get_by_role("button", name="Latest messages (1)").click()
    expect(shop.messages).to_be_focused()
    shop.page.wait_for_timeout(1_200)
    assert shop.marks["read"] == seq


def test_pages_that_an_app_shows_without_loading_them_are_told_where_the_shop_wants_it(new_context: NewContext) -> None:
    shop = Shop(new_context(), pages="all", userInfo={"plan": "silver"})
    shop.start_chat()
    assert shop.started["page"] == SHOP
    shop.page.evaluate("history.pushState({}, '', '/bowls?colour=blue#secret')")
    shop.page.evaluate("SellerChat('identify', {plan: 'gold'})")
    shop.page.wait_for_timeout(2_000)
    told: dict[str, object] = {}
    for entry in shop.log:
        told |= entry.get("user_info", {})
    assert (told["plan"], told["page"]) == ("gold", f"{SHOP}bowls?colour=blue")
    assert shop.complaints == []


CART = MODAL.replace("coupon", "code")
BAR = """<div style="position: fixed; inset: auto 0 0 0; height: 64px; background: #222; color: #fff">
<button id="pay">Checkout</button></div>"""


@pytest.mark.parametrize("device", [{}, PHONE], ids=["desktop", "phone"])
def test_everything_at_once(new_context: NewContext, device: dict[str, Any], tmp_path: Path) -> None:
    css = "".join(RESETS[name] for name in ("colour and size", "inherited", "moved", "above all"))
    css += "body { min-height: 100vh } :root { --seller-chat-offset-y: 112px; --seller-chat-accent: #ffd54f }"
    trap = f'<div id="modal" aria-modal="true"><input id="coupon"></div><script>{TRAPS["capturing"]}</script>'
    shop = Shop(new_context(**device), css=css, body=f"<h1>Bowls</h1>{BAR}{CART}{trap}", firstContact="message")
    shop.page.evaluate("document.querySelector('#cart').showModal()")

    shop.bubble.click()
    shop.field.fill("Is there a discount?")
    shop.page.get_by_role("button", name="Send").click()
    expect(shop.messages).to_contain_text("Is there a discount?")
    shop.page.evaluate(TRANSLATE)
    # As Turbo does: another page, with the same dialog open on it again.
    shop.page.evaluate(
        """body => {
          const next = document.createElement("body");
          next.innerHTML = body;
          document.body.replaceWith(next);
          next.querySelector("#cart").showModal();
        }""",
        f"<h1>Cups</h1>{BAR}{CART}<div id=modal aria-modal=true><input id=coupon></div>",
    )
    shop.field.click()
    shop.page.keyboard.type("And on cups?")
    shop.page.get_by_role("button", name="Send").click()
    shop.answer("On both, until Sunday")
    expect(shop.messages).to_contain_text(re.compile("And on cups.*On both, until Sunday", re.DOTALL))
    for element in (shop.field, shop.messages.get_by_text("On both, until Sunday")):
        expect(element).to_be_in_viewport(ratio=1)
    shop.page.screenshot(path=tmp_path / "everything.png")
    shop.page.keyboard.press("Escape")
    expect(shop.page.locator("seller-chat .panel")).to_be_hidden()
    bubble, bar = shop.bubble.bounding_box(), shop.page.locator("#pay").bounding_box()
    assert bubble is not None
    assert bar is not None
    assert bubble["y"] + bubble["height"] <= bar["y"]
    assert shop.complaints == []


POLLUTED = {
    "filesUrl": "http://evil.test/files/",
    "host": "evil.test",
    "restUrl": "http://evil.test",
    "apiUrl": "ws://evil.test/",
    "title": "Mine",
    "theme": "pink",
    "side": "above",
    "hidden": True,
    "launcher": "none",
    "consent": "yes",
    "team": "ours",
    "otherWay": "mine",
    "fields": "all",
    "language": "zz",
    "connectionType": "REST",
    "visitorToken": "a.b.c",
}


@pytest.mark.parametrize("way", ["the tag", "boot"])
@pytest.mark.parametrize("name", [*POLLUTED, "all of them"])
def test_what_a_page_has_let_into_the_prototype_of_every_object_is_no_option(
    new_context: NewContext, way: str, name: str
) -> None:
    context = new_context()
    asked: list[str] = []
    context.route("http://evil.test/**", lambda route: asked.append(route.request.url))
    context.route_web_socket("ws://evil.test/**", lambda socket: asked.append(socket.url))
    context.route_web_socket("wss://ws.evil.test/**", lambda socket: asked.append(socket.url))
    polluted = POLLUTED if name == "all of them" else {name: POLLUTED[name]}
    spoilt = f"<script>Object.assign(Object.prototype, {json.dumps(polluted)})</script>"
    tag = f"{spoilt}{TAG}"
    if way == "the tag":
        attributes = 'data-seller-id="1" data-api-url="ws://chat.test/"'
        tag = f'{spoilt}<script src="/widget.js" {attributes}></script><script>SellerChat = () => {{}}</script>'
    shop = Shop(context, tag=tag)

    shop.start_chat()
    shop.say("Hello")
    expect(shop.messages.get_by_label("Sent")).to_be_visible()

    assert asked == []
    assert shop.complaints == []
    assert shop.page.get_by_role("dialog").get_by_role("heading").first.text_content() != "Mine"
