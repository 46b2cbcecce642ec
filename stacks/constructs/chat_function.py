"""A Lambda function with a role and a log group of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from ..environment import Environment
from .acknowledgement import acknowledge
from .failures import FAILURES

ANSWER_SECONDS = 25
"""Long enough for a cold start and every retry, and less than the 29 s that API Gateway waits.

A function that is ended answers nothing, and API Gateway then sends a frame of its own to the client.
"""

LIVE = "live"
"""The name of the alias that leads to the version that is called."""

_SYSTEM_LINES = {"DEBUG": lambda_.SystemLogLevel.INFO, "INFO": lambda_.SystemLogLevel.WARN}
"""How much Lambda itself says. Its lines on each call that went well are most of what a message costs in logs, and
the metrics say the same."""


@dataclass(frozen=True, kw_only=True)
class Handler:
    """What one function runs, and all that it is told beside what every function is told."""

    module: str
    """The module of `handlers` whose `handle` is called."""

    description: str
    variables: Mapping[str, str] = field(default_factory=dict)
    timeout_seconds: int = ANSWER_SECONDS


class ChatFunction(Construct):
    """One trust boundary: it may write its own logs and do what `allow` lists, nothing else."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        handler: Handler,
        *,
        environment: Environment,
        key: kms.IKey | None,
        code: lambda_.Code,
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = handler.module.capitalize()
        """What people call the function: its handler's module."""
        log_group = logs.LogGroup(
            self,
            "Logs",
            retention=environment.log_retention,
            encryption_key=key,
            removal_policy=environment.removal_policy,
        )
        self.log_group = log_group
        """Where its lines are."""

        self.failures = self._failures(log_group, environment)
        """How often something failed without the function failing."""
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        if key is not None:
            self._acknowledge_grants_for_queues()
        log_group.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            description=handler.description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            code=code,
            handler=f"handlers.{handler.module}.handle",
            memory_size=environment.memory_mb,
            reserved_concurrent_executions=environment.concurrency_of(handler.module),
            timeout=cdk.Duration.seconds(handler.timeout_seconds),
            role=self.role,
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            system_log_level_v2=_SYSTEM_LINES[environment.log_level],
            environment={**_common_variables(environment), **handler.variables},
        )
        self.live = self._alias() if environment.traffic_shift is not None else None
        """What leads to the version that is called, where there are versions."""

    @property
    def called(self) -> lambda_.IFunction:
        """What whoever calls the function has to name."""
        return self.live or self.function

    def _alias(self) -> lambda_.Alias:
        # A version goes with the deployment that replaces it, once nothing calls it.
        return lambda_.Alias(self, "Live", alias_name=LIVE, version=self.function.current_version)

    def _failures(self, log_group: logs.LogGroup, environment: Environment) -> cloudwatch.Metric:
        counted = logs.MetricFilter(
            self,
            "Failures",
            log_group=log_group,
            filter_pattern=logs.FilterPattern.any_term(*(f'"event":"{name}"' for name in FAILURES)),
            metric_namespace=f"SellerChat/{environment.name}",
            metric_name=f"{self.name}Failures",
        )
        return counted.metric(statistic="Sum", period=cdk.Duration.minutes(5))

    def _acknowledge_grants_for_queues(self) -> None:
        """The CDK lets a sender to an encrypted queue use its key, with actions as AWS documents them."""
        for action in ("kms:GenerateDataKey*", "kms:ReEncrypt*"):
            acknowledge(self, "IAM5", "The stars end at the one key of a queue.", finding=f"Action::{action}")

    def allow(self, actions: Sequence[str], resource: str, *, keys: str | None = None) -> None:
        """Let the function do exactly `actions` on the one `resource` (an ARN).

        With `keys`, a pattern such as `ticket#*`, only on items of a table whose partition keys match it.
        """
        conditions = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [keys]}} if keys else None
        self.role.add_to_principal_policy(
            iam.PolicyStatement(actions=list(actions), resources=[resource], conditions=conditions)
        )

    def let_read_secret(self, arn: str) -> None:
        """Let the function read the secret with this ARN."""
        self.allow(["secretsmanager:GetSecretValue"], arn)


def _common_variables(environment: Environment) -> dict[str, str]:
    roots = environment.target.ca_bundle
    told = {"LOG_LEVEL": environment.log_level, "ENVIRONMENT": environment.name}
    return {**told, **({} if roots is None else {"AWS_CA_BUNDLE": roots})}
