"""What happens when nobody has sent anything: queues drain, leases run out, idle contacts close."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from .acknowledgement import acknowledge, reported
from .chat_bus import ChatBus
from .chat_function import ANSWER_SECONDS, ChatFunction, Handler
from .functions import Functions
from .queues import RetriedQueue

TOLD = (
    "contact.queued",
    "contact.assigned",
    "contact.transferred",
    "contact.reopened",
    "contact.closed",
)
"""Events after which a seller may have room, or something is due at another time than before."""

_AT_ONCE = 20
"""Fewer than are reserved for the function."""


class Attendant(Construct):
    """A function that is told when a seller may have room, and when something is due for a contact.

    One queue brings both: what cannot be done is tried again, and what nothing helps lies where it can be sent back
    from. What is due later is a schedule of the contact's own, of which there is never more than one. The function
    sends nothing to its own queue, so nothing that is delivered twice goes on twice.
    """

    def __init__(self, scope: Construct, construct_id: str, *, functions: Functions, bus: ChatBus) -> None:
        super().__init__(scope, construct_id)
        environment = functions.environment
        queue = RetriedQueue(
            self,
            "CheckUps",
            environment=environment,
            key=functions.data.key,
            retry=cdk.Duration.seconds(6 * ANSWER_SECONDS),
            max_receives=5,
        )
        bus.rule(self, "Told", types=TOLD).add_target(targets.SqsQueue(queue, dead_letter_queue=queue.dead_letters))
        # Not the L2 construct, which gives it a name: a group is still being deleted when the next one is made.
        self.group = scheduler.CfnScheduleGroup(self, "Schedules").ref
        """What is due for contacts is in it, and goes with the functions that it would call."""
        role = self._role_of_schedules(queue)
        attendant = functions.add_taking_part(
            self,
            "Function",
            Handler(
                module="attendant",
                description="Drains queues, ends leases and closes idle contacts.",
                variables={
                    "CHECK_UP_QUEUE_URL": queue.queue_url,
                    "CHECK_UP_QUEUE_ARN": queue.queue_arn,
                    "CHECK_UP_GROUP": self.group,
                    "CHECK_UP_ROLE_ARN": role.role_arn,
                    "LEASE_SECONDS": str(environment.lease_seconds),
                },
            ),
        )
        self._let_schedule(attendant, role)
        attendant.called.add_event_source(
            event_sources.SqsEventSource(
                queue,
                report_batch_item_failures=True,
                max_concurrency=environment.queue_concurrency(_AT_ONCE),
            )
        )

    def _role_of_schedules(self, queue: RetriedQueue) -> iam.Role:
        role = iam.Role(self, "Role", assumed_by=self._own_schedules())
        queue.grant_send_messages(role)
        if queue.encryption_master_key is not None:
            for action in ("kms:GenerateDataKey*", "kms:ReEncrypt*"):
                acknowledge(role, "IAM5", "The stars end at the one key of a queue.", finding=f"Action::{action}")
        return role

    def _own_schedules(self) -> iam.ServicePrincipal:
        """EventBridge Scheduler on behalf of this group, and of nobody else's who found out what the role is called.

        https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        """
        stack = cdk.Stack.of(self)
        group = stack.format_arn(service="scheduler", resource="schedule-group", resource_name=self.group)
        conditions = {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnEquals": {"aws:SourceArn": group}}
        return iam.ServicePrincipal("scheduler.amazonaws.com", conditions=conditions)

    def _let_schedule(self, attendant: ChatFunction, role: iam.Role) -> None:
        stack = cdk.Stack.of(self)
        schedules = stack.format_arn(service="scheduler", resource="schedule", resource_name=f"{self.group}/*")
        attendant.allow(["scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"], schedules)
        acknowledge(
            attendant,
            "IAM5",
            "A contact's id is unknown before it starts; the grant ends at this environment's group.",
            finding=f"Resource::{reported(stack, schedules)}",
        )
        attendant.allow(["iam:PassRole"], role.role_arn)
