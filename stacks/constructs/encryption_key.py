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
    """A key that rotates every year. What it serves is added by those that it is used by."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Encrypts what Seller Chat ({environment.name}) keeps.",
            enable_key_rotation=True,
            removal_policy=environment.removal_policy,
        )


def serve_tables_and_secrets(key: kms.IKey, stack: cdk.Stack) -> None:
    """As for AWS's own keys: who may use a table or a secret may use its key, through that service alone.

    A key that another app has made keeps its policy, which has to say so by itself.
    """
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.AnyPrincipal()],
            actions=_USES,
            resources=["*"],
            conditions={
                "StringEquals": {
                    "kms:CallerAccount": stack.account,
                    "kms:ViaService": [
                        f"{service}.{stack.region}.{stack.url_suffix}" for service in ("dynamodb", "secretsmanager")
                    ],
                }
            },
        )
    )


def serve_logs(key: kms.IKey, stack: cdk.Stack, *, vended: str | None = None) -> None:
    """CloudWatch Logs names the log group as it asks: after its stack, but those that API Gateway writes to.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    names = [f"{stack.stack_name}-*", *([f"{VENDED_LOGS}{vended}"] if vended else [])]
    log_groups = [
        stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name=name,
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        for name in names
    ]
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.{stack.url_suffix}")],
            actions=_USES,
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
        )
    )
