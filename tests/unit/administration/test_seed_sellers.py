"""`make seed-sellers`: a team for an environment, or one line that says what is wrong with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from administration.deployments import Deployment
from administration.errors import AdministrationError
from administration.runbook.sellers import bring_back, take_offline
from administration.seed_sellers import TEAM, read_team, seed
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.model.hours import Hours
from chat.model.sellers import Availability, Seller
from tests.doubles.machine import RecordingJournal
from tests.worlds.tables import SELLERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ANA: dict[str, Any] = {"seller_id": "ana", "team": "support", "name": "Ana", "capacity": 10}


def file_of(folder: Path, content: object) -> Path:
    path = folder / "team.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_the_team_that_comes_along_has_five_sellers_of_ten_in_several_time_zones(dynamodb: DynamoDBClient) -> None:
    sellers = DynamoDBSellers(dynamodb, SELLERS, RecordingJournal())

    seed(dynamodb, SELLERS, read_team(TEAM))

    team = sellers.team("support")
    assert [(each.id, each.capacity, each.open_count) for each in team] == [
        (name, 10, 0) for name in ("ana", "bo", "chi", "dev", "eve")
    ]
    assert len({each.hours.zone.key for each in team if each.hours}) == 4
    assert team[-1].hours is None


def test_seeding_again_changes_what_the_file_says_and_nothing_that_happened_since(
    dynamodb: DynamoDBClient, tmp_path: Path
) -> None:
    sellers = DynamoDBSellers(dynamodb, SELLERS, RecordingJournal())
    sellers.register(Seller("ana", "sales", 1, 3, Availability.ONLINE, 1_767_225_600, "2026-01-01T00:00:00.000Z"))
    hours = {"time_zone": "UTC", "week": {"mon": ["09:00-18:00"]}}

    seed(dynamodb, SELLERS, read_team(file_of(tmp_path, [{**ANA, "hours": hours}])))
    with_hours = sellers.get("ana")
    seed(dynamodb, SELLERS, read_team(file_of(tmp_path, [ANA])))

    ana = Seller("ana", "support", 10, 3, Availability.ONLINE, 1_767_225_600, "2026-01-01T00:00:00.000Z", name="Ana")
    assert with_hours is not None
    assert with_hours.hours == Hours.parse(hours)
    assert sellers.get("ana") == ana


@pytest.mark.parametrize("hours", [None, {"time_zone": "UTC", "week": {"mon": ["09:00-18:00"]}}], ids=["none", "new"])
def test_who_is_seeded_while_the_chat_is_offline_gets_these_hours_once_it_is_on_again(
    dynamodb: DynamoDBClient, tmp_path: Path, hours: dict[str, Any] | None
) -> None:
    sellers = DynamoDBSellers(dynamodb, SELLERS, RecordingJournal())
    deployment = Deployment(boto3.Session(region_name="eu-central-1"), None, {"SellerTable": SELLERS})
    before = {"time_zone": "UTC", "week": {"sun": ["10:00-11:00"]}}
    seed(dynamodb, SELLERS, read_team(file_of(tmp_path, [{**ANA, "hours": before}])))
    take_offline(deployment)

    seed(dynamodb, SELLERS, read_team(file_of(tmp_path, [{**ANA, **({"hours": hours} if hours else {})}])))

    ana = sellers.get("ana")
    assert ana is not None
    assert ana.hours == Hours.parse({"time_zone": "UTC", "week": {}})
    bring_back(deployment)
    ana = sellers.get("ana")
    assert ana is not None
    assert ana.hours == (Hours.parse(hours) if hours else None)


def test_who_was_removed_with_open_contacts_begins_anew_with_none(dynamodb: DynamoDBClient, tmp_path: Path) -> None:
    sellers = DynamoDBSellers(dynamodb, SELLERS, RecordingJournal())
    # What is left once two contacts of a seller who is not registered any more have closed.
    dynamodb.put_item(TableName=SELLERS, Item={"seller_id": {"S": "ana"}, "open_count": {"N": "-2"}})

    seed(dynamodb, SELLERS, read_team(file_of(tmp_path, [ANA])))

    ana = sellers.get("ana")
    assert ana is not None
    assert ana.open_count == 0


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("nonsense", "is no team"),
        ({}, "is no team"),
        ([{}], "missing required field `seller_id`"),
        ([{**ANA, "capacity": "ten"}], "Expected `int`"),
        ([{**ANA, "capacity": -1}], ">= 0"),
        ([{**ANA, "zone": "UTC"}], "unknown field `zone`"),
        ([{**ANA, "seller_id": "system"}], "'system' is no seller_id"),
        ([{**ANA, "team": "the team"}], "'the team' is no team"),
        ([{**ANA, "hours": {"time_zone": "Mars/Olympus", "week": {}}}], "ana: There is no time zone 'Mars/Olympus'"),
        ([{**ANA, "hours": {"time_zone": "UTC", "week": {"mon": ["9-18"]}}}], "ana: '9-18' is no window"),
        ([{**ANA, "hours": {}}], "ana: Opening hours need"),
    ],
)
def test_a_file_that_is_no_team_is_answered_with_one_line(tmp_path: Path, content: object, line: str) -> None:
    with pytest.raises(AdministrationError) as raised:
        read_team(file_of(tmp_path, content))

    assert line in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AdministrationError, match=r"nobody\.json cannot be read"):
        read_team(tmp_path / "nobody.json")


def test_the_command_says_it_on_standard_error_and_fails(tmp_path: Path) -> None:
    bad = file_of(tmp_path, [{**ANA, "hours": {"time_zone": "Mars/Olympus", "week": {}}}])

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "administration.seed_sellers", str(bad)],
        env={"PYTHONPATH": "lambdas:."},
        cwd=TEAM.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("There is no time zone 'Mars/Olympus'; use an IANA name such as Asia/Kolkata.\n")
    assert done.stderr.count("\n") == 1
