"""What answers: the WebSocket API and its functions. It holds no data and can be built anew at any time."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from stacks.bundling import bundled_code
from stacks.constructs.chat_function import ChatFunction
from stacks.constructs.web_socket_endpoint import WebSocketEndpoint
from stacks.data_stack import INBOX_INDEX, USER_ID_INDEX, DataStack
from stacks.environments import Environment

CONVERSATION_ACTIONS = (
    "InitChat",
    "initiateChat",
    "sendMessage",
    "sync",
    "receipt",
    "typing",
    "inbox",
    "transferChat",
    "closeChat",
)


class ChatStack(cdk.Stack):
    """The stateless half: one function for each set of permissions, not for each action."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, data: DataStack, **kwargs: Any
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Seller Chat ({environment.name}): WebSocket API and functions",
            synthesizer=environment.synthesizer(),
            **kwargs,
        )
        self._environment = environment
        self._data = data
        self._code = bundled_code(environment.bundle)
        self._endpoint = WebSocketEndpoint(self, "WebSocket", environment=environment)
        self._route()
        # The secret is known by its name alone, in which the CDK sees no dependency.
        self.add_stack_dependency(data)
        self._say_if_cold_starts_are_slow()
        cdk.CfnOutput(self, "WebSocketUrl", value=self._endpoint.url)

    def _say_if_cold_starts_are_slow(self) -> None:
        target = self._environment.bundle
        if target.interpreter is None:
            cdk.Annotations.of(self).add_info_v2(
                "SellerChat:WithoutBytecode",
                f"There is no python{target.python_version} here, so the functions are bundled without bytecode "
                "and every cold start compiles them first. Deploy from a machine that has it.",
            )

    def _route(self) -> None:
        fallback = self._function("Fallback", "fallback", "Says what is wrong with an unknown frame.", {})
        self._endpoint.route_connections(self._connection_function(), authorizer=self._authorizer_function())
        self._endpoint.route(CONVERSATION_ACTIONS, self._conversation_function())
        if self._environment.supports_route_responses:
            self._endpoint.route(["$default"], fallback)
            self._endpoint.answer("ping", {"action": "pong"})
        else:
            self._endpoint.route(["$default", "ping"], fallback)

    def _authorizer_function(self) -> ChatFunction:
        function = self._function(
            "Authorizer",
            "authorizer",
            "Proves at $connect who is connecting.",
            {
                "SELLER_TOKEN_SECRET": self._data.seller_token_key_name,
                "ALLOWED_ORIGINS": ",".join(self._environment.allowed_origins),
            },
        )
        function.allow(["secretsmanager:GetSecretValue"], self._secret_arn(self._data.seller_token_key_name))
        return function

    def _secret_arn(self, name: str) -> str:
        # Secrets Manager ends every ARN with six characters of its own.
        return self.format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{name}-??????",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )

    def _connection_function(self) -> ChatFunction:
        connections = self._data.connections
        function = self._function(
            "Connection",
            "connection",
            "Remembers open connections.",
            {"CONNECTION_TABLE": connections.table_name},
        )
        function.allow(["dynamodb:PutItem", "dynamodb:DeleteItem"], connections.table_arn)
        return function

    def _conversation_function(self) -> ChatFunction:
        connections, conversations = self._data.connections, self._data.conversations
        function = self._function(
            "Conversation",
            "conversation",
            "Starts, carries and ends conversations.",
            {
                "CONNECTION_TABLE": connections.table_name,
                "CONVERSATION_TABLE": conversations.table_name,
                "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": self._endpoint.callback_url,
                "RETENTION_DAYS": str(self._environment.message_retention_days),
                "IDLE_CLOSE_SECONDS": str(self._environment.idle_close_seconds),
                "REOPEN_CLOSED": "true" if self._environment.reopens_closed_contacts else "false",
                "UNKNOWN_SELLERS": self._environment.unknown_sellers,
            },
        )
        function.allow(["dynamodb:UpdateItem", "dynamodb:DeleteItem"], connections.table_arn)
        function.allow(["dynamodb:Query"], f"{connections.table_arn}/index/{USER_ID_INDEX}")
        function.allow(
            ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"], conversations.table_arn
        )
        function.allow(["dynamodb:Query"], f"{conversations.table_arn}/index/{INBOX_INDEX}")
        self._endpoint.allow_posts_from(function)
        return function

    def _function(self, construct_id: str, module: str, description: str, variables: dict[str, str]) -> ChatFunction:
        return ChatFunction(
            self,
            construct_id,
            environment=self._environment,
            code=self._code,
            handler=f"handlers.{module}.handle",
            description=description,
            variables=variables,
        )
