"""Events to the shop's own back end."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from .chat_bus import ChatBus
from .chat_function import Handler
from .functions import Functions
from .queues import RetriedQueue

_DAYS_DOWN = 3
_MOST_RECEIVES = 1000
"""SQS: `maxReceiveCount` is at most 1,000."""

_AT_ONCE = 5
"""Events in a batch, and batches that a shop's back end is given side by side."""


class Courier(Construct):
    """A queue of all events, and a function that signs and posts them.

    A queue and not an API destination, which could not sign. A back end that is down for three days has missed nothing;
    after that its events are dead letters, which can be sent back to the queue. What it will never take becomes one
    at once.
    """

    def __init__(self, scope: Construct, construct_id: str, *, functions: Functions, bus: ChatBus) -> None:
        super().__init__(scope, construct_id)
        environment, key = functions.environment, functions.data.key
        retry_seconds = environment.shop_retry_seconds
        queue = RetriedQueue(
            self,
            "ShopEvents",
            environment=environment,
            key=key,
            retry=cdk.Duration.seconds(retry_seconds),
            max_receives=min(_DAYS_DOWN * 24 * 3600 // retry_seconds, _MOST_RECEIVES),
        )
        bus.rule(self, "ForShop").add_target(targets.SqsQueue(queue, dead_letter_queue=queue.dead_letters))
        courier = functions.add_calling_shop(
            self,
            "Function",
            Handler(
                module="courier",
                description="Posts events to the shop's back end, signed.",
                variables={
                    "DEAD_LETTER_QUEUE_URL": queue.dead_letters.queue_url,
                    "CONVERSATION_TABLE": functions.data.conversations.table_name,
                },
                timeout_seconds=retry_seconds // 6,
            ),
        )
        courier.allow(["sqs:SendMessage"], queue.dead_letters.queue_arn)
        functions.let_see_who_was_erased(courier)
        if key is not None:
            courier.allow(["kms:GenerateDataKey"], key.key_arn)
        courier.called.add_event_source(
            event_sources.SqsEventSource(
                queue,
                report_batch_item_failures=True,
                batch_size=_AT_ONCE,
                max_concurrency=environment.queue_concurrency(_AT_ONCE),
            )
        )
