"""The visitors and sellers of a load, for locust: `locust -f tests/load/people.py`, with the plan's path in LOAD_PLAN.

They keep to docs/protocol.md: every message has an id and a base, is repeated until it is acknowledged, and what a push
left out is fetched with `sync`.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from pathlib import Path
from random import SystemRandom
from typing import Any
from urllib.parse import urlencode

import gevent
from gevent.event import AsyncResult, Event
from gevent.queue import Empty, Queue
from locust import User, between, events, task
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.load import notes
from tests.load.notes import Notes

PLAN: dict[str, Any] = json.loads(Path(os.environ["LOAD_PLAN"]).read_text(encoding="utf-8"))
NOTES = Notes(Path(PLAN["notes"]))
CHANCE = SystemRandom()
ANSWER_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 30.0
TO_BE_REPEATED = {"try_again", "slow_down"}
LOOK_SECONDS = 60.0
"""As often the console asks for its lists."""
PING_SECONDS = 5.0
AFTER_OPENING_SECONDS = 3.0
"""A push may miss a connection that was just opened."""

_sellers_ready = Event()
_left = {"visitors": list(PLAN["visitors"]), "sellers": list(PLAN["sellers"])}
_online: set[str] = set()
_silent = {"here": 0, "done": 0}
"""How many came, and how many of them write nothing more."""
_sent_at: dict[str, float] = {}
"""When a message was sent first, by its id."""


def _silence() -> None:
    """Wait until nobody writes any more, so that who looks then sees everything."""
    _silent["done"] += 1
    with gevent.Timeout(PLAN["stop_seconds"] / 2, False):
        while _silent["done"] < _silent["here"]:
            gevent.sleep(0.1)


class Talk:
    """One person's connection, opened anew whenever it is lost."""

    def __init__(self, person: dict[str, Any], on_up: Any, on_message: Any) -> None:
        self._person = person
        self._on_up = on_up
        self._on_message = on_message
        self._socket: ClientConnection | None = None
        self._asked: dict[str, AsyncResult] = {}
        self._is_over = False
        self._heard_at = 0.0
        self.cursors: dict[str, int] = {}
        """The highest number up to which all is held, by contact."""
        self.is_up = Event()
        gevent.spawn(self._live)

    def send(self, frame: dict[str, Any]) -> bool:
        """Send a frame; false where there is no connection."""
        try:
            if self._socket is None:
                return False
            self._socket.send(json.dumps(frame))
        except (ConnectionClosed, OSError):
            return False
        return True

    def ask(self, key: str, frame: dict[str, Any]) -> dict[str, Any]:
        """Send a frame until it is answered, and return the answer; nothing where it was refused for good."""
        attempt = 0
        while True:
            self.is_up.wait(LONGEST_WAIT_SECONDS)
            answer = self._asked[key] = AsyncResult()
            found = self._answered(answer) if self.send(frame) else {}
            if found and found.get("action") != "error":
                return found
            if self._is_over or (found and found["code"] not in TO_BE_REPEATED):
                return {}
            wait = found.get("retry_after_ms", 1000 * CHANCE.random() * min(30, 2**attempt))
            gevent.sleep(wait / 1000)
            attempt += 1

    def ask_once(self, key: str, frame: dict[str, Any]) -> dict[str, Any]:
        """Send a frame, and return what is answered in time; nothing else."""
        answer = self._asked[key] = AsyncResult()
        return self._answered(answer) if self.send(frame) else {}

    def list_contacts(self) -> None:
        """Learn of the contacts whose pushes did not come, and fetch what follows in all."""
        after: dict[str, Any] = {}
        more = True
        while more:
            page = self.ask_once("inbox", {"action": "inbox", "announce": True, **after})
            for contact in page.get("contacts", []):
                self.cursors.setdefault(contact["contact_id"], 0)
            more = bool(page.get("next"))
            after = {"after": page.get("next")}
        for contact in list(self.cursors):
            self.sync(contact, once=True)

    def say(self, contact: str, text: str) -> None:
        """Write a message; returns once it is acknowledged."""
        message = uuid.uuid4().hex
        _sent_at[message] = time.time()
        NOTES.add(notes.SENT, id=message, contact=contact)
        frame = {"action": "sendMessage", "contact_id": contact, "message": text, "id": message}
        answer = self.ask(message, {**frame, "base": self.cursors.get(contact, 0)})
        if answer:
            seq = answer["seq"]
            NOTES.add(notes.ACKNOWLEDGED, id=message, contact=contact, seq=seq, sent=_sent_at[message])
            self._take(contact, seq)

    def sync(self, contact: str, *, once: bool = False) -> None:
        """Fetch what follows in a contact."""
        more = True
        while more:
            after = self.cursors.get(contact, 0)
            frame = {"action": "sync", "contact_id": contact, "after": after, "announce": True}
            asked = self.ask_once if once else self.ask
            page = asked(f"sync {contact} {after}", frame)
            for entry in page.get("entries", []):
                self._show(contact, entry["seq"], entry)
            more = bool(page.get("more"))

    def leave(self) -> None:
        """Close it for good."""
        self._is_over = True
        if self._socket is not None:
            self._socket.close()

    def _answered(self, answer: AsyncResult) -> dict[str, Any]:
        begun, asked_of = time.time(), self._socket
        try:
            return dict(answer.get(timeout=ANSWER_SECONDS))
        except gevent.Timeout:
            # A connection can be dead without knowing it.
            if asked_of is not None and self._heard_at < begun and self._socket is asked_of:
                self._failed("connection silent")
                asked_of.close()
            return {}

    def _live(self) -> None:
        attempt = 0
        while not self._is_over:
            begun = time.time()
            try:
                with self._opened() as socket:
                    NOTES.add(notes.CONNECTED, ms=1000 * (time.time() - begun))
                    attempt, self._socket = 0, socket
                    self.is_up.set()
                    gevent.spawn(self._on_up)
                    for received in socket:
                        self._receive(received)
            except InvalidStatus as refusal:
                self._failed(f"upgrade {refusal.response.status_code}")
            except (WebSocketException, OSError, TimeoutError, EOFError) as error:
                self._failed(f"connection: {type(error).__name__}")
            if not self._is_over and self._socket is not None:
                self._failed("connection lost")
            self._socket = None
            self.is_up.clear()
            if not self._is_over:
                gevent.sleep(CHANCE.random() * min(30, 2**attempt))
                attempt += 1

    def _opened(self) -> ClientConnection:
        person = self._person
        query = urlencode({"userId": person["id"]})
        spoken = [Subprotocol("seller-chat"), Subprotocol(person["proof"])] if person["proof"] else None
        return connect(
            f"{PLAN['url']}?{query}", subprotocols=spoken, open_timeout=20, close_timeout=1, ping_interval=None
        )

    def _receive(self, received: str | bytes) -> None:
        self._heard_at = time.time()
        frame = json.loads(received) if received else {}
        action = frame.get("action")
        if action is None and received:
            self._failed(f"gateway: {frame.get('message')}")
        elif action == "error":
            self._failed(frame["code"])
            self._answer(frame.get("id") or frame.get("of"), frame)
        elif action in {"sendMessage", "entry"}:
            self._pushed(frame)
        elif action == "sync":
            self._answer(f"sync {frame['contact_id']} {frame['after']}", frame)
        else:
            self._answer(frame.get("id") or action, frame)

    def _answer(self, key: str | None, frame: dict[str, Any]) -> None:
        if asked := self._asked.pop(key or "", None):
            asked.set(frame)

    def _pushed(self, frame: dict[str, Any]) -> None:
        contact = frame["contact_id"]
        entry = frame.get("entry") or {**frame, "kind": "message"}
        if entry["seq"] > self.cursors.get(contact, 0) + 1:
            # Something is missing before it.
            gevent.spawn(self.sync, contact, once=True)
        else:
            self._show(contact, entry["seq"], entry)

    def _show(self, contact: str, seq: int, entry: dict[str, Any]) -> None:
        if seq <= self.cursors.get(contact, 0):
            return
        self.cursors[contact] = seq
        if entry["kind"] == "message" and entry["from"] != self._person["id"]:
            message = entry.get("id", "")
            if message in _sent_at and entry["from"] != self._alias(contact):
                NOTES.add(notes.DELIVERED, id=message, sent=_sent_at[message])
                self.send({"action": "receipt", "contact_id": contact, "delivered": seq, "read": seq})
                self._on_message(contact)

    def _take(self, contact: str, seq: int) -> None:
        if seq == self.cursors.get(contact, 0) + 1:
            self.cursors[contact] = seq
        elif seq > self.cursors.get(contact, 0):
            gevent.spawn(self.sync, contact, once=True)

    def _alias(self, contact: str) -> str:
        return "" if self._person["proof"] and self._person["role"] == "seller" else f"visitor-{contact}"

    @staticmethod
    def _failed(code: str) -> None:
        NOTES.add(notes.ERROR, code=code)


class Visitor(User):  # type: ignore[misc]
    """Asks, and waits for an answer.

    They have no fixed count: who has comes first, and the last seller among so many would come with the last visitor.
    """

    wait_time = between(0.5 * PLAN["pace"], 1.5 * PLAN["pace"])

    def on_start(self) -> None:
        """Come to the shop's page and start a chat."""
        _sellers_ready.wait(60)
        self._contact = ""
        self._talk = Talk(_left["visitors"].pop(), self._up, lambda _: None)
        start = {"action": "InitChat", "sellerId": PLAN["team"], "userInfo": {"name": "Load"}}
        started = self._talk.ask("InitChat", start)
        self._contact = started["contact_id"]
        NOTES.add(notes.STARTED, contact=self._contact, visitor=self._talk._person["id"], status=started["status"])
        _silent["here"] += 1
        self._up()

    @task  # type: ignore[untyped-decorator]
    def write(self) -> None:
        """Type, write."""
        self._talk.send({"action": "typing", "contact_id": self._contact})
        self._talk.say(self._contact, "Is this one still there?")

    def on_stop(self) -> None:
        """Look once more, and leave."""
        _silence()
        self._talk.sync(self._contact, once=True)
        self._talk.leave()
        NOTES.add(notes.LEFT)

    def _up(self) -> None:
        if self._contact:
            self._talk.sync(self._contact, once=True)
            gevent.sleep(AFTER_OPENING_SECONDS)
            self._talk.sync(self._contact, once=True)


class Seller(User):  # type: ignore[misc]
    """Answers each message with one."""

    fixed_count = len(PLAN["sellers"])

    def on_start(self) -> None:
        """Sit down at the desk."""
        self._unanswered = Queue()
        self._me = _left["sellers"].pop()
        self._talk = Talk(self._me, self._up, self._unanswered.put)
        self._talk.ask("presence", {"action": "presence", "status": "online"})
        _silent["here"] += 1
        _online.add(self._me["id"])
        if len(_online) == len(PLAN["sellers"]):
            _sellers_ready.set()
        self._chores = [gevent.spawn(self._stay), gevent.spawn(self._ping)]

    @task  # type: ignore[untyped-decorator]
    def answer(self) -> None:
        """Take the next one who wrote."""
        try:
            contact = self._unanswered.get(timeout=1)
        except Empty:
            # It may be time to go.
            return
        self._talk.send({"action": "typing", "contact_id": contact})
        self._talk.say(contact, "Yes, in three colours.")

    def on_stop(self) -> None:
        """Look once more at every contact, and leave."""
        _silence()
        gevent.killall(self._chores)
        self._talk.list_contacts()
        self._talk.leave()
        NOTES.add(notes.LEFT)

    def _up(self) -> None:
        if self._me["id"] in _online:
            self._talk.send({"action": "presence"})
            self._talk.list_contacts()

    def _stay(self) -> None:
        while True:
            gevent.sleep(LOOK_SECONDS)
            self._talk.send({"action": "presence"})
            self._talk.list_contacts()

    def _ping(self) -> None:
        # The gateway answers it by itself, so it tells what all but our functions takes.
        while True:
            gevent.sleep(PING_SECONDS)
            begun = time.time()
            if self._talk.ask_once("pong", {"action": "ping"}):
                NOTES.add(notes.PONG, ms=1000 * (time.time() - begun))


@events.init.add_listener  # type: ignore[untyped-decorator]
def _leave_time_to_finish(environment: Any, **_more: Any) -> None:
    # Those who wait for an answer get it before they leave.
    environment.stop_timeout = PLAN["stop_seconds"]
