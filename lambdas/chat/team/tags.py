"""What sellers call a contact, in a few short words: seen by who may read it, and never by its visitor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chat.connections.delivery import Delivery
from chat.log import Log
from chat.model.errors import ChatError, Code, forbidden
from chat.model.identity import Principal, Role, Sender
from chat.model.timestamps import epoch_seconds
from chat.ports.conversations import NoteStore
from chat.ports.errors import ForgottenError, FullError, asking_to_retry
from chat.ports.machine import Clock
from chat.protocol.replies import Tagged
from chat.team.waiting_line import WaitingLine

MOST_TAGS = 10
"""How many tags a contact has at most: they are read with every list."""


@dataclass(frozen=True)
class Tagging:
    """What a seller adds to a contact's tags and takes away; neither to be told what there is."""

    contact_id: str
    add: str | None = None
    remove: str | None = None


class Tags:
    """Keeps tags. Each is there or is not, so that a change may be repeated, and two at once lose nothing."""

    def __init__(
        self, *, log: Log, store: NoteStore, delivery: Delivery, waiting_line: WaitingLine, clock: Clock
    ) -> None:
        self._log = log
        self._store = store
        self._delivery = delivery
        self._waiting_line = waiting_line
        self._clock = clock

    def change(self, sender: Sender, wanted: Tagging) -> Tagged:
        """Change a contact's tags and tell the devices of who answers it; all that it has then.

        Raises `ChatError`: `forbidden` unless the seller may read the contact, `too_large` for one tag too many,
        `contact_expired`, `try_again`.
        """
        newest = self._waiting_line.admitted(sender.principal, wanted.contact_id)
        until, now = self._log.expires_at(newest), epoch_seconds(self._clock.now())
        try:
            with asking_to_retry():
                if wanted.remove is not None:
                    self._store.untag(wanted.contact_id, wanted.remove)
                if wanted.add is not None:
                    self._store.tag(wanted.contact_id, wanted.add, expires_at=until, now=now, most=MOST_TAGS)
        except FullError as error:
            reason = f"A contact has at most {MOST_TAGS} tags. Take one away first."
            raise ChatError(Code.TOO_LARGE, reason, field="add") from error
        except ForgottenError as error:
            raise forbidden() from error
        found_tags = self.of([wanted.contact_id]).get(wanted.contact_id, ())
        tagged = Tagged(contact_id=wanted.contact_id, tags=list(found_tags))
        if newest.state.seller and (wanted.add or wanted.remove):
            self._delivery.tell_devices(Principal(newest.state.seller, Role.SELLER), tagged, sender.connection_id)
        return tagged

    def of(self, contact_ids: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """The tags of those contacts that have any, in the order of the alphabet. Raises `ChatError`: `try_again`."""
        with asking_to_retry():
            found = self._store.tags(list(dict.fromkeys(contact_ids)))
        now = epoch_seconds(self._clock.now())
        return {each.contact_id: sorted(each.tags) for each in found if each.tags and each.expires_at > now}
