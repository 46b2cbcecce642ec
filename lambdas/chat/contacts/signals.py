"""What is told but is no entry: receipts, which are kept as marks, and typing, which is not kept at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from msgspec import Struct

from chat.connections.delivery import Delivery, Parcel, others
from chat.limits import Blocks
from chat.log import Log
from chat.model.entries import Entry, Mark, Status
from chat.model.errors import forbidden, try_again
from chat.model.identity import Principal, Role, Sender
from chat.ports.connections import Connection
from chat.ports.conversations import ConversationStore, Excerpt
from chat.ports.errors import asking_to_retry
from chat.ports.machine import Parallel
from chat.protocol.replies import Ack, ReceiptPushed, TypingPushed, encode

ATTEMPTS = 3


@dataclass(frozen=True)
class _Noted:
    """How far one side has come in a contact, whether that is further than before, and the connections to tell."""

    contact_id: str
    role: Role
    mark: Mark
    rose: bool
    connections: tuple[Connection, ...]


class Signals:
    """Takes receipts and typing."""

    def __init__(
        self, *, log: Log, store: ConversationStore, delivery: Delivery, blocks: Blocks, parallel: Parallel
    ) -> None:
        self._log = log
        self._blocks = blocks
        self._store = store
        self._delivery = delivery
        self._parallel = parallel

    def receipt(self, sender: Sender, contact_id: str, mark: Mark) -> Ack:
        """Raise the reader's mark and tell everyone; a mark that is not higher changes nothing.

        Raises `ChatError`: `forbidden`, `contact_expired`, `blocked`, `try_again`.
        """
        noted = self._note(sender, contact_id, mark, tells=())
        self._tell(sender, noted, _receipt(noted))
        return Ack(of="receipt", contact_id=contact_id, seq=noted.mark.delivered)

    def typing(self, sender: Sender, contact_id: str, mark: Mark, *, typing: bool) -> None:
        """Tell the other side that the sender is writing, or stopped, and how far they have come, if that is news.

        Raises `ChatError` like `receipt`.
        """
        role = sender.principal.role
        noted = self._note(sender, contact_id, mark, tells=[each for each in Role if each is not role])
        frame = TypingPushed(contact_id, role, typing)
        if noted.rose:
            frame = TypingPushed(contact_id, role, typing, noted.mark.delivered, noted.mark.read)
        self._tell(sender, noted, frame)

    def _note(self, sender: Sender, contact_id: str, mark: Mark, tells: Sequence[Role]) -> _Noted:
        """Raise the sender's mark; everybody is told of one that rises, and who is on the sides that it `tells`."""
        reader = sender.principal
        self._log.require(reader, contact_id)
        for _ in range(ATTEMPTS):
            excerpt = self._log.latest(contact_id, reader)
            newest = _admitting(excerpt, reader)
            if newest.state.status is Status.CLOSED and reader.role is Role.VISITOR:
                # Who cannot reopen it is not heard of in it either.
                self._blocks.require_none(reader.user_id)
            before = excerpt.mark(reader.role)
            after = before.raised_to(min(mark.delivered, newest.seq), min(mark.read, newest.seq))
            told = [each for each in newest.state.participants() if after != before or each.role in tells]
            look_up = partial(self._delivery.find, told)
            if after == before:
                return _Noted(contact_id, reader.role, after, rose=False, connections=look_up())
            if (found := self._raise(newest, reader.role, after, look_up)) is not None:
                return _Noted(contact_id, reader.role, after, rose=True, connections=found)
        raise try_again()

    def _raise(
        self, newest: Entry, role: Role, mark: Mark, beside: Callable[[], tuple[Connection, ...]]
    ) -> tuple[Connection, ...] | None:
        """What `beside` found meanwhile; None where a higher mark is there. Raises `ChatError`: `try_again`."""

        def write() -> bool:
            # What it covers is no younger than it is.
            return self._store.raise_mark(newest.contact_id, role, mark, self._log.expires_at(newest))

        tasks: list[Callable[[], bool | tuple[Connection, ...]]] = [write, beside]
        with asking_to_retry():
            is_raised, found = self._parallel.run(tasks)
        return found if is_raised and isinstance(found, tuple) else None

    def _tell(self, sender: Sender, noted: _Noted, to_the_other_side: Struct) -> None:
        own, other = encode(_receipt(noted)), encode(to_the_other_side)
        self._delivery.send(
            [
                Parcel(connection, [own if connection.role is noted.role else other])
                for connection in others(noted.connections, sender.connection_id)
            ]
        )


def _receipt(noted: _Noted) -> ReceiptPushed:
    return ReceiptPushed(noted.contact_id, noted.role, noted.mark.delivered, noted.mark.read)


def _admitting(excerpt: Excerpt, person: Principal) -> Entry:
    newest = excerpt.newest
    if newest is None or not newest.state.admits(person):
        raise forbidden()
    return newest
