"""Blocks in the conversations table: one for each visitor, listed newest first until they are lifted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat.adapters.dynamodb.blocks import DynamoDBBlocks
from chat.ports.limits import Block
from tests.worlds.tables import CONVERSATIONS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def block(number: int) -> Block:
    return Block(
        visitor=f"v-{number}",
        contact_id=f"contact-{number}",
        seller_id="123456",
        reason="Insults",
        since=f"2026-01-01T00:00:0{number}.000Z",
        until=1_800_000_000,
    )


@pytest.fixture
def blocks(dynamodb: DynamoDBClient) -> DynamoDBBlocks:
    """The table, with three visitors blocked."""
    table = DynamoDBBlocks(dynamodb, CONVERSATIONS)
    for number in (1, 2, 3):
        table.put(block(number))
    return table


def test_a_block_is_found_by_its_visitor(blocks: DynamoDBBlocks) -> None:
    assert (blocks.of("v-2"), blocks.of("v-4")) == (block(2), None)


def test_the_table_forgets_it_when_it_is_over(blocks: DynamoDBBlocks, dynamodb: DynamoDBClient) -> None:
    key = {"contact_id": {"S": "blocked#v-1"}, "item": {"S": "block"}}

    assert dynamodb.get_item(TableName=CONVERSATIONS, Key=key)["Item"]["expiresAt"] == {"N": "1800000000"}


def test_blocks_are_listed_newest_first_and_go_on_behind_a_place(blocks: DynamoDBBlocks) -> None:
    assert blocks.newest(2) == [block(3), block(2)]
    assert blocks.newest(2, block(2).place) == [block(1)]


def test_what_is_lifted_is_over_and_not_listed(blocks: DynamoDBBlocks) -> None:
    blocks.lift("v-2", 1_700_000_000)

    found = blocks.of("v-2")
    assert found
    assert found.until == 1_700_000_000
    assert blocks.newest(10) == [block(3), block(1)]


def test_lifting_what_is_not_there_leaves_nothing(blocks: DynamoDBBlocks) -> None:
    blocks.lift("v-4", 1_700_000_000)

    assert blocks.of("v-4") is None
