"""Plausible chat back ends that break one rule each. The schedules must notice every one of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from chat import services
from chat.connections.connecting import Connecting
from chat.connections.delivery import Delivery, Parcel
from chat.contacts.messaging import Messaging, Outgoing
from chat.contacts.reading import Reading
from chat.contacts.signals import Signals
from chat.log import Appended, Log, Origin
from chat.model.entries import Entry, Mark, State
from chat.model.identity import Principal, Role, Sender
from chat.model.timestamps import epoch_ms
from chat.ports.connections import Connection, Description
from chat.ports.conversations import Change, Excerpt
from chat.ports.errors import ConnectionGoneError, PushFailedError, asking_to_retry
from chat.protocol.replies import encode, message
from chat.services import Ports, Services
from tests.simulation import shop, shop_mutants
from tests.simulation.faults import SimulatedConversations
from tests.simulation.schedule import Variant, run
from tests.simulation.workers import workers

BUDGET = 200
"""A mutant that survives this many schedules survived."""

CAUGHT_LAST = {
    "a base that is believed": 57,
    "a block that ends nothing": 3,
    "a block that is refused though it holds": 88,
    "a block that lets open": 3,
    "a block that lets reopen": 3,
    "a check-up that is not due yet": 71,
    "a contact that is put away and keeps its place": 3,
    "a drain that begins with the oldest": 11,
    "a drain without an end": 6,
    "a full seller is believed to be full": 3,
    "a note that is refused though it is kept": 4,
    "a place in the queue that somebody had": 85,
    "a publisher that passes over refusals": 4,
    "a publisher that sets nothing aside": 6,
    "a reader admitted by an old page": 53,
    "a reply that is written over another": 7,
    "a snooze over another": 9,
    "a tag that is lost at a hand-over": 33,
    "an attendant that forgets who handed over": 46,
    "check-ups that compare times": 5,
    "marks without a condition": 30,
    "no second sync after connecting": 8,
    "one look at who waits": 9,
    "recipients who are remembered": 3,
    "the first reason of two": 6,
    "the queue reads from the beginning": 6,
    "what has expired is counted through": 6,
    "what was before, for all to see": 11,
    "who vanished keeps the contact": 16,
}
"""The schedules to begin with, for what the first three pass over. A change moves them, and then all are tried."""


def _instead_of(name: str, mutant: type) -> Callable[[Ports], Services]:
    def build(ports: Ports) -> Services:
        with patch.object(services, name, mutant):
            built = Services(ports)
            # All of them now: later the mutant is not there any more.
            for each, kind in vars(Services).items():
                if isinstance(kind, cached_property):
                    getattr(built, each)
            return built

    return build


class CounterLog(Log):
    """Takes the next number from an atomic counter and then writes without a condition."""

    _counters: dict[int, dict[str, itertools.count[int]]] = {}  # noqa: RUF012 - one per store

    def _write(self, change: Change, beside: Callable[[], tuple[Connection, ...]]) -> Appended:
        store = self._store
        assert isinstance(store, SimulatedConversations)
        first = change.entries[0]
        counters = self._counters.setdefault(id(store), {})
        counter = counters.setdefault(first.contact_id, itertools.count(first.seq))
        numbers = store.steps.take("counter", lambda: [next(counter) for _ in change.entries])
        return super()._write(replace(change, entries=_renumbered(change.entries, numbers)), beside)


class UlidLog(Log):
    """Orders entries by the clock of whoever writes them."""

    def _write(self, change: Change, beside: Callable[[], tuple[Connection, ...]]) -> Appended:
        now = epoch_ms(self._clock.now())
        numbers = range(now, now + len(change.entries))
        return super()._write(replace(change, entries=_renumbered(change.entries, numbers)), beside)


class ShortSightedLog(Log):
    """Looks for a repeat among the newest two entries only."""

    def excerpt(self, origin: Origin) -> Excerpt:
        excerpt = super().excerpt(origin)
        return replace(excerpt, entries=excerpt.entries[-2:])


class ForgetfulLog(Log):
    """Does not look for repeats at all."""

    def excerpt(self, origin: Origin) -> Excerpt:
        excerpt = super().excerpt(origin)
        return _Blind(excerpt.entries, excerpt.listing, excerpt.marks, excerpt.complete)


class _Blind(Excerpt):
    def find(self, sender: str, message_id: str) -> Entry | None:
        return None


class CredulousLog(Log):
    """Believes a `base` at which there is nothing."""

    def excerpt(self, origin: Origin) -> Excerpt:
        excerpt = super().excerpt(origin)
        newest = excerpt.newest
        if origin.base is None or newest is None or newest.seq >= origin.base:
            return excerpt
        return replace(excerpt, entries=(replace(newest, seq=origin.base),))


class HastyMessaging(Messaging):
    """Pushes a message before it is stored."""

    def _change(self, newest: Entry, origin: Origin, outgoing: Outgoing, *, keeps_seller: bool) -> Change:
        change = super()._change(newest, origin, outgoing, keeps_seller=keeps_seller)
        written = change.entries[-1]
        delivery = self._ledger._delivery
        connections = delivery.participants(written.state)
        delivery.send([Parcel(connection, [encode(message(written))]) for connection in connections])
        return change


class RememberingDelivery(Delivery):
    """Tells those who took part when the contact was first seen, whoever has it now."""

    _first_seen: State | None = None

    def participants(self, *states: State) -> tuple[Connection, ...]:
        self._first_seen = self._first_seen or states[0]
        return super().participants(self._first_seen, *states)


class TrustingReading(Reading):
    """Goes by who answered at the end of a page, though the log went on after that."""

    def _admit(self, reader: Principal, contact_id: str, excerpt: Excerpt) -> None:
        super()._admit(reader, contact_id, replace(excerpt, complete=True))


class LastWordSignals(Signals):
    """Reads the mark, raises it, and writes it without a condition."""

    def _raise(
        self, newest: Entry, role: Role, mark: Mark, beside: Callable[[], tuple[Connection, ...]]
    ) -> tuple[Connection, ...] | None:
        store = self._store
        assert isinstance(store, SimulatedConversations)
        with asking_to_retry():
            store.steps.take("raise_mark", lambda: self._write(store, newest.contact_id, role, mark))
            return beside()

    def _write(self, store: SimulatedConversations, contact_id: str, role: Role, mark: Mark) -> bool:
        store.table.marks[contact_id][role] = mark
        store.marked(role, mark)
        return True


class DeafPush:
    """Catches `ClientError` before its subclass `GoneException`, so that nobody ever hears of a dead connection."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def post(self, connection_id: str, frame: bytes) -> None:
        try:
            self._client.post_to_connection(ConnectionId=connection_id, Data=frame)
        except ClientError as error:
            raise PushFailedError(str(error)) from error
        except self._client.exceptions.GoneException as error:
            raise ConnectionGoneError(connection_id) from error

    def close(self, connection_id: str) -> None:
        pass


class QuietConnecting(Connecting):
    """Does not restore a connection that was taken for dead while it was being opened."""

    def announced(self, sender: Sender, learned: Description | None = None) -> None:
        pass


def _renumbered(entries: Sequence[Entry], numbers: Sequence[int]) -> tuple[Entry, ...]:
    return tuple(replace(entry, seq=seq) for entry, seq in zip(entries, numbers, strict=True))


def _mutant(name: str, **broken: Any) -> Variant:
    # The budget would give some of them away before they break the promise that they are about.
    return Variant(name, watches_budget=False, **broken)


MUTANTS = {
    mutant.name: mutant
    for mutant in (
        _mutant("numbers from a counter", build=_instead_of("Log", CounterLog)),
        _mutant("ULID keys", build=_instead_of("Log", UlidLog)),
        _mutant("repeats looked for in a short excerpt", build=_instead_of("Log", ShortSightedLog)),
        _mutant("repeats not looked for", build=_instead_of("Log", ForgetfulLog)),
        _mutant("a base that is believed", build=_instead_of("Log", CredulousLog)),
        _mutant("a push before the write", build=_instead_of("Messaging", HastyMessaging)),
        _mutant("no second sync after connecting", second_sync=False),
        _mutant("ClientError caught before GoneException", push=DeafPush),
        _mutant("recipients who are remembered", build=_instead_of("Delivery", RememberingDelivery)),
        _mutant("a reader admitted by an old page", build=_instead_of("Reading", TrustingReading)),
        _mutant("marks without a condition", build=_instead_of("Signals", LastWordSignals)),
        _mutant("no announcement after connecting", build=_instead_of("Connecting", QuietConnecting)),
    )
}


@dataclass(frozen=True)
class Verdict:
    """Which schedule caught a mutant, and how; `seed` is None if none did."""

    name: str
    seed: int | None
    broken: str | None


def verdict(name: str) -> Verdict:
    """Run schedules until one of them catches the mutant."""
    begins = CAUGHT_LAST.get(name, 0)
    for seed in (begins, *(each for each in range(BUDGET) if each != begins)):
        if name in shop_mutants.MUTANTS:
            broken = shop.run(seed, shop_mutants.MUTANTS[name])
        else:
            broken = run(seed, MUTANTS[name])
        if broken:
            return Verdict(name, seed, broken)
    return Verdict(name, None, None)


def report() -> int:
    """Print a line for each mutant, and the count last; the exit code is 0 only if all were caught."""
    with workers() as pool:
        verdicts = pool.map(verdict, [*shop_mutants.MUTANTS, *MUTANTS], chunksize=1)
    for each in verdicts:
        print(f"{each.name}: " + (f"caught by seed {each.seed}: {each.broken}" if each.broken else "SURVIVED"))
    caught = sum(1 for each in verdicts if each.broken)
    print(f"{caught} caught, {len(verdicts) - caught} survived")
    return 0 if caught == len(verdicts) else 1
