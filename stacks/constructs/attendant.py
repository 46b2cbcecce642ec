"""What happens when nobody has sent anything: queues drain, leases run out, idle contacts close."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from stacks.constructs.chat_function import ANSWER_SECONDS
from stacks.constructs.conversation_function import ConversationFunction
from stacks.constructs.queues import DeadLetterQueue, RetriedQueue
from stacks.constructs.web_socket_endpoint import WebSocketEndpoint
from stacks.data_stack import DataStack
from stacks.environments import Environment

ROOM_MAY_BE_FREE = ("contact.queued", "contact.closed", "contact.transferred")
LEASE_BEGINS = ("contact.assigned", "contact.transferred", "contact.reopened")

_CHECK_UPS_AT_ONCE = 20
"""Fewer than are reserved for the function: a queue whose function is throttled wastes its messages' tries."""


class Attendant(Construct):
    """A function that is told at once when a seller may have room, and checks up on a contact when its lease has run.

    It puts a contact that is still open back into the queue of check-ups, until the next one is due.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        code: lambda_.Code,
        data: DataStack,
        endpoint: WebSocketEndpoint,
        bus: events.IEventBus,
        source: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        self._key = data.key
        self._bus = bus
        self._source = source
        self._attendant = ConversationFunction(
            self,
            "Function",
            environment=environment,
            code=code,
            handler="handlers.attendant.handle",
            description="Drains queues, ends leases and closes idle contacts.",
            data=data,
            endpoint=endpoint,
        )
        self._call_at_once()
        self._check_up_after_the_lease()

    def _call_at_once(self) -> None:
        function = self._attendant.function
        dead_letters = DeadLetterQueue(self, "DeadLetters", environment=self._environment, key=self._key)
        function.configure_async_invoke(retry_attempts=2, on_failure=destinations.SqsDestination(dead_letters))
        self._rule("RoomMayBeFree", ROOM_MAY_BE_FREE).add_target(
            targets.LambdaFunction(function, dead_letter_queue=dead_letters)
        )

    def _check_up_after_the_lease(self) -> None:
        function = self._attendant.function
        lease = cdk.Duration.seconds(self._environment.lease_seconds)
        check_ups = RetriedQueue(
            self,
            "CheckUps",
            environment=self._environment,
            key=self._key,
            retry=cdk.Duration.seconds(6 * ANSWER_SECONDS),
            max_receives=5,
            delay=lease,
        )
        self._rule("LeaseBegins", LEASE_BEGINS).add_target(
            targets.SqsQueue(check_ups, dead_letter_queue=check_ups.dead_letters)
        )
        function.add_event_source(
            event_sources.SqsEventSource(check_ups, report_batch_item_failures=True, max_concurrency=_CHECK_UPS_AT_ONCE)
        )
        function.add_environment("CHECK_UP_QUEUE_URL", check_ups.queue_url)
        function.add_environment("LEASE_SECONDS", str(lease.to_seconds()))
        self._attendant.allow(["sqs:SendMessage"], check_ups.queue_arn)

    def _rule(self, construct_id: str, detail_types: tuple[str, ...]) -> events.Rule:
        return events.Rule(
            self,
            construct_id,
            event_bus=self._bus,
            event_pattern=events.EventPattern(source=[self._source], detail_type=list(detail_types)),
        )
