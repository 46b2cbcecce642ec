"""What must not be overlooked in the changes of a stack."""

from __future__ import annotations

from collections.abc import Iterator

from review.assembly import Resource, Stack
from review.changes import Change, StackChanges
from review.cost import idle
from review.dangers.findings import Finding, Kind, in_order
from review.dangers.permissions import public, widened
from review.dangers.weakening import weakened
from review.replacement import is_address, is_stateful

_ALARMS = frozenset(
    {
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::Logs::MetricFilter",
        "AWS::Budgets::Budget",
        "AWS::SNS::Subscription",
    }
)
_LISTENERS = frozenset({"AWS::Events::Rule", "AWS::Lambda::EventSourceMapping"})
_KEPT = frozenset({"Retain", "RetainExceptOnCreate", "Snapshot"})


def of_changed(stack: StackChanges) -> list[Finding]:
    """What to look at in a stack that changes."""
    found = [finding for change in stack.changes for finding in _of(change, stack.after)]
    if stack.before.termination_protection and not stack.after.termination_protection:
        found.append(Finding(Kind.PROTECTION, "the stack", "is no longer protected against deletion"))
    return in_order([*found, *widened(stack.before, stack.after), *_cost(stack.before, stack.after)])


def of_new(stack: Stack) -> list[Finding]:
    """What to look at in a stack that was not there: what anybody may do in it, and what it costs."""
    return in_order([*public(stack), *_cost(Stack(name=stack.name, resources={}), stack)])


def of_removed() -> list[Finding]:
    """What to look at in a stack that the app has no more: a deployment neither changes nor deletes it."""
    return [Finding(Kind.LOSS, "the stack", "is no longer in the app: nothing deploys it, and nothing deletes it")]


def _of(change: Change, stack: Stack) -> Iterator[Finding]:
    before, after = change.before, change.after
    if before is not None and (after is None or after.type != before.type):
        yield from _removed(before)
    elif before is not None and after is not None:
        yield from _replaced(change)
        yield from _policies(before, after)
        yield from weakened(change, stack)
    if after is not None and before is None and after.type == "Custom::S3AutoDeleteObjects":
        yield Finding(Kind.PROTECTION, after.name, "empties its bucket before that is deleted")


def _removed(resource: Resource) -> Iterator[Finding]:
    if is_stateful(resource.type):
        fate = (
            "what it holds is kept in the account, and nothing reads it"
            if resource.deletion_policy in _KEPT
            else "what it holds is deleted"
        )
        yield Finding(Kind.LOSS, _called(resource), f"is removed: {fate}")
    elif is_address(resource.type):
        yield Finding(Kind.LOSS, _called(resource), "is removed: its address leads nowhere")
    elif resource.type in _ALARMS:
        yield Finding(Kind.ALARM, _called(resource), "is removed")
    elif resource.type in _LISTENERS:
        yield Finding(Kind.PROTECTION, _called(resource), "is removed: nobody is told of what it heard")


def _replaced(change: Change) -> Iterator[Finding]:
    resource, reasons = change.resource, change.replaced_for
    names = reasons["yes"] or reasons["perhaps"]
    if not names or not resource.is_kept_by_id:
        return
    word = "is" if reasons["yes"] else "may be"
    fate = "starts empty" if is_stateful(resource.type) else "gets another address"
    assert change.before is not None  # noqa: S101 - only what was there is replaced
    if is_stateful(resource.type) and change.before.update_replace_policy not in _KEPT:
        fate += ", and what it held is deleted"
    yield Finding(Kind.LOSS, _called(resource), f"{word} replaced and {fate}: {', '.join(names)} changes")


def _policies(before: Resource, after: Resource) -> Iterator[Finding]:
    for what, old, new in (
        ("leaves the stack", before.deletion_policy, after.deletion_policy),
        ("is replaced", before.update_replace_policy, after.update_replace_policy),
    ):
        if old in _KEPT and new not in _KEPT:
            yield Finding(Kind.PROTECTION, after.name, f"is deleted when it {what}, and was kept")


def _cost(before: Stack, after: Stack) -> Iterator[Finding]:
    old, new = idle(before), idle(after)
    if new != old:
        yield Finding(
            Kind.COST,
            "the stack",
            f"costs ${abs(new - old):.2f} {'more' if new > old else 'less'} a month, used or not: "
            f"${old:.2f} → ${new:.2f} (estimated)",
        )


def _called(resource: Resource) -> str:
    return f"{resource.name} ({resource.kind})"
