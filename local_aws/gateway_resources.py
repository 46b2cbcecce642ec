"""Responses of routes and of integrations, which MiniStack's API Gateway has and its CloudFormation does not know."""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import apigateway
from ministack.services.cloudformation import provisioners

Properties = dict[str, Any]


def deploy_responses() -> None:
    """Let templates have responses of routes and of integrations; to be called before the emulator starts."""
    provisioners._RESOURCE_HANDLERS |= {
        "AWS::ApiGatewayV2::RouteResponse": _resource("RouteId", apigateway, "route_response"),
        "AWS::ApiGatewayV2::IntegrationResponse": _resource("IntegrationId", apigateway, "integration_response"),
    }


def _resource(parent: str, api: Any, name: str) -> dict[str, Callable[..., Any]]:
    """How CloudFormation makes, changes and removes what belongs to an API's route or integration."""
    make, change, remove = (getattr(api, f"_{verb}_{name}") for verb in ("create", "update", "delete"))

    def parent_of(properties: Properties) -> str:
        # MiniStack refers to a route by its API's id and its own.
        return str(properties[parent]).rpartition("/")[2]

    def create(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
        made = _answer(make(properties["ApiId"], parent_of(properties), _as_in_the_api(properties)))
        return made[next(key for key in made if key.endswith("ResponseId"))], {}

    def update(physical_id: str, before: Properties, after: Properties, stack: str) -> tuple[str, Properties]:
        if any(before[each] != after[each] for each in ("ApiId", parent)):
            delete(physical_id, before)
            return create("", after, stack)
        _answer(change(after["ApiId"], parent_of(after), physical_id, _as_in_the_api(after)))
        return physical_id, {}

    def delete(physical_id: str, properties: Properties) -> None:
        remove(properties["ApiId"], parent_of(properties), physical_id)

    return {"create": create, "update": update, "delete": delete}


def _as_in_the_api(properties: Properties) -> Properties:
    """CloudFormation's names begin with a capital letter."""
    return {name[0].lower() + name[1:]: value for name, value in properties.items()}


def _answer(answer: tuple[int, Any, bytes]) -> Properties:
    status, _, body = answer
    if status >= 400:
        raise ValueError(body.decode())
    made: Properties = json.loads(body)
    return made
