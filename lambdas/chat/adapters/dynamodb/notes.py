"""Notes and tags of sellers, in the partition of their contact: whoever deletes that deletes them, too."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chat.adapters.dynamodb.errors import CONDITION_FAILED, all_of, cancellation_codes, condition_may_fail, translated
from chat.adapters.dynamodb.keys import Item, listing_key, note_key, tags_key
from chat.ports.conversations import Note, TagSet
from chat.ports.errors import ForgottenError, FullError, NumberTakenError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


AT_ONCE = 100
"""DynamoDB reads at most so many items in one BatchGetItem."""


class DynamoDBNotes:
    """Implements `chat.ports.conversations.NoteStore`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def notes(self, contact_id: str, after: int, most: int) -> Sequence[Note]:
        """One query, or two where the notes are long: from the newest, whatever has expired before them."""
        first, last = note_key(contact_id, after + 1), note_key(contact_id, None)
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "contact_id = :c AND #item BETWEEN :first AND :last",
            "ExpressionAttributeNames": {"#item": "item"},
            "ExpressionAttributeValues": {":c": first["contact_id"], ":first": first["item"], ":last": last["item"]},
            "ScanIndexForward": False,
        }
        newest_first: list[Note] = []
        while len(newest_first) < most:
            with translated():
                answer = self._client.query(**request, Limit=most - len(newest_first))
            newest_first += map(_note, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                break
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        return newest_first[::-1]

    def add(self, note: Note) -> None:
        """Keep a note."""
        written = {"Item": _item(note), "ConditionExpression": "attribute_not_exists(contact_id)"}
        self._write(note.contact_id, "Put", written, NumberTakenError)

    def tags(self, contact_ids: Sequence[str]) -> Sequence[TagSet]:
        """One request for a hundred: of a contact without tags it costs a read unit, too."""
        return [
            _tag_set(item)
            for start in range(0, len(contact_ids), AT_ONCE)
            for item in self._tagged(contact_ids[start : start + AT_ONCE])
        ]

    def tag(self, contact_id: str, tag: str, *, expires_at: int, now: int, most: int) -> None:
        """Add a tag to the set: twice is once, and two at once are two. What has expired is deleted late."""
        room = "attribute_not_exists(tags) OR size(tags) < :most OR contains(tags, :tag)"
        values: Item = {":tags": {"SS": [tag]}, ":e": {"N": str(expires_at)}, ":now": {"N": str(now)}}
        added = {
            "Key": tags_key(contact_id),
            "UpdateExpression": "ADD tags :tags SET expiresAt = :e",
            "ConditionExpression": f"(attribute_not_exists(expiresAt) OR expiresAt > :now) AND ({room})",
            "ExpressionAttributeValues": {**values, ":tag": {"S": tag}, ":most": {"N": str(most)}},
        }
        begun_anew = {
            "Key": tags_key(contact_id),
            "UpdateExpression": "SET tags = :tags, expiresAt = :e",
            "ConditionExpression": "expiresAt <= :now",
            "ExpressionAttributeValues": values,
        }
        for wanted in (added, begun_anew):
            with suppress(FullError):
                self._write(contact_id, "Update", wanted, FullError)
                return
        # Another one may have begun anew in between.
        self._write(contact_id, "Update", added, FullError)

    def untag(self, contact_id: str, tag: str) -> None:
        """Take a tag out of the set."""
        with translated(), condition_may_fail():
            self._client.update_item(
                TableName=self._table,
                Key=tags_key(contact_id),
                UpdateExpression="DELETE tags :tags",
                ConditionExpression="attribute_exists(contact_id)",
                ExpressionAttributeValues={":tags": {"SS": [tag]}},
            )

    def _tagged(self, contact_ids: Sequence[str]) -> list[Any]:
        asked: Any = {"Keys": [tags_key(each) for each in contact_ids], "ConsistentRead": True}
        with translated():
            return all_of(self._client.batch_get_item(RequestItems={self._table: asked}), self._table)

    def _write(self, contact_id: str, action: str, written: dict[str, Any], lost: type[Exception]) -> None:
        """One transaction, whose other half is that the contact still has a visitor: an erasure leaves nothing."""
        still_known = {"Key": listing_key(contact_id), "ConditionExpression": "attribute_exists(visitor)"}
        both: Any = [
            {"ConditionCheck": {"TableName": self._table, **still_known}},
            {action: {"TableName": self._table, **written}},
        ]
        with translated():
            try:
                self._client.transact_write_items(TransactItems=both)
            except ClientError as error:
                codes = cancellation_codes(error)
                if codes[:1] == [CONDITION_FAILED]:
                    raise ForgottenError(contact_id) from error
                if CONDITION_FAILED in codes:
                    raise lost from error
                raise


def _item(note: Note) -> Item:
    return {
        **note_key(note.contact_id, note.seq),
        "seq": {"N": str(note.seq)},
        "id": {"S": note.id},
        "sender": {"S": note.seller_id},
        "at": {"S": note.at},
        "text": {"S": note.text},
        "expiresAt": {"N": str(note.expires_at)},
    }


def _note(item: Item) -> Note:
    return Note(
        contact_id=item["contact_id"]["S"],
        seq=int(item["seq"]["N"]),
        id=item["id"]["S"],
        seller_id=item["sender"]["S"],
        text=item["text"]["S"],
        at=item["at"]["S"],
        expires_at=int(item["expiresAt"]["N"]),
    )


def _tag_set(item: Item) -> TagSet:
    return TagSet(
        contact_id=item["contact_id"]["S"],
        # A set of which nothing is left is not there.
        tags=frozenset(item["tags"]["SS"] if "tags" in item else ()),
        expires_at=int(item["expiresAt"]["N"]),
    )
