"""Reads CloudFormation templates in the words the specifications use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Grants = dict[str, set[str]]
"""Actions by the resource (its ARN as text, and the partition keys if only some) that they are allowed on."""


@dataclass(frozen=True)
class Template:
    """One stack's template."""

    document: Json

    def resources(self, resource_type: str) -> dict[str, Json]:
        """The resources of a type, whole, by logical id."""
        return {
            logical_id: resource
            for logical_id, resource in self.document["Resources"].items()
            if resource["Type"] == resource_type
        }

    def properties(self, resource_type: str) -> list[Json]:
        """The properties of every resource of a type."""
        return [resource.get("Properties", {}) for resource in self.resources(resource_type).values()]

    def only(self, resource_type: str) -> Json:
        """The properties of the one resource of a type."""
        (properties,) = self.properties(resource_type)
        return properties

    def outputs(self) -> dict[str, str]:
        """The outputs' values by name."""
        return {name: text(output["Value"]) for name, output in self.document.get("Outputs", {}).items()}

    def functions(self) -> dict[str, Json]:
        """The functions' properties by the name of their module: `conversation` for `handlers.conversation.handle`."""
        return {each["Handler"].split(".")[1]: each for each in self.properties("AWS::Lambda::Function")}

    def called(self, value: Any) -> str | None:
        """The logical id of the function that a value names: by itself, or by the alias that leads to it."""
        for each in _references(value):
            resource = self.document["Resources"].get(each, {"Type": ""})
            if resource["Type"] == "AWS::Lambda::Alias":
                return self.called(resource["Properties"]["FunctionName"])
            if resource["Type"] == "AWS::Lambda::Function":
                return each
        return None

    def dependencies(self) -> dict[str, set[str]]:
        """The logical ids that each resource waits for when it is made."""
        resources = self.document["Resources"]
        return {
            logical_id: set(_references([resource.get("Properties"), resource.get("UpdatePolicy")])) & set(resources)
            | set(as_list(resource.get("DependsOn", [])))
            for logical_id, resource in resources.items()
        }

    def grants(self, role_id: str) -> Grants:
        """All that a role may do."""
        allowed: defaultdict[str, set[str]] = defaultdict(set)
        for statement in self._statements(role_id):
            assert statement["Effect"] == "Allow"
            for resource in as_list(statement["Resource"]):
                allowed[text(resource) + _keys(statement)].update(as_list(statement["Action"]))
        return dict(allowed)

    def _statements(self, role_id: str) -> Iterator[Json]:
        for policy in self.properties("AWS::IAM::Policy"):
            if {"Ref": role_id} in policy["Roles"]:
                yield from policy["PolicyDocument"]["Statement"]


def _references(value: Any) -> Iterator[str]:
    """The logical ids within a value."""
    match value:
        case {"Ref": str(logical_id)} | {"Fn::GetAtt": [str(logical_id), *_]}:
            yield logical_id
        case dict():
            for part in value.values():
                yield from _references(part)
        case list():
            for part in value:
                yield from _references(part)


def _keys(statement: Json) -> str:
    """The only condition that these templates know: which partition keys a statement is about."""
    if "Condition" not in statement:
        return ""
    ((operator, condition),) = statement["Condition"].items()
    ((key, (pattern,)),) = condition.items()
    assert (operator, key) == ("ForAllValues:StringLike", "dynamodb:LeadingKeys")
    return f" where key like {pattern}"


def role_of(function: Json) -> str:
    """The logical id of a function's role."""
    role_id: str = function["Role"]["Fn::GetAtt"][0]
    return role_id


def as_list(value: Any) -> list[Any]:
    """What IAM writes as one value or as a list of them."""
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """A value with its references as `${LogicalId}`, `${LogicalId.Attribute}` or `${Stack.Export}`."""
    if not isinstance(value, dict):
        return str(value)
    ((function, argument),) = value.items()
    if function == "Ref":
        return f"${{{argument}}}"
    if function == "Fn::GetAtt":
        return f"${{{'.'.join(argument)}}}"
    if function == "Fn::ImportValue":
        return f"${{{argument.replace(':', '.')}}}"
    if function == "Fn::Join":
        separator, parts = argument
        return str(separator).join(text(part) for part in parts)
    if function == "Fn::Select" and "Fn::Split" in argument[1]:
        return f"a part of {text(argument[1]['Fn::Split'][1])}"
    raise ValueError(f"{function} is not expected in these templates")


@dataclass(frozen=True)
class Stacks:
    """The templates of one environment."""

    data: Template
    chat: Template
    operations: Template

    @staticmethod
    def of(templates: Mapping[str, Json]) -> Stacks:
        """From templates by stack name."""
        by_kind = {name.rpartition("-")[2]: Template(template) for name, template in templates.items()}
        return Stacks(data=by_kind["Data"], chat=by_kind["Chat"], operations=by_kind["Operations"])
