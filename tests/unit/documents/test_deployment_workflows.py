"""GitHub deploys without a key, one environment after another, only what was looked at, and goes back by itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from administration.preflight.values import VARIABLES
from stacks.environments import ENVIRONMENTS
from stacks.target import AWS

FOLDER = Path(__file__).parents[3] / ".github" / "workflows"
ON_AWS = [name for name, each in ENVIRONMENTS.items() if each.target is AWS]
CREDENTIALS = "aws-actions/configure-aws-credentials@"


def workflow(name: str) -> dict[str, Any]:
    """A workflow as it is written; `on` is no truth value here."""
    loaded: dict[str, Any] = yaml.load((FOLDER / name).read_text(encoding="utf-8"), yaml.BaseLoader)
    return loaded


DEPLOY, STAGE, DRIFT = (workflow(name) for name in ("deploy.yml", "stage.yml", "drift.yml"))
PLAN, STAGES = DEPLOY["jobs"]["plan"], {name: DEPLOY["jobs"].get(name) for name in ON_AWS}
DEPLOYS, GOOD = STAGE["jobs"]["deploy"], STAGE["jobs"]["good"]
LOOKS = DRIFT["jobs"]["drift"]


def steps(job: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = job["steps"]
    return found


def place_of(job: dict[str, Any], words: str) -> int:
    """Where the step is that runs or uses this."""
    (place,) = [at for at, step in enumerate(steps(job)) if words in step.get("run", step.get("uses", ""))]
    return place


@pytest.mark.parametrize("name", ON_AWS)
def test_every_environment_is_deployed(name: str) -> None:
    assert STAGES[name], f"give {name} a job in .github/workflows/deploy.yml, and a place in the matrix of its plan"


def test_nobody_deploys_by_a_pull_request() -> None:
    assert set(DEPLOY["on"]) == {"push", "workflow_dispatch"}
    assert DEPLOY["on"]["push"] == {"branches": ["main"], "tags": ["v*"]}
    assert set(STAGE["on"]) == {"workflow_call"}
    assert set(DRIFT["on"]) == {"schedule", "workflow_dispatch"}


def test_nothing_is_looked_at_that_does_not_pass_the_gates_and_nothing_before_somebody_has_set_it_up() -> None:
    assert PLAN["needs"] == "gates"
    assert [step["run"] for step in steps(DEPLOY["jobs"]["gates"]) if "run" in step] == [".ci/run", "make sbom"]
    assert PLAN["if"] == LOOKS["if"] == "vars.DEPLOYS == 'yes'"


@pytest.mark.parametrize("job", [PLAN, DEPLOYS, LOOKS])
def test_who_reaches_an_account_proves_itself_by_a_token_and_may_write_nothing_to_the_repository(
    job: dict[str, Any],
) -> None:
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    taken = [step["with"] for step in steps(job) if step.get("uses", "").startswith(CREDENTIALS)]
    assert taken
    for each in taken:
        assert re.fullmatch(r"\$\{\{ vars\.(PLAN|DEPLOY|VERIFY)_ROLE \}\}", each["role-to-assume"])
        assert each["aws-region"] == "${{ vars.AWS_REGION }}"


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.yml")))
def test_no_workflow_holds_a_key(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")

    assert "secrets." not in text
    assert "access-key" not in text.lower().replace("_", "-")


def test_what_may_move_a_tag_reaches_no_account() -> None:
    assert GOOD["permissions"] == {"contents": "write"}
    assert GOOD["needs"] == "deploy"
    assert "environment" not in GOOD
    assert workflow("stage.yml")["permissions"] == DEPLOY["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("job", [PLAN, LOOKS])
def test_looking_asks_nobody_and_has_every_environments_values(job: dict[str, Any]) -> None:
    asked = "the matrices of deploy.yml and drift.yml in .github/workflows have all environments on AWS, in their order"
    assert job["strategy"]["matrix"]["environment"] == ON_AWS, asked
    assert job["environment"] == "${{ matrix.environment }}-plan"
    assert {name: value for name, value in job["env"].items() if name != "NAME"} == {
        name: f"${{{{ vars.{name} }}}}" for name in sorted(VARIABLES.values())
    }


def unsaid(**said: str) -> subprocess.CompletedProcess[str]:
    """Run the step that looks whether something is left unsaid."""
    (step,) = [each for each in steps(PLAN) if "unsaid" in each.get("name", "")]
    assert step["if"] == "matrix.environment != 'dev'"
    assert steps(PLAN).index(step) == 0
    script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    empty = dict.fromkeys(VARIABLES.values(), "")
    return subprocess.run(  # noqa: S603 - it is our own
        script, env={**empty, "NAME": "staging", **said}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", sorted(VARIABLES.values()))
def test_a_value_that_nobody_says_ends_it_before_anything_else(name: str) -> None:
    everything = dict.fromkeys(VARIABLES.values(), "none")

    done = unsaid(**{**everything, name: ""})

    assert done.returncode == 1
    assert f"The GitHub environment staging-plan has no {name}: say a value, or none" in done.stdout
    assert unsaid(**everything).returncode == 0


def test_one_environment_follows_the_other_with_the_same_commit() -> None:
    before = "plan"
    for name, job in STAGES.items():
        assert job, f"give {name} a job in .github/workflows/deploy.yml, after {before}"
        assert job["needs"] == before, f"{name} follows {before}, as in stacks/environments.py"
        assert job["uses"] == "./.github/workflows/stage.yml"
        assert job["with"] == {"environment": name}
        before = name
    # No step checks out anything but what the run is about.
    assert all("ref" not in step.get("with", {}) for job in (PLAN, DEPLOYS, GOOD) for step in steps(job))


def test_an_environment_is_written_once_and_what_was_looked_at_is_what_is_deployed() -> None:
    made = steps(PLAN)[place_of(PLAN, "upload-artifact@")]["with"]
    taken = steps(DEPLOYS)[place_of(DEPLOYS, "download-artifact@")]["with"]

    assert made["name"] == "${{ matrix.environment }}"
    assert taken["name"] == "${{ inputs.environment }}"
    assert place_of(PLAN, "| tee") < place_of(PLAN, "tar --create") < place_of(PLAN, "upload-artifact@")
    assert "synth" not in str(DEPLOYS)
    assert {line for step in steps(DEPLOYS) for line in re.findall(r"make deploy .*", step.get("run", ""))} == {
        'make deploy ENV="$NAME" ASSEMBLY="cdk.out/$NAME" APPROVAL=never',
        'make deploy ENV="$NAME" ASSEMBLY="cdk.out/$NAME-back" APPROVAL=never',
    }


def test_it_is_made_by_the_functions_own_python_whatever_the_machine_lets_others_read() -> None:
    made = [step["run"] for job in (PLAN, LOOKS) for step in steps(job) if "make " in step.get("run", "")]
    assert [run for run in made if not run.startswith("umask 022")] == []
    unpacked = steps(DEPLOYS)[place_of(DEPLOYS, "tar --extract")]["run"]
    assert "--preserve-permissions" in unpacked
    assert DEPLOY["env"] == {"PYTHON_VERSION": "3.14"}
    for job in (DEPLOYS, LOOKS):
        assert steps(job)[place_of(job, "actions/setup-python@")]["with"] == {"python-version": "3.14"}


def test_who_approves_can_read_what_would_change() -> None:
    step = steps(PLAN)[place_of(PLAN, "| tee")]

    assert 'make plan ENV="$NAME" | tee -a "$GITHUB_STEP_SUMMARY"' in step["run"]
    assert "set -o pipefail" in step["run"]
    # The reviewers of the environment are asked where a job names it.
    assert DEPLOYS["environment"] == "${{ inputs.environment }}"


def test_no_deployment_meets_another_or_is_cut_off() -> None:
    assert STAGE["concurrency"] == {"group": "deploy-${{ inputs.environment }}", "cancel-in-progress": "false"}
    assert "concurrency" not in DEPLOY


def test_it_is_verified_by_a_role_of_its_own_before_the_next_one_begins() -> None:
    verify = place_of(DEPLOYS, "make verify")

    assert place_of(DEPLOYS, 'ASSEMBLY="cdk.out/$NAME" ') < verify
    role = steps(DEPLOYS)[verify - 1]["with"]
    assert (role["role-to-assume"], role["unset-current-credentials"]) == ("${{ vars.VERIFY_ROLE }}", "true")
    assert "continue-on-error" not in str(STAGE)


def test_what_is_not_good_gives_way_to_what_was_and_the_way_back_is_there_before_anything_changes() -> None:
    assert 'make -C ../back plan ENV="$NAME"' in steps(PLAN)[place_of(PLAN, "git worktree add")]["run"]
    assert place_of(PLAN, "git worktree add") < place_of(PLAN, "tar --create")
    back = steps(DEPLOYS)[-2:]
    assert [step["if"] for step in back] == ["failure() && steps.deploy.outcome != 'skipped'"] * 2
    assert back[0]["with"]["role-to-assume"] == "${{ vars.DEPLOY_ROLE }}"
    assert 'ASSEMBLY="cdk.out/$NAME-back"' in back[1]["run"]
    assert 'git tag --force "deployed-$NAME"' in steps(GOOD)[-1]["run"]


def test_an_older_version_that_was_approved_late_takes_nothing_back() -> None:
    step = steps(DEPLOYS)[place_of(DEPLOYS, "merge-base --is-ancestor")]

    assert step["if"] == "github.event_name != 'workflow_dispatch'"
    assert steps(DEPLOYS).index(step) < place_of(DEPLOYS, 'make deploy ENV="$NAME" ASSEMBLY="cdk.out/$NAME" ')


def test_every_night_what_runs_is_compared_with_what_was_deployed() -> None:
    assert len(DRIFT["on"]["schedule"]) == 1
    assert 'git checkout --quiet "refs/tags/deployed-$NAME"' in steps(LOOKS)[1]["run"]
    assert steps(LOOKS)[-1]["run"] == 'umask 022 && make drift ENV="$NAME"'
