"""The environment variables of the functions: what each is called, and which type it has.

A function reads the groups that it needs, once per sandbox. Defaults are in the stacks, which always send a variable;
what may be missing here is missing where a deployment does without it. docs/operations.md says who is told what.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from chat.adapters.json_journal import JsonJournal

if TYPE_CHECKING:
    from chat.model.rates import Rate
    from chat.model.settings import Settings

Text = Annotated[str, Meta(min_length=1)]
RateText = Annotated[str, Meta(pattern=r"^[0-9]+/[0-9]+(\.[0-9]+)?$")]
"""`burst/perSecond`."""


class VariableError(Exception):
    """A function was deployed without a variable that it needs, or with one that it cannot read."""


class Logging(Struct, frozen=True, kw_only=True, rename="upper"):
    """What every function is told."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
    environment: Text

    def journal(self) -> JsonJournal:
        """The journal of a function."""
        return JsonJournal(self.log_level, self.environment)


class ConnectionTable(Struct, frozen=True, kw_only=True, rename="upper"):
    """Where connections are kept, and tickets."""

    connection_table: Text


class SellerTable(Struct, frozen=True, kw_only=True, rename="upper"):
    """Where sellers are kept."""

    seller_table: Text


class ConversationTable(Struct, frozen=True, kw_only=True, rename="upper"):
    """Where conversations are kept."""

    conversation_table: Text


class Conversations(ConversationTable, frozen=True, kw_only=True, rename="upper"):
    """What takes part in conversations: their table, and what the environment decides about them."""

    assignment: Text
    retention_days: Annotated[int, Meta(ge=1)]
    idle_close_seconds: Annotated[int, Meta(ge=1)]
    reopen_closed: bool
    unknown_sellers: Literal["accept", "refuse"]
    visitor_rate: RateText
    seller_rate: RateText

    def settings(self, *, lease_seconds: int | None = None) -> Settings:
        """The settings; only what looks after contacts is told of a lease."""
        # Not before: most functions read variables, and few of them settings.
        from chat.model.settings import Settings

        settings = Settings(
            retention_days=self.retention_days,
            reopens_closed=self.reopen_closed,
            accepts_unknown_sellers=self.unknown_sellers == "accept",
            idle_seconds=self.idle_close_seconds,
            visitor_rate=_rate(self.visitor_rate),
            seller_rate=_rate(self.seller_rate),
        )
        return settings if lease_seconds is None else replace(settings, lease_seconds=lease_seconds)


class CheckUps(Struct, frozen=True, kw_only=True, rename="upper"):
    """When and through which queue contacts are looked after, and who may send to it when the time has come."""

    check_up_queue_url: Text
    check_up_queue_arn: Text
    check_up_group: Text
    check_up_role_arn: Text
    lease_seconds: Annotated[int, Meta(ge=1)]


class ShopAddress(Struct, frozen=True, kw_only=True, rename="upper"):
    """The shop's own back end, where there is one."""

    php_api_url: Text | None = None
    php_api_key_secret: Text | None = None


class DeadLetters(Struct, frozen=True, kw_only=True, rename="upper"):
    """Where events go that can never be published, or that the shop will never take."""

    dead_letter_queue_url: Text


class EventBus(Struct, frozen=True, kw_only=True, rename="upper"):
    """The bus on which events are published."""

    event_bus: Text


class Origins(Struct, frozen=True, kw_only=True, rename="upper"):
    """The pages that may connect."""

    allowed_origins: Text

    @property
    def allowed(self) -> frozenset[str]:
        """Origins as `scheme://host[:port]`; `*` for all."""
        return frozenset(filter(None, self.allowed_origins.split(",")))


class Tokens(Struct, frozen=True, kw_only=True, rename="upper"):
    """By what sellers and visitors prove themselves: the shared secret, or an issuer's keys for sellers."""

    seller_token_secret: Text
    seller_token_jwks_url: Text | None = None
    seller_token_issuer: Text | None = None
    seller_token_audience: Text | None = None
    visitor_tokens: Literal["required"] | None = None


Group = TypeVar("Group", bound=Struct)
groups: list[type[Struct]] = []
"""What this function has read, for the test that holds it against the stack."""


def read(group: type[Group], variables: Mapping[str, str] = os.environ) -> Group:
    """The variables of a group; an empty one counts as missing. Raises `VariableError` with the name."""
    groups.append(group)
    given = {name: variables[name] for name in group.__struct_encode_fields__ if variables.get(name)}
    try:
        return msgspec.convert(given, group, strict=False)
    except msgspec.ValidationError as error:
        raise VariableError(f"An environment variable is missing or wrong: {error}") from None


def _rate(text: str) -> Rate:
    from chat.model.rates import Rate

    burst, per_second = text.split("/")
    return Rate(burst=int(burst), per_second=float(per_second))
