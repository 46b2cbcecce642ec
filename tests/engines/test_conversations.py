"""A visitor writes and reads in Firefox and in WebKit as in Chromium."""

from __future__ import annotations

import time

from tests.browser.played_chat import CONTACT
from tests.engines.conftest import NewVisit
from tests.engines.shop_server import Site

GROUP = """[...root.querySelectorAll('.message .meta')].map((meta) => getComputedStyle(meta).display !== 'none')"""
FIRST_IN_VIEW = """(() => {
  const top = find('.messages').getBoundingClientRect().top;
  const first = [...root.querySelectorAll('.message')].find((each) => each.getBoundingClientRect().bottom > top);
  return [first.textContent, Math.round(first.getBoundingClientRect().top)];
})()"""


def test_a_conversation_goes_both_ways_and_over_a_reload(visit: NewVisit) -> None:
    ada = visit()
    ada.start_chat()
    ada.say("Is it in stock?")
    ada.engine.wait("find('.ticks.sent')")
    ada.chat.push({"action": "receipt", "contact_id": CONTACT, "from": "seller", "delivered": 3, "read": 3})
    ada.engine.wait("find('.ticks.read')")
    ada.chat.push({"action": "typing", "contact_id": CONTACT, "from": "seller", "typing": True})
    ada.engine.wait("find('.typing')")
    ada.hears("It is, see https://shop.test/bowl_(blue)")
    assert ada.engine.ask("find('.rows a').href") == "https://shop.test/bowl_(blue)"
    ada.engine.goto(ada.url)
    ada.reads("It is, see")
    assert ada.engine.ask("root.querySelectorAll('.message').length") == 2
    assert ada.complaints() == []


def test_enter_sends_and_with_shift_makes_a_line_for_which_the_field_grows(visit: NewVisit) -> None:
    ada = visit()
    ada.start_chat()
    low = ada.engine.ask("find('textarea').clientHeight")
    for word in ("one", "two", "three"):
        ada.engine.type(word)
        ada.engine.key("Shift+Enter")
    assert ada.engine.ask("find('textarea').clientHeight") >= low + 60
    ada.engine.type("four")
    ada.engine.key("Enter")
    ada.engine.wait("find('.message .text')?.textContent === 'one\\ntwo\\nthree\\nfour'")
    assert ada.engine.ask("[find('textarea').value, find('textarea').clientHeight]") == ["", low]
    ada.engine.key("Enter")
    assert len(ada.chat.log) == 3


def test_what_is_read_above_stays_where_it_is_while_more_comes(visit: NewVisit) -> None:
    ada = visit()
    ada.start_chat()
    ada.hears(*(f"Message {number}." for number in range(60)))
    ada.engine.ask("find('.messages').scrollTop = -1200")
    # On a busy machine the page hears late of the scrolling.
    ada.engine.wait("find('.latest')")
    before = ada.engine.ask(FIRST_IN_VIEW)
    seq = ada.chat.answer("Did you see this?")
    ada.engine.wait("find('.latest .count')?.textContent === '1'")
    ada.chat.push({"action": "typing", "contact_id": CONTACT, "from": "seller", "typing": True})
    ada.engine.wait("find('.typing')")
    time.sleep(0.3)
    after = ada.engine.ask(FIRST_IN_VIEW)
    assert after[0] == before[0]
    assert abs(after[1] - before[1]) <= 1
    assert ada.chat.marks["read"] < seq
    ada.engine.press(".latest")
    ada.engine.wait("find('.messages').scrollTop === 0 && !find('.latest')")
    assert ada.focused() == "messages"


def test_only_the_last_of_a_group_has_its_time(visit: NewVisit) -> None:
    ada = visit()
    ada.start_chat()
    for word in ("one", "two", "three"):
        ada.say(word)
    ada.engine.wait("root.querySelectorAll('.ticks.sent').length === 3")
    assert ada.engine.ask(GROUP) == [False, False, True]


def test_an_empty_field_begins_where_arabic_begins_and_times_have_the_digits_that_others_have(visit: NewVisit) -> None:
    ada = visit(site=Site(options={"language": "ar", "firstContact": "message"}))
    ada.engine.press(".launcher")
    ada.engine.wait("find('textarea')?.matches(':dir(rtl)') !== undefined && find('.root').dir === 'rtl'")
    assert ada.style("textarea", "direction") == "rtl"
    ada.engine.type("Is it in stock")
    assert ada.style("textarea", "direction") == "ltr"
    ada.engine.key("Enter")
    shown = ada.engine.wait("find('.meta time')?.textContent")
    assert any(letter in "0123456789" for letter in shown)


def test_the_typed_text_stays_over_a_page_change_and_the_focus_is_left_to_the_page(visit: NewVisit) -> None:
    ada = visit(site=Site(body='<input id="search" autofocus>'))
    ada.start_chat()
    ada.engine.type("half a sentence")
    ada.engine.goto(f"{ada.url}other")
    ada.engine.wait("find('textarea')?.value === 'half a sentence'")
    time.sleep(0.3)
    assert ada.focused() == "search"


def test_a_page_that_one_comes_back_to_goes_on(visit: NewVisit) -> None:
    ada = visit()
    ada.start_chat()
    ada.engine.type("half a sentence")
    ada.engine.call("() => { window.isSame = true; setTimeout(() => { location.href = '/plain'; }); }")
    ada.engine.wait("location.pathname === '/plain' && document.readyState === 'complete'")
    ada.chat.answer("While you looked elsewhere")
    ada.engine.call("() => { setTimeout(() => history.back()); }")
    ada.reads("While you looked elsewhere")
    assert ada.engine.ask("find('textarea').value") == "half a sentence"
    ada.engine.press("textarea")
    ada.engine.key("Enter")
    ada.engine.wait("find('.own .ticks.sent')")
    ada.hears("Welcome back")


def test_nothing_is_stored_before_the_first_opening(visit: NewVisit) -> None:
    ada = visit()
    ada.engine.wait("find('.launcher')")
    stored = "() => localStorage.length + sessionStorage.length + document.cookie.length"
    assert ada.engine.call(stored) == 0
    ada.start_chat()
    assert ada.engine.call(stored) > 0


FORBIDDEN = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, {get() { throw new DOMException("no", "SecurityError") }});"""


def test_without_storage_a_visitor_writes_and_reads(visit: NewVisit) -> None:
    ada = visit(site=Site(script=FORBIDDEN))
    ada.start_chat()
    ada.say("Hello")
    ada.hears("Good morning")
    assert ada.complaints() == []
