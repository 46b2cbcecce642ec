"""The console with as many chats, and as long a one, as there can be on a working day."""

from __future__ import annotations

import re
from itertools import pairwise

from playwright.sync_api import expect

from tests.browser.conftest import NewContext
from tests.browser.played_desk import CHATS, MESSAGES, PlayedDesk, contact

MOST_NODES = 1_500


def test_a_desk_of_two_hundred_chats_and_five_thousand_messages_stays_small(new_context: NewContext) -> None:
    desk = PlayedDesk(new_context())
    rows = desk.page.locator(".contact")
    expect(desk.page.get_by_role("button", name=re.compile("^Open"))).to_have_text(f"Open{CHATS}", timeout=30_000)
    desk.page.evaluate(f"location.hash = '#/open/{contact(0)}'")
    log = desk.page.get_by_role("log")
    desk.page.locator(".inbox > ul").evaluate("list => { list.scrollTop = list.scrollHeight; }")
    expect(rows.last).to_be_in_viewport()
    expect(log).to_contain_text(f"Message {MESSAGES - 1}", timeout=30_000)
    assert rows.count() < 60
    assert desk.nodes <= MOST_NODES

    # Up through the past and back: what comes into view follows what was read, and nothing jumps.
    for pixels in (-600, 600):
        seen = desk.scroll(pixels)
        assert desk.nodes <= MOST_NODES
        steps = [one - other for one, other in pairwise(seen)]
        assert all(0 <= step * (1 if pixels < 0 else -1) < 40 for step in steps), seen
        assert abs(seen[0] - seen[-1]) > 200
    desk.scroll(-600)

    desk.page.get_by_role("button", name="Latest messages").click()
    expect(log).to_contain_text(f"Message {MESSAGES - 1}")
    desk.say(0, "And one more")
    expect(log).to_contain_text("And one more")
    assert desk.nodes <= MOST_NODES
    assert desk.complaints == []
