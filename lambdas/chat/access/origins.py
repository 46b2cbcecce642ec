"""The pages that may reach the chat: one rule for both doors."""

from __future__ import annotations

ANY = "*"


def may_call(origin: str | None, allowed: frozenset[str]) -> bool:
    """Whether a request with this `Origin` (RFC 6454) is taken.

    Programs that are no browsers send none; the rule protects browsers' users, not us.
    """
    return origin is None or ANY in allowed or origin in allowed
