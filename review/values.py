"""CloudFormation's values as people read them: what refers to a resource says its name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]
Value = str | frozenset[str]
"""A leaf: one text, or several whose order means nothing."""

Path = tuple[str, ...]
Resolve = Callable[[str, str | None], str]
"""From a logical id (or the name of an export) and an attribute to the text that stands for it."""

_REFERENCE = re.compile(r"\$\{([^}]*)\}")
_ASSET = re.compile(r"\b[0-9a-f]{64}\b")
_LONGEST = 100
_BEFORE = 30


def readable(value: Any, resolve: Resolve) -> Any:
    """A value with its intrinsic functions as text, references as `${Name}` or `${Name.Attribute}`."""
    match value:
        case {"Ref": str(logical_id)} if len(value) == 1:
            return resolve(logical_id, None)
        case {"Fn::GetAtt": [str(logical_id), attribute]} if len(value) == 1:
            return resolve(logical_id, str(attribute))
        case {"Fn::ImportValue": str(export)} if len(value) == 1:
            return resolve(export, None)
        case {"Fn::GetStackOutput": {"StackName": stack, "OutputName": output}} if len(value) == 1:
            return resolve(f"{stack}:{output}", None)
        case {"Fn::Join": [separator, [*parts]]} if len(value) == 1:
            return str(separator).join(written(readable(part, resolve)) for part in parts)
        case dict():
            return {name: readable(part, resolve) for name, part in value.items()}
        case list():
            return [readable(part, resolve) for part in value]
    return value


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A readable value whose references say the new names."""
    match value:
        case str():
            return _REFERENCE.sub(lambda found: f"${{{_new_name(found[1], names)}}}", value)
        case dict():
            return {name: renamed(part, names) for name, part in value.items()}
        case list():
            return [renamed(part, names) for part in value]
    return value


def _new_name(reference: str, names: Mapping[str, str]) -> str:
    name, dot, attribute = reference.partition(".")
    return names.get(name, name) + dot + attribute


def plain(text: str) -> str:
    """A text for people: references as names without their marks, ARNs as what they are the ARN of."""
    return _REFERENCE.sub(lambda found: found[1].removesuffix(".Arn"), text)


def shown(value: Value | None, beside: Value | None = None) -> str:
    """A leaf in one short line; of a long one the part from where it differs from what is shown beside it."""
    if value is None:
        return "nothing"
    text, other = _text(value), _text(beside or "")
    if len(text) <= _LONGEST:
        return text
    start = max(0, _same_letters(text, other) - _BEFORE) if beside else 0
    return f"{'… ' if start else ''}{text[start : start + _LONGEST]} …"


def _same_letters(text: str, other: str) -> int:
    """How many letters are the same from the beginning."""
    pairs = enumerate(zip(text, other, strict=False))
    return next((index for index, (one, another) in pairs if one != another), min(len(text), len(other)))


def _text(value: Value) -> str:
    text = plain(value if isinstance(value, str) else ", ".join(sorted(value)) or "nothing")
    return _ASSET.sub(lambda found: f"{found[0][:8]}…", text)


def without_assets(value: Value | None) -> Value | None:
    """A leaf in which every file that is uploaded looks the same."""
    if isinstance(value, frozenset):
        return frozenset(_ASSET.sub("asset", each) for each in value)
    return _ASSET.sub("asset", value) if value is not None else None


def written(value: Any) -> str:
    """A value that is no text as JSON."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
