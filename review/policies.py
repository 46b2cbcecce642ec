"""Policies as words: each statement taken apart into who may do what on what, in no order."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from review.values import Json, plain

ANYBODY = "*"
_NEGATED = "all but "


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One action that one party is allowed, or denied, on one thing."""

    who: str
    """Nobody in particular where the policy is attached to whom it is about."""

    action: str
    on: str
    condition: str = ""
    allowed: bool = True
    is_trust: bool = False
    """Whether it is about who comes in from outside: the principal of a role, a queue, a function."""

    def covers(self, other: Grant) -> bool:
        """Whether all that the other one allows is allowed by this one."""
        return (
            self.allowed
            and self.who in (ANYBODY, other.who)
            and fnmatchcase(other.action.lower(), self.action.lower())
            and fnmatchcase(other.on, self.on)
            and self.condition in ("", other.condition)
        )

    @property
    def words(self) -> str:
        """It without its action: `what anybody may on Files`."""
        who = f"what {self.party} " if self.who else ""
        may = "may" if self.allowed else "may not"
        return f"{who}{may}{f' on {plain(self.on)}' if self.on else ''}{self.where}"

    @property
    def party(self) -> str:
        """Who it is about."""
        return "anybody" if self.who == ANYBODY else plain(self.who)

    @property
    def where(self) -> str:
        """On which condition, as the end of a line."""
        return f", if {self.condition}" if self.condition else ""


def grouped(found: Iterable[Grant]) -> dict[Grant, list[str]]:
    """The actions, by all else that is the same of them."""
    actions: defaultdict[Grant, list[str]] = defaultdict(list)
    for each in found:
        actions[replace(each, action="")].append(each.action)
    return {each: sorted(set(names)) for each, names in actions.items()}


def of_document(document: Json) -> Iterator[Grant]:
    """All that a policy document allows and denies."""
    for statement in many(document["Statement"]):
        is_trust = "Principal" in statement or "NotPrincipal" in statement
        for who in _parties(statement) if is_trust else [""]:
            for action in _parts(statement, "Action"):
                for thing in _parts(statement, "Resource") or [""]:
                    yield Grant(
                        who=who,
                        action=action,
                        on=thing,
                        condition=condition(statement.get("Condition", {})),
                        allowed=statement.get("Effect") == "Allow",
                        is_trust=is_trust,
                    )


def documents(value: Any) -> Iterator[Json]:
    """Every policy document within a value."""
    match value:
        case {"Statement": _}:
            yield value
        case dict():
            for part in value.values():
                yield from documents(part)
        case list():
            for part in value:
                yield from documents(part)


def condition(said: Json) -> str:
    """A condition as `key operator value`, in one order."""
    parts = sorted(f"{key} {operator} {_either(value)}" for operator, key, value in _compared(said))
    return plain(" and ".join(parts))


def many(value: Any) -> list[Any]:
    """What IAM writes as one value or as a list of them."""
    return value if isinstance(value, list) else [value]


def _parties(statement: Json) -> list[str]:
    found = []
    for key, prefix in (("Principal", ""), ("NotPrincipal", _NEGATED)):
        named = statement.get(key, [])
        for parties in named.values() if isinstance(named, dict) else [named]:
            found += [f"{prefix}{party}" for party in many(parties)]
    return found


def _parts(statement: Json, key: str) -> list[str]:
    negated = [f"{_NEGATED}{each}" for each in many(statement.get(f"Not{key}", []))]
    return [*(str(each) for each in many(statement.get(key, []))), *negated]


def _compared(said: Json) -> Iterator[tuple[str, str, Any]]:
    for operator, keys in said.items():
        if isinstance(keys, dict):
            yield from ((operator, key, value) for key, value in keys.items())
        else:
            yield "is", operator, keys


def _either(value: Any) -> str:
    return " or ".join(sorted(each if isinstance(each, str) else json.dumps(each) for each in many(value)))
