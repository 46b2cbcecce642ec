"""Back ends with the faults that were found in this one, two for each kind. The schedules must notice every one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from chat.contacts import attending, lifecycle
from chat.contacts.attending import Attending
from chat.contacts.lifecycle import Lifecycle
from chat.log import Log, Origin
from chat.model.entries import Entry, Status
from chat.model.inbox import Head
from chat.model.sellers import Seller
from chat.ports.conversations import Change, Window
from chat.ports.errors import SellerFullError, asking_to_retry
from chat.team import Presence, Queue, queue
from tests.simulation.deployed import Conversations
from tests.simulation.shop import Shop, Variant

BUDGET = 200
"""A mutant that survives this many schedules survived."""


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

    def retire(self, head: Head) -> None:
        super().retire(replace(head, claimed=False) if self.table.heads.get(head.contact_id) != head else head)
        if head.claimed and head.seller and self.table.heads[head.contact_id].status is Status.CLOSED:
            self.table.sellers.count(head.seller, 1)


class LeavesGhosts(Log):
    """What has expired stays on the lists."""

    def _is_gone(self, stored: Window) -> bool:
        return False


class BelievesCounts(Queue):
    """A full seller is full."""

    def reclaim(self, seller_id: str) -> int:
        return 0


# At least once in, one more out


class ChainOfMessages(Shop):
    """A follow-up is a message of its own, for each delivery."""

    def check_later(self, entry: Entry, after: timedelta) -> None:
        due = self.kernel.now + after.total_seconds()
        self.pending.setdefault(entry.contact_id, []).append(due)

        def fall_due() -> None:
            self.pending[entry.contact_id].remove(due)
            self._due(entry, 0)

        self.rounds[entry.contact_id] = 0
        self.kernel.at(after.total_seconds(), fall_due)

    def followed_up(self, entry: Entry, round_: int, again: timedelta | None) -> None:
        if again:
            self.check_later(entry, again)


class OldChecksCancel(Shop):
    """A check-up that finds nothing to do takes away what was asked for meanwhile."""

    def followed_up(self, entry: Entry, round_: int, again: timedelta | None) -> None:
        if again:
            super().followed_up(entry, round_, again)
        else:
            self.pending.pop(entry.contact_id, None)
            self.rounds[entry.contact_id] += 1


# Clocks that are compared


class ComparesTimes(Shop):
    """A check-up ends if the contact was given later than the entry was written which asked for it."""

    def _check(self, entry: Entry, round_: int) -> None:
        if entry.state.assigned_at > entry.at:
            self.followed_up(entry, round_, None)
        else:
            super()._check(entry, round_)


class EndsWithItsAssignment(Shop):
    """The only check-up of a contact ends when another entry gives the contact away."""

    def _check(self, entry: Entry, round_: int) -> None:
        self.followed_up(entry, round_, self.services.attending.check(entry.contact_id, since=entry.seq))


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

    def check(self, contact_id: str, since: int) -> timedelta | None:
        newest = self._log.find(contact_id)
        again = super().check(contact_id, since)
        return None if newest and newest.state.status is Status.QUEUED else again


class NeverTakes(Attending):
    """Whoever was given a contact keeps it."""

    def _lease_left(self, newest: Entry, now: datetime) -> timedelta | None:
        return attending.LONGEST_DELAY


class LooksNoMore(Attending):
    """Who begins to wait is looked at once."""

    def room_may_be_free(self, contact_id: str, *people: str | None) -> timedelta | None:
        super().room_may_be_free(contact_id, *people)
        return None


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

    def _obey(self, command: lifecycle.Command, kind: Any, rule: lifecycle.Rule) -> Entry:
        return super()._obey(replace(command, base=None), kind, rule)


# Stepping by one over what a filter hides


class CountsThrough(Log):
    """Reads on until something is there that has not expired."""

    def page(self, contact_id: str, first: int, limit: int) -> Window:
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

    def append(self, origin: Origin, change: Callable[[Window], Change | None], beside: Any) -> Any:
        looks = iter((True,))

        class Once(Origin):
            def found_in(self, window: Window) -> Entry | None:
                return super().found_in(window) if next(looks, False) else None

        fields = (origin.contact_id, origin.sender, origin.id, origin.kind, origin.device, origin.base)
        return super().append(Once(*fields), change, beside)


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
        Variant("a follow-up for every delivery", shop=ChainOfMessages),
        Variant("an old check-up that cancels the new one", shop=OldChecksCancel),
        Variant("check-ups that compare times", shop=ComparesTimes),
        Variant("a check-up that ends with its assignment", shop=EndsWithItsAssignment),
        _services("a drain that begins with the oldest", Presence=BeginsWithTheOldest),
        _services("a drain without an end", Queue=LooksAtAll),
        _services("one look at who waits", Attending=LooksOnce),
        _services("no second look at who begins to wait", Attending=LooksNoMore),
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
        _services("who vanished keeps the contact", Attending=NeverTakes),
    )
}
