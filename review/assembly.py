"""Reads what `cdk synth` has written: the stacks of an environment, with names in the place of logical ids."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from review.replacement import is_address, is_stateful
from review.values import Json, Resolve, readable

OUTPUT = "Output"
_TEMPLATE = ".template.json"
_LETTERS = re.compile(r"\W")
_HASH = re.compile(r"[0-9A-F]{8}$")
_HASH_OF_ANOTHER_PATH = re.compile(r"(?<=[a-z])[0-9A-F]{8}(?=/)")
"""At the end of the name by which one construct calls another, as a function its event source."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource; its properties are readable."""

    logical_id: str
    name: str
    type: str
    properties: Json
    deletion_policy: str = "Delete"
    update_replace_policy: str = "Delete"

    @property
    def kind(self) -> str:
        """Its type, short: `DynamoDB::GlobalTable`."""
        return self.type.removeprefix("AWS::")

    @property
    def is_kept_by_id(self) -> bool:
        """Whether another one in its place is not the same, however equal: it holds something, or has an address."""
        return is_stateful(self.type) or is_address(self.type)


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One stack: its resources by logical id."""

    name: str
    resources: Mapping[str, Resource]
    """And its outputs, as resources of the type `Output`, but for those that only other stacks read."""

    termination_protection: bool = False


@dataclass(frozen=True)
class Assembly:
    """The stacks of one environment, by their name without the environment's."""

    stacks: Mapping[str, Stack] = field(default_factory=dict)


def read(folder: Path) -> Assembly:
    """What `cdk synth --output FOLDER` has written for the environment that the folder is called after."""
    templates = {
        path.name.removesuffix(_TEMPLATE): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob(f"*{_TEMPLATE}"))
    }
    return assembly(templates, environment=folder.name, protected=_protected(folder / "manifest.json"))


def _protected(manifest: Path) -> frozenset[str]:
    if not manifest.exists():
        return frozenset()
    artifacts = json.loads(manifest.read_text(encoding="utf-8"))["artifacts"]
    return frozenset(
        name for name, each in artifacts.items() if each.get("properties", {}).get("terminationProtection")
    )


def assembly(templates: Mapping[str, Json], *, environment: str, protected: frozenset[str] = frozenset()) -> Assembly:
    """From templates by the stack's name."""
    exported = _exports(templates, environment)
    templates = {name: _as_named(template, templates, environment) for name, template in templates.items()}
    return Assembly(
        {
            _short(name, environment): _stack(
                _short(name, environment), template, exported, protected=name in protected
            )
            for name, template in templates.items()
        }
    )


def _short(stack: str, environment: str) -> str:
    return stack.rpartition(f"{environment}-")[2]


def _as_named(template: Json, stacks: Iterable[str], environment: str) -> Json:
    """The template with constructs that are named after a stack, as the CDK does, in the same words everywhere."""
    resources = dict(template.get("Resources", {}))
    for logical_id, each in resources.items():
        path = _HASH_OF_ANOTHER_PATH.sub("", str(each.get("Metadata", {}).get("aws:cdk:path", "")))
        for stack in stacks:
            path = path.replace(_LETTERS.sub("", stack), _short(stack, environment))
        resources[logical_id] = {**each, "Metadata": {"aws:cdk:path": path}}
    return {**template, "Resources": resources}


def _exports(templates: Mapping[str, Json], environment: str) -> dict[str, str]:
    """What each export stands for, in words that say of which stack."""
    exported: dict[str, str] = {}
    for stack, template in templates.items():
        names = _names(template)
        for output, each in template.get("Outputs", {}).items():
            value = readable(each["Value"], _resolver(names, {}))
            meaning = str(value).replace("${", f"${{{_short(stack, environment)}/", 1)
            exported[f"{stack}:{output}"] = meaning
            if "Export" in each:
                exported[str(each["Export"]["Name"])] = meaning
    return exported


def _stack(name: str, template: Json, exported: Mapping[str, str], *, protected: bool) -> Stack:
    names = _names(template)
    resolve = _resolver(names, exported)
    resources = {
        logical_id: Resource(
            logical_id=logical_id,
            name=names[logical_id],
            type=each["Type"],
            properties=readable(each.get("Properties", {}), resolve),
            deletion_policy=each.get("DeletionPolicy", "Delete"),
            update_replace_policy=each.get("UpdateReplacePolicy", "Delete"),
        )
        for logical_id, each in template.get("Resources", {}).items()
    }
    outputs = {
        f"{OUTPUT}/{each}": Resource(
            logical_id=f"{OUTPUT}/{each}",
            name=each,
            type=OUTPUT,
            properties={"Value": readable(said["Value"], resolve)},
        )
        for each, said in template.get("Outputs", {}).items()
        if "Export" not in said
    }
    return Stack(name=name, resources={**outputs, **resources}, termination_protection=protected)


def _resolver(names: Mapping[str, str], exported: Mapping[str, str]) -> Resolve:
    def resolve(logical_id: str, attribute: str | None) -> str:
        if logical_id in exported:
            return exported[logical_id]
        return f"${{{names.get(logical_id, logical_id)}{f'.{attribute}' if attribute else ''}}}"

    return resolve


def _names(template: Json) -> dict[str, str]:
    """A name for each logical id: its path among the constructs, where that is there and no other's."""
    names = {logical_id: _name(logical_id, each) for logical_id, each in template.get("Resources", {}).items()}
    often = {name for name, count in Counter(names.values()).items() if count > 1}
    return {logical_id: logical_id if name in often else name for logical_id, name in names.items()}


def _name(logical_id: str, resource: Json) -> str:
    path = str(resource.get("Metadata", {}).get("aws:cdk:path", ""))
    within = path.partition("/")[2].removesuffix("/Resource").removesuffix("/Default")
    return within or _HASH.sub("", logical_id)
