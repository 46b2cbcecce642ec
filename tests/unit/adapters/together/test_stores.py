"""Any sequence of calls: the tables on moto and the doubles of the other tests do what a plain model says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import boto3
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from moto import mock_aws

from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.model.entries import Entry, EntryKind, Mark, State, Status
from chat.model.identity import Role
from chat.model.inbox import Listing, Snooze
from chat.model.rates import Bucket
from chat.model.sellers import Availability, Seller
from chat.ports.conversations import Change, ConversationStore, Current, Excerpt, Pointer
from chat.ports.errors import ListingMovedError, NumberTakenError, PointerMovedError, SellerFullError
from chat.ports.sellers import SellerStore
from tests.doubles.conversations import MemoryConversations
from tests.doubles.machine import RecordingJournal
from tests.worlds.tables import CONVERSATIONS, create_tables
from tests.worlds.tables import SELLERS as SELLER_TABLE

IN_A_YEAR = 1_798_761_600
CONTACTS = ["contact-a", "contact-b"]
DEVICES = ["device-1", "device-2"]
SELLER_IDS = ["123456", "654321"]
TEAM = [Seller("123456", "support", capacity=1), Seller("654321", "support", capacity=3)]

LISTED: dict[str, Callable[[Listing], Listing]] = {
    "as it is": lambda listing: listing,
    "since before": lambda listing: replace(listing, since="2025"),
    "in another status": lambda listing: replace(
        listing, status=Status.CLOSED if listing.status is Status.OPEN else Status.OPEN
    ),
    "with another snooze": lambda listing: replace(listing, snooze=Snooze("s", "2029", 1, 0)),
    "without a snooze": lambda listing: replace(listing, snooze=None),
}
"""How a contact may be listed by the time that somebody writes, told how it is."""


class Table(Protocol):
    """A store that is put up, loses entries to TTL, and is taken down."""

    def put_up(self) -> tuple[ConversationStore, SellerStore]: ...

    def expire(self, contact_id: str, seq: int) -> None: ...

    def take_down(self) -> None: ...


class DynamoDB:
    """The real adapter."""

    def __init__(self) -> None:
        self._mock = mock_aws()
        self._client = boto3.Session().client("dynamodb")

    def put_up(self) -> tuple[ConversationStore, SellerStore]:
        self._mock.start()
        create_tables(self._client)
        sellers = DynamoDBSellers(self._client, SELLER_TABLE, RecordingJournal())
        return DynamoDBConversations(self._client, CONVERSATIONS, SELLER_TABLE), sellers

    def expire(self, contact_id: str, seq: int) -> None:
        key = {"contact_id": {"S": contact_id}, "item": {"S": f"entry#{seq:012d}"}}
        self._client.delete_item(TableName=CONVERSATIONS, Key=key)

    def take_down(self) -> None:
        self._mock.stop()


class Memory:
    """The fake."""

    def __init__(self) -> None:
        self._store = MemoryConversations()

    def put_up(self) -> tuple[ConversationStore, SellerStore]:
        self._store = MemoryConversations()
        return self._store, self._store.sellers

    def expire(self, contact_id: str, seq: int) -> None:
        del self._store.entries[contact_id][seq]

    def take_down(self) -> None:
        pass


@dataclass
class Model:
    """What must be so."""

    logs: dict[str, dict[int, Entry]] = field(default_factory=lambda: defaultdict(dict))
    listings: dict[str, Listing] = field(default_factory=dict)
    marks: dict[tuple[str, Role], Mark] = field(default_factory=dict)
    pointers: dict[tuple[str, str], Current] = field(default_factory=dict)
    sellers: dict[str, Seller] = field(default_factory=dict)

    def next(self, contact_id: str) -> int:
        return max(self.logs[contact_id], default=0) + 1

    def marks_of(self, contact_id: str) -> dict[Role, Mark]:
        return {role: mark for (contact, role), mark in self.marks.items() if contact == contact_id}

    def outcome(self, change: Change) -> type[Exception] | None:
        if any(entry.seq in self.logs[entry.contact_id] for entry in change.entries):
            return NumberTakenError
        if change.listing and change.entries[0].seq == 1 and change.listing.contact_id in self.listings:
            return NumberTakenError
        if change.listing and change.relies_on not in {None, self.listings.get(change.listing.contact_id)}:
            return ListingMovedError
        pointer = change.pointer
        if pointer and not self.may_replace(pointer):
            return PointerMovedError
        if change.claim and not (change.claim in self.sellers and self.sellers[change.claim].has_room):
            return SellerFullError
        return None

    def may_replace(self, pointer: Pointer) -> bool:
        current = self.pointers.get((pointer.visitor, pointer.requested))
        if current is None or pointer.replaces is None:
            return current is None and pointer.replaces is None
        return current.contact_id == pointer.replaces and pointer.version in {None, current.version}

    def apply(self, change: Change) -> None:
        for entry in change.entries:
            self.logs[entry.contact_id][entry.seq] = entry
        if change.listing:
            self.listings[change.listing.contact_id] = change.listing
        if change.pointer:
            pointed = (change.pointer.visitor, change.pointer.requested)
            version = self.pointers[pointed].version + 1 if pointed in self.pointers else 1
            self.pointers[pointed] = Current(change.pointer.contact_id, version)
        if change.claim:
            self.carry(change.claim, 1, last_assigned=change.entries[-1].at)
        if change.release in self.sellers:
            self.carry(change.release, -1)

    def carry(self, name: str, more: int, **changes: str) -> None:
        seller = self.sellers[name]
        self.sellers[name] = replace(seller, open_count=seller.open_count + more, **changes)  # type: ignore[arg-type]


class Machine(RuleBasedStateMachine):
    """Calls a store and the model alike."""

    table: Table

    def __init__(self) -> None:
        super().__init__()
        self.store, self.sellers = self.table.put_up()
        self.model = Model()
        self.moment = 0
        for seller in TEAM:
            self.sellers.register(seller)
            self.model.sellers[seller.id] = seller

    def teardown(self) -> None:
        self.table.take_down()

    def entry(self, contact_id: str, seq: int, state: State, text: str | None) -> Entry:
        self.moment += 1
        return Entry(
            contact_id=contact_id,
            seq=seq,
            kind=EntryKind.MESSAGE,
            id=f"id-{self.moment}",
            sender="123456",
            at=f"2026-01-01T00:00:00.{self.moment:06d}Z",
            state=state,
            expires_at=1_775_001_600,
            text=text,
            details={} if text is None else {"seller_id": "123456", "more": [1, None, True]},
        )

    def commit(self, change: Change) -> None:
        expected = self.model.outcome(change)
        if expected:
            with pytest.raises(expected):
                self.store.commit(change)
        else:
            self.store.commit(change)
            self.model.apply(change)

    @rule(
        contact_id=st.sampled_from(CONTACTS),
        back=st.sampled_from([0, 0, 0, 1, 2]),
        text=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        tokens=st.floats(0, 60).map(lambda tokens: round(tokens, 3)),
    )
    def append(self, contact_id: str, back: int, text: str | None, tokens: float) -> None:
        buckets = {Role.VISITOR: Bucket(tokens, 1_767_225_600_000)}
        state = State(Status.OPEN, "device-1", "123456", "2026", seller="123456", buckets=buckets)
        seq = max(1, self.model.next(contact_id) - back)
        self.commit(Change((self.entry(contact_id, seq, state, text),)))

    @rule(
        contact_id=st.sampled_from(CONTACTS),
        status=st.sampled_from(Status),
        seller=st.none() | st.sampled_from(SELLER_IDS),
        count=st.integers(1, 3),
        back=st.sampled_from([0, 0, 1]),
        places=st.permutations([None, "123456", "654321", "nobody"]),
        relies_on=st.sampled_from([None, None, *LISTED]),
    )
    def move(
        self,
        contact_id: str,
        status: Status,
        seller: str | None,
        count: int,
        back: int,
        places: list[str | None],
        relies_on: str | None,
    ) -> None:
        state = State(status, "device-1", "123456", "2026", seller=seller)
        first = max(1, self.model.next(contact_id) - back)
        entries = tuple(self.entry(contact_id, seq, state, None) for seq in range(first, first + count))
        claim, release, *_ = places
        now = self.model.listings.get(contact_id)
        known = LISTED[relies_on](now) if now and relies_on else None
        self.commit(Change(entries, Listing.after(entries[-1]), claim=claim, release=release, relies_on=known))

    @rule(
        contact_id=st.sampled_from(CONTACTS), until=st.sampled_from(["2027", "2028"]), moved=st.sampled_from([*LISTED])
    )
    def snooze(self, contact_id: str, until: str, moved: str) -> None:
        now = self.model.listings.get(contact_id)
        if now is None:
            return
        known, wanted = LISTED[moved](now), Snooze("s", until, 1, 0)

        assert self.store.snooze(known, wanted) is (known == now)
        if known == now:
            self.model.listings[contact_id] = replace(now, snooze=wanted)

    @rule(
        contact_id=st.sampled_from(CONTACTS),
        device=st.sampled_from(DEVICES),
        seller=st.sampled_from(SELLER_IDS),
        replaces=st.none() | st.sampled_from(CONTACTS) | st.just("as it is"),
        version=st.none() | st.integers(1, 3),
        claim=st.none() | st.sampled_from([*SELLER_IDS, "nobody"]),
    )
    def open(
        self, contact_id: str, device: str, seller: str, replaces: str | None, version: int | None, claim: str | None
    ) -> None:
        if replaces == "as it is":
            current = self.model.pointers.get((device, seller))
            replaces = current.contact_id if current else None
        state = State(Status.OPEN, device, seller, "2026", seller=seller)
        entry = self.entry(contact_id, self.model.next(contact_id), state, None)
        pointer = Pointer(device, seller, contact_id, replaces, version)
        self.commit(Change((entry,), Listing.after(entry), pointer, claim=claim))

    @rule(contact_id=st.sampled_from(CONTACTS), through=st.integers(0, 4))
    def expire(self, contact_id: str, through: int) -> None:
        for seq in sorted(self.model.logs[contact_id])[:through]:
            self.table.expire(contact_id, seq)
            del self.model.logs[contact_id][seq]

    @rule(
        contact_id=st.sampled_from(CONTACTS),
        role=st.sampled_from(Role),
        delivered=st.integers(0, 9),
        read=st.integers(0, 9),
    )
    def raise_mark(self, contact_id: str, role: Role, delivered: int, read: int) -> None:
        before = self.model.marks.get((contact_id, role), Mark())
        rises = delivered >= before.delivered and read >= before.read

        assert self.store.raise_mark(contact_id, role, Mark(delivered, read), IN_A_YEAR) is rises
        if rises:
            self.model.marks[(contact_id, role)] = Mark(delivered, read)

    @rule(contact_id=st.sampled_from(CONTACTS), first=st.integers(1, 12), limit=st.none() | st.integers(1, 9))
    def read(self, contact_id: str, first: int, limit: int | None) -> None:
        log = self.model.logs[contact_id]
        wanted = tuple(log[seq] for seq in sorted(log) if seq >= first)
        excerpt = self.store.read(contact_id, first, limit)

        assert excerpt.entries == wanted[:limit]
        assert excerpt.complete is (limit is None or len(wanted) <= limit)
        if excerpt.complete:
            assert replace(excerpt, entries=()) == self.around(contact_id)

    def around(self, contact_id: str) -> Excerpt:
        return Excerpt((), self.model.listings.get(contact_id), self.model.marks_of(contact_id))

    @rule(owner=st.sampled_from(SELLER_IDS), status=st.sampled_from(Status), limit=st.integers(1, 2))
    def inbox(self, owner: str, status: Status, limit: int) -> None:
        listings = [
            listing for listing in self.model.listings.values() if (listing.owner, listing.status) == (owner, status)
        ]
        listings.sort(key=lambda listing: listing.place, reverse=status is not Status.QUEUED)

        listed = list(self.store.inbox(owner, status, limit))
        assert listed == listings[:limit]
        if listed:
            assert list(self.store.inbox(owner, status, limit, listed[-1].place)) == listings[limit : 2 * limit]

    @rule(contact_id=st.sampled_from(CONTACTS))
    def latest(self, contact_id: str) -> None:
        log = self.model.logs[contact_id]
        excerpt = self.store.latest(contact_id)

        assert excerpt.newest == (log[max(log)] if log else None)
        assert replace(excerpt, entries=()) == self.around(contact_id)

    @rule(name=st.sampled_from([*SELLER_IDS, "nobody"]))
    def seller(self, name: str) -> None:
        assert self.sellers.get(name) == self.model.sellers.get(name)

    @rule(
        name=st.sampled_from([*SELLER_IDS, "nobody"]),
        availability=st.sampled_from([*Availability, None]),
        at=st.integers(0),
    )
    def beat(self, name: str, availability: Availability | None, at: int) -> None:
        if seller := self.model.sellers.get(name):
            said = availability or seller.availability
            self.model.sellers[name] = replace(seller, availability=said, heartbeat_at=at)

        assert self.sellers.beat(name, availability, at) == self.model.sellers.get(name)

    @rule(team=st.sampled_from(["support", "sales"]))
    def team(self, team: str) -> None:
        expected = {each.id: each for each in self.model.sellers.values() if each.team == team}

        assert {each.id: each for each in self.sellers.team(team)} == expected

    @rule(device=st.sampled_from(DEVICES), seller=st.sampled_from(SELLER_IDS))
    def current_contact(self, device: str, seller: str) -> None:
        assert self.store.current_contact(device, seller) == self.model.pointers.get((device, seller))


@pytest.mark.parametrize(("table", "examples"), [(DynamoDB, 15), (Memory, 100)])
def test_a_store_does_what_the_model_says(
    aws_environment: pytest.MonkeyPatch, table: type[Table], examples: int
) -> None:
    class Tested(Machine):
        pass

    Tested.table = table()
    run_state_machine_as_test(
        Tested, settings=settings(max_examples=examples, stateful_step_count=25, deadline=None, print_blob=True)
    )
