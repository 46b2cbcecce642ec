"""What is allowed that was not before, and what is no longer denied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from review.assembly import Resource, Stack
from review.dangers.findings import Finding, Kind
from review.policies import ANYBODY, Grant, condition, documents, grouped, many, of_document
from review.values import Json, plain

_HOLDERS = ("Roles", "Users", "Groups")


def widened(before: Stack, after: Stack) -> list[Finding]:
    """What more is allowed of what there is, and all that is allowed of what is new."""
    old, new = grants(before), grants(after)
    allowed = [each for each in new if each.allowed and not any(had.covers(each) for had in old)]
    names = {each.name for each in after.resources.values()}
    forgotten = [each for each in old if not each.allowed and each not in new and _is_about(each, names)]
    return [*_told(allowed), *(_no_longer_denied(each) for each in forgotten)]


def public(stack: Stack) -> list[Finding]:
    """What anybody at all is allowed."""
    return [each for each in _told(grants(stack)) if each.kind is Kind.PUBLIC]


def grants(stack: Stack) -> list[Grant]:
    """All that a stack's policies allow and deny."""
    return [each for resource in stack.resources.values() for each in _of_resource(resource)]


def _of_resource(resource: Resource) -> Iterator[Grant]:
    if resource.type == "AWS::Lambda::Permission":
        yield _invocation(resource.properties)
        return
    if resource.type == "AWS::IAM::Role":
        for arn in many(resource.properties.get("ManagedPolicyArns", [])):
            yield Grant(who=resource.name, action="all", on=str(arn))
    holders = [plain(str(each)) for key in _HOLDERS for each in many(resource.properties.get(key, []))]
    for document in documents(resource.properties):
        for grant in of_document(document):
            yield from _placed(grant, resource.name, holders)


def _placed(grant: Grant, name: str, holders: list[str]) -> Iterator[Grant]:
    """The grant with whom or what it is attached to."""
    if grant.is_trust:
        yield replace(grant, on=name if grant.on in ("", "*") else grant.on)
    else:
        yield from (replace(grant, who=holder) for holder in holders or [name])


def _invocation(properties: Json) -> Grant:
    source: Json = {key: properties[key] for key in ("SourceArn", "SourceAccount") if key in properties}
    return Grant(
        who=str(properties.get("Principal")),
        action=str(properties.get("Action")),
        on=str(properties.get("FunctionName")),
        condition=condition(source),
        is_trust=True,
    )


def _is_about(grant: Grant, names: set[str]) -> bool:
    """Whether there still is what was denied: what is removed needs nobody kept from it."""
    return any(name in plain(grant.on) for name in names) or "*" in grant.on


def _told(found: list[Grant]) -> list[Finding]:
    """A line for each party, actions and condition, with all that they are allowed on."""
    things: defaultdict[tuple[Kind, str, str, str], list[str]] = defaultdict(list)
    for each, actions in grouped(each for each in found if each.allowed).items():
        things[_kind(each), each.party, ", ".join(actions), each.where].append(plain(each.on))
    return [
        Finding(kind, party, f"may {actions} on {', '.join(on)}{where}")
        for (kind, party, actions, where), on in things.items()
    ]


def _kind(grant: Grant) -> Kind:
    if grant.is_trust and grant.who == ANYBODY and not grant.condition:
        return Kind.PUBLIC
    return Kind.TRUST if grant.is_trust else Kind.PERMISSION


def _no_longer_denied(grant: Grant) -> Finding:
    return Finding(
        Kind.PROTECTION, grant.party, f"is no longer denied {grant.action} on {plain(grant.on)}{grant.where}"
    )
