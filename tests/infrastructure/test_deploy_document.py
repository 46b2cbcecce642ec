"""docs/deploy.md says what a first deployment meets: its commands are make's, its numbers and names the stacks'."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from functools import cache

import aws_cdk as cdk
import pytest

from administration.preflight.quotas import CONNECTIONS_PER_SECOND, REQUESTS_PER_SECOND
from administration.preflight.values import NONE, VARIABLES
from app import add_stacks
from stacks.context import select_environment
from stacks.environment import Environment
from stacks.environments import ENVIRONMENTS, PRODUCTION
from stacks.target import AWS
from tests.infrastructure.cloud_formation import Stacks
from tests.infrastructure.synthesis import PROJECT, names, new_app

DOCUMENT = (PROJECT / "docs" / "deploy.md").read_text(encoding="utf-8")
WORKFLOWS = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / ".github" / "workflows").glob("*.yml"))
TITLES = [
    "Region",
    "Bootstrap",
    "A new account",
    "Quotas",
    "Cost while idle",
    "Values that no command line has",
    "Names",
    "Deploy",
    "Alarms",
    "Sellers",
    "Going back",
    "Deleting",
]
# What stands for something of one's own, and what is given where the document leaves it out.
STANDS_FOR = {"OWNER/NAME": "shop/chat"}
LEFT_OUT = ("ENV=staging", "CONTACT=c", "TEAM=team.json", "AT=2026-11-23T10:00:00Z")
KEPT = {
    "tables": {"AWS::DynamoDB::GlobalTable"},
    "secrets": {"AWS::SecretsManager::Secret"},
    "queues": {"AWS::SQS::Queue"},
    "files": {"AWS::S3::Bucket"},
    "log groups": {"AWS::Logs::LogGroup"},
}


def points() -> dict[str, str]:
    """The numbered points of the first part, by title, without line breaks."""
    part = DOCUMENT.partition("\n## ")[0]
    found = re.findall(r"^(\d+)\. \*\*(.+?)\*\*(.*?)(?=^\d+\. |\Z)", part, re.MULTILINE | re.DOTALL)
    assert [int(number) for number, _, _ in found] == list(range(1, len(found) + 1))
    return {title.rstrip("."): " ".join(text.split()) for _, title, text in found}


def commands() -> list[str]:
    """Every command of make that the document names, with what stands for something of one's own."""
    found = sorted(set(re.findall(r"`(make [^`]+)`", DOCUMENT)))
    for name, value in STANDS_FOR.items():
        found = [each.replace(name, value) for each in found]
    return found


@cache
def assembly(environment: Environment) -> cdk.cx_api.CloudAssembly:
    """What would be deployed of an environment."""
    app = new_app(builtin_cloud_formation_validation=False)
    add_stacks(app, environment)
    return app.synth()


def kinds(environment: Environment) -> Counter[str]:
    """How many resources of each type an environment has."""
    stacks = assembly(environment).stacks
    return Counter(each["Type"] for stack in stacks for each in stack.template["Resources"].values())


def test_there_are_twelve_points_in_the_order_in_which_they_are_met() -> None:
    assert list(points()) == TITLES


@pytest.mark.parametrize("command", commands())
def test_every_command_is_one_of_makes_and_takes_what_it_is_given(command: str) -> None:
    words = command.split()[1:]
    given = {word.partition("=")[0] for word in words}
    done = subprocess.run(  # noqa: S603
        ["make", "--dry-run", "--old-file", ".venv/.ready", *words, *(LEFT_OUT if len(words) == 1 else ())],  # noqa: S607
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, ""), command
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert all(f"$({name})" in makefile for name in given - {words[0]})


def test_every_value_that_it_names_is_one() -> None:
    on_the_command_line = set(re.findall(r"`([A-Z][A-Z_]+)=?`", "".join(points().values()))) - {"AWS_REGION"}
    elsewhere = set(re.findall(r"`([a-z_]+)`", points()["Values that no command line has"]))

    assert on_the_command_line <= set(VARIABLES.values())
    assert "CONCURRENCY" in on_the_command_line
    assert elsewhere <= {field for field in Environment.__dataclass_fields__ if field not in VARIABLES}
    assert "allowed_origins" in elsewhere


def test_taking_back_is_called_as_it_is_done() -> None:
    assert f"`NAME={NONE}`" in points()["Deploy"]


def test_quotas_are_what_production_is_made_for() -> None:
    said = points()["Quotas"]

    assert f"({PRODUCTION.needed_concurrency} for what `CONCURRENCY=` reserves)" in said
    assert f"({REQUESTS_PER_SECOND['production']:,} requests a second on one route;" in said
    assert f'"New connections per second" ({CONNECTIONS_PER_SECOND["production"]};' in said


def test_what_costs_while_idle_is_what_there_is() -> None:
    alone, with_shop = kinds(PRODUCTION), kinds(select_environment("production", php_api_url="https://shop.example"))
    said = points()["Cost while idle"]

    (alarms,) = re.findall(r"some (\d+) alarms", said)
    for each in (alone, with_shop):
        assert abs(each["AWS::CloudWatch::Alarm"] - int(alarms)) < 10
        assert each["AWS::CloudWatch::Dashboard"] == 1
    assert "one or two secrets and a dashboard" in said
    assert [each["AWS::SecretsManager::Secret"] for each in (alone, with_shop)] == [1, 2]


@pytest.mark.parametrize(
    "environment",
    [
        *(each for each in ENVIRONMENTS.values() if each.target is AWS),
        select_environment("production", php_api_url="https://shop.example", **names("eu-central-1")),
    ],
)
def test_the_pages_come_last_so_that_without_them_all_else_is_there(environment: Environment) -> None:
    stacks = assembly(environment).stacks

    assert stacks[-1].stack_name.endswith("-Web")
    assert all(stacks[-1].id not in [each.id for each in stack.dependencies] for stack in stacks)


@pytest.mark.parametrize("name", ["staging", "production"])
def test_what_deleting_leaves_is_named_and_a_first_creation_that_failed_leaves_none_of_it(name: str) -> None:
    resources = [each for stack in assembly(ENVIRONMENTS[name]).stacks for each in stack.template["Resources"].values()]
    kept = {each["Type"]: each["DeletionPolicy"] for each in resources if "Retain" in each.get("DeletionPolicy", "")}
    said = points()["Deleting"]

    assert "leaves tables, secrets, queues, files and log groups, and the stack of names" in said
    assert set(kept) == set().union(*KEPT.values())
    assert all(each in said for each in KEPT)
    assert set(kept.values()) == {"RetainExceptOnCreate"}


def test_alarms_are_mailed_to_the_address_that_is_given() -> None:
    told = select_environment("production", alarm_email="oncall@shop.example")
    stacks = Stacks.of({stack.stack_name: stack.template for stack in assembly(told).stacks})

    (subscription,) = stacks.operations.properties("AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "oncall@shop.example")
    assert "`ALARM_EMAIL=`" in points()["Alarms"]


def test_workflows_ask_for_the_variables_that_it_says_and_no_other() -> None:
    part = DOCUMENT.partition("\n## From GitHub Actions\n")[2].partition("\n## ")[0]
    asked = set(re.findall(r"\bvars\.([A-Z_]+)", WORKFLOWS))
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", part)) - {"NAME"}

    assert named <= asked
    # All that is given on the command line is summed up there.
    assert asked - named <= set(VARIABLES.values())


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!http)([^)#]*)(?:#[^)]*)?\)", DOCUMENT))))
def test_every_link_leads_to_a_file(target: str) -> None:
    assert (PROJECT / "docs" / target).exists()


@pytest.mark.parametrize(("file", "anchor"), re.findall(r"\]\((\w+\.md)#([\w-]+)\)", DOCUMENT))
def test_every_link_leads_to_a_section(file: str, anchor: str) -> None:
    titles = re.findall(r"^#+ (.+)$", (PROJECT / "docs" / file).read_text(encoding="utf-8"), re.MULTILINE)

    assert anchor in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
