"""The REST API, for browsers whose WebSocket is blocked."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..environment import Environment, Throttle
from .access_log import REST_FIELDS, VENDED_LOGS, AccessLog
from .acknowledgement import acknowledge
from .chat_function import ChatFunction
from .hosts import answer_at
from .route_throttles import RouteThrottles, stage_throttle

TRACING_HEADERS = (
    "baggage",
    "sentry-trace",
    "traceparent",
    "tracestate",
    "b3",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "newrelic",
    "request-id",
    "x-datadog-origin",
    "x-datadog-parent-id",
    "x-datadog-sampling-priority",
    "x-datadog-trace-id",
    "x-posthog-distinct-id",
    "x-posthog-session-id",
    "x-posthog-window-id",
)
"""What shops' monitoring adds to every call of a page: one that is not allowed would keep the call from being made."""


class RestEndpoint(Construct):
    """An HTTP API at the root of its host, open to the pages of the environment's origins."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, key: kms.IKey | None) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        self._api = apigatewayv2.HttpApi(
            self,
            "Api",
            api_name=f"seller-chat-{environment.name}-rest",
            description="The same service as the WebSocket API, for browsers that cannot open one.",
            create_default_stage=False,
            cors_preflight=apigatewayv2.CorsPreflightOptions(
                allow_origins=list(environment.origins),
                allow_methods=[
                    apigatewayv2.CorsHttpMethod.GET,
                    apigatewayv2.CorsHttpMethod.POST,
                    apigatewayv2.CorsHttpMethod.OPTIONS,
                ],
                allow_headers=["content-type", "authorization", *TRACING_HEADERS],
                max_age=cdk.Duration.hours(1),
            ),
        )
        acknowledge(
            self._api, "APIG4", "The bearer is a device id or a seller's token, which the domain proves on every call."
        )
        self.stage = self._stage(key)
        answer_at(self, environment.rest_host, api=self._api.api_id, stage=self.stage.stage_name)
        self._throttles = RouteThrottles(self.stage)

    def _stage(self, key: kms.IKey | None) -> apigatewayv2.HttpStage:
        return apigatewayv2.HttpStage(
            self,
            "Stage",
            http_api=self._api,
            stage_name="$default",
            auto_deploy=True,
            throttle=stage_throttle(self._environment.throttles.other),
            access_log_settings=AccessLog(
                self,
                "AccessLog",
                environment=self._environment,
                key=key,
                fields=REST_FIELDS,
                # An HTTP API's groups fill up the account's one policy for such logs, but for those of this name.
                name=f"{VENDED_LOGS}{self._environment.stack_prefix}-Rest",
            ),
        )

    @property
    def url(self) -> str:
        """What paths such as `/sendmessage` are appended to."""
        if self._environment.rest_host:
            return f"https://{self._environment.rest_host}"
        if self._environment.target.emulator_url is None:
            return self._api.api_endpoint
        return f"{self._environment.target.emulator_url}/_aws/execute-api/{self._api.api_id}"

    def route(self, routes: Mapping[str, Throttle], function: ChatFunction) -> None:
        """Send calls of `routes`, such as `POST /sendmessage`, to `function`."""
        for key, throttle in routes.items():
            # One each: a shared one would be the first route's, and be replaced with it.
            integration = integrations.HttpLambdaIntegration(
                "Integration",
                function.called,
                payload_format_version=apigatewayv2.PayloadFormatVersion.VERSION_2_0,
            )
            method, path = key.split(" ")
            (route,) = self._api.add_routes(
                path=path, methods=[apigatewayv2.HttpMethod[method]], integration=integration
            )
            self._throttles.add(key, route, throttle)
