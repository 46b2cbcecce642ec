"""Conversations' stream to events on the bus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from ..data_stack import DataStack
from .chat_bus import ChatBus
from .chat_function import ANSWER_SECONDS, Handler
from .functions import Functions
from .queues import RetriedQueue

_ENTRY = {"item": {"S": [{"prefix": "entry#"}]}}
_ENTRY_BUT_MESSAGE = {**_ENTRY, "kind": {"S": [{"anything-but": ["message"]}]}}
_TRIES = 5
_AT_ONCE = 2


class Publisher(Construct):
    """Tells the bus of new entries in the order of their logs, and of who was erased meanwhile nothing personal.

    Messages, which are most of them, are published where somebody listens to them: what is filtered out calls no
    function (https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html).

    What cannot be published lies in the dead letters of a queue that the function takes from, too: so it is brought
    back like any other dead letter.
    """

    def __init__(self, scope: Construct, construct_id: str, *, functions: Functions, bus: ChatBus) -> None:
        super().__init__(scope, construct_id)
        environment, data = functions.environment, functions.data
        self.queue = RetriedQueue(
            self,
            "Unpublished",
            environment=environment,
            key=data.key,
            retry=cdk.Duration.seconds(6 * ANSWER_SECONDS),
            max_receives=_TRIES,
        )
        publisher = functions.add(
            self,
            "Function",
            Handler(
                module="publisher",
                description="Tells the event bus what was written to conversations.",
                variables={
                    "EVENT_BUS": bus.event_bus_name,
                    "CONVERSATION_TABLE": data.conversations.table_name,
                    "DEAD_LETTER_QUEUE_URL": self.queue.dead_letters.queue_url,
                },
            ),
        )
        publisher.allow(["events:PutEvents"], bus.event_bus_arn)
        functions.let_see_who_was_erased(publisher)
        self.function = publisher.function
        self._called = publisher.called
        self._follow(data, _ENTRY if environment.publishes_messages else _ENTRY_BUT_MESSAGE)
        self._called.add_event_source(
            event_sources.SqsEventSource(
                self.queue,
                report_batch_item_failures=True,
                max_concurrency=environment.queue_concurrency(_AT_ONCE),
            )
        )

    def _follow(self, data: DataStack, image: Mapping[str, object]) -> None:
        self._called.add_event_source(
            event_sources.DynamoEventSource(
                data.conversations,
                # Entries that are written before this mapping works are events too.
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=100,
                filters=[_new(image)],
                bisect_batch_on_error=True,
                report_batch_item_failures=True,
                # The stream keeps records for 24 hours, and a dead letter only says where they lie: leave an hour.
                max_record_age=cdk.Duration.hours(23),
                on_failure=event_sources.SqsDlq(self.queue.dead_letters),
            )
        )


def _new(image: Mapping[str, object]) -> Mapping[str, Any]:
    return lambda_.FilterCriteria.filter({"eventName": ["INSERT"], "dynamodb": {"NewImage": image}})
