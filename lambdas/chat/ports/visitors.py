"""All that is kept of a visitor."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from chat.model.entries import Status


class VisitorData(Protocol):
    """Finds and deletes what belongs to a visitor. Every method may raise the stores' errors."""

    def contacts_of(self, device: str) -> Sequence[str]:
        """The ids of all contacts in whose logs the device is; reads the whole table."""

    def forget_whose(self, contact_id: str, while_is: Status) -> None:
        """Let a contact's listing tell of nobody any more, if it has that status; then it counts as forgotten."""

    def forget_contact(self, contact_id: str, *, but_newest: bool = False) -> int:
        """Delete all of a contact but its listing, which keeps its id from being given out again; how many items.

        And but its newest entry, if that is to stay for now.
        """

    def forget_device(self, device: str, contact_ids: Collection[str]) -> int:
        """Delete what is kept of a device itself: what leads to its contacts, and its block; how many items.

        What leads to a contact that goes on, and is not among those that are erased, stays.
        """


class Forgotten(Protocol):
    """Knows which contacts were erased."""

    def among(self, contact_ids: Collection[str]) -> frozenset[str]:
        """Those of the contacts that were erased. Raises the stores' errors."""


class VisitorCopies(Protocol):
    """What waits for a person, with what a visitor wrote in it."""

    def forget(self) -> int:
        """Delete whatever tells of a contact that was erased; how many letters."""


class VisitorNews(Protocol):
    """Tells those who follow conversations."""

    def erased(self, visitor: str, contact_ids: Sequence[str]) -> None:
        """Say that a visitor, by the reference that others know, was erased. Raises `NotToldError`."""


class NotToldError(Exception):
    """Others could not be told that a visitor was erased: erase once more."""
