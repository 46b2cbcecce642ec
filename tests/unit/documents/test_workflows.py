"""What GitHub runs is what somebody has looked at."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

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


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_what_may_write_to_the_repository_or_to_a_pull_request_runs_nothing_of_it(workflow: Path) -> None:
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    writing = [job for job in jobs.values() if may_write(job) and "steps" in job]

    for job in writing:
        run = "\n".join(step.get("run", "") for step in job["steps"])
        assert not re.search(r"\bmake\b|\.ci/run|\bpython|\bnpm\b|\bnode\b", run)


def may_write(job: dict[str, Any]) -> bool:
    granted = job.get("permissions", {})
    return any(granted.get(what) == "write" for what in ("contents", "pull-requests", "actions", "packages"))


def test_jobs_that_may_write_are_found() -> None:
    assert may_write({"permissions": {"pull-requests": "write"}})
    assert not may_write({"permissions": {"contents": "read", "id-token": "write"}})


def test_every_night_what_takes_too_long_for_the_gates_is_run_and_can_reach_no_account() -> None:
    (path,) = (each for each in WORKFLOWS if each.name == "nightly.yml")
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    makefile = (path.parents[2] / "Makefile").read_text(encoding="utf-8")

    # YAML reads the key `on` as true.
    assert workflow[True].keys() == {"schedule", "workflow_dispatch"}
    assert job["strategy"]["matrix"]["target"] == ["rehearse", "synth-regions", "engines", "campaign"]
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in job["strategy"]["matrix"]["target"])
    assert job["steps"][-1]["run"] == 'make "$TARGET"'
    assert job["env"]["ENGINE_TESTS"] == "required"
    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in job
