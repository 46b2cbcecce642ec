"""Changes of properties by which something is protected, encrypted, kept or told of less well than before."""

from __future__ import annotations

from collections.abc import Iterable

from review.assembly import Stack
from review.changes import Change, PropertyChange
from review.dangers.findings import Finding, Kind
from review.dangers.rules import RULES, grows, members, shrinks
from review.values import shown

_SHOWN = 3
_LATER_IF_MORE = frozenset({"EvaluationPeriods", "DatapointsToAlarm"})
_WATCHED = frozenset(
    {
        "ComparisonOperator",
        "Dimensions",
        "ExtendedStatistic",
        "MetricName",
        "Metrics",
        "Namespace",
        "Period",
        "Statistic",
        "TreatMissingData",
    }
)


def weakened(change: Change, stack: Stack) -> list[Finding]:
    """What gets worse of a resource that stays in a stack, which is given as it will be."""
    if change.before is None or change.after is None:
        return []
    kind, staying = change.resource.type, [each for each in change.properties if not _is_of_no_route(each, stack)]
    worse = [(rule, [each for each in staying if rule.is_broken(kind, each)]) for rule in RULES]
    found = [_finding(change, rule.kind, rule.what, properties) for rule, properties in worse if properties]
    return found + (_of_alarm(change) if kind == "AWS::CloudWatch::Alarm" else [])


def _is_of_no_route(change: PropertyChange, stack: Stack) -> bool:
    """Whether it is a setting of a route that is gone: what nobody can call needs no throttle."""
    routes = {str(each.properties.get("RouteKey")) for each in stack.resources.values()}
    return change.path[0] == "RouteSettings" and change.after is None and change.path[1] not in routes


def _of_alarm(change: Change) -> list[Finding]:
    later = [each for each in change.properties if _is_later(change, each)]
    watched = [each for each in change.properties if each.path[0] in _WATCHED]
    told = (("tells later", later), ("no longer watches the same", watched))
    return [_finding(change, Kind.ALARM, what, worse) for what, worse in told if worse]


def _is_later(change: Change, each: PropertyChange) -> bool:
    if each.path[-1] in _LATER_IF_MORE:
        return grows(each.before, each.after)
    if each.path == ("Threshold",):
        is_below = str(change.resource.properties.get("ComparisonOperator")).startswith("Less")
        return (shrinks if is_below else grows)(each.before, each.after)
    return False


def _finding(change: Change, kind: Kind, what: str, worse: Iterable[PropertyChange]) -> Finding:
    told = [described(each) for each in worse]
    more = [f"{len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
    return Finding(kind, change.resource.name, f"{what}: {'; '.join(told[:_SHOWN] + more)}")


def described(change: PropertyChange) -> str:
    """A property's change in one line."""
    name = ".".join(change.path)
    if isinstance(change.before, frozenset) or isinstance(change.after, frozenset):
        old, new = members(change.before), members(change.after)
        parts = [f"+ {shown(each)}" for each in sorted(new - old)] + [f"- {shown(each)}" for each in sorted(old - new)]
        return f"{name} {', '.join(parts)}"
    return f"{name} {shown(change.before, change.after)} → {shown(change.after, change.before)}"
