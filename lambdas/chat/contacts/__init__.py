"""A contact's life: opened, written to, read, handed on, looked after, closed. Rooms above import this door only.

A use case a file; they share the log, and none knows a table or a socket.
"""

from __future__ import annotations

from chat.contacts.attending import Attending
from chat.contacts.blocking import Blocking, NewBlock
from chat.contacts.holding import Holding
from chat.contacts.lifecycle import Command, Lifecycle
from chat.contacts.messaging import Messaging, Outgoing
from chat.contacts.reading import Reading
from chat.contacts.registration import Registration
from chat.contacts.reopening import Reopening
from chat.contacts.signals import Signals
from chat.contacts.starting import Start, Starting

__all__ = [
    "Attending",
    "Blocking",
    "Command",
    "Holding",
    "Lifecycle",
    "Messaging",
    "NewBlock",
    "Outgoing",
    "Reading",
    "Registration",
    "Reopening",
    "Signals",
    "Start",
    "Starting",
]
