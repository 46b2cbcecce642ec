"""How much API Gateway lets through of each route of a stage."""

from __future__ import annotations

from typing import Any, cast

from aws_cdk import aws_apigatewayv2 as apigatewayv2
from constructs import IConstruct

from ..environment import Throttle


class RouteThrottles:
    """The throttles of a stage's routes, which the L2 constructs of stages have no property for."""

    def __init__(self, stage: apigatewayv2.IStage) -> None:
        self._stage = stage
        self._settings: dict[str, dict[str, Any]] = {}

    def add(self, key: str, route: IConstruct, throttle: Throttle) -> None:
        """Throttle the `route` with this key, such as `sendMessage` or `POST /chats`."""
        self._settings[key] = {
            "ThrottlingRateLimit": throttle.requests_per_second,
            "ThrottlingBurstLimit": throttle.burst,
        }
        cast("apigatewayv2.CfnStage", self._stage.node.default_child).route_settings = self._settings
        # API Gateway refuses settings for a route that is not there yet.
        self._stage.node.add_dependency(route)


def stage_throttle(throttle: Throttle) -> apigatewayv2.ThrottleSettings:
    """The throttle of routes without one of their own."""
    return apigatewayv2.ThrottleSettings(rate_limit=throttle.requests_per_second, burst_limit=throttle.burst)
