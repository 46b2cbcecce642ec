"""What CloudFormation replaces rather than changes, and what is lost with it, as the schemas in cfn-lint say."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal

import cfnlint.data.AdditionalSpecs
from cfnlint.helpers import load_resource
from cfnlint.schema import ResourceNotFoundError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from review.values import Path

Replaced = Literal["no", "perhaps", "yes"]

_ANY_REGION = "us-east-1"
_ADDRESSES = frozenset(
    {
        "AWS::ApiGateway::RestApi",
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGatewayV2::ApiMapping",
        "AWS::ApiGatewayV2::DomainName",
        "AWS::CloudFront::Distribution",
        "AWS::Events::EventBus",
        "AWS::Route53::RecordSet",
        "AWS::SNS::Topic",
    }
)
"""What holds nothing, and others have written down where it is."""


def is_stateful(resource_type: str) -> bool:
    """Whether what it holds is gone with it."""
    return resource_type in _stateful_types()


def is_address(resource_type: str) -> bool:
    """Whether others know it by an address, which another one in its place does not have."""
    return resource_type in _ADDRESSES


def replaced(resource_type: str, changed: Iterable[Path]) -> dict[Replaced, list[str]]:
    """Of the properties that change, those for which CloudFormation makes another resource."""
    always, sometimes = _create_only(resource_type)
    found: dict[Replaced, list[str]] = {"yes": [], "perhaps": [], "no": []}
    for path in changed:
        found["yes" if _meets(path, always) else "perhaps" if _meets(path, sometimes) else "no"].append(path[0])
    return {answer: sorted(set(names)) for answer, names in found.items()}


def _meets(path: Path, patterns: Iterable[Path]) -> bool:
    return any(all(b in (a, "*") for a, b in zip(path, pattern, strict=False)) for pattern in patterns)


@cache
def _create_only(resource_type: str) -> tuple[list[Path], list[Path]]:
    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(_ANY_REGION, resource_type).schema
    except ResourceNotFoundError:
        return [], []
    return _paths(schema.get("createOnlyProperties", [])), _paths(schema.get("conditionalCreateOnlyProperties", []))


def _paths(pointers: Iterable[str]) -> list[Path]:
    return [tuple(pointer.removeprefix("/properties/").split("/")) for pointer in pointers]


@cache
def _stateful_types() -> frozenset[str]:
    return frozenset(load_resource(cfnlint.data.AdditionalSpecs, "StatefulResources.json")["ResourceTypes"])
