"""What a document's schema and a struct of the code demand, in one form that can be compared."""

from __future__ import annotations

from typing import Any

import msgspec

from chat.model.identity import Role
from tests.documents import Schema

LIMITS = ("pattern", "minLength", "maxLength", "minimum", "maximum", "default")


def code_schema(kind: type) -> Schema:
    """The JSON schema of a `msgspec.Struct`, without references."""
    (schema,), components = msgspec.json.schema_components([kind], ref_template="{name}")

    def inlined(node: Any) -> Any:
        if isinstance(node, list):
            return [inlined(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return inlined(components[node["$ref"]])
        return {name: inlined(value) for name, value in node.items()}

    found: Schema = inlined(schema)
    return found


def shape(schema: Schema, *, limits: bool = False) -> Schema:
    """What a schema demands, in one form for the document's and the code's."""
    merged = _merged(schema)
    demands = {name: merged[name] for name in LIMITS if limits and merged.get(name) is not None}
    if "pattern" in demands:
        # Python's `$` lets a final newline pass, that of JSON Schema does not.
        demands["pattern"] = demands["pattern"].removesuffix(r"(?!\n)")
    values = merged.get("enum") or ([merged["const"]] if "const" in merged else None)
    if values:
        return {**demands, "type": "string", "enum": set(values)}
    if "properties" in merged:
        demands["properties"] = {name: shape(each, limits=limits) for name, each in merged["properties"].items()}
        demands["required"] = set(merged.get("required", []))
    if "items" in merged:
        demands["items"] = shape(merged["items"], limits=limits)
    return {**demands, "type": merged["type"]}


def without_details(schema: Schema) -> Schema:
    """The schema without the visitor's details, which are compared by what is let through, not by how it is written."""
    return {**schema, "properties": {name: each for name, each in schema["properties"].items() if name != "userInfo"}}


def _merged(schema: Schema) -> Schema:
    if "anyOf" in schema and "properties" not in schema:
        types = [each for each in schema["anyOf"] if each.get("type") != "null"]
        nullable = len(types) < len(schema["anyOf"])
        (only,) = types
        # What is null by default is simply left out; what has no default says null.
        says_null = nullable and "default" not in schema
        return {**_merged(only), **({"type": [only["type"], "null"]} if says_null else {})}
    if isinstance(schema.get("additionalProperties"), dict) and schema["additionalProperties"]:
        # Keys of a mapping are a conversation's two sides.
        sides = [str(role) for role in Role]
        return {"type": "object", "properties": dict.fromkeys(sides, schema["additionalProperties"]), "required": sides}
    parts = [part for part in schema.get("allOf", []) if "if" not in part]
    return {name: value for part in (*map(_merged, parts), schema) for name, value in part.items()}
