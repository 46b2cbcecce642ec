"""What is due for a contact, and who waits: by events and check-ups, however often they come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chat.contacts.lifecycle import Command
from chat.model.identity import Principal, Role, Sender
from tests.worlds.deployment import DEVICE
from tests.worlds.event_functions import Office
from tests.worlds.functions import CHECK_UPS
from tests.worlds.tables import CONVERSATIONS


def close(office: Office, contact_id: str, seller: str) -> None:
    office.module._services.lifecycle.close(Command(Sender(Principal(seller, Role.SELLER)), contact_id))


def test_an_event_of_a_close_gives_the_free_place_to_who_waits_longest(office: Office) -> None:
    office.employ("ana")
    first, second, third = (office.start(number) for number in range(3))
    close(office, first, "ana")

    assert office.hear(office.newest(first)) == []

    assert [office.newest(each)["data"]["status"] for each in (first, second, third)] == ["closed", "open", "queued"]


def test_an_event_that_comes_again_changes_nothing(office: Office) -> None:
    office.employ("ana")
    first, second, _ = (office.start(number) for number in range(3))
    close(office, first, "ana")
    closed = office.newest(first)

    office.hear(closed)
    given = office.newest(second)
    office.hear(closed)

    assert office.newest(second) == given
    seller = office.sellers.get("ana")
    assert seller is not None
    assert seller.open_count == 1


def test_who_begins_to_wait_is_looked_for_once_more_when_the_indexes_have_settled(office: Office) -> None:
    office.employ("ana")
    _, waiting = (office.start(number) for number in range(2))

    assert office.hear(office.newest(waiting), receives=1) == ["message-1"]

    # The same message comes again, and no other: what is delivered twice does not go on twice.
    (again,) = office.queue.sent
    assert (again["QueueUrl"], again["VisibilityTimeout"]) == (CHECK_UPS, 5)
    assert office.hear(office.newest(waiting), receives=2) == []
    assert len(office.queue.sent) == 1


@pytest.fixture
def told(office: Office, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The contacts of which a team was told that they wait, or do not any more."""
    contacts: list[str] = []
    monkeypatch.setattr(office.module._services.waiting_line, "tell", contacts.append)
    return contacts


def test_a_team_is_told_once_who_begins_to_wait_and_who_is_given_away_or_leaves(
    office: Office, told: list[str]
) -> None:
    office.employ("ana")
    first, second, third = (office.start(number) for number in range(3))
    for waiting in (second, third):
        office.hear(office.newest(waiting), receives=1)
        office.hear(office.newest(waiting), receives=2)
    assert told == [second, third]

    close(office, first, "ana")
    office.hear(office.newest(first), receives=1)
    office.hear(office.newest(second), receives=1)
    visitor = Sender(Principal(f"{DEVICE}-2", Role.VISITOR))
    office.module._services.lifecycle.close(Command(visitor, third))
    office.hear(office.newest(third), receives=1)

    assert told == [second, third, second, third]


def test_of_a_contact_that_did_not_wait_no_team_is_told(office: Office, told: list[str]) -> None:
    office.employ("ana")
    contact_id = office.start(1)
    office.hear(office.newest(contact_id), receives=1)
    close(office, contact_id, "ana")
    office.hear(office.newest(contact_id), receives=1)

    assert told == []


def test_who_stands_behind_one_whom_a_seller_took_is_told_the_new_place(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.employ("ana")
    office.start(0)
    waiting = office.start(1)
    office.employ("bo")
    office.module._services.waiting_line.take(Sender(Principal("bo", Role.SELLER)), waiting, "t1", None)
    moved: list[str] = []
    monkeypatch.setattr(office.module._services.queue, "tell_places", moved.append)

    office.hear(office.newest(waiting), receives=1)

    assert moved == ["support"]


def test_a_contact_has_one_check_up_when_its_silence_ends_however_often_it_is_told_of(office: Office) -> None:
    office.employ("ana")
    contact_id = office.start(1)

    for _ in range(5):
        assert office.check_up(contact_id, contact_id) == []
        assert office.hear(office.newest(contact_id)) == []

    assert list(office.due()) == [contact_id]
    assert 40 < office.due()[contact_id] <= 61
    assert office.queue.sent == []


def test_a_seller_who_vanished_loses_the_contact_and_the_next_one_answers(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.employ("ana")
    contact_id = office.start(1)
    office.employ("bo")
    office.vanish("ana")
    monkeypatch.setattr(office.module._attending._holding, "_lease", timedelta())

    office.check_up(contact_id)

    transferred = office.newest(contact_id)
    assert transferred["type"] == "contact.transferred"
    assert (transferred["data"]["seller_id"], transferred["data"]["reason"]) == ("bo", "lease")
    assert [(each.id, each.open_count) for each in office.sellers.team("support")] == [("ana", 0), ("bo", 1)]


def test_what_is_over_is_not_checked_again(office: Office) -> None:
    office.employ("ana")
    contact_id = office.start(1)
    close(office, contact_id, "ana")

    assert office.check_up(contact_id, "no-such-contact") == []
    assert office.due() == {}


def test_a_message_that_cannot_be_read_comes_back_alone(office: Office) -> None:
    office.employ("ana")
    contact_id = office.start(1)

    assert office.check_up("no-such-contact", {"nonsense": True}, contact_id) == ["message-2"]
    assert list(office.due()) == [contact_id]


def test_a_table_that_is_gone_brings_every_message_and_every_event_back(office: Office) -> None:
    office.employ("ana")
    contact_id = office.start(1)
    event = office.newest(contact_id)
    office.dynamodb.delete_table(TableName=CONVERSATIONS)

    assert office.check_up(contact_id, contact_id) == ["message-1", "message-2"]
    assert office.hear(event) == ["message-1"]
