"""The event bus that conversations are told to."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from constructs import Construct

from ..data_stack import DataStack
from ..environment import Environment

SOURCE = "seller-chat"


class ChatBus(events.EventBus):
    """The chat's own bus; anything else in the account may listen, too."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, data: DataStack) -> None:
        super().__init__(scope, construct_id, event_bus_name=f"seller-chat-{environment.name}", kms_key=data.key)

    def rule(self, scope: Construct, construct_id: str, *, types: tuple[str, ...] | None = None) -> ChatRule:
        """A rule for the conversations' events: those of these `types`, or all."""
        pattern = events.EventPattern(source=[SOURCE], detail_type=None if types is None else list(types))
        rule = ChatRule(scope, construct_id, event_bus=self, event_pattern=pattern)
        rule.bus_name = self.event_bus_name
        return rule


class ChatRule(events.Rule):
    """A rule of the bus that can say how often it failed."""

    bus_name = ""

    def metric(self, name: str) -> cloudwatch.Metric:
        """One of EventBridge's metrics, as it counts for a bus that is not the account's default."""
        return cloudwatch.Metric(
            namespace="AWS/Events",
            metric_name=name,
            dimensions_map={"EventBusName": self.bus_name, "RuleName": self.rule_name},
            statistic="Sum",
            period=cdk.Duration.minutes(1),
        )
