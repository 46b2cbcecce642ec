"""The WebSocket API: its stage, who may connect, and which function answers which action."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..environment import Environment, Throttle
from .access_log import WEB_SOCKET_FIELDS, AccessLog
from .acknowledgement import acknowledge, reported
from .chat_function import ChatFunction
from .hosts import answer_at
from .route_throttles import RouteThrottles, stage_throttle

# API Gateway's way to say "always this template", with no content type to select by.
_ALWAYS = "$default"
_SELECT_ALWAYS = "\\$default"


class WebSocketEndpoint(Construct):
    """An API without routes and its stage; add the routes once their functions exist."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, key: kms.IKey | None) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        self._api = apigatewayv2.WebSocketApi(
            self,
            "Api",
            api_name=f"seller-chat-{environment.name}",
            description="Frames are JSON objects, routed on their action.",
            route_selection_expression="$request.body.action",
        )
        acknowledge(
            self._api, "APIG4", "API Gateway authorizes at $connect only; after that the domain checks every frame."
        )
        self.stage = self._stage(key)
        answer_at(self, environment.sockets_host, api=self._api.api_id, stage=self.stage.stage_name)
        self._throttles = RouteThrottles(self.stage)

    def _stage(self, key: kms.IKey | None) -> apigatewayv2.WebSocketStage:
        access_log = AccessLog(self, "AccessLog", environment=self._environment, key=key, fields=WEB_SOCKET_FIELDS)
        return apigatewayv2.WebSocketStage(
            self,
            "Stage",
            web_socket_api=self._api,
            stage_name=self._environment.name,
            auto_deploy=True,
            throttle=stage_throttle(self._environment.throttles.other),
            access_log_settings=access_log,
        )

    @property
    def url(self) -> str:
        """Where clients connect to, `wss://…` (`ws://…` on an emulator)."""
        if self._environment.sockets_host:
            return f"wss://{self._environment.sockets_host}"
        if self._environment.target.emulator_url is None:
            return self.stage.url
        return self._emulated_url(self._environment.target.emulator_url.replace("http", "ws", 1))

    @property
    def api_id(self) -> str:
        """By which an operator's command finds open connections, whatever name clients use."""
        return self._api.api_id

    @property
    def callback_url(self) -> str:
        """The endpoint for `PostToConnection` and the other calls to open connections."""
        if self._environment.target.emulator_url is None:
            return self.stage.callback_url
        return self._emulated_url(self._environment.target.emulator_url)

    def _emulated_url(self, base: str) -> str:
        return f"{base}/_aws/execute-api/{self._api.api_id}/{self.stage.stage_name}"

    def allow_posts_from(self, function: ChatFunction) -> None:
        """Let `function` call this stage's open connections, and no other stage's."""
        self.stage.grant_management_api_access(function.role)
        stack = cdk.Stack.of(self)
        connections = stack.format_arn(
            service="execute-api",
            resource=self._api.api_id,
            resource_name=f"{self.stage.stage_name}/*/@connections/*",
        )
        acknowledge(
            function,
            "IAM5",
            "A connection's id is unknown before it connects; the grant ends at this stage's.",
            finding=f"Resource::{reported(stack, connections)}",
        )

    def route_connections(self, function: ChatFunction, *, authorizer: ChatFunction) -> None:
        """Send `$connect` (if `authorizer` allows it) and `$disconnect` to `function`."""
        connect = self._api.add_route(
            "$connect",
            integration=integrations.WebSocketLambdaIntegration("Integration", function.called),
            authorizer=authorizers.WebSocketLambdaAuthorizer(
                "Authorizer",
                authorizer.called,
                # A browser's WebSocket cannot send a header, which is the default.
                identity_source=["route.request.querystring.userId"],
            ),
        )
        self._throttles.add("$connect", connect, self._environment.throttles.connect)
        self._api.add_route(
            "$disconnect", integration=integrations.WebSocketLambdaIntegration("Integration", function.called)
        )

    def route(
        self, actions: Mapping[str, Throttle], function: ChatFunction, *, unanswered: Collection[str] = ()
    ) -> None:
        """Send the frames with these actions to `function`, and what it returns back to their sender.

        Of those that are `unanswered` nothing goes back, which would be a frame that is paid for.
        """
        for action, throttle in actions.items():
            route = self._api.add_route(
                action,
                # One each: a shared one would be the first action's, and be replaced with it.
                integration=integrations.WebSocketLambdaIntegration("Integration", function.called),
                return_response=action not in unanswered,
            )
            self._throttles.add(action, route, throttle)

    def answer(self, action: str, response: dict[str, str], throttle: Throttle) -> None:
        """Answer frames with `action` always with `response`, without a function."""
        route = self._api.add_route(
            action,
            integration=integrations.WebSocketMockIntegration(
                "Integration",
                request_templates={_ALWAYS: json.dumps({"statusCode": 200})},
                template_selection_expression=_SELECT_ALWAYS,
            ),
            return_response=True,
        )
        self._throttles.add(action, route, throttle)
        integration = cast("apigatewayv2.WebSocketIntegration", route.node.find_child("Integration"))
        apigatewayv2.CfnIntegrationResponse(
            route,
            "IntegrationResponse",
            api_id=self._api.api_id,
            integration_id=integration.integration_id,
            integration_response_key="$default",
            response_templates={_ALWAYS: json.dumps(response)},
            template_selection_expression=_SELECT_ALWAYS,
        )
