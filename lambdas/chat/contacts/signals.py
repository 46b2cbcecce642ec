"""What is told but is no entry: receipts, which are kept as marks, and typing, which is not kept at all."""

from __future__ import annotations

from msgspec import Struct

from chat.connections.delivery import Delivery, Parcel, others
from chat.log import Log
from chat.model.entries import Entry, Mark, State
from chat.model.errors import forbidden, try_again
from chat.model.identity import Principal, Role, Sender
from chat.ports.conversations import ConversationStore, Excerpt
from chat.ports.errors import asking_to_retry
from chat.protocol.replies import Ack, ReceiptPushed, TypingPushed, encode

ATTEMPTS = 3


class Signals:
    """Takes receipts and typing."""

    def __init__(self, *, log: Log, store: ConversationStore, delivery: Delivery) -> None:
        self._log = log
        self._store = store
        self._delivery = delivery

    def receipt(self, sender: Sender, contact_id: str, mark: Mark) -> Ack:
        """Raise the reader's mark and tell everyone; a mark that is not higher changes nothing.

        Raises `ChatError`: `forbidden`, `contact_expired`, `try_again`.
        """
        reader = sender.principal
        self._log.require(reader, contact_id)
        for _ in range(ATTEMPTS):
            excerpt = self._log.latest(contact_id, reader)
            state, tail = _admitted(excerpt, reader)
            before = excerpt.mark(reader.role)
            after = before.raised_to(min(mark.delivered, tail), min(mark.read, tail))
            with asking_to_retry():
                settled = after == before or self._raised(contact_id, reader.role, after, excerpt.newest)
            if settled:
                if after != before:
                    told = ReceiptPushed(contact_id, reader.role, after.delivered, after.read)
                    self._tell(state, told, sender.connection_id)
                return Ack(of="receipt", contact_id=contact_id, seq=after.delivered)
        raise try_again()

    def typing(self, sender: Sender, contact_id: str, *, typing: bool) -> None:
        """Tell the other side that the sender is writing, or stopped. Raises `ChatError` like `receipt`."""
        role = sender.principal.role
        self._log.require(sender.principal, contact_id)
        state, _ = _admitted(self._log.latest(contact_id, sender.principal), sender.principal)
        found = self._delivery.find(each for each in state.participants() if each.role is not role)
        frame = encode(TypingPushed(contact_id, role, typing))
        self._delivery.send([Parcel(connection, [frame]) for connection in found])

    def _raised(self, contact_id: str, role: Role, mark: Mark, newest: Entry | None) -> bool:
        # What it covers is no younger than it is.
        return self._store.raise_mark(contact_id, role, mark, self._log.expires_at(newest))

    def _tell(self, state: State, frame: Struct, own: str | None) -> None:
        data = encode(frame)
        found = others(self._delivery.participants(state), own)
        self._delivery.send([Parcel(connection, [data]) for connection in found])


def _admitted(excerpt: Excerpt, person: Principal) -> tuple[State, int]:
    newest = excerpt.newest
    if newest is None or not newest.state.admits(person):
        raise forbidden()
    return newest.state, newest.seq
