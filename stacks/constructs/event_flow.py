"""What follows from a conversation: events, who attends to them, and the shop that hears of them."""

from __future__ import annotations

from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.attendant import Attendant
from stacks.constructs.courier import Courier
from stacks.constructs.publisher import Publisher
from stacks.constructs.web_socket_endpoint import WebSocketEndpoint
from stacks.data_stack import DataStack
from stacks.environments import Environment

SOURCE = "seller-chat"


class EventFlow(Construct):
    """A bus, what fills it and what listens to it; anything else in the account may listen too."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        code: lambda_.Code,
        data: DataStack,
        endpoint: WebSocketEndpoint,
    ) -> None:
        super().__init__(scope, construct_id)
        bus = events.EventBus(self, "Bus", event_bus_name=f"seller-chat-{environment.name}", kms_key=data.key)
        Publisher(self, "Publisher", environment=environment, code=code, data=data, bus=bus)
        Attendant(
            self,
            "Attendant",
            environment=environment,
            code=code,
            data=data,
            endpoint=endpoint,
            bus=bus,
            source=SOURCE,
        )
        if environment.php_api_url is not None and data.php_api_key_name is not None:
            Courier(
                self,
                "Courier",
                environment=environment,
                key=data.key,
                code=code,
                bus=bus,
                source=SOURCE,
                shop_url=environment.php_api_url,
                shop_key_name=data.php_api_key_name,
            )
        self.bus_name = bus.event_bus_name
