"""The ports of a whole back end, with everything that can go wrong in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from botocore.exceptions import ReadTimeoutError

from chat.adapters.shop.http import RefusedForGoodError
from chat.model.entries import Entry, Json, Mark, Status
from chat.model.identity import Principal, Role
from chat.model.inbox import Listing, Place, Snooze
from chat.model.sellers import Availability, Seller, SharedReplies
from chat.model.timestamps import epoch_seconds
from chat.ports.connections import Connection, Description
from chat.ports.conversations import Change, Current, Excerpt, Note, TagSet
from chat.ports.errors import NumberTakenError, SellerFullError, StoreBusyError
from chat.ports.errors import StoreUnavailableError as Unavailable
from chat.ports.limits import Block
from chat.ports.shop import ContactRequest, DirectoryUnavailableError, RegisteredContact
from chat.ports.strategies import Ask
from tests.doubles.blocks import MemoryBlocks
from tests.doubles.connections import MemoryConnections
from tests.doubles.conversations import MemoryConversations
from tests.doubles.notes import MemoryNotes
from tests.doubles.sellers import MemorySellers
from tests.simulation.chances import Chances
from tests.simulation.day import LISTS_LAG
from tests.simulation.kernel import CrashError, Invocation, Kernel, current

T = TypeVar("T")
FAULTS = (
    "killed before", "killed after", "busy", "conflict beside a full seller", "no answer", "answer lost",
    "lost in the client", "stalled", "inbox lags", "team lags", "connections lag", "clock differs", "clock steps back",
    "reply lost", "invoked twice", "event late", "event twice", "event fails", "check-up twice", "check-up late",
    "check-up lost", "dies at its end", "handed in again", "bus refuses", "bus refuses for good", "shop refuses",
    "disconnect missing", "directory down", "directory slow", "directory knows it already", "push gone",
)  # fmt: skip


class Clock:
    """Implements `chat.ports.machine.Clock`: every sandbox has its own idea of the time, and may change it."""

    def __init__(self, chances: Chances) -> None:
        self._chances = chances

    def now(self) -> datetime:
        invocation = current()
        if self._chances.strike("clock steps back", invocation.action):
            invocation.clock_offset -= 0.005
        return invocation.now()


class Pause:
    """Implements `chat.ports.machine.Pause`."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def after_attempt(self, attempt: int) -> None:
        current().disturbed = True
        self._kernel.sleep(self._kernel.random.uniform(0, 0.05 * 2**attempt))


class Wire:
    """Every request goes through here: it takes time, is counted, and may go wrong."""

    def __init__(self, kernel: Kernel, chances: Chances) -> None:
        self.kernel = kernel
        self.chances = chances

    def take(self, name: str, call: Callable[[], T], *, writes: bool = False) -> T:
        """One request. Raises what the store would, or `CrashError`."""
        invocation, chances = current(), self.chances
        invocation.requests.append(name)
        self._pass_time(invocation)
        if chances.are_off:
            return call()
        where = f"{invocation.action}, {name}" if writes else invocation.action
        if chances.strike("killed before", where):
            raise CrashError
        if chances.strike("busy", where):
            invocation.disturbed = True
            raise StoreBusyError("throttled")
        if chances.strike("no answer", where):
            invocation.disturbed = True
            raise Unavailable("no answer")
        result = call()
        if chances.strike("killed after", where):
            raise CrashError
        if writes and chances.strike("answer lost", where):
            invocation.disturbed = True
            raise Unavailable("timed out")
        return result

    def _pass_time(self, invocation: Invocation) -> None:
        times = self.chances.stream(f"times of {invocation.action}")
        stalled = self.chances.strike("stalled", invocation.action)
        self.kernel.sleep(times.uniform(5, 20) if stalled else times.uniform(0.001, 0.05))
        if invocation.dead:
            raise CrashError


@dataclass
class Conversations:
    """Implements `chat.ports.conversations.ConversationStore`; its inbox lags behind, each item as long as it likes."""

    wire: Wire
    committed: Callable[[Change], None]
    retired: Callable[[Listing], None]
    noted: Callable[[str, Snooze], None]
    table: MemoryConversations = field(default_factory=MemoryConversations)
    shown: dict[str, Listing] = field(default_factory=dict)
    shown_since: dict[str, float] = field(default_factory=dict)
    writes: Counter[str] = field(default_factory=Counter)
    puts: Counter[str] = field(default_factory=Counter)
    reads: dict[tuple[Invocation, str], tuple[int, int]] = field(default_factory=dict)
    ages: dict[str, int] = field(default_factory=dict)

    def read(self, contact_id: str, first: int, limit: int | None = None) -> Excerpt:
        return self.wire.take("read", lambda: self._seen(contact_id, self.table.read(contact_id, first, limit)))

    def latest(self, contact_id: str) -> Excerpt:
        return self.wire.take("read", lambda: self._seen(contact_id, self.table.latest(contact_id)))

    def listing(self, contact_id: str) -> Listing | None:
        return self.wire.take("read", lambda: self.table.listing(contact_id))

    def commit(self, change: Change) -> None:
        self.wire.take("commit", lambda: self._commit(change), writes=True)

    def raise_mark(self, contact_id: str, role: Role, mark: Mark, expires_at: int) -> bool:
        return self.wire.take("mark", lambda: self.table.raise_mark(contact_id, role, mark, expires_at), writes=True)

    def current_contact(self, visitor: str, requested: str) -> Current | None:
        return self.wire.take("pointer", lambda: self.table.current_contact(visitor, requested))

    def keep_beside(self, newest: Entry) -> None:
        self.wire.take("keep beside", lambda: self.table.keep_beside(newest), writes=True)

    def inbox(self, owner: str, status: Status, limit: int, after: Place | None = None) -> Sequence[Listing]:
        return self.wire.take("inbox", lambda: self._visible().inbox(owner, status, limit, after))

    def longest_open(self, seller: str, limit: int) -> Sequence[Listing]:
        return self.wire.take("inbox", lambda: self._visible().longest_open(seller, limit))

    def snooze(self, listing: Listing, snooze: Snooze) -> bool:
        def note() -> bool:
            contact_id = listing.contact_id
            if self._read_at(contact_id)[0] != self.writes[contact_id]:
                self.wire.chances.cover(f"overtaken: {current().action}")
            is_noted = self.table.snooze(listing, snooze)
            if is_noted:
                self.puts[contact_id] += 1
                self.noted(contact_id, snooze)
            return is_noted

        return self.wire.take("snooze", note, writes=True)

    def retire(self, listing: Listing) -> None:
        def retire() -> None:
            self.table.retire(listing)
            after = self.table.listings[listing.contact_id]
            if after != listing:
                self.retired(after)
                self._show_later(after)

        self.wire.take("retire", retire, writes=True)

    def reported(self, change: Change) -> None:
        """The write, with what the client makes of an attempt that was carried out and not answered."""
        self.table.commit(change)

    def _commit(self, change: Change) -> None:
        contact_id, action = change.entries[0].contact_id, current().action
        writes, puts = self._read_at(contact_id)
        if writes != self.writes[contact_id]:
            self.wire.chances.cover(f"overtaken: {action}")
        if puts != self.puts[contact_id]:
            self.wire.chances.cover(f"put away meanwhile: {action}")
        if change.claim and self.wire.chances.strike("conflict beside a full seller", action):
            current().disturbed = True
            self.refuse_for_two_reasons()
        try:
            self.reported(change)
        except (NumberTakenError, SellerFullError) as error:
            self.wire.chances.cover(f"{type(error).__name__}: {action}")
            raise
        self.writes[contact_id] += 1
        if change.listing:
            self._show_later(change.listing)
        self.committed(change)
        if self.wire.chances.strike("lost in the client", action):
            # The client asks again, within the call, and only who reads back knows whose write is in the way.
            self.ask_again(change)

    def refuse_for_two_reasons(self) -> None:
        raise StoreBusyError("TransactionConflict, ConditionalCheckFailed")

    def ask_again(self, change: Change) -> None:
        try:
            self.table.commit(change)
        except Exception:
            if self.table.entries[change.entries[-1].contact_id].get(change.entries[-1].seq) == change.entries[-1]:
                return
            raise

    def _read_at(self, contact_id: str) -> tuple[int, int]:
        """How often a contact had been written, and put away, when this function read it; else how often it is."""
        return self.reads.get((current(), contact_id), (self.writes[contact_id], self.puts[contact_id]))

    def _seen(self, contact_id: str, excerpt: Excerpt) -> Excerpt:
        self.reads[(current(), contact_id)] = self.writes[contact_id], self.puts[contact_id]
        if excerpt.newest and excerpt.newest.expires_at <= epoch_seconds(current().now()):
            self.wire.chances.cover("expired and not deleted")
        return excerpt

    def _show_later(self, listing: Listing) -> None:
        age = self.ages[listing.contact_id] = self.ages.get(listing.contact_id, 0) + 1

        def show() -> None:
            # One item's moves become visible in their order.
            if self.ages[listing.contact_id] == age or listing.contact_id not in self.shown:
                self.shown[listing.contact_id] = listing
                self.shown_since[listing.contact_id] = self.wire.kernel.now

        lags = self.wire.chances.strike("inbox lags", listing.status)
        random = self.wire.kernel.random
        self.wire.kernel.at(random.choice((random.uniform(0, 2), random.uniform(0, LISTS_LAG))) if lags else 0.0, show)

    def _visible(self) -> MemoryConversations:
        return MemoryConversations(listings=self.shown)


@dataclass
class Sellers:
    """Implements `chat.ports.sellers.SellerStore`; a team shows as it was up to some seconds ago."""

    wire: Wire
    table: MemorySellers
    kept: Callable[[SharedReplies], None]
    shown: dict[str, tuple[float, Sequence[Seller]]] = field(default_factory=dict)
    heard_at: dict[str, float] = field(default_factory=dict)

    def get(self, seller_id: str) -> Seller | None:
        return self.wire.take("seller", lambda: self.table.get(seller_id))

    def team(self, team: str) -> Sequence[Seller]:
        return self.wire.take("team", lambda: self._shown(team))

    def some(self, limit: int) -> Sequence[Seller]:
        return self.wire.take("sellers", lambda: self.table.some(limit))

    def _shown(self, team: str) -> Sequence[Seller]:
        now = self.wire.kernel.now
        until, shown = self.shown.get(team, (0.0, ()))
        if until <= now:
            shown = self.table.team(team)
            lag = self.wire.kernel.random.uniform(0, 20) if self.wire.chances.strike("team lags") else 0.0
            self.shown[team] = now + lag, shown
        return shown

    def beat(
        self, seller_id: str, availability: Availability | None, at: int, connection_id: str = ""
    ) -> Seller | None:
        def beat() -> Seller | None:
            self.heard_at[seller_id] = self.wire.kernel.now
            return self.table.beat(seller_id, availability, at, connection_id)

        seller = self.wire.take("beat", beat, writes=True)
        current().goes_on_behind = seller.drained_to if seller else ""
        return seller

    def leave(self, seller_id: str, connection_id: str, remaining: str | None = None) -> None:
        self.wire.take("leave", lambda: self.table.leave(seller_id, connection_id, remaining), writes=True)

    def drained(self, seller_id: str, to: str) -> None:
        self.wire.chances.cover("a drain that stopped" if to else "a drain that came to the end")
        self.wire.take("drained", lambda: self.table.drained(seller_id, to), writes=True)

    def replies(self, team: str) -> SharedReplies:
        return self.wire.take("replies", lambda: self.table.replies(team))

    def keep_replies(self, team: str, replies: SharedReplies) -> None:
        def keep() -> None:
            try:
                self.table.keep_replies(team, replies)
            except NumberTakenError:
                self.wire.chances.cover(f"overtaken: {current().action}")
                raise
            self.kept(replies)

        self.wire.take("keep replies", keep, writes=True)

    def recount(self, seller: Seller, open_count: int) -> bool:
        return self.wire.take("recount", lambda: self.table.recount(seller, open_count), writes=True)

    def register(self, seller: Seller) -> None:
        self.wire.take("register", lambda: self.table.register(seller), writes=True)


@dataclass
class Connections:
    """Implements `chat.ports.connections.ConnectionStore`; what was opened shows later, what was closed goes later."""

    wire: Wire
    table: MemoryConnections = field(default_factory=MemoryConnections)
    listed: MemoryConnections = field(default_factory=MemoryConnections)

    def add(self, connection: Connection, expires_at: int) -> None:
        self.wire.take("add", lambda: self._put(connection), writes=True)

    def restore(self, connection: Connection, expires_at: int, learned: Description | None = None) -> None:
        self.wire.take("restore", lambda: self._put(connection), writes=True)

    def remove(self, connection_id: str) -> Connection | None:
        return self.wire.take("remove", lambda: self._drop(connection_id), writes=True)

    def forget(self, connection: Connection) -> None:
        def forget() -> None:
            if self.table.items.get(connection.id) == connection:
                self._drop(connection.id)

        self.wire.take("forget", forget, writes=True)

    def of(self, person: Principal, enough: int | None = None) -> Sequence[Connection]:
        return self.wire.take("of", lambda: self.listed.of(person, enough))

    def holds(self, connection_id: str) -> bool:
        return self.wire.take("holds", lambda: connection_id in self.table.items)

    def _put(self, connection: Connection) -> None:
        self.table.items[connection.id] = connection
        self._later(lambda: self.listed.items.__setitem__(connection.id, connection))

    def _drop(self, connection_id: str) -> Connection | None:
        self._later(lambda: self.listed.items.pop(connection_id, None))
        return self.table.items.pop(connection_id, None)

    def _later(self, call: Callable[[], object]) -> None:
        lags = self.wire.chances.strike("connections lag")
        self.wire.kernel.at(self.wire.kernel.random.uniform(0, 2) if lags else 0.0, call)


@dataclass
class Notes:
    """Implements `chat.ports.conversations.NoteStore`."""

    wire: Wire
    kept: Callable[[Note], None]
    tagged: Callable[[str, frozenset[str]], None]
    table: MemoryNotes = field(default_factory=MemoryNotes)
    reads: dict[tuple[Invocation, str], int] = field(default_factory=dict)

    def notes(self, contact_id: str, after: int, most: int) -> Sequence[Note]:
        def read() -> Sequence[Note]:
            self.reads[(current(), contact_id)] = len(self.table.items[contact_id])
            return self.table.notes(contact_id, after, most)

        return self.wire.take("notes", read)

    def add(self, note: Note) -> None:
        def keep() -> None:
            if self.reads[(current(), note.contact_id)] != len(self.table.items[note.contact_id]):
                self.wire.chances.cover(f"overtaken: {current().action}")
            self.table.add(note)
            self.kept(note)

        self.wire.take("keep", keep, writes=True)

    def tags(self, contact_ids: Sequence[str]) -> Sequence[TagSet]:
        return self.wire.take("tags", lambda: self.table.tags(contact_ids))

    def tag(self, contact_id: str, tag: str, *, expires_at: int, now: int, most: int) -> None:
        def keep() -> None:
            self.table.tag(contact_id, tag, expires_at=expires_at, now=now, most=most)
            self.tagged(contact_id, self.table.sets[contact_id].tags)

        self.wire.take("tag", keep, writes=True)

    def untag(self, contact_id: str, tag: str) -> None:
        def take_away() -> None:
            self.table.untag(contact_id, tag)
            if contact_id in self.table.sets:
                self.tagged(contact_id, self.table.sets[contact_id].tags)

        self.wire.take("untag", take_away, writes=True)


@dataclass
class Blocks:
    """Implements `chat.ports.limits.BlockStore`."""

    wire: Wire
    began: Callable[[Block], None]
    lifted: Callable[[str], None]
    table: MemoryBlocks = field(default_factory=MemoryBlocks)

    def put(self, block: Block) -> bool:
        def put() -> bool:
            is_new = self.table.put(block)
            if is_new:
                self.began(block)
            return is_new

        return self.wire.take("block", put, writes=True)

    def of(self, visitor: str) -> Block | None:
        return self.wire.take("blocked", lambda: self.table.of(visitor))

    def lift(self, visitor: str, now: int, since: str | None = None) -> None:
        def lift() -> None:
            held = self.table.blocks.get(visitor)
            self.table.lift(visitor, now, since)
            if held != self.table.blocks.get(visitor):
                self.lifted(visitor)

        self.wire.take("lift", lift, writes=True)

    def newest(self, limit: int, before: str | None = None) -> Sequence[Block]:
        return self.wire.take("blocks", lambda: self.table.newest(limit, before))


@dataclass
class Directory:
    """Implements `chat.ports.shop.ContactDirectory`: a shop's back end on a bad day."""

    wire: Wire
    known: dict[str, str] = field(default_factory=dict)

    def register(self, request: ContactRequest) -> RegisteredContact:
        chances, kernel, action = self.wire.chances, self.wire.kernel, current().action
        if chances.strike("directory slow", action):
            kernel.sleep(kernel.random.uniform(1, 5))
        if chances.strike("directory down", action):
            raise DirectoryUnavailableError("no answer")
        return as_the_shop(lambda: self.wire.take("register", lambda: self._register(request), writes=True))

    def _register(self, request: ContactRequest) -> RegisteredContact:
        chances, kernel = self.wire.chances, self.wire.kernel
        if request.idempotency_key in self.known:
            chances.cover(f"directory answers twice: {current().action}")
        given = self.known.setdefault(request.idempotency_key, f"shop-{len(self.known)}")
        # An id of another start: a shop that counts wrong.
        if self.known and chances.strike("directory knows it already"):
            given = kernel.random.choice(list(self.known.values()))
        return RegisteredContact(given)


def answering_as_aws(call: Callable[[], T]) -> T:
    """Raises what AWS's clients do."""
    try:
        return call()
    except (StoreBusyError, Unavailable) as error:
        raise ReadTimeoutError(endpoint_url="https://amazonaws.com", error=error) from error


def as_the_shop(call: Callable[[], T]) -> T:
    """Raises what the client of the shop's back end does."""
    try:
        return call()
    except (StoreBusyError, Unavailable) as error:
        raise DirectoryUnavailableError("no answer") from error


@dataclass
class Told:
    """The shop's back end as the courier knows it. `told` are the ids of the events that it took.

    `refused` are those of events that it said it never will.
    """

    wire: Wire
    told: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    def deliver(self, event: Mapping[str, Json]) -> None:
        as_the_shop(lambda: self.wire.take("deliver", lambda: self._take(str(event["id"])), writes=True))

    def _take(self, event_id: str) -> None:
        if self.wire.chances.strike("shop refuses"):
            self.refused.add(event_id)
            raise RefusedForGoodError("HTTP 422")
        if event_id in self.told:
            self.wire.chances.cover("an event that the shop has already")
        self.told.add(event_id)


class Schedules(Protocol):
    """Keeps a check-up for each contact."""

    def put(self, contact_id: str, at: datetime) -> None: ...

    def remove(self, contact_id: str) -> None: ...


@dataclass
class CheckUps:
    """Implements `chat.ports.check_ups.CheckUps`."""

    wire: Wire
    schedules: Schedules

    def put(self, contact_id: str, at: datetime) -> None:
        answering_as_aws(lambda: self.wire.take("put", lambda: self.schedules.put(contact_id, at), writes=True))

    def remove(self, contact_id: str) -> None:
        answering_as_aws(lambda: self.wire.take("remove", lambda: self.schedules.remove(contact_id), writes=True))


class Picky:
    """Implements `chat.ports.strategies.Strategy`: asks a slow shop, which wants a seller for some visitors only."""

    needs_presence = True

    def __init__(self, kernel: Kernel, wanted: Callable[[Ask], bool]) -> None:
        self._kernel = kernel
        self._wanted = wanted

    def order(self, ask: Ask, sellers: Sequence[Seller]) -> Sequence[Seller]:
        self._kernel.sleep(self._kernel.random.uniform(1, 4))
        return sellers if self._wanted(ask) else []
