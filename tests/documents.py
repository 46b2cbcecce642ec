"""The descriptions of interfaces under docs/, as something that can be looked things up in."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

Schema = dict[str, Any]

FOLDER = Path(__file__).parent.parent / "docs"


class Document:
    """One description, read when it is first needed."""

    def __init__(self, name: str) -> None:
        self._path = FOLDER / name

    @cached_property
    def whole(self) -> Schema:
        """Everything, as it is written."""
        # The loader in C is ten times as fast, and this is loaded by every test process.
        loaded: Schema = yaml.load(
            self._path.read_text(encoding="utf-8"),
            Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),  # noqa: S506 - both are safe
        )
        return loaded

    def resolved(self, node: Any) -> Any:
        """A part of it with what it refers to in the places of the references."""
        if isinstance(node, list):
            return [self.resolved(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            target: Any = self.whole
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            return self.resolved(target)
        return {name: self.resolved(value) for name, value in node.items()}


def closed(schema: Schema) -> Schema:
    """The schema without room for what is not documented; clients must leave that room."""
    strict = dict(schema)
    if "items" in schema:
        strict["items"] = closed(schema["items"])
    if "properties" in schema:
        strict["properties"] = {name: closed(value) for name, value in schema["properties"].items()}
        strict.setdefault("additionalProperties", False)
    return strict
