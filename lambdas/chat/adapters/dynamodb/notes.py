"""Notes of sellers, in the partition of their contact: whoever deletes that deletes them, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chat.adapters.dynamodb.errors import CONDITION_FAILED, cancellation_codes, translated
from chat.adapters.dynamodb.keys import Item, listing_key, note_key
from chat.ports.conversations import Note
from chat.ports.errors import ForgottenError, NumberTakenError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDBNotes:
    """Implements `chat.ports.conversations.NoteStore`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def notes(self, contact_id: str, after: int) -> Sequence[Note]:
        """One query: there are never more than it can answer."""
        first, last = note_key(contact_id, after + 1), note_key(contact_id, None)
        with translated():
            answer = self._client.query(
                TableName=self._table,
                ConsistentRead=True,
                KeyConditionExpression="contact_id = :c AND #item BETWEEN :first AND :last",
                ExpressionAttributeNames={"#item": "item"},
                ExpressionAttributeValues={":c": first["contact_id"], ":first": first["item"], ":last": last["item"]},
            )
        return [_note(item) for item in answer["Items"]]

    def add(self, note: Note) -> None:
        """One transaction, whose other half is that the contact still has a visitor: an erasure leaves nothing."""
        still_known: Any = {
            "TableName": self._table,
            "Key": listing_key(note.contact_id),
            "ConditionExpression": "attribute_exists(visitor)",
        }
        written: Any = {
            "TableName": self._table,
            "Item": _item(note),
            "ConditionExpression": "attribute_not_exists(contact_id)",
        }
        with translated():
            try:
                self._client.transact_write_items(TransactItems=[{"ConditionCheck": still_known}, {"Put": written}])
            except ClientError as error:
                codes = cancellation_codes(error)
                if codes[:1] == [CONDITION_FAILED]:
                    raise ForgottenError(note.contact_id) from error
                if CONDITION_FAILED in codes:
                    raise NumberTakenError from error
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
