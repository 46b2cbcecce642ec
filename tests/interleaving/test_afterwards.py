"""What comes late or once more, when all around it has moved on."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from chat.model.entries import Status
from chat.model.identity import Principal
from chat.model.timestamps import epoch_seconds, iso
from tests.interleaving.cloud import OTHER_VISITOR, VISITOR, Cloud
from tests.worlds.tables import CONVERSATIONS, SELLERS


@pytest.fixture
def ana(cloud: Cloud) -> Principal:
    """A seller with room for several."""
    return cloud.employ("ana", capacity=5)


def go_on_for_a_week(cloud: Cloud, seller: Principal, contact: str) -> None:
    for day in range(8):
        cloud.clock.advance(days=1)
        cloud.send(seller, "sendMessage", contact_id=contact, message="Still there?", id=f"day-{day}")


@pytest.mark.parametrize("tags", [1, 10])
def test_tags_that_have_expired_and_lie_there_yet_do_not_come_back(cloud: Cloud, ana: Principal, tags: int) -> None:
    contact = cloud.start()
    for number in range(tags):
        cloud.send(ana, "tag", contact_id=contact, add=f"old {number}")
    go_on_for_a_week(cloud, ana, contact)
    assert cloud.send(ana, "tag", contact_id=contact)["tags"] == []

    assert cloud.send(ana, "tag", contact_id=contact, add="new")["tags"] == ["new"]


def let_expire(cloud: Cloud) -> None:
    """Delete what has expired, as TTL does."""
    now = epoch_seconds(cloud.clock.now())
    for item in cloud.items(""):
        if int(item.get("expiresAt", {"N": str(now + 1)})["N"]) <= now:
            key = {name: item[name] for name in ("contact_id", "item")}
            cloud.dynamodb.delete_item(TableName=CONVERSATIONS, Key=key)


def put_away_for_weeks(cloud: Cloud, seller: Principal, contact: str, weeks: int) -> None:
    for week in range(weeks):
        cloud.send(seller, "sendMessage", contact_id=contact, message="Not yet", id=f"week-{week}")
        until = iso(cloud.clock.now() + timedelta(days=6))
        newest = cloud.newest(contact).seq
        assert "seq" in cloud.send(seller, "snooze", contact_id=contact, until=until, id=f"s{week}", base=newest)
        for _ in range(6):
            cloud.clock.advance(days=1)
            cloud.check_up(contact)
        cloud.send(seller, "presence", status="online")
        let_expire(cloud)


def test_who_starts_anew_is_led_to_what_goes_on_for_longer_than_it_is_kept(cloud: Cloud, ana: Principal) -> None:
    contact = cloud.start()

    put_away_for_weeks(cloud, ana, contact, 4)

    assert cloud.start() == contact


def test_what_was_read_is_not_unread_again_in_what_goes_on_for_longer_than_it_is_kept(
    cloud: Cloud, ana: Principal
) -> None:
    contact = cloud.start()
    cloud.send(VISITOR, "sendMessage", contact_id=contact, message="Hello", id="v1", base=2)
    cloud.send(ana, "receipt", contact_id=contact, read=3)

    put_away_for_weeks(cloud, ana, contact, 3)

    [listed] = cloud.send(ana, "inbox", lines=True)["contacts"]
    assert listed["line"]["unread"] == 0


def test_who_writes_to_what_went_on_for_long_and_has_ended_reopens_it(cloud: Cloud, ana: Principal) -> None:
    contact = cloud.start()
    put_away_for_weeks(cloud, ana, contact, 3)
    cloud.send(ana, "closeChat", contact_id=contact)

    base = cloud.newest(contact).seq
    answer = cloud.send(VISITOR, "sendMessage", contact_id=contact, message="One more thing", id="v1", base=base)

    assert answer["action"] == "ack"


def test_notes_that_have_expired_and_lie_there_yet_are_in_nobodys_way(cloud: Cloud, ana: Principal) -> None:
    contact = cloud.start()
    for number in range(1, 400):
        note = {
            "contact_id": {"S": contact},
            "item": {"S": f"note#{number:012d}"},
            "seq": {"N": str(number)},
            "id": {"S": f"old-{number}"},
            "sender": {"S": "ana"},
            "at": {"S": "2025-12-01T00:00:00.000Z"},
            "text": {"S": "long" * 1000},
            "expiresAt": {"N": str(epoch_seconds(cloud.clock.now() - timedelta(days=1)))},
        }
        cloud.dynamodb.put_item(TableName=CONVERSATIONS, Item=note)
    cloud.wire.log.clear()

    written = cloud.send(ana, "note", contact_id=contact, text="new", id="n1", base=399)

    assert written["note"]["seq"] == 400
    assert len(cloud.wire.log) <= 6
    listed = cloud.send(ana, "notes", contact_id=contact)
    assert [(note["text"], listed["more"]) for note in listed["notes"]] == [("new", False)]


def test_a_snooze_of_who_lost_the_contact_in_that_very_millisecond_is_not_the_next_sellers(
    cloud: Cloud, ana: Principal
) -> None:
    bo = cloud.employ("bo", capacity=5)
    contact = cloud.start(requested="ana")
    until = iso(cloud.clock.now() + timedelta(days=1))
    late = cloud.begin(lambda: cloud.send(ana, "snooze", contact_id=contact, until=until, id="s", base=2))
    late.until("UpdateItem")

    assert cloud.send(ana, "transferChat", contact_id=contact, to="bo", id="t", base=2)["action"] == "ack"

    assert late.finish()["code"] == "try_again"
    assert "until" not in cloud.send(bo, "snooze", contact_id=contact)


def test_who_took_a_contact_and_handed_it_to_another_team_is_answered_as_the_first_time(cloud: Cloud) -> None:
    cloud.employ("bo", team="sales")
    cy = cloud.employ("cy")
    cloud.send(cy, "presence", status="away")
    contact = cloud.start()
    taken = cloud.send(cy, "takeChat", contact_id=contact, id="k1", base=2)
    assert cloud.send(cy, "transferChat", contact_id=contact, to="sales", id="t1", base=3)["action"] == "ack"

    assert cloud.send(cy, "takeChat", contact_id=contact, id="k1", base=2) == taken
    assert cloud.send(cy, "takeChat", contact_id=contact, id="k2", base=2)["code"] == "forbidden"


def remove(cloud: Cloud, seller: str) -> dict[str, Any]:
    removed = cloud.dynamodb.delete_item(TableName=SELLERS, Key={"seller_id": {"S": seller}}, ReturnValues="ALL_OLD")[
        "Attributes"
    ]
    return dict(removed)


def test_a_seller_who_was_restored_gets_back_the_place_of_what_ended_meanwhile(cloud: Cloud) -> None:
    ana = cloud.employ("ana")
    contact = cloud.start()
    backup = remove(cloud, "ana")
    cloud.send(VISITOR, "closeChat", contact_id=contact)
    cloud.dynamodb.put_item(TableName=SELLERS, Item=backup)
    waiting = cloud.start(OTHER_VISITOR)
    assert cloud.newest(waiting).state.status is Status.QUEUED

    cloud.send(ana, "presence", status="online")
    assert cloud.open_count("ana") == 1
    cloud.clock.advance(hours=2)
    cloud.send(ana, "presence", status="online")

    assert cloud.newest(waiting).state.seller == "ana"
    assert cloud.open_count("ana") == 1


def test_a_count_that_the_index_has_not_caught_up_with_is_believed(cloud: Cloud) -> None:
    ana = cloud.employ("ana")
    cloud.wire.let_indexes_lag()
    cloud.start()

    cloud.send(ana, "presence")

    assert cloud.open_count("ana") == 1


def test_a_seller_who_was_removed_and_is_registered_anew_counts_what_they_carry(cloud: Cloud) -> None:
    ana = cloud.employ("ana")
    contact = cloud.start()
    remove(cloud, "ana")

    cloud.send(ana, "presence", status="online")

    assert cloud.open_count("ana") == 1
    cloud.send(VISITOR, "closeChat", contact_id=contact)
    assert cloud.open_count("ana") == 0


@pytest.mark.parametrize("frame", ["snooze", "ends", "closeChat"])
def test_a_snooze_of_which_the_next_release_says_more_stands_in_nobodys_way(
    cloud: Cloud, ana: Principal, frame: str
) -> None:
    contact, until = cloud.start(), iso(cloud.clock.now() + timedelta(days=1))
    assert "seq" in cloud.send(ana, "snooze", contact_id=contact, until=until, id="s1", base=2)
    stored = json.loads(cloud.items("head")[0]["snooze"]["S"])
    cloud.dynamodb.update_item(
        TableName=CONVERSATIONS,
        Key={"contact_id": {"S": contact}, "item": {"S": "head"}},
        UpdateExpression="SET snooze = :snooze",
        ExpressionAttributeValues={":snooze": {"S": json.dumps({"colour": "blue", **stored})}},
    )
    frames: dict[str, dict[str, object]] = {
        "snooze": {"action": "snooze", "until": iso(cloud.clock.now() + timedelta(days=2)), "id": "s2", "base": 2},
        "ends": {"action": "snooze", "ends": until},
        "closeChat": {"action": "closeChat"},
    }

    wanted = dict(frames[frame])
    assert "code" not in cloud.send(ana, str(wanted.pop("action")), contact_id=contact, **wanted)
    cloud.clock.advance(days=5)
    assert cloud.check_up(contact) == []
    assert cloud.newest(contact).state.status is not Status.OPEN
