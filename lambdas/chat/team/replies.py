"""Replies that the sellers of a team share: a short list, changed by each of them, and never in anybody else's way."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from chat.log import ATTEMPTS
from chat.model.errors import ChatError, Code, try_again, unregistered
from chat.model.identity import Role, Sender
from chat.model.sellers import SharedReplies, SharedReply
from chat.ports.errors import NumberTakenError, asking_to_retry
from chat.ports.machine import Pause
from chat.ports.sellers import SellerStore
from chat.protocol.replies import RepliesListed, ReplyShared, ReplyView, reply_view

MOST_REPLIES = 50
"""How many replies a team shares at most."""

MOST_BYTES = 20 * 1024
"""How long all of them are at most as JSON, so that one frame brings them."""


@dataclass(frozen=True)
class Sharing:
    """A reply as it is to be, under the id that its first writer gave it; without a text it is to be gone.

    `base` is the version of the list that the seller has.
    """

    id: str
    base: int
    name: str | None = None
    text: str | None = None


class Replies:
    """Keeps shared replies. A change of what somebody else has changed since its `base` is refused."""

    def __init__(self, *, sellers: SellerStore, pause: Pause) -> None:
        self._sellers = sellers
        self._pause = pause

    def listed(self, sender: Sender) -> RepliesListed:
        """All that the seller's team shares.

        Raises `ChatError`: `forbidden` for a visitor, `unknown_seller` for a seller who is not registered, `try_again`.
        """
        team = self._team_of(sender)
        with asking_to_retry():
            found = self._sellers.replies(team)
        return RepliesListed(team=team, version=found.version, replies=_views(found))

    def share(self, sender: Sender, wanted: Sharing) -> ReplyShared:
        """Add a reply, change it or take it away; all that there are then. A repetition changes nothing.

        Raises `ChatError`: as `listed`, `missing_field` for a text without a name, `bad_field` where somebody changed
        it after `base`, `too_large` for one too many, or for too much.
        """
        if wanted.text is not None and wanted.name is None:
            raise ChatError(Code.MISSING_FIELD, "shareReply needs 'name' where there is a text.", field="name")
        team = self._team_of(sender)
        for attempt in range(ATTEMPTS):
            with asking_to_retry():
                before = self._sellers.replies(team)
            after = _changed(before, wanted)
            if after is before:
                return _shared(team, wanted, before)
            try:
                with asking_to_retry():
                    self._sellers.keep_replies(team, after)
            except NumberTakenError:
                self._pause.after_attempt(attempt)
            else:
                return _shared(team, wanted, after)
        raise try_again(retry_after_ms=1000)

    def _team_of(self, sender: Sender) -> str:
        if sender.principal.role is not Role.SELLER:
            raise ChatError(Code.FORBIDDEN, "Only sellers share replies.")
        with asking_to_retry():
            seller = self._sellers.get(sender.principal.user_id)
        if seller is None:
            raise unregistered()
        return seller.team


def _shared(team: str, wanted: Sharing, replies: SharedReplies) -> ReplyShared:
    return ReplyShared(id=wanted.id, team=team, version=replies.version, replies=_views(replies))


def _views(replies: SharedReplies) -> list[ReplyView]:
    return [reply_view(each) for each in replies.all]


def _changed(before: SharedReplies, wanted: Sharing) -> SharedReplies:
    """The list with a reply as it is wanted; itself, where it is so already."""
    known = next((each for each in before.all if each.id == wanted.id), None)
    if _is_so(known, wanted):
        return before
    # What is not there may have been taken away; and a number to come is of another team's list, or of a lost one.
    if not (known.version if known else before.removed_in) <= wanted.base <= before.version:
        raise ChatError(
            Code.BAD_FIELD,
            "Somebody has changed the replies since 'base'. Read them, and change what is there then.",
            field="base",
        )
    if wanted.name is None or wanted.text is None:
        return before.without(wanted.id)
    after = before.having(wanted.id, wanted.name, wanted.text)
    if len(after.all) > MOST_REPLIES or _bytes(after) > MOST_BYTES:
        raise ChatError(
            Code.TOO_LARGE,
            f"A team shares at most {MOST_REPLIES} replies, and {MOST_BYTES} bytes in all. Take one away first.",
            field="text",
        )
    return after


def _is_so(known: SharedReply | None, wanted: Sharing) -> bool:
    if known is None or wanted.text is None:
        return known is None and wanted.text is None
    return (known.name, known.text) == (wanted.name, wanted.text)


def _bytes(replies: SharedReplies) -> int:
    return len(msgspec.json.encode(_views(replies)))
