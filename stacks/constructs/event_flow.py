"""What follows from a conversation: events, who attends to them, and the shop that hears of them."""

from __future__ import annotations

from aws_cdk import aws_events as events
from constructs import Construct

from .attendant import Attendant
from .chat_bus import ChatBus
from .courier import Courier
from .functions import Functions
from .publisher import Publisher
from .queues import RetriedQueue


class EventFlow(Construct):
    """A bus, what fills it and what listens to it."""

    def __init__(self, scope: Construct, construct_id: str, *, functions: Functions) -> None:
        super().__init__(scope, construct_id)
        environment, data = functions.environment, functions.data
        bus = ChatBus(self, "Bus", environment=environment, data=data)
        Publisher(self, "Publisher", functions=functions, bus=bus)
        Attendant(self, "Attendant", functions=functions, bus=bus)
        if environment.php_api_url is not None:
            Courier(self, "Courier", functions=functions, bus=bus)
        self.bus: events.IEventBus = bus
        self.queues = [each for each in self.node.find_all() if isinstance(each, RetriedQueue)]
        """What functions take from; each has dead letters."""
