"""The widget on pages of all kinds, in Firefox and in WebKit."""

from __future__ import annotations

import io
import time
from typing import cast

import pytest
from PIL import Image

from tests.engines.conftest import NewVisit
from tests.engines.shop_server import Site

PHONE = (447, 667)
"""As narrow as WebKit's window can be; still a phone for the style sheet."""
RESET = (
    "* { all: unset } head, style, script { display: none } "
    "body { text-transform: uppercase; letter-spacing: .2em; white-space: nowrap; visibility: hidden } "
    "html { font-size: 9px; color: red; cursor: wait }"
)
MODAL = """<dialog id="cart"><input id="coupon"><button id="ask">Ask</button></dialog>"""
OPEN_MODAL = """addEventListener("DOMContentLoaded", () => {
  cart.showModal(); ask.addEventListener("click", () => SellerChat("open")); });"""
TRAP = """document.addEventListener("focusin", ({target}) => { if (!modal.contains(target)) coupon.focus(); });
document.addEventListener("mousedown", (event) => {
  if (!modal.contains(event.target)) event.preventDefault(); }, true);"""
SHORTCUT = """document.addEventListener("keydown", (event) => {
  if (!["INPUT", "TEXTAREA"].includes(event.target.tagName) && event.key === "/") event.preventDefault(); }, true);"""
LONG = '<p id="long">Bowls</p>'
TALL = "#long { height: 3000px }"
LOOKS = """['.own .bubble', '.header h2', 'textarea'].map((css) => { const style = getComputedStyle(find(css));
  return ['color', 'fontSize', 'textTransform', 'letterSpacing', 'whiteSpace', 'visibility', 'cursor', 'width',
    'height'].map((name) => style[name]); })"""


def test_looks_the_same_whatever_the_page_does_to_everything(visit: NewVisit) -> None:
    def looks(css: str) -> object:
        ada = visit(site=Site(css=css))
        ada.start_chat()
        ada.say("Hello")
        ada.engine.wait("find('.ticks.sent')")
        return ada.engine.ask(LOOKS)

    assert looks(RESET) == looks("")


@pytest.mark.parametrize("size", [(1280, 800), PHONE], ids=["desktop", "phone"])
def test_the_focus_goes_into_the_panel_and_back_to_the_bubble(visit: NewVisit, size: tuple[int, int]) -> None:
    ada = visit(size=size)
    ada.start_chat()
    ada.engine.key("Escape")
    ada.engine.wait("!find('.panel')")
    assert ada.focused() == "launcher"
    ada.engine.key("Enter")
    ada.engine.wait("root.activeElement?.name === 'message'")


def test_the_keyboard_goes_through_it_in_order_without_a_stop_too_many(visit: NewVisit) -> None:
    ada = visit(site=Site(body='<a id="last" href="#last">The page</a>'))
    ada.start_chat()
    ada.engine.call("() => document.querySelector('#last').focus()")
    stops = []
    for _ in range(5):
        ada.engine.key("Tab")
        stops.append(ada.focused())
    assert stops == ["quiet", "messages", "message", "send", "launcher opened"]


def test_the_menu_opens_by_keyboard_and_escape_folds_only_it(visit: NewVisit) -> None:
    ada = visit()
    ada.start_chat()
    ada.engine.ask("find('summary').focus()")
    ada.engine.key("Enter")
    ada.engine.wait("find('.menu').open")
    ada.engine.key("ArrowDown")
    assert ada.engine.ask("root.activeElement.textContent") == "Download transcript"
    ada.engine.key("Escape")
    assert ada.engine.ask("[find('.menu').open, !!find('.panel')]") == [False, True]


def test_on_a_phone_it_fills_the_window_and_the_page_behind_stands_still(visit: NewVisit) -> None:
    ada = visit(size=PHONE, site=Site(body=LONG, css=TALL))
    ada.start_chat()
    width, height = ada.engine.wait(
        "!find('.panel').getAnimations().length && (({width, height}) => [width, height])("
        "find('.panel:modal').getBoundingClientRect())"
    )
    # The page's own bar would be seen beside it, and could be used.
    assert [round(width), round(height)] == ada.engine.call("() => [innerWidth, innerHeight]")
    ada.engine.turn_wheel(100, 20, 300)
    time.sleep(0.5)
    assert ada.engine.call("() => scrollY") == 0
    ada.engine.key("Escape")
    ada.engine.wait("!find('.panel')")
    assert ada.engine.call("() => document.documentElement.style.overflow") == ""


def test_a_page_that_is_replaced_as_turbo_does_keeps_the_chat(visit: NewVisit) -> None:
    ada = visit()
    ada.start_chat()
    ada.engine.type("half a sentence")
    ada.engine.call("() => document.body.replaceWith(document.createElement('body'))")
    assert ada.engine.ask("find('textarea').value") == "half a sentence"
    ada.hears("Still here")


def test_a_modal_dialog_of_the_page_does_not_lock_the_chat_out(visit: NewVisit) -> None:
    ada = visit(site=Site(body=MODAL, script=OPEN_MODAL))
    ada.start_chat()
    ada.say("Is there a discount?")
    ada.engine.key("Escape")
    ada.engine.wait("!find('.panel')")
    assert ada.engine.call("() => cart.open")
    ada.engine.press("#ask", in_page=True)
    ada.engine.wait("root.activeElement?.name === 'message'")


DRAWER = """addEventListener("DOMContentLoaded", () => {
  const shadow = drawer.attachShadow({mode: "open"}), dialog = document.createElement("dialog");
  dialog.append(document.createElement("input"));
  shadow.append(dialog);
  window.buy = () => dialog.showModal();
  window.done = () => dialog.close(); });"""


def test_a_modal_dialog_in_a_shadow_of_the_page_s_own_has_the_chat_in_it_until_it_is_closed(visit: NewVisit) -> None:
    ada = visit(site=Site(body='<div id="drawer"></div>', script=DRAWER))
    ada.start_chat()
    ada.engine.type("half a sentence")
    inside = "drawer.shadowRoot.querySelector('dialog > seller-chat')"
    for _ in range(2):
        ada.engine.call("() => buy()")
        assert ada.engine.wait(f"{inside}?.shadowRoot.querySelector('textarea').value") == "half a sentence"
        ada.engine.call("() => done()")
        # WebKit takes the focus away a moment later, and what has it when the dialog opens again does not take it.
        ada.engine.wait("find('textarea')?.value && !drawer.shadowRoot.activeElement")
    ada.hears("Still here")
    assert ada.complaints() == []


def test_a_scripted_modal_does_not_take_the_focus_back(visit: NewVisit) -> None:
    body = '<div id="modal" role="dialog" aria-modal="true"><input id="coupon"></div>'
    ada = visit(site=Site(body=body, script=TRAP))
    ada.engine.call("() => coupon.focus()")
    ada.start_chat()
    ada.engine.press("textarea")
    ada.say("Hello")
    assert ada.engine.call("() => coupon.value") == ""


def test_the_page_s_shortcuts_do_not_eat_letters(visit: NewVisit) -> None:
    ada = visit(site=Site(script=SHORTCUT))
    ada.start_chat()
    ada.engine.type("a/b")
    assert ada.engine.ask("find('textarea').value") == "a/b"


def test_words_can_be_read_on_a_light_accent_and_an_empty_field_says_what_it_is_for(visit: NewVisit) -> None:
    ada = visit(site=Site(css=":root { --seller-chat-accent: #ffd54f }"))
    ada.start_chat()
    numbers = ada.engine.ask(
        "getComputedStyle(find('.launcher')).color.split('xyz-d65').at(-1).match(/[\\d.]+/g).map(Number)"
    )
    assert max(numbers[:3]) < 0.01
    # Measured, since WebKit's computed style of a placeholder is that of the text.
    left, top, height = ada.engine.ask(
        "(({left, top, height}) => [left, top, height])(find('textarea').getBoundingClientRect())"
    )
    beyond_the_caret = (left + 20, top, left + 120, top + height)
    picture = Image.open(io.BytesIO(ada.engine.picture())).convert("L").crop(beyond_the_caret)
    darkest, _ = cast("tuple[int, int]", picture.getextrema())
    assert 1.05 / (_linear(darkest / 255) + 0.05) >= 4.5


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
