"""`make seed-sellers`: registers a team with the running local system, so that there is somebody to talk to."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import boto3
import msgspec
from msgspec import Meta, Struct

from chat.hours import BadHoursError, Hours
from chat.identity import is_seller_id
from local_aws.emulator import REGION
from local_aws.errors import LocalSystemError
from local_aws.home import running_outputs

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TEAM = Path(__file__).with_name("team.json")


class TeamMember(Struct, frozen=True, forbid_unknown_fields=True):
    """One seller of the file; `hours` as `chat.hours` reads them, none for around the clock."""

    seller_id: str
    team: str
    name: str
    capacity: Annotated[int, Meta(ge=0, le=1000)]
    hours: dict[str, Any] | None = None


def read_team(path: Path) -> list[TeamMember]:
    """The sellers in a file. Raises LocalSystemError with one line that names what is wrong."""
    try:
        members = msgspec.json.decode(path.read_bytes(), type=list[TeamMember])
    except OSError as error:
        raise LocalSystemError(f"{path} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise LocalSystemError(f"{path} is no team: {error}. See {TEAM.name} for one.") from error
    for member in members:
        _check(path, member)
    return members


def seed(dynamodb: DynamoDBClient, table: str, members: list[TeamMember]) -> None:
    """Write the sellers. What they carry and where they are stays as it is for those who are registered already."""
    for member in members:
        hours: Mapping[str, Any] = {":hours": {"S": json.dumps(member.hours)}} if member.hours is not None else {}
        dynamodb.update_item(
            TableName=table,
            Key={"seller_id": {"S": member.seller_id}},
            UpdateExpression=(
                "SET team = :team, #name = :name, #capacity = :capacity,"
                " open_count = if_not_exists(open_count, :none), availability = if_not_exists(availability, :offline)"
                + (", #hours = :hours" if hours else " REMOVE #hours")
            ),
            ExpressionAttributeNames={"#name": "name", "#capacity": "capacity", "#hours": "hours"},
            ExpressionAttributeValues={
                ":team": {"S": member.team},
                ":name": {"S": member.name},
                ":capacity": {"N": str(member.capacity)},
                ":none": {"N": "0"},
                ":offline": {"S": "offline"},
                **hours,
            },
        )


def _check(path: Path, member: TeamMember) -> None:
    for what, name in (("seller_id", member.seller_id), ("team", member.team)):
        if not is_seller_id(name):
            raise LocalSystemError(f"{path}: {name!r} is no {what}; use 1 to 128 of A-Z a-z 0-9 . _ : @ -.")
    if member.hours is not None:
        try:
            Hours.parse(member.hours)
        except BadHoursError as error:
            raise LocalSystemError(f"{path}: {member.seller_id}: {error}") from error


def main() -> int:
    """Register the team and say who it is; return 1 after one line on standard error that says why not."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", nargs="?", type=Path, default=TEAM)
    try:
        members = read_team(arguments.parse_args().file)
        outputs = running_outputs()
    except LocalSystemError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    dynamodb = boto3.client(
        "dynamodb",
        endpoint_url=outputs["Endpoint"],
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
    )
    seed(dynamodb, outputs["SellerTable"], members)
    for member in members:
        sys.stdout.write(f"{member.seller_id} of {member.team}, up to {member.capacity} contacts\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
