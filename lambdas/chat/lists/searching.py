"""Finding in a seller's own contacts what was told or said: read through newest first, a few with each request.

There is no index of words: written with every message, one would cost more than sellers' searches read
(docs/decisions.md). So nothing is kept for a search that an erasure could miss.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from chat.log import A_FEW, Log, text_bytes
from chat.model.entries import Entry, EntryKind, Json, Status
from chat.model.errors import ChatError, Code, forbidden
from chat.model.identity import Principal, Role
from chat.model.inbox import Listing, Place
from chat.model.timestamps import iso
from chat.ports.conversations import ConversationStore, Excerpt
from chat.ports.errors import asking_to_retry
from chat.ports.machine import Runtime
from chat.protocol.replies import Found, SearchFound, search_found

BACK = timedelta(days=90)
"""How far back contacts may have ended, and messages been written."""
CONTACTS = 20
"""How many contacts one request looks through at most."""
ENTRIES = 100
"""How many entries of each: nearly every chat is shorter."""
ENTRIES_OF_ONE = 400
"""How many of one that is longer, which then is all that a request looks through."""
TEXT_BYTES = 128 * 1024
"""How much of text: then it looks through no more of a contact, and through no more contacts."""
AT_ONCE = 5
"""How many contacts are read at the same time, before it is known how much that was."""
LONGEST_FOUND = 120
"""Of a text in which something was found, in characters."""
_BEFORE = 30


@dataclass(frozen=True)
class Spot:
    """Where a search goes on: behind a place in a list, and before that in the contact there from an entry on."""

    status: Status = Status.OPEN
    place: Place | None = None
    entry: int = 0

    def __str__(self) -> str:
        """As a client hands it back."""
        return f"{self.status}/{self.entry}/{self.place or ''}"

    @classmethod
    def parse(cls, text: str) -> Spot:
        """The spot that was written so."""
        status, entry, place = text.split("/", 2)
        return cls(Status(status), Place.parse(place) if place else None, int(entry))


class Searching:
    """Looks through a seller's contacts."""

    def __init__(self, *, log: Log, store: ConversationStore, runtime: Runtime) -> None:
        self._log = log
        self._store = store
        self._clock = runtime.clock
        self._parallel = runtime.parallel

    def search(self, reader: Principal, query: str, after: str | None) -> SearchFound:
        """What was found in the next few contacts, one entry of each: the newest in which all words are.

        A word is found within others, whatever the case. Raises `ChatError`: `forbidden` for a visitor, `bad_field` for
        a query without a word, `try_again`.
        """
        if reader.role is not Role.SELLER:
            raise forbidden()
        words = folded(query).split()
        if not words:
            raise ChatError(Code.BAD_FIELD, "A search needs a word.", field="query")
        spot = Spot.parse(after) if after else Spot()
        all_listed = self._resumed(reader, spot) if spot.entry else self._listed(reader, spot)
        listings = all_listed[:CONTACTS]
        found: list[Found] = []
        last: Listing | None = None
        for listing, page in self._read(listings, spot):
            if (hit := self._hit(page, words)) and self._is_still_theirs(reader, page, listing):
                found.append(search_found(listing, hit, _around(hit, words[0])))
            if not page.complete and page.newest:
                return _answer(query, found, listing, Spot(spot.status, listing.place, page.newest.seq + 1))
            last = listing
        if last and last is not listings[-1]:
            return _answer(query, found, last, Spot(spot.status, last.place))
        return _answer(query, found, last, _next(spot, all_listed))

    def _read(self, listings: Sequence[Listing], spot: Spot) -> Iterator[tuple[Listing, Excerpt]]:
        """Each contact with what is read of it, until that is as much as one request looks through."""
        read = 0
        for first in range(0, len(listings), AT_ONCE):
            if read > TEXT_BYTES:
                return
            some = listings[first : first + AT_ONCE]
            pages = self._parallel.run([partial(self._page, listing, spot) for listing in some])
            read += sum(map(_size, pages))
            yield from zip(some, pages, strict=True)

    def _listed(self, reader: Principal, spot: Spot) -> Sequence[Listing]:
        """One more than are looked through, if there are."""
        with asking_to_retry():
            listings = self._store.inbox(reader.user_id, spot.status, CONTACTS + 1, spot.place)
        since = iso(self._clock.now() - BACK)
        return [each for each in listings if spot.status is Status.OPEN or each.since >= since]

    def _resumed(self, reader: Principal, spot: Spot) -> Sequence[Listing]:
        listing = self._log.listing(spot.place.contact_id) if spot.place else None
        return [listing] if listing and listing.owner == reader.user_id else []

    def _page(self, listing: Listing, spot: Spot) -> Excerpt:
        most = ENTRIES_OF_ONE if spot.entry else ENTRIES

        def room(page: Excerpt) -> int:
            return 0 if _size(page) > TEXT_BYTES else most - len(page.entries)

        return self._log.read_on(listing.contact_id, spot.entry or 1, A_FEW, room)

    def _hit(self, page: Excerpt, words: Sequence[str]) -> Entry | None:
        since = iso(self._clock.now() - BACK)
        newest_first = reversed(page.entries)
        return next((entry for entry in newest_first if _is_searched(entry, since) and _has(entry, words)), None)

    def _is_still_theirs(self, reader: Principal, page: Excerpt, listing: Listing) -> bool:
        """Whether what the list says, which lags behind, is still so."""
        current = page.listing or self._log.listing(listing.contact_id)
        return current is not None and current.owner == reader.user_id


def folded(text: str) -> str:
    """A text as it is compared: without case, and with one way to write each character."""
    return unicodedata.normalize("NFKC", text).casefold()


def _size(page: Excerpt) -> int:
    return sum(map(text_bytes, page))


def _next(spot: Spot, listings: Sequence[Listing]) -> Spot | None:
    if spot.entry:
        return Spot(spot.status, spot.place)
    if len(listings) > CONTACTS:
        return Spot(spot.status, listings[CONTACTS - 1].place)
    return Spot(Status.CLOSED) if spot.status is Status.OPEN else None


def _answer(query: str, found: Sequence[Found], last: Listing | None, spot: Spot | None) -> SearchFound:
    return SearchFound.of(query, found, searched_to=last.since if last else None, after=str(spot) if spot else None)


def _is_searched(entry: Entry, since: str) -> bool:
    """What visitors told of themselves counts however long ago; a message does for a while."""
    return entry.kind is not EntryKind.MESSAGE or entry.at >= since


def _has(entry: Entry, words: Sequence[str]) -> bool:
    text = folded("\n".join(_texts(entry)))
    return all(word in text for word in words)


def _texts(entry: Entry) -> Iterator[str]:
    if entry.text is not None:
        yield entry.text
    yield from _values(entry.details.get("user_info"))


def _values(told: Json | Mapping[str, Json]) -> Iterator[str]:
    if isinstance(told, str | int | float) and not isinstance(told, bool):
        yield str(told)
    for each in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from _values(each)


def _around(entry: Entry, word: str) -> str:
    """The text in which a word was found, cut off around it."""
    text = next((each for each in _texts(entry) if word in folded(each)), "")
    # Folding may lengthen a text; then the cut is a little off.
    start = max(0, folded(text).find(word) - _BEFORE)
    return text[start : start + LONGEST_FOUND]
