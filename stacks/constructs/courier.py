"""Events to the shop's own back end."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from stacks.constructs.chat_function import ChatFunction
from stacks.constructs.queues import RetriedQueue
from stacks.environments import Environment

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

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        key: kms.IKey | None,
        code: lambda_.Code,
        bus: events.IEventBus,
        source: str,
        shop_url: str,
        shop_key_name: str,
    ) -> None:
        super().__init__(scope, construct_id)
        retry_seconds = environment.php_retry_seconds
        queue = RetriedQueue(
            self,
            "ShopEvents",
            environment=environment,
            key=key,
            retry=cdk.Duration.seconds(retry_seconds),
            max_receives=min(_DAYS_DOWN * 24 * 3600 // retry_seconds, _MOST_RECEIVES),
        )
        events.Rule(
            self,
            "ForShop",
            event_bus=bus,
            event_pattern=events.EventPattern(source=[source]),
        ).add_target(targets.SqsQueue(queue, dead_letter_queue=queue.dead_letters))
        courier = ChatFunction(
            self,
            "Function",
            environment=environment,
            key=key,
            code=code,
            handler="handlers.courier.handle",
            description="Posts events to the shop's back end, signed.",
            variables={"DEAD_LETTER_QUEUE_URL": queue.dead_letters.queue_url},
            timeout_seconds=retry_seconds // 6,
        )
        courier.let_call_shop(shop_url, key_name=shop_key_name)
        courier.allow(["sqs:SendMessage"], queue.dead_letters.queue_arn)
        if key is not None:
            courier.allow(["kms:GenerateDataKey"], key.key_arn)
        courier.function.add_event_source(
            event_sources.SqsEventSource(
                queue, report_batch_item_failures=True, batch_size=_AT_ONCE, max_concurrency=_AT_ONCE
            )
        )
