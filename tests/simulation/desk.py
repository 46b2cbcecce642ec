"""What sellers do at their desks: they put contacts away, tag them, share replies, and look at what was before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from chat.model.entries import Entry, State, Status
from chat.model.identity import Role
from chat.model.inbox import Snooze
from chat.model.timestamps import iso
from tests.doubles.machine import START
from tests.simulation.asides import CLOCKS_DIFFER, MARK
from tests.simulation.day import (
    CALM,
    CHAOS,
    DAY,
    EARLIER_PAGE,
    HEARTBEAT,
    IDLE,
    KEPT,
    LISTS_LAG,
    MOST_REPLIES,
    MOST_TAGS,
    SELLERS,
    TEAM,
)
from tests.simulation.sharing import RepliesWatch, TagsWatch
from tests.simulation.snoozes import SnoozesWatch, seconds_of
from tests.simulation.world import Violation

if TYPE_CHECKING:
    from tests.simulation.shop import Asked, Shop

TAGS = tuple(f"{MARK} {number}" for number in range(3))
REPLIES = ("r0", "r1", "r2")
COMES_OFTEN = ("starts again", "closes", "starts again", "closes", "starts again", "writes")
Check = Callable[["Asked", Mapping[str, Any], float], None]
"""Sees whether what somebody asked is answered as things were since a time. Raises `Violation`."""
LAST_TO_ASK = CHAOS + CALM - 30
"""Who asks later is perhaps not answered before it is looked whether everybody was."""


class Desk:
    """The sellers of a schedule at their desks, by random numbers of their own."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._random = shop.chances.stream("desk")
        self._there: set[str] = set()
        self._known: dict[str, int] = {}
        self._met: set[str] = set()

        def now() -> float:
            return shop.kernel.now

        self.snoozes = SnoozesWatch(now, shop.chances.cover, KEPT, IDLE)
        self.tags = TagsWatch(now)
        self.replies = RepliesWatch(now)
        self._checks: Mapping[str, Check] = {
            "snooze": self._put,
            "inbox": self._listed,
            "tag": self._tagged,
            "replies": self._told_of_replies,
            "shareReply": self._shared,
            "earlier": self._told_of_before,
            "readEarlier": self._read_before,
        }
        self._checks_of_refusals: Mapping[tuple[str, str], Check] = {
            ("snooze", "contact_closed"): self._not_put_away_as_closed,
            ("snooze", "bad_field"): self._not_put_away_until,
            ("tag", "too_large"): self._one_tag_too_many,
            ("shareReply", "too_large"): self._one_reply_too_many,
            ("shareReply", "bad_field"): self._changed_before,
            ("readEarlier", "forbidden"): self._kept_from_before,
        }

    # -- what they do

    def plan(self) -> None:
        """Plan the day's work."""
        random, step = self._random, self._shop.step
        for _ in range(random.randint(4, 10)):
            at, name = random.uniform(30, CHAOS), random.choice(SELLERS)
            what = random.choice(("puts away", "puts away", "puts away", "tags", "shares", "shares", "looks back"))
            step(at, f"{name} {what}", partial(self._does, name, what))
            # Two devices of theirs at once.
            if random.random() < 0.5:
                again = at + random.uniform(0, 0.2)
                step(again, f"{name} {what}, too", partial(self._does, name, what))
        for name in SELLERS:
            # The lists lag no more.
            self._shop.kernel.at(CHAOS + LISTS_LAG + 10, partial(self._look, name))
        if random.random() < 0.4:
            self._plan_regular(random.randrange(self._shop.visitors))
        if random.random() < 0.3:
            step(random.uniform(CHAOS - 120, CHAOS), "somebody leaves for the night", self._leave_for_the_night)
        for _ in range(2):
            visitor = random.randrange(self._shop.visitors)
            what = random.choice(("snooze", "tag", "earlier", "shareReply"))
            step(random.uniform(30, CHAOS), f"visitor {visitor} asks for {what}", partial(self._pry, visitor, what))

    def _plan_regular(self, visitor: int) -> None:
        """A visitor who comes again and again, once for one seller alone."""
        at, seller = self._random.uniform(30, 100), self._random.choice(SELLERS)
        comes = ((seller, "starts again"), (seller, "closes"), *((TEAM, what) for what in COMES_OFTEN))
        for target, what in comes:
            does = partial(self._shop.visitor_comes, visitor, target, what)
            self._shop.step(at, f"visitor {visitor} {what} with {target}", does)
            at += self._random.uniform(5, 50)
        for name in SELLERS:
            self._shop.step(at, f"{name} looks back", partial(self._does, name, "looks back"))

    def came(self, name: str) -> None:
        """A seller is there, whose device then reads what there is."""
        self._there.add(name)
        # The next day nobody looks: what is forgotten has to be put away without a list that finds it.
        if self._shop.kernel.now < CHAOS + CALM:
            self._shop.kernel.at(0.5, partial(self._look, name))

    def left(self, name: str) -> None:
        """A seller is not there any more."""
        self._there.discard(name)

    def meet_check_up(self, contact_id: str) -> None:
        """The check-up of a contact has come: perhaps its seller puts away, at this very moment, what is idle."""
        shop, newest = self._shop, self._shop.logs[contact_id][-1]
        idle_at = max(shop.written_at[contact_id] + IDLE, self.snoozes.stays_until(contact_id))
        is_idle = newest.state.status is Status.OPEN and idle_at - CLOCKS_DIFFER < shop.kernel.now
        if is_idle and contact_id not in self._met and self._random.random() < 0.5:
            self._met.add(contact_id)
            self._later(self._random.uniform(0, 0.05), partial(self._put_away, str(newest.state.seller), newest))

    def meet_word(self, contact_id: str) -> None:
        """Somebody writes in a contact or closes it: perhaps its seller puts it away at this very moment."""
        newest = self._shop.logs[contact_id][-1]
        if newest.state.status is Status.OPEN and self._random.random() < 0.1:
            away, known = self._random.uniform(5, 60), len(self._shop.logs[contact_id])
            self._later(0, partial(self._put_away_for, away, str(newest.state.seller), contact_id, known))

    def _does(self, name: str, what: str) -> None:
        last = [log[-1] for log in self._shop.logs.values()]
        newest = [entry for entry in last if entry.state.status is not Status.CLOSED]
        own = [entry for entry in newest if entry.state.seller == name]
        readable = own + [entry for entry in newest if _is_for(entry.state, name) and entry.state.seller is None]
        match what:
            case "shares":
                self._share(name)
            case "puts away" if own:
                self._put_away(name, self._random.choice(own))
            case "tags" if readable:
                self._tag(name, self._random.choice(readable).contact_id)
            case "looks back" if readable:
                before = [entry for entry in readable if self._chain(entry.contact_id)] or readable
                self._ask(name, {"action": "earlier", "contact_id": self._random.choice(before).contact_id})

    def _leave_for_the_night(self) -> None:
        """A seller puts away until tomorrow what they have just answered."""
        last = [log[-1] for log in self._shop.logs.values()]
        if open_ones := [entry for entry in last if entry.state.status is Status.OPEN]:
            newest = self._random.choice(open_ones)
            name = str(newest.state.seller)
            # Who vanishes loses what they have never answered.
            self._shop.seller_does_to(name, newest.contact_id, "writes")
            known = len(self._shop.logs[newest.contact_id])
            self._later(2, partial(self._put_away_for, DAY - 60, name, newest.contact_id, known))

    def _put_away(self, name: str, newest: Entry) -> None:
        random = self._random
        away = random.choice((random.uniform(5, 60), random.uniform(5, 60), random.uniform(60, 600)))
        # A cursor of a moment ago: others have written since.
        known = max(0, len(self._shop.logs[newest.contact_id]) - random.choice((0, 0, 1, 2)))
        until = self._put_away_for(away, name, newest.contact_id, known)
        if random.random() < 0.6:
            self._go_on(name, newest, until)

    def _put_away_for(self, away: float, name: str, contact_id: str, known: int) -> str:
        """Until when (ISO 8601) a seller who knows so many entries wants a contact to be away."""
        until = self._time(away)
        frame = {"action": "snooze", "contact_id": contact_id, "until": until, "base": known}
        self._ask(name, frame | {"id": self._shop.mint()})
        return until

    def _go_on(self, name: str, newest: Entry, until: str) -> None:
        """Something happens to what is put away: while that is under way, or a while after."""
        random, contact_id = self._random, newest.contact_id
        soon = random.choice((random.uniform(0, 0.1), random.uniform(0, 1), random.uniform(0, 20)))
        visitor, requested = newest.state.visitor, newest.state.requested
        goes_on: tuple[Callable[[], object], ...] = (
            partial(self._ask, name, {"action": "snooze", "contact_id": contact_id, "ends": until}),
            partial(self._ask, name, {"action": "snooze", "contact_id": contact_id}),
            partial(self._shop.visitor_does, visitor, requested, "writes"),
            partial(self._shop.visitor_does, visitor, requested, "is known"),
            partial(self._shop.seller_does_to, name, contact_id, "writes"),
            partial(self._shop.seller_does_to, name, contact_id, "closes"),
            partial(self._shop.seller_does_to, name, contact_id, "hands over"),
            partial(self._does, name, "puts away"),
        )
        self._later(soon, random.choice(goes_on))

    def _look(self, name: str) -> None:
        """A device of a seller's reads the list of what is open."""
        if name in self._there:
            life = self._shop.present[name]
            frame = {"action": "inbox", **self._random.choice(({"tails": True}, {"lines": True}))}
            self._ask(name, frame, lambda: self._shop.present[name] == life)

    def _tag(self, name: str, contact_id: str) -> None:
        does = self._random.choice(("add", "add", "remove"))
        self._ask(name, {"action": "tag", "contact_id": contact_id, does: self._random.choice(TAGS)})

    def _share(self, name: str) -> None:
        random = self._random
        if name not in self._known or random.random() < 0.2:
            self._ask(name, {"action": "replies"})
        frame = {"action": "shareReply", "id": random.choice(REPLIES), "base": self._known.get(name, 0)}
        text = {"name": "hello", "text": f"{MARK}: {self._shop.mint()}"}
        self._ask(name, frame | random.choice((text, text, {})))

    def _pry(self, visitor: int, action: str) -> None:
        fields: Mapping[str, dict[str, Any]] = {
            "snooze": {"until": self._time(60)},
            "tag": {"add": TAGS[0]},
            "shareReply": {"base": 0},
        }
        self._shop.pry(visitor, {"action": action, **fields.get(action, {})})

    def _time(self, seconds: float) -> str:
        return iso(START + timedelta(seconds=self._shop.kernel.now + seconds))

    def _ask(self, name: str, frame: dict[str, Any], repeats: Callable[[], bool] = lambda: True) -> None:
        self._shop.ask_as_seller(name, frame, repeats)

    def _later(self, delay: float, call: Callable[[], object]) -> None:
        if not LAST_TO_ASK < self._shop.kernel.now + delay < CHAOS + CALM:
            self._shop.kernel.at(delay, call)

    # -- what comes of it

    def noted(self, contact_id: str, snooze: Snooze) -> None:
        """A snooze is noted. Raises `Violation`."""
        self.snoozes.was_noted(contact_id, snooze, self._shop.logs[contact_id])

    def pushed(self, name: str, frame: Mapping[str, Any], began: float) -> None:
        """A seller's other device is told something. Raises `Violation`."""
        if frame["action"] == "snooze":
            self.snoozes.told(frame["contact_id"], frame, began)
            self._will_look(name, frame)
        elif frame["action"] == "tag":
            self.tags.told(frame["contact_id"], frame["tags"], began)

    def answered(self, asked: Asked, answer: Mapping[str, Any], began: float) -> None:
        """A seller is answered. Raises `Violation`."""
        if asked.person.role is not Role.SELLER:
            return
        if answer["action"] == "error":
            self._refused(asked, answer, began)
        elif check := self._checks.get(asked.action):
            check(asked, answer, began)

    def check_calm(self) -> None:
        """Some heartbeats after the last fault. Raises `Violation`."""
        long_ago = self._shop.kernel.now - 3 * HEARTBEAT
        for contact_id in self.snoozes.overdue(long_ago):
            seller = str(self._shop.logs[contact_id][-1].state.seller)
            if seller in self._there and self._shop.came_at[seller] < long_ago:
                raise Violation(f"what was put away comes back once: {seller} has not seen {contact_id}")

    def _put(self, asked: Asked, answer: Mapping[str, Any], began: float) -> None:
        frame = asked.frame
        self.snoozes.told(frame["contact_id"], answer, began)
        if "until" in frame:
            self.snoozes.acknowledged(frame, answer, self._shop.logs[frame["contact_id"]])
        self._will_look(asked.person.user_id, answer)

    def _will_look(self, name: str, told: Mapping[str, Any]) -> None:
        """A device that knows of a snooze looks at the contact when its time comes."""
        if "until" in told:
            left = max(0.0, seconds_of(told["until"]) - self._shop.kernel.now)
            self._later(left + self._random.uniform(0.5, 2), partial(self._look, name))

    def _listed(self, asked: Asked, answer: Mapping[str, Any], began: float) -> None:
        for item in answer["contacts"]:
            self._is_listed(asked, item, began)

    def _is_listed(self, asked: Asked, item: Mapping[str, Any], began: float) -> None:
        contact_id, snooze, name = item["contact_id"], item.get("snooze"), asked.person.user_id
        if any(each.state.seller != name or each.id == "put away" for each in self._shop.since(contact_id, began)):
            return
        self.snoozes.told(contact_id, snooze or {}, began)
        if "lines" in asked.frame and "line" in item:
            self.tags.told(contact_id, item.get("tags", []), began)
        if snooze and seconds_of(snooze["until"]) <= self._shop.kernel.now:
            # It is back, and now they have seen it.
            seen = {"action": "snooze", "contact_id": contact_id, "ends": snooze["until"]}
            self._later(0, partial(self._ask, name, seen))
        elif snooze:
            self._will_look(name, snooze)

    def _tagged(self, asked: Asked, answer: Mapping[str, Any], began: float) -> None:
        self.tags.told(asked.frame["contact_id"], answer["tags"], began)
        self.tags.acknowledged(asked.frame, began)

    def _told_of_replies(self, asked: Asked, answer: Mapping[str, Any], began: float) -> None:
        self._known[asked.person.user_id] = answer["version"]
        self.replies.told(answer, began)

    def _shared(self, asked: Asked, answer: Mapping[str, Any], began: float) -> None:
        self._told_of_replies(asked, answer, began)
        self.replies.acknowledged(asked.frame, began)

    # -- what is refused

    def _refused(self, asked: Asked, answer: Mapping[str, Any], began: float) -> None:
        if check := self._checks_of_refusals.get((asked.action, answer["code"])):
            check(asked, answer, began)
        contact_id, snooze_id = asked.frame.get("contact_id", ""), asked.frame.get("id", "")
        is_put_away = asked.action == "snooze" and self.snoozes.is_away_by(contact_id, snooze_id)
        if is_put_away and asked.is_alone(began):
            raise Violation(f"what is refused is not stored: {contact_id} is away by {snooze_id} ({answer['code']})")

    def _not_put_away_as_closed(self, asked: Asked, _answer: Mapping[str, Any], began: float) -> None:
        contact_id = asked.frame["contact_id"]
        if not any(each.state.status is Status.CLOSED for each in self._shop.since(contact_id, began)):
            raise Violation(f"a refusal is true: {contact_id} was not closed")

    def _not_put_away_until(self, asked: Asked, answer: Mapping[str, Any], _began: float) -> None:
        until = asked.frame["until"]
        left = seconds_of(until) - self._shop.kernel.now
        if answer["field"] == "until" and CLOCKS_DIFFER < left < DAY - IDLE:
            raise Violation(f"a refusal is true: {until} is to come, and soon")

    def _one_tag_too_many(self, asked: Asked, _answer: Mapping[str, Any], began: float) -> None:
        self.tags.refused(asked.frame, began, MOST_TAGS)
        self._shop.chances.cover("refused: one tag too many")

    def _one_reply_too_many(self, asked: Asked, _answer: Mapping[str, Any], began: float) -> None:
        if not self.replies.was_full(MOST_REPLIES, began):
            raise Violation(f"a refusal is true: {asked.frame} was not one too many")
        self._shop.chances.cover("refused: one shared reply too many")

    def _changed_before(self, asked: Asked, _answer: Mapping[str, Any], began: float) -> None:
        self.replies.refused(asked.frame, began)
        self._shop.chances.cover("refused: a change of what somebody changed")

    # -- what was before

    def _told_of_before(self, asked: Asked, answer: Mapping[str, Any], began: float) -> None:
        frame, name = asked.frame, asked.person.user_id
        chain, chain_of = self._chain(frame["contact_id"]), self._shop.logs[frame["contact_id"]][0].state
        behind = chain[chain.index(frame["after"]) + 1 :] if "after" in frame else chain
        told = [each["contact_id"] for each in answer["contacts"]]
        if told != [each for each in behind if each in told]:
            raise Violation(f"what was before is told in its order: {told} of {behind}")
        for contact_id in told:
            if not self._could_read(name, contact_id, began):
                raise Violation(f"what goes on, or is a colleague's, is not told of as before: {contact_id} to {name}")
        looked_at = behind[:EARLIER_PAGE]
        missing = [each for each in looked_at if each not in told and self._may_read_for_sure(name, each, began)]
        if missing:
            raise Violation(f"what was before is told in its order: {missing} of {behind} are not there")
        cover = self._shop.chances.cover
        if told:
            cover("what was before is told")
        theirs = [each for each, log in self._shop.logs.items() if _is_of_the_same(log[0].state, chain_of)]
        # What they had with somebody else, if they did.
        others = [each for each in theirs if not _is_alike(self._shop.logs[each][0].state, chain_of)] or theirs
        for earlier in dict.fromkeys((*told, self._random.choice(others))):
            read = {"action": "readEarlier", "contact_id": frame["contact_id"], "earlier": earlier}
            self._later(
                self._random.uniform(0, 20), partial(self._ask, name, read | {"after": self._random.choice((0, 1))})
            )
        if "next" in answer:
            cover("what was before goes on")
            self._later(0, partial(self._ask, name, {**frame, "after": answer["next"]}))

    def _read_before(self, asked: Asked, answer: Mapping[str, Any], began: float) -> None:
        earlier, after, name = asked.frame["earlier"], asked.frame["after"], asked.person.user_id
        if not self._could_read(name, earlier, began):
            raise Violation(f"what goes on, or is a colleague's, is not told of as before: {earlier} to {name}")
        log = [entry.id for entry in self._shop.logs[earlier] if entry.seq > after and entry.id != "put away"]
        read = [each["id"] for each in answer["entries"]]
        if read != log[: len(read)] and earlier != "old":
            raise Violation(f"what was before is told in its order: {read} of {log}")
        self._shop.chances.cover("what was before is read")

    def _kept_from_before(self, asked: Asked, _answer: Mapping[str, Any], began: float) -> None:
        frame, name = asked.frame, asked.person.user_id
        is_own = all(each.state.seller == name for each in self._shop.since(frame["contact_id"], began))
        if is_own and self._may_read_for_sure(name, frame["earlier"], began):
            raise Violation(f"a refusal is true: {frame['earlier']} was {name}'s to read")
        self._shop.chances.cover("refused: to read as before what goes on, or is a colleague's")

    def _chain(self, contact_id: str) -> list[str]:
        """What the visitor of a contact had before it with the same seller or team, the newest first."""
        logs = self._shop.logs
        ids, state = list(logs), logs[contact_id][0].state
        alike = [each for each in ids[: ids.index(contact_id)] if _is_alike(logs[each][0].state, state)]
        return alike[::-1]

    def _could_read(self, name: str, contact_id: str, since: float) -> bool:
        return any(_may_read(each, name) for each in self._shop.since(contact_id, since))

    def _may_read_for_sure(self, name: str, contact_id: str, since: float) -> bool:
        return all(_may_read(each, name) for each in self._shop.since(contact_id, since))


def _is_for(state: State, name: str) -> bool:
    return state.asked in {name, TEAM}


def _may_read(newest: Entry, name: str) -> bool:
    """Whether a seller may read a contact as what was before, where the same visitor has another one now."""
    state = newest.state
    return state.status is Status.CLOSED and (state.seller == name or _is_for(state, name))


def _is_of_the_same(one: State, other: State) -> bool:
    return one.visitor == other.visitor


def _is_alike(one: State, other: State) -> bool:
    return (one.visitor, one.requested) == (other.visitor, other.requested)
