"""What clients send: the inbound frames of docs/protocol.md, decoded and checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar

import msgspec
from msgspec import Meta, Struct

from chat.model.entries import Status
from chat.model.errors import ChatError, Code
from chat.model.sellers import Availability
from chat.protocol.fields import (
    Addressee,
    ContactId,
    Details,
    Label,
    MessageId,
    Moment,
    NoteText,
    Query,
    Reason,
    Reference,
    Seq,
    Text,
    UserId,
    check_details,
    complaint,
)

MAX_FRAME_BYTES = 16 * 1024
"""Half of API Gateway's 32 KB WebSocket frame, so that an answer that repeats a text still fits into one frame."""
MAX_PAGE = 100
LONGEST_BLOCK_MINUTES = 366 * 24 * 60

# When something began, as we say it, and the id of its contact.
_AT = r"[0-9T:.-]{23}Z/[A-Za-z0-9._:-]{1,64}"
_PLACE = rf"{_AT}$(?!\n)"
# How a contact stands there comes first.
InboxCursor = Annotated[str, Meta(pattern=rf"^~{{0,2}}{_PLACE}")]
SearchCursor = Annotated[str, Meta(pattern=rf"^(?:open|closed)/[0-9]{{1,12}}/(?:{_AT})?$(?!\n)")]
BlocksCursor = Annotated[str, Meta(pattern=f"^{_PLACE}")]


class Frame(Struct, frozen=True):
    """What every inbound frame has in common."""

    action: ClassVar[str]
    is_answered: ClassVar[bool] = True
    """False where nobody waits for an answer: only what is wrong is said."""


class InitChat(Frame, frozen=True):
    """Start a chat, or come back to the one that is open."""

    action = "InitChat"
    sellerId: UserId  # noqa: N815 - the name on the wire
    userInfo: Details  # noqa: N815


class SendMessage(Frame, frozen=True):
    """Say something; exactly once, if `id` and `base` are sent."""

    action = "sendMessage"
    message: Text
    to: Addressee | None = None
    contact_id: ContactId | None = None
    id: MessageId | None = None
    base: Seq | None = None


class Identify(Frame, frozen=True):
    """Tell the seller more of the visitor, while the chat goes on."""

    action = "identify"
    contact_id: ContactId
    userInfo: Details  # noqa: N815
    id: MessageId | None = None
    base: Seq | None = None


class Sync(Frame, frozen=True):
    """Ask for what follows a cursor."""

    action = "sync"
    contact_id: ContactId
    after: Seq
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = MAX_PAGE
    announce: bool = False


class ListEarlier(Frame, frozen=True):
    """List what the visitor of a contact had before."""

    action = "earlier"
    contact_id: ContactId
    after: ContactId | None = None


class ReadEarlier(Frame, frozen=True):
    """Read one of them."""

    action = "readEarlier"
    contact_id: ContactId
    earlier: ContactId
    after: Seq = 0


class Receipt(Frame, frozen=True):
    """Report what arrived and what was seen."""

    action = "receipt"
    is_answered = False
    contact_id: ContactId
    delivered: Seq = 0
    read: Seq = 0


class Typing(Frame, frozen=True):
    """Tell the other side that one is writing; with what a receipt would say, which then needs no frame of its own."""

    action = "typing"
    is_answered = False
    contact_id: ContactId
    typing: bool = True
    delivered: Seq = 0
    read: Seq = 0


class Inbox(Frame, frozen=True):
    """List the seller's contacts; in the same frame the queue and a heartbeat, which need none of their own then."""

    action = "inbox"
    status: Status = Status.OPEN
    after: InboxCursor | None = None
    announce: bool = False
    lines: bool = False
    tails: bool = False
    queued: bool = False
    beat: bool = False


class Search(Frame, frozen=True):
    """Find something in the seller's own contacts."""

    action = "search"
    query: Query
    after: SearchCursor | None = None


class Presence(Frame, frozen=True):
    """Say whether one is there; without a status the heartbeat that keeps it true, and the question what it is."""

    action = "presence"
    status: Availability | None = None


class Team(Frame, frozen=True):
    """List the seller's team."""

    action = "team"


class TransferChat(Frame, frozen=True):
    """Hand a contact to another seller."""

    action = "transferChat"
    contact_id: ContactId
    to: UserId
    id: MessageId | None = None
    base: Seq | None = None


class TakeChat(Frame, frozen=True):
    """Take a contact out of the queue."""

    action = "takeChat"
    contact_id: ContactId
    id: MessageId | None = None
    base: Seq | None = None


class CloseChat(Frame, frozen=True):
    """End a conversation."""

    action = "closeChat"
    contact_id: ContactId
    id: MessageId | None = None
    base: Seq | None = None


class WriteNote(Frame, frozen=True):
    """Write something about a contact for the other sellers."""

    action = "note"
    contact_id: ContactId
    text: NoteText
    id: MessageId | None = None
    base: Seq | None = None


class ListNotes(Frame, frozen=True):
    """List the notes about a contact."""

    action = "notes"
    contact_id: ContactId
    after: Seq = 0


class TagContact(Frame, frozen=True):
    """Add a tag to a contact, take one away, or ask which there are."""

    action = "tag"
    contact_id: ContactId
    add: Label | None = None
    remove: Label | None = None


class SnoozeContact(Frame, frozen=True):
    """Put an open contact away until a time, end that, or ask what is."""

    action = "snooze"
    contact_id: ContactId
    until: Moment | None = None
    ends: Moment | None = None
    id: MessageId | None = None
    base: Seq | None = None


class ListReplies(Frame, frozen=True):
    """List the replies that the seller's team shares."""

    action = "replies"


class ShareReply(Frame, frozen=True):
    """Add one, change it, or without a text take it away."""

    action = "shareReply"
    id: MessageId
    base: Seq
    name: Label | None = None
    text: NoteText | None = None


class BlockVisitor(Frame, frozen=True):
    """End a conversation, and let its visitor open none for a while."""

    action = "blockVisitor"
    contact_id: ContactId
    minutes: Annotated[int, Meta(ge=1, le=LONGEST_BLOCK_MINUTES)]
    reason: Reason
    id: MessageId | None = None


class UnblockVisitor(Frame, frozen=True):
    """Lift a block."""

    action = "unblockVisitor"
    visitor: Reference
    since: Moment | None = None


class ListBlocks(Frame, frozen=True):
    """List the shop's blocks."""

    action = "blocks"
    after: BlocksCursor | None = None


class Ping(Frame, frozen=True):
    """Keep the connection from going idle."""

    action = "ping"


class SignOut(Frame, frozen=True):
    """End the seller's sessions on all devices."""

    action = "signOut"


_FRAMES: tuple[type[Frame], ...] = (
    InitChat, SendMessage, Identify, Sync, Receipt, Typing, Inbox, Presence, Team, TransferChat, TakeChat, CloseChat,
    ListEarlier, ReadEarlier, Search, WriteNote, ListNotes, TagContact, SnoozeContact, ListReplies, ShareReply,
    BlockVisitor, UnblockVisitor, ListBlocks, SignOut, Ping,
)  # fmt: skip
KNOWN: Mapping[str, type[Frame]] = {frame.action: frame for frame in _FRAMES} | {"initiateChat": InitChat}
UNANSWERED = frozenset(frame.action for frame in _FRAMES if not frame.is_answered)
Known = TypeVar("Known", bound=Struct)

_NAMES = ("action", "id", "contact_id")
_FIELD = re.compile(r"`\$\.([A-Za-z_]+)")
_MISSING = re.compile(r"missing required field `(\w+)`")
_COMPLAINT_END = re.compile(r" - at `.*$")


def decode(body: str | bytes, *, is_binary: bool = False) -> Frame:
    """The frame in a WebSocket message. Raises `ChatError` that names what is wrong."""
    return parse(decode_object(body, is_binary=is_binary))


def decode_object(body: str | bytes, *, is_binary: bool = False) -> dict[str, Any]:
    """The JSON object in a body. Raises `ChatError`."""
    if is_binary:
        raise ChatError(Code.BAD_FRAME, "Send text, not binary data.")
    size = len(body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass"))
    if size > MAX_FRAME_BYTES:
        raise ChatError(Code.TOO_LARGE, f"At most {MAX_FRAME_BYTES} bytes are taken; these are {size}.")
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ChatError(Code.BAD_FRAME, "This is not JSON. Send one JSON object.") from error
    if not isinstance(value, dict):
        raise ChatError(Code.BAD_FRAME, "Send one JSON object, not another JSON value.")
    return value


def recognised(body: str | bytes) -> dict[str, Any]:
    """What tells which frame was meant, as far as it can be made out of a body that `decode_object` refuses.

    A sender who is not told which message is refused would repeat it for ever.
    """
    try:
        # Unlike JSON for interchange (RFC 8259, section 8.2), this takes halves of characters for text.
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    named = value if isinstance(value, dict) else {}
    return {name: text for name in _NAMES if isinstance(text := named.get(name), str) and _is_utf_8(text)}


def parse(value: dict[str, Any]) -> Frame:
    """The frame that a JSON object stands for. Raises `ChatError`."""
    action = value.get("action")
    if action is None:
        raise ChatError(Code.MISSING_FIELD, "A frame needs an 'action'.", field="action")
    shape = KNOWN.get(action) if isinstance(action, str) else None
    if shape is None:
        raise ChatError(Code.UNKNOWN_ACTION, f"No such 'action'. There are: {', '.join(sorted(KNOWN))}.")
    return convert(value, shape, action)


def convert(value: dict[str, Any], shape: type[Known], name: str) -> Known:
    """`value` in a `shape`, with null taken for absent. Raises `ChatError` that names the field."""
    present = {key: _whole(item) for key, item in value.items() if item is not None}
    try:
        converted = msgspec.convert(present, shape)
    except msgspec.ValidationError as error:
        raise _complaint(str(error), present, name) from error
    except UnicodeError as error:
        # JSON cannot bring one in, but a query string can.
        field = next((key for key, item in present.items() if isinstance(item, str) and not _is_utf_8(item)), None)
        raise ChatError(Code.BAD_FIELD, f"{name}: '{field}' is no UTF-8.", field=field) from error
    if isinstance(info := present.get("userInfo"), dict):
        check_details(info)
    return converted


def _whole(item: Any) -> Any:
    # JSON has one kind of number (RFC 8259), and some languages write every one with a fraction.
    return int(item) if isinstance(item, float) and item.is_integer() else item


def _is_utf_8(text: str) -> bool:
    return text.encode(errors="ignore").decode() == text


def _complaint(error: str, value: dict[str, Any], name: str) -> ChatError:
    if missing := _MISSING.search(error):
        return ChatError(Code.MISSING_FIELD, f"{name} needs '{missing[1]}'.", field=missing[1])
    found = _FIELD.search(error)
    name_of_field = found[1] if found else "action"
    if in_words := complaint(name_of_field, value.get(name_of_field)):
        return in_words
    return ChatError(
        Code.BAD_FIELD, f"{name}: '{name_of_field}' is wrong: {_COMPLAINT_END.sub('', error)}.", field=name_of_field
    )
