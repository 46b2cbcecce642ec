"""From a frame to its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from msgspec import UNSET, Struct, UnsetType, structs

from chat.contacts import Command, NewBlock, Outgoing, Start
from chat.model.entries import Mark
from chat.model.errors import ChatError, Code, try_again
from chat.model.identity import Principal, Sender
from chat.model.metrics import Metric
from chat.model.timestamps import epoch_seconds
from chat.ports.shop import is_contact_id
from chat.protocol.fields import label_of, moment_of
from chat.protocol.frames import (
    KNOWN,
    BlockVisitor,
    CloseChat,
    Frame,
    Identify,
    Inbox,
    InitChat,
    ListBlocks,
    ListEarlier,
    ListNotes,
    ListReplies,
    Ping,
    Presence,
    ReadEarlier,
    Receipt,
    Search,
    SendMessage,
    ShareReply,
    SignOut,
    SnoozeContact,
    Sync,
    TagContact,
    TakeChat,
    Team,
    TransferChat,
    Typing,
    UnblockVisitor,
    WriteNote,
    decode_object,
    parse,
    recognised,
)
from chat.protocol.replies import (
    Pong,
    PresenceView,
    ack,
    encode,
    error_frame,
    handed_over,
    presence_noted,
    presence_view,
    started,
)
from chat.services import Services
from chat.team import Deferral, NewNote, Sharing, Tagging

_ABOUT_CONTACTS = frozenset({Code.TRY_AGAIN, Code.CONTACT_CLOSED, Code.CONTACT_EXPIRED})


class Dispatch:
    """Answers frames. Whatever comes in, what goes out is a frame of the protocol or nothing."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._clock = services.ports.runtime.clock
        self._journal = services.ports.runtime.journal
        self._answers: Mapping[type[Frame], Callable[[Any, Sender], Struct | None]] = {
            InitChat: self._start_chat,
            SendMessage: self._send_message,
            Identify: self._identify,
            Sync: self._sync,
            ListEarlier: self._list_earlier,
            ReadEarlier: self._read_earlier,
            Receipt: self._note_receipt,
            Typing: self._tell_typing,
            Inbox: self._list_inbox,
            Search: self._search,
            Presence: self._note_presence,
            CloseChat: self._close_chat,
            Team: self._list_team,
            TransferChat: self._transfer_chat,
            TakeChat: self._take_chat,
            WriteNote: self._write_note,
            ListNotes: self._list_notes,
            ListReplies: self._list_replies,
            ShareReply: self._share_reply,
            TagContact: self._tag_contact,
            SnoozeContact: self._snooze_contact,
            BlockVisitor: self._block_visitor,
            UnblockVisitor: self._unblock_visitor,
            ListBlocks: self._list_blocks,
            SignOut: self._sign_out,
            Ping: self._answer_ping,
        }

    def answer(
        self, body: str | bytes, sender: Sender, *, is_binary: bool = False, route: str | None = None
    ) -> bytes | None:
        """The answer to one WebSocket message as JSON; None where the protocol has none.

        `route` is the action that API Gateway read in it, and let it in by.
        """
        asked: dict[str, Any] | None = None
        try:
            asked = decode_object(body, is_binary=is_binary)
            self._require_session(sender.principal)
            self._services.floodgate.admit(sender)
            frame = parse(asked)
            _require_route(route, asked)
            reply = self._answers[type(frame)](frame, sender)
        except ChatError as error:
            asked = recognised(body) if asked is None else asked
            self._journal.note(
                "refused",
                code=error.code,
                action=_action(asked),
                contact_id=_contact(asked, error.code),
                connection_id=sender.connection_id,
            )
            if error.code is Code.TRY_AGAIN:
                self._count_failure(asked)
            self._services.floodgate.refused(error.code, sender)
            return encode(error_frame(error, asked))
        except Exception as error:  # noqa: BLE001 - nobody may ever see "Internal server error"
            self._journal.failed(
                "failed",
                error,
                action=_action(asked),
                contact_id=_contact(asked, Code.TRY_AGAIN),
                connection_id=sender.connection_id,
            )
            self._count_failure(asked)
            return encode(error_frame(try_again(), asked))
        return encode(reply) if reply is not None else None

    def _count_failure(self, asked: dict[str, Any] | None) -> None:
        if _action(asked) == "sendMessage":
            self._journal.measure({Metric.FAILED_SENDS: 1})

    def _require_session(self, principal: Principal) -> None:
        if principal.expires_at is not None and principal.expires_at <= epoch_seconds(self._clock.now()):
            raise ChatError(Code.SESSION_EXPIRED, "Your token has expired. Connect again with a new one.")

    def _announce(self, frame: Sync | Inbox, sender: Sender) -> None:
        # Before the read: what is stored from here on is pushed, what was stored before is read.
        if frame.announce:
            self._services.connecting.announced(sender)

    def _start_chat(self, frame: InitChat, sender: Sender) -> Struct:
        newest = self._services.starting.start(Start(sender, frame.sellerId, frame.userInfo))
        return started(newest, self._services.queue.place_of(newest))

    def _send_message(self, frame: SendMessage, sender: Sender) -> Struct:
        outgoing = Outgoing(
            sender=sender,
            text=frame.message,
            contact_id=frame.contact_id,
            to=frame.to,
            id=frame.id,
            base=frame.base,
        )
        return ack(frame.action, self._services.messaging.send(outgoing))

    def _identify(self, frame: Identify, sender: Sender) -> Struct:
        command = Command(sender, frame.contact_id, frame.id, frame.base)
        return ack(frame.action, self._services.messaging.identify(command, frame.userInfo))

    def _sync(self, frame: Sync, sender: Sender) -> Struct:
        self._announce(frame, sender)
        return self._services.reading.sync(sender.principal, frame.contact_id, frame.after, frame.limit)

    def _list_earlier(self, frame: ListEarlier, sender: Sender) -> Struct:
        return self._services.reading.earlier(sender.principal, frame.contact_id, frame.after)

    def _read_earlier(self, frame: ReadEarlier, sender: Sender) -> Struct:
        return self._services.reading.read_earlier(sender.principal, frame.contact_id, frame.earlier, frame.after)

    def _note_receipt(self, frame: Receipt, sender: Sender) -> None:
        mark = Mark(delivered=frame.delivered, read=frame.read)
        self._services.signals.receipt(sender, frame.contact_id, mark)

    def _tell_typing(self, frame: Typing, sender: Sender) -> None:
        mark = Mark(delivered=frame.delivered, read=frame.read)
        self._services.signals.typing(sender, frame.contact_id, mark, typing=frame.typing)

    def _list_inbox(self, frame: Inbox, sender: Sender) -> Struct:
        self._announce(frame, sender)
        # Before the lists: it may bring somebody who waits.
        noted = self._beaten(sender) if frame.beat else UNSET
        listed = self._services.reading.inbox(
            sender.principal,
            frame.status,
            frame.after,
            with_lines=frame.lines,
            with_tails=frame.tails,
            with_queue=frame.queued,
        )
        return structs.replace(listed, presence=noted)

    def _beaten(self, sender: Sender) -> PresenceView | UnsetType:
        """A heartbeat beside a list, which comes without it; who asks for it alone is told why there is none."""
        try:
            return presence_view(self._services.presence.beat(sender))
        except ChatError as error:
            if error.code not in {Code.UNKNOWN_SELLER, Code.TRY_AGAIN}:
                raise
            return UNSET

    def _search(self, frame: Search, sender: Sender) -> Struct:
        return self._services.searching.search(sender.principal, frame.query, frame.after)

    def _note_presence(self, frame: Presence, sender: Sender) -> Struct:
        return presence_noted(self._services.presence.beat(sender, frame.status))

    def _list_team(self, _frame: Team, sender: Sender) -> Struct:
        return self._services.colleagues.listed(sender)

    def _close_chat(self, frame: CloseChat, sender: Sender) -> Struct:
        command = Command(sender, frame.contact_id, frame.id, frame.base)
        return ack(frame.action, self._services.lifecycle.close(command), frame.id)

    def _transfer_chat(self, frame: TransferChat, sender: Sender) -> Struct:
        command = Command(sender, frame.contact_id, frame.id, frame.base)
        return handed_over(frame.action, self._services.lifecycle.transfer(command, frame.to), frame.id)

    def _take_chat(self, frame: TakeChat, sender: Sender) -> Struct:
        entry = self._services.waiting_line.take(sender, frame.contact_id, frame.id, frame.base)
        return ack(frame.action, entry, frame.id)

    def _write_note(self, frame: WriteNote, sender: Sender) -> Struct:
        return self._services.notes.add(sender, NewNote(frame.contact_id, frame.text, frame.id, frame.base))

    def _list_notes(self, frame: ListNotes, sender: Sender) -> Struct:
        return self._services.notes.listed(sender, frame.contact_id, frame.after)

    def _tag_contact(self, frame: TagContact, sender: Sender) -> Struct:
        wanted = Tagging(frame.contact_id, label_of(frame.add, "add"), label_of(frame.remove, "remove"))
        return self._services.tags.change(sender, wanted)

    def _snooze_contact(self, frame: SnoozeContact, sender: Sender) -> Struct:
        wanted = Deferral(
            frame.contact_id,
            until=moment_of(frame.until, "until"),
            ends=moment_of(frame.ends, "ends"),
            id=frame.id,
            base=frame.base,
        )
        return self._services.snoozing.change(sender, wanted)

    def _list_replies(self, _frame: ListReplies, sender: Sender) -> Struct:
        return self._services.replies.listed(sender)

    def _share_reply(self, frame: ShareReply, sender: Sender) -> Struct:
        wanted = Sharing(frame.id, frame.base, label_of(frame.name, "name"), frame.text)
        return self._services.replies.share(sender, wanted)

    def _block_visitor(self, frame: BlockVisitor, sender: Sender) -> Struct:
        lasts = timedelta(minutes=frame.minutes)
        wanted = NewBlock(frame.contact_id, lasts, frame.reason, frame.id)
        return self._services.blocking.block(sender, wanted)

    def _unblock_visitor(self, frame: UnblockVisitor, sender: Sender) -> Struct:
        return self._services.blocking.unblock(sender, frame.visitor, frame.since)

    def _list_blocks(self, frame: ListBlocks, sender: Sender) -> Struct:
        return self._services.blocking.listed(sender, frame.after)

    def _sign_out(self, _frame: SignOut, sender: Sender) -> None:
        self._services.sessions.sign_out(sender)

    def _answer_ping(self, _frame: Ping, _sender: Sender) -> Struct:
        return Pong()


def _contact(asked: dict[str, Any] | None, code: Code) -> str | None:
    """Which contact a frame was about, for the journal; None where its id may be what is wrong."""
    contact_id = (asked or {}).get("contact_id")
    return contact_id if code in _ABOUT_CONTACTS and is_contact_id(contact_id) else None


def _action(asked: dict[str, Any] | None) -> str | None:
    """The action for the journal; an unknown one could be anything that a client sent."""
    action = (asked or {}).get("action")
    return action if isinstance(action, str) and action in KNOWN else None


def _require_route(route: str | None, asked: dict[str, Any]) -> None:
    # Which of two equal names in an object holds is nowhere said (RFC 8259, section 4).
    if route is not None and asked["action"] != route:
        raise ChatError(Code.BAD_FRAME, "Send one 'action', not several.")
