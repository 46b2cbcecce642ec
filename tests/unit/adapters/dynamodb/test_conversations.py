"""The conversations table: conditional, all or nothing, read whole however it is stored."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.adapters.dynamodb.visitors import DynamoDBVisitorData
from chat.model.entries import Entry, EntryKind, Mark, State, Status
from chat.model.identity import Principal, Role
from chat.model.inbox import Listing, Place, Snooze
from chat.model.rates import Bucket
from chat.ports.conversations import Change, Current, Pointer
from chat.ports.errors import NumberTakenError, PointerMovedError
from tests.worlds.tables import CONVERSATIONS, SELLERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DEVICE = "0f8fad5b-d9cb-469f-a165-70867728950e"
CONTACT = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
OPENED_AT = "2026-01-01T00:00:00.000Z"
IN_A_YEAR = 1_798_761_600
BUCKETS = {Role.VISITOR: Bucket(19.333, 1_767_225_600_000), Role.SELLER: Bucket(59.8, 1_767_225_600_123)}
STATE = State(Status.OPEN, visitor=DEVICE, requested="123456", opened_at=OPENED_AT, seller="123456", buckets=BUCKETS)


def entry(seq: int, text: str = "Hello", *, contact_id: str = CONTACT, state: State = STATE) -> Entry:
    return Entry(
        contact_id=contact_id,
        seq=seq,
        kind=EntryKind.MESSAGE,
        id=f"3f333df6-90a4-4fda-8dd3-{seq:012d}",
        sender=f"visitor-{contact_id}",
        at=OPENED_AT,
        state=state,
        expires_at=1_775_001_600,
        text=text,
    )


def opening(contact_id: str = CONTACT, replaces: str | None = None, version: int | None = None) -> Change:
    opened = replace(
        entry(1, contact_id=contact_id), kind=EntryKind.OPENED, text=None, details={"user_info": {"n": [1, None, "ä"]}}
    )
    assigned = replace(
        entry(2, contact_id=contact_id), kind=EntryKind.ASSIGNED, text=None, details={"seller_id": "123456"}
    )
    pointer = Pointer(DEVICE, "123456", contact_id, replaces, version)
    return Change((opened, assigned), Listing.after(assigned), pointer)


@pytest.fixture
def store(dynamodb: DynamoDBClient) -> DynamoDBConversations:
    """An empty table."""
    return DynamoDBConversations(dynamodb, CONVERSATIONS, SELLERS)


def items(dynamodb: DynamoDBClient) -> list[dict[str, Any]]:
    return sorted(dynamodb.scan(TableName=CONVERSATIONS)["Items"], key=lambda item: item["item"]["S"])


# Entries


def test_what_is_written_is_read_back_as_it_was(store: DynamoDBConversations) -> None:
    change = opening()
    store.commit(change)
    store.commit(Change((entry(3, "“ünïcode” 🦜 \u0000"),)))

    excerpt = store.read(CONTACT, 1)

    assert excerpt.entries == (*change.entries, entry(3, "“ünïcode” 🦜 \u0000"))
    assert excerpt.listing == change.listing
    assert excerpt.complete


def test_a_state_without_seller_and_buckets_is_read_back_too(store: DynamoDBConversations) -> None:
    bare = entry(1, state=replace(STATE, status=Status.QUEUED, seller=None, buckets={}))
    store.commit(Change((bare,)))

    assert store.read(CONTACT, 1).entries == (bare,)


def test_a_number_is_given_once(store: DynamoDBConversations) -> None:
    store.commit(Change((entry(1, "First"),)))

    with pytest.raises(NumberTakenError):
        store.commit(Change((entry(1, "Second"),)))

    assert [each.text for each in store.read(CONTACT, 1)] == ["First"]


def test_a_change_of_several_entries_is_all_or_nothing(store: DynamoDBConversations) -> None:
    store.commit(Change((entry(2, "There"),)))

    with pytest.raises(NumberTakenError):
        store.commit(Change((entry(1), entry(2)), listing=Listing.after(entry(2))))

    excerpt = store.latest(CONTACT)
    assert [each.text for each in excerpt] == ["There"]
    assert excerpt.listing is None


def test_an_ordinary_message_is_one_write_unit(dynamodb: DynamoDBClient, store: DynamoDBConversations) -> None:
    store.commit(Change((entry(7, "x" * 250),)))

    (item,) = items(dynamodb)
    assert stored_size(item) <= 1024


def stored_size(item: dict[str, dict[str, str]]) -> int:
    """Bytes as DynamoDB counts them: names and texts in UTF-8, a number half a byte a digit and one more."""
    sizes = {"S": lambda text: len(text.encode()), "N": lambda text: (len(text) + 1) // 2 + 1}
    return sum(len(name) + sizes[kind](text) for name, value in item.items() for kind, text in value.items())


# Reading


def test_a_read_begins_at_the_number_asked_for(store: DynamoDBConversations) -> None:
    for seq in range(1, 12):
        store.commit(Change((entry(seq),)))

    assert [each.seq for each in store.read(CONTACT, 9)] == [9, 10, 11]


@pytest.mark.parametrize("first", [12, 999_999_999_999])
def test_a_read_past_the_end_is_empty_but_has_head_and_marks(store: DynamoDBConversations, first: int) -> None:
    store.commit(opening())
    store.raise_mark(CONTACT, Role.SELLER, Mark(2, 1), IN_A_YEAR)

    excerpt = store.read(CONTACT, first)

    assert excerpt.entries == ()
    assert excerpt.listing is not None
    assert excerpt.mark(Role.SELLER) == Mark(2, 1)


class ClientThatStopsAtTheLimit:
    """Does as DynamoDB and not as moto: a page that reached the limit has a key to go on from, be it the last one."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client = client

    def query(self, **request: Any) -> dict[str, Any]:
        answer: dict[str, Any] = dict(self._client.query(**request))
        if len(answer["Items"]) == request.get("Limit"):
            answer["LastEvaluatedKey"] = {name: answer["Items"][-1][name] for name in ("contact_id", "item")}
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("marks", [(), (Role.SELLER,), (Role.VISITOR, Role.SELLER)])
def test_a_limited_read_is_complete_exactly_if_nothing_was_left_out(
    dynamodb: DynamoDBClient, limit: int, marks: tuple[Role, ...]
) -> None:
    store = DynamoDBConversations(cast("DynamoDBClient", ClientThatStopsAtTheLimit(dynamodb)), CONVERSATIONS, SELLERS)
    store.commit(opening())
    for seq in (3, 4):
        store.commit(Change((entry(seq),)))
    for role in marks:
        store.raise_mark(CONTACT, role, Mark(4, 4), IN_A_YEAR)

    excerpt = store.read(CONTACT, 1, limit)

    assert [each.seq for each in excerpt] == [1, 2, 3, 4][:limit]
    assert excerpt.complete is (limit >= 4)
    if excerpt.complete:
        assert excerpt.listing is not None
        assert set(excerpt.marks) == set(marks)


@pytest.mark.parametrize("limit", [None, 100])
def test_a_log_of_more_than_one_megabyte_is_read_whole(store: DynamoDBConversations, limit: int | None) -> None:
    store.commit(opening())
    for seq in range(3, 80):
        store.commit(Change((entry(seq, "x" * 16_000),)))

    excerpt = store.read(CONTACT, 1, limit)

    assert [each.seq for each in excerpt] == list(range(1, 80))
    assert (excerpt.complete, excerpt.listing is not None) == (True, True)


def test_latest_is_the_newest_entry_with_head_and_marks(store: DynamoDBConversations) -> None:
    store.commit(opening())
    for seq in range(3, 14):
        store.commit(Change((entry(seq),)))
    store.raise_mark(CONTACT, Role.VISITOR, Mark(9, 8), IN_A_YEAR)
    store.raise_mark(CONTACT, Role.SELLER, Mark(13, 13), IN_A_YEAR)

    excerpt = store.latest(CONTACT)

    assert excerpt.newest == entry(13)
    assert excerpt.listing is not None
    assert excerpt.marks == {Role.VISITOR: Mark(9, 8), Role.SELLER: Mark(13, 13)}


def test_latest_of_what_was_never_there_is_empty(store: DynamoDBConversations) -> None:
    assert store.latest("no-such-contact") == store.read("no-such-contact", 1)
    assert store.latest("no-such-contact").listing is None


def test_latest_of_an_expired_log_still_has_its_head(dynamodb: DynamoDBClient, store: DynamoDBConversations) -> None:
    store.commit(opening())
    for seq in (1, 2):
        key = {"contact_id": {"S": CONTACT}, "item": {"S": f"entry#{seq:012d}"}}
        dynamodb.delete_item(TableName=CONVERSATIONS, Key=key)

    excerpt = store.latest(CONTACT)

    assert (excerpt.newest, excerpt.listing) == (None, opening().listing)


def test_one_contact_does_not_show_in_another(store: DynamoDBConversations) -> None:
    store.commit(opening())
    store.commit(opening("another", replaces=CONTACT))

    assert {each.contact_id for each in store.read("another", 1)} == {"another"}


# Marks


def test_marks_only_rise(store: DynamoDBConversations) -> None:
    assert store.raise_mark(CONTACT, Role.SELLER, Mark(5, 3), IN_A_YEAR)
    assert not store.raise_mark(CONTACT, Role.SELLER, Mark(4, 3), IN_A_YEAR)
    assert not store.raise_mark(CONTACT, Role.SELLER, Mark(6, 2), IN_A_YEAR)
    assert store.raise_mark(CONTACT, Role.SELLER, Mark(6, 3), IN_A_YEAR)
    assert store.latest(CONTACT).mark(Role.SELLER) == Mark(6, 3)


def test_each_side_has_its_mark(store: DynamoDBConversations) -> None:
    store.raise_mark(CONTACT, Role.SELLER, Mark(5, 3), IN_A_YEAR)

    assert store.latest(CONTACT).mark(Role.VISITOR) == Mark(0, 0)


# Pointers


def test_a_visitor_finds_the_contact_that_was_opened_last(store: DynamoDBConversations) -> None:
    assert store.current_contact(DEVICE, "123456") is None

    store.commit(opening())

    assert store.current_contact(DEVICE, "123456") == Current(CONTACT, 1)
    assert store.current_contact(DEVICE, "654321") is None
    assert store.current_contact("another-device", "123456") is None


def test_a_pointer_moves_only_from_where_it_was_seen(store: DynamoDBConversations) -> None:
    store.commit(opening())

    for replaces in (None, "something-else"):
        with pytest.raises(PointerMovedError):
            store.commit(opening("second", replaces=replaces))
        assert store.latest("second").newest is None

    store.commit(opening("second", replaces=CONTACT))
    assert store.current_contact(DEVICE, "123456") == Current("second", 2)


def test_a_pointer_that_was_written_since_it_was_seen_does_not_move_though_it_points_where_it_did(
    store: DynamoDBConversations,
) -> None:
    store.commit(opening())
    reopened = entry(5)
    store.commit(Change((reopened,), pointer=Pointer(DEVICE, "123456", CONTACT, replaces=CONTACT)))

    with pytest.raises(PointerMovedError):
        store.commit(opening("second", replaces=CONTACT, version=1))

    store.commit(opening("second", replaces=CONTACT, version=2))
    assert store.current_contact(DEVICE, "123456") == Current("second", 3)


def test_a_pointer_of_before_there_were_versions_moves_once_it_was_seen(
    store: DynamoDBConversations, dynamodb: DynamoDBClient
) -> None:
    store.commit(opening())
    [pointer] = [item for item in dynamodb.scan(TableName=CONVERSATIONS)["Items"] if item["item"]["S"] == "pointer"]
    del pointer["version"]
    dynamodb.put_item(TableName=CONVERSATIONS, Item=pointer)

    assert store.current_contact(DEVICE, "123456") == Current(CONTACT, 0)
    store.commit(opening("second", replaces=CONTACT, version=0))
    with pytest.raises(PointerMovedError):
        store.commit(opening("third", replaces="second", version=0))


def test_a_pointer_that_is_gone_cannot_be_replaced(store: DynamoDBConversations) -> None:
    with pytest.raises(PointerMovedError):
        store.commit(opening(replaces="something-else"))


def test_no_key_holds_a_device_id(dynamodb: DynamoDBClient, store: DynamoDBConversations) -> None:
    store.commit(opening())

    keys = {item["contact_id"]["S"] for item in items(dynamodb)}

    assert keys == {CONTACT, f"open#123456#{hashlib.sha256(DEVICE.encode()).hexdigest()[:32]}"}


# Heads and inboxes


def listing(contact_id: str, since: str, status: Status = Status.OPEN, seller: str | None = "123456") -> Change:
    state = replace(STATE, status=status, seller=seller, requested="123456")
    first = replace(entry(1, contact_id=contact_id, state=state), at=since)
    return Change((first,), Listing.after(first))


def test_an_inbox_lists_a_sellers_contacts_in_a_status_newest_first(store: DynamoDBConversations) -> None:
    for contact_id, since in [("b", "2026-01-02"), ("a", "2026-01-01"), ("c", "2026-01-03")]:
        store.commit(listing(contact_id, since))
    store.commit(listing("closed", "2026-01-04", Status.CLOSED))
    store.commit(listing("other", "2026-01-05", seller="654321"))

    assert [each.contact_id for each in store.inbox("123456", Status.OPEN, 100)] == ["c", "b", "a"]
    assert [each.contact_id for each in store.inbox("123456", Status.CLOSED, 100)] == ["closed"]
    assert [each.contact_id for each in store.inbox("123456", Status.OPEN, 2)] == ["c", "b"]


def test_a_queue_is_served_oldest_first(store: DynamoDBConversations) -> None:
    for contact_id, since in [("b", "2026-01-02"), ("a", "2026-01-01")]:
        store.commit(listing(contact_id, since, Status.QUEUED, seller=None))

    queued = store.inbox("123456", Status.QUEUED, 100)

    assert [(each.contact_id, each.seller) for each in queued] == [("a", None), ("b", None)]


@pytest.mark.parametrize(
    ("status", "pages"),
    [(Status.OPEN, [["c", "b"], ["a"], []]), (Status.QUEUED, [["a", "b"], ["c"], []])],
)
def test_an_inbox_goes_on_behind_a_place(store: DynamoDBConversations, status: Status, pages: list[list[str]]) -> None:
    for contact_id, since in [("b", "2026-01-02"), ("a", "2026-01-01"), ("c", "2026-01-03")]:
        store.commit(listing(contact_id, since, status, seller="123456" if status is Status.OPEN else None))

    found: list[list[Listing]] = [list(store.inbox("123456", status, 2))]
    while found[-1]:
        found.append(list(store.inbox("123456", status, 2, found[-1][-1].place)))

    assert [[each.contact_id for each in page] for page in found] == pages


def test_an_inbox_goes_on_behind_a_place_at_which_nothing_is(store: DynamoDBConversations) -> None:
    for contact_id, since in [("b", "2026-01-02"), ("a", "2026-01-01"), ("c", "2026-01-03")]:
        store.commit(listing(contact_id, since, Status.QUEUED, seller=None))

    following = store.inbox("123456", Status.QUEUED, 10, Place("2026-01-01T12", "elsewhere"))

    assert [each.contact_id for each in following] == ["b", "c"]


def test_marks_and_pointers_do_not_outlive_the_entries_by_long(
    dynamodb: DynamoDBClient, store: DynamoDBConversations
) -> None:
    change = opening()
    store.commit(change)
    store.raise_mark(CONTACT, Role.SELLER, Mark(2, 1), IN_A_YEAR)

    expiries = {item["item"]["S"]: item["expiresAt"]["N"] for item in items(dynamodb) if "expiresAt" in item}

    assert expiries["mark#seller"] == str(IN_A_YEAR)
    assert expiries["pointer"] == str(change.entries[-1].expires_at + 7 * 86_400)


def test_a_contact_that_moves_is_in_one_inbox_only(store: DynamoDBConversations) -> None:
    store.commit(listing("a", "2026-01-01"))
    closed = replace(entry(2, contact_id="a"), state=replace(STATE, status=Status.CLOSED))
    store.commit(Change((closed,), Listing.after(closed)))

    assert store.inbox("123456", Status.OPEN, 100) == []
    assert [each.contact_id for each in store.inbox("123456", Status.CLOSED, 100)] == ["a"]


def test_a_head_names_nobody(dynamodb: DynamoDBClient, store: DynamoDBConversations) -> None:
    store.commit(opening())

    (stored,) = [item for item in items(dynamodb) if item["item"]["S"] == "head"]
    assert stored.keys() == {
        "contact_id", "item", "status", "requested", "since", "opened_at", "inbox", "seller_id", "visitor"
    }  # fmt: skip
    assert DEVICE not in str(stored)
    assert "expiresAt" not in stored


def test_a_head_tells_who_takes_part_or_did_and_nothing_else(store: DynamoDBConversations) -> None:
    handed_over = STATE.given_to("ana", OPENED_AT, claimed=False)
    store.commit(replace(opening(), listing=Listing.after(entry(2, state=handed_over))))

    kept = store.listing(CONTACT)

    assert kept
    for name in ("ana", "123456"):
        assert kept.knows(Principal(name, Role.SELLER))
        assert not kept.knows(Principal(name, Role.VISITOR))
    assert kept.knows(Principal(DEVICE, Role.VISITOR))
    assert not kept.knows(Principal(DEVICE, Role.SELLER))
    assert not kept.knows(Principal("bo", Role.SELLER))
    assert store.listing("unknown") is None


def test_two_heads_do_not_show_that_they_are_of_one_visitor() -> None:
    listings = [Listing.after(entry(1, contact_id=contact_id)) for contact_id in ("a", "b")]

    assert listings[0].visitor != listings[1].visitor


def test_a_contact_is_retired_from_the_queue_where_it_was_listed(store: DynamoDBConversations) -> None:
    store.commit(listing("waits", "2026-01-01T00:00:00.000Z", Status.QUEUED, None))
    (listed,) = store.inbox("123456", Status.QUEUED, 10)

    store.retire(listed)

    assert store.inbox("123456", Status.QUEUED, 10) == []
    assert store.inbox("123456", Status.CLOSED, 10) == [replace(listed, status=Status.CLOSED)]


def test_a_contact_that_moved_on_or_is_gone_is_not_retired(store: DynamoDBConversations) -> None:
    store.commit(listing("waits", "2026-01-01T00:00:00.000Z", Status.QUEUED, None))
    (listed,) = store.inbox("123456", Status.QUEUED, 10)
    given = replace(entry(2, contact_id="waits"), at="2026-01-01T00:00:01.000Z")
    store.commit(Change((given,), Listing.after(given)))

    store.retire(listed)
    store.retire(replace(listed, contact_id="was-erased"))

    assert [each.contact_id for each in store.inbox("123456", Status.OPEN, 10)] == ["waits"]
    assert store.inbox("123456", Status.CLOSED, 10) == []


def test_a_contact_of_which_only_the_head_is_left_gives_its_place_back_once(
    store: DynamoDBConversations, dynamodb: DynamoDBClient
) -> None:
    dynamodb.put_item(
        TableName=SELLERS,
        Item={"seller_id": {"S": "123456"}, "team": {"S": "s"}, "capacity": {"N": "2"}, "open_count": {"N": "0"}},
    )
    claimed = replace(STATE, claimed=True)
    change = opening()
    entries = tuple(replace(each, state=claimed) for each in change.entries)
    store.commit(replace(change, entries=entries, listing=Listing.after(entries[-1]), claim="123456"))
    (listed,) = store.longest_open("123456", 10)

    for _ in range(2):
        store.retire(listed)

    assert listed.claimed
    assert store.longest_open("123456", 10) == []
    assert dynamodb.get_item(TableName=SELLERS, Key={"seller_id": {"S": "123456"}})["Item"]["open_count"] == {"N": "0"}
    assert store.inbox("123456", Status.CLOSED, 10) == [replace(listed, status=Status.CLOSED, claimed=False)]


SNOOZE = Snooze(id="s1", until="2026-01-02T09:00:00.000Z", seq=2, asked=1)


def test_what_a_seller_wants_of_a_contact_is_read_with_its_head_and_its_list(store: DynamoDBConversations) -> None:
    store.commit(opening())
    (listed,) = store.inbox("123456", Status.OPEN, 10)

    assert store.snooze(listed, SNOOZE)

    assert store.inbox("123456", Status.OPEN, 10) == [replace(listed, snooze=SNOOZE)]
    assert store.listing(CONTACT) == store.latest(CONTACT).listing == replace(listed, snooze=SNOOZE)


def test_of_two_who_want_something_of_a_contact_at_once_one_is_told_that_it_is_not_noted(
    store: DynamoDBConversations,
) -> None:
    store.commit(opening())
    (listed,) = store.inbox("123456", Status.OPEN, 10)
    second, third = replace(SNOOZE, id="s2"), replace(SNOOZE, id="s3")

    assert store.snooze(listed, SNOOZE)
    assert not store.snooze(listed, second)
    assert store.snooze(replace(listed, snooze=SNOOZE), second)
    assert not store.snooze(replace(listed, snooze=SNOOZE), third)
    assert store.listing(CONTACT) == replace(listed, snooze=second)


def test_what_has_moved_is_not_put_away_and_whatever_moves_is_not_any_more(store: DynamoDBConversations) -> None:
    store.commit(opening())
    (listed,) = store.inbox("123456", Status.OPEN, 10)
    store.snooze(listed, SNOOZE)
    given = replace(entry(3), at="2026-01-01T00:00:01.000Z")
    store.commit(Change((given,), Listing.after(given)))

    assert store.listing(CONTACT) == Listing.after(given)
    assert not store.snooze(listed, SNOOZE)
    assert not store.snooze(replace(listed, snooze=SNOOZE), replace(SNOOZE, id="s2"))


def test_what_is_retired_or_of_somebody_who_was_erased_is_not_put_away(
    store: DynamoDBConversations, dynamodb: DynamoDBClient
) -> None:
    store.commit(opening())
    (listed,) = store.inbox("123456", Status.OPEN, 10)
    ended = replace(entry(3), state=replace(entry(3).state, status=Status.CLOSED))
    store.commit(Change((ended,), Listing.after(ended)))
    DynamoDBVisitorData(dynamodb, CONVERSATIONS).forget_whose(CONTACT, Status.CLOSED)

    forgotten = replace(Listing.after(ended), visitor="", is_erased=True)
    assert store.listing(CONTACT) == forgotten
    assert not store.snooze(forgotten, SNOOZE)

    store.commit(Change((entry(4),), Listing.after(entry(4))))
    (listed,) = store.inbox("123456", Status.OPEN, 10)
    store.snooze(listed, SNOOZE)
    store.retire(replace(listed, snooze=SNOOZE))
    assert store.inbox("123456", Status.CLOSED, 10) == [replace(listed, status=Status.CLOSED)]


def test_a_sellers_longest_open_contacts_come_first(store: DynamoDBConversations) -> None:
    for hour, name in enumerate("bca"):
        opened = replace(entry(1, contact_id=name), at=f"2026-01-01T0{hour}:00:00.000Z")
        store.commit(Change((opened,), Listing.after(opened)))

    assert [each.contact_id for each in store.longest_open("123456", 2)] == ["b", "c"]
