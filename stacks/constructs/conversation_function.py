"""A function that may take part in conversations."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.chat_function import ChatFunction
from stacks.constructs.web_socket_endpoint import WebSocketEndpoint
from stacks.data_stack import INBOX_INDEX, TEAM_INDEX, USER_ID_INDEX, DataStack
from stacks.environments import Environment


class ConversationFunction(ChatFunction):
    """May read and write conversations, assign sellers, push to open connections, and call the shop if there is one.

    docs/data-model.md says which access needs which of the permissions.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        code: lambda_.Code,
        handler: str,
        description: str,
        data: DataStack,
        endpoint: WebSocketEndpoint,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            environment=environment,
            key=data.key,
            code=code,
            handler=handler,
            description=description,
            variables={
                "CONNECTION_TABLE": data.connections.table_name,
                "CONVERSATION_TABLE": data.conversations.table_name,
                "SELLER_TABLE": data.sellers.table_name,
                "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": endpoint.callback_url,
                **_settings(environment),
            },
        )
        self._allow_tables(data)
        endpoint.allow_posts_from(self)
        if environment.php_api_url is not None and data.php_api_key_name is not None:
            self.let_call_shop(environment.php_api_url, key_name=data.php_api_key_name)

    def _allow_tables(self, data: DataStack) -> None:
        connections, conversations, sellers = data.connections, data.conversations, data.sellers
        self.allow(["dynamodb:UpdateItem", "dynamodb:DeleteItem"], connections.table_arn)
        self.allow(["dynamodb:Query"], f"{connections.table_arn}/index/{USER_ID_INDEX}")
        self.allow(
            ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"], conversations.table_arn
        )
        self.allow(["dynamodb:Query"], f"{conversations.table_arn}/index/{INBOX_INDEX}")
        self.allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], sellers.table_arn)
        self.allow(["dynamodb:Query"], f"{sellers.table_arn}/index/{TEAM_INDEX}")


def _settings(environment: Environment) -> dict[str, str]:
    return {
        "RETENTION_DAYS": str(environment.message_retention_days),
        "IDLE_CLOSE_SECONDS": str(environment.idle_close_seconds),
        "REOPEN_CLOSED": "true" if environment.reopens_closed_contacts else "false",
        "UNKNOWN_SELLERS": environment.unknown_sellers,
        "ASSIGNMENT": environment.assignment,
        "VISITOR_RATE": str(environment.visitor_rate),
        "SELLER_RATE": str(environment.seller_rate),
    }
