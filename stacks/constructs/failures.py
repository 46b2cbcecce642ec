"""Which lines of the functions' logs mean that something failed though no function did."""

from __future__ import annotations

FAILURES = (
    "check_up_failed",
    "connection_failed",
    "delivery_failed",
    "directory_unavailable",
    "failed",
    "lookup_failed",
    "publish_failed",
    "push_failed",
    "strategy_failed",
)
"""Somebody was not served, or served without what the shop decides: these are counted, and call somebody."""

NO_FAILURES = (
    "close_failed",
    "connection_refused",
    "cut_off",
    "event_set_aside",
    "forget_failed",
    "hours_ignored",
    "opening_not_counted",
    "refused",
)
"""What somebody else is to blame for, what the next request makes up for, and what an alarm of its own tells of."""
