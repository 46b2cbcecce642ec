"""A seller's console on a server that a test plays: chats with their logs, and the answers to its frames."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, WebSocketRoute

from local_aws.web_pages import FOLDERS

CONSOLE = "http://console.test/"
SELLER = "ana"
CHATS = 200
MESSAGES = 5_000
PAGE = 100
UNREAD = {role: {"delivered": 0, "read": 0} for role in ("visitor", "seller")}
WHEN = "2026-11-23T10:00:00.000Z"
Entry = dict[str, Any]


@dataclass
class PlayedContact:
    """A contact that is open, unless it is said to wait."""

    log: list[Entry]
    status: str = "open"
    listed: Mapping[str, Any] = field(default_factory=dict)
    """What the list tells besides: tags, a snooze."""
    marks: Mapping[str, Any] = field(default_factory=lambda: UNREAD)
    notes: Sequence[Mapping[str, Any]] = ()


def contact(number: int) -> str:
    return f"c{number:03}"


def logged(contact_id: str, entries: Sequence[Entry]) -> list[Entry]:
    """Entries with their numbers, at one time unless they have their own."""
    return [_numbered(contact_id, seq, each) for seq, each in enumerate(entries, start=1)]


def _numbered(contact_id: str, seq: int, entry: Entry) -> Entry:
    return {"seq": seq, "id": f"{contact_id}-{seq}", "timestamp": WHEN, **entry}


def beginning(contact_id: str, user_info: Mapping[str, Any]) -> list[Entry]:
    """What a chat begins with."""
    return [
        {"kind": "opened", "from": f"visitor-{contact_id}", "user_info": user_info},
        {"kind": "assigned", "from": "system", "seller_id": SELLER},
    ]


def many_contacts() -> dict[str, PlayedContact]:
    """Two hundred, of which the first one has 5,000 messages."""
    return {contact(number): PlayedContact(_many_messages(number)) for number in range(CHATS)}


def _many_messages(number: int) -> list[Entry]:
    contact_id = contact(number)
    log = beginning(contact_id, {"name": f"Visitor number {number}"})
    for count in range(MESSAGES if number == 0 else 3):
        text = f"Message {count} " + "and more of it " * (count % 7)
        log.append({"kind": "message", "from": SELLER if count % 3 == 2 else f"visitor-{contact_id}", "message": text})
    return logged(contact_id, log)


class PlayedDesk:
    """A console of a build, and the server to which it talks."""

    def __init__(
        self,
        context: BrowserContext,
        *,
        contacts: Mapping[str, PlayedContact] | None = None,
        team: Mapping[str, Any] | None = None,
        build: Path = FOLDERS[0],
    ) -> None:
        self._build = build
        self._contacts = many_contacts() if contacts is None else contacts
        self._colleagues = {"team": "support", "sellers": [], **(team or {})}
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
        contact_id = contact(number)
        log = self._contacts[contact_id].log
        entry = {"kind": "message", "from": f"visitor-{contact_id}", "message": text}
        log.append(_numbered(contact_id, len(log) + 1, entry))
        self._push({**log[-1], "action": "sendMessage", "type": "message", "contact_id": contact_id})

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
        file = self._build / name
        route.fulfill(path=str(file)) if file.is_file() else route.fulfill(status=404)

    def _meet(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        socket.on_message(lambda text: self._answer(json.loads(text)))

    def _push(self, frame: dict[str, Any]) -> None:
        assert self._socket is not None
        self._socket.send(json.dumps(frame))

    def _answer(self, frame: dict[str, Any]) -> None:
        found = getattr(self, f"_{frame['action']}", lambda _: None)(frame)
        if found is not None:
            self._push({"action": frame["action"], **found})

    def _ping(self, _: dict[str, Any]) -> None:
        self._push({"action": "pong"})

    def _presence(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"status": "online", "open_count": len(self._contacts), "capacity": CHATS}

    def _team(self, _: dict[str, Any]) -> dict[str, Any]:
        return self._colleagues

    def _notes(self, frame: dict[str, Any]) -> dict[str, Any]:
        notes = self._contacts[frame["contact_id"]].notes
        return {"contact_id": frame["contact_id"], "after": 0, "notes": notes, "more": False}

    def _tag(self, frame: dict[str, Any]) -> dict[str, Any]:
        listed = self._contacts[frame["contact_id"]].listed
        return {"contact_id": frame["contact_id"], "tags": listed.get("tags", [])}

    def _inbox(self, frame: dict[str, Any]) -> dict[str, Any]:
        status, after = frame.get("status", "open"), int(frame.get("after", "0"))
        page, rest = self._listed(status, after, has_tails=frame.get("tails", False))
        queue = {"contacts": self._listed("queued", 0, has_tails=False)[0]}
        return {"status": status, "contacts": page, **rest, **({"queued": queue} if frame.get("queued") else {})}

    def _listed(self, status: str, after: int, *, has_tails: bool) -> tuple[list[Any], dict[str, Any]]:
        ids = [contact_id for contact_id, each in self._contacts.items() if each.status == status]
        page = [
            {
                "contact_id": each,
                "status": status,
                "since": self._contacts[each].log[0]["timestamp"],
                "opened_at": self._contacts[each].log[0]["timestamp"],
                "seller_id": SELLER if status == "open" else None,
                **self._contacts[each].listed,
                **(self._tail(each) if has_tails else {}),
            }
            for each in ids[after : after + PAGE]
        ]
        return page, {"next": str(after + PAGE)} if after + PAGE < len(ids) else {}

    def _tail(self, contact_id: str) -> dict[str, Any]:
        return {"tail": len(self._contacts[contact_id].log), "marks": self._contacts[contact_id].marks}

    def _sync(self, frame: dict[str, Any]) -> dict[str, Any]:
        contact_id, after = frame["contact_id"], frame["after"]
        found = self._contacts[contact_id]
        entries = found.log[after : after + PAGE]
        more = after + PAGE < len(found.log)
        end = {} if more else {**self._tail(contact_id), "status": found.status}
        return {"contact_id": contact_id, "after": after, "entries": entries, "more": more, **end}
