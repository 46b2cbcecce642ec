"""Queues that lose nothing: what cannot be handled waits where an alarm sees it."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ..environment import Environment
from .acknowledgement import acknowledge

LONGEST_RETENTION = cdk.Duration.days(14)
"""SQS forgets a message after that, however often it was tried; a message's age counts from its first queue on."""


class DeadLetterQueue(sqs.Queue):
    """Where what could not be handled waits for a person."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, key: kms.IKey | None) -> None:
        super().__init__(
            scope,
            construct_id,
            enforce_ssl=environment.target.enforces_tls,
            encryption_master_key=key,
            retention_period=LONGEST_RETENTION,
            removal_policy=environment.removal_policy,
        )
        _acknowledge_plain_http(self, environment)
        acknowledge(self, "SQS3", "This is a dead-letter queue itself.")


_LATE_AFTER = 4
"""How often a message has been tried in vain when somebody should look."""


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
            retention_period=LONGEST_RETENTION,
            removal_policy=environment.removal_policy,
            delivery_delay=delay,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=max_receives),
        )
        self.late = cdk.Duration.seconds(_LATE_AFTER * retry.to_seconds())
        """The age of a message at which its consumer does not get on."""
        _acknowledge_plain_http(self, environment)


def _acknowledge_plain_http(queue: sqs.Queue, environment: Environment) -> None:
    if not environment.target.enforces_tls:
        acknowledge(queue, "SQS4", "An emulator speaks plain HTTP only.")
