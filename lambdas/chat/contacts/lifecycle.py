"""How a contact moves to another seller and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from chat.connections.delivery import Delivery
from chat.ledger import Ledger
from chat.limits import Blocks
from chat.log import Draft, Log, Origin
from chat.model.entries import Entry, EntryKind, Json, State, Status
from chat.model.errors import ChatError, Code, forbidden, try_again, unknown_seller
from chat.model.identity import Principal, Role, Sender, alias_of, is_seller_id
from chat.model.inbox import Listing
from chat.model.sellers import Seller
from chat.model.timestamps import iso
from chat.ports.conversations import Change, Excerpt
from chat.ports.errors import SellerFullError
from chat.ports.machine import Runtime
from chat.team import MOST_OFFERS, Assignment, Offer, Queue

AT_THAT_MOMENT = timedelta(seconds=30)
"""Who is blocked later than this behind a reopening was not when they reopened it: no function writes for so long."""
MOST_AT_ONCE = 3
"""Entries of a reopening: itself, to whom it was given or that it waits, and the message."""


@dataclass(frozen=True)
class Command:
    """What somebody wants of a contact; an `id` repeated with its `base` is answered as the first time."""

    sender: Sender
    contact_id: str
    id: str | None = None
    base: int | None = None


@dataclass(frozen=True)
class Step:
    """The entry that a command leads to, and whose capacity it takes up or gives back.

    `waits_since` is the place in the queue, where that is not the last.
    """

    draft: Draft
    claim: str | None = None
    release: str | None = None
    waits_since: str | None = None


Rule = Callable[[Excerpt, Entry], Step | None]
"""What a command comes to, told what was read from its `base` on and the newest entry of it; None for nothing."""


class Lifecycle:
    """Closes and transfers contacts; both are entries of the log."""

    def __init__(
        self,
        *,
        log: Log,
        ledger: Ledger,
        delivery: Delivery,
        assignment: Assignment,
        queue: Queue,
        blocks: Blocks,
        runtime: Runtime,
    ) -> None:
        self._log = log
        self._ledger = ledger
        self._delivery = delivery
        self._assignment = assignment
        self._queue = queue
        self._blocks = blocks
        self._clock = runtime.clock
        self._ids = runtime.ids

    def close(self, command: Command, reason: str | None = None) -> Entry:
        """End a contact; one that is closed stays as it is, and so does one that was closed since `base`.

        The latter may have been acknowledged without an entry, and reopened before it is asked for again. Raises
        `ChatError`: `forbidden`, `contact_expired`, `try_again`.
        """

        def rule(excerpt: Excerpt, newest: Entry) -> Step | None:
            return None if _was_closed(excerpt, command) else _closed(newest.state, reason)

        return self._obey(command, EntryKind.CLOSED, rule)

    def transfer(self, command: Command, to: str) -> Entry:
        """Hand a contact to another seller, or to whom the strategy wants of a team, in whose queue it waits otherwise.

        Raises `ChatError`: `forbidden` unless its seller asks, `unknown_seller` for a name that is no team's and no
        seller's who is registered or connected, `seller_full`, also where nobody else of the seller's own team has
        room, `contact_closed`, `try_again`.
        """
        if command.sender.principal.role is not Role.SELLER:
            raise forbidden()
        if not is_seller_id(to):
            raise unknown_seller("to")
        found_full: set[str] = set()
        for _ in range(MOST_OFFERS):
            asked: list[str] = []

            def rule(_excerpt: Excerpt, newest: Entry, asked: list[str] = asked) -> Step | None:
                step = self._transferred(newest, to, found_full)
                asked[:] = [step.claim] if step and step.claim else []
                return step

            try:
                return self._obey(command, EntryKind.TRANSFERRED, rule, EntryKind.QUEUED)
            except SellerFullError as error:
                # Of a team somebody else may have room.
                found_full.update(asked)
                if to in asked:
                    reason = "That seller has no room for one more contact."
                    raise ChatError(Code.SELLER_FULL, reason, field="to") from error
        raise try_again(retry_after_ms=1000)

    def close_idle(self, seen: Excerpt) -> bool:
        """End a contact; False if something has happened since `seen`, its end. Raises `ChatError`: `try_again`."""
        return self._unless_it_went_on(seen, lambda state: _closed(state, "idle"))

    def park(self, seen: Excerpt) -> bool:
        """Take a seller's place from a visitor who has said nothing; False if something has happened since `seen`.

        Raises `ChatError`: `try_again`.
        """
        return self._unless_it_went_on(seen, self._parked)

    def turn_away(self, reopened: Entry) -> None:
        """End what a visitor has reopened who was blocked at that very moment. Raises `ChatError`: `try_again`."""
        block = self._blocks.of(reopened.state.visitor)
        if block and datetime.fromisoformat(block.since) - datetime.fromisoformat(reopened.at) < AT_THAT_MOMENT:
            origin = Origin.of_system(reopened.contact_id, self._ids.new())
            # What a seller has answered since goes on, as all does that the visitor has with others.
            self._write(origin, lambda _, newest: None if newest.state.answered else _closed(newest.state, "blocked"))

    def look_back_at(self, contact_id: str, seq: int) -> None:
        """The same, told the number of the reopening: what wrote it may have died before it came to that.

        Raises `ChatError`: `try_again`.
        """
        newest = self._log.find(contact_id)
        if newest is None or newest.state.status is not Status.OPEN or not self.is_barred(newest):
            return
        written = self._log.page(contact_id, seq, MOST_AT_ONCE).entries
        said = next((each for each in written if each.kind is EntryKind.MESSAGE), None)
        if said and said.sender == alias_of(contact_id) and said.state.assigned_in == newest.state.assigned_in:
            self.turn_away(said)

    def is_barred(self, newest: Entry) -> bool:
        """Whether the visitor of a contact is blocked. Raises `ChatError`: `try_again`."""
        return self._blocks.of(newest.state.visitor) is not None

    def close_barred(self, seen: Excerpt) -> bool:
        """End the contact of a visitor who is blocked; False if something has happened since `seen`.

        Raises `ChatError`: `try_again`.
        """
        return self._unless_it_went_on(seen, lambda state: _closed(state, "blocked"))

    def take_from(self, seen: Excerpt, offer: Offer | None, reason: str = "lease") -> bool:
        """Give a contact to another seller, or back to the queue for a `reason`; False if it went on since `seen`.

        Raises `SellerFullError`, and `ChatError`: `try_again`.
        """
        return self._unless_it_went_on(seen, lambda state: self._taken(state, offer, reason))

    def _obey(self, command: Command, kind: EntryKind, rule: Rule, or_kind: EntryKind | None = None) -> Entry:
        person = command.sender.principal
        origin = Origin.of(person, command.contact_id, command.id or self._ids.new(), kind, base=command.base)
        origin = replace(origin, or_kind=or_kind)

        def admitted(excerpt: Excerpt, newest: Entry) -> Step | None:
            if not newest.state.admits(person):
                raise forbidden()
            return rule(excerpt, newest)

        return self._write(origin, admitted, command.sender.connection_id)

    def _unless_it_went_on(self, seen: Excerpt, step: Callable[[State], Step | None]) -> bool:
        known = seen.entries[-1]
        origin = Origin.of_system(known.contact_id, self._ids.new())

        def unless_it_went_on(excerpt: Excerpt, newest: Entry) -> Step | None:
            # Its seller may have put it away, which no entry tells.
            is_as_seen = newest.seq == known.seq and excerpt.listing == seen.listing
            return step(newest.state) if is_as_seen else None

        return self._write(origin, unless_it_went_on, relies_on=seen.listing).id == origin.id

    def _write(self, origin: Origin, rule: Rule, own: str | None = None, relies_on: Listing | None = None) -> Entry:
        def change(excerpt: Excerpt, newest: Entry) -> Change | None:
            wanted = rule(excerpt, newest)
            if wanted is None:
                return None
            return self._log.change(
                newest,
                origin,
                wanted.draft,
                claim=wanted.claim,
                release=wanted.release,
                since=wanted.waits_since,
                relies_on=relies_on,
            )

        return self._ledger.write(origin, change, own, partial(self._is_heard, origin.person)).entry

    def _is_heard(self, person: Principal | None) -> bool:
        """Whether what somebody repeats is told once more: who is blocked is not heard of in what they have ended."""
        return person is None or person.role is Role.SELLER or self._blocks.of(person.user_id) is None

    def _transferred(self, newest: Entry, to: str, found_full: Collection[str]) -> Step | None:
        state = newest.state
        if state.status is Status.CLOSED:
            raise ChatError(Code.CONTACT_CLOSED, "This contact is closed; there is nothing to transfer.")
        if state.seller == to:
            return None
        # Not before it is known who asks: it would tell any seller which others there are.
        offer = self._assignment.offer_to(to)
        if (offer is None or not offer.claims) and (team := self._assignment.members(to)):
            return self._handed_to_team(newest, to, [each for each in team if each.id not in found_full])
        if offer is None:
            raise unknown_seller("to")
        if not offer.claims and not self._delivery.find([Principal(offer.seller, Role.SELLER)]):
            # Most likely a slip of the pen, which would leave the visitor with nobody.
            raise unknown_seller("to")
        return self._given(state, offer, {"seller_id": offer.seller})

    def _handed_to_team(self, newest: Entry, to: str, team: Sequence[Seller]) -> Step:
        state = newest.state
        handed = state.handed_on(to)
        ask = self._queue.ask_for(replace(newest, state=handed))
        outlook = self._assignment.outlook(ask, without=state.seller, team=team)
        if outlook.offers and not self._queue.has_waiting(to):
            return self._given(handed, outlook.offers[0], {"seller_id": outlook.offers[0].seller})
        own = self._assignment.seller(state.seller) if state.seller else None
        if own and own.team == to:
            # It would come straight back: the seller has the room that it leaves.
            raise ChatError(Code.SELLER_FULL, "Nobody else of your team has room for one more contact.", field="to")
        waits = Draft(EntryKind.QUEUED, handed.waiting(), details={"reason": outlook.reason})
        return Step(waits, release=_claimed_by(state))

    def _parked(self, state: State) -> Step:
        waiting = replace(state.waiting(), parked_at=state.parked_at or iso(self._clock.now()))
        return Step(Draft(EntryKind.QUEUED, waiting, details={"reason": "silent"}), release=_claimed_by(state))

    def _taken(self, state: State, offer: Offer | None, reason: str) -> Step:
        if offer is None:
            # Back to the front: keep the place that the visitor had when the vanished seller got the contact.
            draft = Draft(EntryKind.QUEUED, state.waiting(), details={"reason": reason})
            return Step(draft, release=_claimed_by(state), waits_since=state.assigned_at)
        return self._given(state, offer, {"seller_id": offer.seller, "reason": "lease"})

    def _given(self, state: State, offer: Offer, details: Mapping[str, Json]) -> Step:
        given = state.given_to(offer.seller, iso(self._clock.now()), claimed=offer.claims)
        return Step(Draft(EntryKind.TRANSFERRED, given, details=details), claim=offer.claim, release=_claimed_by(state))


def _was_closed(excerpt: Excerpt, command: Command) -> bool:
    """Whether what is asked for has been so since the first attempt, of which there may be no entry."""
    # Without a cursor all that ever happened would count as having happened since.
    return bool(command.base) and any(entry.state.status is Status.CLOSED for entry in excerpt.entries)


def _closed(state: State, reason: str | None = None) -> Step | None:
    if state.status is Status.CLOSED:
        return None
    details: dict[str, Json] = {"reason": reason} if reason else {}
    closed = replace(state, status=Status.CLOSED, claimed=False)
    return Step(Draft(EntryKind.CLOSED, closed, details=details), release=_claimed_by(state))


def _claimed_by(state: State) -> str | None:
    return state.seller if state.claimed else None
