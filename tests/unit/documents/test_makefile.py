"""What `make` would run; nothing of it is run here."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from stacks.environments import ENVIRONMENTS

PROJECT = Path(__file__).parents[3]


def would_run(*words: str) -> tuple[int, str, str]:
    """The exit code of `make --dry-run`, the commands that it would run, and what it says on standard error."""
    done = subprocess.run(  # noqa: S603
        ["make", "--dry-run", *words],  # noqa: S607
        cwd=PROJECT,
        # Not the variables of a make that runs these tests.
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("target", ["diff", "plan", "drift", "pipeline", "deploy", "destroy"])
def test_the_local_environment_never_goes_to_aws(target: str) -> None:
    code, commands, said = would_run(target, "ENV=local")

    assert code != 0
    assert "cdk" not in commands
    assert said.count("\n") == 1
    assert "make run" in said


@pytest.mark.parametrize("pasted", ["x$$(id)", "x$(shell id)", "x`id`", 'x"; id; "', "x\\"])
@pytest.mark.parametrize(
    ("target", "variable"),
    [
        ("trace", "CONTACT"),
        ("export-visitor", "DEVICE"),
        ("erase-visitor", "CONTACT"),
        ("restore", "AT"),
        ("seller-token", "SELLER"),
    ],
)
def test_what_an_operator_pastes_never_becomes_a_command(target: str, variable: str, pasted: str) -> None:
    code, commands, said = would_run(target, f"{variable}={pasted}")

    assert code != 0
    assert commands == ""
    assert f"{variable} has a" in said


@pytest.mark.parametrize("target", ["synth", "diff", "plan", "drift", "pipeline", "deploy", "destroy"])
def test_an_environment_must_be_named(target: str) -> None:
    code, commands, said = would_run(target)

    assert code != 0
    assert "cdk" not in commands
    assert f"make {target} ENV=NAME" in said


@pytest.mark.parametrize("target", ["synth", "diff", "plan", "drift", "deploy"])
@pytest.mark.parametrize(
    ("given", "context"),
    [
        ("ASSIGNMENT=sticky", "assignment=sticky"),
        ("PHP_API_URL=https://shop.example/chat", "php_api_url=https://shop.example/chat"),
        ("BUDGET_EMAIL=owner@shop.example", "budget_email=owner@shop.example"),
        ("ALARM_EMAIL=oncall@shop.example", "alarm_email=oncall@shop.example"),
        ("CHAT_HOST=chat.shop.example", "host=chat.shop.example"),
        ("CERTIFICATE=arn:one", "certificate=arn:one"),
        ("WIDGET_CERTIFICATE=arn:two", "widget_certificate=arn:two"),
        ("HOSTED_ZONE=Z1", "hosted_zone=Z1"),
        ("CONCURRENCY=1000", "account_concurrency=1000"),
    ],
)
def test_what_is_given_on_the_command_line_reaches_the_stacks(target: str, given: str, context: str) -> None:
    code, commands, _ = would_run(target, "ENV=dev", given)

    assert code == 0
    assert f"-c env=dev -c '{context}'" in " ".join(commands.split())


@pytest.mark.parametrize("target", ["diff", "plan", "drift", "deploy"])
def test_a_deployment_says_which_commit_it_is_and_is_compared_with_one_that_does(target: str) -> None:
    assert "-c 'commit=" in would_run(target, "ENV=dev")[1]


@pytest.mark.parametrize("target", ["run", "test", "synth", "synth-all", "diff", "plan", "drift", "deploy", "destroy"])
def test_the_widget_is_built_before_anything_is_made_of_it(target: str) -> None:
    commands = would_run(target, "ENV=dev")[1].splitlines()
    built = next((at for at, line in enumerate(commands) if "stacks.widget_build" in line), len(commands))

    assert all("cdk" not in line and "pytest" not in line and "local_aws.run" not in line for line in commands[:built])
    assert built < len(commands)


def test_what_was_looked_at_is_deployed_as_it_is() -> None:
    looked = would_run("plan", "ENV=dev", "PHP_API_URL=none")[1]
    deployed = would_run("deploy", "ENV=dev", "ASSEMBLY=cdk.out/dev", "APPROVAL=never")[1]

    assert "preflight deploy --env \"dev\" --given 'php_api_url=none'" in looked
    assert looked.index("preflight") < looked.index("--output 'cdk.out/dev'") < looked.index("cdk diff")
    # By a role that can change nothing.
    assert "--method template --app 'cdk.out/dev'" in looked
    assert "cdk deploy --all --no-notices --require-approval 'never' --app 'cdk.out/dev'" in deployed
    assert "preflight" not in deployed
    assert "-c env" not in deployed


def test_what_runs_is_compared_in_its_templates_and_in_what_came_of_them() -> None:
    commands = would_run("drift", "ENV=dev")[1]

    assert "cdk diff --no-notices --method template --fail" in commands
    assert "cdk drift --no-notices --fail" in commands


def test_a_pipeline_needs_a_repository_and_leaves_alone_what_makes_the_account_believe_github() -> None:
    code, commands, said = would_run("pipeline", "ENV=dev")
    assert code != 0
    assert "cdk deploy" not in commands
    assert "make pipeline ENV=dev REPOSITORY=OWNER/NAME" in said

    commands = would_run("pipeline", "ENV=dev", "REPOSITORY=shop/chat")[1]
    assert "preflight github 2>/dev/null || " in commands
    assert "-c 'env=dev' -c 'repository=shop/chat' 'SellerChat-dev-Pipeline'" in commands


def test_a_machine_without_a_terminal_can_deploy_what_somebody_has_looked_at() -> None:
    assert "--require-approval" not in would_run("deploy", "ENV=dev")[1]
    assert "--require-approval 'never'" in would_run("deploy", "ENV=dev", "APPROVAL=never")[1]


@pytest.mark.parametrize("target", ["deploy", "destroy"])
def test_the_account_is_looked_at_before_it_is_changed(target: str) -> None:
    commands = would_run(target, "ENV=production", "PHP_API_URL=https://shop.example", "ALARM_EMAIL=none")[1]

    assert f'preflight {target} --env "production"' in commands
    assert commands.index("preflight") < commands.index(f"cdk {target}")
    assert target == "destroy" or "--given 'php_api_url=https://shop.example' --given 'alarm_email=none'" in commands
    assert "-c 'alarm_email" not in commands


def test_an_account_is_prepared_once_and_a_log_role_that_is_there_is_left_alone() -> None:
    commands = would_run("bootstrap")[1]

    assert "preflight region" in commands
    assert "cdk bootstrap" in commands
    assert "preflight log-role 2>/dev/null || " in commands


def test_destroying_asks_first_and_takes_every_stack() -> None:
    _, commands, _ = would_run("destroy", "ENV=staging")

    assert "cdk destroy --all" in commands
    assert "--force" not in commands


MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
OPERATORS_COMMANDS = re.findall(r"^([a-z-]+):.*\n\t@\$\(ADMINISTRATION\)\S* .*\$\(ON\)", MAKEFILE, re.MULTILINE)
"""What is done to something that is deployed."""


@pytest.mark.parametrize("target", OPERATORS_COMMANDS)
def test_an_operators_command_goes_to_the_environment_that_is_named_or_else_to_the_local_one(target: str) -> None:
    assert '--env "staging"' in would_run(target, "ENV=staging", "CONTACT=c1")[1]
    assert '--env "local"' in would_run(target, "CONTACT=c1")[1]
    assert '--stack "AcmeChat"' in would_run(target, "STACK=AcmeChat", "CONTACT=c1")[1]


def test_whoever_embeds_the_stacks_is_told_of_every_command_that_reaches_them() -> None:
    document = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    chapter = document.partition("## In an app of your own\n")[2].partition("\n## ")[0]
    (told,) = re.findall(r"`STACK=Chat` in the place of `ENV` leads (.*?) to the stacks", chapter, re.DOTALL)

    assert sorted(name.removeprefix("make ") for name in re.findall(r"`([^`]+)`", told)) == sorted(OPERATORS_COMMANDS)


def test_a_deployment_is_verified_against_the_commit_that_is_here() -> None:
    assert "--commit '" in would_run("verify", "ENV=dev")[1]
    assert "--slow" not in would_run("verify", "ENV=dev")[1]
    assert "--slow" in would_run("verify", "ENV=dev", "SLOW=1")[1]


def synthesized_for_a_review(*words: str) -> set[str]:
    (names,) = re.findall(r"for name in (.*); do", would_run("synth-all", *words)[1])
    return set(names.split())


def test_libraries_are_compiled_once_also_where_the_machine_forbids_to_keep_it() -> None:
    told = subprocess.run(
        ["make", "--eval", "told:; @printenv PYTHONDONTWRITEBYTECODE || echo unset", "told"],  # noqa: S607
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.stdout == "unset\n"


def test_every_environment_is_synthesized_for_a_review() -> None:
    sentence = 'write the environment\'s name as name="…" into stacks/environments.py, where make looks for it'
    assert synthesized_for_a_review() == set(ENVIRONMENTS), sentence


def test_a_new_environment_is_synthesized_as_soon_as_its_value_is_written(tmp_path: Path) -> None:
    values = (PROJECT / "stacks" / "environments.py").read_text(encoding="utf-8")
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "environments.py").write_text(f'{values}\nQA = replace(STAGING, name="qa")\n', "utf-8")

    makefile = ("--directory", str(tmp_path), "--file", str(PROJECT / "Makefile"))
    assert synthesized_for_a_review(*makefile) == {*ENVIRONMENTS, "qa"}


def test_a_review_needs_something_to_compare_with() -> None:
    code, commands, said = would_run("review")

    assert code != 0
    assert "cdk" not in commands
    assert "make review BASE=REVISION" in said
