"""How what an operation asks for grows with what there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chat.adapters.dynamodb.conversations import DynamoDBConversations, entry_item
from chat.model.entries import EntryKind
from chat.model.identity import Principal, Role
from tests.bench.counting import Altered, counted
from tests.bench.operations import Functions, device
from tests.worlds.requests import Requests
from tests.worlds.tables import CONVERSATIONS, SELLERS


@dataclass(frozen=True)
class Line:
    """One operation: how many requests it makes and units it reads, at each size."""

    name: str
    of: str
    sizes: Sequence[int]
    requests: Sequence[int]
    read_units: Sequence[float]


Counted = Callable[[Functions, int], Mapping[str, Requests]]
"""What each operation asked for at a size."""


def lines(functions: Functions) -> list[Line]:
    """All of them."""
    return [line for of, (sizes, count) in GROWING.items() for line in _lines(functions, of, sizes, count)]


def _lines(functions: Functions, of: str, sizes: Sequence[int], count: Counted) -> list[Line]:
    found = []
    for size in sizes:
        # What stands in for DynamoDB copies its tables for each transaction.
        functions.forget_everything()
        found.append(count(functions, size))
    return [
        Line(
            name,
            of,
            sizes,
            [len(each[name].taken) for each in found],
            [each[name].read_units for each in found],
        )
        for name in found[0]
    ]


def _entries(functions: Functions, size: int) -> dict[str, Requests]:
    """In a contact with so many messages."""
    name = f"entries{size}"
    visitor = device(name)
    functions.connect(visitor, name)
    contact = functions.start(visitor, name)
    _fill(functions, contact, size)

    def frame(action: str, **fields: object) -> Requests:
        return _counted(functions, lambda: functions.send(visitor, name, action=action, contact_id=contact, **fields))

    return {
        "sync, nothing new": frame("sync", after=size + 2),
        "sendMessage": frame("sendMessage", message="Hello", base=size + 2),
        "sendMessage, base lies": frame("sendMessage", message="Hello", id="m1", base=1_000_000),
        "receipt": frame("receipt", read=size),
        "typing": frame("typing"),
        "closeChat": frame("closeChat"),
    }


def _fill(functions: Functions, contact: str, count: int) -> None:
    newest = DynamoDBConversations(functions.dynamodb, CONVERSATIONS, SELLERS).latest(contact).newest
    assert newest
    messages = [
        entry_item(replace(newest, seq=seq, id=f"m-{seq}", kind=EntryKind.MESSAGE, text="Is this one still there?"))
        for seq in range(newest.seq + 1, newest.seq + 1 + count)
    ]
    _write(functions, CONVERSATIONS, messages)


def _write(functions: Functions, table: str, items: Sequence[Mapping[str, Any]]) -> None:
    for begun in range(0, len(items), 25):
        puts: Any = [{"PutRequest": {"Item": item}} for item in items[begun : begun + 25]]
        functions.dynamodb.batch_write_item(RequestItems={table: puts})


def _contacts(functions: Functions, size: int) -> dict[str, Requests]:
    """For a seller who answers so many."""
    seller = Principal(f"carries{size}", Role.SELLER)
    functions.register(seller.user_id, f"carry{size}", capacity=size + 1)
    functions.connect(seller, seller.user_id)
    functions.send(seller, seller.user_id, action="presence", status="online")
    name = f"of-{seller.user_id}"
    functions.connect(device(name), name)
    contact = functions.start(device(name), name, seller.user_id)
    _repeat_listing(functions, contact, size)

    def frame(action: str, **fields: object) -> Requests:
        return _counted(functions, lambda: functions.send(seller, seller.user_id, action=action, **fields))

    return {
        "sendMessage": frame("sendMessage", message="Hello", contact_id=contact, base=2),
        "inbox": frame("inbox"),
        "inbox, with tails": frame("inbox", tails=True),
        "presence": frame("presence"),
    }


def _repeat_listing(functions: Functions, contact: str, count: int) -> None:
    key: Any = {"contact_id": {"S": contact}, "item": {"S": "head"}}
    listing = functions.dynamodb.get_item(TableName=CONVERSATIONS, Key=key)["Item"]
    others = [{**listing, "contact_id": {"S": f"{contact}-{number:05}"}} for number in range(count)]
    _write(functions, CONVERSATIONS, others)


def _team(functions: Functions, size: int) -> dict[str, Requests]:
    """For a visitor who comes while the whole team is full, and where the index does not say so yet."""
    team = f"team{size}"
    for number in range(size):
        seller = Principal(f"{team}-{number}", Role.SELLER)
        functions.register(seller.user_id, team, capacity=1)
        functions.send(seller, seller.user_id, action="presence", status="online")
        functions.dynamodb.update_item(
            TableName=SELLERS,
            Key={"seller_id": {"S": seller.user_id}},
            UpdateExpression="SET open_count = :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    def start(name: str, altered: Altered = lambda _, answer: answer) -> Requests:
        functions.connect(device(name), name)
        return _counted(functions, lambda: functions.start(device(name), name, team), altered)

    return {"InitChat, its index lags": start(f"{team}-lags", _as_if_free), "InitChat": start(team)}


def _as_if_free(request: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    if request.get("IndexName") != "TeamIndex":
        return answer
    return {**answer, "Items": [{**item, "open_count": {"N": "0"}} for item in answer["Items"]]}


def _queue(functions: Functions, size: int) -> dict[str, Requests]:
    """For a full seller, and for a visitor who comes last."""
    queue = f"queue{size}"
    seller = Principal(queue, Role.SELLER)
    functions.register(queue, f"of-{queue}", capacity=1)
    functions.connect(seller, queue)
    functions.send(seller, queue, action="presence", status="online")
    for name in (f"{queue}-served", f"{queue}-waits"):
        functions.connect(device(name), name)
        contact = functions.start(device(name), name, queue)
    _repeat_listing(functions, contact, size)
    last = f"{queue}-last"
    functions.connect(device(last), last)
    return {
        "presence, no room": _counted(functions, lambda: functions.send(seller, queue, action="presence")),
        "InitChat": _counted(functions, lambda: functions.start(device(last), last, queue)),
    }


def _counted(functions: Functions, call: Callable[[], object], altered: Altered = lambda _, answer: answer) -> Requests:
    with counted(functions.dynamodb, altered) as requests:
        call()
    return requests


GROWING: Mapping[str, tuple[Sequence[int], Counted]] = {
    "entries": ((10, 100, 1_000), _entries),
    "contacts of the seller": ((5, 50, 500), _contacts),
    "sellers in a full team": ((5, 50, 500), _team),
    "visitors who wait": ((10, 100, 1_000), _queue),
}
"""What there is more and more of."""
