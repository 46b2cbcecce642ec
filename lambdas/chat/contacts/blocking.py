"""Blocking a visitor: the contact ends, and for a while they can open none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from msgspec import UNSET

from chat.contacts.lifecycle import Command, Lifecycle
from chat.limits import Blocks, ends
from chat.log import Log
from chat.model.entries import Entry
from chat.model.errors import ChatError, Code, forbidden, unregistered
from chat.model.identity import Principal, Role, Sender
from chat.ports.limits import Block
from chat.protocol.replies import BlocksListed, BlockView, VisitorBlocked, VisitorUnblocked, fitting
from chat.team import Assignment

LISTED = 100
"""How many blocks one answer lists at most."""


@dataclass(frozen=True)
class NewBlock:
    """What a seller wants: once per `id`, where there is one."""

    contact_id: str
    lasts: timedelta
    reason: str
    id: str | None = None


class Blocking:
    """Takes, lifts and lists blocks. One holds for the whole shop, and each of its sellers may lift it."""

    def __init__(self, *, log: Log, lifecycle: Lifecycle, blocks: Blocks, assignment: Assignment) -> None:
        self._log = log
        self._lifecycle = lifecycle
        self._blocks = blocks
        self._assignment = assignment

    def block(self, sender: Sender, new: NewBlock) -> VisitorBlocked:
        """Block the visitor of a seller's contact, and end it.

        What is repeated under the same `id` does what is left of it, and nothing once the block was lifted. A seller
        who has lost the contact since their block is told of that one. Raises `ChatError`: `forbidden` unless its
        seller asks, `contact_expired`, `try_again`.
        """
        person = _seller(sender)
        self._log.require(person, new.contact_id)
        newest = self._log.latest(new.contact_id, person).newest
        if newest is None:
            raise forbidden()
        block = self._theirs(newest, person)
        is_repeated = block is not None and new.id is not None and block.id == new.id
        if newest.state.admits(person):
            if block is None or not is_repeated:
                # First, since who writes as soon as the contact has ended would reopen it.
                block = self._begun(newest, person, new)
            if self._blocks.holds(block):
                self._end(person, new.contact_id)
        elif block is None or not (is_repeated or self._blocks.holds(block)):
            raise forbidden()
        return VisitorBlocked(contact_id=new.contact_id, visitor=block.visitor, until=ends(block))

    def _theirs(self, newest: Entry, seller: Principal) -> Block | None:
        """The visitor's block, if it is the seller's, in this contact: a first attempt may have come as far as that."""
        block = self._blocks.last(newest.state.visitor)
        is_theirs = block and (block.contact_id, block.seller_id) == (newest.contact_id, seller.user_id)
        return block if is_theirs else None

    def _begun(self, newest: Entry, seller: Principal, new: NewBlock) -> Block:
        return self._blocks.begin(
            newest.state.visitor,
            contact_id=new.contact_id,
            seller_id=seller.user_id,
            reason=new.reason,
            lasts=new.lasts,
            block_id=new.id,
        )

    def _end(self, seller: Principal, contact_id: str) -> None:
        try:
            # Without the connection that asked, so that it is told of the end, too: the answer does not number it.
            self._lifecycle.close(Command(Sender(seller), contact_id), "blocked")
        except ChatError as error:
            # It went to somebody else at this very moment, and the block holds none the less.
            if error.code is not Code.FORBIDDEN:
                raise

    def unblock(self, sender: Sender, visitor: str, since: str | None) -> VisitorUnblocked:
        """Lift the block of a visitor, by their reference, and if told by when it began; who is not blocked stays so.

        Raises `ChatError`: as `listed`.
        """
        self._require_of_the_shop(sender)
        self._blocks.lift(visitor, since)
        return VisitorUnblocked(visitor=visitor)

    def listed(self, sender: Sender, after: str | None) -> BlocksListed:
        """A page of the shop's blocks, newest first.

        Raises `ChatError`: `forbidden` for a visitor, `unknown_seller` for a seller who is not registered where they
        have to be, `try_again`.
        """
        self._require_of_the_shop(sender)
        blocks, last = self._blocks.listed(LISTED, after)
        views = [
            BlockView(
                visitor=block.visitor,
                contact_id=block.contact_id,
                seller_id=block.seller_id,
                reason=block.reason,
                since=block.since,
                until=ends(block),
            )
            for block in blocks
        ]
        shown = fitting(views)
        if len(shown) < len(views):
            last = blocks[len(shown) - 1].place
        return BlocksListed(blocks=shown, next=last or UNSET)

    def _require_of_the_shop(self, sender: Sender) -> None:
        # A token may outlive its seller's place in the shop, and no contact says here whose business it is.
        if not self._assignment.is_of_the_shop(_seller(sender).user_id):
            raise unregistered()


def _seller(sender: Sender) -> Principal:
    if sender.principal.role is not Role.SELLER:
        raise ChatError(Code.FORBIDDEN, "Only sellers block visitors.")
    return sender.principal
