"""Notes in the conversations table: beside the log, in its partition, and gone with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.adapters.dynamodb.keys import is_entry, note_key
from chat.adapters.dynamodb.notes import DynamoDBNotes
from chat.adapters.dynamodb.visitors import DynamoDBVisitorData
from chat.model.entries import Status
from chat.ports.conversations import Note, TagSet
from chat.ports.errors import ForgottenError, FullError, NumberTakenError, StoreUnavailableError
from tests.worlds.tables import CONVERSATIONS, SELLERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONTACT = "contact-1"


def note(seq: int, text: str = "Wants a refund") -> Note:
    return Note(CONTACT, seq, f"n{seq}", "ana", text, "2026-01-01T00:00:00.000Z", 2_000_000_000)


@pytest.fixture
def notes(dynamodb: DynamoDBClient) -> DynamoDBNotes:
    """The notes of a table in which one contact has a visitor."""
    dynamodb.put_item(
        TableName=CONVERSATIONS,
        Item={
            "contact_id": {"S": CONTACT},
            "item": {"S": "head"},
            "status": {"S": "open"},
            "requested": {"S": "ana"},
            "inbox": {"S": "ana#open"},
            "since": {"S": "2026-01-01T00:00:00.000Z"},
            "opened_at": {"S": "2026-01-01T00:00:00.000Z"},
            "visitor": {"S": "digest"},
        },
    )
    return DynamoDBNotes(dynamodb, CONVERSATIONS)


def test_notes_are_read_as_they_were_written_in_their_order(notes: DynamoDBNotes) -> None:
    for seq in (2, 10, 1):
        notes.add(note(seq))

    assert notes.notes(CONTACT, 0, 100) == [note(1), note(2), note(10)]
    assert notes.notes(CONTACT, 2, 100) == [note(10)]
    assert notes.notes("another", 0, 100) == []


def test_tags_are_a_set_that_grows_to_its_limit_and_expires_later_with_each(notes: DynamoDBNotes) -> None:
    notes.untag(CONTACT, "never there")
    for tag in ("refund", "VIP", "refund"):
        notes.tag(CONTACT, tag, expires_at=2_000_000_000 + len(tag), now=1_900_000_000, most=2)

    assert notes.tags([CONTACT, "another"]) == [TagSet(CONTACT, frozenset({"refund", "VIP"}), 2_000_000_006)]
    with pytest.raises(FullError):
        notes.tag(CONTACT, "one too many", expires_at=2_000_000_000, now=1_900_000_000, most=2)
    notes.untag(CONTACT, "refund")
    notes.untag(CONTACT, "VIP")
    assert [each.tags for each in notes.tags([CONTACT])] == [frozenset()]


def test_who_was_erased_is_called_nothing(notes: DynamoDBNotes, dynamodb: DynamoDBClient) -> None:
    notes.tag(CONTACT, "refund", expires_at=2_000_000_000, now=1_900_000_000, most=2)
    data = DynamoDBVisitorData(dynamodb, CONVERSATIONS)
    data.forget_contact(CONTACT)
    data.forget_whose(CONTACT, Status.OPEN)

    assert notes.tags([CONTACT]) == []
    with pytest.raises(ForgottenError):
        notes.tag(CONTACT, "refund", expires_at=2_000_000_000, now=1_900_000_000, most=2)


def test_tags_lie_outside_of_what_is_read_with_a_log(notes: DynamoDBNotes, dynamodb: DynamoDBClient) -> None:
    notes.tag(CONTACT, "refund", expires_at=2_000_000_000, now=1_900_000_000, most=2)

    assert DynamoDBConversations(dynamodb, CONVERSATIONS, SELLERS).read(CONTACT, 1).entries == ()


def test_a_number_is_given_once(notes: DynamoDBNotes) -> None:
    notes.add(note(1))

    with pytest.raises(NumberTakenError):
        notes.add(note(1, "Something else"))
    assert notes.notes(CONTACT, 0, 100) == [note(1)]


@pytest.mark.parametrize("contact", [CONTACT, "no-such-contact"])
def test_nothing_is_written_about_who_was_erased_or_never_was(
    notes: DynamoDBNotes, dynamodb: DynamoDBClient, contact: str
) -> None:
    DynamoDBVisitorData(dynamodb, CONVERSATIONS).forget_whose(CONTACT, Status.OPEN)

    with pytest.raises(ForgottenError):
        notes.add(Note(contact, 1, "n1", "ana", "Too late", "2026-01-01T00:00:00.000Z", 2_000_000_000))
    assert notes.notes(contact, 0, 100) == []


def test_an_erasure_takes_the_notes_along(notes: DynamoDBNotes, dynamodb: DynamoDBClient) -> None:
    notes.add(note(1))

    assert DynamoDBVisitorData(dynamodb, CONVERSATIONS).forget_contact(CONTACT) == 1
    assert notes.notes(CONTACT, 0, 100) == []


def test_a_log_and_its_stream_know_nothing_of_notes(notes: DynamoDBNotes, dynamodb: DynamoDBClient) -> None:
    notes.add(note(1))
    store = DynamoDBConversations(dynamodb, CONVERSATIONS, SELLERS)

    for found in (store.read(CONTACT, 1), store.latest(CONTACT)):
        assert (found.entries, dict(found.marks)) == ((), {})
    assert not is_entry(note_key(CONTACT, 1))


def test_a_table_that_is_gone_is_no_answer(dynamodb: DynamoDBClient) -> None:
    gone = DynamoDBNotes(dynamodb, "no-such-table")

    with pytest.raises(StoreUnavailableError):
        gone.notes(CONTACT, 0, 100)
    with pytest.raises(StoreUnavailableError):
        gone.add(note(1))
