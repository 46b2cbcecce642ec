"""How many people chat, for how long, with what; said on the command line, told to locust in a file."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from pathlib import Path

from administration.deployments import Deployment
from administration.errors import AdministrationError
from administration.seed_sellers import TeamMember, seed
from administration.seller_token import token_of
from administration.verification.resources import Resources
from chat.model.identity import Principal, Role

MOST_VISITORS, MOST_SELLERS, MOST_MINUTES, LONGEST_PACE = 5000, 500, 120, 600
RAMP_SHARE = 0.2
"""Of the time, until everybody is there."""
STOP_SECONDS = 80
"""For those who wait for an answer when the time is over."""
TOKEN_SECONDS = 3 * 3600


@dataclass(frozen=True)
class Size:
    """How many, for how many seconds, and how many of these a visitor takes between two messages, about."""

    visitors: int
    sellers: int
    seconds: int
    pace: int

    def __str__(self) -> str:
        """In words."""
        return f"{self.visitors} visitors and {self.sellers} sellers for {self.seconds / 60:.2g} minutes"

    @property
    def arrivals_per_second(self) -> float:
        """How many people come in a second while there are more to come."""
        return max(1.0, (self.visitors + self.sellers) / (RAMP_SHARE * self.seconds))


def size_of(visitors: str, sellers: str, minutes: str, pace: str) -> Size:
    """What was said on the command line. Raises `AdministrationError` with one line that says what it takes."""
    return Size(
        _number("VISITORS", visitors, MOST_VISITORS),
        _number("SELLERS", sellers, MOST_SELLERS),
        60 * _number("MINUTES", minutes, MOST_MINUTES),
        _number("PACE", pace, LONGEST_PACE),
    )


def _number(name: str, text: str, most: int) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= most:
        raise AdministrationError(f"{name}={text}: say a whole number from 1 to {most:,}, such as {name}=5.")
    return int(text)


@dataclass(frozen=True)
class Crowd:
    """The people of one run, whom nobody else meets: a team of their own, and devices that were never seen."""

    deployment: Deployment
    size: Size
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:10])

    @property
    def team(self) -> str:
        """Whom visitors ask for."""
        return f"load-{self.run}"

    @property
    def sellers(self) -> list[str]:
        """Their ids."""
        return [f"{self.team}-{number}" for number in range(self.size.sellers)]

    @property
    def visitors(self) -> list[str]:
        """Their device ids; secrets like any."""
        return [f"load-{uuid.uuid5(uuid.NAMESPACE_OID, f'{self.run}-{n}')}" for n in range(self.size.visitors)]

    def register(self) -> None:
        """Register the sellers, with room for everybody."""
        room = ceil(self.size.visitors / self.size.sellers) + 2
        members = [TeamMember(each, self.team, "Load", room) for each in self.sellers]
        seed(self._resources.client("dynamodb"), self.deployment.outputs["SellerTable"], members)

    def leave(self) -> None:
        """Delete the sellers; what was said stays as long as any chat."""
        for seller in self.sellers:
            self._resources.client("dynamodb").delete_item(
                TableName=self.deployment.outputs["SellerTable"], Key={"seller_id": {"S": seller}}
            )

    def forget_openings(self) -> None:
        """Drop the counts of who opened how many chats: all people of a load come from one address."""
        dynamodb, table = self._resources.client("dynamodb"), self.deployment.outputs["ConnectionTable"]
        pages = dynamodb.get_paginator("scan").paginate(
            TableName=table,
            FilterExpression="begins_with(connectionId, :opened)",
            ExpressionAttributeValues={":opened": {"S": "opened#"}},
            ProjectionExpression="connectionId",
        )
        for item in (item for page in pages for item in page["Items"]):
            dynamodb.delete_item(TableName=table, Key=item)

    def write(self, folder: Path, *, url: str) -> Path:
        """The plan, for locust alone to read: it has proofs in it."""
        path = folder / "plan.json"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        plan = {
            "url": url,
            "team": self.team,
            "pace": self.size.pace,
            "notes": str(folder / "notes.jsonl"),
            "stop_seconds": STOP_SECONDS,
            "visitors": [self._person(Principal(each, Role.VISITOR)) for each in self.visitors],
            "sellers": [self._person(Principal(each, Role.SELLER)) for each in self.sellers],
        }
        path.write_text(json.dumps(plan), encoding="utf-8")
        return path

    def proof(self, person: Principal) -> str | None:
        """A token as the shop would make it; None where a visitor needs none.

        Raises `AdministrationError` where an identity provider proves sellers, so that nobody can be one.
        """
        variables = self._resources.variables
        if person.role is Role.VISITOR and variables.get("VISITOR_TOKENS") != "required":
            return None
        if person.role is Role.SELLER and "SELLER_TOKEN_JWKS_URL" in variables:
            raise AdministrationError("An identity provider proves the sellers of this environment: nobody can be one.")
        return token_of(person, self._key, lifetime_seconds=TOKEN_SECONDS)

    @cached_property
    def _resources(self) -> Resources:
        return Resources(self.deployment)

    @cached_property
    def _key(self) -> str:
        secrets = self._resources.client("secretsmanager")
        return str(secrets.get_secret_value(SecretId=self.deployment.outputs["SellerTokenSecret"])["SecretString"])

    def _person(self, person: Principal) -> dict[str, str | None]:
        return {"id": person.user_id, "role": person.role, "proof": self.proof(person)}
