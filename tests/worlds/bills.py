"""What every action is billed by. tests/unit/handlers/together/test_requests.py holds the functions to it.

What is said of costs (docs/stacks.md, docs/cost.md) is reckoned from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chat.model.identity import Principal, Role, reference_of
from chat.model.timestamps import iso
from tests.worlds.deployment import SELLER, VISITOR


@dataclass(frozen=True)
class Bill:
    """Units read and written, posts and their bytes, bytes of the answer, and how many requests waited for another."""

    reads: float = 0
    writes: int = 0
    posts: int = 0
    posted: int = 0
    answered: int = 0
    steps: int = 0


STRANGER = Principal("device-7c9e6679-7425-40de-944b-e07fc1f90ae7", Role.VISITOR)
BILLS: dict[str, tuple[Principal, dict[str, Any], Bill]] = {
    "InitChat": (
        STRANGER,
        {"sellerId": "123456", "userInfo": {"name": "Bo"}},
        Bill(reads=5, writes=15, posts=1, posted=369, answered=288, steps=6),
    ),
    "sendMessage": (
        VISITOR,
        {"message": "Hello", "id": "m1", "base": 2},
        Bill(reads=2, writes=1, posts=1, posted=222, answered=155, steps=3),
    ),
    "identify": (
        VISITOR,
        {"userInfo": {"plan": "gold"}, "id": "m1", "base": 2},
        Bill(reads=2, writes=1, posts=1, posted=239, answered=152, steps=3),
    ),
    "sync": (VISITOR, {"after": 2}, Bill(reads=1, answered=233, steps=1)),
    "receipt": (
        SELLER,
        {"delivered": 2, "read": 2},
        Bill(reads=2, writes=1, posts=1, posted=111, steps=3),
    ),
    "typing": (SELLER, {}, Bill(reads=1.5, posts=1, posted=101, steps=3)),
    "typing, with a receipt": (SELLER, {"read": 2}, Bill(reads=2, writes=1, posts=1, posted=124, steps=3)),
    "inbox": (SELLER, {}, Bill(reads=0.5, answered=226, steps=1)),
    "inbox, with lines": (SELLER, {"lines": True}, Bill(reads=2.5, answered=389, steps=3)),
    "inbox, with tails": (SELLER, {"tails": True}, Bill(reads=1.5, answered=327, steps=2)),
    "inbox, with both": (SELLER, {"lines": True, "tails": True}, Bill(reads=2.5, answered=490, steps=3)),
    "inbox, with the queue": (SELLER, {"queued": True}, Bill(reads=2, answered=254, steps=2)),
    "inbox, with tails and the queue": (
        SELLER,
        {"tails": True, "queued": True},
        Bill(reads=3, answered=355, steps=2),
    ),
    "inbox, every minute": (
        SELLER,
        {"tails": True, "queued": True, "beat": True},
        Bill(reads=3.5, writes=2, answered=422, steps=4),
    ),
    # Something of it changes each time, and with it what the index has.
    "presence": (SELLER, {"status": "away"}, Bill(reads=0.5, writes=2, answered=73, steps=2)),
    "team": (SELLER, {}, Bill(reads=2, answered=200, steps=3)),
    "closeChat": (SELLER, {"id": "m1", "base": 2}, Bill(reads=2, writes=9, posts=1, posted=169, answered=153, steps=3)),
    "transferChat": (
        SELLER,
        {"to": "colleague", "id": "m1", "base": 2},
        Bill(reads=4.5, writes=9, posts=2, posted=396, answered=200, steps=6),
    ),
    # One that the seller has already; to take one that waits is below.
    "takeChat": (SELLER, {"id": "m1", "base": 2}, Bill(reads=3, answered=152, steps=3)),
    "note": (
        SELLER,
        {"text": "Wants a refund", "id": "n1", "base": 0},
        Bill(reads=2.5, writes=4, answered=189, steps=4),
    ),
    "tag": (SELLER, {"add": "refund"}, Bill(reads=2.5, writes=4, answered=91, steps=4)),
    "snooze": (
        SELLER,
        {"until": iso(datetime.now(UTC) + timedelta(hours=14)), "id": "s1", "base": 2},
        Bill(reads=1.5, writes=2, answered=121, steps=3),
    ),
    "notes": (SELLER, {}, Bill(reads=2, answered=113, steps=2)),
    # Of a contact before which there was another.
    "earlier": (SELLER, {}, Bill(reads=4, answered=281, steps=3)),
    "readEarlier": (SELLER, {}, Bill(reads=3, answered=843, steps=3)),
    "replies": (SELLER, {}, Bill(reads=2, answered=68, steps=2)),
    "shareReply": (
        SELLER,
        {"id": "r1", "base": 0, "name": "hello", "text": "Hello {name}"},
        Bill(reads=2, writes=1, answered=136, steps=3),
    ),
    "blockVisitor": (
        SELLER,
        {"minutes": 60, "reason": "Insults"},
        Bill(reads=4, writes=11, posts=2, posted=444, answered=166, steps=6),
    ),
    "unblockVisitor": (SELLER, {"visitor": reference_of(VISITOR.user_id)}, Bill(writes=1, answered=77, steps=1)),
    "search": (SELLER, {"query": "Ana"}, Bill(reads=1.5, answered=423, steps=2)),
    "blocks": (SELLER, {}, Bill(reads=0.5, answered=34, steps=1)),
    "signOut": (SELLER, {}, Bill(reads=0.5, writes=2, steps=3)),
    "ping": (VISITOR, {}, Bill(answered=18)),
}
"""Every action, in a conversation of a visitor and a seller with one connection each, by a warm function."""
