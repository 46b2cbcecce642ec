"""What an account needs once in a Region, whichever environments are deployed there."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from .constructs.acknowledgement import acknowledge, reported


class AccountStack(cdk.Stack):
    """The permission for API Gateway to write logs, which WebSocket APIs need and HTTP APIs do not.

    It is one setting for all APIs of an account and Region, of whoever they are. So no environment has it, `make
    bootstrap` leaves the one alone that it finds, and it outlives this stack.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(
            scope, construct_id, description="Seller Chat: API Gateway's permission to write logs, once per Region"
        )
        policy = iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AmazonAPIGatewayPushToCloudWatchLogs")
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
            managed_policies=[policy],
        )
        acknowledge(
            role,
            "IAM4",
            "API Gateway accepts an account role only with the permissions of this very policy.",
            finding=f"Policy::{reported(self, policy.managed_policy_arn)}",
        )
        account = apigateway.CfnAccount(self, "Account", cloud_watch_role_arn=role.role_arn)
        role.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        account.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
