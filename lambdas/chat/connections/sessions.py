"""How a seller's sessions end before their time."""

from __future__ import annotations

from chat.connections.delivery import Delivery
from chat.model.errors import ChatError, Code
from chat.model.identity import Role, Sender


class Sessions:
    """Ends sessions."""

    def __init__(self, *, delivery: Delivery) -> None:
        self._delivery = delivery

    def sign_out(self, sender: Sender) -> None:
        """Close every connection of a seller, on all of their devices.

        Raises `ChatError`: `forbidden` for a visitor, who never signed in, and `try_again`.
        """
        if sender.principal.role is not Role.SELLER:
            raise ChatError(Code.FORBIDDEN, "Only sellers sign out. A visitor closes the connection.")
        self._delivery.close_all(sender.principal, asking=sender.connection_id)
