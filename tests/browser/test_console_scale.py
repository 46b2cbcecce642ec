"""The console with two hundred open chats and one of five thousand messages, on a server that the test plays."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from itertools import pairwise
from typing import Any

from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from local_aws.web_pages import FOLDERS
from tests.browser.conftest import NewContext

CONSOLE = "http://console.test/"
SELLER = "ana"
CHATS = 200
MESSAGES = 5_000
MOST_NODES = 1_500
UNREAD = {role: {"delivered": 0, "read": 0} for role in ("visitor", "seller")}
WHEN = "2026-11-23T10:00:00.000Z"


def contact(number: int) -> str:
    return f"c{number:03}"


def entries(number: int) -> list[dict[str, Any]]:
    """The log of a contact: the first one's is long."""
    visitor = f"visitor-{contact(number)}"
    log: list[dict[str, Any]] = [
        {"kind": "opened", "from": visitor, "user_info": {"name": f"Visitor number {number}"}},
        {"kind": "assigned", "from": "system", "seller_id": SELLER},
    ]
    for count in range(MESSAGES if number == 0 else 3):
        text = f"Message {count} " + "and more of it " * (count % 7)
        log.append({"kind": "message", "from": SELLER if count % 3 == 2 else visitor, "message": text})
    return [{"seq": seq, "id": f"{number}-{seq}", "timestamp": WHEN, **each} for seq, each in enumerate(log, start=1)]


class PlayedDesk:
    """A console, and the server to which it talks."""

    def __init__(self, context: BrowserContext) -> None:
        self.asked: Counter[str] = Counter()
        self._logs = {contact(number): entries(number) for number in range(CHATS)}
        self._socket: WebSocketRoute | None = None
        context.route(f"{CONSOLE}**", self._serve)
        context.route_web_socket("ws://chat.test/**", self._meet)
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"{CONSOLE}console.html")
        claims = base64.urlsafe_b64encode(json.dumps({"sub": SELLER}).encode()).decode().rstrip("=")
        self.page.get_by_label("Token").fill(f"e30.{claims}.x")
        self.page.get_by_role("button", name="Sign in").click()

    @property
    def nodes(self) -> int:
        """How many elements the page has."""
        count: int = self.page.evaluate("document.querySelectorAll('*').length")
        return count

    def say(self, number: int, text: str) -> None:
        """A visitor writes."""
        log = self._logs[contact(number)]
        seq = len(log) + 1
        entry = {"seq": seq, "id": f"{number}-{seq}", "timestamp": WHEN, "from": f"visitor-{contact(number)}"}
        log.append({**entry, "kind": "message", "message": text})
        pushed = {"action": "sendMessage", "type": "message", "contact_id": contact(number), "message": text}
        self._push({**pushed, **entry})

    def scroll(self, pixels: int) -> list[int]:
        """Scroll the conversation in forty steps; the number of the first message in view after each."""
        seen: list[int] = self.page.evaluate(
            """async (pixels) => {
              const list = document.querySelector(".messages");
              const seen = [];
              for (let step = 0; step < 40; step++) {
                list.scrollTop += pixels;
                await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
                const {top} = list.getBoundingClientRect();
                const all = [...document.querySelectorAll(".message")];
                const first = all.find((each) => each.getBoundingClientRect().bottom > top);
                seen.push(Number(/Message (\\d+)/.exec(first?.textContent)?.[1]));
              }
              return seen;
            }""",
            pixels,
        )
        return seen

    def _serve(self, route: Any) -> None:
        name = route.request.url.removeprefix(CONSOLE).partition("?")[0]
        if name == "config.json":
            route.fulfill(json={"webSocketUrl": "ws://chat.test/"})
            return
        file = FOLDERS[0] / name
        route.fulfill(path=str(file)) if file.is_file() else route.fulfill(status=404)

    def _meet(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        socket.on_message(lambda text: self._answer(json.loads(text)))

    def _push(self, frame: dict[str, Any]) -> None:
        assert self._socket is not None
        self._socket.send(json.dumps(frame))

    def _answer(self, frame: dict[str, Any]) -> None:
        action = frame["action"]
        self.asked[action] += 1
        if action == "ping":
            self._push({"action": "pong"})
        elif action == "presence":
            self._push({"action": "presence", "status": "online", "open_count": CHATS, "capacity": CHATS})
        elif action == "team":
            self._push({"action": "team", "team": "support", "sellers": []})
        elif action == "notes":
            self._push({"action": "notes", "contact_id": frame["contact_id"], "after": 0, "notes": [], "more": False})
        elif action == "inbox":
            self._push(self._inbox(frame))
        elif action == "sync":
            self._push(self._page(frame))

    def _inbox(self, frame: dict[str, Any]) -> dict[str, Any]:
        status = frame.get("status", "open")
        of_it = [
            {"contact_id": each, "status": "open", "since": WHEN, "opened_at": WHEN, "seller_id": SELLER}
            for each in (self._logs if status == "open" else ())
        ]
        after = int(frame.get("after", "0"))
        tails = frame.get("tails", False)
        page = [{**each, **(self._tail(each["contact_id"]) if tails else {})} for each in of_it[after : after + 100]]
        rest = {"next": str(after + 100)} if after + 100 < len(of_it) else {}
        return {"action": "inbox", "status": status, "contacts": page, **rest}

    def _tail(self, contact_id: str) -> dict[str, Any]:
        return {"tail": len(self._logs[contact_id]), "marks": UNREAD}

    def _page(self, frame: dict[str, Any]) -> dict[str, Any]:
        log, after = self._logs[frame["contact_id"]], frame["after"]
        page = log[after : after + 100]
        more = after + 100 < len(log)
        end = {} if more else {**self._tail(frame["contact_id"]), "status": "open"}
        answer = {"action": "sync", "contact_id": frame["contact_id"], "after": after, "entries": page, "more": more}
        return {**answer, **end}


def test_a_desk_of_two_hundred_chats_and_five_thousand_messages_stays_small(new_context: NewContext) -> None:
    desk = PlayedDesk(new_context())
    rows = desk.page.locator(".contact")
    expect(desk.page.get_by_role("button", name=re.compile("^Open"))).to_have_text(f"Open{CHATS}", timeout=30_000)
    desk.page.evaluate(f"location.hash = '#/open/{contact(0)}'")
    log = desk.page.get_by_role("log")
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
