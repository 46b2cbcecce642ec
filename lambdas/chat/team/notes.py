"""What sellers write for each other about a contact: a list of its own beside the log, which no visitor ever sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat.connections.delivery import Delivery
from chat.log import ATTEMPTS, Log
from chat.model.entries import Entry
from chat.model.errors import ChatError, Code, forbidden, try_again
from chat.model.identity import Principal, Role, Sender
from chat.model.timestamps import epoch_seconds, iso
from chat.ports.conversations import Note, NoteStore
from chat.ports.errors import ForgottenError, NumberTakenError, asking_to_retry
from chat.ports.machine import Runtime
from chat.protocol.replies import NotePushed, NotesListed, fitting, note_view
from chat.team.waiting_line import WaitingLine

MOST_NOTES = 100
"""How many notes a contact has at most, so that one read brings all of them."""


@dataclass(frozen=True)
class NewNote:
    """What a seller writes, once per `id`. `base` is the number of the last note that they have."""

    contact_id: str
    text: str
    id: str | None = None
    base: int | None = None


class Notes:
    """Keeps notes. Who may read a contact reads its notes, but for its visitor."""

    def __init__(
        self, *, log: Log, store: NoteStore, delivery: Delivery, waiting_line: WaitingLine, runtime: Runtime
    ) -> None:
        self._log = log
        self._store = store
        self._delivery = delivery
        self._waiting_line = waiting_line
        self._clock = runtime.clock
        self._pause = runtime.pause
        self._ids = runtime.ids

    def add(self, sender: Sender, new: NewNote) -> NotePushed:
        """Keep a note and tell the devices of who answers the contact; a repetition is answered as the first time.

        Raises `ChatError`: `forbidden` unless the seller may read the contact, `too_large` for one note too many,
        `contact_expired`, `try_again`.
        """
        try:
            newest = self._waiting_line.admitted(sender.principal, new.contact_id)
        except ChatError as error:
            # It may have gone to a colleague since the first attempt, which came as far as the note.
            if error.code is Code.FORBIDDEN and (known := self._kept_before(sender.principal, new)):
                return NotePushed(contact_id=known.contact_id, note=note_view(known))
            raise
        author, note_id = sender.principal.user_id, new.id or self._ids.new()
        for attempt in range(ATTEMPTS):
            with asking_to_retry():
                held = self._store.notes(new.contact_id, 0, MOST_NOTES)
            if known := _under(held, author, note_id):
                return self._told(sender, newest, known)
            if len(self._alive(held)) >= MOST_NOTES:
                raise ChatError(Code.TOO_LARGE, f"A contact has at most {MOST_NOTES} notes.", field="contact_id")
            note = Note(
                contact_id=new.contact_id,
                seq=_next(held, new.base or 0),
                id=note_id,
                seller_id=author,
                text=new.text,
                at=iso(self._clock.now()),
                expires_at=self._log.expires_at(newest),
            )
            if self._is_kept(note, attempt):
                return self._told(sender, newest, note)
        raise try_again(retry_after_ms=1000)

    def listed(self, sender: Sender, contact_id: str, after: int) -> NotesListed:
        """The notes behind a number, in their order, as many as one frame takes.

        Raises `ChatError`: `forbidden`, `contact_expired`, `try_again`.
        """
        self._waiting_line.admitted(sender.principal, contact_id)
        with asking_to_retry():
            found = self._store.notes(contact_id, after, MOST_NOTES)
        views = [note_view(each) for each in self._alive(found)]
        shown = fitting(views)
        return NotesListed(contact_id=contact_id, after=after, notes=shown, more=bool(views[len(shown) :]))

    def _alive(self, notes: Sequence[Note]) -> Sequence[Note]:
        """Without what is past its retention: it is deleted late."""
        now = epoch_seconds(self._clock.now())
        return [each for each in notes if each.expires_at > now]

    def _kept_before(self, person: Principal, new: NewNote) -> Note | None:
        """What a seller who may not write now has written under this id."""
        if new.id is None or person.role is not Role.SELLER:
            return None
        if not self._waiting_line.may_have_read(person, new.contact_id):
            return None
        with asking_to_retry():
            return _under(self._store.notes(new.contact_id, 0, MOST_NOTES), person.user_id, new.id)

    def _is_kept(self, note: Note, attempt: int) -> bool:
        try:
            with asking_to_retry():
                self._store.add(note)
        except NumberTakenError:
            self._pause.after_attempt(attempt)
            return False
        except ForgottenError as error:
            raise forbidden() from error
        return True

    def _told(self, sender: Sender, newest: Entry, note: Note) -> NotePushed:
        pushed = NotePushed(contact_id=note.contact_id, note=note_view(note))
        if newest.state.seller:
            self._delivery.tell_devices(Principal(newest.state.seller, Role.SELLER), pushed, sender.connection_id)
        return pushed


def _next(held: Sequence[Note], base: int) -> int:
    """The next number, above those that a client has seen, though they have expired; no number is far from the last."""
    last = held[-1].seq if held else 0
    return max(last, min(base, last + MOST_NOTES)) + 1


def _under(held: Sequence[Note], author: str, note_id: str) -> Note | None:
    return next((each for each in held if each.is_by(author, note_id)), None)
