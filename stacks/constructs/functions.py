"""The one place where functions are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from ..data_stack import INBOX_INDEX, TEAM_INDEX, USER_ID_INDEX, DataStack
from ..environment import Environment
from .chat_function import ChatFunction, Handler
from .web_socket_endpoint import WebSocketEndpoint


@dataclass(frozen=True, kw_only=True)
class Functions:
    """Makes the functions of an environment, all from the same bundle.

    A function is told its variables here and by nobody afterwards.
    """

    environment: Environment
    data: DataStack
    endpoint: WebSocketEndpoint
    code: lambda_.Code

    def add(self, scope: Construct, construct_id: str, handler: Handler) -> ChatFunction:
        """A function that may do nothing yet."""
        return ChatFunction(
            scope, construct_id, handler, environment=self.environment, key=self.data.key, code=self.code
        )

    def add_calling_shop(self, scope: Construct, construct_id: str, handler: Handler) -> ChatFunction:
        """A function that may call the shop's back end."""
        function = self.add(scope, construct_id, _told(handler, self._shop_variables()))
        self._let_read_shop_key(function)
        return function

    def let_see_who_was_erased(self, function: ChatFunction) -> None:
        """Let a function that is told `ConversationTable` ask whether a contact's visitor was erased."""
        function.allow(["dynamodb:BatchGetItem"], self.data.conversations.table_arn)

    def add_taking_part(self, scope: Construct, construct_id: str, handler: Handler) -> ChatFunction:
        """A function that takes part in conversations.

        It may read and write conversations, assign sellers, push to open connections, and call the shop if there is
        one. docs/data-model.md says which access needs which of the permissions.
        """
        more = {**self._variables_of_taking_part(), **self._shop_variables()}
        function = self.add(scope, construct_id, _told(handler, more))
        self._allow_tables(function)
        self.endpoint.allow_posts_from(function)
        self._let_read_shop_key(function)
        return function

    def _shop_variables(self) -> dict[str, str]:
        if self.environment.php_api_url is None or self.data.php_api_key_arn is None:
            return {}
        return {"PHP_API_URL": self.environment.php_api_url, "PHP_API_KEY_SECRET": self.data.php_api_key_arn}

    def _let_read_shop_key(self, function: ChatFunction) -> None:
        if self.data.php_api_key_arn is not None:
            function.let_read_secret(self.data.php_api_key_arn)

    def _variables_of_taking_part(self) -> dict[str, str]:
        environment, data = self.environment, self.data
        return {
            "CONNECTION_TABLE": data.connections.table_name,
            "CONVERSATION_TABLE": data.conversations.table_name,
            "SELLER_TABLE": data.sellers.table_name,
            "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": self.endpoint.callback_url,
            "RETENTION_DAYS": str(environment.message_retention_days),
            "IDLE_CLOSE_SECONDS": str(environment.idle_close_seconds),
            "REOPEN_CLOSED": "true" if environment.reopens_closed_contacts else "false",
            "UNKNOWN_SELLERS": environment.unknown_sellers,
            "ASSIGNMENT": environment.assignment,
            "VISITOR_RATE": str(environment.visitor_rate),
            "SELLER_RATE": str(environment.seller_rate),
        }

    def _allow_tables(self, function: ChatFunction) -> None:
        connections, conversations, sellers = self.data.connections, self.data.conversations, self.data.sellers
        function.allow(["dynamodb:UpdateItem", "dynamodb:DeleteItem"], connections.table_arn)
        function.allow(["dynamodb:Query"], f"{connections.table_arn}/index/{USER_ID_INDEX}")
        function.allow(
            ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"], conversations.table_arn
        )
        function.allow(["dynamodb:Query"], f"{conversations.table_arn}/index/{INBOX_INDEX}")
        function.allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], sellers.table_arn)
        function.allow(["dynamodb:Query"], f"{sellers.table_arn}/index/{TEAM_INDEX}")


def _told(handler: Handler, more: Mapping[str, str]) -> Handler:
    return replace(handler, variables={**more, **handler.variables})
