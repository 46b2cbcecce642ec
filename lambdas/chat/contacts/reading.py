"""Reading a contact's log from a cursor on, and listing contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain

from msgspec import UNSET

from chat.lists.earlier import Earlier, MayRead
from chat.lists.lines import Lines
from chat.log import Log
from chat.model.entries import Status
from chat.model.errors import ChatError, Code, forbidden
from chat.model.identity import Principal, Role
from chat.model.inbox import Listing, Place, Snooze
from chat.model.sellers import Seller
from chat.ports.conversations import ConversationStore, Excerpt
from chat.ports.errors import asking_to_retry
from chat.ports.machine import Parallel
from chat.ports.sellers import SellerStore
from chat.protocol.replies import (
    EarlierListed,
    EarlierRead,
    Gap,
    InboxItem,
    InboxListed,
    InboxPage,
    Synced,
    fitting,
    inbox_item,
    marks_of,
    room_after,
    view,
)
from chat.team import Tags, WaitingLine, is_asked

INBOX_LIMIT = 100
"""How many contacts one answer lists at most."""

LINES_LIMIT = 40
"""How many it lists at most with what was said in them."""

EARLIER_LIMIT = 100
"""How many entries of an earlier contact one answer has at most."""

FIRST_FEW = 8
"""Entries of a page that are read first; more than somebody misses who was away for a moment."""


@dataclass(frozen=True)
class _Found:
    """Contacts as they are listed, at least one more than are told of if there are, and what is told of each."""

    listings: Sequence[Listing]
    items: list[InboxItem]

    def fitting(self, beside: Sequence[InboxItem] = ()) -> InboxPage:
        """As many as fit into one frame `beside` others."""
        items = fitting(self.items, beside)
        last = self.listings[len(items) - 1].place if self.listings[len(items) :] else None
        return InboxPage(items, str(last) if last else UNSET)


class Reading:
    """Answers what a client asks for; never part of it without saying so."""

    def __init__(
        self,
        *,
        log: Log,
        store: ConversationStore,
        sellers: SellerStore,
        waiting_line: WaitingLine,
        lines: Lines,
        parallel: Parallel,
        tags: Tags,
    ) -> None:
        self._parallel = parallel
        self._log = log
        self._lines = lines
        self._earlier = Earlier(log=log, parallel=parallel)
        self._tags = tags
        self._waiting_line = waiting_line
        self._store = store
        self._sellers = sellers

    def sync(self, reader: Principal, contact_id: str, after: int, limit: int) -> Synced:
        """What follows `after`, for who takes part, and for the sellers for whom a contact waits.

        A cursor that was never handed out, or whose entries are gone, gets an explicit gap. Raises `ChatError`:
        `forbidden`, `contact_expired`, `try_again`.
        """
        self._log.require(reader, contact_id, partial(self._waiting_line.may_read, reader))
        # The entry at the cursor is read too: it proves that the cursor is one of this log.
        excerpt = self._what_fits(contact_id, after, limit)
        if not excerpt.entries:
            return self._from_the_start(reader, contact_id, after, limit)
        self._admit(reader, contact_id, excerpt)
        return _page(contact_id, excerpt, after=after, limit=limit, gap=_expired(after, excerpt.entries[0].seq))

    def earlier(self, reader: Principal, contact_id: str, after: str | None) -> EarlierListed:
        """What the visitor had before a contact that the seller answers or may take, as far as they may read it.

        `after` is the contact behind which to go on. Raises `ChatError`: `forbidden`, `contact_closed`,
        `contact_expired`, `try_again`.
        """
        visitor = self._visitor_of(reader, contact_id)
        if after is not None:
            listing = self._log.listing(after)
            if listing is None or not listing.knows(visitor):
                raise forbidden()
        return self._earlier.listed(contact_id, after, visitor, self._right_to_earlier(reader, visitor))

    def read_earlier(self, reader: Principal, contact_id: str, earlier: str, after: int) -> EarlierRead:
        """Entries behind a number of one of them, as many as one frame takes.

        Raises `ChatError`: `forbidden`, also for one that goes on again, and else as `earlier` does.
        """
        may_read = self._right_to_earlier(reader, self._visitor_of(reader, contact_id))
        _require(may_read, self._log.listing(earlier))
        excerpt = self._what_fits(earlier, after, EARLIER_LIMIT)
        # It may have been reopened meanwhile, and then is whose it was given.
        _require(may_read, excerpt.listing or self._log.listing(earlier))
        page = _page(earlier, excerpt, after=after, limit=EARLIER_LIMIT, gap=None)
        # Behind nothing there is nothing: it has expired, and is not deleted yet.
        more = page.more and bool(page.entries)
        return EarlierRead(contact_id=contact_id, earlier=earlier, after=after, entries=page.entries, more=more)

    def _visitor_of(self, reader: Principal, contact_id: str) -> Principal:
        """The visitor whom the seller answers, or may answer."""
        state = self._waiting_line.admitted(reader, contact_id).state
        if state.status is Status.CLOSED:
            raise ChatError(Code.CONTACT_CLOSED, "This contact has ended. What was before is read while one goes on.")
        return Principal(state.visitor, Role.VISITOR)

    def _right_to_earlier(self, reader: Principal, visitor: Principal) -> MayRead:
        """What of a visitor's a seller may read: what has ended and was theirs, or was for them or their team."""

        @cache
        def seller() -> Seller | None:
            with asking_to_retry():
                return self._sellers.get(reader.user_id)

        def may_read(listing: Listing) -> bool:
            if listing.status is not Status.CLOSED or not listing.knows(visitor):
                return False
            return listing.seller == reader.user_id or is_asked(seller(), listing.requested)

        return may_read

    def inbox(
        self,
        reader: Principal,
        status: Status,
        after: str | None = None,
        *,
        with_lines: bool,
        with_tails: bool,
        with_queue: bool,
    ) -> InboxListed:
        """A page of the seller's contacts in a status, with what was said last in each, and its tags, if asked for.

        Those who wait for the team are among the queued, and who left its queue is among the closed. With tails how
        far each log goes that is the seller's, and its marks: what came before the question is in them. With either,
        until when the seller has put it away. With the queue the first page of those who wait stands beside it.

        Raises `ChatError`: `forbidden` for a visitor, `try_again`.
        """
        if reader.role is not Role.SELLER:
            raise forbidden()
        place = Place.parse(after) if after else None
        wanted = [partial(self._page, reader, status, place, with_lines=with_lines, with_tails=with_tails)]
        if with_queue:
            wanted.append(partial(self._page, reader, Status.QUEUED, None, with_lines=with_lines, with_tails=False))
        found, *queues = self._parallel.run(wanted)
        page = found.fitting()
        queued = queues[0].fitting(beside=page.contacts) if queues else UNSET
        return InboxListed(status=status, contacts=page.contacts, next=page.next, queued=queued)

    def _page(
        self, reader: Principal, status: Status, after: Place | None, *, with_lines: bool, with_tails: bool
    ) -> _Found:
        with asking_to_retry():
            listings = self._listed(reader.user_id, status, after)
        page = listings[: LINES_LIMIT if with_lines else INBOX_LIMIT]
        ends = self._ends(page) if with_lines or with_tails else []
        lines = self._lines.of(page, ends) if with_lines else [None] * len(page)
        tails = [_own(end, reader) for end in ends] if with_tails else [None] * len(page)
        tagged = self._tags.of(each.contact_id for each in page) if with_lines else {}
        tags = [tagged.get(each.contact_id, ()) for each in page]
        snoozes = [_snooze(end, reader) for end in ends] or [None] * len(page)
        items = [
            inbox_item(listing, line, tail, named, snooze=snooze)
            for listing, line, tail, named, snooze in zip(page, lines, tails, tags, snoozes, strict=True)
        ]
        return _Found(listings, items)

    def _ends(self, listings: Sequence[Listing]) -> list[Excerpt]:
        """The end of each log, read side by side."""
        return self._parallel.run([partial(self._log.end, listing.contact_id) for listing in listings])

    def _listed(self, seller_id: str, status: Status, after: Place | None) -> Sequence[Listing]:
        """One more than are listed, if there are, of each queue."""
        if status is Status.OPEN:
            return self._store.inbox(seller_id, status, INBOX_LIMIT + 1, after)
        seller = self._sellers.get(seller_id)
        owners = dict.fromkeys((seller_id, seller.team) if seller else (seller_id,))
        asked = [partial(self._store.inbox, owner, status, INBOX_LIMIT + 1, after) for owner in owners]
        found = chain.from_iterable(self._parallel.run(asked))
        newest_first = status is Status.CLOSED
        return sorted(found, key=lambda listing: listing.place, reverse=newest_first)

    def _from_the_start(self, reader: Principal, contact_id: str, after: int, limit: int) -> Synced:
        self._admit(reader, contact_id, self._log.latest(contact_id, reader))
        excerpt = self._what_fits(contact_id, 0, limit)
        return _page(contact_id, excerpt, after=0, limit=limit, gap=Gap(first=0, last=after, reason="unknown_cursor"))

    def _what_fits(self, contact_id: str, after: int, limit: int) -> Excerpt:
        """The entry at the cursor and about as many as one frame takes: of long texts that is a few."""
        wanted = limit + 1

        def room(excerpt: Excerpt) -> int:
            return min(room_after([view(entry) for entry in excerpt]), wanted - len(excerpt.entries))

        return self._log.read_on(contact_id, max(after, 1), min(wanted, FIRST_FEW), room)

    def _admit(self, reader: Principal, contact_id: str, excerpt: Excerpt) -> None:
        # Who the seller is may have changed after a page that was cut off; who the visitor is never changes.
        if not excerpt.complete and reader.role is Role.SELLER:
            excerpt = self._log.latest(contact_id, reader)
        if excerpt.newest is None or not self._waiting_line.admits(reader, excerpt):
            raise forbidden()


def _require(may_read: MayRead, listing: Listing | None) -> None:
    if listing is None or not may_read(listing):
        raise forbidden()


def _own(end: Excerpt, reader: Principal) -> Excerpt | None:
    """None of what has gone to somebody else while its list lags, and of what has expired."""
    return end if end.newest and end.newest.state.admits(reader) else None


def _snooze(end: Excerpt, reader: Principal) -> Snooze | None:
    """Until when a reader has put a contact away, by what its log's end says: a list lags behind that."""
    snooze = end.snooze if _own(end, reader) else None
    return snooze if snooze and snooze.is_away else None


def _expired(after: int, first: int) -> Gap | None:
    return Gap(first=after + 1, last=first - 1, reason="expired") if first > after + 1 else None


def _page(contact_id: str, excerpt: Excerpt, *, after: int, limit: int, gap: Gap | None) -> Synced:
    following = [entry for entry in excerpt.entries if entry.seq > after]
    views = fitting([view(entry) for entry in following[:limit]])
    more = bool(following[len(views) :]) or not excerpt.complete
    newest = excerpt.newest if excerpt.complete else None
    return Synced(
        contact_id=contact_id,
        after=after,
        entries=views,
        more=more,
        tail=newest.seq if newest else UNSET,
        status=newest.state.status if newest else UNSET,
        marks=marks_of(excerpt) if excerpt.complete else UNSET,
        gap=gap or UNSET,
    )
