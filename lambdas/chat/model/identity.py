"""Who is at the other end of a connection, and by which names others know them."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from enum import StrEnum

# `$` alone would let a final newline pass.
USER_ID = r"^[A-Za-z0-9._:@-]{1,128}$(?!\n)"
DEVICE_ID = r"^[A-Za-z0-9._:-]{21,128}$(?!\n)"
SYSTEM = "system"
_ALIAS_PREFIX = "visitor-"
_DEVICE_ID_BITS = 122
_LEAST_DIFFERENT = 8
_KINDS = ((r"[A-Z]", 26), (r"[a-z]", 26), (r"[0-9]", 10), (r"[._:-]", 4))


class Role(StrEnum):
    """What a connection proved to be at `$connect`."""

    VISITOR = "visitor"
    SELLER = "seller"


@dataclass(frozen=True)
class Principal:
    """The person behind a request, as the authorizer proved it: never what a frame says.

    `user_id` is a visitor's device id or a seller's id; `expires_at` is in epoch seconds, None for no end.
    """

    user_id: str
    role: Role
    expires_at: int | None = None

    def name_in(self, contact_id: str) -> str:
        """The name that everyone in the contact may see."""
        return self.user_id if self.role is Role.SELLER else alias_of(contact_id)


def reference_of(device: str) -> str:
    """What a visitor is called towards the shop's back end: stable over contacts, and not the device id."""
    return "v-" + hashlib.sha256(f"visitor\n{device}".encode()).hexdigest()[:32]


def alias_of(contact_id: str) -> str:
    """What a visitor is called in a contact. A device id is a bearer secret and is shown to nobody else."""
    return _ALIAS_PREFIX + contact_id


def contact_of(alias: str) -> str | None:
    """The contact an alias belongs to, or None if this is no alias."""
    return alias.removeprefix(_ALIAS_PREFIX) if alias.startswith(_ALIAS_PREFIX) else None


def is_user_id(value: str) -> bool:
    """Whether `value` may be a `userId`: 1 to 128 characters of `A-Z a-z 0-9 . _ : @ -`."""
    return re.fullmatch(USER_ID, value) is not None


def is_device_id(value: str) -> bool:
    """Whether `value` may be all that a visitor proves themself with: one that can hold 122 bits.

    That it was made at random is for its maker to see to; a customer's number or address cannot pass for it.
    """
    if re.fullmatch(DEVICE_ID, value) is None or len(set(value)) < _LEAST_DIFFERENT:
        return False
    letters = sum(size for kind, size in _KINDS if re.search(kind, value))
    return len(value) * math.log2(letters) >= _DEVICE_ID_BITS


def is_seller_id(value: str) -> bool:
    """Whether `value` may name a seller: a user id that cannot be mistaken for an alias or for the system."""
    return is_user_id(value) and value != SYSTEM and not value.startswith(_ALIAS_PREFIX)


@dataclass(frozen=True)
class Sender:
    """A person who asks for something, over which connection (None over REST), from which address (or empty)."""

    principal: Principal
    connection_id: str | None = None
    address: str = ""
