"""Back ends with the faults that were found in this one, two for each kind. The schedules must notice every one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from unittest.mock import patch

import msgspec

from chat.adapters.event_bridge import EventBus, Outcome
from chat.connections.connecting import Connecting
from chat.connections.delivery import Parcel
from chat.contacts import lifecycle
from chat.contacts.attending import Attending
from chat.contacts.blocking import Blocking
from chat.contacts.holding import Holding
from chat.contacts.lifecycle import Command, Lifecycle
from chat.contacts.reading import Reading
from chat.events import TYPES
from chat.limits import Blocks, Openings
from chat.lists.earlier import MayRead
from chat.log import Decision, Draft, Log, Origin
from chat.model.entries import Entry, EntryKind, Json, State, Status
from chat.model.errors import ChatError
from chat.model.identity import Principal, Sender
from chat.model.inbox import Listing, Snooze, Standing
from chat.model.sellers import Seller, SharedReplies
from chat.ports.conversations import Change, Excerpt, Note
from chat.ports.errors import SellerFullError, asking_to_retry
from chat.ports.limits import Block
from chat.ports.shop import ContactDirectory, DirectoryUnavailableError
from chat.protocol.replies import NotePushed, encode
from chat.team import (
    Assignment,
    NewNote,
    Notes,
    Presence,
    Queue,
    Sharing,
    Snoozing,
    WaitingLine,
    queue,
    replies,
    waiting_line,
)
from chat.team.queue import LOOKED_UP
from tests.doubles.conversations import MemoryConversations
from tests.doubles.notes import MemoryNotes
from tests.simulation.day import SELLERS
from tests.simulation.deployed import Conversations
from tests.simulation.kernel import CrashError, current
from tests.simulation.sandboxes import loaded
from tests.simulation.shop import Shop, Variant

BUDGET = 200
"""A mutant that survives this many schedules survived."""
publish = EventBus.publish
CHANGED = replies._changed


# A condition on equality where a version is meant


class GoesByWhereItPoints(Conversations):
    """Starts anew if the pointer points where it did."""

    def commit(self, change: Change) -> None:
        if change.pointer:
            change = replace(change, pointer=replace(change.pointer, version=None))
        super().commit(change)


class ReopensUnseen(Conversations):
    """A reopening leaves the pointer as it is."""

    def reported(self, change: Change) -> None:
        super().reported(change)
        pointer = change.pointer
        if pointer and pointer.replaces == pointer.contact_id:
            pointed = (pointer.visitor, pointer.requested)
            current = self.table.pointers[pointed]
            self.table.pointers[pointed] = replace(current, version=current.version - 1)


# A counter that depends on one message


class KeepsPlaces(Conversations):
    """A contact that is put away keeps its place."""

    def retire(self, listing: Listing) -> None:
        super().retire(
            replace(listing, claimed=False) if self.table.listings.get(listing.contact_id) != listing else listing
        )
        if listing.claimed and listing.seller and self.table.listings[listing.contact_id].status is Status.CLOSED:
            self.table.sellers.count(listing.seller, 1)


class LeavesGhosts(Log):
    """What has expired stays on the lists."""

    def _is_gone(self, stored: Excerpt) -> bool:
        return False


class BelievesCounts(Queue):
    """A full seller is full, also to who looks whom they are full of."""

    def reclaim(self, seller: Seller) -> int:
        return 0

    def silent_with(self, sellers: Sequence[str]) -> list[Entry]:
        return super().silent_with([seller for seller in sellers if not self._keeps_what_is_gone(seller)])

    def _keeps_what_is_gone(self, seller: str) -> bool:
        with asking_to_retry():
            oldest = self._store.longest_open(seller, LOOKED_UP)
        return any(self._log.may_be_gone(each.since) for each in oldest)


# At least once in, one more out


class OneForEachRequest(Shop):
    """A check-up of its own for each time that somebody asks."""

    def scheduled(self, contact_id: str) -> int:
        before = self.pending.get(contact_id, [])
        number = super().scheduled(contact_id)
        self.pending[contact_id] = [*before, number]
        return number


class AsksOnlyForTheFirst(Shop):
    """Whoever has a check-up is not given another one, also while it is being done."""

    def put(self, contact_id: str, at: datetime) -> None:
        if not self.pending.get(contact_id):
            super().put(contact_id, at)


# Clocks that are compared


class ComparesTimes(Attending):
    """Looks after nothing that was given later than it was written."""

    def _look(self, end: Excerpt) -> timedelta | None:
        newest = end.newest
        return None if newest and newest.state.assigned_at > newest.at else super()._look(end)


class NotYetDue(Shop):
    """A check-up that comes too early by the clock of who does it is not done."""

    def put(self, contact_id: str, at: datetime) -> None:
        super().put(contact_id, at)
        self.due[contact_id] = at

    def attendant(self, event: dict[str, Any]) -> Mapping[str, Any]:
        records = [record for record in event["Records"] if not self._is_early(msgspec.json.decode(record["body"]))]
        return super().attendant({"Records": records})

    def _is_early(self, message: dict[str, Any]) -> bool:
        return "contact_id" in message and current().now() < self.due[message["contact_id"]]

    def __post_init__(self) -> None:
        self.due: dict[str, datetime] = {}
        super().__post_init__()


# Bounded work that always starts at the same place


class BeginsWithTheOldest(Presence):
    """Every heartbeat asks about the oldest first."""

    def _provided(self, seller: Seller) -> Seller:
        return super()._provided(replace(seller, drained_to=""))


class LooksAtAll(Queue):
    """A drain ends with the queue, however long it is."""

    def drain(self, *arguments: Any, **options: Any) -> queue.Drained:
        with patch.object(queue, "MOST_LOOKED_AT", 10**9):
            return super().drain(*arguments, **options)


# A decision on a stale read that nothing repeats


class LooksOnce(Attending):
    """Who waits is looked at once more, and that is that."""

    def attend(self, contact_id: str) -> None:
        newest = self._log.find(contact_id)
        super().attend(contact_id)
        if newest and newest.state.status is Status.QUEUED:
            self._check_ups.put(contact_id, self._clock.now() + timedelta(days=9))


class NeverTakes(Holding):
    """Whoever was given a contact keeps it."""

    def _has_vanished(self, state: State, seller: Seller | None) -> bool:
        return False


class LetsSilenceLast(Holding):
    """Who says nothing keeps the seller."""

    def _look_at_silent(self, end: Excerpt, seller: Seller) -> timedelta:
        return timedelta.max


class AttendsOnlyWhatIsGiven(Shop):
    """Who begins to wait is looked for once, and has no check-up."""

    def attendant(self, event: dict[str, Any]) -> Mapping[str, Any]:
        others = []
        for record in event["Records"]:
            message = msgspec.json.decode(record["body"])
            if message.get("detail-type") == TYPES[EntryKind.QUEUED]:
                self._look(message["detail"]["data"])
            else:
                others.append(record)
        return super().attendant({"Records": others})

    def _look(self, data: dict[str, Any]) -> None:
        try:
            self.services.attending.room_may_be_free(data["contact_id"], data["seller_id"], data["from"])
        except ChatError as error:
            raise CrashError from error


class ForgetsWhoHandedOver(Attending):
    """Looks only for who waits for the seller who has a contact now."""

    def room_may_be_free(self, contact_id: str, *people: str | None) -> timedelta | None:
        return super().room_may_be_free(contact_id, *people[:1])


class CountsWhatCloses(Connecting):
    """A connection that closes is one that remains, too."""

    def closed(self, connection_id: str, proved: Principal | None = None) -> None:
        leave = self._sellers.leave
        remains = lambda name, closing, left=None: leave(name, closing, left or closing)  # noqa: E731
        with patch.object(self._sellers, "leave", remains):
            super().closed(connection_id, proved)


class HandsOnWhoIsBlocked(Lifecycle):
    """Who is blocked is looked for where they wait, and not where a seller vanished."""

    def is_barred(self, newest: Entry) -> bool:
        return False


# What brings the functions their work


def publish_past_refusals(self: EventBus, told: Sequence[Mapping[str, Json]]) -> Outcome:
    """What the bus refuses for now is not handed in again."""
    publish(self, told)
    return Outcome(done=len(told))


def begin_anew_with_refusals(self: EventBus, told: Sequence[Mapping[str, Json]]) -> Outcome:
    """What the bus never will take is not set aside."""
    return replace(publish(self, told), refused={})


def carry_once(body: str) -> bool:
    """Whatever came of an event, it need not be brought again."""
    with suppress(Exception):
        loaded()["courier"]._deliver_or_set_aside(body)
    return True


def give_up_at_once(body: str) -> bool:
    """What the shop does not take at the first attempt is a dead letter."""
    courier = loaded()["courier"]
    try:
        courier._deliver_or_set_aside(body)
    except DirectoryUnavailableError as error:
        courier._dead_letters.set_aside(body, error.reason)
    return True


def register_never(_directory: ContactDirectory, _event: Mapping[str, Json]) -> None:
    """A contact that the shop has not heard of is none of its business."""


def attend_once(record: dict[str, Any]) -> bool:
    """Whatever came of a message, it need not come again."""
    with suppress(Exception):
        loaded()["attendant"]._attended(record)
    return True


# A turn that comes before it is due


class ServesItself(Queue):
    """A check-up drains the queue, and then gives its own contact to who has room by now."""

    def serve(self, newest: Entry) -> bool:
        self.drain((newest.state.requested,))
        still = self._still_waits(newest.contact_id)
        return still is None or self._assign(still, {}) in {queue._Outcome.GIVEN, queue._Outcome.LEFT}


class ServesTheLast(Queue):
    """Who came last is asked about first."""

    def _listed(self, *arguments: Any, **options: Any) -> Sequence[Listing]:
        return super()._listed(*arguments, **options)[::-1]


class AlikeToAll:
    """All who wait stand where they stood when they were first seen."""

    PARKED = Standing.PARKED

    @staticmethod
    def of(_state: State) -> Standing:
        return Standing.SPOKEN


# The first reason of several


class FirstReason(Conversations):
    """A seller is full though the transaction was cancelled for a conflict, too."""

    def refuse_for_two_reasons(self) -> None:
        raise SellerFullError


class ConflictIsSuccess(Conversations):
    """What was cancelled for two reasons counts as done."""

    _is_refused = False

    def refuse_for_two_reasons(self) -> None:
        self._is_refused = True

    def reported(self, change: Change) -> None:
        if not self._is_refused:
            super().reported(change)
        self._is_refused = False


# An idempotency key that leaves no trace


class ForgetsWhereItStood(Lifecycle):
    """A close looks at the newest entry only."""

    def _obey(self, command: Command, kind: EntryKind, rule: lifecycle.Rule, or_kind: EntryKind | None = None) -> Entry:
        return super()._obey(replace(command, base=None), kind, rule, or_kind)


# Stepping by one over what a filter hides


class CountsThrough(Log):
    """Reads on until something is there that has not expired."""

    def page(self, contact_id: str, first: int, limit: int) -> Excerpt:
        while True:
            with asking_to_retry():
                stored = self._store.read(contact_id, first, limit)
            alive = self._alive(stored)
            if alive.entries or stored.complete:
                return alive
            first = stored.entries[-1].seq + 1


class ReadsFromTheBeginning(CountsThrough):
    """Looks for what a visitor told of themselves in the first entry that is left."""

    def opening(self, contact_id: str) -> Entry | None:
        return self.page(contact_id, 1, 1).newest


# Retries below the code that knows what was meant


class WithoutToken(Conversations):
    """A transaction that the client asks for again is carried out again."""

    def ask_again(self, change: Change) -> None:
        if change.claim:
            self.table.sellers.count(change.claim, 1)


class NotReadBack(Conversations):
    """A condition that fails is somebody else's write."""

    def ask_again(self, change: Change) -> None:
        self.table.commit(change)


class LooksForItsOwnOnce(Log):
    """Looks for what an origin caused before the first attempt only."""

    def append(self, origin: Origin, change: Decision, beside: Any) -> Any:
        looks = iter((True,))

        class Once(Origin):
            def found_in(self, excerpt: Excerpt) -> Entry | None:
                return super().found_in(excerpt) if next(looks, False) else None

        fields = (origin.contact_id, origin.sender, origin.id, origin.kind, origin.person, origin.base)
        return super().append(Once(*fields), change, beside)


# What is kept beside the log


def add_to_whatever_is_there(self: MemoryNotes, note: Note) -> None:
    """What has the number already is written over."""
    self.items[note.contact_id][note.seq] = note


def is_never_by(_note: Note, _seller_id: str, _note_id: str) -> bool:
    """Nobody's note is found again."""
    return False


class NotesForAll(Notes):
    """Whoever takes part hears of a note."""

    def _told(self, sender: Sender, newest: Entry, note: Note) -> NotePushed:
        pushed = super()._told(sender, newest, note)
        found = self._delivery.participants(newest.state)
        self._delivery.send([Parcel(each, [encode(pushed)]) for each in found])
        return pushed


class AdmitsWhoTakesPart(WaitingLine):
    """Whoever takes part reads the notes."""

    def admitted(self, person: Principal, contact_id: str) -> Entry:
        newest = self._log.latest(contact_id, person).newest
        if newest and newest.state.admits(person):
            return newest
        return super().admitted(person, contact_id)


class NotesOfThePresent(Notes):
    """Who has lost a contact has written nothing about it."""

    def _kept_before(self, person: Principal, new: NewNote) -> Note | None:
        return None


class Endless:
    """Ends no contact."""

    def close(self, command: Command, reason: str | None = None) -> None:
        pass


class BlocksOnly(Blocking):
    """Who is blocked goes on in what they have."""

    def __init__(self, *, log: Log, lifecycle: Lifecycle, blocks: Blocks, assignment: Assignment) -> None:
        super().__init__(log=log, lifecycle=cast(Lifecycle, Endless()), blocks=blocks, assignment=assignment)


class ForgetsTheBlock(Blocking):
    """Who has lost a contact has blocked nobody in it."""

    def _theirs(self, newest: Entry, seller: Principal) -> Block | None:
        return None


class LetsReopen(Openings):
    """Who is blocked may go on in what has ended."""

    def admit(self, start: str, sender: Sender, *, is_known: bool) -> None:
        if "/" not in start:
            super().admit(start, sender, is_known=is_known)


class LetsOpen(Openings):
    """Who is blocked may begin anew."""

    def admit(self, start: str, sender: Sender, *, is_known: bool) -> None:
        if "/" in start:
            super().admit(start, sender, is_known=is_known)


class TakesWithoutRoom(Log):
    """Who takes a contact takes up no place."""

    def change(self, newest: Entry | None, origin: Origin, *drafts: Draft, **options: Any) -> Change:
        change = super().change(newest, origin, *drafts, **options)
        return replace(change, claim=None) if change.entries[-1].sender in SELLERS else change


# What sellers do at their desks


def note_whatever_is_there(self: MemoryConversations, listing: Listing, snooze: Snooze) -> bool:
    """What a seller wants is noted, whatever another device has said meanwhile."""
    self.listings[listing.contact_id] = replace(self.listings[listing.contact_id], snooze=snooze)
    return True


class GoesByWhoIsBehind(Snoozing):
    """What happened behind a cursor ends also what another device has put away since."""

    def _put_away(self, origin: Origin, excerpt: Excerpt, listing: Listing, until: datetime) -> Snooze | None:
        snooze = super()._put_away(origin, excerpt, listing, until)
        return snooze if snooze and snooze.id == origin.id else None


class GoesByEntries(Lifecycle):
    """A contact is idle as long as nobody writes, whatever its seller has said meanwhile."""

    def _unless_it_went_on(self, seen: Excerpt, step: Callable[[State], lifecycle.Step | None]) -> bool:
        known = seen.entries[-1]
        origin = Origin.of_system(known.contact_id, self._ids.new())

        def unless_it_went_on(_excerpt: Excerpt, newest: Entry) -> lifecycle.Step | None:
            return step(newest.state) if newest.seq == known.seq else None

        return self._write(origin, unless_it_went_on).id == origin.id


class TagsOfOneSeller(Shop):
    """Who is given a contact begins without its tags."""

    def _committed(self, change: Change) -> None:
        super()._committed(change)
        if change.entries[-1].kind is EntryKind.TRANSFERRED:
            self.notes.table.sets.pop(change.entries[-1].contact_id, None)


class ShowsAllThatEnded(Reading):
    """Who answers a visitor sees whatever they had before, with whomever."""

    def _right_to_earlier(self, reader: Principal, visitor: Principal) -> MayRead:
        return lambda listing: listing.status is Status.CLOSED and listing.knows(visitor)


def change_what_is_there(before: SharedReplies, wanted: Sharing) -> SharedReplies:
    """Who shares a reply has read the list a moment ago."""
    return CHANGED(before, replace(wanted, base=before.version))


def _services(name: str, **mutants: type) -> Variant:
    from chat import services

    return Variant(name, patches=tuple((services, each, mutant) for each, mutant in mutants.items()))


MUTANTS = {
    mutant.name: mutant
    for mutant in (
        Variant("a start that goes by where the pointer points", conversations=GoesByWhereItPoints),
        Variant("a reopening that the pointer does not show", conversations=ReopensUnseen),
        Variant("a contact that is put away and keeps its place", conversations=KeepsPlaces),
        _services("what has expired stays listed", Log=LeavesGhosts),
        _services("a full seller is believed to be full", Queue=BelievesCounts),
        Variant("a close that gives no place back", patches=((lifecycle, "_claimed_by", lambda _: None),)),
        Variant("a check-up for each time that somebody asks", shop=OneForEachRequest),
        Variant("a check-up that is asked for once", shop=AsksOnlyForTheFirst),
        _services("check-ups that compare times", Attending=ComparesTimes),
        Variant("a check-up that is not due yet", shop=NotYetDue),
        _services("a drain that begins with the oldest", Presence=BeginsWithTheOldest),
        _services("a drain without an end", Queue=LooksAtAll),
        _services("one look at who waits", Attending=LooksOnce),
        Variant("no check-up for who begins to wait", shop=AttendsOnlyWhatIsGiven),
        _services("a check-up that gives its own contact first", Queue=ServesItself),
        _services("a queue that begins with its end", Queue=ServesTheLast),
        Variant("a place in the queue that somebody had", patches=((queue, "Standing", AlikeToAll),)),
        _services("an attendant that forgets who handed over", Attending=ForgetsWhoHandedOver),
        _services("a connection that closes and remains", Connecting=CountsWhatCloses),
        Variant("a publisher that passes over refusals", patches=((EventBus, "publish", publish_past_refusals),)),
        Variant("a publisher that sets nothing aside", patches=((EventBus, "publish", begin_anew_with_refusals),)),
        Variant("a courier that tries once", in_functions=(("courier", "_is_done", carry_once),)),
        Variant("a courier that gives up at once", in_functions=(("courier", "_is_done", give_up_at_once),)),
        Variant("a courier that registers nothing", in_functions=(("courier", "register_late", register_never),)),
        Variant("an attendant that tries once", in_functions=(("attendant", "_is_done", attend_once),)),
        Variant("the first reason of two", conversations=FirstReason),
        Variant("a conflict that counts as done", conversations=ConflictIsSuccess),
        Variant("a repeated close that closes again", patches=((lifecycle, "_was_closed", lambda *_: False),)),
        _services("a close that forgets its base", Lifecycle=ForgetsWhereItStood),
        _services("what has expired is counted through", Log=CountsThrough),
        _services("the queue reads from the beginning", Log=ReadsFromTheBeginning),
        Variant("a transaction without a token", conversations=WithoutToken),
        replace(
            _services("a lost race in which nobody looks for their own", Log=LooksForItsOwnOnce),
            conversations=NotReadBack,
        ),
        _services("who vanished keeps the contact", Holding=NeverTakes),
        _services("silence keeps the seller", Holding=LetsSilenceLast),
        Variant("a note that is written over another", patches=((MemoryNotes, "add", add_to_whatever_is_there),)),
        Variant("a note that is kept again", patches=((Note, "is_by", is_never_by),)),
        _services("notes for all who take part", Notes=NotesForAll),
        _services("notes that a visitor reads", WaitingLine=AdmitsWhoTakesPart),
        _services("a note that is refused though it is kept", Notes=NotesOfThePresent),
        _services("a block that ends nothing", Blocking=BlocksOnly),
        _services("a block that is refused though it holds", Blocking=ForgetsTheBlock),
        _services("a block that lets reopen", Openings=LetsReopen),
        _services("a block that lets open", Openings=LetsOpen),
        _services("a block that a vanished seller ends", Lifecycle=HandsOnWhoIsBlocked),
        _services("a contact that is taken without room", Log=TakesWithoutRoom),
        Variant("a contact that is taken twice", patches=((waiting_line, "_has", lambda *_: False),)),
        Variant("a snooze over another", patches=((MemoryConversations, "snooze", note_whatever_is_there),)),
        _services("a snooze that a device undoes which is behind", Snoozing=GoesByWhoIsBehind),
        _services("a contact that is idle though it was put away", Lifecycle=GoesByEntries),
        Variant("a tag that is lost at a hand-over", shop=TagsOfOneSeller),
        _services("what was before, for all to see", Reading=ShowsAllThatEnded),
        Variant("a reply that is written over another", patches=((replies, "_changed", change_what_is_there),)),
    )
}
