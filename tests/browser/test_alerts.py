"""What calls people who look elsewhere: the console's notifications, sound and title, and the widget's badge."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_MS, NewContext
from tests.browser.people import Seller, Stage

SWITCHES = ("Sound", "Number in the title", "Desktop notifications")
STAND_INS = """
  window.heard = {notifications: [], tones: 0};
  window.isHidden = false;
  Object.defineProperty(document, "visibilityState", {get: () => window.isHidden ? "hidden" : "visible"});
  window.Notification = class {
    static permission = "granted";
    static requestPermission = async () => "granted";
    constructor(title, {body}) { window.heard.notifications.push([title, body]); }
    close() {}
  };
  window.AudioContext = class {
    currentTime = 0;
    destination = {};
    #node = () => {
      const set = {setValueAtTime() {}, exponentialRampToValueAtTime() {}};
      return {frequency: set, gain: set, connect: (next) => next, start: () => { window.heard.tones++; }, stop() {}};
    };
    createOscillator = this.#node;
    createGain = this.#node;
  };
"""
"""Instead of the desktop and the loudspeaker; `isHidden` stands for a look at another tab."""


@pytest.fixture
def seller(stage: Stage, new_context: NewContext) -> Seller:
    """A seller in whose browser it is written down what he would see and hear."""
    context = new_context()
    context.add_init_script(STAND_INS)
    return stage.seller(context)


def switch(seller: Seller, *, on: bool) -> None:
    """Set all switches of the settings."""
    seller.page.get_by_label("Settings").click()
    for label in SWITCHES:
        seller.page.get_by_label(label, exact=True).set_checked(on)
    seller.page.keyboard.press("Escape")


def heard(seller: Seller) -> Any:
    """What was shown and played so far."""
    return seller.page.evaluate("[window.heard.notifications, window.heard.tones]")


def called(*tabs: Seller, texts: list[str]) -> list[list[str]]:
    """What the desktop showed of `texts` in any tab, once it had shown each; one too many would have come meanwhile."""

    def shown() -> list[list[str]]:
        return [call for tab in tabs for call in heard(tab)[0] if call[1] in texts]

    for _ in range(PATIENCE_MS // 100):
        if {text for _, text in shown()} == set(texts):
            break
        tabs[0].page.wait_for_timeout(100)
    tabs[0].page.wait_for_timeout(500)
    return shown()


def test_a_visitor_whom_the_seller_has_never_opened_rings_once_for_the_chat_and_once_for_each_message(
    stage: Stage, seller: Seller, new_context: NewContext
) -> None:
    switch(seller, on=True)
    seller.page.evaluate("window.isHidden = true")
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    expect(seller.page).to_have_title("(1) Seller Chat")
    visitor.say("Are you there?")
    expect(seller.contact("Ada")).to_contain_text("Are you there?")
    assert called(seller, texts=["New chat", "Are you there?"]) == [["Ada", "New chat"], ["Ada", "Are you there?"]]
    shown, tones = heard(seller)
    assert tones in (1, 2), "what comes within a second is one sound"

    seller.choose("Ada")
    seller.page.evaluate("window.isHidden = false; window.dispatchEvent(new Event('focus'))")
    expect(seller.page).to_have_title("Seller Chat")
    visitor.say("I see you are")
    expect(seller.log()).to_contain_text("I see you are")
    assert heard(seller) == [shown, tones]

    seller.page.reload()
    expect(seller.log()).to_contain_text("I see you are")
    assert heard(seller) == [[], 0]


def test_what_is_switched_off_stays_silent(stage: Stage, seller: Seller, new_context: NewContext) -> None:
    switch(seller, on=False)
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    seller.page.evaluate("window.isHidden = true")
    visitor.say("Is anybody there?")
    expect(seller.contact("Ada")).to_contain_text("1 unread")
    expect(seller.page).to_have_title("Seller Chat")
    assert heard(seller) == [[], 0]


def test_a_minimized_widget_counts_what_was_not_read(stage: Stage, seller: Seller, new_context: NewContext) -> None:
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    visitor.page.get_by_role("button", name="Minimize the chat").click()
    seller.choose("Ada")
    for text in ("Hello Ada", "How can I help you?"):
        seller.say("Ada", text)
    bubble = visitor.page.get_by_role("button", name="Open the chat")
    expect(bubble).to_have_accessible_name("Open the chat. Unread messages: 2")
    expect(bubble).to_have_text("2")

    bubble.click()
    expect(visitor.log()).to_contain_text("How can I help you?")
    visitor.page.get_by_role("button", name="Minimize the chat").click()
    expect(bubble).to_have_accessible_name("Open the chat")
    expect(bubble).to_have_text("")


AHEAD = """
  const now = Date.now;
  Date.now = () => now() + Number(localStorage.ahead ?? 0);
"""
"""A clock that can be put forward, as by a night's sleep: no timer runs meanwhile."""


def test_a_snoozed_chat_leaves_every_device_comes_back_at_its_time_and_calls_once(
    stage: Stage, new_context: NewContext
) -> None:
    context = new_context()
    context.add_init_script(STAND_INS + AHEAD)
    desk, tab, phone = stage.seller(context), stage.seller(context), stage.seller(new_context())
    switch(desk, on=True)
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    visitor.say("Where is my bowl?")
    snooze(desk, minutes=10)
    expect(desk.page.get_by_text("Ada is snoozed until")).to_be_visible()
    for each in (desk, tab, phone):
        expect(each.contact("Ada")).to_be_hidden()
        each.page.get_by_role("button", name="Snoozed").click()
        expect(each.contact("Ada")).to_contain_text("until")
        each.page.get_by_role("button", name="Open").click()

    wake(desk, tab, minutes=11)
    for each in (desk, tab):
        expect(each.contact("Ada")).to_contain_text("Back")
        expect(each.page).to_have_title("(1) Seller Chat")
    assert called(desk, tab, texts=["Back from snooze"]) == [["Ada", "Back from snooze"]]
    tab.page.reload()
    expect(tab.contact("Ada")).to_contain_text("Back")
    assert heard(tab) == [[], 0]
    # By its own clock it is not back on the phone.
    expect(phone.contact("Ada")).to_be_hidden()

    desk.page.evaluate("window.isHidden = false")
    desk.choose("Ada")
    for each in (desk, tab, phone):
        expect(each.contact("Ada")).to_be_visible()
        expect(each.contact("Ada")).not_to_contain_text("Back")
        expect(each.page).to_have_title("Seller Chat")
    assert desk.complaints == tab.complaints == phone.complaints == []


def test_a_snoozed_chat_is_back_when_its_visitor_writes(stage: Stage, new_context: NewContext) -> None:
    desk, phone = stage.seller(new_context()), stage.seller(new_context())
    visitor = stage.visitor(new_context())
    visitor.start_chat("Ada")
    visitor.say("Where is my bowl?")
    snooze(desk, minutes=10)
    expect(phone.contact("Ada")).to_be_hidden()

    visitor.say("Never mind, it is here")

    for each in (desk, phone):
        expect(each.contact("Ada")).to_contain_text("Never mind, it is here")
        expect(each.contact("Ada")).to_contain_text("1 unread")


def snooze(seller: Seller, *, minutes: int) -> None:
    """Put Ada's chat away with the keyboard, until a time that the seller picks."""
    seller.choose("Ada")
    expect(seller.log()).to_contain_text("Where is my bowl?")
    seller.page.keyboard.press("Alt+z")
    local = "new Date(Date.now() + minutes * 60_000 - new Date().getTimezoneOffset() * 60_000)"
    seller.page.get_by_label("Pick a time").fill(
        seller.page.evaluate(f"(minutes) => {local}.toISOString().slice(0, 16)", minutes)
    )
    seller.page.get_by_role("button", name="Snooze", exact=True).click()


def wake(*tabs: Seller, minutes: int) -> None:
    """The seller comes back to a device that slept, and looks at something else on it."""
    for tab in tabs:
        tab.page.evaluate(
            "(minutes) => { window.isHidden = true; localStorage.ahead = minutes * 60_000; }",
            minutes,
        )
    for tab in tabs:
        tab.page.evaluate("window.dispatchEvent(new Event('focus'))")
