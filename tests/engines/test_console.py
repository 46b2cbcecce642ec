"""What a seller's working day asks of the console, in Firefox: step by step what is tried in Chromium at the gates."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.conftest import new_context, pages, stage
from tests.browser.test_alerts import (
    seller,
    test_a_snoozed_chat_leaves_every_device_comes_back_at_its_time_and_calls_once,
    test_a_visitor_whom_the_seller_has_never_opened_rings_once_for_the_chat_and_once_for_each_message,
)
from tests.browser.test_console_scale import test_a_desk_of_two_hundred_chats_and_five_thousand_messages_stays_small
from tests.browser.test_conversation import (
    test_a_chat_is_handed_over_with_a_note_that_the_visitor_never_sees,
    test_a_seller_who_is_away_stays_so_over_a_reload_and_a_second_tab,
    test_an_end_is_taken_back_and_a_word_of_yesterday_is_found,
    test_of_two_sellers_who_take_a_waiting_chat_at_once_one_gets_it_and_the_other_is_told,
    test_tags_are_on_every_device_of_the_seller_choose_what_is_listed_and_reach_no_visitor,
)
from tests.engines.conftest import missing
from tests.engines.firefox import PROGRAM as FIREFOX

PROJECT = Path(__file__).parents[2]

__all__ = [
    "new_context",
    "pages",
    "seller",
    "stage",
    "test_a_chat_is_handed_over_with_a_note_that_the_visitor_never_sees",
    "test_a_desk_of_two_hundred_chats_and_five_thousand_messages_stays_small",
    "test_a_seller_who_is_away_stays_so_over_a_reload_and_a_second_tab",
    "test_a_snoozed_chat_leaves_every_device_comes_back_at_its_time_and_calls_once",
    "test_a_visitor_whom_the_seller_has_never_opened_rings_once_for_the_chat_and_once_for_each_message",
    "test_an_end_is_taken_back_and_a_word_of_yesterday_is_found",
    "test_of_two_sellers_who_take_a_waiting_chat_at_once_one_gets_it_and_the_other_is_told",
    "test_tags_are_on_every_device_of_the_seller_choose_what_is_listed_and_reach_no_visitor",
]


@pytest.fixture(scope="session")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Firefox as it is installed; what Playwright brings along is a Firefox of its own."""
    if FIREFOX is None:
        missing("Firefox", "firefox-esr")
    start = tmp_path_factory.mktemp("firefox") / "firefox"
    start.write_text(f'#!/bin/sh\ncd "{PROJECT}" && exec "{sys.executable}" -m tests.engines.bridge "{FIREFOX}" "$@"\n')
    start.chmod(0o700)
    browser = playwright.firefox.launch(executable_path=start, channel="moz-firefox")
    yield browser
    browser.close()
