"""What clients receive: the outbound frames of docs/protocol.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from chat.model.entries import Entry, EntryKind, Json, Mark, Status
from chat.model.errors import ChatError, Code
from chat.model.identity import Role, alias_of
from chat.model.sellers import Availability, Seller, SharedReply

if TYPE_CHECKING:
    # Frames are refused by functions that read no contact.
    from collections.abc import Sequence

    from chat.model.inbox import Line, Listing, Snooze
    from chat.ports.conversations import Excerpt, Note

MAX_PAGE_BYTES = 28 * 1024
"""An answer stays below API Gateway's 32 KB WebSocket frame."""
_ENVELOPE_BYTES = 1024
LONGEST_LINE = 120
"""Of a message as a list shows it, in characters."""

Listed = TypeVar("Listed", bound=Struct)


class EntryView(Struct, frozen=True, omit_defaults=True):
    """An entry as its participants see it."""

    seq: int
    kind: EntryKind
    sender: str = msgspec.field(name="from")
    timestamp: str
    id: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    seller_id: str | UnsetType = UNSET
    user_info: dict[str, Any] | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class Reply(Struct, frozen=True, tag_field="action", omit_defaults=True):
    """What every outbound frame has in common."""


class QueueView(Struct, frozen=True):
    """Where a waiting visitor stands; `out_of_hours` if nobody works at this hour."""

    position: int
    out_of_hours: bool


class ChatStarted(Reply, frozen=True, tag="InitChat"):
    """The answer to InitChat, with all that the document's widget stores."""

    contact_id: str
    message: str
    device_id: str
    alias: str
    status: Status
    seq: int
    seller_id: str
    queue: QueueView | UnsetType = UNSET


class QueuePushed(Reply, frozen=True, tag="queue"):
    """A waiting visitor's place, from 1."""

    contact_id: str
    position: int


class PresenceView(Struct, frozen=True):
    """Whether a seller is there, and what they carry."""

    status: Availability
    open_count: int
    capacity: int


class PresenceNoted(Reply, PresenceView, frozen=True, tag="presence"):
    """The answer to presence."""


class Colleague(Struct, frozen=True):
    """A seller as the others of the team see them; `status` is `offline` for one who was not heard of lately."""

    seller_id: str
    name: str
    status: Availability
    open_count: int
    capacity: int


class TeamOutlook(Struct, frozen=True):
    """What a contact can expect of a team: how many are there, and how many more contacts those can carry."""

    team: str
    there: int
    room: int


class TeamListed(Reply, frozen=True, tag="team"):
    """The answer to team; `teams` are those that a contact can be handed to."""

    team: str
    sellers: list[Colleague]
    teams: list[TeamOutlook]


class Message(Reply, frozen=True, tag="sendMessage"):
    """A message on its way to the other side."""

    sender: str = msgspec.field(name="from")
    message: str
    timestamp: str
    id: str
    seq: int
    contact_id: str
    type: Literal["message"] | UnsetType = UNSET


class Pushed(Reply, frozen=True, tag="entry"):
    """Any other entry, or the sender's message on their other devices. Has no `message` key on its outside."""

    contact_id: str
    entry: EntryView
    before: list[EntryView] | UnsetType = UNSET


class Ack(Reply, frozen=True, tag="ack"):
    """What was asked for is stored."""

    of: str
    contact_id: str
    seq: int
    id: str | UnsetType = UNSET
    timestamp: str | UnsetType = UNSET


class HandedOver(Ack, frozen=True, kw_only=True, tag="ack"):
    """Who answers a contact from now on that was handed over; nobody while it is `queued`."""

    status: Status
    seller_id: str | None


class FirstAck(Ack, frozen=True, kw_only=True, tag="ack"):
    """What whoever named nobody said is stored, and this is who they are from now on."""

    device_id: str


class MarkView(Struct, frozen=True):
    """One side's marks."""

    delivered: int
    read: int


class Gap(Struct, frozen=True):
    """Numbers that cannot be had: `expired`, or `unknown_cursor` for a fresh start."""

    first: int = msgspec.field(name="from")
    last: int = msgspec.field(name="to")
    reason: Literal["expired", "unknown_cursor"]


class Synced(Reply, frozen=True, tag="sync"):
    """What follows a cursor."""

    contact_id: str
    after: int
    entries: list[EntryView]
    more: bool
    tail: int | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    marks: dict[Role, MarkView] | UnsetType = UNSET
    gap: Gap | UnsetType = UNSET


class EarlierView(Struct, frozen=True, omit_defaults=True):
    """A contact that ended: who had it last, what the visitor was called, and what they said first, cut off."""

    contact_id: str
    opened_at: str
    since: str
    seller_id: str | None
    name: str
    message: str | UnsetType = UNSET


class EarlierListed(Reply, frozen=True, tag="earlier"):
    """The answer to earlier."""

    contact_id: str
    contacts: list[EarlierView]
    next: str | UnsetType = UNSET

    @classmethod
    def of(cls, contact_id: str, contacts: Sequence[EarlierView], *, after: str | None) -> EarlierListed:
        """What the visitor of a contact had before, and where to go on."""
        return cls(contact_id=contact_id, contacts=list(contacts), next=after or UNSET)


class EarlierRead(Reply, frozen=True, tag="readEarlier"):
    """The answer to readEarlier."""

    contact_id: str
    earlier: str
    after: int
    entries: list[EntryView]
    more: bool


class ReceiptPushed(Reply, frozen=True, tag="receipt"):
    """How far one side has come."""

    contact_id: str
    sender: Role = msgspec.field(name="from")
    delivered: int
    read: int


class TypingPushed(Reply, frozen=True, tag="typing"):
    """One side is writing, or stopped; with its marks if they have risen."""

    contact_id: str
    sender: Role = msgspec.field(name="from")
    typing: bool
    delivered: int | UnsetType = UNSET
    read: int | UnsetType = UNSET


class LineView(Struct, frozen=True, omit_defaults=True):
    """What was said last in a contact, and who waits there."""

    name: str
    tail: int
    timestamp: str
    read: int
    unread: int
    answered: bool
    sender: str | UnsetType = msgspec.field(name="from", default=UNSET)
    message: str | UnsetType = UNSET
    waits_since: str | UnsetType = UNSET


class SnoozeView(Struct, frozen=True):
    """Until when a contact is put away, and the last entry that its seller had then."""

    until: str
    seq: int


class InboxItem(Struct, frozen=True, omit_defaults=True):
    """A contact in an inbox; where the tails were asked for, with what tells whether there is something to read."""

    contact_id: str
    status: Status
    since: str
    opened_at: str
    seller_id: str | None
    line: LineView | UnsetType = UNSET
    tail: int | UnsetType = UNSET
    marks: dict[Role, MarkView] | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    snooze: SnoozeView | UnsetType = UNSET


class InboxPage(Struct, frozen=True, omit_defaults=True):
    """Some of a list; `next` if there are more."""

    contacts: list[InboxItem]
    next: str | UnsetType = UNSET


class InboxListed(Reply, frozen=True, tag="inbox"):
    """The answer to inbox, and to what was asked along with it."""

    status: Status
    contacts: list[InboxItem]
    next: str | UnsetType = UNSET
    queued: InboxPage | UnsetType = UNSET
    presence: PresenceView | UnsetType = UNSET


class Found(Struct, frozen=True):
    """A contact in which something was found, and the entry: who wrote it, when, and its text around the first word."""

    contact_id: str
    status: Status
    since: str
    opened_at: str
    seller_id: str | None
    name: str
    seq: int
    timestamp: str
    sender: str = msgspec.field(name="from")
    text: str


class SearchFound(Reply, frozen=True, tag="search"):
    """The answer to search."""

    query: str
    found: list[Found]
    searched_to: str | UnsetType = UNSET
    next: str | UnsetType = UNSET

    @classmethod
    def of(cls, query: str, found: Sequence[Found], *, searched_to: str | None, after: str | None) -> SearchFound:
        """What was found, down to a contact that ended or came then, and where to go on."""
        return cls(query=query, found=list(found), searched_to=searched_to or UNSET, next=after or UNSET)


class QueueChanged(Reply, frozen=True, tag="waiting"):
    """A contact that began or ceased to wait, as it is listed now, and how far its log has come."""

    contact_id: str
    status: Status
    since: str
    opened_at: str
    seller_id: str | None
    seq: int


class NoteView(Struct, frozen=True):
    """A note of a seller."""

    seq: int
    id: str
    sender: str = msgspec.field(name="from")
    timestamp: str
    text: str


class NotePushed(Reply, frozen=True, tag="note"):
    """A note that is kept: the answer to note, and what the seller's other devices are told."""

    contact_id: str
    note: NoteView


class NotesListed(Reply, frozen=True, tag="notes"):
    """The answer to notes."""

    contact_id: str
    after: int
    notes: list[NoteView]
    more: bool


class ReplyView(Struct, frozen=True):
    """A reply that a team shares."""

    id: str
    name: str
    text: str


class SharedView(Struct, frozen=True):
    """All that a team shares."""

    team: str
    version: int
    replies: list[ReplyView]


class RepliesListed(Reply, SharedView, frozen=True, tag="replies"):
    """The answer to replies."""


class ReplyShared(Reply, SharedView, frozen=True, tag="shareReply"):
    """The answer to shareReply: what there is then."""

    id: str


class VisitorBlocked(Reply, frozen=True, tag="blockVisitor"):
    """The answer to blockVisitor."""

    contact_id: str
    visitor: str
    until: str


class VisitorUnblocked(Reply, frozen=True, tag="unblockVisitor"):
    """The answer to unblockVisitor."""

    visitor: str


class Tagged(Reply, frozen=True, tag="tag"):
    """All tags of a contact: the answer to tag, and what the seller's other devices are told."""

    contact_id: str
    tags: list[str]


class Snoozed(Reply, frozen=True, tag="snooze"):
    """Until when a contact is put away, if it is: the answer to snooze, and what the seller's other devices hear."""

    contact_id: str
    until: str | UnsetType = UNSET
    seq: int | UnsetType = UNSET


class BlockView(Struct, frozen=True):
    """A visitor whom a seller has blocked, by the reference, and the contact that they had then."""

    visitor: str
    contact_id: str
    seller_id: str
    reason: str
    since: str
    until: str


class BlocksListed(Reply, frozen=True, tag="blocks"):
    """The answer to blocks."""

    blocks: list[BlockView]
    next: str | UnsetType = UNSET


class Ticket(Struct, frozen=True):
    """A ticket and for how many seconds it is good."""

    ticket: str
    expires_in: int


class Counted(Struct, frozen=True):
    """A report was counted; there is nothing to say of it."""


class Pong(Reply, frozen=True, tag="pong"):
    """The answer to ping."""


class ErrorFrame(Reply, frozen=True, tag="error"):
    """What is wrong and what to do."""

    code: Code
    reason: str
    of: str | UnsetType = UNSET
    id: str | UnsetType = UNSET
    field: str | UnsetType = UNSET
    retry_after_ms: int | UnsetType = UNSET
    contact_id: str | UnsetType = UNSET


def encode(reply: Struct) -> bytes:
    """A frame as JSON."""
    return msgspec.json.encode(reply)


def view(entry: Entry) -> EntryView:
    """An entry without what only the back end may know."""
    seller = entry.details.get("seller_id")
    info = entry.details.get("user_info")
    reason = entry.details.get("reason")
    return EntryView(
        seq=entry.seq,
        kind=entry.kind,
        sender=entry.sender,
        timestamp=entry.at,
        id=entry.id,
        message=UNSET if entry.text is None else entry.text,
        seller_id=seller if isinstance(seller, str) else UNSET,
        user_info=info if isinstance(info, dict) else UNSET,
        reason=reason if isinstance(reason, str) else UNSET,
    )


def pushed(entry: Entry, before: Sequence[Entry] = ()) -> Pushed:
    """An entry for those who are told of it, but did not get it as a message, with those right `before` it."""
    return Pushed(contact_id=entry.contact_id, entry=view(entry), before=[view(each) for each in before] or UNSET)


def message(entry: Entry) -> Message:
    """A message entry for the other side."""
    return Message(
        type="message",
        sender=entry.sender,
        message=entry.text or "",
        timestamp=entry.at,
        id=entry.id,
        seq=entry.seq,
        contact_id=entry.contact_id,
    )


def started(newest: Entry, place: QueueView | None = None) -> ChatStarted:
    """The answer to InitChat, out of the newest entry of the contact."""
    state = newest.state
    return ChatStarted(
        contact_id=newest.contact_id,
        message="Chat initialized successfully",
        device_id=state.visitor,
        alias=alias_of(newest.contact_id),
        status=state.status,
        seq=newest.seq,
        seller_id=state.seller or state.requested,
        queue=UNSET if place is None else place,
    )


def ack(of: str, entry: Entry, asked_id: str | None = None) -> Ack:
    """The acknowledgement of an entry under the id that the client gave its frame.

    Where nothing had to be written, the entry is somebody else's and has another id.
    """
    return Ack(of=of, contact_id=entry.contact_id, seq=entry.seq, id=asked_id or entry.id, timestamp=entry.at)


def handed_over(of: str, entry: Entry, asked_id: str | None = None) -> HandedOver:
    """The acknowledgement of a hand-over, to a team above all: who it was that got the contact."""
    given = ack(of, entry, asked_id)
    return HandedOver(**msgspec.structs.asdict(given), status=entry.state.status, seller_id=entry.state.seller)


def first_ack(given: Ack, device: str) -> FirstAck:
    """The acknowledgement that also gives its caller the device id with which they go on."""
    return FirstAck(**msgspec.structs.asdict(given), device_id=device)


def marks_of(excerpt: Excerpt) -> dict[Role, MarkView]:
    """Both sides' marks."""
    return {role: mark_view(excerpt.mark(role)) for role in Role}


def mark_view(mark: Mark) -> MarkView:
    """A mark as it is sent."""
    return MarkView(delivered=mark.delivered, read=mark.read)


def inbox_item(
    listing: Listing,
    line: Line | None = None,
    end: Excerpt | None = None,
    tags: Sequence[str] = (),
    *,
    snooze: Snooze | None = None,
) -> InboxItem:
    """A contact as its seller sees it listed; with the `end` of its log how far that goes, and the marks."""
    newest = end.newest if end else None
    return InboxItem(
        contact_id=listing.contact_id,
        status=listing.status,
        since=listing.since,
        opened_at=listing.opened_at,
        seller_id=listing.seller,
        tail=newest.seq if newest else UNSET,
        marks=marks_of(end) if end and newest else UNSET,
        line=line_view(line) if line else UNSET,
        tags=list(tags) or UNSET,
        snooze=SnoozeView(until=snooze.until, seq=snooze.seq) if snooze else UNSET,
    )


def snoozed(contact_id: str, snooze: Snooze | None) -> Snoozed:
    """Until when a contact is put away, if it is."""
    if snooze is None:
        return Snoozed(contact_id=contact_id)
    return Snoozed(contact_id=contact_id, until=snooze.until, seq=snooze.seq)


def line_view(line: Line) -> LineView:
    """A line as it is sent."""
    message = line.message
    return LineView(
        name=line.name,
        tail=line.tail,
        timestamp=line.at,
        read=line.read,
        unread=line.unread,
        answered=line.is_answered,
        sender=message.sender if message else UNSET,
        message=(message.text or "")[:LONGEST_LINE] if message else UNSET,
        waits_since=line.waits_since or UNSET,
    )


def earlier_view(listing: Listing, newest: Entry, first: Entry | None) -> EarlierView:
    """A contact that ended, as a list of what a visitor had before shows it."""
    return EarlierView(
        contact_id=listing.contact_id,
        opened_at=listing.opened_at,
        since=listing.since,
        seller_id=listing.seller,
        name=newest.state.talk.name if newest.state.talk else "",
        message=(first.text or "")[:LONGEST_LINE] if first else UNSET,
    )


def search_found(listing: Listing, entry: Entry, text: str) -> Found:
    """A contact with the entry in which something was found."""
    return Found(
        contact_id=listing.contact_id,
        status=listing.status,
        since=listing.since,
        opened_at=listing.opened_at,
        seller_id=listing.seller,
        name=entry.state.talk.name if entry.state.talk else "",
        seq=entry.seq,
        timestamp=entry.at,
        sender=entry.sender,
        text=text,
    )


def queue_changed(listing: Listing, newest: Entry) -> QueueChanged:
    """What a team is told of a contact that waited for it, or does so from now on."""
    return QueueChanged(
        contact_id=listing.contact_id,
        status=listing.status,
        since=listing.since,
        opened_at=listing.opened_at,
        seller_id=listing.seller,
        seq=newest.seq,
    )


def note_view(note: Note) -> NoteView:
    """A note as sellers see it."""
    return NoteView(seq=note.seq, id=note.id, sender=note.seller_id, timestamp=note.at, text=note.text)


def reply_view(reply: SharedReply) -> ReplyView:
    """A shared reply as sellers see it."""
    return ReplyView(id=reply.id, name=reply.name, text=reply.text)


def fitting(views: list[Listed], beside: Sequence[Struct] = ()) -> list[Listed]:
    """As many as fit into one frame with what else is in it, and at least one."""
    found: list[Listed] = []
    size = _ENVELOPE_BYTES + len(msgspec.json.encode(beside))
    for each in views:
        size += len(msgspec.json.encode(each)) + 1
        if found and size > MAX_PAGE_BYTES:
            break
        found.append(each)
    return found


def room_after(views: list[Listed]) -> int:
    """How many more fit into the frame of `views`, if they are as large as these are."""
    size = sum(len(msgspec.json.encode(each)) + 1 for each in views)
    return max(0, (MAX_PAGE_BYTES - _ENVELOPE_BYTES - size) * len(views) // size)


def presence_view(seller: Seller) -> PresenceView:
    """What a seller is told of themselves inside another answer."""
    return PresenceView(status=seller.availability, open_count=seller.open_count, capacity=seller.capacity)


def presence_noted(seller: Seller) -> PresenceNoted:
    """The same as a frame, for all devices of the seller."""
    return PresenceNoted(**msgspec.structs.asdict(presence_view(seller)))


def error_frame(error: ChatError, asked: dict[str, Json] | None = None) -> ErrorFrame:
    """An error as an answer to `asked`, from which it repeats what lets the client tell which frame is meant."""
    echoed = {name: value for name in ("id", "contact_id") if (value := _short(asked, name)) is not None}
    return ErrorFrame(
        code=error.code,
        reason=error.reason,
        of=_short(asked, "action") or UNSET,
        field=error.field or UNSET,
        retry_after_ms=UNSET if error.retry_after_ms is None else error.retry_after_ms,
        **echoed,
    )


def _short(asked: dict[str, Json] | None, name: str) -> str | None:
    value = (asked or {}).get(name)
    return value if isinstance(value, str) and len(value) <= 64 else None
