"""The conversations table: logs, listings, marks and pointers, laid out as docs/data-model.md says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields, replace
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from chat.adapters.dynamodb.errors import (
    CONDITION_FAILED,
    cancellation_codes,
    condition_may_fail,
    error_code,
    is_conflict,
    is_written,
    translated,
    was_retried,
)
from chat.adapters.dynamodb.keys import ENTRY, LISTING, MARK, entry_key, is_entry, listing_key, pointer_key
from chat.model.entries import Entry, EntryKind, Mark, State, Status
from chat.model.identity import Role
from chat.model.inbox import Listing, Place, Snooze, Standing
from chat.ports.conversations import Change, Current, Excerpt, Pointer
from chat.ports.errors import (
    ListingMovedError,
    NumberTakenError,
    PointerMovedError,
    SellerFullError,
    StoreUnavailableError,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

# Entries, listing and marks sort side by side, so that one Query ends with what a reader needs beside the entries.
_LAST = "mark#~"
_NEWEST_FEW = 4
# A pointer is written when a contact opens or reopens, and the conversation may go on for a while after that.
_POINTER_OUTLIVES_SECONDS = 7 * 86_400
_FREE = "attribute_not_exists(contact_id)"


class DynamoDBConversations:
    """Implements `chat.ports.conversations.ConversationStore`."""

    def __init__(self, client: DynamoDBClient, table: str, seller_table: str) -> None:
        self._client = client
        self._table = table
        self._seller_table = seller_table

    def read(self, contact_id: str, first: int, limit: int | None = None) -> Excerpt:
        """Entries from number `first` on, at most `limit`; listing and marks too unless the limit cut them off."""
        items, complete = self._query(contact_id, first, limit)
        return _excerpt(items if limit is None else _first_entries(items, limit), complete=complete)

    def latest(self, contact_id: str) -> Excerpt:
        """The newest entry, listing and marks: at most four items from the end."""
        with translated():
            answer = self._client.query(
                TableName=self._table,
                ConsistentRead=True,
                KeyConditionExpression="contact_id = :c AND #item BETWEEN :first AND :last",
                ExpressionAttributeNames={"#item": "item"},
                ExpressionAttributeValues={":c": {"S": contact_id}, ":first": {"S": ENTRY}, ":last": {"S": _LAST}},
                ScanIndexForward=False,
                Limit=_NEWEST_FEW,
            )
        return _excerpt(reversed(answer["Items"]), complete=True)

    def listing(self, contact_id: str) -> Listing | None:
        """The listing alone: one read unit."""
        with translated():
            answer = self._client.get_item(TableName=self._table, Key=listing_key(contact_id), ConsistentRead=True)
        return _listing(answer["Item"]) if "Item" in answer else None

    def commit(self, change: Change) -> None:
        """One `PutItem` for a lone entry, one `TransactWriteItems` for anything more."""
        actions = self._actions(change)
        with translated():
            try:
                if len(actions) == 1:
                    self._client.put_item(**actions[0][0]["Put"])
                else:
                    self._client.transact_write_items(TransactItems=[action for action, _ in actions])
            except ClientError as error:
                if was_retried(error) and self._is_written(change.entries[-1]):
                    # The first attempt was carried out, and its answer was lost: the condition that fails is our own.
                    return
                _raise_lost_race(error, [meaning for _, meaning in actions])
                raise

    def _is_written(self, entry: Entry) -> bool:
        key = {"contact_id": {"S": entry.contact_id}, "item": {"S": entry_key(entry.seq)}}
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return "Item" in answer and entry_of(answer["Item"]) == entry

    def raise_mark(self, contact_id: str, role: Role, mark: Mark, expires_at: int) -> bool:
        """Store a mark until `expires_at` unless a higher one is there; False if one is."""
        return is_written(
            lambda: self._client.update_item(
                TableName=self._table,
                Key={"contact_id": {"S": contact_id}, "item": {"S": MARK + role}},
                UpdateExpression="SET delivered = :d, #read = :r, expiresAt = :e",
                ConditionExpression=(
                    "(attribute_not_exists(delivered) OR delivered <= :d)"
                    " AND (attribute_not_exists(#read) OR #read <= :r)"
                ),
                ExpressionAttributeNames={"#read": "read"},
                ExpressionAttributeValues={
                    ":d": {"N": str(mark.delivered)},
                    ":r": {"N": str(mark.read)},
                    ":e": {"N": str(expires_at)},
                },
            )
        )

    def current_contact(self, visitor: str, requested: str) -> Current | None:
        """The contact that a visitor last opened with a seller."""
        with translated():
            answer = self._client.get_item(
                TableName=self._table, Key=pointer_key(visitor, requested), ConsistentRead=True
            )
        item = answer.get("Item")
        return Current(item["target"]["S"], int(item["version"]["N"]) if "version" in item else 0) if item else None

    def keep_beside(self, newest: Entry) -> None:
        """Three writes, which change something every few days."""
        pointer = pointer_key(newest.state.visitor, newest.state.requested)
        expires_at = newest.expires_at + _POINTER_OUTLIVES_SECONDS
        self._keep(pointer, expires_at, "target = :target", {":target": {"S": newest.contact_id}})
        for role in Role:
            mark = {"contact_id": {"S": newest.contact_id}, "item": {"S": MARK + role}}
            self._keep(mark, expires_at, "attribute_exists(delivered)", {})

    def _keep(self, key: Item, expires_at: int, condition: str, values: Item) -> None:
        soon = expires_at - _POINTER_OUTLIVES_SECONDS // 2
        with translated(), condition_may_fail():
            self._client.update_item(
                TableName=self._table,
                Key=key,
                UpdateExpression="SET expiresAt = :until",
                ConditionExpression=f"{condition} AND expiresAt < :soon",
                ExpressionAttributeValues={":until": {"N": str(expires_at)}, ":soon": {"N": str(soon)}, **values},
            )

    def inbox(self, owner: str, status: Status, limit: int, after: Place | None = None) -> Sequence[Listing]:
        """Contacts of a seller or team in a status: open and closed newest first, queued oldest first."""
        return self._listed(_inbox(owner, status), limit, after, oldest_first=status is Status.QUEUED)

    def longest_open(self, seller: str, limit: int) -> Sequence[Listing]:
        """A seller's open contacts, oldest first."""
        return self._listed(_inbox(seller, Status.OPEN), limit, None, oldest_first=True)

    def snooze(self, listing: Listing, snooze: Snooze) -> bool:
        """Note what the seller wants of an open contact; False if its listing is not as it was read any more."""
        still = _while_listed(listing)
        # Without a visitor it is of somebody who was erased.
        still["ConditionExpression"] += " AND attribute_exists(visitor)"
        still["ExpressionAttributeValues"][":snooze"] = {"S": _snooze_json(snooze)}
        return is_written(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=listing_key(listing.contact_id),
                UpdateExpression="SET snooze = :snooze",
                **still,
            )
        )

    def retire(self, listing: Listing) -> None:
        """List a contact of which only its listing is left as closed, and give back its place, unless it has moved."""
        closed = replace(listing, status=Status.CLOSED, standing=Standing.SPOKEN)
        listed: dict[str, Any] = {
            "TableName": self._table,
            "Key": listing_key(listing.contact_id),
            "UpdateExpression": "SET #status = :closed, inbox = :inbox, since = :closed_since REMOVE claimed, snooze",
            "ConditionExpression": "#status = :status AND since = :since",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {
                ":closed": {"S": closed.status},
                ":inbox": {"S": _inbox(closed.owner, closed.status)},
                ":status": {"S": listing.status},
                ":since": {"S": listing.place.since},
                ":closed_since": {"S": closed.place.since},
            },
        }
        with translated(), condition_may_fail():
            if listing.claimed and listing.seller:
                together: list[Any] = [{"Update": listed}, {"Update": _release(self._seller_table, listing.seller)}]
                self._client.transact_write_items(TransactItems=together)
            else:
                self._client.update_item(**listed)

    def _listed(self, inbox: str, limit: int, after: Place | None, *, oldest_first: bool) -> Sequence[Listing]:
        request: dict[str, Any] = {"ExclusiveStartKey": _inbox_key(inbox, after)} if after else {}
        with translated():
            answer = self._client.query(
                TableName=self._table,
                IndexName="InboxIndex",
                KeyConditionExpression="inbox = :inbox",
                ExpressionAttributeValues={":inbox": {"S": inbox}},
                ScanIndexForward=oldest_first,
                Limit=limit,
                **request,
            )
        return [_listing(item) for item in answer["Items"]]

    def _query(self, contact_id: str, first: int, limit: int | None) -> tuple[list[Item], bool]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "contact_id = :c AND #item BETWEEN :first AND :last",
            "ExpressionAttributeNames": {"#item": "item"},
            "ExpressionAttributeValues": {
                ":c": {"S": contact_id},
                ":first": {"S": entry_key(first)},
                ":last": {"S": _LAST},
            },
        }
        # Listing and two marks may follow the entries; a page that reaches its limit does not say that it is the last.
        wanted = None if limit is None else limit + 4
        items: list[Item] = []
        while True:
            if wanted is not None:
                request["Limit"] = wanted - len(items)
            with translated():
                answer = self._client.query(**request)
            items += answer["Items"]
            last_key = answer.get("LastEvaluatedKey")
            if not last_key or (wanted is not None and len(items) >= wanted):
                break
            request["ExclusiveStartKey"] = last_key
        cut = last_key is not None or (limit is not None and sum(map(is_entry, items)) > limit)
        return items, not cut

    def _actions(self, change: Change) -> list[tuple[Any, type[Exception]]]:
        """What the transaction does, each with what it means when its condition fails."""
        put = {"TableName": self._table}
        actions: list[tuple[Any, type[Exception]]] = [
            ({"Put": {**put, "Item": entry_item(entry), "ConditionExpression": _FREE}}, NumberTakenError)
            for entry in change.entries
        ]
        if change.listing:
            actions.append(self._listing_action(change, change.listing))
        if change.pointer:
            expires_at = change.entries[-1].expires_at + _POINTER_OUTLIVES_SECONDS
            actions.append(({"Update": _pointed(self._table, change.pointer, expires_at)}, PointerMovedError))
        if change.claim:
            actions.append(({"Update": _claim(self._seller_table, change)}, SellerFullError))
        if change.release:
            actions.append(({"Update": _release(self._seller_table, change.release)}, StoreUnavailableError))
        return actions

    def _listing_action(self, change: Change, listing: Listing) -> tuple[Any, type[Exception]]:
        item = {"TableName": self._table, "Item": _listing_item(listing)}
        if change.entries[0].seq == 1:
            # A listing without entries is a log that has expired, and no number of it is handed out again.
            return {"Put": {**item, "ConditionExpression": _FREE}}, NumberTakenError
        if change.relies_on:
            return {"Put": {**item, **_while_listed(change.relies_on)}}, ListingMovedError
        return {"Put": item}, StoreUnavailableError


def _raise_lost_race(error: ClientError, meanings: list[type[Exception]]) -> None:
    if error_code(error).startswith(CONDITION_FAILED):
        raise NumberTakenError from error
    codes = zip(cancellation_codes(error), meanings, strict=False)
    lost = [meaning for code, meaning in codes if code == CONDITION_FAILED]
    if NumberTakenError in lost:
        # What is taken stays taken, whatever else was in the way.
        raise NumberTakenError from error
    if lost and not is_conflict(error):
        raise lost[0] from error


def _claim(table: str, change: Change) -> dict[str, Any]:
    return {
        "TableName": table,
        "Key": {"seller_id": {"S": change.claim}},
        "UpdateExpression": "SET open_count = open_count + :one, last_assigned = :now",
        "ConditionExpression": "open_count < #capacity",
        "ExpressionAttributeNames": {"#capacity": "capacity"},
        "ExpressionAttributeValues": {":one": {"N": "1"}, ":now": {"S": change.entries[-1].at}},
    }


def _release(table: str, seller: str) -> dict[str, Any]:
    return {
        "TableName": table,
        "Key": {"seller_id": {"S": seller}},
        # ADD, since a seller who was removed from the table must not keep their contacts from closing.
        "UpdateExpression": "ADD open_count :minus",
        "ExpressionAttributeValues": {":minus": {"N": "-1"}},
    }


def _first_entries(items: list[Item], limit: int) -> list[Item]:
    entries = [item for item in items if is_entry(item)]
    return entries[:limit] + [item for item in items if not is_entry(item)]


def _excerpt(items: Iterable[Item], *, complete: bool) -> Excerpt:
    entries: list[Entry] = []
    listing: Listing | None = None
    marks: dict[Role, Mark] = {}
    for item in items:
        name = item["item"]["S"]
        if name.startswith(ENTRY):
            entries.append(entry_of(item))
        elif name == LISTING:
            listing = _listing(item)
        else:
            marks[Role(name.removeprefix(MARK))] = Mark(int(item["delivered"]["N"]), int(item["read"]["N"]))
    return Excerpt(tuple(entries), listing, marks, complete)


_states = msgspec.json.Decoder(State)
_snoozes = msgspec.json.Decoder(Snooze)
_plain = {each.name: each.default for each in fields(State) if each.default is not MISSING} | {"buckets": {}}
"""What a state is where nothing is said of it: every entry carries one, and pays for its bytes."""


def entry_item(entry: Entry) -> Item:
    """An entry as `entry_of` reads it."""
    item: Item = {
        "contact_id": {"S": entry.contact_id},
        "item": {"S": entry_key(entry.seq)},
        "seq": {"N": str(entry.seq)},
        "kind": {"S": entry.kind},
        "id": {"S": entry.id},
        "sender": {"S": entry.sender},
        "at": {"S": entry.at},
        "state": {"S": _state_json(entry.state)},
        "expiresAt": {"N": str(entry.expires_at)},
    }
    if entry.text is not None:
        item["text"] = {"S": entry.text}
    if entry.details:
        item["details"] = {"S": msgspec.json.encode(entry.details).decode()}
    return item


def _state_json(state: State) -> str:
    told = {name: value for name, value in vars(state).items() if name not in _plain or value != _plain[name]}
    return msgspec.json.encode(told).decode()


def entry_of(item: Item) -> Entry:
    """The entry in an item of the table, or in an image of its stream."""
    return Entry(
        contact_id=item["contact_id"]["S"],
        seq=int(item["seq"]["N"]),
        kind=EntryKind(item["kind"]["S"]),
        id=item["id"]["S"],
        sender=item["sender"]["S"],
        at=item["at"]["S"],
        state=_states.decode(item["state"]["S"]),
        expires_at=int(item["expiresAt"]["N"]),
        text=item["text"]["S"] if "text" in item else None,
        details=msgspec.json.decode(item["details"]["S"]) if "details" in item else {},
    )


def _inbox(owner: str, status: Status) -> str:
    # A partition of `InboxIndex`: a seller's contacts of a status, or a queue.
    return f"{owner}#{status}"


def _listing_item(listing: Listing) -> Item:
    item: Item = {
        **listing_key(listing.contact_id),
        "status": {"S": listing.status},
        "requested": {"S": listing.requested},
        "since": {"S": listing.place.since},
        "opened_at": {"S": listing.opened_at},
        "inbox": {"S": _inbox(listing.owner, listing.status)},
    }
    if listing.seller:
        item["seller_id"] = {"S": listing.seller}
    if listing.claimed:
        item["claimed"] = {"BOOL": True}
    if listing.visitor:
        item["visitor"] = {"S": listing.visitor}
    if listing.former:
        item["former"] = {"L": [{"S": seller} for seller in listing.former]}
    return item


def _listing(item: Item) -> Listing:
    place = Place(item["since"]["S"], item["contact_id"]["S"])
    return Listing(
        contact_id=place.contact_id,
        status=Status(item["status"]["S"]),
        requested=item["requested"]["S"],
        since=place.time,
        standing=Standing.read_from(place.since),
        opened_at=item["opened_at"]["S"],
        seller=item["seller_id"]["S"] if "seller_id" in item else None,
        claimed="claimed" in item,
        visitor=item["visitor"]["S"] if "visitor" in item else "",
        former=tuple(seller["S"] for seller in item["former"]["L"]) if "former" in item else (),
        snooze=_snoozes.decode(item["snooze"]["S"]) if "snooze" in item else None,
        snooze_as_stored=item["snooze"]["S"] if "snooze" in item else "",
        is_erased="erased" in item,
    )


def _while_listed(listing: Listing) -> dict[str, Any]:
    """The condition that a contact stands where it was read to stand, and that its seller wants the same of it."""
    values: Item = {":status": {"S": listing.status}, ":since": {"S": listing.place.since}}
    snooze = "attribute_not_exists(snooze)"
    if listing.snooze:
        snooze = "snooze = :before"
        values[":before"] = {"S": _as_stored(listing, listing.snooze)}
    # A hand-over leaves the status as it is, and may come in the same millisecond.
    seller = "attribute_not_exists(seller_id)"
    if listing.seller:
        seller = "seller_id = :of"
        values[":of"] = {"S": listing.seller}
    return {
        "ConditionExpression": f"#status = :status AND since = :since AND {seller} AND {snooze}",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": values,
    }


def _as_stored(listing: Listing, snooze: Snooze) -> str:
    # Another release may have written more than this one reads.
    stored = listing.snooze_as_stored
    return stored if stored and _snoozes.decode(stored) == snooze else _snooze_json(snooze)


def _snooze_json(snooze: Snooze) -> str:
    return msgspec.json.encode(snooze).decode()


def _inbox_key(inbox: str, place: Place) -> Item:
    return {"inbox": {"S": inbox}, "since": {"S": place.since}, **listing_key(place.contact_id)}


def _pointed(table: str, pointer: Pointer, expires_at: int) -> dict[str, Any]:
    values: dict[str, Any] = {
        ":target": {"S": pointer.contact_id},
        ":until": {"N": str(expires_at)},
        ":one": {"N": "1"},
    }
    conditions = [_FREE]
    if pointer.replaces:
        conditions = ["target = :replaces"]
        values[":replaces"] = {"S": pointer.replaces}
    if pointer.replaces and pointer.version is not None:
        # A pointer of before there were versions counts as version 0.
        conditions.append("#version = :version" if pointer.version else "attribute_not_exists(#version)")
        values |= {":version": {"N": str(pointer.version)}} if pointer.version else {}
    return {
        "TableName": table,
        "Key": pointer_key(pointer.visitor, pointer.requested),
        "UpdateExpression": "SET target = :target, expiresAt = :until ADD #version :one",
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": values,
    }
