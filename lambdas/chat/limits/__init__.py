"""How often somebody may do something, or not at all. Rooms above import this door only.

What counts exactly, a message's bucket, is in `chat.model.rates`, since it travels in the log.
"""

from __future__ import annotations

from chat.limits.blocks import Blocks, ends
from chat.limits.floodgate import Floodgate
from chat.limits.openings import Openings, Uncounted

__all__ = ["Blocks", "Floodgate", "Openings", "Uncounted", "ends"]
