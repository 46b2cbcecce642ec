"""Snoozing: a seller puts an open contact away, and it is back at a time, or as soon as its visitor writes.

Nothing brings it back. Whether a contact is put away follows from what its seller wanted, what its log says and what
time it is, so that no timer can be late, run twice or get lost, and a message costs no request more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from chat.connections.delivery import Delivery
from chat.log import Log, Origin
from chat.model.entries import Entry, EntryKind, Status
from chat.model.errors import ChatError, Code, forbidden, try_again
from chat.model.identity import Principal, Role, Sender
from chat.model.inbox import Listing, Snooze
from chat.model.timestamps import iso
from chat.ports.conversations import ConversationStore, Excerpt
from chat.ports.errors import asking_to_retry
from chat.ports.machine import Runtime
from chat.protocol.replies import Snoozed, snoozed

LONGEST = timedelta(days=30)
"""For how long a contact is put away at most: it takes up a place of its seller's all the time."""


@dataclass(frozen=True)
class Deferral:
    """What a seller wants of a contact: that it is away `until` a time, or that this `ends`; neither to hear what is.

    What happened behind `base`, a cursor of the seller's, they did not know of.
    """

    contact_id: str
    until: datetime | None = None
    ends: datetime | None = None
    id: str | None = None
    base: int | None = None


class Snoozing:
    """Keeps what sellers want of their own open contacts."""

    def __init__(self, *, log: Log, store: ConversationStore, delivery: Delivery, runtime: Runtime) -> None:
        self._log = log
        self._store = store
        self._delivery = delivery
        self._clock = runtime.clock
        self._ids = runtime.ids

    def change(self, sender: Sender, wanted: Deferral) -> Snoozed:
        """Put a contact away or fetch it back, and tell the seller's other devices; until when it is away then.

        A repetition changes nothing, whatever has come since. Raises `ChatError`: `forbidden` unless its seller asks,
        `bad_field` for a time that is past or too far away, and like `Log.excerpt`, `contact_closed`,
        `contact_expired`, `try_again`.
        """
        person = sender.principal
        if person.role is not Role.SELLER:
            raise ChatError(Code.FORBIDDEN, "Only sellers put contacts away.")
        self._log.require(person, wanted.contact_id)
        origin = Origin(
            wanted.contact_id, person.user_id, wanted.id or self._ids.new(), person=person, base=wanted.base
        )
        excerpt = self._log.excerpt_for(origin, partial(_require_answering, person))
        _require_answering(person, excerpt, excerpt.entries[-1])
        listing = excerpt.listing
        if listing is None:
            raise try_again()
        known = excerpt.snooze
        if wanted.until:
            known = self._put_away(origin, excerpt, listing, wanted.until)
        elif wanted.ends and known and known.until == iso(wanted.ends):
            known = self._fetched_back(listing, known)
        answer = snoozed(wanted.contact_id, known if known and known.is_away else None)
        if wanted.until or wanted.ends:
            self._delivery.tell_devices(person, answer, sender.connection_id)
        return answer

    def _put_away(self, origin: Origin, excerpt: Excerpt, listing: Listing, until: datetime) -> Snooze | None:
        newest = excerpt.entries[-1]
        if newest.state.status is Status.CLOSED:
            raise ChatError(Code.CONTACT_CLOSED, "This contact has ended; there is nothing to put away.")
        if listing.snooze and listing.snooze.id == origin.id:
            return excerpt.snooze
        self._require_near(until, newest)
        seen = newest.seq if origin.base is None else min(origin.base, newest.seq)
        if any(entry.seq > seen and _brings_back(entry, origin) for entry in excerpt):
            # Another device may have known of that, and put it away since.
            return excerpt.snooze
        snooze = Snooze.of(newest, snooze_id=origin.id, until=iso(until), seq=seen)
        self._note(listing, snooze)
        return snooze

    def _fetched_back(self, listing: Listing, known: Snooze) -> Snooze:
        if not known.is_away:
            return known
        woken = replace(known, woken_at=iso(self._clock.now()))
        self._note(listing, woken)
        return woken

    def _note(self, listing: Listing, snooze: Snooze) -> None:
        with asking_to_retry():
            is_noted = self._store.snooze(listing, snooze)
        if not is_noted:
            # It has moved at this very moment, or another device was quicker.
            raise try_again()

    def _require_near(self, until: datetime, newest: Entry) -> None:
        now = self._clock.now()
        latest = min(now + LONGEST, datetime.fromtimestamp(newest.expires_at, UTC))
        if not now < until <= latest:
            reason = f"A contact can be put away until {iso(latest)} at the latest, and until a time that is to come."
            raise ChatError(Code.BAD_FIELD, reason, field="until")


def _require_answering(person: Principal, _excerpt: Excerpt, newest: Entry) -> None:
    if not newest.state.admits(person):
        raise forbidden()


def _brings_back(entry: Entry, origin: Origin) -> bool:
    """Whether something that the seller did not know of would have brought the contact back."""
    if entry.kind is EntryKind.MESSAGE:
        return entry.sender != origin.sender
    return entry.kind is not EntryKind.IDENTIFIED
