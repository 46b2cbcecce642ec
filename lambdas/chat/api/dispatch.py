"""From a frame to its answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatchmethod
from typing import Any

from msgspec import Struct

from chat import team
from chat.connections.connecting import Connecting
from chat.connections.delivery import Delivery
from chat.connections.sessions import Sessions
from chat.contacts import Attending, Lifecycle, Messaging, Move, Outgoing, Reading, Signals, Start, Starting
from chat.limits import Floodgate
from chat.model.entries import Mark
from chat.model.errors import ChatError, Code, try_again
from chat.model.identity import Principal, Sender
from chat.model.timestamps import epoch_seconds
from chat.ports.machine import Clock, Journal
from chat.protocol.frames import (
    KNOWN,
    CloseChat,
    Frame,
    Inbox,
    InitChat,
    Ping,
    Presence,
    Receipt,
    SendMessage,
    SignOut,
    Sync,
    TransferChat,
    Typing,
    decode_object,
    parse,
    recognised,
)
from chat.protocol.replies import Pong, PresenceNoted, ack, encode, error_frame, started


@dataclass(frozen=True)
class Services:
    """Everything that frames ask for."""

    starting: Starting
    messaging: Messaging
    reading: Reading
    signals: Signals
    lifecycle: Lifecycle
    connecting: Connecting
    presence: team.Presence
    queue: team.Queue
    attending: Attending
    floodgate: Floodgate
    sessions: Sessions
    delivery: Delivery


class Dispatch:
    """Answers frames. Whatever comes in, what goes out is a frame of the protocol or nothing."""

    def __init__(self, *, services: Services, clock: Clock, journal: Journal) -> None:
        self._services = services
        self._clock = clock
        self._journal = journal

    def answer(self, body: str | bytes, sender: Sender, *, is_binary: bool = False) -> bytes | None:
        """The answer to one WebSocket message as JSON; None where the protocol has none."""
        asked: dict[str, Any] | None = None
        try:
            asked = decode_object(body, is_binary=is_binary)
            self._require_session(sender.principal)
            self._services.floodgate.admit(sender.principal.role, sender.connection_id)
            reply = self._reply(parse(asked), sender)
        except ChatError as error:
            asked = recognised(body) if asked is None else asked
            self._journal.note("refused", code=error.code, action=_action(asked), connection_id=sender.connection_id)
            self._services.floodgate.refused(error.code, sender.principal.role, sender.connection_id)
            return encode(error_frame(error, asked))
        except Exception as error:  # noqa: BLE001 - nobody may ever see "Internal server error"
            self._journal.failed("failed", error, action=_action(asked), connection_id=sender.connection_id)
            return encode(error_frame(try_again(), asked))
        return encode(reply) if reply is not None else None

    def _require_session(self, principal: Principal) -> None:
        if principal.expires_at is not None and principal.expires_at <= epoch_seconds(self._clock.now()):
            raise ChatError(Code.SESSION_EXPIRED, "Your token has expired. Connect again with a new one.")

    def _announce(self, frame: Sync | Inbox, sender: Sender) -> None:
        # Before the read: what is stored from here on is pushed, what was stored before is read.
        if frame.announce:
            self._services.connecting.announced(sender.principal, sender.connection_id)

    @singledispatchmethod
    def _reply(self, frame: Frame, sender: Sender) -> Struct | None:
        raise NotImplementedError(type(frame).__name__)

    @_reply.register
    def _(self, frame: InitChat, sender: Sender) -> Struct:
        self._services.connecting.announced(sender.principal, sender.connection_id)
        start = Start(sender.principal, frame.sellerId, frame.userInfo, sender.connection_id, sender.address)
        newest = self._services.starting.start(start)
        return started(newest, self._services.queue.place_of(newest))

    @_reply.register
    def _(self, frame: SendMessage, sender: Sender) -> Struct:
        outgoing = Outgoing(
            sender=sender.principal,
            text=frame.message,
            contact_id=frame.contact_id,
            to=frame.to,
            id=frame.id,
            base=frame.base,
            connection_id=sender.connection_id,
            address=sender.address,
        )
        return ack(frame.action, self._services.messaging.send(outgoing))

    @_reply.register
    def _(self, frame: Sync, sender: Sender) -> Struct:
        self._announce(frame, sender)
        return self._services.reading.sync(sender.principal, frame.contact_id, frame.after, frame.limit)

    @_reply.register
    def _(self, frame: Receipt, sender: Sender) -> Struct:
        mark = Mark(delivered=frame.delivered, read=frame.read)
        return self._services.signals.receipt(sender.principal, frame.contact_id, mark, sender.connection_id)

    @_reply.register
    def _(self, frame: Typing, sender: Sender) -> None:
        self._services.signals.typing(
            sender.principal, frame.contact_id, typing=frame.typing, connection_id=sender.connection_id
        )

    @_reply.register
    def _(self, frame: Inbox, sender: Sender) -> Struct:
        self._announce(frame, sender)
        return self._services.reading.inbox(sender.principal, frame.status, frame.after)

    @_reply.register
    def _(self, frame: Presence, sender: Sender) -> Struct:
        seller = self._services.presence.beat(sender.principal, frame.status, sender.connection_id)
        return PresenceNoted(status=seller.availability, open_count=seller.open_count, capacity=seller.capacity)

    @_reply.register
    def _(self, frame: CloseChat, sender: Sender) -> Struct:
        move = Move(sender.principal, frame.contact_id, frame.id, frame.base, sender.connection_id)
        return ack(frame.action, self._services.lifecycle.close(move), frame.id)

    @_reply.register
    def _(self, frame: TransferChat, sender: Sender) -> Struct:
        move = Move(sender.principal, frame.contact_id, frame.id, frame.base, sender.connection_id)
        return ack(frame.action, self._services.lifecycle.transfer(move, frame.to), frame.id)

    @_reply.register
    def _(self, _frame: SignOut, sender: Sender) -> None:
        self._services.sessions.sign_out(sender.principal, sender.connection_id)

    @_reply.register
    def _(self, _frame: Ping, _sender: Sender) -> Struct:
        return Pong()


def _action(asked: dict[str, Any] | None) -> str | None:
    """The action for the journal; an unknown one could be anything that a client sent."""
    action = (asked or {}).get("action")
    return action if isinstance(action, str) and action in KNOWN else None
