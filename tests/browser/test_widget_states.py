"""Every state of the widget, for people who hear, press or enlarge it: axe finds nothing, and neither does this."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewContext
from tests.browser.played_chat import CONTACT
from tests.browser.shop import Shop
from tests.browser.test_pages import flaws

PHONE = {"viewport": {"width": 375, "height": 667}, "is_mobile": True, "has_touch": True}
TEAM = {"members": [{"name": "Grace Hopper"}, {"name": "Ada Lovelace"}], "answerTime": "Answers within minutes"}
PAGE = "<main><h1>Bowls</h1></main>"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(new_context: NewContext, scheme: str) -> None:
    context = new_context(color_scheme=scheme, reduced_motion="reduce")
    css = ":root { color-scheme: light dark; --seller-chat-accent: #e0a800 }"
    shop = Shop(
        context,
        css=css,
        body=PAGE,
        title="Kiln",
        team=TEAM,
        questions=["Opening hours?"],
        consent={"text": "We keep it.", "url": "https://shop.test/privacy", "required": True},
        fields=[{"name": "name", "required": True}, {"name": "q", "message": True}],
        otherWay={"email": "hi@shop.test", "phone": "+49 30 901820"},
    )
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        found[state] = flaws(shop.page)

    shop.bubble.click()
    shop.page.get_by_label("Name").wait_for()
    look("the details form")
    shop.page.get_by_label("Name").fill("Ada")
    shop.page.get_by_role("checkbox").check()
    shop.page.get_by_role("button", name="Start chat").click()
    shop.page.get_by_role("button", name="Opening hours?").wait_for()
    look("an empty conversation")
    shop.let_wait("busy")
    shop.push({"action": "queue", "contact_id": CONTACT, "position": 2})
    shop.page.get_by_text("You are number 2 in line.").wait_for()
    look("waiting in line")
    shop.let_wait("away")
    shop.page.get_by_text("We are away at the moment").wait_for()
    shop.page.get_by_label("Email").wait_for()
    look("waiting while nobody is there")
    shop.take()
    expect(shop.page.get_by_text("We are away at the moment")).to_be_hidden()
    shop.say("Hello https://example.com")
    shop.answer("Hello")
    shop.push({"action": "typing", "contact_id": CONTACT, "from": "seller", "typing": True})
    expect(shop.messages).to_contain_text("is typing")
    shop.field.fill("w" * 4001)
    shop.page.get_by_text("Characters too many").wait_for()
    shop.page.get_by_label("More").click()
    shop.page.get_by_role("button", name="End chat").click()
    look("a conversation with its menu")
    shop.page.keyboard.press("Escape")
    shop.end()
    shop.page.get_by_role("button", name="Start a new chat").wait_for()
    look("an ended chat")
    shop.page.get_by_role("button", name="Minimize the chat").click()
    shop.answer("One more thing")
    shop.page.get_by_role("button", name="Dismiss").wait_for()
    look("a card over the bubble")
    assert {state: flaw for state, flaw in found.items() if flaw} == {}


def test_the_ring_of_the_field_is_seen_on_a_light_accent(new_context: NewContext) -> None:
    shop = Shop(new_context(), css=":root { --seller-chat-accent: #ffd54f }", firstContact="message")
    shop.bubble.click()
    expect(shop.field).to_be_focused()
    shown = shop.page.locator("seller-chat .box").evaluate("box => getComputedStyle(box).borderTopColor")
    red, green, blue = (_linear(float(each)) for each in re.findall(r"[\d.]+", shown.split("srgb")[-1])[:3])
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    assert 1.05 / (luminance + 0.05) >= 3


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def test_on_touch_everything_is_large_enough_to_press(new_context: NewContext) -> None:
    shop = Shop(new_context(**PHONE), team=TEAM)
    shop.start_chat()
    shop.answer("Hello")
    small = """all => all.filter(each => each.checkVisibility()).map(each => [each.getBoundingClientRect(), each])
      .filter(([{width, height}]) => width < 44 || height < 44).map(([, each]) => each.ariaLabel || each.textContent)"""
    assert shop.page.locator("seller-chat").locator("button, summary").evaluate_all(small) == []


def test_enlarged_four_times_it_can_be_read_and_written_in(new_context: NewContext) -> None:
    # 1280 by 1024 at 400 %, which is what WCAG 1.4.10 asks for.
    shop = Shop(new_context(viewport={"width": 320, "height": 256}), team=TEAM, title="Kiln & Clay")
    shop.start_chat()
    shop.say("Hello")
    expect(shop.messages.get_by_text("Hello", exact=True)).to_be_in_viewport()
    expect(shop.field).to_be_in_viewport(ratio=1)
    wide = "list => list.scrollWidth > list.clientWidth"
    assert not shop.messages.evaluate(wide)


def test_the_keyboard_goes_through_it_in_order_without_a_stop_too_many(new_context: NewContext) -> None:
    shop = Shop(new_context(), body='<a id="last" href="#last">The page</a>')
    shop.start_chat()
    shop.page.locator("#last").focus()
    stops = []
    for _ in range(6):
        shop.page.keyboard.press("Tab")
        stops.append(shop.focused())
    assert stops == ["quiet", "messages", "message", "send", "launcher opened", "BODY"]


def test_an_empty_field_begins_where_the_language_begins(new_context: NewContext) -> None:
    shop = Shop(new_context(), firstContact="message", language="ar")
    shop.bubble.click()
    field = shop.page.locator("seller-chat textarea")
    expect(field).to_have_css("direction", "rtl")
    field.fill("Is it in stock?")
    expect(field).to_have_css("direction", "ltr")


def test_the_shop_s_own_words_are_said_in_the_shop_s_language(new_context: NewContext) -> None:
    shop = Shop(new_context(), language="de", title="Kiln & Clay", welcomeMessage="Ask us")
    shop.bubble.click()
    expect(shop.page.get_by_role("button", name="Chat starten")).to_be_visible()
    dialog = shop.page.locator("seller-chat")
    assert dialog.get_by_role("heading").get_attribute("lang") == "en"
    assert dialog.locator(".root").get_attribute("lang") == "de"


def test_a_message_that_comes_while_the_panel_is_shut_is_said_once(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    shop.page.keyboard.press("Escape")
    shop.answer("It is in stock.")
    status = shop.page.locator("seller-chat .root > [role=status]")
    expect(status).to_have_text("New message: It is in stock.")
    shop.bubble.click()
    expect(status).to_have_text("")


ELSEWHERE = """() => {
  Object.defineProperty(document, "visibilityState", {configurable: true, get: () => "hidden"});
  document.dispatchEvent(new Event("visibilitychange")); }"""
BACK = "() => { delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange')); }"
COUNT_TONES = """window.tones = 0; const {start} = OscillatorNode.prototype;
OscillatorNode.prototype.start = function (...at) { window.tones++; start.apply(this, at); };"""


def test_a_visitor_who_looks_at_another_tab_is_called_by_title_and_sound_and_no_longer(new_context: NewContext) -> None:
    context = new_context()
    context.add_init_script(COUNT_TONES)
    shop = Shop(context)
    shop.start_chat()
    seq = shop.answer("While you look")
    expect(shop.messages).to_contain_text("While you look")
    shop.page.wait_for_timeout(1_500)
    assert (shop.page.evaluate("tones"), shop.marks["read"]) == (0, seq)

    shop.page.evaluate(ELSEWHERE)
    shop.answer("It is in stock.")
    expect(shop.page).to_have_title("New message · Chat with us")
    expect(shop.page).to_have_title("A shop")
    assert (shop.page.evaluate("tones"), shop.marks["read"]) == (1, seq)
    shop.page.evaluate(BACK)
    shop.page.wait_for_timeout(2_000)
    expect(shop.page).to_have_title("A shop")
    assert shop.marks["read"] == seq + 1


def test_the_seller_s_end_of_a_chat_takes_neither_the_words_nor_the_focus(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    shop.field.press_sequentially("My order number is")
    shop.end()
    shop.page.get_by_role("button", name="Start a new chat").wait_for()
    shop.page.keyboard.type(" 4711-0815")
    expect(shop.field).to_have_value("My order number is 4711-0815")


def test_what_was_today_is_yesterday_after_midnight(new_context: NewContext) -> None:
    context = new_context()
    context.clock.install()
    shop = Shop(context)
    shop.start_chat()
    shop.say("Hello")
    day = shop.messages.locator(".day")
    expect(day).to_have_text(re.compile("today", re.IGNORECASE))
    context.clock.fast_forward("24:00:00")
    expect(day).to_have_text(re.compile("yesterday", re.IGNORECASE))


def test_after_a_night_asleep_a_laptop_shows_what_came_and_sends_what_is_written(new_context: NewContext) -> None:
    context = new_context()
    context.clock.install()
    shop = Shop(context)
    shop.start_chat()
    shop.say("Until tomorrow")
    expect(shop.messages.get_by_label("Sent")).to_be_visible()
    shop.answer_unheard("I looked it up for you")
    context.clock.fast_forward("10:00:00")
    expect(shop.messages).to_contain_text("I looked it up for you")
    shop.say("Good morning")
    expect(shop.messages.locator(".own", has_text="Good morning").get_by_label("Sent")).to_be_visible()
    assert [entry["message"] for entry in shop.log if entry["kind"] == "message"] == [
        *("Until tomorrow", "I looked it up for you", "Good morning")
    ]
    assert shop.complaints == []


@pytest.mark.parametrize("hours", [-1, 1])
def test_with_a_clock_that_is_an_hour_off_messages_are_sent_and_keep_their_order(
    new_context: NewContext, hours: int
) -> None:
    context = new_context()
    context.clock.install(time=datetime.now(UTC) + timedelta(hours=hours))
    shop = Shop(context)
    shop.start_chat()
    for number in range(2):
        shop.say(f"question {number}")
        expect(shop.messages.locator(".own", has_text=f"question {number}").locator(".ticks")).not_to_have_class(
            re.compile("sending")
        )
        shop.answer(f"answer {number}")
    expect(shop.messages).to_contain_text(re.compile("question 0.*answer 0.*question 1.*answer 1", re.DOTALL))
    expect(shop.page.locator("seller-chat .banner")).to_have_count(0)
    assert shop.complaints == []


def test_a_picture_that_is_drawn_like_a_letter_is_seen_without_its_bubble(new_context: NewContext) -> None:
    shop = Shop(new_context())
    shop.start_chat()
    shop.say("\N{HEAVY CHECK MARK}")
    colour = "element => getComputedStyle(element).color"
    shown = shop.messages.locator(".emoji").evaluate(colour)
    assert shown == shop.page.locator("seller-chat .panel").evaluate(colour)
