"""What happens when nobody has sent anything: queues drain, leases run out, idle contacts close."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from stacks.constructs.chat_bus import ChatBus
from stacks.constructs.chat_function import ANSWER_SECONDS, ChatFunction, Handler
from stacks.constructs.functions import Functions
from stacks.constructs.queues import DeadLetterQueue, RetriedQueue

ROOM_MAY_BE_FREE = ("contact.queued", "contact.closed", "contact.transferred")
LEASE_BEGINS = ("contact.assigned", "contact.transferred", "contact.reopened")

_CHECK_UPS_AT_ONCE = 20
"""Fewer than are reserved for the function."""


class Attendant(Construct):
    """A function that is told at once when a seller may have room, and checks up on a contact when its lease has run.

    It puts a contact that is still open back into the queue of check-ups, until the next one is due.
    """

    def __init__(self, scope: Construct, construct_id: str, *, functions: Functions, bus: ChatBus) -> None:
        super().__init__(scope, construct_id)
        self._environment = functions.environment
        self._key = functions.data.key
        self._bus = bus
        dead_letters = DeadLetterQueue(self, "DeadLetters", environment=self._environment, key=self._key)
        check_ups = self._queue_of_check_ups()
        attendant = functions.add_taking_part(
            self,
            "Function",
            Handler(
                module="attendant",
                description="Drains queues, ends leases and closes idle contacts.",
                variables={
                    "CHECK_UP_QUEUE_URL": check_ups.queue_url,
                    "LEASE_SECONDS": str(self._environment.lease_seconds),
                },
            ),
        )
        self._call_at_once(attendant, dead_letters)
        attendant.function.add_event_source(
            event_sources.SqsEventSource(
                check_ups,
                report_batch_item_failures=True,
                max_concurrency=self._environment.queue_concurrency(_CHECK_UPS_AT_ONCE),
            )
        )
        attendant.allow(["sqs:SendMessage"], check_ups.queue_arn)

    def _call_at_once(self, attendant: ChatFunction, dead_letters: DeadLetterQueue) -> None:
        function = attendant.function
        function.configure_async_invoke(retry_attempts=2, on_failure=destinations.SqsDestination(dead_letters))
        self._bus.rule(self, "RoomMayBeFree", types=ROOM_MAY_BE_FREE).add_target(
            targets.LambdaFunction(function, dead_letter_queue=dead_letters)
        )

    def _queue_of_check_ups(self) -> RetriedQueue:
        check_ups = RetriedQueue(
            self,
            "CheckUps",
            environment=self._environment,
            key=self._key,
            retry=cdk.Duration.seconds(6 * ANSWER_SECONDS),
            max_receives=5,
            delay=cdk.Duration.seconds(self._environment.lease_seconds),
        )
        self._bus.rule(self, "LeaseBegins", types=LEASE_BEGINS).add_target(
            targets.SqsQueue(check_ups, dead_letter_queue=check_ups.dead_letters)
        )
        return check_ups
