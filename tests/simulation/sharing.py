"""What sellers keep together: the tags of a contact, and the replies of a team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from chat.model.sellers import SharedReplies, SharedReply
from tests.simulation.courses import Course
from tests.simulation.kernel import Invocation, current
from tests.simulation.world import Violation

Tags = frozenset[str]


@dataclass
class TagsWatch:
    """Sees which tags contacts have, and which are told."""

    now: Callable[[], float]
    kept: defaultdict[str, Course[Tags]] = field(default_factory=lambda: defaultdict(lambda: Course(Tags())))

    def were_kept(self, contact_id: str, tags: Tags) -> None:
        """A contact has other tags."""
        self.kept[contact_id].becomes(tags, self.now())

    def told(self, contact_id: str, tags: Sequence[str], since: float) -> None:
        """Raises `Violation`."""
        course = self.kept[contact_id].since(since)
        if Tags(tags) not in course or list(tags) != sorted(tags):
            raise Violation(f"tags are told as they are: {contact_id} is told to have {tags}, and has {course}")

    def acknowledged(self, frame: Mapping[str, Any], since: float) -> None:
        """Raises `Violation`."""
        course = self.kept[frame["contact_id"]].since(since)
        has = [frame.get("add") in tags if "add" in frame else frame["remove"] not in tags for tags in course]
        if not any(has):
            raise Violation(f"acknowledged is durable: {frame} made no difference")

    def refused(self, frame: Mapping[str, Any], since: float, most: int) -> None:
        """A tag is said to be one too many. Raises `Violation`."""
        if all(len(tags) < most or frame["add"] in tags for tags in self.kept[frame["contact_id"]].since(since)):
            raise Violation(f"a refusal is true: {frame} was not one too many")


@dataclass
class RepliesWatch:
    """Sees how the list of a team changes, and what is told of it."""

    now: Callable[[], float]
    kept: Course[SharedReplies] = field(default_factory=lambda: Course(SharedReplies()))
    by: dict[int, Invocation] = field(default_factory=dict)

    def were_kept(self, after: SharedReplies) -> None:
        """The list is another one. Raises `Violation`."""
        if after.version != self.kept.last.version + 1:
            raise Violation(f"replies change one by one: version {after.version} follows {self.kept.last.version}")
        self.kept.becomes(after, self.now())
        self.by[after.version] = current()

    def told(self, answer: Mapping[str, Any], since: float) -> None:
        """Raises `Violation`."""
        told = (answer["version"], [each["id"] for each in answer["replies"]])
        held = [(each.version, [reply.id for reply in each.all]) for each in self.kept.since(since)]
        if told not in held:
            raise Violation(f"replies are told as they are: {told}, and they were {held}")

    def acknowledged(self, frame: Mapping[str, Any], since: float) -> None:
        """Raises `Violation`."""
        held = self.kept.since(since)
        if not any(_is_so(each, frame) for each in held):
            raise Violation(f"acknowledged is durable: {frame} made no difference")
        for before, after in pairwise(held):
            if self.by[after.version] is current() and _changed_in(before, frame["id"]) > frame["base"]:
                raise Violation(f"what somebody changed is not written over: {frame}, after {before.version}")

    def refused(self, frame: Mapping[str, Any], since: float) -> None:
        """A change is said to come too late. Raises `Violation`."""
        if all(_changed_in(each, frame["id"]) <= frame["base"] for each in self.kept.since(since)):
            raise Violation(f"a refusal is true: nobody had changed what {frame} is about")

    def was_full(self, most: int, since: float) -> bool:
        """Whether a team shared as many replies as it may."""
        return any(len(each.all) >= most for each in self.kept.since(since))


def _known(replies: SharedReplies, reply_id: str) -> SharedReply | None:
    return next((each for each in replies.all if each.id == reply_id), None)


def _is_so(replies: SharedReplies, frame: Mapping[str, Any]) -> bool:
    known = _known(replies, frame["id"])
    return (known.text if known else None) == frame.get("text")


def _changed_in(replies: SharedReplies, reply_id: str) -> int:
    """The version that changed a reply last; of one that is not there, the last that took any away."""
    known = _known(replies, reply_id)
    return known.version if known else replies.removed_in
