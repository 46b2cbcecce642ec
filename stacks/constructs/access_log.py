"""API Gateway's access log: what was asked and how it ended, but never by whom."""

from __future__ import annotations

import json
from collections.abc import Mapping

import aws_cdk as cdk
import jsii
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from ..environment import Environment

VENDED_LOGS = "/aws/vendedlogs/apigateway/"

# Query strings, headers and the authorizer's context hold device ids and tokens, bearer secrets, and so must stay out.
WEB_SOCKET_FIELDS = {
    "requestId": "$context.requestId",
    "requestTimeEpoch": "$context.requestTimeEpoch",
    "connectionId": "$context.connectionId",
    "eventType": "$context.eventType",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "error": "$context.error.message",
    "integrationStatus": "$context.integrationStatus",
    "integrationError": "$context.integrationErrorMessage",
    "integrationLatency": "$context.integrationLatency",
    "authorizerStatus": "$context.authorizer.status",
    "authorizerError": "$context.authorizer.error",
}
REST_FIELDS = {
    "requestId": "$context.requestId",
    "requestTimeEpoch": "$context.requestTimeEpoch",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "error": "$context.error.message",
    "integrationStatus": "$context.integrationStatus",
    "integrationError": "$context.integrationErrorMessage",
    "integrationLatency": "$context.integrationLatency",
    "responseLatency": "$context.responseLatency",
}


@jsii.implements(apigatewayv2.IAccessLogSettings)
class AccessLog(Construct):
    """A log group that API Gateway writes `fields` to."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        key: kms.IKey | None,
        fields: Mapping[str, str],
        name: str | None = None,
    ) -> None:
        """With a `name` the group goes with its stack, also where others are kept, since the next needs its name."""
        super().__init__(scope, construct_id)
        self._fields = fields
        self._group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=name,
            retention=environment.log_retention,
            encryption_key=key,
            removal_policy=cdk.RemovalPolicy.DESTROY if name else environment.removal_policy,
        )

    @property
    def destination(self) -> apigatewayv2.IAccessLogDestination:
        """Where API Gateway writes."""
        return apigatewayv2.LogGroupLogDestination(self._group)

    @property
    def format(self) -> apigateway.AccessLogFormat:
        """One JSON object a line."""
        return apigateway.AccessLogFormat.custom(json.dumps(self._fields))
