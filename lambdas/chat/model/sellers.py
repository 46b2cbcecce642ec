"""Sellers: their team, their availability and how much they can carry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chat.model.hours import Hours
from chat.model.timestamps import epoch_seconds

FRESH_SECONDS = 150
"""A seller not heard of for this long is not there, whatever they said last: two heartbeats of a minute may be lost."""


class Availability(StrEnum):
    """What sellers say of themselves."""

    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"


@dataclass(frozen=True)
class Seller:
    """A registered seller.

    Of at most `capacity` contacts the seller has `open_count`; `heartbeat_at` is in epoch seconds; `last_assigned` is
    ISO 8601 or empty; `drained_to` is where the queue stopped that had no time for all at the last heartbeat, or empty.
    `hours` is None for around the clock. `name` is for people, and may be empty.
    """

    id: str
    team: str
    capacity: int
    open_count: int = 0
    availability: Availability = Availability.OFFLINE
    heartbeat_at: int = 0
    last_assigned: str = ""
    hours: Hours | None = None
    drained_to: str = ""
    name: str = ""

    @property
    def room(self) -> int:
        """How many more contacts the seller can carry."""
        return max(0, self.capacity - self.open_count)

    @property
    def has_room(self) -> bool:
        """Whether the seller can carry one more contact."""
        return self.room > 0

    def is_working(self, now: datetime) -> bool:
        """Whether it is within the seller's hours."""
        return self.hours is None or self.hours.are_open(now)

    def is_heard_of(self, now: datetime) -> bool:
        """Whether the seller was heard of lately, whatever they say of themselves."""
        return epoch_seconds(now) - self.heartbeat_at <= FRESH_SECONDS

    def is_there(self, now: datetime) -> bool:
        """Whether the seller is online and was heard of lately."""
        return self.availability is Availability.ONLINE and self.is_heard_of(now)

    def is_available(self, now: datetime) -> bool:
        """Whether the seller may be given a contact now, room aside."""
        return self.is_there(now) and self.is_working(now)


@dataclass(frozen=True)
class SharedReply:
    """What the sellers of a team write often; `version` is that of the list which changed it last."""

    id: str
    name: str
    text: str
    version: int


@dataclass(frozen=True)
class SharedReplies:
    """What the sellers of a team share. Each change raises `version`; `removed_in` is the last that took one away."""

    version: int = 0
    removed_in: int = 0
    all: tuple[SharedReply, ...] = ()

    def having(self, reply_id: str, name: str, text: str) -> SharedReplies:
        """The next version, with a reply as it is to be: in its place, or at the end."""
        new = SharedReply(reply_id, name, text, self.version + 1)
        known = any(each.id == reply_id for each in self.all)
        changed = tuple(new if each.id == reply_id else each for each in self.all)
        return replace(self, version=new.version, all=changed if known else (*self.all, new))

    def without(self, reply_id: str) -> SharedReplies:
        """The next version, without a reply."""
        version = self.version + 1
        return SharedReplies(version, version, tuple(each for each in self.all if each.id != reply_id))
