"""docs/runbook.md has a section for every alarm, and nothing in it is made up."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from stacks.constructs.saved_queries import QUERIES
from stacks.context import select_environment
from tests.infrastructure.cloud_formation import Stacks
from tests.infrastructure.synthesis import PROJECT, synthesize

DOCUMENT = (PROJECT / "docs" / "runbook.md").read_text(encoding="utf-8")
WATCHED = select_environment("production", php_api_url="https://shop.example/chat")
ERRANDS = "Errands"
PARTS = ("Visitors", "Look", "Do", "Over")
TRIED = (
    *(PROJECT / "tests" / "end_to_end").glob("test_*.py"),
    *(PROJECT / "tests" / "unit" / "administration").rglob("test_*.py"),
)
"""Where operators' commands are tried."""


def sections() -> dict[str, str]:
    """The text of each section, by its heading."""
    return dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL))


def anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-")


@pytest.fixture(scope="module")
def alarms() -> Mapping[str, str]:
    """What each alarm says that calls somebody, by its logical id."""
    stacks = Stacks.of(synthesize(WATCHED))
    kinds = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    found = {id_: each for kind in kinds for id_, each in stacks.operations.resources(kind).items()}
    return {id_: each["Properties"]["AlarmDescription"] for id_, each in found.items()}


def test_every_alarm_names_its_section_and_every_section_has_an_alarm(alarms: Mapping[str, str]) -> None:
    named = {id_: text.rpartition(" docs/runbook.md#")[2] for id_, text in alarms.items()}

    assert len(named) > 60
    assert set(named.values()) == {anchor(heading) for heading in sections() if heading != ERRANDS}


@pytest.mark.parametrize("heading", [heading for heading in sections() if heading != ERRANDS])
def test_a_section_says_what_visitors_see_where_to_look_what_to_do_and_when_it_is_over(heading: str) -> None:
    assert tuple(re.findall(r"^- \*\*(\w+)\*\*", sections()[heading], re.MULTILINE)) == PARTS


def test_every_query_that_it_names_is_saved_and_the_other_way_round() -> None:
    stacks = Stacks.of(synthesize(WATCHED))
    saved = stacks.chat.properties("AWS::Logs::QueryDefinition")
    functions = stacks.chat.functions()

    assert {each["Name"].rpartition("/")[2] for each in saved} == set(QUERIES)
    assert {len(each["LogGroupNames"]) for each in saved} == {len(functions)}
    assert {name for name in QUERIES if f"`{name}`" in DOCUMENT} == set(QUERIES) - {"contact"}


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make ([a-z-]+)", DOCUMENT))))
def test_every_command_that_it_names_is_there_and_is_tried_by_a_test(target: str) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.findall(rf"^{target}:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    modules = re.findall(r"\$\(ADMINISTRATION\)\.([a-z_.]+)", recipe)
    tests = "".join(path.read_text(encoding="utf-8") for path in TRIED)

    # What is not ours but the CDK's is tried where Makefiles are.
    assert modules or "$(CDK)" in recipe
    assert all(f"administration.{module}" in tests for module in modules)
