"""Queues that lose nothing: what cannot be handled waits where an alarm sees it."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.acknowledgement import acknowledge
from stacks.environment import Environment


class DeadLetterQueue(sqs.Queue):
    """Where what could not be handled waits for a person."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, key: kms.IKey | None) -> None:
        super().__init__(
            scope,
            construct_id,
            enforce_ssl=environment.target.enforces_tls,
            encryption_master_key=key,
            # A message's age counts from its first queue on, so this one must keep it as long as SQS can.
            retention_period=cdk.Duration.days(14),
        )
        _acknowledge_plain_http(self, environment)
        acknowledge(self, "SQS3", "This is a dead-letter queue itself.")


class RetriedQueue(sqs.Queue):
    """A queue whose messages are tried again, `max_receives` times in all, and then kept as dead letters.

    `retry` is how long a message waits after a failure. AWS advises at least six times the consumer's time-out
    (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        key: kms.IKey | None,
        retry: cdk.Duration,
        max_receives: int,
        delay: cdk.Duration | None = None,
    ) -> None:
        self.dead_letters = DeadLetterQueue(scope, f"{construct_id}DeadLetters", environment=environment, key=key)
        super().__init__(
            scope,
            construct_id,
            enforce_ssl=environment.target.enforces_tls,
            encryption_master_key=key,
            visibility_timeout=retry,
            delivery_delay=delay,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=max_receives),
        )
        _acknowledge_plain_http(self, environment)


def _acknowledge_plain_http(queue: sqs.Queue, environment: Environment) -> None:
    if not environment.target.enforces_tls:
        acknowledge(queue, "SQS4", "An emulator speaks plain HTTP only.")
