"""The store of conversations, the words of its reads and writes, and what sellers note beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from chat.model.entries import Entry, Mark, State, Status
from chat.model.identity import Role
from chat.model.inbox import Listing, Place, Snooze


@dataclass(frozen=True)
class Excerpt:
    """What one strongly consistent read of a contact returned: entries in order, and its listing and marks.

    `complete` is False when a page limit cut the entries off; listing and marks are then missing.
    """

    entries: tuple[Entry, ...] = ()
    listing: Listing | None = None
    marks: Mapping[Role, Mark] = field(default_factory=dict)
    complete: bool = True

    @property
    def newest(self) -> Entry | None:
        """The last entry read."""
        return self.entries[-1] if self.entries else None

    @property
    def snooze(self) -> Snooze | None:
        """What the contact's seller wants of it, unless something has ended that."""
        return self.listing.snooze_after(self.newest) if self.listing and self.newest else None

    def find(self, sender: str, message_id: str) -> Entry | None:
        """The entry that `sender` sent under `message_id`, if it is in the excerpt."""
        return next((entry for entry in self.entries if entry.is_by(sender, message_id)), None)

    def state_before(self, entry: Entry) -> State:
        """The conversation before an entry of the excerpt; as after it, if what precedes it is not in there."""
        return next((each.state for each in self.entries if each.seq == entry.seq - 1), entry.state)

    def mark(self, role: Role) -> Mark:
        """The mark of one side; zero before its first receipt."""
        return self.marks.get(role, Mark())

    def followed_by(self, other: Excerpt) -> Excerpt:
        """Both as one; as it is where `other` does not begin right behind it."""
        if self.newest and other.entries and other.entries[0].seq != self.newest.seq + 1:
            return self
        return replace(other, entries=self.entries + other.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


@dataclass(frozen=True)
class Current:
    """The contact that a visitor's pointer points to, and the pointer's version: every write of it counts."""

    contact_id: str
    version: int


@dataclass(frozen=True)
class Pointer:
    """Which contact a visitor has with a seller.

    `replaces` is the contact it must still point to when it is written; None where there must be no pointer yet. With
    a `version` it must not have been written since that one either: a contact that was reopened, and perhaps closed
    again, has the same pointer as before.
    """

    visitor: str
    requested: str
    contact_id: str
    replaces: str | None = None
    version: int | None = None


@dataclass(frozen=True)
class Change:
    """What is written together or not at all.

    `claim` takes up one place of a registered seller's capacity, `release` gives one back. A change of the listing
    that `relies_on` another one is written only while the contact is still listed so.
    """

    entries: tuple[Entry, ...]
    listing: Listing | None = None
    pointer: Pointer | None = None
    claim: str | None = None
    release: str | None = None
    relies_on: Listing | None = None


class ConversationStore(Protocol):
    """The log, listings, marks and pointers of contacts.

    Every method may raise `StoreBusyError` (nothing written) or `StoreUnavailableError` (outcome unknown).
    """

    def read(self, contact_id: str, first: int, limit: int | None = None) -> Excerpt:
        """Entries from number `first` on, at most `limit`, read strongly consistently."""

    def latest(self, contact_id: str) -> Excerpt:
        """The newest entry (possibly a few before it), the listing and the marks, read strongly consistently."""

    def listing(self, contact_id: str) -> Listing | None:
        """The listing alone, read strongly consistently: small, however much was written."""

    def commit(self, change: Change) -> None:
        """Write a change.

        Raises `NumberTakenError`, `PointerMovedError`, `ListingMovedError`, `SellerFullError`: nothing was written.
        """

    def raise_mark(self, contact_id: str, role: Role, mark: Mark, expires_at: int) -> bool:
        """Store a mark until `expires_at` (epoch seconds) unless a higher one is there; False if one is."""

    def current_contact(self, visitor: str, requested: str) -> Current | None:
        """The contact that a visitor last opened with a seller, read strongly consistently."""

    def keep_beside(self, newest: Entry) -> None:
        """Let the pointer to a contact, if it points there still, and its marks outlive what has been written since."""

    def inbox(self, owner: str, status: Status, limit: int, after: Place | None = None) -> Sequence[Listing]:
        """Contacts of a seller or team in a status: open and closed newest first, queued oldest first.

        `after` is the place behind which to go on.
        """

    def longest_open(self, seller: str, limit: int) -> Sequence[Listing]:
        """A seller's open contacts, oldest first."""

    def snooze(self, listing: Listing, snooze: Snooze) -> bool:
        """Note what the seller wants of an open contact; False if its listing is not as it was read any more.

        Nor is anything noted of a contact whose visitor was erased.
        """

    def retire(self, listing: Listing) -> None:
        """List a contact of which only its listing is left as closed, and give back its seller's place.

        Nothing happens if it has moved since.
        """


@dataclass(frozen=True)
class Note:
    """What a seller wrote about a contact for those who answer it after them.

    `seq` counts a contact's notes from 1; `at` is ISO 8601 in UTC with milliseconds, `expires_at` in epoch seconds.
    """

    contact_id: str
    seq: int
    id: str
    seller_id: str
    text: str
    at: str
    expires_at: int

    def is_by(self, seller_id: str, note_id: str) -> bool:
        """Whether this is what a seller wrote under an id."""
        return self.id == note_id and self.seller_id == seller_id


@dataclass(frozen=True)
class TagSet:
    """What sellers call a contact, until `expires_at` in epoch seconds."""

    contact_id: str
    tags: frozenset[str]
    expires_at: int


class NoteStore(Protocol):
    """The notes about contacts, and their tags. Every method may raise `StoreBusyError` or `StoreUnavailableError`."""

    def notes(self, contact_id: str, after: int, most: int) -> Sequence[Note]:
        """The newest notes behind a number, `most` of them, in their order, read strongly consistently.

        Perhaps with what has expired.
        """

    def add(self, note: Note) -> None:
        """Keep a note. Raises `NumberTakenError`, and `ForgottenError` for a contact whose visitor was erased."""

    def tags(self, contact_ids: Sequence[str]) -> Sequence[TagSet]:
        """The tags of contacts, read strongly consistently, perhaps with what has expired."""

    def tag(self, contact_id: str, tag: str, *, expires_at: int, now: int, most: int) -> None:
        """Add a tag, and have all of them expire later; in the place of those that have expired by `now`.

        Raises `FullError` if there are `most` others, `ForgottenError` as `add` does.
        """

    def untag(self, contact_id: str, tag: str) -> None:
        """Take a tag away, if it is there."""
