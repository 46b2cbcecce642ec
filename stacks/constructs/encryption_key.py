"""One key of the account for all that is kept, where AWS's own are not enough."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..environment import Environment
from .access_log import VENDED_LOGS

_USES = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]


class EncryptionKey(kms.Key):
    """A key that rotates every year and serves through AWS's services only, each for what is ours.

    Queues, topic and bus add to its policy who may use it for them.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Encrypts what Seller Chat ({environment.name}) keeps.",
            enable_key_rotation=True,
            removal_policy=environment.removal_policy,
        )
        self._serve_whoever_may_use("dynamodb", "secretsmanager")
        self._serve_log_groups(environment.stack_prefix)

    def _serve_whoever_may_use(self, *services: str) -> None:
        """As for AWS's own keys: whoever may use a table or a secret may use its key, through that service alone."""
        stack = cdk.Stack.of(self)
        self.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.AnyPrincipal()],
                actions=_USES,
                resources=["*"],
                conditions={
                    "StringEquals": {
                        "kms:CallerAccount": stack.account,
                        "kms:ViaService": [f"{service}.{stack.region}.{stack.url_suffix}" for service in services],
                    }
                },
            )
        )

    def _serve_log_groups(self, stack_prefix: str) -> None:
        """CloudWatch Logs names the log group as it asks.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        """
        stack = cdk.Stack.of(self)
        log_groups = [
            stack.format_arn(
                service="logs",
                resource="log-group",
                resource_name=f"{folder}{stack_prefix}-*",
                arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
            )
            for folder in ("", VENDED_LOGS)
        ]
        self.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(f"logs.{stack.region}.{stack.url_suffix}")],
                actions=_USES,
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
            )
        )
