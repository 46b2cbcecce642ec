"""What functions are told and may do, in the words of the specifications."""

from __future__ import annotations

import re

from stacks.environment import Environment
from tests.infrastructure.cloud_formation import Grants, Json, Template, role_of, text

TAKING_PART = {
    "CONNECTION_TABLE",
    "CONVERSATION_TABLE",
    "SELLER_TABLE",
    "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI",
    "RETENTION_DAYS",
    "IDLE_CLOSE_SECONDS",
    "REOPEN_CLOSED",
    "UNKNOWN_SELLERS",
    "ASSIGNMENT",
    "VISITOR_RATE",
    "SELLER_RATE",
}
"""The variables of a function that takes part in conversations."""


def own_logs(function: Json) -> str:
    return text({"Fn::GetAtt": [function["LoggingConfig"]["LogGroup"]["Ref"], "Arn"]})


def grants_beside_logs(chat: Template, name: str) -> Grants:
    function = chat.functions()[name]
    return {
        resource: actions
        for resource, actions in chat.grants(role_of(function)).items()
        if resource != own_logs(function)
    }


def table_arn(environment: Environment, name: str) -> str:
    """The pattern of a reference to a table of the data stack."""
    return rf"\$\{{SellerChat-{environment.name}-Data\.\w*GetAtt{name}\w+Arn\w+\}}"


def secret_arn(environment: Environment, name: str) -> str:
    """The pattern of a reference to a secret of the data stack."""
    return rf"\$\{{SellerChat-{environment.name}-Data\.\w*GetAtt{name}\w+\}}"


def taking_part(environment: Environment) -> Grants:
    """What a function needs for conversations: docs/data-model.md, "Access patterns"."""
    connections, conversations = table_arn(environment, "Connections"), table_arn(environment, "Conversations")
    sellers = table_arn(environment, "Sellers")
    return {
        connections: {"dynamodb:UpdateItem", "dynamodb:DeleteItem"},
        f"{connections}/index/UserIdIndex": {"dynamodb:Query"},
        conversations: {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"},
        f"{conversations}/index/InboxIndex": {"dynamodb:Query"},
        sellers: {"dynamodb:GetItem", "dynamodb:UpdateItem"},
        f"{sellers}/index/TeamIndex": {"dynamodb:Query"},
        rf".*:\$\{{WebSocketApi\w+\}}/{environment.name}/\*/@connections/\*": {"execute-api:ManageConnections"},
    }


def matches(grants: Grants, expected: Grants) -> bool:
    """Whether the patterns of `expected` describe exactly the resources of `grants`, with the same actions."""
    return len(grants) == len(expected) and all(
        any(re.fullmatch(pattern, resource) and actions == wanted for resource, actions in grants.items())
        for pattern, wanted in expected.items()
    )
