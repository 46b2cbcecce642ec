"""What a deployment tells its functions."""

from __future__ import annotations

from typing import Any

import pytest

from chat.model.rates import Rate
from chat.model.settings import Settings
from handlers.composition import shop_of
from handlers.shop import required_shop
from handlers.variables import (
    ConnectionTable,
    Conversations,
    Logging,
    Origins,
    ShopAddress,
    VariableError,
    read,
)

CONVERSATIONS = {
    "CONVERSATION_TABLE": "conversations",
    "ASSIGNMENT": "sticky",
    "RETENTION_DAYS": "7",
    "REOPEN_CLOSED": "false",
    "UNKNOWN_SELLERS": "refuse",
    "IDLE_CLOSE_SECONDS": "900",
    "VISITOR_RATE": "5/0.5",
    "SELLER_RATE": "10/2",
}


def test_settings_come_from_the_variables() -> None:
    assert read(Conversations, CONVERSATIONS).settings(lease_seconds=20) == Settings(
        retention_days=7,
        reopens_closed=False,
        accepts_unknown_sellers=False,
        idle_seconds=900,
        lease_seconds=20,
        visitor_rate=Rate(5, 0.5),
        seller_rate=Rate(10, 2.0),
    )


def test_every_variable_about_conversations_is_used() -> None:
    used = set()

    class Told:
        def __getattr__(self, name: str) -> str:
            used.add(name)
            return "1/1"

    told: Any = Told()
    Conversations.settings(told)

    # The table and the strategy are no settings; composition reads them.
    assert used == set(Conversations.__struct_fields__) - {"conversation_table", "assignment"}


@pytest.mark.parametrize("variables", [{}, {"CONNECTION_TABLE": ""}])
def test_a_missing_variable_is_named(variables: dict[str, str]) -> None:
    with pytest.raises(VariableError, match="CONNECTION_TABLE"):
        read(ConnectionTable, variables)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RETENTION_DAYS", "a week"),
        ("RETENTION_DAYS", "0"),
        ("REOPEN_CLOSED", "yes"),
        ("UNKNOWN_SELLERS", "maybe"),
        ("VISITOR_RATE", "20"),
        ("SELLER_RATE", "60/-5"),
    ],
)
def test_a_wrong_variable_is_named_and_never_taken_for_a_no(name: str, value: str) -> None:
    with pytest.raises(VariableError, match=name):
        read(Conversations, {**CONVERSATIONS, name: value})


def test_a_level_that_logging_does_not_know_is_refused() -> None:
    with pytest.raises(VariableError, match="LOG_LEVEL"):
        read(Logging, {"LOG_LEVEL": "LOUD"})


def test_origins_are_a_list_without_empty_places() -> None:
    origins = read(Origins, {"ALLOWED_ORIGINS": "https://a.example,,https://b.example,"})

    assert origins.allowed == {"https://a.example", "https://b.example"}


def test_a_deployment_may_do_without_a_shops_back_end_but_not_with_half_of_one() -> None:
    assert shop_of(read(ShopAddress, {})) is None
    with pytest.raises(VariableError, match="PHP_API_KEY_SECRET"):
        shop_of(read(ShopAddress, {"PHP_API_URL": "https://shop.example"}))
    with pytest.raises(VariableError, match="PHP_API_URL"):
        required_shop(read(ShopAddress, {}))
