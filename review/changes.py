"""What differs between two stacks, resource by resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from review.assembly import Resource, Stack
from review.policies import grouped, of_document
from review.replacement import Replaced, replaced
from review.values import Json, Path, Value, renamed, without_assets, written

_IDENTIFIERS = ("IndexName", "AttributeName", "Key", "Sid", "Id", "Name", "Region")


@dataclass(frozen=True)
class PropertyChange:
    """A leaf that is another now; None where there is none."""

    path: Path
    before: Value | None
    after: Value | None

    @property
    def is_asset(self) -> bool:
        """Whether all that differs is the hash of what is uploaded."""
        return without_assets(self.before) == without_assets(self.after)


@dataclass(frozen=True)
class Change:
    """A resource that is new (no `before`), removed (no `after`) or changed."""

    before: Resource | None
    after: Resource | None
    properties: tuple[PropertyChange, ...] = ()

    @property
    def resource(self) -> Resource:
        """The resource as it will be, or as it was where it is removed."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - a change is of something
        return found

    @property
    def replaced_for(self) -> dict[Replaced, list[str]]:
        """The properties for which it is replaced, and those for which it may be."""
        return replaced(self.resource.type, [each.path for each in self.properties])


@dataclass(frozen=True)
class StackChanges:
    """What becomes of one stack."""

    before: Stack
    after: Stack
    changes: tuple[Change, ...]
    new_names: Mapping[str, str]
    """Of what is the same under another logical id."""


def compare(before: Stack, after: Stack) -> StackChanges:
    """All that differs. What holds nothing and is the same under another name is renamed, not removed and new."""
    names, before = _with_new_names(before, after)
    changes = [_change(before.resources.get(each), after.resources.get(each)) for each in _ids(before, after)]
    return StackChanges(before, after, tuple(each for each in changes if each is not None), names)


def _ids(before: Stack, after: Stack) -> list[str]:
    return sorted({*before.resources, *after.resources})


def _change(before: Resource | None, after: Resource | None) -> Change | None:
    if before is None or after is None or before.type != after.type:
        return Change(before, after)
    changed = tuple(_differences(before.properties, after.properties))
    policies = (before.deletion_policy, before.update_replace_policy)
    if not changed and policies == (after.deletion_policy, after.update_replace_policy):
        return None
    return Change(before, after, changed)


def _differences(before: Json, after: Json) -> Iterator[PropertyChange]:
    old, new = dict(leaves(before)), dict(leaves(after))
    for path in sorted({*old, *new}):
        if old.get(path) != new.get(path):
            yield PropertyChange(path, old.get(path), new.get(path))


def _with_new_names(before: Stack, after: Stack) -> tuple[dict[str, str], Stack]:
    """The stack as it was, with the ids and names that the same things have now."""
    found: dict[str, str] = {}
    while moved := dict(_moved(before, after)):
        names = {before.resources[old].name: after.resources[new].name for old, new in moved.items()}
        found |= names
        before = replace(
            before,
            resources={
                moved.get(logical_id, logical_id): _under_new_names(
                    each, after.resources.get(moved.get(logical_id, "")), names
                )
                for logical_id, each in before.resources.items()
            },
        )
    return found, before


def _under_new_names(resource: Resource, now: Resource | None, names: Mapping[str, str]) -> Resource:
    renamed_resource = replace(resource, properties=renamed(resource.properties, names))
    return replace(renamed_resource, logical_id=now.logical_id, name=now.name) if now else renamed_resource


def _moved(before: Stack, after: Stack) -> Iterator[tuple[str, str]]:
    gone = [each for each in before.resources.values() if each.logical_id not in after.resources]
    new = [each for each in after.resources.values() if each.logical_id not in before.resources]
    for old in gone:
        same = [each for each in new if each.type == old.type and _same(each.properties, old.properties)]
        if same and not old.is_kept_by_id:
            new.remove(same[0])
            yield old.logical_id, same[0].logical_id


def _same(one: Json, other: Json) -> bool:
    return not any(_differences(one, other))


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Value]]:
    """Every leaf below a value, with where it is; a list's order counts only where nothing identifies its parts."""
    match value:
        case {"Statement": _}:
            for what, actions in grouped(of_document(value)).items():
                yield (*path, what.words), frozenset(actions)
        case dict():
            for name, part in value.items():
                yield from leaves(part, (*path, name))
        case [dict(), *_]:
            for name, part in zip(_names(value), value, strict=True):
                yield from leaves(part, (*path, name))
        case list():
            yield path, frozenset(written(part) for part in value)
        case _:
            yield path, written(value)


def _names(parts: list[Any]) -> list[str]:
    for identifier in _IDENTIFIERS:
        names = [str(part[identifier]) for part in parts if isinstance(part, dict) and identifier in part]
        if len(set(names)) == len(parts):
            return names
    return [str(index) for index in range(len(parts))]
