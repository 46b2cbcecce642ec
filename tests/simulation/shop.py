"""The whole back end on virtual time: frames, connections, events, check-ups, queue, capacity, clocks and expiry.

Everything that runs in a function runs here as it does there: over stores that lag, refuse, lose answers and die at any
request, told of by a stream that repeats itself. `python -m tests.simulation days 0:1000` runs schedules.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any, TypeVar, cast
from unittest.mock import patch

import msgspec
from botocore.exceptions import BotoCoreError

from chat.adapters.dynamodb.conversations import entry_item
from chat.adapters.dynamodb.keys import listing_key
from chat.contacts import holding
from chat.events import TYPES
from chat.lists import earlier
from chat.model.entries import Entry, EntryKind, State, Status
from chat.model.identity import Principal, Role, reference_of
from chat.model.inbox import Listing, Place
from chat.model.metrics import Metric
from chat.model.rates import Rate
from chat.model.sellers import FRESH_SECONDS, Seller
from chat.model.settings import Settings
from chat.model.timestamps import epoch_seconds, iso
from chat.ports.conversations import Change, Current
from chat.ports.errors import ConnectionGoneError
from chat.ports.limits import Block
from chat.ports.machine import Journal, Runtime
from chat.ports.strategies import Ask
from chat.services import Ports, Services
from chat.team import STRATEGIES, queue, replies, tags
from tests import events
from tests.doubles.machine import START, CountingIds
from tests.simulation.asides import MARK, BlocksWatch, NotesWatch
from tests.simulation.chances import Chances
from tests.simulation.day import (
    CALM,
    CHAOS,
    DAY,
    EARLIER_PAGE,
    HEARTBEAT,
    IDLE,
    KEPT,
    LEASE,
    LOOKED_AT,
    LOOKED_AT_WITHIN,
    MOST_REPLIES,
    MOST_TAGS,
    QUIET,
    RAREST,
    RETRY,
    SELLERS,
    TEAM,
    VISITORS,
)
from tests.simulation.deployed import (
    FAULTS,
    Blocks,
    CheckUps,
    Clock,
    Connections,
    Conversations,
    Directory,
    Notes,
    Pause,
    Picky,
    Sellers,
    Told,
    Wire,
)
from tests.simulation.desk import Desk
from tests.simulation.kernel import Invocation, Kernel, Threads, current
from tests.simulation.model import NEXT
from tests.simulation.sandboxes import REST_CALLS, Outside, Sandboxes, loaded
from tests.simulation.transport import Bus, Queue, Queues, Stream
from tests.simulation.world import Violation

T = TypeVar("T")
OLD_ENTRIES = 400
UNLIMITED = Rate(burst=1_000_000, per_second=1_000_000)
ASKED_FOR = (
    "InitChat", "sendMessage", "identify", "closeChat", "transferChat", "takeChat", "blockVisitor", "presence", "event",
    "check-up",
)  # fmt: skip
BESIDE_THE_LOG = (
    "note, keep", "blockVisitor, block", "unblockVisitor, lift", "snooze, snooze", "tag, tag", "tag, untag",
    "shareReply, keep replies",
)  # fmt: skip
AT_THE_DESK = ("snooze", "tag", "shareReply")
FATAL = ("killed before", "killed after", "busy", "answer lost")
INTERESTING = (
    *(f"{fault}: {action}, commit" for fault in FATAL for action in ASKED_FOR),
    *(f"lost in the client: {action}" for action in ASKED_FOR),
    # A new contact is not overtaken: nobody knows it.
    *(f"overtaken: {action}" for action in ASKED_FOR if action != "InitChat"),
    *(f"clock differs: {action}" for action in ASKED_FOR),
    *(f"clock steps back: {action}" for action in ASKED_FOR),
    *(f"invoked twice: {action}" for action in ASKED_FOR if action not in {"event", "check-up"}),
    *(f"reply lost: {action}" for action in ASKED_FOR if action not in {"presence", "event", "check-up"}),
    *(
        f"conflict beside a full seller: {each}"
        for each in ("InitChat", "transferChat", "takeChat", "presence", "event")
    ),
    *(f"{fault}: {each}" for fault in FATAL for each in ("publisher, put_events", "courier, deliver")),
    *(f"{fault}: {each}" for fault in FATAL for each in ("InitChat, register", "courier, register")),
    *(f"{fault}: {each}" for fault in FATAL for each in ("$connect, add", "$disconnect, remove")),
    *(f"{fault}: {each}" for fault in FATAL for each in BESIDE_THE_LOG),
    *(f"{fault}: note" for fault in ("overtaken", "clock differs", "clock steps back", "invoked twice", "reply lost")),
    *(f"{fault}: unblockVisitor" for fault in ("clock differs", "invoked twice", "reply lost")),
    *(f"refused to who is blocked: {action}" for action in ("InitChat", "sendMessage")),
    "who is blocked is turned away",
    *(f"{fault}: {action}" for fault in ("clock differs", "invoked twice", "reply lost") for action in AT_THE_DESK),
    *(f"overtaken: {action}" for action in ("snooze", "shareReply")),
    *(f"put away meanwhile: {action}" for action in ("check-up", "sendMessage", "closeChat")),
    *(
        f"a snooze that ended by {what}"
        for what in ("its time", "the visitor's word", "a closing", "a hand-over", "its contact's expiry")
    ),
    "a snooze that was taken back",
    "a snooze in the place of another",
    "a snooze of what had come back already",
    "a snooze that was over when it was answered",
    "refused: one tag too many",
    "refused: one shared reply too many",
    "refused: a change of what somebody changed",
    "refused: to read as before what goes on, or is a colleague's",
    *(f"what was before {what}" for what in ("is told", "is read", "goes on")),
    *(f"refused to a visitor: {action}" for action in ("note", "notes", "snooze", "tag", "earlier", "shareReply")),
    *(f"{fault}: event, hide" for fault in ("killed before", "killed after", "answer lost")),
    *(f"answered by REST: {action}" for action in REST_CALLS),
    *(f"handed in again: {what}" for what in ("event", "check-up", "courier")),
    *(f"a batch of several that died: {name}" for name in ("attendant", "courier")),
    *(f"a batch that failed in part: {name}" for name in ("attendant", "courier")),
    *(f"{fault}: {kind}" for fault in ("event late", "event twice") for kind in ("queued", "assigned", "closed")),
    *(f"inbox lags: {status}" for status in Status),
    "NumberTakenError: sendMessage",
    "NumberTakenError: closeChat",
    "SellerFullError: InitChat",
    "SellerFullError: transferChat",
    "team lags",
    "connections lag",
    "check-up twice",
    "check-up late",
    "check-up lost",
    "bus refuses",
    "bus refuses for good",
    "an event that is brought back",
    "shop refuses",
    "an event that the shop has already",
    "a contact without a check-up",
    "a drain that stopped",
    "a drain that came to the end",
    *(f"{what}: {who}" for what in ("directory down", "directory slow") for who in ("InitChat", "courier")),
    *(f"directory answers twice: {who}" for who in ("InitChat", "courier")),
    "directory knows it already",
    "disconnect missing",
    "expired and not deleted",
    "push gone",
)
"""What has to come about in a run of many schedules: each fault, in the moments in which it does most harm."""
SELDOM = {
    "check-up, commit": 5.0,
    "transferChat, commit": 3.0,
    "takeChat, commit": 5.0,
    "identify, commit": 3.0,
    "presence, commit": 2.0,
    "note, keep": 3.0,
    "reply lost: note": 4.0,
    "blockVisitor, commit": 5.0,
    "blockVisitor, block": 5.0,
    "unblockVisitor, lift": 5.0,
    "snooze, snooze": 5.0,
    "tag, tag": 5.0,
    "tag, untag": 8.0,
    "shareReply, keep replies": 5.0,
    "invoked twice: snooze": 3.0,
    "event, hide": 8.0,
    "lost in the client: transferChat": 3.0,
    "$disconnect, remove": 3.0,
    "inbox lags: queued": 3.0,
    "stalled: check-up": 8.0,
    "stalled: transferChat": 3.0,
    "stalled: takeChat": 5.0,
    "stalled: blockVisitor": 5.0,
}
"""Where there are few occasions, and how many times as often a fault strikes there."""
RETRYABLE = {"try_again", "slow_down"}
TOLD_TO_THE_ATTENDANT = {
    TYPES[kind]
    for kind in (EntryKind.QUEUED, EntryKind.ASSIGNED, EntryKind.TRANSFERRED, EntryKind.CLOSED, EntryKind.REOPENED)
}
KINDS = {name: kind for kind, name in TYPES.items()}
ONE_DRAIN = 8.0
DELIVERED_WITHIN = 300.0
UNTOLD = {"of", "forget", "register"}
"""Requests for connections, of which people may have many, and for the shop's."""
BUDGETS = {
    "InitChat": 20,
    "sendMessage": 34,
    "sync": 21,
    "closeChat": 7,
    "transferChat": 9,
    "takeChat": 9,
    "identify": 7,
    "note": 6,
    "notes": 5,
    "blockVisitor": 9,
    "unblockVisitor": 1,
    "snooze": 6,
    "tag": 8,
    "replies": 2,
    "shareReply": 3,
    "earlier": 12,
    "readEarlier": 12,
    "inbox": 20,
    "presence": 42,
    "check-up": 38,
    "event": 104,
    "publisher": 1,
    "courier": 3,
    "$connect": 1,
    "$disconnect": 6,
}
"""How many requests each may cost at most, look-ups of connections aside, where nothing goes wrong."""


IN_SMALL: tuple[tuple[Any, str, Any], ...] = (
    (queue, "MOST_LOOKED_AT", LOOKED_AT),
    (holding, "KEPT", timedelta(seconds=KEPT)),
    (holding, "RAREST", timedelta(seconds=RAREST)),
    (tags, "MOST_TAGS", MOST_TAGS),
    (replies, "MOST_REPLIES", MOST_REPLIES),
    (earlier, "PAGE", EARLIER_PAGE),
)
"""What is so large, or takes so long, that a day would never come to it."""


def _visitor(number: int) -> str:
    # As long as an id has to be that cannot be guessed.
    return f"visitor-0f8fad5bd9cb469f-{number}"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@dataclass
class Asked:
    """A frame that is sent in the same words until it is answered."""

    person: Principal
    connection: str
    frame: dict[str, Any]
    answer: dict[str, Any] | None = None
    under_way: int = 0
    ended_at: float = -1.0

    @property
    def action(self) -> str:
        return str(self.frame["action"])

    def is_alone(self, since: float) -> bool:
        """Whether no other attempt has been under way since the one that is looked at began."""
        return self.under_way == 1 and self.ended_at < since


class Strict:
    """A journal that keeps nothing, and takes no failure that nobody has thought of."""

    def note(self, event: str, **fields: str | int | float | bool | None) -> None:
        pass

    def measure(self, values: Mapping[Metric, float]) -> None:
        pass

    def failed(self, event: str, error: Exception, **_fields: str | int | float | bool | None) -> None:
        if not isinstance(error, BotoCoreError):
            raise Violation(f"no function fails in a way that nobody has thought of: {event}") from error


@dataclass(frozen=True)
class Variant:
    """What runs in place of the product's code: nothing, or a mutant."""

    name: str = "the product"
    build: Callable[[Ports], Services] = Services
    conversations: type[Conversations] = Conversations
    shop: type[Shop] | None = None
    patches: tuple[tuple[Any, str, Any], ...] = ()
    in_functions: tuple[tuple[str, str, Any], ...] = ()
    """What stands in the module of a function under a name, in the place of its own."""


@dataclass
class Shop:
    """One schedule. `skipped` are the numbers of planned steps that are left out."""

    random: Random
    chances: Chances
    variant: Variant
    patched: ExitStack
    skipped: frozenset[int] = frozenset()
    trace: Callable[[str], None] | None = None
    logs: dict[str, list[Entry]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    contacts: dict[tuple[str, str], str] = field(default_factory=dict)
    pending: dict[str, list[float]] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    present: dict[str, int] = field(default_factory=dict)
    came_at: dict[str, float] = field(default_factory=dict)
    full: set[str] = field(default_factory=set)
    full_until: dict[str, float] = field(default_factory=dict)
    planned: list[str] = field(default_factory=list)
    stands: dict[str, str] = field(default_factory=dict)
    set_aside: set[str] = field(default_factory=set)
    places: dict[str, Place] = field(default_factory=dict)
    written_at: dict[str, float] = field(default_factory=dict)
    stored_at: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    noted: dict[str, int] = field(default_factory=dict)
    closed: dict[str, float] = field(default_factory=dict)
    minted: int = 0
    most: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.kernel = Kernel(self.random)
        self.chances.now = lambda: self.kernel.now
        # What can strike only in few places has to strike there often.
        self.chances.boosts = SELDOM
        for rare in (
            "conflict beside a full seller",
            "lost in the client",
            "answer lost",
            "check-up lost",
            "dies at its end",
        ):
            self.chances.levels[rare] *= 3
        wire = Wire(self.kernel, self.chances)
        self.desk = Desk(self)
        self.store = self.variant.conversations(wire, self._committed, self._retired, self.desk.noted)
        self.sellers = self.store.table.sellers
        self.seller_store = Sellers(wire, self.sellers, self.desk.replies.were_kept)
        self.connections = Connections(wire)
        self.notes_watch = NotesWatch(lambda: self.kernel.now)
        self.blocks_watch = BlocksWatch(lambda: self.kernel.now)
        self.capacity = self.random.choice((1, 1, 2))
        self.kind = self.random.choice(("least_loaded", "sticky", "direct", "external"))
        self.visitors = VISITORS
        if self.kind == "external":
            # A crowd for whom the shop wants nobody, and nothing but heartbeats to look for who stands behind it.
            self.visitors = 2 * VISITORS
            self.chances.levels["check-up lost"] = self.random.choice((0.5, 0.8))
        self.wanted = self._some_visitors()
        strategy = Picky(self.kernel, self._is_wanted) if self.kind == "external" else STRATEGIES[self.kind]()
        for name in SELLERS:
            self.sellers.register(Seller(name, TEAM, self.capacity))
        self.needs_presence = strategy.needs_presence
        self.without_sockets = self._some_visitors()
        self.directory = Directory(wire)
        self.notes = Notes(wire, self.notes_watch.was_kept, self.desk.tags.were_kept)
        self.services = self.variant.build(
            Ports(
                store=self.store,
                connections=self.connections,
                sellers=self.seller_store,
                blocks=Blocks(wire, self._blocked, self.blocks_watch.lifted),
                notes=self.notes,
                push=self,
                directory=self.directory,
                check_ups=CheckUps(wire, self),
                strategy=strategy,
                settings=Settings(
                    retention_days=1, lease_seconds=LEASE, idle_seconds=IDLE,
                    visitor_rate=UNLIMITED, seller_rate=UNLIMITED,
                ),
                runtime=Runtime(
                    clock=Clock(self.chances),
                    ids=CountingIds("c"),
                    pause=Pause(self.kernel),
                    parallel=Threads(self.kernel),
                    journal=cast(Journal, Strict()),
                ),
            )
        )  # fmt: skip
        self.told = Told(wire)
        self.bus = Bus(wire, self._published)
        self.stream = Stream(self.kernel, self._invoke, self.publisher)
        self.attended = Queue("attendant", self.kernel, self.chances, self._invoke, self.attendant)
        self.brought_back = Queue("publisher", self.kernel, self.chances, self._invoke, self.publisher)
        self.carried = Queue("courier", self.kernel, self.chances, self._invoke, self.courier)
        queues = Queues(wire, self.attended.hide, self._set_aside)
        self.functions = Sandboxes(self.services, Outside(self.bus, queues, self.directory, self.told), self.patched)

    def tell(self, line: str) -> None:
        if self.trace:
            self.trace(f"{self.kernel.now:10.3f}  {line}")

    # -- the schedule

    def run(self) -> None:
        """From the first visitor to the day after. Raises `Violation`."""
        self._plan()
        self.kernel.run(CHAOS)
        self.chances.end()
        self.tell("nothing goes wrong from here on")
        self._stay(until=CHAOS + CALM)
        self.kernel.run(CHAOS + CALM)
        self._check_calm()
        self._everybody_leaves()
        self.kernel.run(CHAOS + CALM + QUIET)
        self._check_quiet()
        self.kernel.run(CHAOS + CALM + QUIET + 1.2 * DAY)
        self._check_next_day()
        self._hand_over()

    def step(self, at: float, what: str, call: Callable[[], object]) -> None:
        """Plan something that somebody does, unless it is left out."""
        number = len(self.planned)
        self.planned.append(f"{at:8.1f}  {what}")

        def do() -> None:
            self.tell(what)
            call()

        if number not in self.skipped:
            self.kernel.at(at, do)

    def _plan(self) -> None:
        random = self.random
        if random.random() < 0.3:
            self.step(0, "a log of long ago lies there, half of it expired", self._lay_old_log)
        for name in SELLERS:
            self._plan_seller(name)
        # All at once they fill the queue.
        last = random.choice((30.0, CHAOS - 200))
        for number in range(self.visitors):
            self._plan_visitor(_visitor(number), random.uniform(0, last))
        for _ in range(random.randint(2, 10)):
            at, name = random.uniform(30, CHAOS), random.choice(SELLERS)
            what = random.choice(("writes", "closes", "closes", "hands over", "hands over", "takes", "takes"))
            self.step(at, f"{name} {what}", partial(self._seller_does, name, what))
        for _ in range(2):
            at = random.uniform(60, CHAOS)
            self.step(at, "TTL deletes some of what has expired", self._delete_expired)
        self._plan_asides()
        self.desk.plan()

    def _plan_asides(self) -> None:
        """By numbers of their own, so that the other steps stay as they are."""
        random = self.chances.stream("asides")
        for _ in range(random.randint(2, 10)):
            at, name = random.uniform(30, CHAOS), random.choice(SELLERS)
            what = random.choice(("notes", "notes", "reads the notes", "blocks", "lifts a block"))
            self.step(at, f"{name} {what}", partial(self._seller_does, name, what))
            # Two devices of theirs at once.
            if what == "notes":
                again = at + random.uniform(0, 0.2)
                self.step(again, f"{name} notes, too", partial(self._seller_does, name, what))
        for _ in range(2):
            at, number = random.uniform(30, CHAOS), random.randrange(self.visitors)
            pries = partial(self.visitor_does, _visitor(number), TEAM, "pries")
            self.step(at, f"{_visitor(number)} asks for the notes", pries)

    def _plan_seller(self, name: str) -> None:
        random = self.random
        comes = random.uniform(0, 90)
        self.step(comes, f"{name} comes", partial(self._come, name))
        if random.random() < 0.5:
            leaves = random.uniform(comes + 30, CHAOS)
            self.step(leaves, f"{name} vanishes", partial(self._vanish, name))
            if random.random() < 0.5:
                back = random.uniform(leaves, CHAOS + 60)
                self.step(back, f"{name} comes back", partial(self._come, name))

    def _some_visitors(self) -> set[str]:
        return {_visitor(number) for number in range(self.visitors) if self.random.random() < 0.25}

    def _plan_visitor(self, name: str, at: float) -> None:
        random = self.random
        target = random.choice((TEAM, TEAM, TEAM, random.choice(SELLERS)))
        for tab in range(random.choice((1, 1, 2))):
            self.step(
                at + tab * random.uniform(0, 0.2), f"{name} starts with {target}", partial(self._start, name, target)
            )
        for _ in range(random.randint(0, 4)):
            what = random.choice(("writes", "writes", "closes", "starts again", "reads", "is known"))
            when = random.choice((random.uniform(0, 20), random.uniform(0, CHAOS - at)))
            self.step(at + when, f"{name} {what}", partial(self.visitor_does, name, target, what))
        if random.random() < 0.4:
            # The moment at which a close is easily taken for another.
            when = at + random.uniform(5, CHAOS - at)
            self.step(when, f"{name} closes", partial(self.visitor_does, name, target, "closes"))
            for what in random.sample(("writes", "closes", "starts again", "writes"), 3):
                at_once = when + random.uniform(0, 1)
                self.step(at_once, f"{name} {what}", partial(self.visitor_does, name, target, what))

    # -- people

    def _start(self, name: str, target: str) -> None:
        person = Principal(name, Role.VISITOR)
        self._connect(person, f"{name}-tab")
        frame = {"action": "InitChat", "sellerId": target, "userInfo": {"name": name}}
        self._send(Asked(person, f"{name}-tab", frame))

    def visitor_does(self, name: str, target: str, what: str) -> None:
        contact_id = self.contacts.get((name, target))
        if what == "starts again":
            self._start(name, target)
        elif contact_id and not (what == "pries" and name in self.without_sockets):
            self._do(Principal(name, Role.VISITOR), f"{name}-tab", contact_id, what)

    def _hand_over(self) -> None:
        """One of a full team hands over to who has just closed a contact, and somebody waits for the first of them."""
        giver, taker = self.random.sample(SELLERS, 2)
        self.wanted.add(_visitor(49))
        self._start(_visitor(49), giver)
        self.kernel.at(20, partial(self._seller_does, taker, "closes"))
        self.kernel.at(40, partial(self._seller_does, giver, "hands over", taker))
        self.kernel.run(self.kernel.now + HEARTBEAT)

    def _seller_does(self, name: str, what: str, colleague: str | None = None) -> None:
        own = [log[-1] for log in self.logs.values() if log[-1].state.seller == name]
        waiting = [log[-1] for log in self.logs.values() if log[-1].state.status is Status.QUEUED]
        waiting = [entry for entry in waiting if entry.state.requested in {name, TEAM}]
        if what == "takes":
            own = waiting
        elif what in {"notes", "reads the notes"}:
            own += waiting
        elif what == "lifts a block":
            own = [
                log[-1] for log in self.logs.values() if reference_of(log[-1].state.visitor) in self.blocks_watch.held
            ]
        elif what != "writes":
            own = [entry for entry in own if entry.state.status is Status.OPEN]
        if own:
            entry = self.random.choice(own)
            seller = Principal(name, Role.SELLER)
            self._do(seller, self._device_of(name), entry.contact_id, what, colleague)

    def seller_does_to(self, name: str, contact_id: str, what: str) -> None:
        """A seller does something to a contact, whoever has it now."""
        self._do(Principal(name, Role.SELLER), self._device_of(name), contact_id, what)

    def ask_as_seller(self, name: str, frame: dict[str, Any], repeats: Callable[[], bool]) -> None:
        """A seller asks for something, and again until there is an answer."""
        self._send(Asked(Principal(name, Role.SELLER), self._device_of(name), frame), repeats=repeats)

    def pry(self, visitor: int, frame: dict[str, Any]) -> None:
        """A visitor asks, about a contact of theirs, for what only sellers may."""
        name = _visitor(visitor)
        mine = next((contact_id for (each, _), contact_id in self.contacts.items() if each == name), None)
        if mine and name not in self.without_sockets:
            about = {"id": mine} if frame["action"] == "shareReply" else {"contact_id": mine}
            self._send(Asked(Principal(name, Role.VISITOR), f"{name}-tab", frame | about))

    def visitor_comes(self, visitor: int, target: str, what: str) -> None:
        """A visitor does something to what they have with a seller or the team."""
        self.visitor_does(_visitor(visitor), target, what)

    def mint(self) -> str:
        """An id that nothing had before."""
        self.minted += 1
        return f"m{self.minted}"

    def _device_of(self, name: str) -> str:
        return f"{name}-{self.present.get(name, 0)}"

    def _do(self, person: Principal, connection: str, contact_id: str, what: str, colleague: str | None = None) -> None:
        self.minted += 1
        # A cursor of a moment ago: others have written since.
        base = max(0, len(self.logs[contact_id]) - self.random.choice((0, 0, 1, 2)))
        frame: dict[str, Any] = {"contact_id": contact_id, "id": f"m{self.minted}", "base": base}
        match what:
            case "writes":
                self.desk.meet_word(contact_id)
                frame |= {"action": "sendMessage", "message": f"text {self.minted}"}
            case "is known":
                frame |= {"action": "identify", "userInfo": {"name": f"known {self.minted}"}}
            case "takes":
                frame |= {"action": "takeChat"}
            case "closes":
                self.desk.meet_word(contact_id)
                frame |= {"action": "closeChat"}
            case "hands over":
                frame |= {"action": "transferChat", "to": colleague or self.random.choice(SELLERS)}
            case "reads":
                after = self.random.choice((0, base))
                frame = {"action": "sync", "contact_id": contact_id, "after": after, "limit": 2}
            case _:
                frame = self._aside(what, contact_id, frame["id"])
        self._send(Asked(person, connection, frame))

    def _aside(self, what: str, contact_id: str, note_id: str) -> dict[str, Any]:
        """A frame about what is kept beside the log."""
        visitor, known = self.logs[contact_id][-1].state.visitor, self.noted.get(contact_id, 0)
        base = self.random.choice((0, known))
        note = {"action": "note", "contact_id": contact_id, "text": f"{MARK}: {self.minted}"}
        match what:
            case "notes":
                return {**note, "id": note_id, "base": base}
            case "reads the notes":
                return {"action": "notes", "contact_id": contact_id, "after": base}
            case "pries":
                return self.random.choice(({"action": "notes", "contact_id": contact_id}, note))
            case "blocks":
                self._goes_on_anyway(self.logs[contact_id][-1].state)
                minutes = self.random.choice((1, 2, 60))
                block = {"action": "blockVisitor", "contact_id": contact_id, "minutes": minutes, "reason": "Insults"}
                return self.random.choice(({**block, "id": note_id}, block))
            case _:
                return {"action": "unblockVisitor", "visitor": reference_of(visitor)}

    def _goes_on_anyway(self, blocked: State) -> None:
        """A visitor who is blocked tries what they can."""
        random = self.chances.stream("asides")
        for what in ("writes", "starts again", "writes"):
            does = partial(self.visitor_does, blocked.visitor, random.choice((TEAM, blocked.requested)), what)
            self.kernel.at(random.choice((random.uniform(0, 3), random.uniform(0, 60))), does)

    def _come(self, name: str) -> None:
        life = self.present[name] = self.present.get(name, 0) + 1
        self.came_at[name] = self.kernel.now
        seller = Principal(name, Role.SELLER)
        self._connect(seller, f"{name}-{life}")

        def beat(**said: str) -> None:
            if self.present[name] != life:
                return
            asked = Asked(seller, f"{name}-{life}", {"action": "presence", **said})
            self._send(asked, repeats=lambda: bool(said) and self.present[name] == life)
            self.kernel.at(HEARTBEAT, beat)

        # What was said holds; a heartbeat says only that they are still here.
        self.kernel.at(0.2, partial(beat, status="online"))
        self.desk.came(name)

    def _vanish(self, name: str) -> None:
        life = self.present.get(name, 0)
        self.present[name] = life + 1
        self.desk.left(name)
        if not self.chances.strike("disconnect missing"):
            self._disconnect(Principal(name, Role.SELLER), f"{name}-{life}")

    def _everybody_leaves(self) -> None:
        for name in SELLERS:
            self._vanish(name)
        for log in list(self.logs.values()):
            if log[-1].state.status is Status.QUEUED:
                self._do(Principal(log[-1].state.visitor, Role.VISITOR), "gone", log[-1].contact_id, "closes")

    def _stay(self, until: float) -> None:
        for name in SELLERS:
            if self.random.random() < 0.7:
                self.kernel.at(self.random.uniform(0, 1), partial(self._come, name))

    def _connect(self, person: Principal, connection: str) -> None:
        """Dial until the connection opens."""
        if connection in self.connections.table.items or person.user_id in self.without_sockets:
            return

        def connect() -> None:
            if self.functions.call("connection", events.connect(person, connection))["statusCode"] == 200:
                self._check_budget("$connect")

        def dial() -> None:
            if connection not in self.connections.table.items:
                self.kernel.at(RETRY, dial)
                self._invoke("$connect", connect)

        dial()

    def _disconnect(self, person: Principal, connection: str) -> None:
        """Once, and nobody looks what came of it."""

        def disconnect() -> None:
            answer = self.functions.call("connection", events.disconnect(person, connection))
            self._check_budget("$disconnect")
            if answer["statusCode"] == 200:
                self._check_left(person.user_id, connection)

        self._invoke("$disconnect", disconnect)

    # -- functions

    def _send(self, asked: Asked, *, repeats: Callable[[], bool] = lambda: True) -> None:
        """Ask, and ask again in the same words until there is an answer."""
        self.asked.append(asked)

        def call() -> None:
            began = self.kernel.now
            asked.under_way += 1
            answer = self._answer(asked)
            self._check_budget(asked.action)
            is_told = answer is not None and not self.chances.strike("reply lost", asked.action)
            if answer and is_told and answer.get("code") not in RETRYABLE and asked.answer is None:
                asked.answer = answer
                self._check_answer(asked, answer, began)
            asked.under_way -= 1
            asked.ended_at = self.kernel.now

        def attempt() -> None:
            if asked.answer is not None:
                return
            self.kernel.at(RETRY, lambda: attempt() if repeats() else None)
            self._invoke(asked.action, call)
            if self.chances.strike("invoked twice", asked.action):
                self.kernel.at(self.random.uniform(0, 30), lambda: self._invoke(asked.action, call))

        attempt()

    def _answer(self, asked: Asked) -> dict[str, Any] | None:
        name = asked.person.user_id
        if name not in self.without_sockets:
            return self.functions.frame(asked.person, asked.connection, asked.frame)
        target = next((target for visitor, target in self.contacts if visitor == name), TEAM)
        answer = self.functions.rest(asked.person, asked.frame, target)
        self.chances.cover(f"answered by REST: {asked.action}")
        return answer

    def _invoke(self, action: str, call: Callable[[], None]) -> None:
        offset = self.random.uniform(-5, 5) if self.chances.strike("clock differs", action) else 0.0
        self.kernel.spawn(Invocation(self.kernel, action, offset), call)

    # -- events and check-ups

    def _committed(self, change: Change) -> None:
        self._check_turn(change)
        self._check_blocked(change)
        self.written_at[change.entries[-1].contact_id] = self.kernel.now
        if change.listing:
            self.places[change.listing.contact_id] = change.listing.place
        for entry in change.entries:
            self.tell(f"stored {entry.contact_id}/{entry.seq} {entry.kind} {entry.id} {entry.state.seller or ''}")
            self._check_entry(entry)
            self.desk.snoozes.written(entry)
            self.logs.setdefault(entry.contact_id, []).append(entry)
            self.stored_at[entry.contact_id].append(self.kernel.now)
        self._check_claims()
        # The listing is in the stream, too, and is no event.
        listing = [listing_key(change.listing.contact_id)] if change.listing else []
        self.stream.put([*(entry_item(entry) for entry in change.entries), *listing])

    def _retired(self, listing: Listing) -> None:
        self.tell(f"retired {listing.contact_id}")
        self.desk.snoozes.retired(listing.contact_id)
        log = self.logs[listing.contact_id]
        log.append(replace(log[-1], state=replace(log[-1].state, status=Status.CLOSED, claimed=False), id="put away"))
        self.stored_at[listing.contact_id].append(self.kernel.now)
        self._check_claims()

    def publisher(self, event: dict[str, Any]) -> Mapping[str, Any]:
        """Hand in a batch of the stream."""
        answer = self.functions.call("publisher", event)
        self._check_budget("publisher", len(event["Records"]))
        return answer

    def _published(self, event: dict[str, Any]) -> None:
        """The bus tells everybody who listens: at least once, each in its own time."""
        self.notes_watch.published(event)
        kind = KINDS[event["type"]]
        for queue_, what in ((self.attended, "event"), (self.carried, "courier")):
            if queue_ is self.attended and event["type"] not in TOLD_TO_THE_ATTENDANT:
                continue
            for _ in range(2 if self.chances.strike("event twice", kind) else 1):
                late = self.chances.strike("event late", kind)
                delay = self.random.uniform(1, 40) if late else self.random.uniform(0.01, 0.5)
                queue_.send(what, events.from_bus(event), delay)

    def courier(self, event: dict[str, Any]) -> Mapping[str, Any]:
        """Hand in a batch of events for the shop's back end."""
        answer = self.functions.call("courier", event)
        self._check_budget("courier", len(event["Records"]))
        return answer

    def _set_aside(self, body: str) -> None:
        """A person finds it: what could not be published is brought back, what the shop refused stays."""
        message = msgspec.json.decode(body)
        if "dynamodb" in message:
            self.chances.cover("an event that is brought back")
            self.brought_back.send("publisher", message, self.random.uniform(10, 60))
        else:
            self._check_set_aside(message["detail"]["id"])
            self.set_aside.add(message["detail"]["id"])

    def attendant(self, event: dict[str, Any]) -> Mapping[str, Any]:
        """Hand in a batch of events and check-ups."""
        for record in event["Records"]:
            if contact_id := msgspec.json.decode(record["body"]).get("contact_id"):
                self.desk.meet_check_up(contact_id)
        answer = self.functions.call("attendant", event)
        self._check_budget(current().action, len(event["Records"]))
        failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        for record in event["Records"]:
            if record["messageId"] not in failed:
                self._check_free_places(msgspec.json.decode(record["body"]))
        return answer

    def put(self, contact_id: str, at: datetime) -> None:
        """A schedule is named after its contact: a second one takes the place of the first."""
        due = max(0.0, (at - START).total_seconds() - self.kernel.now)
        late = self.random.uniform(0, 30) if self.chances.strike("check-up late") else 0.0
        self.lost.discard(contact_id)
        self.kernel.at(due + late, partial(self._due, contact_id, self.scheduled(contact_id)))

    def scheduled(self, contact_id: str) -> int:
        """Make the contact's check-up another one; its number."""
        self.rounds[contact_id] = self.rounds.get(contact_id, 0) + 1
        self.pending[contact_id] = [self.rounds[contact_id]]
        return self.rounds[contact_id]

    def remove(self, contact_id: str) -> None:
        """Nothing is to happen to a contact any more."""
        self.pending.pop(contact_id, None)

    def _due(self, contact_id: str, number: int) -> None:
        if number not in self.pending.get(contact_id, ()):
            return
        if self.chances.strike("check-up lost"):
            self.tell(f"the check-up of {contact_id} is lost")
            self.pending[contact_id].remove(number)
            self.lost.add(contact_id)
            return
        for _ in range(2 if self.chances.strike("check-up twice") else 1):
            self.attended.send("check-up", {"contact_id": contact_id}, done=partial(self._came, contact_id, number))

    def _came(self, contact_id: str, number: int) -> None:
        if number in self.pending.get(contact_id, ()):
            # It came, and nobody has asked for another one.
            self.pending[contact_id].remove(number)

    # -- pushes

    def post(self, connection_id: str, frame: bytes) -> None:
        """Implements `chat.ports.connections.Push`."""
        if self.chances.strike("push gone"):
            raise ConnectionGoneError(connection_id)
        told = msgspec.json.decode(frame)
        name = connection_id.rpartition("-")[0]
        if told["action"] == "presence" and name in SELLERS:
            return
        role = Role.SELLER if name in SELLERS else Role.VISITOR
        self.notes_watch.told(role, told)
        if role is Role.SELLER:
            self.desk.pushed(name, told, current().began)
        log = self.logs.get(str(told.get("contact_id")), [])
        if told["action"] == "waiting" and log and log[0].state.requested in {name, TEAM} and role is Role.SELLER:
            # Who waits for a team is told to the whole of it.
            return
        if not any(entry.state.admits(Principal(name, role)) for entry in log):
            raise Violation(f"nothing reaches anyone outside the contact: {name} was told of {told.get('action')}")

    def close(self, connection_id: str) -> None:
        pass

    # -- what expires

    def _lay_old_log(self) -> None:
        visitor, now = "visitor-99", START + timedelta(seconds=self.kernel.now)
        self.wanted.add(visitor)
        state = State(Status.QUEUED, visitor, TEAM, iso(now))
        for seq in range(1, OLD_ENTRIES + 3):
            expires_at = 1 if seq <= OLD_ENTRIES else epoch_seconds(now) + int(DAY)
            kind = EntryKind.OPENED if seq == 1 else EntryKind.QUEUED if seq == 2 else EntryKind.MESSAGE
            entry = Entry("old", seq, kind, f"old-{seq}", "visitor-old", iso(now), state, expires_at)
            self.store.table.entries["old"][seq] = entry
            self.logs.setdefault("old", []).append(entry)
            self.stored_at["old"].append(self.kernel.now)
        self.stands["old"] = "queued"
        self.store.table.listings["old"] = self.store.shown["old"] = Listing.after(self.logs["old"][-1])
        self.store.table.pointers[(visitor, TEAM)] = Current("old", 1)
        self.contacts[(visitor, TEAM)] = "old"
        self.places["old"], self.written_at["old"] = self.store.shown["old"].place, self.kernel.now
        for what in ("reads", "writes"):
            self.kernel.at(self.random.uniform(1, 60), partial(self.visitor_does, visitor, TEAM, what))
        self.put("old", now + timedelta(seconds=5))

    def _delete_expired(self) -> None:
        now = epoch_seconds(START + timedelta(seconds=self.kernel.now))
        for log in self.store.table.entries.values():
            for seq in [seq for seq, entry in log.items() if entry.expires_at <= now and self.random.random() < 0.5]:
                del log[seq]

    def _is_wanted(self, ask: Ask) -> bool:
        return self.logs[ask.contact_id][-1].state.visitor in self.wanted if ask.contact_id in self.logs else False

    # -- what must hold at all times

    def _check_entry(self, entry: Entry) -> None:
        log = self.logs.get(entry.contact_id, [])
        numbers = [each.seq for each in log if each.id != "put away"]
        if entry.seq != len(numbers) + 1:
            raise Violation(f"numbers are dense: {entry.contact_id}/{entry.seq} follows {len(numbers)}")
        if any(entry.is_by(each.sender, each.id) for each in log):
            raise Violation(f"at most one entry per sender and id: {entry.id} again in {entry.contact_id}")
        stood = self.stands.get(entry.contact_id, "nothing")
        if (stood, entry.kind) not in NEXT:
            raise Violation(f"an entry follows what it may: {entry.kind} after {stood} in {entry.contact_id}")
        self.stands[entry.contact_id] = NEXT[(stood, entry.kind)]
        if log and log[-1].id == "put away":
            raise Violation(f"what has expired is never written again: {entry.contact_id}")
        if entry.kind is EntryKind.CLOSED:
            self._check_close(entry, log)
        if entry.state.status is not Status.CLOSED:
            self._check_only_one(entry)

    def _check_close(self, entry: Entry, log: Sequence[Entry]) -> None:
        asked = next((each for each in self.asked if each.frame.get("id") == entry.id), None)
        base = asked.frame["base"] if asked else 0
        if base and any(each.state.status is Status.CLOSED for each in log[base - 1 :]):
            raise Violation(f"a close ends nothing that was reopened since: {entry.id} in {entry.contact_id}")

    def _blocked(self, block: Block) -> None:
        self.tell(f"{block.visitor} is blocked by {block.seller_id}")
        self.blocks_watch.began(block, until=block.until - START.timestamp())

    def _check_blocked(self, change: Change) -> None:
        entry = change.entries[-1]
        if not self.blocks_watch.held:
            return
        # What reopens a contact was decided on after it had been closed, whenever the function began.
        is_reopened = any(each.kind is EntryKind.REOPENED for each in change.entries)
        closed = self.written_at[entry.contact_id] if is_reopened else 0.0
        looked = max(current().began, closed)
        self.blocks_watch.written(reference_of(entry.state.visitor), change.entries, looked, SELLERS)
        if entry.kind is EntryKind.CLOSED and entry.state.seller is None and entry.details.get("reason") == "blocked":
            self.chances.cover("who is blocked is turned away")

    def since(self, contact_id: str, time: float) -> list[Entry]:
        """How a contact stood at a time, and what came since."""
        before = sum(at <= time for at in self.stored_at[contact_id])
        return self.logs[contact_id][max(0, before - 1) :]

    def _check_only_one(self, entry: Entry) -> None:
        for log in self.logs.values():
            other = log[-1]
            if (
                other.contact_id != entry.contact_id
                and (other.state.visitor, other.state.requested) == (entry.state.visitor, entry.state.requested)
                and other.state.status is not Status.CLOSED
                and not self._has_expired(other)
            ):
                raise Violation(f"a visitor has one open contact: {entry.contact_id} beside {other.contact_id}")

    def _check_turn(self, change: Change) -> None:
        """Who began to wait, and showed it, before this function began, has been asked about before who came later."""
        entry = change.entries[-1]
        # A seller may take whom they like.
        if entry.kind is not EntryKind.ASSIGNED or entry.sender in SELLERS or entry.contact_id not in self.logs:
            return
        for other in (log[-1] for log in self.logs.values()):
            if self._stands_before(other, entry):
                raise Violation(
                    f"who waits longest is given the free place first: {entry.contact_id} before {other.contact_id}"
                )

    def _stands_before(self, other: Entry, given: Entry) -> bool:
        if other.state.status is not Status.QUEUED or other.state.requested != given.state.requested:
            return False
        is_behind = self.places[other.contact_id] >= self.places[given.contact_id]
        if is_behind or not self._is_wanted_at_all(other) or current().goes_on_behind:
            return False
        return self._is_shown(other.contact_id, current().began)

    def _is_shown(self, contact_id: str, since: float) -> bool:
        """Whether the index has shown a contact that waits in its place since a time, and nothing was written since."""
        shown = self.store.shown.get(contact_id)
        if shown is None or shown.status is not Status.QUEUED or shown.place != self.places[contact_id]:
            return False
        return max(self.written_at[contact_id], self.store.shown_since.get(contact_id, 0.0)) < since

    def _check_claims(self) -> None:
        carried = self._carried()
        for seller in self.sellers.items.values():
            if seller.open_count != carried[seller.id]:
                raise Violation(f"counts are true: {seller.id} counts {seller.open_count}, has {carried[seller.id]}")
            if seller.open_count > seller.capacity:
                raise Violation(f"capacity is never exceeded: {seller.id} has {seller.open_count}")
            if not seller.has_room:
                self.full.add(seller.id)
            elif seller.id in self.full:
                self.full.discard(seller.id)
                self.full_until[seller.id] = self.kernel.now

    def _check_budget(self, action: str, times: int = 1) -> None:
        """Of a batch, each may cost as much as one by itself."""
        invocation = current()
        limit = BUDGETS[action] * times if action in BUDGETS else None
        asked = [each for each in invocation.requests if each not in UNTOLD or action == "courier"]
        self.most[action] = max(self.most[action], 0 if invocation.disturbed else len(asked))
        if limit and not invocation.disturbed and len(asked) > limit:
            raise Violation(f"every operation stays within its budget: {action} asked {len(asked)} times")

    def _check_answer(self, asked: Asked, answer: dict[str, Any], began: float) -> None:
        frame, name = asked.frame, asked.person.user_id
        self.tell(f"{name} is answered: {answer.get('code') or answer['action']} ({frame.get('id', asked.action)})")
        if asked.action == "InitChat" and "contact_id" in answer:
            self.contacts[(name, frame["sellerId"])] = answer["contact_id"]
        if answer["action"] == "ack" and asked.action == "sendMessage":
            self._check_stored(asked, answer["seq"])
        if answer["action"] == "error" and "id" in frame and "contact_id" in frame:
            self._check_refused(asked, answer, began)
        self._check_aside(asked, answer, began)
        self.desk.answered(asked, answer, began)

    def _check_aside(self, asked: Asked, answer: dict[str, Any], began: float) -> None:
        """What became of a note or of a block, and what somebody was answered since there is one."""
        frame, person = asked.frame, asked.person
        self.notes_watch.told(person.role, answer)
        match answer["action"]:
            case "note":
                self.notes_watch.acknowledged(frame["contact_id"], frame["id"], answer["note"]["seq"])
                self.noted[frame["contact_id"]] = answer["note"]["seq"]
            case "notes":
                self.notes_watch.listed(frame["contact_id"], answer, began)
            case "blockVisitor":
                since = self.since(frame["contact_id"], began)
                self.blocks_watch.answered(person, answer["visitor"], since, began, SELLERS)
            case "error" if answer["code"] == "blocked":
                self.chances.cover(f"refused to who is blocked: {asked.action}")
                if not self.blocks_watch.was_held(reference_of(person.user_id), began):
                    raise Violation(f"a refusal is true: {person.user_id} was not blocked")
            case "error" if answer["code"] == "forbidden":
                self._check_forbidden(asked, began)

    def _check_forbidden(self, asked: Asked, began: float) -> None:
        if asked.person.role is Role.VISITOR:
            self.chances.cover(f"refused to a visitor: {asked.action}")
        elif "contact_id" in asked.frame and asked.action != "readEarlier":
            since = self.since(asked.frame["contact_id"], began)
            if all(each.state.admits(asked.person) for each in since):
                raise Violation(f"a refusal is true: {asked.frame} was {asked.person.user_id}'s to ask")
            if asked.action == "blockVisitor" and asked.is_alone(began):
                visitor = reference_of(since[-1].state.visitor)
                self.blocks_watch.refused(visitor, asked.frame["contact_id"], asked.person.user_id)

    def _check_stored(self, asked: Asked, seq: int) -> None:
        entry = self.logs[asked.frame["contact_id"]][seq - 1]
        if entry.id != asked.frame["id"]:
            raise Violation(f"acknowledged is durable: {asked.frame['id']} is not at {seq}")

    def _check_refused(self, asked: Asked, answer: dict[str, Any], began: float) -> None:
        contact_id, entry_id = asked.frame["contact_id"], asked.frame["id"]
        # Another attempt that was under way may have succeeded after this one was refused.
        if asked.is_alone(began) and any(entry.id == entry_id for entry in self.logs[contact_id]):
            raise Violation(f"what is refused is not stored: {entry_id} ({answer['code']}) is in {contact_id}")
        if asked.is_alone(began) and self.notes_watch.is_kept(contact_id, entry_id):
            raise Violation(f"what is refused is not stored: {entry_id} ({answer['code']}) is among the notes")
        if answer["code"] == "contact_taken" and not self._has_gone_to_another(asked):
            raise Violation(f"a refusal is true: {contact_id} was nobody's")
        if answer["code"] == "seller_full":
            seller = asked.frame.get("to") or asked.person.user_id
            if self.sellers.items[seller].has_room and self.full_until.get(seller, -1.0) < began:
                raise Violation(f"a refusal is true: {seller} was not full")

    def _has_gone_to_another(self, asked: Asked) -> bool:
        sellers = {entry.state.seller for entry in self.logs[asked.frame["contact_id"]]}
        return bool(sellers - {None, asked.person.user_id})

    def _check_left(self, name: str, connection: str) -> None:
        """Who was last heard of on a connection, and not since it began to close, is gone, unless there is another."""
        self.closed[connection] = current().began
        heard_on = self.sellers.heard_on.get(name)
        if name not in SELLERS or heard_on not in self.closed or not self.sellers.items[name].heartbeat_at:
            return
        if self.seller_store.heard_at[name] >= self.closed[heard_on]:
            return
        if not any(each.user_id == name for each in self.connections.table.items.values()):
            raise Violation(f"who has left is not there any more: {name}")

    def _check_set_aside(self, event_id: str) -> None:
        if event_id not in self.told.refused:
            raise Violation(f"the shop is told of every entry: {event_id} is given up, and was never refused")

    def _check_free_places(self, message: Mapping[str, Any]) -> None:
        """Who was told that a contact was closed or handed on has asked everybody who waits for its sellers."""
        if message.get("detail-type") not in {TYPES[EntryKind.CLOSED], TYPES[EntryKind.TRANSFERRED]}:
            return
        invocation, data = current(), message["detail"]["data"]
        listed = sum(each.status is Status.QUEUED for each in self.store.shown.values())
        # More than one drain looks at, or has time for.
        if invocation.disturbed or listed > LOOKED_AT or self.kernel.now - invocation.began > ONE_DRAIN:
            return
        for name in {data.get("from"), data.get("seller_id")} & set(SELLERS):
            waiting = [log[-1] for log in self.logs.values() if self._could_be_given(log[-1], name)]
            if waiting:
                raise Violation(f"a free place is given at once: {waiting[0].contact_id} waits beside {name}")

    def _could_be_given(self, waiting: Entry, name: str) -> bool:
        """Whether somebody waits and this seller has room, both since before this function began."""
        seller, began, state = self.sellers.items[name], current().began, waiting.state
        now = START + timedelta(seconds=self.kernel.now)
        has_room = seller.has_room and self.full_until.get(name, 0.0) < began
        # Clocks differ by some seconds.
        fresh = timedelta(seconds=FRESH_SECONDS - 30)
        is_there = seller.is_available(now) and now - fresh < datetime.fromtimestamp(seller.heartbeat_at, UTC)
        is_there = is_there and self.seller_store.heard_at.get(name, 0.0) < began
        asks = state.status is Status.QUEUED and state.requested in {seller.id, seller.team}
        return (
            asks and has_room and (is_there or not self.needs_presence)
            and self._is_wanted_at_all(waiting) and self._is_shown(waiting.contact_id, began)
        )  # fmt: skip

    # -- what must hold in the end

    def _carried(self) -> Counter[str]:
        carried = Counter[str]()
        for log in self.logs.values():
            state = log[-1].state
            if state.claimed and state.seller and state.status is Status.OPEN:
                carried[state.seller] += 1
        return carried

    def _has_expired(self, entry: Entry) -> bool:
        return entry.expires_at <= epoch_seconds(START + timedelta(seconds=self.kernel.now)) + 10

    def _free(self, newest: Entry) -> list[str]:
        now = START + timedelta(seconds=self.kernel.now)
        state = newest.state
        team = [seller for seller in self.sellers.items.values() if state.requested in {seller.id, seller.team}]
        return [each.id for each in team if each.has_room and (not self.needs_presence or each.is_there(now))]

    def _check_calm(self) -> None:
        """Some heartbeats after the last fault."""
        now = START + timedelta(seconds=self.kernel.now)
        for asked in self.asked:
            if asked.answer is None and asked.action not in {"presence", "sync", "inbox"}:
                raise Violation(f"every frame is answered in the end: {asked.frame} is not")
        self.desk.check_calm()
        for log in self.logs.values():
            newest = log[-1]
            if newest.state.status is Status.CLOSED:
                continue
            if newest.state.status is Status.QUEUED and self.needs_presence and self._is_fit(newest):
                raise Violation(f"the queue is drained: {newest.contact_id} waits beside {self._free(newest)}")
            self._check_pending(newest)
            self._check_lease(newest, now)
            self._check_silent(newest, now)

    def _is_fit(self, newest: Entry) -> bool:
        """Whether they have waited for two heartbeats beside a seller with room, and for more in a long queue."""
        waiting = sum(log[-1].state.status is Status.QUEUED for log in self.logs.values())
        since = self.kernel.now - HEARTBEAT * (2 + waiting / LOOKED_AT)
        waited = self.written_at[newest.contact_id] < since
        return (
            waited
            and self._is_wanted_at_all(newest)
            and any(
                max(self.full_until.get(name, 0.0), self.came_at.get(name, 0.0)) < since for name in self._free(newest)
            )
        )

    def _is_wanted_at_all(self, newest: Entry) -> bool:
        return self.kind != "external" or newest.state.visitor in self.wanted

    def _check_pending(self, newest: Entry) -> None:
        pending = len(self.pending.get(newest.contact_id, ()))
        if pending != 1 and newest.contact_id not in self.lost:
            raise Violation(f"an open contact has one check-up: {newest.contact_id} has {pending}")

    def _check_lease(self, newest: Entry, now: datetime) -> None:
        state = newest.state
        if not self.needs_presence or state.answered or not state.claimed or newest.contact_id in self.lost:
            return
        seller = self.sellers.items[str(state.seller)]
        long = FRESH_SECONDS + 2 * LEASE + 60
        gone = now.timestamp() - seller.heartbeat_at > long
        if gone and now - moment(state.assigned_at) > timedelta(seconds=long):
            raise Violation(f"who vanished loses what they left unanswered: {newest.contact_id} is {seller.id}'s")

    def _check_silent(self, newest: Entry, now: datetime) -> None:
        state = newest.state
        is_kept = self.desk.snoozes.keeps_its_place(newest.contact_id)
        if state.spoken or not state.claimed or newest.contact_id in self.lost or is_kept:
            return
        seller = self.sellers.items[str(state.seller)]
        ends = now - timedelta(seconds=LOOKED_AT_WITHIN)
        if seller.has_room or moment(state.assigned_at) > ends:
            return
        for other in (log[-1] for log in self.logs.values()):
            if self._is_kept_waiting(other, seller, state) and moment(other.at) < ends:
                raise Violation(f"silence keeps nobody waiting: {newest.contact_id} beside {other.contact_id}")

    def _is_kept_waiting(self, other: Entry, seller: Seller, by: State) -> bool:
        """Who was passed over, or kept a seller in vain before, has nobody give way."""
        state = other.state
        waits = state.status is Status.QUEUED and state.requested in {seller.id, seller.team}
        return waits and (state.spoken or not state.parked_at) and (not by.parked_at or other.at > by.assigned_at)

    def _check_told(self, entry: Entry) -> None:
        """The shop hears of everything, or a person finds it among the dead letters."""
        name = f"{entry.contact_id}/{entry.seq}"
        age = START + timedelta(seconds=self.kernel.now) - moment(entry.at)
        if entry.contact_id == "old" or age < timedelta(seconds=DELIVERED_WITHIN) or name in self.set_aside:
            return
        if name not in self.told.told:
            raise Violation(f"the shop is told of every entry: {name} never came")
        key = entry.details.get("idempotency_key")
        if entry.kind is EntryKind.OPENED and not entry.details.get("registered") and key not in self.directory.known:
            raise Violation(f"every contact is registered in the end: {entry.contact_id} is not")

    def _check_quiet(self) -> None:
        """Long after everybody left."""
        for entry in (entry for log in self.logs.values() for entry in log if entry.id != "put away"):
            self._check_told(entry)
        for log in self.logs.values():
            newest = log[-1]
            if newest.contact_id in self.lost:
                self.chances.cover("a contact without a check-up")
            elif newest.state.status is Status.OPEN and self.desk.snoozes.may_be_open(newest.contact_id):
                # What is put away is not idle, and is closed by the check-up that is still to come.
                self._check_pending(newest)
            elif newest.state.status is Status.OPEN:
                raise Violation(f"an idle contact closes: {newest.contact_id} is open")
            elif newest.state.status is Status.QUEUED and not self.needs_presence and self._free(newest):
                raise Violation(f"the queue is drained: {newest.contact_id} waits beside {self._free(newest)}")

    def _check_next_day(self) -> None:
        """Everything has expired; whoever was forgotten keeps no place."""
        if self.random.random() < 0.5:
            self._delete_expired()
        for number, name in enumerate(SELLERS):
            self._come(name)
            for place in range(self.capacity):
                self._start(_visitor(100 + number * 2 + place), name if self.kind == "direct" else TEAM)
        self.wanted |= {_visitor(100 + number) for number in range(30)}
        # The last one waits for what the first one finds.
        self.kernel.run(self.kernel.now + 2 * HEARTBEAT + 2 * DAY / 86_400 + 60)
        waiting = [log[-1] for log in self.logs.values() if log[-1].state.status is Status.QUEUED]
        for newest in waiting:
            if not self._has_expired(newest):
                raise Violation(f"no place is lost: {newest.contact_id} waits, and everybody left yesterday")
        if any(log[-1].state.status is Status.OPEN and self._has_expired(log[-1]) for log in self.logs.values()):
            raise Violation("no place is lost: a contact of yesterday is still open")


def run(seed: int, variant: Variant | None = None) -> str | None:
    """The promise that a schedule broke, or None."""
    return observed(seed, variant)[0]


def observed(
    seed: int,
    variant: Variant | None = None,
    *,
    spared: frozenset[str] = frozenset(),
    skipped: frozenset[int] = frozenset(),
    trace: Callable[[str], None] | None = None,
) -> tuple[str | None, Shop]:
    """The promise that a schedule broke, or None, and the schedule as it went."""
    random = Random(seed)  # noqa: S311 - a schedule must be repeatable
    variant = variant or Variant()
    with ExitStack() as patched:
        in_functions = ((loaded()[function], name, value) for function, name, value in variant.in_functions)
        for place, name, value in (*IN_SMALL, *variant.patches, *in_functions):
            patched.enter_context(patch.object(place, name, value))
        shop = (variant.shop or Shop)(random, Chances(seed, FAULTS, spared), variant, patched, skipped, trace)
        try:
            shop.run()
        except Violation as violation:
            return str(violation), shop
        finally:
            shop.kernel.end()
    return None, shop
