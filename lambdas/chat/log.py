"""The log of a contact. Appending is compare-and-swap on the next number.

A writer reads the excerpt from `base`, a cursor of the sender's, to the newest entry. If the entry is in there, it was
written before: a retry is answered as the first attempt was. Otherwise the writer takes the next number, if it is free.
A writer who loses that race looks again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile

from chat.model.entries import GIVING, TALK, Entry, EntryKind, Json, State, Status, Talk
from chat.model.errors import ChatError, Code, forbidden, try_again
from chat.model.identity import SYSTEM, Principal, Role, alias_of
from chat.model.inbox import Listing, Standing
from chat.model.metrics import Metric
from chat.model.timestamps import epoch_seconds, iso
from chat.ports.connections import Connection
from chat.ports.conversations import Change, ConversationStore, Current, Excerpt, Pointer
from chat.ports.errors import (
    ListingMovedError,
    NumberTakenError,
    StoreBusyError,
    StoreUnavailableError,
    asking_to_retry,
)
from chat.ports.machine import Runtime

Decision = Callable[[Excerpt, Entry], Change | None]
"""What is to be appended, told what was read and the newest entry of it; None for nothing."""
Beside = Callable[[State, State], tuple[Connection, ...]]
"""Finds, beside a write, the connections of those it is for; told the conversation before and after it."""
ATTEMPTS = 8
CLOCKS_DIFFER = timedelta(hours=1)
"""Far more than the clocks of two sandboxes do: what one of them takes for expired, no other may still write to."""
NEAR = 4
"""How many entries are read at first; a client that keeps up is less than that behind."""
LONGEST_EXCERPT = 12
"""How many entries may follow a `base`: four read units of short messages. Who is further behind reads first."""
FAR_BYTES = 4 * 1024
"""How much text they may hold, for the same reason: a dozen long messages are two hundred kilobytes."""
A_FEW = 20
"""Entries that are read at once where nobody knows how long they are: with what may follow them 96 read units."""
MOST_KNOWN = 1000
"""Of how many people in contacts a function remembers that they take part."""


@dataclass(frozen=True)
class Origin:
    """Who causes an entry of a contact, of which kind, and the id that they gave it: at most one entry per origin.

    It may also have led to an entry of the kind `or_kind`. `base` is a cursor of the sender's below which it is not,
    None if they keep none. `person` is who asks, None for the
    system: the visitor's name in a contact could be anybody's who knows the contact's id.
    """

    contact_id: str
    sender: str
    id: str
    kind: EntryKind | None = None
    person: Principal | None = None
    base: int | None = None
    or_kind: EntryKind | None = None

    @classmethod
    def of(
        cls, person: Principal, contact_id: str, entry_id: str, kind: EntryKind, *, base: int | None = None
    ) -> Origin:
        """What `person` causes in a contact that they say is theirs."""
        return cls(contact_id, person.name_in(contact_id), entry_id, kind, person, base)

    @classmethod
    def of_system(cls, contact_id: str, entry_id: str) -> Origin:
        """What happens to a contact without anybody asking."""
        return cls(contact_id, SYSTEM, entry_id)

    def found_in(self, excerpt: Excerpt) -> Entry | None:
        """The entry that this origin caused before, if it is in the excerpt.

        Raises `ChatError`: `bad_field`, if the id belongs to an entry of another kind.
        """
        found = excerpt.find(self.sender, self.id)
        if not found or self._is_another_visitor(found.state):
            return None
        if self.kind is not None and found.kind not in {self.kind, self.or_kind}:
            raise ChatError(Code.BAD_FIELD, f"This 'id' was given to a {found.kind} already. Mint another.", field="id")
        return found

    def _is_another_visitor(self, state: State) -> bool:
        return bool(self.person and self.person.role is Role.VISITOR and not state.admits(self.person))


@dataclass(frozen=True)
class Draft:
    """An entry without its number and time."""

    kind: EntryKind
    state: State
    text: str | None = None
    details: Mapping[str, Json] = field(default_factory=dict)
    by_system: bool = False


@dataclass(frozen=True)
class Appended:
    """What an append led to.

    `entry` answers the origin, `written` is everything that is new, `connections` are those it is for. `before` is the
    conversation before it; None where nothing was written now.
    """

    entry: Entry
    written: tuple[Entry, ...] = ()
    connections: tuple[Connection, ...] = ()
    before: State | None = None


class Log:
    """Reads and appends to the logs of contacts."""

    def __init__(self, *, store: ConversationStore, runtime: Runtime, retention_days: int) -> None:
        self._store = store
        self._clock = runtime.clock
        self._pause = runtime.pause
        self._parallel = runtime.parallel
        self._journal = runtime.journal
        self._retention = timedelta(days=retention_days)
        self._known: set[tuple[str, Principal]] = set()

    def latest(self, contact_id: str, person: Principal | None = None) -> Excerpt:
        """The newest entry with listing and marks, for a person or for the system.

        Raises `ChatError`: `contact_expired` for an empty log, `forbidden` for no contact and for one that no longer
        tells that the person took part, since it was erased; `try_again`.
        """
        return _existing(self.end(contact_id), person)

    def require(self, person: Principal, contact_id: str, unless: Callable[[Listing], bool] = lambda _: False) -> None:
        """One small read, before anything else is: an answer to all others costs no more, and says no more.

        Who takes part now is for the newest entry to say, so that whom a function once found to have taken part it need
        not ask about again. `unless` says who else may for now. Raises `ChatError`: `forbidden` for all others and for
        no contact; `try_again`.
        """
        who = (contact_id, replace(person, expires_at=None))
        if who in self._known:
            return
        listing = self.listing(contact_id)
        if listing is None or not (listing.knows(person) or self._is_of_before(listing, person)):
            if listing and unless(listing):
                return
            raise forbidden()
        if len(self._known) == MOST_KNOWN:
            self._known.clear()
        self._known.add(who)

    def _is_of_before(self, listing: Listing, person: Principal) -> bool:
        """Whether a contact that was begun when listings did not tell yet is a visitor's."""
        if listing.visitor or person.role is not Role.VISITOR:
            return False
        newest = self.end(listing.contact_id).newest
        return newest is not None and newest.state.admits(person)

    def find(self, contact_id: str) -> Entry | None:
        """The newest entry; None for no contact and for an empty log. Raises `ChatError`: `try_again`."""
        return self.end(contact_id).newest

    def listing(self, contact_id: str) -> Listing | None:
        """How a contact is listed: one small read. Raises `ChatError`: `try_again`."""
        with asking_to_retry():
            return self._store.listing(contact_id)

    def opening(self, contact_id: str) -> Entry | None:
        """The first entry, unless it has expired; one request, however many have. Raises `ChatError`: `try_again`."""
        return next(iter(self.beginning(contact_id, 1)), None)

    def beginning(self, contact_id: str, limit: int) -> Sequence[Entry]:
        """The first entries, none once the very first has expired; one request. Raises `ChatError`: `try_again`."""
        with asking_to_retry():
            entries = self._alive(self._store.read(contact_id, 1, limit)).entries
        return entries if entries and entries[0].seq == 1 else ()

    def current(self, device: str, requested: str) -> Current | None:
        """The contact that a visitor opened last with a seller or team. Raises `ChatError`: `try_again`."""
        with asking_to_retry():
            return self._store.current_contact(device, requested)

    def keep_beside(self, newest: Entry) -> None:
        """See that what leads a visitor to a contact, and how far it was read, is there as long as the contact is.

        Raises `ChatError`: `try_again`.
        """
        with asking_to_retry():
            self._store.keep_beside(newest)

    def excerpt(self, origin: Origin) -> Excerpt:
        """Entries from the origin's `base` to the newest, or just the newest without a `base`.

        A `base` from which on nothing is there counted in another log: the excerpt then begins with this one, if it is
        no longer than `NEAR`. Raises like `latest`, and `bad_field` where more than `LONGEST_EXCERPT` entries or
        `FAR_BYTES` of text follow `base`.
        """
        if origin.base is None:
            return self.latest(origin.contact_id, origin.person)
        near = self.page(origin.contact_id, max(origin.base, 1), NEAR)
        if not near.entries:
            near = self.page(origin.contact_id, 1, NEAR)
            return near if near.entries and near.complete else self.latest(origin.contact_id, origin.person)
        found = near if near.complete else self._from_far_back(origin.contact_id, near)
        # It may have been erased between two reads.
        return _existing(self._alive(found), origin.person)

    def excerpt_for(self, origin: Origin, admit: Callable[[Excerpt, Entry], object]) -> Excerpt:
        """The excerpt for who is admitted, and first what `admit` raises of the newest entry where `base` is refused.

        Otherwise who had a contact would be told by it how far that went on since. Raises like `excerpt`.
        """
        try:
            return self.excerpt(origin)
        except ChatError as error:
            if error.code is Code.BAD_FIELD:
                end = self.latest(origin.contact_id, origin.person)
                admit(end, _newest(end))
            raise

    def _from_far_back(self, contact_id: str, excerpt: Excerpt) -> Excerpt:
        while not excerpt.complete:
            left, longest = LONGEST_EXCERPT - len(excerpt.entries), max(map(text_bytes, excerpt))
            room = FAR_BYTES - sum(map(text_bytes, excerpt))
            if left <= 0 or room <= 0:
                raise ChatError(
                    Code.BAD_FIELD,
                    "'base' lies too far back. Sync, and send it again from there.",
                    field="base",
                )
            rest = self.page(contact_id, _newest(excerpt).seq + 1, min(left, 1 + room // (longest + 1)))
            # Nothing alive may follow, where all of it expired meanwhile.
            excerpt = replace(rest, entries=excerpt.entries + rest.entries, complete=rest.complete or not rest.entries)
        return excerpt

    def page(self, contact_id: str, first: int, limit: int) -> Excerpt:
        """Entries from number `first` on, at most `limit`; possibly none.

        What has expired and is not deleted yet is halved, not counted through: it costs some twenty requests at most.
        Raises `ChatError`: `try_again`.
        """
        with asking_to_retry():
            stored = self._store.read(contact_id, first, limit)
            alive = self._alive(stored)
            if alive.entries or stored.complete:
                return alive
            newest = self._alive(self._store.latest(contact_id)).newest
            if newest is None:
                return alive
            first = self._first_alive(contact_id, stored.entries[-1].seq + 1, newest.seq)
            return self._alive(self._store.read(contact_id, first, limit))

    def read_on(self, contact_id: str, first: int, limit: int, room: Callable[[Excerpt], int]) -> Excerpt:
        """Entries from number `first` on, at most `limit`; then a few at a time, while there is `room` for any.

        A few, since each that follows may be as long as a message may be, however short those before it are.
        Raises `ChatError`: `try_again`.
        """
        excerpt = self.page(contact_id, first, limit)
        while not excerpt.complete and excerpt.newest and (more := room(excerpt)) > 0:
            rest = self.page(contact_id, excerpt.newest.seq + 1, min(more, A_FEW))
            if rest.listing and rest.listing.is_erased:
                return rest
            longer = excerpt.followed_by(rest)
            if len(longer.entries) == len(excerpt.entries):
                return longer
            excerpt = longer
        return excerpt

    def may_be_gone(self, since: str) -> bool:
        """Whether all that was written at a time (ISO 8601) is past its retention."""
        return datetime.fromisoformat(since) + self._retention < self._clock.now()

    def begin(self, change: Change) -> None:
        """Write the first entries of a log. Raises the store's errors, `NumberTakenError` if it has any already."""
        self._store.commit(change)

    def append(self, origin: Origin, change: Decision, beside: Beside) -> Appended:
        """Append what `change` makes of the newest entries, once per origin, with `beside` running at the same time.

        `change` may raise a `ChatError`. Raises `try_again` when the store fails or
        the race is lost too often, `forbidden` like `require`, and `bad_field` like `excerpt` and `Origin.found_in`.
        """
        if origin.person:
            self.require(origin.person, origin.contact_id)
        excerpt = self.excerpt_for(origin, change)
        for attempt in range(ATTEMPTS):
            newest = _newest(excerpt)
            if found := origin.found_in(excerpt):
                # The first attempt may have died between write and push, so push again; clients drop a `seq` they have.
                untold = attempt > 0 or found is newest
                return self._repeated(excerpt, found, beside) if untold else Appended(found)
            wanted = change(excerpt, newest)
            if wanted is None:
                return Appended(newest)
            try:
                before, after = newest.state, wanted.entries[-1].state
                return replace(self._write(wanted, partial(beside, before, after)), before=before)
            except (NumberTakenError, ListingMovedError, StoreBusyError):
                self._journal.measure({Metric.APPEND_CONFLICTS: 1})
                self._pause.after_attempt(attempt)
            except StoreUnavailableError as error:
                raise try_again() from error
            excerpt = self.excerpt_for(replace(origin, base=newest.seq), change)
        raise try_again(retry_after_ms=1000)

    def change(
        self,
        newest: Entry | None,
        origin: Origin,
        *drafts: Draft,
        pointer: Pointer | None = None,
        claim: str | None = None,
        release: str | None = None,
        since: str | None = None,
        relies_on: Listing | None = None,
    ) -> Change:
        """The change that appends `drafts` after `newest`, the last of them under the origin's id.

        `claim` and `release` are sellers; `since` (ISO 8601) is the contact's place in its inbox, if not now;
        `relies_on` is how it must still be listed, where that matters.
        """
        entries = self._numbered(newest, origin, drafts)
        listing, state = None, entries[-1].state
        # Who waits and speaks for the first time comes before those who have not.
        moves_up = newest is not None and Standing.of(state) is not Standing.of(newest.state)
        if moves_up or any(draft.kind not in TALK for draft in drafts):
            listing = Listing.after(entries[-1])
            listing = replace(listing, since=since) if since else listing
        return Change(entries, listing=listing, pointer=pointer, claim=claim, release=release, relies_on=relies_on)

    def expires_at(self, newest: Entry | None) -> int:
        """When what is written after `newest` is past its retention, in epoch seconds.

        Never before what it follows, also where the retention was shortened meanwhile: were the end of a log gone
        before its beginning, its numbers would be handed out again.
        """
        ends = epoch_seconds(self._clock.now() + self._retention)
        return max(ends, newest.expires_at) if newest else ends

    def _numbered(self, newest: Entry | None, origin: Origin, drafts: tuple[Draft, ...]) -> tuple[Entry, ...]:
        at, expires_at = iso(self._clock.now()), self.expires_at(newest)
        after = newest.seq if newest else 0
        entries = (
            Entry(
                contact_id=origin.contact_id,
                seq=seq,
                kind=draft.kind,
                id=origin.id if seq == after + len(drafts) else f"{origin.id}.{draft.kind}",
                sender=SYSTEM if draft.by_system else origin.sender,
                at=at,
                state=state,
                expires_at=expires_at,
                text=draft.text,
                details=draft.details,
            )
            for seq, draft, state in _in_order(drafts, after)
        )
        return tuple(_with_talk(entries, newest.state.talk if newest else Talk()))

    def end(self, contact_id: str) -> Excerpt:
        """The newest entry with listing and marks; possibly none of them. Raises `ChatError`: `try_again`."""
        with asking_to_retry():
            stored = self._store.latest(contact_id)
            alive = self._alive(stored)
            if stored.listing and stored.listing.status is not Status.CLOSED and self._is_gone(stored):
                # Nothing else would ever take it off the lists, or give back its seller's place.
                self._store.retire(stored.listing)
        return alive

    def _is_gone(self, stored: Excerpt) -> bool:
        """Whether nothing of a log is left for anybody, also by a clock that is behind."""
        ends = epoch_seconds(self._clock.now() - CLOCKS_DIFFER)
        return stored.newest is None or stored.newest.expires_at <= ends

    def _first_alive(self, contact_id: str, low: int, high: int) -> int:
        """The first number from `low` on that has not expired, where `high` has not: nothing expires before `low` does.

        Raises the store's errors.
        """
        while low < high:
            middle = (low + high) // 2
            # The first that is there, since what has expired is deleted in no order.
            found = self._store.read(contact_id, middle, 1)
            if self._alive(found).entries:
                high = middle
            else:
                low = (found.newest.seq if found.newest else middle) + 1
        return low

    def _alive(self, excerpt: Excerpt) -> Excerpt:
        """Without what is past its retention: it is deleted late, and in no order that anybody could rely on.

        And without what is being erased: who begins to write once it is listed so would take a number that is free.
        """
        now = epoch_seconds(self._clock.now())
        if excerpt.listing and excerpt.listing.is_erased:
            return replace(excerpt, entries=())
        newest_first = takewhile(lambda entry: entry.expires_at > now, reversed(excerpt.entries))
        return replace(excerpt, entries=tuple(newest_first)[::-1])

    def _repeated(self, excerpt: Excerpt, found: Entry, beside: Beside) -> Appended:
        return Appended(found, (found,), beside(excerpt.state_before(found), found.state))

    def _write(self, change: Change, beside: Callable[[], tuple[Connection, ...]]) -> Appended:
        def write() -> tuple[Connection, ...]:
            self._store.commit(change)
            return ()

        _, found = self._parallel.run([write, beside])
        return Appended(change.entries[-1], change.entries, found)


def _existing(excerpt: Excerpt, person: Principal | None) -> Excerpt:
    if excerpt.entries:
        return excerpt
    if excerpt.listing and (person is None or excerpt.listing.knows(person)):
        raise ChatError(Code.CONTACT_EXPIRED, "This contact is past its retention. Start a new one with InitChat.")
    raise forbidden()


def text_bytes(entry: Entry) -> int:
    """How long what a person wrote or told in an entry is."""
    # What a visitor's page tells of them may be as long as a message.
    told = str(entry.details) if entry.kind is EntryKind.IDENTIFIED else ""
    return len((entry.text or told).encode())


def _newest(excerpt: Excerpt) -> Entry:
    assert excerpt.newest is not None  # noqa: S101 - latest() and excerpt() never return an empty excerpt
    return excerpt.newest


def _in_order(drafts: tuple[Draft, ...], after: int) -> Iterator[tuple[int, Draft, State]]:
    """Each draft with its number, and with its state as it is once the numbers are known."""
    given_in: int | None = None
    for seq, draft in enumerate(drafts, start=after + 1):
        given_in = seq if draft.kind in GIVING else given_in
        yield seq, draft, draft.state if given_in is None else replace(draft.state, assigned_in=given_in)


def _with_talk(entries: Iterable[Entry], talk: Talk | None) -> Iterator[Entry]:
    """Each entry with what a list shows once it is written; of what began before that was noted it is never known."""
    for entry in entries:
        talk = talk and _talk_after(talk, entry)
        yield replace(entry, state=replace(entry.state, talk=talk))


def _talk_after(talk: Talk, entry: Entry) -> Talk:
    if entry.kind is EntryKind.MESSAGE:
        return talk.after_message(entry.seq, entry.at, by_visitor=entry.sender == alias_of(entry.contact_id))
    told = entry.details.get("user_info")
    return talk.after_details(told) if isinstance(told, dict) else talk
