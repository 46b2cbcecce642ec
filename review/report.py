"""The review: what to look at first, then what changes by stack, then every property."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from review.assembly import OUTPUT, Assembly, Stack
from review.changes import Change, StackChanges, compare
from review.dangers import look_here
from review.dangers.findings import Finding, in_order
from review.dangers.weakening import described

NOTHING_TO_LOOK_AT = "Nothing is lost, opened, less protected, told of later or dearer."
_PROPERTIES_SHOWN = 3
_REPLACED, _CHANGES = "is replaced", "changes"
_SAID_OF_PROPERTIES = (_REPLACED, _CHANGES)
_REST = "\nThe rest is left out: see `make review`."


@dataclass(frozen=True)
class Line:
    """What is said of something in a stack."""

    stack: str
    about: str
    text: str


@dataclass
class Review:
    """What is told of all environments; each line with the environments that it is true of."""

    environments: list[str] = field(default_factory=list)
    findings: dict[tuple[str, Finding], list[str]] = field(default_factory=dict)
    """By stack and finding."""

    lines: dict[Line, list[str]] = field(default_factory=dict)
    every_change: dict[str, list[str]] = field(default_factory=dict)
    """By environment."""


def review(base: Mapping[str, Assembly], head: Mapping[str, Assembly]) -> Review:
    """Compare every environment of two checkouts."""
    result = Review(environments=[*head, *(each for each in base if each not in head)])
    for environment in result.environments:
        before, after = base.get(environment, Assembly()), head.get(environment, Assembly())
        for name in dict.fromkeys([*after.stacks, *before.stacks]):
            _add(result, environment, before.stacks.get(name), after.stacks.get(name))
    return result


def _add(result: Review, environment: str, before: Stack | None, after: Stack | None) -> None:
    name = (after or before or Stack(name="", resources={})).name
    findings, lines, every = _told(before, after)
    for finding in findings:
        result.findings.setdefault((name, finding), []).append(environment)
    for about, text in lines:
        result.lines.setdefault(Line(name, about, text), []).append(environment)
    if every:
        result.every_change.setdefault(environment, []).extend([name, *(f"  {line}" for line in every)])


def _told(before: Stack | None, after: Stack | None) -> tuple[list[Finding], list[tuple[str, str]], list[str]]:
    if after is None:
        return look_here.of_removed(), [("the stack", "is gone")], []
    if before is None:
        return look_here.of_new(after), [("the stack", f"is new, with {_resources_of(after)} resources")], []
    changed = compare(before, after)
    return look_here.of_changed(changed), list(_by_resource(changed)), list(_every(changed))


def _resources_of(stack: Stack) -> int:
    return sum(each.type != OUTPUT for each in stack.resources.values())


def _by_resource(stack: StackChanges) -> Iterator[tuple[str, str]]:
    yield from ((f"`{old}`", f"is called `{new}`") for old, new in stack.new_names.items())
    for each in stack.changes:
        yield f"`{each.resource.name}`", _fate(each)


def _fate(change: Change) -> str:
    """What becomes of a resource, in one line."""
    verdict = _verdict(change)
    if change.before is None or change.after is None:
        return f"{verdict} ({change.resource.kind})"
    if verdict not in _SAID_OF_PROPERTIES:
        return verdict
    told = [described(each) for each in change.properties[:_PROPERTIES_SHOWN]]
    told += [f"{left} more"] if (left := len(change.properties) - _PROPERTIES_SHOWN) > 0 else []
    return f"{verdict}: {'; '.join(told) or 'what becomes of it when it leaves the stack'}"


def _verdict(change: Change) -> str:
    """The same in a few words."""
    if change.before is None:
        return "is new"
    if change.after is None:
        return "is removed"
    if change.before.type != change.after.type:
        return f"takes the place of a {change.before.kind}"
    if change.properties and all(each.is_asset for each in change.properties):
        return "gets other files"
    return _REPLACED if change.replaced_for["yes"] else _CHANGES


def _every(stack: StackChanges) -> Iterator[str]:
    for change in stack.changes:
        yield f"{change.resource.name} ({change.resource.kind}) {_verdict(change)}"
        yield from (f"  {described(each)}" for each in change.properties)


def markdown(result: Review, *, longest: int) -> str:
    """For a comment on a pull request; of what is too long, the end of the folded part is left out."""
    first = [*(f"- {line}" for line in looked_at(result)), "", "### By stack", "", *_by_stack(result), ""]
    text = _cut("\n".join(["## Changes to the infrastructure", "", "### Look here", "", *first]), longest)
    for environment, lines in result.every_change.items():
        opening = f"\n<details><summary>Every property: {environment}</summary>\n\n```\n"
        closing = "\n```\n\n</details>\n"
        room = longest - len(text) - len(opening) - len(closing)
        if room > len(_REST):
            text += opening + _cut("\n".join(lines).replace("```", "'''"), room) + closing
    return text


def _cut(text: str, longest: int) -> str:
    """As many whole lines as there is room for."""
    if len(text) <= longest:
        return text
    return text[: longest - len(_REST)].rpartition("\n")[0] + _REST


def for_terminal(result: Review) -> str:
    """The same without marks and without what is folded."""
    lines = ["Look here", *(f"  {line}" for line in looked_at(result)), "", "By stack", *_by_stack(result)]
    return "\n".join(lines).replace("**", "").replace("`", "") + "\n"


def every_property(result: Review) -> str:
    """What is folded, as text."""
    return "".join(
        f"{name}\n" + "".join(f"  {line}\n" for line in lines) for name, lines in result.every_change.items()
    )


def looked_at(result: Review) -> list[str]:
    """The lines of the list that comes first."""
    lines: list[str] = []
    for kind in dict.fromkeys(each.kind for each in in_order([finding for _, finding in result.findings])):
        found = {
            Line(stack, finding.about, finding.text): environments
            for (stack, finding), environments in result.findings.items()
            if finding.kind is kind
        }
        lines += [
            f"**{kind.value}**: {line.stack}: {_sentence(line, where)}" for line, where in _together(result, found)
        ]
    return lines or [NOTHING_TO_LOOK_AT]


def _by_stack(result: Review) -> Iterator[str]:
    if not result.lines:
        yield "No stack changes."
    lines = list(_together(result, result.lines))
    for stack in dict.fromkeys(line.stack for line, _ in lines):
        yield f"- **{stack}**"
        yield from (f"  - {_sentence(line, where)}" for line, where in lines if line.stack == stack)


def _sentence(line: Line, where: str) -> str:
    return f"{line.about}: {line.text}{where}"


def _together(result: Review, lines: Mapping[Line, list[str]]) -> Iterator[tuple[Line, str]]:
    """The same said of several things in one line, with where it is not true of every environment."""
    about: dict[tuple[str, str, str], list[str]] = {}
    for line, environments in lines.items():
        about.setdefault((line.stack, line.text, _only(result, environments)), []).append(line.about)
    for (stack, text, where), names in about.items():
        yield Line(stack, _listed(names), text), where


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _only(result: Review, environments: list[str]) -> str:
    """Where something is not true of every environment, of which it is."""
    return "" if environments == result.environments else f" · {', '.join(environments)}"
