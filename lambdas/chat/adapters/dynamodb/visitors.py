"""A visitor's items in the conversations table, for which there is no index since only an erasure asks for them.

And whose they were not any more: contacts of which the listing is there, and tells of nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from chat.adapters.dynamodb.errors import all_of, condition_may_fail, translated
from chat.adapters.dynamodb.keys import ENTRY, LISTING, POINTER, block_key, digest_of, is_entry, listing_key
from chat.model.identity import reference_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from chat.model.entries import Status

Item = dict[str, Any]

AT_ONCE = 100
"""DynamoDB reads at most so many items in one BatchGetItem."""


class DynamoDBVisitorData:
    """Implements `chat.ports.visitors.VisitorData`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def contacts_of(self, device: str) -> Sequence[str]:
        """The ids of all contacts in whose entries' states the device is."""
        # The state is JSON as msgspec writes it, and a device id has no character that JSON escapes.
        needle = f'"visitor":{msgspec.json.encode(device).decode()}'
        found = self._scan("contains(#state, :needle)", {":needle": {"S": needle}}, {"#state": "state"})
        return sorted({item["contact_id"]["S"] for item in found})

    def forget_contact(self, contact_id: str, *, but_newest: bool = False) -> int:
        """Delete all of a contact but its listing, from the oldest entry to the newest.

        What does not say whose it is goes first: an erasure that was cut off finds the contact by its entries.
        """
        with translated():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                ConsistentRead=True,
                KeyConditionExpression="contact_id = :c",
                ExpressionAttributeValues={":c": {"S": contact_id}},
                ProjectionExpression="contact_id, #item",
                ExpressionAttributeNames={"#item": "item"},
            )
            keys = [item for page in pages for item in page["Items"] if item["item"]["S"] != LISTING]
        in_order = sorted(keys, key=is_entry)
        return self._delete(in_order[:-1] if but_newest and in_order and is_entry(in_order[-1]) else in_order)

    def forget_whose(self, contact_id: str, while_is: Status) -> None:
        """Remove the digest of the device from a contact's listing, and what its seller wanted of it."""
        self._tell_of_nobody(
            contact_id,
            ConditionExpression="#status = :status",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":true": {"BOOL": True}, ":status": {"S": while_is}},
        )

    def forget_device(self, device: str, contact_ids: Collection[str]) -> int:
        """Delete the pointers of a device, which are known by its hash, and its block."""
        found = self._scan(
            "#item = :pointer AND contains(contact_id, :digest)",
            {":pointer": {"S": POINTER}, ":digest": {"S": f"#{digest_of(device)}"}},
            {},
        )
        pointers = [key for key in found if not self._leads_on(key, contact_ids)]
        with translated():
            blocked = self._client.delete_item(
                TableName=self._table, Key=block_key(reference_of(device)), ReturnValues="ALL_OLD"
            )
        block = blocked.get("Attributes")
        if block:
            # It may outlive the contact's entries, by which an erasure knows it; a restore asks the listing.
            self._forget_expired(block["met_in"]["S"])
        return self._delete(pointers) + (block is not None)

    def _leads_on(self, pointer: Item, contact_ids: Collection[str]) -> bool:
        """Whether a pointer leads to a contact that somebody has begun since it was looked which there are."""
        with translated():
            target = self._client.get_item(TableName=self._table, Key=pointer, ConsistentRead=True)
            contact_id = target.get("Item", {}).get("target", {"S": ""})["S"]
            return contact_id not in contact_ids and bool(contact_id) and self._has_entries(contact_id)

    def _has_entries(self, contact_id: str) -> bool:
        answer = self._client.query(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="contact_id = :c AND begins_with(#item, :entry)",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues={":c": {"S": contact_id}, ":entry": {"S": ENTRY}},
            Limit=1,
        )
        return bool(answer["Items"])

    def _forget_expired(self, contact_id: str) -> None:
        with translated():
            has_entries = self._has_entries(contact_id)
        if not has_entries:
            self._tell_of_nobody(
                contact_id,
                ConditionExpression="attribute_exists(contact_id)",
                ExpressionAttributeValues={":true": {"BOOL": True}},
            )

    def _tell_of_nobody(self, contact_id: str, **condition: Any) -> None:
        with translated(), condition_may_fail():
            self._client.update_item(
                TableName=self._table,
                Key=listing_key(contact_id),
                UpdateExpression="SET erased = :true REMOVE visitor, snooze",
                **condition,
            )

    def _scan(self, condition: str, values: Item, names: dict[str, str]) -> Iterator[Item]:
        with translated():
            pages = self._client.get_paginator("scan").paginate(
                TableName=self._table,
                ConsistentRead=True,
                FilterExpression=condition,
                ExpressionAttributeValues=values,
                ExpressionAttributeNames={"#item": "item", **names},
                ProjectionExpression="contact_id, #item",
            )
            for page in pages:
                yield from page["Items"]

    def _delete(self, keys: list[Item]) -> int:
        for key in keys:
            with translated():
                self._client.delete_item(TableName=self._table, Key=key)
        return len(keys)


class DynamoDBForgotten:
    """Implements `chat.ports.visitors.Forgotten`: a read unit a contact."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def among(self, contact_ids: Collection[str]) -> frozenset[str]:
        """Those of the contacts that were erased."""
        wanted = sorted(set(contact_ids))
        found: list[Any] = []
        for start in range(0, len(wanted), AT_ONCE):
            found += self._listings(wanted[start : start + AT_ONCE])
        return frozenset(item["contact_id"]["S"] for item in found if "visitor" not in item)

    def _listings(self, contact_ids: list[str]) -> list[Any]:
        keys: Any = [listing_key(each) for each in contact_ids]
        asked: Any = {"Keys": keys, "ConsistentRead": True, "ProjectionExpression": "contact_id, visitor"}
        with translated():
            return all_of(self._client.batch_get_item(RequestItems={self._table: asked}), self._table)
