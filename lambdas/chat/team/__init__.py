"""Which seller answers: the sellers there are, the strategy, the queue. Rooms above import this door only.

What happens in a contact once a seller has it is in `chat.contacts`.
"""

from __future__ import annotations

from chat.team.assignment import MOST_OFFERS, Assignment, Offer, Outlook, first_with_room
from chat.team.colleagues import Colleagues
from chat.team.notes import NewNote, Notes
from chat.team.presence import Presence
from chat.team.queue import Queue
from chat.team.replies import Replies, Sharing
from chat.team.snoozing import Deferral, Snoozing
from chat.team.strategies import STRATEGIES, LeastLoaded
from chat.team.tags import Tagging, Tags
from chat.team.waiting_line import WaitingLine, is_asked

__all__ = [
    "MOST_OFFERS",
    "STRATEGIES",
    "Assignment",
    "Colleagues",
    "Deferral",
    "LeastLoaded",
    "NewNote",
    "Notes",
    "Offer",
    "Outlook",
    "Presence",
    "Queue",
    "Replies",
    "Sharing",
    "Snoozing",
    "Tagging",
    "Tags",
    "WaitingLine",
    "first_with_room",
    "is_asked",
]
