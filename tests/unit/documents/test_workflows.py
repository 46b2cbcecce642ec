"""What GitHub runs is what somebody has looked at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WORKFLOWS = sorted((Path(__file__).parents[3] / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def actions(text: str) -> list[str]:
    """What a workflow uses of others, with the comment beside it."""
    return [used for used in re.findall(r"\buses: *(.+)", text) if not used.startswith("./.github/workflows/")]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(workflow: Path) -> None:
    used = actions(workflow.read_text(encoding="utf-8"))

    assert used
    assert [each for each in used if not PINNED.fullmatch(each)] == []


@pytest.mark.parametrize("action", ["actions/checkout@v4", "actions/checkout@main # v4.0.0", f"a/b@{'0' * 40}"])
def test_a_tag_or_a_branch_or_a_commit_without_its_version_would_be_noticed(action: str) -> None:
    assert not PINNED.fullmatch(action)
