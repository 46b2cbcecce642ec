"""Which items of the conversations' table are what, and the keys under which they are found."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]

ENTRY = "entry#"
"""How the `item` of an entry begins."""

LISTING = "head"
MARK = "mark#"
POINTER = "pointer"
BLOCK = "block"
NOTE = "note#"
"""Sorts behind all that is read with a log, as the next does."""
TAGS = "tags"


def entry_key(seq: int) -> str:
    """The `item` of an entry; they sort as their numbers do."""
    return f"{ENTRY}{seq:012d}"


def is_entry(item: Mapping[str, Any]) -> bool:
    """Whether an item of the table is an entry; nothing without an `item` is."""
    return bool(item.get("item", {}).get("S", "").startswith(ENTRY))


def listing_key(contact_id: str) -> Item:
    """The key of a contact's listing."""
    return {"contact_id": {"S": contact_id}, "item": {"S": LISTING}}


def pointer_key(visitor: str, requested: str) -> Item:
    """The key of what leads from a device to its contact with a seller or team."""
    # The device id is a secret and keys show up in metrics and streams, so only its hash is one.
    return {"contact_id": {"S": f"open#{requested}#{digest_of(visitor)}"}, "item": {"S": POINTER}}


def block_key(visitor: str) -> Item:
    """The key of the block of a visitor, by their reference."""
    return {"contact_id": {"S": f"blocked#{visitor}"}, "item": {"S": BLOCK}}


def note_key(contact_id: str, seq: int | None) -> Item:
    """The key of a note; without a number, one behind all notes of the contact."""
    return {"contact_id": {"S": contact_id}, "item": {"S": f"{NOTE}~" if seq is None else f"{NOTE}{seq:012d}"}}


def tags_key(contact_id: str) -> Item:
    """The key of a contact's tags."""
    return {"contact_id": {"S": contact_id}, "item": {"S": TAGS}}


def digest_of(device: str) -> str:
    """What stands for a device id in the keys of its pointers."""
    return hashlib.sha256(device.encode()).hexdigest()[:32]
