"""`make seed-sellers`: registers a team with an environment, so that there is somebody to talk to."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct

from administration.command_line import answer, deployment_asked_for, parser_for
from administration.deployments import LOCAL, Deployment
from administration.errors import AdministrationError
from administration.runbook.sellers import ASIDE, NONE
from chat.model.hours import BadHoursError, Hours
from chat.model.identity import is_seller_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TEAM = Path(__file__).with_name("team.json")


class TeamMember(Struct, frozen=True, forbid_unknown_fields=True):
    """One seller of the file; `hours` as `chat.model.hours` reads them, none for around the clock."""

    seller_id: str
    team: str
    name: str
    capacity: Annotated[int, Meta(ge=0, le=1000)]
    hours: dict[str, Any] | None = None


def read_team(path: Path) -> list[TeamMember]:
    """The sellers in a file. Raises `AdministrationError` with one line that names what is wrong."""
    try:
        members = msgspec.json.decode(path.read_bytes(), type=list[TeamMember])
    except OSError as error:
        raise AdministrationError(f"{path} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise AdministrationError(f"{path} is no team: {error}. See {TEAM.name} for one.") from error
    for member in members:
        _check(path, member)
    return members


def seed(dynamodb: DynamoDBClient, table: str, members: list[TeamMember]) -> None:
    """Write the sellers. What they carry and where they are stays as it is for those who are registered already.

    Those whom `make offline` keeps from everybody get their hours with `make online`.
    """
    for member in members:
        _forget_leftovers(dynamodb, table, member.seller_id)
        # The chat may be taken offline, or brought back, at this very moment.
        for hours_in in ("hours", ASIDE, "hours"):
            with contextlib.suppress(dynamodb.exceptions.ConditionalCheckFailedException):
                _write(dynamodb, table, member, hours_in)
                break


def _write(dynamodb: DynamoDBClient, table: str, member: TeamMember, hours_in: str) -> None:
    is_offline = "attribute_exists" if hours_in == ASIDE else "attribute_not_exists"
    hours: Mapping[str, Any] = {":hours": {"S": json.dumps(member.hours)}} if member.hours is not None else {}
    if not hours and hours_in == ASIDE:
        hours = {":hours": NONE}
    dynamodb.update_item(
        TableName=table,
        Key={"seller_id": {"S": member.seller_id}},
        UpdateExpression=(
            "SET team = :team, #name = :name, #capacity = :capacity,"
            " open_count = if_not_exists(open_count, :none), availability = if_not_exists(availability, :offline)"
            + (", #hours = :hours" if hours else " REMOVE #hours")
        ),
        ConditionExpression=f"{is_offline}({ASIDE})",
        ExpressionAttributeNames={"#name": "name", "#capacity": "capacity", "#hours": hours_in},
        ExpressionAttributeValues={
            ":team": {"S": member.team},
            ":name": {"S": member.name},
            ":capacity": {"N": str(member.capacity)},
            ":none": {"N": "0"},
            ":offline": {"S": "offline"},
            **hours,
        },
    )


def _forget_leftovers(dynamodb: DynamoDBClient, table: str, seller_id: str) -> None:
    """A seller who was removed with open contacts leaves a count below zero when they close."""
    with contextlib.suppress(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.delete_item(
            TableName=table,
            Key={"seller_id": {"S": seller_id}},
            ConditionExpression="attribute_not_exists(team)",
        )


def _check(path: Path, member: TeamMember) -> None:
    for what, name in (("seller_id", member.seller_id), ("team", member.team)):
        if not is_seller_id(name):
            raise AdministrationError(f"{path}: {name!r} is no {what}; use 1 to 128 of A-Z a-z 0-9 . _ : @ -.")
    if member.hours is not None:
        try:
            Hours.parse(member.hours)
        except BadHoursError as error:
            raise AdministrationError(f"{path}: {member.seller_id}: {error}") from error


def register(deployment: Deployment, members: list[TeamMember] | None) -> str:
    """Register sellers, or locally those of `TEAM` if none are given, and tell who it is, one seller a line.

    Raises `AdministrationError`, and botocore's errors where AWS cannot be asked.
    """
    if members is None and deployment.environment != LOCAL:
        where = f"STACK={deployment.prefix}" if deployment.prefix else f"ENV={deployment.environment}"
        raise AdministrationError(f"Say who sells: make seed-sellers {where} TEAM=team.json")
    sellers = read_team(TEAM) if members is None else members
    dynamodb = deployment.session.client("dynamodb", endpoint_url=deployment.endpoint)
    seed(dynamodb, deployment.outputs["SellerTable"], sellers)
    return "\n".join(f"{each.seller_id} of {each.team}, up to {each.capacity} contacts" for each in sellers)


def main() -> int:
    """Register the team and say who it is; return 1 after one line on standard error that says why not."""
    parser = parser_for(__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    arguments = parser.parse_args()

    def registered() -> str:
        # What is wrong with the file is said before anything is asked.
        members = read_team(arguments.file) if arguments.file else None
        return register(deployment_asked_for(arguments), members)

    return answer(registered)


if __name__ == "__main__":
    sys.exit(main())
