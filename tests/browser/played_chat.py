"""A chat's server as a test plays it: one contact, its log, and the answers of the protocol to the visitor's frames."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

CONTACT = "c-1"
Send = Callable[[str], None]
"""Sends a text over one of the visitor's connections."""


class PlayedChat:
    """One contact with one seller, who says what the test has them say."""

    def __init__(self) -> None:
        self.log: list[dict[str, Any]] = []
        self.marks = {"delivered": 0, "read": 0}
        self.connections: list[Send] = []
        self.started: dict[str, Any] = {}
        """What the visitor told with the start."""
        self._status = "open"

    def hear(self, text: str, send: Send) -> None:
        """Answer a frame of the visitor's."""
        frame = json.loads(text)
        reply = getattr(self, f"_{frame['action']}", lambda _: None)(frame)
        if reply:
            send(json.dumps({"contact_id": CONTACT, **reply}))

    def answer(self, text: str) -> int:
        """The seller writes; returns the entry's number."""
        entry = self._append(kind="message", message=text, **{"from": "1"})
        self.push({"action": "sendMessage", "type": "message", "contact_id": CONTACT, **_without(entry, "kind")})
        return int(entry["seq"])

    def answer_unheard(self, text: str) -> None:
        """The seller writes while nothing reaches the visitor, whose connections are dead without a word."""
        self.connections.clear()
        self.answer(text)

    def let_wait(self, reason: str) -> None:
        """Nobody has the chat any more."""
        self._status = "queued"
        entry = self._append(kind="queued", reason=reason, **{"from": "system"})
        self.push({"action": "entry", "contact_id": CONTACT, "entry": entry})

    def take(self) -> None:
        """The seller has it again."""
        self._status = "open"
        entry = self._append(kind="assigned", seller_id="1", **{"from": "system"})
        self.push({"action": "entry", "contact_id": CONTACT, "entry": entry})

    def end(self) -> None:
        """The seller ends the chat."""
        self._status = "closed"
        entry = self._append(kind="closed", **{"from": "1"})
        self.push({"action": "entry", "contact_id": CONTACT, "entry": entry})

    def push(self, frame: dict[str, Any]) -> None:
        """Send a frame to all of the visitor's connections."""
        for send in list(self.connections):
            send(json.dumps(frame))

    def _append(self, **entry: Any) -> dict[str, Any]:
        seq = len(self.log) + 1
        whole = {"seq": seq, "id": f"id-{seq}", "timestamp": datetime.now(UTC).isoformat(), **entry}
        self.log.append(whole)
        return whole

    def _InitChat(self, frame: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self.started = frame["userInfo"]
        if not self.log:
            self._append(kind="opened", **{"from": f"visitor-{CONTACT}"})
            self._append(kind="assigned", seller_id="1", **{"from": "system"})
        answer = {"message": "Chat initialized successfully", "device_id": "d", "alias": f"visitor-{CONTACT}"}
        return {**answer, "action": "InitChat", "seller_id": "1", "status": self._status, "seq": len(self.log)}

    def _sync(self, frame: dict[str, Any]) -> dict[str, Any]:
        entries = [entry for entry in self.log if entry["seq"] > frame["after"]]
        marks = {"visitor": self.marks, "seller": {"delivered": 0, "read": 0}}
        page = {"after": frame["after"], "entries": entries, "more": False, "tail": len(self.log), "marks": marks}
        return {"action": "sync", "status": self._status, **page}

    def _sendMessage(self, frame: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        known = [entry for entry in self.log if entry["id"] == frame["id"]]
        entry = known[0] if known else self._append(**_message_of(frame))
        told = {name: entry[name] for name in ("id", "seq", "timestamp")}
        return {"action": "ack", "of": "sendMessage", **told}

    def _identify(self, frame: dict[str, Any]) -> dict[str, Any]:
        entry = self._append(kind="identified", user_info=frame["userInfo"], **{"from": f"visitor-{CONTACT}"})
        return {"action": "ack", "of": "identify", "id": frame["id"], "seq": entry["seq"]}

    def _receipt(self, frame: dict[str, Any]) -> None:
        self.marks = {mark: max(self.marks[mark], frame[mark]) for mark in self.marks}


def _message_of(frame: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "message", "id": frame["id"], "message": frame["message"], "from": f"visitor-{CONTACT}"}


def _without(entry: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != name}
