"""How a contact comes into being."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from chat.connections.connecting import Connecting
from chat.contacts.registration import Registered, Registration
from chat.ledger import Ledger
from chat.log import Draft, Log, Origin
from chat.model.entries import PREVIOUS_CONTACT, Entry, EntryKind, Json, State, Status
from chat.model.errors import ChatError, Code, try_again, unknown_seller
from chat.model.identity import Role, Sender, alias_of, is_seller_id, reference_of
from chat.model.sellers import Seller
from chat.model.timestamps import iso
from chat.ports.conversations import Current, Pointer
from chat.ports.errors import (
    NumberTakenError,
    PointerMovedError,
    StoreBusyError,
    StoreUnavailableError,
)
from chat.ports.machine import Runtime
from chat.ports.strategies import Ask
from chat.team import Assignment, Offer, Outlook, Queue, first_with_room

ATTEMPTS = 8
MOST_FORGOTTEN = 4
"""Behind how many contacts that only the directory remembers a new one is looked for, before it gets an id of ours."""


@dataclass(frozen=True)
class Start:
    """A visitor who wants to talk to a seller or team."""

    sender: Sender
    requested: str
    user_info: Mapping[str, Json]

    @property
    def device(self) -> str:
        """The visitor's device id."""
        return self.sender.principal.user_id


class _Previous(NamedTuple):
    """The visitor's last contact with that seller or team, its end, and the version of what points to it.

    `newest` is None once nothing is left of it.
    """

    contact_id: str | None
    newest: Entry | None
    version: int | None

    @property
    def seller(self) -> str | None:
        """Who answered it last."""
        return self.newest.state.seller if self.newest else None


class _Around(NamedTuple):
    """What a new contact depends on: the one before, who is behind the name, and whether others wait there."""

    previous: _Previous
    team: Sequence[Seller]
    has_waiting: bool


class Starting:
    """Opens contacts; starting a chat twice gives one contact."""

    def __init__(
        self,
        *,
        log: Log,
        ledger: Ledger,
        connecting: Connecting,
        registration: Registration,
        assignment: Assignment,
        queue: Queue,
        runtime: Runtime,
    ) -> None:
        self._log = log
        self._ledger = ledger
        self._connecting = connecting
        self._registration = registration
        self._assignment = assignment
        self._queue = queue
        self._clock = runtime.clock
        self._pause = runtime.pause
        self._parallel = runtime.parallel

    def start(self, start: Start) -> Entry:
        """The newest entry of the visitor's contact with that seller: the one that is open, or a new one.

        Raises `ChatError`: `forbidden` unless a visitor asks, `unknown_seller`, `blocked`, `slow_down` for who opens
        too many, `try_again`.
        """
        if start.sender.principal.role is not Role.VISITOR:
            raise ChatError(Code.FORBIDDEN, "Visitors start chats; a seller answers them.")
        if not is_seller_id(start.requested):
            raise unknown_seller("sellerId")
        return self._find_or_open(start)

    def _find_or_open(self, start: Start) -> Entry:
        registered, asked, taken = None, None, 0
        pointed = self._log.current(start.device, start.requested)
        for attempt in range(ATTEMPTS):
            newest = self._log.find(pointed.contact_id) if pointed else None
            if newest and newest.state.status is not Status.CLOSED:
                self._join(start, newest)
                return newest
            previous = _previous(pointed, newest)
            key = idempotency_key(start.device, start.requested, previous.contact_id)
            around = self._around(start, previous, key if key != asked else None)
            if registered is None or key != asked:
                # Another tab's contact began and ended meanwhile: this is the start of the one after it.
                registered, asked = self._registered(start, around, key), key
            try:
                return self._open(start, registered, around)
            except NumberTakenError:
                moved_to = self._log.current(start.device, start.requested)
                if moved_to == pointed:
                    taken += 1
                    registered = self._registered_behind(start, registered, taken)
                pointed = moved_to
                continue
            except (PointerMovedError, StoreBusyError):
                self._pause.after_attempt(attempt)
            except StoreUnavailableError as error:
                raise try_again() from error
            pointed = self._log.current(start.device, start.requested)
        raise try_again(retry_after_ms=1000)

    def _registered_behind(self, start: Start, taken: Registered, times: int) -> Registered:
        """Another id than one that has a log already: no log is ever begun twice.

        The directory knows the start as that of a contact which was forgotten here since; this is the one after that.
        """
        key = idempotency_key(start.device, start.requested, taken.contact_id)
        if times > MOST_FORGOTTEN:
            return self._registration.unknown(key)
        return self._registration.register(start.sender, start.requested, start.user_info, key)

    def _around(self, start: Start, previous: _Previous, key: str | None) -> _Around:
        """What a new contact depends on, read side by side; where there is a `key`, it is counted meanwhile."""
        team: list[Seller] = []
        waiting: list[bool] = []
        tasks: list[Callable[[], None]] = [
            lambda: team.extend(self._assignment.team(start.requested)),
            lambda: waiting.append(self._queue.has_waiting(start.requested)),
            lambda: self._count(start, key, previous),
        ]
        self._parallel.run(tasks)
        return _Around(previous, team, waiting[0])

    def _count(self, start: Start, key: str | None, previous: _Previous) -> None:
        # Once for all attempts.
        if key is not None:
            self._registration.count(start.sender, key, is_known=previous.contact_id is not None)

    def _join(self, start: Start, newest: Entry) -> None:
        self._connecting.joined(start.sender, newest, start.user_info)

    def _registered(self, start: Start, around: _Around, key: str) -> Registered:
        # Before the directory is asked, which would keep a contact that never comes into being.
        if not self._assignment.may_ask(around.team):
            raise unknown_seller("sellerId")
        return self._registration.register(start.sender, start.requested, start.user_info, key)

    def _open(self, start: Start, registered: Registered, around: _Around) -> Entry:
        outlook = self._outlook(start, registered.contact_id, around)

        def commit(offer: Offer | None) -> Entry:
            placed = self._placed(start, offer, outlook)
            return self._commit(start, registered, around.previous, (placed, offer))

        return first_with_room(outlook.offers, commit) or commit(None)

    def _outlook(self, start: Start, contact_id: str, around: _Around) -> Outlook:
        ask = Ask(
            contact_id=contact_id,
            requested=start.requested,
            visitor=reference_of(start.device),
            user_info=start.user_info,
            previous=around.previous.seller,
        )
        outlook = self._assignment.outlook(ask, team=around.team)
        # Those who wait already come first.
        if any(offer.claims for offer in outlook.offers) and around.has_waiting:
            return Outlook((), outlook.out_of_hours)
        return outlook

    def _commit(
        self, start: Start, registered: Registered, previous: _Previous, given: tuple[Draft, Offer | None]
    ) -> Entry:
        placed, offer = given
        contact_id = registered.contact_id
        change = self._log.change(
            None,
            Origin(contact_id, alias_of(contact_id), "open"),
            self._opened(start, registered, previous),
            placed,
            # Not if the last one was reopened since it was found closed.
            pointer=Pointer(start.device, start.requested, contact_id, previous.contact_id, previous.version),
            claim=offer.claim if offer else None,
        )
        return self._ledger.begin(change, start.sender.connection_id, partial(self._join, start))

    def _opened(self, start: Start, registered: Registered, previous: _Previous) -> Draft:
        details: dict[str, Json] = {
            "user_info": dict(start.user_info),
            "registered": registered.known,
            "idempotency_key": registered.key,
        }
        if previous.seller:
            details["previous_seller"] = previous.seller
        if previous.newest:
            details[PREVIOUS_CONTACT] = previous.newest.contact_id
        return Draft(EntryKind.OPENED, self._waiting(start), details=details)

    def _placed(self, start: Start, offer: Offer | None, outlook: Outlook) -> Draft:
        waiting = self._waiting(start)
        if offer is None:
            return Draft(EntryKind.QUEUED, waiting, details={"reason": outlook.reason}, by_system=True)
        given = waiting.given_to(offer.seller, iso(self._clock.now()), claimed=offer.claims)
        return Draft(EntryKind.ASSIGNED, given, details={"seller_id": offer.seller}, by_system=True)

    def _waiting(self, start: Start) -> State:
        return State(
            status=Status.QUEUED,
            visitor=start.device,
            requested=start.requested,
            opened_at=iso(self._clock.now()),
            spoken=False,
        )


def _previous(pointed: Current | None, newest: Entry | None) -> _Previous:
    return _Previous(pointed.contact_id, newest, pointed.version) if pointed else _Previous(None, None, None)


def idempotency_key(device: str, requested: str, previous_id: str | None) -> str:
    """The same for every attempt to start the same chat, also from two tabs at once."""
    start = "\n".join((device, requested, previous_id or ""))
    return hashlib.sha256(start.encode()).hexdigest()
