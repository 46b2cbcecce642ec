"""The log by itself: what it reads for what it is asked, what it takes for gone, and what it writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from chat.log import Decision, Draft, Log, Origin
from chat.model.entries import Entry, EntryKind, State, Status, Talk
from chat.model.errors import ChatError, Code
from chat.model.identity import Principal, Role
from chat.model.inbox import Listing, Standing
from chat.model.timestamps import epoch_seconds, iso
from chat.ports.connections import Connection
from chat.ports.conversations import Change, Excerpt
from chat.ports.errors import NumberTakenError
from chat.ports.machine import Runtime
from tests.doubles.conversations import ContestedConversations
from tests.doubles.machine import START, CountingIds, FakeClock, NoPause, OneAfterAnother, RecordingJournal

CONTACT = "c1"
VISITOR = Principal("device-1", Role.VISITOR)
SELLER = Principal("ana", Role.SELLER)
STATE = State(Status.OPEN, VISITOR.user_id, "support", iso(START), seller=SELLER.user_id)
RETENTION = timedelta(days=90)
LIVES = epoch_seconds(START + RETENTION)
EXPIRED = epoch_seconds(START) - 7200


class Store(ContestedConversations):
    """Notes what is read: from which number on, and how many at most."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[tuple[int, int | None]] = []
        self.before_reading: list[Callable[[], object]] = []

    def read(self, contact_id: str, first: int, limit: int | None = None) -> Excerpt:
        self.reads.append((first, limit))
        if self.before_reading:
            self.before_reading.pop(0)()
        return super().read(contact_id, first, limit)


@dataclass
class World:
    """A log, its store and its clock."""

    store: Store = field(default_factory=Store)
    clock: FakeClock = field(default_factory=FakeClock)
    told: list[tuple[State, State]] = field(default_factory=list)

    def __post_init__(self) -> None:
        runtime = Runtime(
            clock=self.clock, ids=CountingIds(), pause=NoPause(), parallel=OneAfterAnother(), journal=RecordingJournal()
        )
        self.log = Log(store=self.store, runtime=runtime, retention_days=RETENTION.days)

    def write(self, *texts: str | None, expires_at: int = LIVES, state: State = STATE) -> None:
        """Append messages; an entry of another kind where there is no text."""
        stored = self.store.entries[CONTACT]
        for text in texts:
            seq = max(stored, default=0) + 1
            kind = EntryKind.MESSAGE if text is not None else EntryKind.REOPENED
            stored[seq] = Entry(CONTACT, seq, kind, f"e{seq}", "ana", iso(START), state, expires_at, text)
        self.store.listings[CONTACT] = Listing.after(stored[max(stored)])

    def append(self, origin: Origin, change: Decision | None = None) -> list[int]:
        """Append a message, or another change; the numbers of what is told."""

        def message(_excerpt: Excerpt, newest: Entry) -> Change:
            return self.log.change(newest, origin, Draft(EntryKind.MESSAGE, newest.state, text="Hello"))

        return [entry.seq for entry in self.log.append(origin, change or message, self._beside).written]

    def _beside(self, before: State, after: State) -> tuple[Connection, ...]:
        self.told.append((before, after))
        return ()


@pytest.fixture
def world() -> World:
    return World()


def origin(base: int | None = None, entry_id: str = "m1") -> Origin:
    return Origin(CONTACT, "ana", entry_id, EntryKind.MESSAGE, SELLER, base)


def texts(sizes: Iterable[int]) -> list[str]:
    return ["x" * size for size in sizes]


# What is read from a base on


@pytest.mark.parametrize(
    ("sizes", "reads"),
    [
        pytest.param([9] * 4, [(1, 4)], id="a client that keeps up costs one read of four"),
        pytest.param([9] * 12, [(1, 4), (5, 8)], id="short ones come at once, up to a dozen"),
        pytest.param([500, 100, 100, 100] + [10] * 8, [(1, 4), (5, 7), (12, 1)], id="as many as there is room for"),
        pytest.param([550] * 4 + [9], [(1, 4), (5, 4)], id="four of 550 bytes leave room for three more, and one"),
        pytest.param([683, 683, 683, 681, 9], [(1, 4), (5, 2)], id="what fits just not"),
        pytest.param([683, 683, 683, 679, 9], [(1, 4), (5, 3)], id="what fits just so"),
        pytest.param([1024, 1024, 1024, 1023, 9], [(1, 4), (5, 1)], id="one byte is left"),
    ],
)  # fmt: skip
def test_an_excerpt_of_a_dozen_entries_or_four_kilobytes_is_read_in_few_reads(
    world: World, sizes: list[int], reads: list[tuple[int, int]]
) -> None:
    world.write(*texts(sizes))

    excerpt = world.log.excerpt(origin(base=1))

    assert [entry.seq for entry in excerpt] == list(range(1, len(sizes) + 1))
    assert world.store.reads == reads


@pytest.mark.parametrize(
    ("sizes", "reads"),
    [
        pytest.param([9] * 13, [(1, 4), (5, 8)], id="more than a dozen"),
        pytest.param([1024] * 4 + [9], [(1, 4)], id="four kilobytes"),
        pytest.param([1100] * 4 + [9], [(1, 4)], id="more than four kilobytes at first"),
        pytest.param([500] * 9 + [9], [(1, 4), (5, 5)], id="more than four kilobytes later"),
    ],
)
def test_a_base_that_lies_further_back_is_refused_without_reading_on(
    world: World, sizes: list[int], reads: list[tuple[int, int]]
) -> None:
    world.write(*texts(sizes))

    with pytest.raises(ChatError) as refused:
        world.log.excerpt(origin(base=1))

    assert (refused.value.code, refused.value.field) == (Code.BAD_FIELD, "base")
    assert world.store.reads == reads


def test_what_has_no_text_takes_up_no_room(world: World) -> None:
    world.write(None, None, None, "x" * 4095, "one more")

    assert len(world.log.excerpt(origin(base=1)).entries) == 5


@pytest.mark.parametrize(("base", "first"), [(0, 1), (1, 1), (2, 2)])
def test_an_excerpt_begins_with_its_base_and_entries_with_one(world: World, base: int, first: int) -> None:
    world.write("one", "two", "three")

    assert [entry.seq for entry in world.log.excerpt(origin(base=base))] == list(range(first, 4))
    assert world.store.reads == [(first, 4)]


def test_a_base_that_counted_in_another_log_is_looked_for_in_all_of_a_short_one(world: World) -> None:
    world.write("one", "two", "three")

    assert [entry.seq for entry in world.log.excerpt(origin(base=50))] == [1, 2, 3]
    assert world.store.reads == [(50, 4), (1, 4)]


# What has expired


@pytest.mark.parametrize(
    ("limit", "reads"),
    [
        (4, [(1, 4), (13, 1), (9, 1), (11, 1), (10, 1), (11, 4)]),
        (3, [(1, 3), (12, 1), (8, 1), (10, 1), (11, 1), (11, 3)]),
    ],
)
def test_the_first_that_lives_is_found_by_halving(
    world: World, limit: int, reads: list[tuple[int, int | None]]
) -> None:
    world.write(*texts([9] * 10), expires_at=EXPIRED)
    world.write(*texts([9] * 11))

    page = world.log.page(CONTACT, 1, limit)

    assert [entry.seq for entry in page] == list(range(11, 11 + limit))
    assert world.store.reads == reads


@pytest.mark.parametrize("expired", range(4, 21))
def test_nothing_that_lives_is_passed_over(world: World, expired: int) -> None:
    world.write(*texts([9] * expired), expires_at=EXPIRED)
    world.write(*texts([9] * (21 - expired)))

    assert next(entry.seq for entry in world.log.page(CONTACT, 1, 4)) == expired + 1


def test_what_is_deleted_already_is_passed_over_in_one_step(world: World) -> None:
    world.write(*texts([9] * 20), expires_at=EXPIRED)
    world.write("alive")
    for seq in range(13, 20):
        del world.store.entries[CONTACT][seq]

    assert [entry.seq for entry in world.log.page(CONTACT, 1, 4)] == [21]
    assert world.store.reads == [(1, 4), (13, 1), (21, 4)]


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_log_that_ends_while_its_first_living_entry_is_looked_for_is_empty(world: World, *, is_deleted: bool) -> None:
    world.write(*texts([9] * 10), expires_at=EXPIRED)
    world.write("alive")

    def end() -> None:
        world.clock.advance(days=91)
        for seq in range(5, 12 if is_deleted else 11):
            del world.store.entries[CONTACT][seq]

    world.store.before_reading = [lambda: None, end]

    assert world.log.page(CONTACT, 1, 4).entries == ()


def test_an_entry_is_past_its_retention_from_its_last_second_on(world: World) -> None:
    world.write("Hello")

    world.clock.moment = START + RETENTION - timedelta(seconds=1)
    assert world.log.find(CONTACT)
    world.clock.advance(seconds=1)
    assert world.log.find(CONTACT) is None


def test_a_contact_is_put_away_an_hour_after_it_expired_and_not_a_second_before(world: World) -> None:
    world.write("Hello")

    world.clock.moment = START + RETENTION + timedelta(minutes=59, seconds=59)
    world.log.find(CONTACT)
    assert world.store.requests["retire"] == 0
    world.clock.advance(seconds=1)
    world.log.find(CONTACT)
    assert world.store.requests["retire"] == 1


def test_what_was_written_may_be_gone_once_the_retention_is_over(world: World) -> None:
    then = iso(START)
    assert not world.log.may_be_gone(then)

    world.clock.moment = START + RETENTION
    assert not world.log.may_be_gone(then)
    world.clock.advance(seconds=1)
    assert world.log.may_be_gone(then)


def test_the_opening_is_the_first_entry_and_no_other_one(world: World) -> None:
    world.write("one", "two")

    opening = world.log.opening(CONTACT)
    assert opening
    assert (opening.seq, world.store.reads) == (1, [(1, 1)])

    del world.store.entries[CONTACT][1]
    assert world.log.opening(CONTACT) is None


@pytest.mark.parametrize(
    ("person", "code"),
    [
        pytest.param(None, Code.CONTACT_EXPIRED, id="the system"),
        pytest.param(VISITOR, Code.CONTACT_EXPIRED, id="the visitor"),
        pytest.param(Principal("device-2", Role.VISITOR), Code.FORBIDDEN, id="a stranger"),
    ],
)
def test_who_took_part_is_told_that_a_contact_has_expired(world: World, person: Principal | None, code: Code) -> None:
    world.write("Hello", expires_at=EXPIRED)

    with pytest.raises(ChatError) as refused:
        world.log.latest(CONTACT, person)

    assert refused.value.code == code


def test_there_is_no_contact_for_the_system_either_that_was_never_begun(world: World) -> None:
    with pytest.raises(ChatError) as refused:
        world.log.latest("never")

    assert refused.value.code == Code.FORBIDDEN


# Who takes part


def test_a_thousand_who_take_part_are_remembered_and_one_more_makes_room_for_another_thousand(world: World) -> None:
    people = [Principal(f"device-{number}", Role.VISITOR) for number in range(1001)]
    for person in people:
        world.write("Hello", state=replace(STATE, visitor=person.user_id))
        world.log.require(person, CONTACT)
        if person is people[999]:
            world.store.requests.clear()
            world.log.require(people[0], CONTACT)
            assert not world.store.requests

    world.write("Hello", state=replace(STATE, visitor=people[0].user_id))
    world.store.requests.clear()
    for _ in range(2):
        world.log.require(people[0], CONTACT)

    assert world.store.requests == {"listing": 1}


@pytest.mark.parametrize(
    ("person", "knows_visitor", "reads"),
    [
        pytest.param(Principal("device-2", Role.VISITOR), False, 1, id="another visitor"),
        pytest.param(Principal(VISITOR.user_id, Role.SELLER), False, 0, id="a seller of the visitor's name"),
        pytest.param(Principal("device-2", Role.VISITOR), True, 0, id="another visitor where it tells"),
    ],
)  # fmt: skip
def test_of_a_contact_whose_listing_does_not_tell_whose_it_is_the_newest_entry_does(
    world: World, person: Principal, reads: int, *, knows_visitor: bool
) -> None:
    world.write("Hello")
    if not knows_visitor:
        world.store.listings[CONTACT] = replace(world.store.listings[CONTACT], visitor="")
        world.log.require(VISITOR, CONTACT)
        world.store.requests.clear()

    with pytest.raises(ChatError) as refused:
        world.log.require(person, CONTACT)

    assert refused.value.code == Code.FORBIDDEN
    assert world.store.requests["latest"] == reads


def test_of_a_contact_of_which_nothing_is_left_nobody_takes_part_if_the_listing_does_not_tell(world: World) -> None:
    world.write("Hello", expires_at=EXPIRED)
    world.store.listings[CONTACT] = replace(world.store.listings[CONTACT], visitor="")

    with pytest.raises(ChatError) as refused:
        world.log.require(VISITOR, CONTACT)

    assert refused.value.code == Code.FORBIDDEN


# Appending


def test_who_loses_eight_races_is_told_to_come_back_in_a_second(world: World) -> None:
    def lose() -> None:
        raise NumberTakenError

    world.write("Hello")
    world.store.before_writing = [lose] * 20

    with pytest.raises(ChatError) as refused:
        world.append(origin())

    assert (refused.value.code, refused.value.retry_after_ms) == (Code.TRY_AGAIN, 1000)
    assert len(world.store.before_writing) == 12


@pytest.mark.parametrize(("races", "told"), [(0, []), (1, [2]), (2, [2])])
def test_what_another_attempt_wrote_meanwhile_is_told_though_others_have_written_since(
    world: World, races: int, told: list[int]
) -> None:
    world.write("Hello")
    other = world.store.entries[CONTACT][1]

    def another_attempt() -> None:
        world.store.entries[CONTACT][2] = replace(other, seq=2, id="m1")
        world.store.entries[CONTACT][3] = replace(other, seq=3, id="m2")

    def lose() -> None:
        raise NumberTakenError

    if races:
        world.store.before_writing = [*[lose] * (races - 1), another_attempt]
    else:
        another_attempt()

    assert world.append(origin(base=1)) == told


def test_those_are_looked_up_who_take_part_before_and_after_all_that_is_written_together(world: World) -> None:
    world.write("Hello", state=replace(STATE, status=Status.CLOSED))
    between, after = replace(STATE, seller="bo"), replace(STATE, seller="cy")
    drafts = (Draft(EntryKind.REOPENED, between), Draft(EntryKind.MESSAGE, after, text="Hello"))

    assert world.append(origin(), lambda _, newest: world.log.change(newest, origin(), *drafts)) == [2, 3]

    ((was, becomes),) = world.told
    assert (was.status, becomes.seller) == (Status.CLOSED, "cy")


def test_what_is_written_together_has_an_id_for_each_and_only_the_last_has_its_origins(world: World) -> None:
    world.write("Hello")
    far = replace(world.store.entries[CONTACT][1], seq=1000)

    change = world.log.change(
        far, origin(), Draft(EntryKind.REOPENED, STATE, by_system=True), Draft(EntryKind.MESSAGE, STATE, text="Hello")
    )

    assert [(entry.seq, entry.id, entry.sender) for entry in change.entries] == [
        (1001, "m1.reopened", "system"),
        (1002, "m1", "ana"),
    ]


def test_from_what_gives_a_contact_to_a_seller_on_the_state_says_where_that_was(world: World) -> None:
    drafts = (Draft(kind, STATE) for kind in (EntryKind.OPENED, EntryKind.ASSIGNED, EntryKind.MESSAGE))

    change = world.log.change(None, origin(), *drafts)

    assert [entry.state.assigned_in for entry in change.entries] == [0, 2, 2]


def test_who_speaks_for_the_first_time_is_listed_anew_whatever_was_written_before_it_at_once(world: World) -> None:
    silent = replace(STATE, status=Status.QUEUED, seller=None, spoken=False)
    world.write(None, state=silent)
    newest = world.store.entries[CONTACT][1]

    def listed(*states: State) -> Listing | None:
        return world.log.change(newest, origin(), *(Draft(EntryKind.MESSAGE, state) for state in states)).listing

    assert listed(silent, silent) is None
    listing = listed(silent, replace(silent, spoken=True))
    assert listing
    assert listing.standing is Standing.SPOKEN


# What is read on, and what a list shows


@pytest.mark.parametrize(
    ("room", "reads"),
    [
        pytest.param(100, [(1, 5), (6, 20), (26, 20)], id="a few at a time, where there is room for many"),
        pytest.param(1, [(1, 5), *((seq, 1) for seq in range(6, 31))], id="one by one, where there is room for one"),
        pytest.param(0, [(1, 5)], id="none, where there is no room"),
        pytest.param(-1, [(1, 5)], id="none, where there is less than no room"),
    ],
)
def test_a_page_is_read_on_as_long_as_there_is_room(world: World, room: int, reads: list[tuple[int, int]]) -> None:
    world.write(*texts([9] * 30))

    excerpt = world.log.read_on(CONTACT, 1, 5, lambda _excerpt: room)

    assert world.store.reads == reads
    assert [entry.seq for entry in excerpt] == list(range(1, 31 if room > 0 else 6))


def test_a_page_ends_where_what_follows_has_gone_meanwhile(world: World) -> None:
    world.write(*texts([9] * 9))
    world.store.before_reading = [lambda: None, lambda: world.store.entries[CONTACT].pop(6)]

    excerpt = world.log.read_on(CONTACT, 1, 5, lambda _excerpt: 2)

    assert [entry.seq for entry in excerpt] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", ["ana", "visitor", "zoe"])
def test_what_a_seller_says_is_theirs_however_they_are_called(world: World, name: str) -> None:
    world.write("Hello", state=replace(STATE, seller=name, talk=Talk()))
    who = Origin(CONTACT, name, "m1", EntryKind.MESSAGE, Principal(name, Role.SELLER))

    world.append(who)

    talk = world.store.entries[CONTACT][2].state.talk
    assert talk is not None
    assert (talk.said, talk.asked, talk.since) == (2, 0, "")
