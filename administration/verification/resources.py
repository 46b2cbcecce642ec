"""What the stacks of a deployment are made of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from administration.deployments import PARTS, Deployment


class Resources:
    """The stacks' resources and the functions' variables, each asked for once."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def client(self, service: str) -> Any:
        """A client of an AWS service."""
        return self._deployment.session.client(service, endpoint_url=self._deployment.endpoint)  # type: ignore[call-overload]

    def names(self, kind: str) -> dict[str, str]:
        """The physical names of all resources of a kind, by their logical ids."""
        return {
            each["LogicalResourceId"]: each["PhysicalResourceId"] for each in self._all if each["ResourceType"] == kind
        }

    @cached_property
    def functions(self) -> Mapping[str, Mapping[str, Any]]:
        """How the chat's own functions are configured, by the module of their handler."""
        functions = self.client("lambda")
        names = self.names("AWS::Lambda::Function").values()
        found = [dict(functions.get_function_configuration(FunctionName=name)) for name in names]
        handlers = ((each["Handler"].split("."), each) for each in found)
        return {handler[1]: each for handler, each in handlers if handler[0] == "handlers"}

    @cached_property
    def variables(self) -> Mapping[str, str]:
        """What the functions are told, all in one: none is told two things by one name."""
        told: dict[str, str] = {}
        for each in self.functions.values():
            told |= each.get("Environment", {}).get("Variables", {})
        return told

    def tags(self, part: str) -> dict[str, str]:
        """The tags of a stack."""
        name = self._deployment.stack(part)
        (stack,) = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        return {each["Key"]: each["Value"] for each in stack.get("Tags", [])}

    @cached_property
    def _all(self) -> list[dict[str, Any]]:
        formation = self.client("cloudformation")
        described = formation.get_paginator("describe_stacks").paginate()
        stacks = {each["StackName"] for page in described for each in page["Stacks"]}
        pages = formation.get_paginator("list_stack_resources")
        return [
            dict(each)
            for part in PARTS
            if (name := self._deployment.stack(part)) in stacks
            for page in pages.paginate(StackName=name)
            for each in page["StackResourceSummaries"]
        ]
