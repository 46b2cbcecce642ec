"""Contacts that wait for a seller: who has spoken, then oldest first; moved on by events, never by polling."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import partial
from itertools import zip_longest

from chat.connections.delivery import Delivery, Parcel
from chat.ledger import Ledger
from chat.limits import Blocks
from chat.log import Draft, Log, Origin
from chat.model.entries import Entry, EntryKind, Status
from chat.model.identity import Principal, Role, reference_of
from chat.model.inbox import Listing, Place, Standing
from chat.model.metrics import Metric
from chat.model.sellers import Seller
from chat.model.timestamps import iso
from chat.ports.conversations import Change, ConversationStore, Excerpt
from chat.ports.errors import asking_to_retry
from chat.ports.machine import Runtime
from chat.ports.strategies import Ask
from chat.protocol.replies import QueuePushed, QueueView, encode
from chat.team.assignment import Assignment, Offer, Outlook, first_with_room

LISTED = 100
"""How far a visitor's place is counted, and how many are looked at in one go."""
TOLD = 10
"""How many of those who go on waiting are told that they moved up."""
LOOKED_UP = 20
"""How many sellers or contacts are looked up one by one where an index may be wrong about them."""
MOST_LOOKED_AT = 500
"""How many who wait are looked at in one drain."""
AT_ONCE = timedelta(seconds=60)
"""Whom a check-up assigns who has waited for longer could have been assigned before: stacks/objectives.py counts it."""
A_MINUTE = timedelta(minutes=1)
SHOWN = timedelta(hours=1)
"""After which an index shows what its table has; AWS promises no time, and mostly takes less than a second."""
WITHIN = timedelta(seconds=10)
"""How long one drain may take: a seller's client repeats a heartbeat that is not answered by then."""


class _Outcome(Enum):
    """What became of a contact that was to be given to a seller."""

    GIVEN = auto()
    LEFT = auto()
    WAITS = auto()
    NO_ROOM = auto()


@dataclass(frozen=True)
class Stop:
    """Where a drain stopped for want of time: in whose queue, and behind which place; None for its beginning."""

    requested: str
    place: Place | None

    def __str__(self) -> str:
        """As it is stored; no name has a slash in it."""
        return f"{self.requested}/{self.place}" if self.place else self.requested

    @classmethod
    def parse(cls, text: str) -> Stop | None:
        """What was stored; None for nothing."""
        if not text:
            return None
        requested, _, place = text.partition("/")
        return cls(requested, Place.parse(place) if place else None)


@dataclass(frozen=True)
class Drained:
    """How many contacts were given to sellers, of how many that were looked at.

    `stopped_at` is None if there was time for all of them; `has_room` is False if somebody was left for want of it.
    """

    given: int = 0
    looked_at: int = 0
    stopped_at: Stop | None = None
    has_room: bool = True

    @property
    def leaves_nobody(self) -> bool:
        """Whether all who were listed were asked about."""
        return self.has_room and self.stopped_at is None


@dataclass(frozen=True)
class _Stretch:
    """A part of a queue, in its order."""

    requested: str
    after: Place | None = None
    until: Place | None = None


def _stretches(names: list[str], stop: Stop | None) -> list[_Stretch]:
    """The queues from where the last drain stopped to the end, and then from their beginning up to there."""
    if stop is None or stop.requested not in names:
        return [_Stretch(name) for name in names]
    at = names.index(stop.requested)
    missed, (stopped, *rest) = names[:at], names[at:]
    again = [_Stretch(stopped, until=stop.place)] if stop.place else []
    return [_Stretch(stopped, after=stop.place), *map(_Stretch, rest), *map(_Stretch, missed), *again]


class Queue:
    """The queues of sellers and teams."""

    def __init__(
        self,
        *,
        store: ConversationStore,
        log: Log,
        ledger: Ledger,
        delivery: Delivery,
        assignment: Assignment,
        blocks: Blocks,
        runtime: Runtime,
    ) -> None:
        self._store = store
        self._log = log
        self._ledger = ledger
        self._delivery = delivery
        self._assignment = assignment
        self._blocks = blocks
        self._clock = runtime.clock
        self._parallel = runtime.parallel
        self._ids = runtime.ids
        self._journal = runtime.journal

    def has_waiting(self, requested: str) -> bool:
        """Whether anybody waits for this seller or team, and did not keep a seller in vain.

        Raises `ChatError`: `try_again`.
        """
        return any(first.standing is not Standing.PARKED for first in self._listed(requested, 1))

    def others_wait_for(self, seller: Seller, since: str = "") -> bool:
        """Whether anybody waits whom a seller might be given, and began to, or spoke, after a time (ISO 8601).

        Raises `ChatError`: `try_again`.
        """
        waiting: list[Listing] = []
        for name in dict.fromkeys((seller.team, seller.id)):
            listed = self._listed(name, LISTED if since else 1)
            waiting += [each for each in listed if each.standing is not Standing.PARKED]
            if any(each.since > since for each in waiting):
                return True
        return self._has_come_back(waiting, since)

    def _has_come_back(self, waiting: Sequence[Listing], since: str) -> bool:
        """Whether one of the first lost a seller who vanished after a time: they wait where they did before."""
        before = [each.contact_id for each in waiting if each.former][:LOOKED_UP]
        newest = self._parallel.run([partial(self._still_waits, each) for each in before])
        return any(each and each.at > since for each in newest)

    def place_of(self, newest: Entry) -> QueueView | None:
        """A contact's place in its queue, counted up to one more than are listed; None if it does not wait.

        Raises `ChatError`: `try_again`.
        """
        if newest.state.status is not Status.QUEUED:
            return None
        requested = newest.state.asked
        waiting = [listing.contact_id for listing in self._listed(requested, LISTED)]
        # The index may lag behind the contact that asks.
        place = waiting.index(newest.contact_id) if newest.contact_id in waiting else len(waiting)
        return QueueView(place + 1, self._is_out_of_hours(newest))

    def _is_out_of_hours(self, newest: Entry) -> bool:
        """As the entry tells that has just made a contact wait: hours are told by the minute."""
        is_new = self._clock.now() - datetime.fromisoformat(newest.at) < A_MINUTE
        if is_new and newest.kind is EntryKind.QUEUED and newest.details.get("reason") in Outlook.REASONS:
            return newest.details["reason"] == Outlook.OUT_OF_HOURS
        return self._assignment.is_out_of_hours(newest.state.asked)

    def drain(
        self,
        requested: Iterable[str],
        fresh: Iterable[Seller] = (),
        *,
        within: timedelta = WITHIN,
        after: Stop | None = None,
    ) -> Drained:
        """Give those who wait for any of these to sellers who have room.

        `fresh` are sellers as they were just read, since the index lags behind. What is not done `within` a time is
        left to the next drain, which begins behind where this one stopped: `after`. Raises `ChatError`: `try_again`.
        """
        known = {seller.id: seller for seller in fresh}
        ends = self._clock.now() + within
        drained = Drained()
        for stretch in _stretches(list(dict.fromkeys(requested)), after):
            drained = self._drain(stretch, known, drained, ends)
            if drained.stopped_at:
                break
        return drained

    def serve(self, newest: Entry) -> bool:
        """Drain the queue that a contact waits in, whatever the indexes show; False if it goes on waiting.

        Who waits longer goes first: a place that becomes free at this very moment is theirs. Raises `ChatError`:
        `try_again`.
        """
        requested = newest.state.asked
        listed = self._assignment.team(requested)[:LOOKED_UP]
        team = [seller for each in listed if (seller := self._assignment.seller(each.id))]
        drained = self.drain((requested,), fresh=team)
        if drained.given and self._clock.now() - datetime.fromisoformat(newest.at) > AT_ONCE:
            # Nothing else had noticed that there was room.
            self._journal.measure({Metric.LATE_ASSIGNMENTS: drained.given})
        if (still := self._still_waits(newest.contact_id)) is None:
            return True
        if self._is_listed(still) or not drained.leaves_nobody:
            return False
        return self._assign(still, {seller.id: seller for seller in team}) in {_Outcome.GIVEN, _Outcome.LEFT}

    def reclaim(self, seller: Seller) -> int:
        """Give back a seller's places that are taken up by contacts of which nothing is left, or by none; how many.

        They should have been closed long before, but what should do it may have been lost, or the count is one that was
        restored. Raises `ChatError`: `try_again`.
        """
        oldest = self._longest_open(seller.id)
        # The log puts away what it finds gone.
        gone = sum(
            self._log.may_be_gone(listing.since) and self._log.find(listing.contact_id) is None for listing in oldest
        )
        return gone or self._recounted(seller, oldest)

    def carried_by(self, seller_id: str) -> int:
        """How many contacts take up a seller's places, as their index shows it: of a hundred at most.

        Raises `ChatError`: `try_again`.
        """
        with asking_to_retry():
            return sum(listing.claimed for listing in self._store.inbox(seller_id, Status.OPEN, LISTED))

    def _recounted(self, seller: Seller, listed: Sequence[Listing]) -> int:
        carried = sum(listing.claimed for listing in listed)
        if len(listed) == LOOKED_UP or carried >= seller.open_count:
            return 0
        # What was given lately the index may not show yet; what has ended it may show for longer, which does no harm.
        if seller.last_assigned > iso(self._clock.now() - SHOWN):
            return 0
        return seller.open_count - carried if self._assignment.recount(seller, carried) else 0

    def _longest_open(self, seller_id: str) -> Sequence[Listing]:
        with asking_to_retry():
            return self._store.longest_open(seller_id, LOOKED_UP)

    def silent_with(self, sellers: Sequence[str]) -> list[Entry]:
        """Some of those who have said nothing to sellers, for longest first. Raises `ChatError`: `try_again`."""
        with asking_to_retry():
            open_ones = self._parallel.run([partial(self._store.longest_open, each, LOOKED_UP) for each in sellers])
        # Some of each seller's, since one may have talked to all of theirs.
        listed = [listing for several in zip_longest(*open_ones) for listing in several if listing][:LOOKED_UP]
        newest = self._parallel.run([partial(self._log.find, listing.contact_id) for listing in listed])
        silent = [each for each in newest if each and each.state.status is Status.OPEN and not each.state.spoken]
        return sorted(silent, key=lambda entry: entry.state.assigned_at)

    def tell_places(self, requested: str) -> None:
        """Tell the first of those who wait where they stand now. Raises `ChatError`: `try_again`."""
        self._tell_places(self._listed(requested, LISTED))

    def ask_for(self, newest: Entry) -> Ask:
        """The question who answers, for a contact that exists. Raises `ChatError`: `try_again`."""
        state = newest.state
        opened = self._log.opening(newest.contact_id)
        details = opened.details if opened else {}
        info, previous = details.get("user_info"), details.get("previous_seller")
        return Ask(
            contact_id=newest.contact_id,
            requested=state.asked,
            visitor=reference_of(state.visitor),
            user_info=info if isinstance(info, dict) else {},
            previous=state.seller or (previous if isinstance(previous, str) else None),
        )

    def _drain(self, stretch: _Stretch, known: dict[str, Seller], before: Drained, ends: datetime) -> Drained:
        given, looked_at, after = 0, before.looked_at, stretch.after
        while batch := self._listed(stretch.requested, LISTED, after):
            for listing in batch:
                if stretch.until and listing.place > stretch.until:
                    return self._drained(stretch, before, given, looked_at)
                if self._clock.now() > ends or looked_at == MOST_LOOKED_AT:
                    stopped_at = Stop(stretch.requested, after)
                    return replace(self._drained(stretch, before, given, looked_at), stopped_at=stopped_at)
                looked_at += 1
                after = listing.place
                outcome = self._assign_listed(listing, known)
                if outcome is _Outcome.NO_ROOM:
                    return replace(self._drained(stretch, before, given, looked_at), has_room=False)
                given += outcome is _Outcome.GIVEN
        return self._drained(stretch, before, given, looked_at)

    def _drained(self, stretch: _Stretch, before: Drained, given: int, looked_at: int) -> Drained:
        if given:
            self.tell_places(stretch.requested)
        return replace(before, given=before.given + given, looked_at=looked_at)

    def _assign_listed(self, listing: Listing, known: dict[str, Seller]) -> _Outcome:
        newest = self._still_waits(listing.contact_id)
        if newest is None or Standing.of(newest.state) > listing.standing:
            # It is listed where it stood before it lost a seller by silence: its turn comes behind the others.
            return _Outcome.LEFT
        return self._assign(newest, known)

    def _assign(self, newest: Entry, known: dict[str, Seller]) -> _Outcome:
        outlook = self._assignment.outlook(self.ask_for(newest), fresh=known.values())
        # They may have been blocked in another contact, or begun to wait at the very moment.
        if outlook.offers and self._blocks.of(newest.state.visitor):
            self._turn_away(newest)
            return _Outcome.LEFT

        def give(offer: Offer) -> _Outcome:
            try:
                return _Outcome.GIVEN if self._give(newest, offer) else _Outcome.LEFT
            finally:
                self._look_again(offer, known)

        without_room = _Outcome.NO_ROOM if outlook.offers or not outlook.has_room else _Outcome.WAITS
        return first_with_room(outlook.offers, give) or without_room

    def _still_waits(self, contact_id: str) -> Entry | None:
        """The newest entry of a contact; None if it waits no longer."""
        newest = self._log.find(contact_id)
        return newest if newest and newest.state.status is Status.QUEUED else None

    def _is_listed(self, newest: Entry) -> bool:
        """Whether the index of its queue shows a contact, or so many others that it may stand behind them."""
        listed = self._listed(newest.state.asked, LISTED)
        return len(listed) == LISTED or newest.contact_id in {listing.contact_id for listing in listed}

    def _look_again(self, offer: Offer, known: dict[str, Seller]) -> None:
        # What was claimed here or by somebody else shows in the index too late for the next contact.
        if offer.claims and (seller := self._assignment.seller(offer.seller)):
            known[seller.id] = seller

    def _give(self, seen: Entry, offer: Offer) -> bool:
        """False if the contact waits no longer, or further behind than when it was seen. Raises `SellerFullError`."""
        origin = Origin.of_system(seen.contact_id, self._ids.new())

        def change(_excerpt: Excerpt, newest: Entry) -> Change | None:
            if newest.state.status is not Status.QUEUED:
                return None
            if Standing.of(newest.state) > Standing.of(seen.state):
                return None
            state = newest.state.given_to(offer.seller, iso(self._clock.now()), claimed=offer.claims)
            draft = Draft(EntryKind.ASSIGNED, state, details={"seller_id": offer.seller})
            return self._log.change(newest, origin, draft, claim=offer.claim)

        return bool(self._ledger.write(origin, change).written)

    def _turn_away(self, seen: Entry) -> None:
        """End the waiting of a visitor whom a seller has blocked."""
        origin = Origin.of_system(seen.contact_id, self._ids.new())

        def change(_excerpt: Excerpt, newest: Entry) -> Change | None:
            if newest.state.status is not Status.QUEUED:
                return None
            closed = replace(newest.state, status=Status.CLOSED)
            return self._log.change(newest, origin, Draft(EntryKind.CLOSED, closed, details={"reason": "blocked"}))

        self._ledger.write(origin, change)

    def _tell_places(self, waiting: Sequence[Listing]) -> None:
        # The index may still list who was given to a seller, or who left: a second look makes up for those.
        standing = self._standing(waiting[:TOLD])
        if len(standing) < TOLD:
            standing += self._standing(waiting[TOLD:LOOKED_UP])
        frames = {
            newest.state.visitor: encode(QueuePushed(contact_id=newest.contact_id, position=place))
            for place, newest in enumerate(standing[:TOLD], start=1)
        }
        found = self._delivery.find([Principal(visitor, Role.VISITOR) for visitor in frames])
        self._delivery.send([Parcel(connection, [frames[connection.user_id]]) for connection in found])

    def _standing(self, listed: Sequence[Listing]) -> list[Entry]:
        newest = self._parallel.run([partial(self._still_waits, listing.contact_id) for listing in listed])
        return [entry for entry in newest if entry]

    def _listed(self, requested: str, limit: int, after: Place | None = None) -> Sequence[Listing]:
        with asking_to_retry():
            listed = self._store.inbox(requested, Status.QUEUED, limit, after)
        # DynamoDB orders those of one millisecond as it likes; everybody must see them in one order.
        return sorted(listed, key=lambda listing: listing.place)
