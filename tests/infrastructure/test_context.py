"""Choosing an environment on the command line, and what is different this time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import aws_cdk as cdk
import pytest

from app import main
from stacks.context import (
    CHANGES,
    InvalidContextError,
    aws_environment,
    environment_of,
    refuse_a_region_that_nobody_said,
    refuse_the_emulators_environment_on_aws,
    refuse_unknown,
    select_environment,
)
from stacks.environments import ENVIRONMENTS, LOCAL, PRODUCTION
from tests.infrastructure.cloud_formation import Stacks
from tests.infrastructure.synthesis import PROJECT, names, synthesize


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_is_chosen_by_name(name: str) -> None:
    assert select_environment(name).name == name


@pytest.mark.parametrize("name", [None, "", "prod", "Production"])
def test_any_other_name_is_answered_with_the_names(name: str | None) -> None:
    with pytest.raises(InvalidContextError, match=", ".join(ENVIRONMENTS)):
        select_environment(name)


def test_the_app_ends_with_one_line_that_says_what_to_do() -> None:
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    finished = subprocess.run(
        [sys.executable, "app.py"], cwd=PROJECT, env={"PATH": tools}, capture_output=True, text=True, check=False
    )
    assert finished.returncode != 0
    assert finished.stderr.splitlines() == [
        f"error: no environment given: add -c env=NAME, where NAME is one of {', '.join(ENVIRONMENTS)}"
    ]


def test_the_emulators_address_can_be_given() -> None:
    assert (
        select_environment("local", emulator_url="http://127.0.0.1:4999/").target.emulator_url
        == "http://127.0.0.1:4999"
    )
    assert LOCAL.target.emulator_url == "http://127.0.0.1:4566"


def test_only_the_emulator_has_an_address() -> None:
    with pytest.raises(InvalidContextError, match="production runs on AWS itself"):
        select_environment("production", emulator_url="http://127.0.0.1:4566")


@pytest.mark.parametrize("assignment", ["direct", "sticky", "least_loaded", "round_robin"])
def test_an_assignment_is_chosen_by_name(assignment: str) -> None:
    assert select_environment("dev", assignment=assignment).assignment == assignment


@pytest.mark.parametrize("assignment", ["", "random", "LEAST_LOADED"])
def test_any_other_assignment_is_answered_with_the_names(assignment: str) -> None:
    with pytest.raises(InvalidContextError, match="direct, sticky, least_loaded, round_robin, external"):
        select_environment("dev", assignment=assignment)


def test_a_shop_can_choose_sellers_only_where_it_has_a_back_end() -> None:
    shop = "https://shop.example/chat"
    assert select_environment("dev", assignment="external", php_api_url=shop).assignment == "external"
    with pytest.raises(InvalidContextError, match="add -c php_api_url"):
        select_environment("dev", assignment="external")


def test_a_shops_back_end_is_reached_over_tls() -> None:
    assert select_environment("production", php_api_url="https://shop.example/chat/").php_api_url == (
        "https://shop.example/chat"
    )
    assert select_environment("local", php_api_url="http://127.0.0.1:8080").php_api_url == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("production", "http://shop.example"),
        ("production", "http://127.0.0.1:8080"),
        ("local", "http://shop.example"),
        ("local", "http://127.0.0.1.shop.example"),
        ("dev", "shop.example"),
        ("dev", "https:///chat"),
        ("dev", ""),
    ],
)
def test_any_other_address_of_a_shop_is_refused(name: str, url: str) -> None:
    with pytest.raises(InvalidContextError, match=r"php_api_url=https://HOST"):
        select_environment(name, php_api_url=url)


def test_account_and_region_come_from_the_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
    monkeypatch.setenv("CDK_DEFAULT_REGION", "ap-south-1")
    found = aws_environment(PRODUCTION)
    assert (found.account, found.region) == ("123456789012", "ap-south-1")


@pytest.mark.parametrize("region", ["eu-south-2", "cn-north-1", "us-gov-west-1"])
def test_a_region_that_lacks_something_is_answered_with_those_that_do_not(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDK_DEFAULT_REGION", region)
    with pytest.raises(InvalidContextError, match=f"{region}.*AWS_REGION.*eu-central-1"):
        aws_environment(PRODUCTION)
    assert aws_environment(LOCAL).region == region


def test_what_was_given_is_kept_for_the_next_deployment_to_be_asked_about() -> None:
    given = {"php_api_url": "https://shop.example", "assignment": "sticky"}
    output = Stacks.of(synthesize(select_environment("dev", **given))).data.outputs()["Given"]

    assert json.loads(output) == given
    assert select_environment("local", emulator_url="http://127.0.0.1:4999").given == {}


def test_what_is_reserved_leaves_the_account_what_lambda_insists_on() -> None:
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    needed = PRODUCTION.needed_concurrency
    assert needed == sum(PRODUCTION.reserved_concurrency.values()) + 100
    assert PRODUCTION.concurrency_of("conversation") is None
    assert select_environment("production", account_concurrency=str(needed)).concurrency_of("conversation") == 400


@pytest.mark.parametrize(
    ("name", "account_concurrency"),
    [("production", "10"), ("production", "884"), ("production", "many"), ("dev", "1000")],
)
def test_concurrency_that_cannot_be_reserved_is_answered_with_what_to_do(name: str, account_concurrency: str) -> None:
    with pytest.raises(InvalidContextError, match="leave out -c account_concurrency"):
        select_environment(name, account_concurrency=account_concurrency)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("asignment", "did you mean assignment?"),
        ("budget_mail", "did you mean budget_email?"),
        ("ALARM_EMAIL", "did you mean alarm_email?"),
        ("colour", "one of env,"),
    ],
)
def test_a_misspelt_context_value_is_answered_with_the_nearest_name(name: str, answer: str) -> None:
    with pytest.raises(InvalidContextError, match=re.escape(answer)):
        refuse_unknown(["env", name])


def test_what_the_cdk_itself_adds_to_the_context_is_none_of_ours() -> None:
    refuse_unknown(
        ["env", "@aws-cdk/core:checkSecretUsage", "aws:cdk:bundling-stacks", "availability-zones:account=1", *CHANGES]
    )
    # `cdk acknowledge` and `cdk cli-telemetry` write these into cdk.context.json.
    refuse_unknown(["acknowledged-issue-numbers", "cli-telemetry"])


def test_the_emulator_is_where_this_shells_aws_clients_look_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4600")
    assert environment_of({"env": "local"}).target.emulator_url == "http://127.0.0.1:4600"
    given = {"env": "local", "emulator_url": "http://127.0.0.1:4700"}
    assert environment_of(given).target.emulator_url == "http://127.0.0.1:4700"
    assert environment_of({"env": "dev"}).target.emulator_url is None


def test_a_number_in_cdk_json_is_as_good_as_one_on_the_command_line() -> None:
    assert environment_of({"env": "production", "account_concurrency": 1000}).account_concurrency == 1000


@pytest.mark.parametrize("qualifier", ["elevenchars", "under_score", ""])
def test_a_qualifier_that_no_account_can_be_bootstrapped_with_is_refused(qualifier: str) -> None:
    with pytest.raises(InvalidContextError, match="one to ten letters and digits"):
        environment_of({"env": "dev", "@aws-cdk/core:bootstrapQualifier": qualifier})
    assert environment_of({"env": "dev", "@aws-cdk/core:bootstrapQualifier": "acme1"}).name == "dev"


def test_a_key_of_ones_own_needs_a_region_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENVIRONMENTS, "production", replace(PRODUCTION, customer_managed_key=True))
    with pytest.raises(InvalidContextError, match=r"production has a key of its own.*set AWS_REGION"):
        environment_of({"env": "production"})
    monkeypatch.setenv("CDK_DEFAULT_REGION", "eu-central-1")
    assert environment_of({"env": "production"}).customer_managed_key


def test_a_budget_needs_a_region_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"env": "production", "budget_email": "owner@shop.example"}
    with pytest.raises(InvalidContextError, match=r"production has a budget, which needs a Region.*set AWS_REGION"):
        environment_of(given)
    monkeypatch.setenv("CDK_DEFAULT_REGION", "eu-central-1")
    assert environment_of(given).budget_email == "owner@shop.example"


def test_the_environment_of_an_emulator_never_reaches_an_account_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
    refuse_the_emulators_environment_on_aws(PRODUCTION)
    with pytest.raises(InvalidContextError, match=r"123456789012.*make run"):
        refuse_the_emulators_environment_on_aws(LOCAL)


@pytest.mark.parametrize(
    ("variable", "value"), [("AWS_ENDPOINT_URL", "http://127.0.0.1:4600"), ("CDK_DEFAULT_ACCOUNT", "000000000000")]
)
def test_the_environment_of_an_emulator_reaches_the_emulator(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
    monkeypatch.setenv(variable, value)
    refuse_the_emulators_environment_on_aws(LOCAL)


@pytest.fixture
def nobody_says_a_region(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where profiles are, of who has credentials alone: the CDK CLI finds the account, and takes a Region."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
    monkeypatch.setenv("CDK_DEFAULT_REGION", "us-east-1")
    return tmp_path


@pytest.mark.usefixtures("nobody_says_a_region")
def test_the_region_that_the_cdk_takes_by_itself_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"^error: nobody said which Region dev is to be in: set AWS_REGION"):
        main(cdk.App(context={"env": "dev"}))
    # Without an account nothing can be deployed, and an emulator is nowhere.
    refuse_a_region_that_nobody_said(LOCAL)
    monkeypatch.delenv("CDK_DEFAULT_ACCOUNT")
    refuse_a_region_that_nobody_said(PRODUCTION)


@pytest.mark.usefixtures("nobody_says_a_region")
def test_without_credentials_the_region_that_the_cdk_takes_by_itself_is_in_no_template(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert aws_environment(PRODUCTION).region == "us-east-1"
    monkeypatch.delenv("CDK_DEFAULT_ACCOUNT")
    certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/0"

    assert aws_environment(PRODUCTION).region is None
    assert select_environment("dev", certificate=certificate).certificate == certificate
    with pytest.raises(InvalidContextError, match=r"a budget, which needs a Region that is known: set AWS_REGION"):
        environment_of({"env": "dev", "budget_email": "owner@shop.example"})
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert aws_environment(PRODUCTION).region == "us-east-1"


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
@pytest.mark.usefixtures("nobody_says_a_region")
def test_the_same_region_is_taken_where_the_shell_says_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "us-east-1")

    refuse_a_region_that_nobody_said(PRODUCTION)


@pytest.mark.parametrize(
    ("profile", "section", "file"),
    [("", "default", "config"), ("shop", "profile shop", "config"), ("shop", "shop", "credentials")],
)
def test_the_same_region_is_taken_where_the_profile_says_it(
    profile: str, section: str, file: str, nobody_says_a_region: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if profile:
        monkeypatch.setenv("AWS_PROFILE", profile)
    (nobody_says_a_region / file).write_text("[profile other]\nregion = us-east-1\n")
    with pytest.raises(InvalidContextError, match="nobody said which Region"):
        refuse_a_region_that_nobody_said(PRODUCTION)
    (nobody_says_a_region / file).write_text(f"[{section}]\nregion = us-east-1\n")

    refuse_a_region_that_nobody_said(PRODUCTION)


@pytest.mark.parametrize(
    ("context", "variables", "said"),
    [
        ({"env": "dev", "asignment": "sticky"}, {}, "did you mean assignment?"),
        ({"env": "producton"}, {}, "did you mean production?"),
        ({"env": "STAGING"}, {}, "did you mean staging?"),
        ({"env": "dev", "assignment": "stiky"}, {}, "did you mean sticky?"),
        (
            {"env": "dev", "budget_email": "a@b.example"},
            {"CDK_DEFAULT_REGION": "eu-south-2"},
            "cannot be in eu-south-2",
        ),
        ({"env": "dev", "@aws-cdk/core:bootstrapQualifier": "much-too-long"}, {}, "is no qualifier"),
        ({"env": "local"}, {"CDK_DEFAULT_ACCOUNT": "123456789012"}, "local is not for AWS"),
        ({"env": "dev", "assignment": "random"}, {}, "there is no assignment 'random'"),
        ({"env": "dev", "php_api_url": "ftp://shop"}, {}, "the shop's back end cannot be at"),
        ({"env": "dev", "budget_email": "nobody"}, {}, "'nobody' is no address"),
        ({"env": "dev", "account_concurrency": "9"}, {}, "dev reserves no concurrency"),
        ({"env": "dev", "emulator_url": "http://127.0.0.1"}, {}, "dev runs on AWS itself"),
    ],
)
def test_the_app_passes_on_what_the_command_line_says(
    context: dict[str, str], variables: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=f"^error: .*{re.escape(said)}.*$"):
        main(cdk.App(context=context))


def test_the_app_hands_on_all_that_the_command_line_may_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_DEFAULT_REGION", "eu-central-1")
    given = {
        "php_api_url": "https://shop.example/chat",
        "budget_email": "owner@shop.example",
        "alarm_email": "oncall@shop.example",
        "account_concurrency": "1000",
        "assignment": "external",
        **names("eu-central-1"),
    }
    this_time = {"traffic_shift": "at_once"}
    every = given.keys() | this_time.keys() | {"emulator_url"}
    assert every == CHANGES.keys(), "add the new value here, with what it does below"
    context = {"env": "production", **given, **this_time, "commit": "0123abc", "aws:cdk:bundling-stacks": []}
    app = cdk.App(context=context, builtin_cloud_formation_validation=False)
    main(app)
    synthesized = app.synth().stacks
    stacks = Stacks.of({each.stack_name: each.template for each in synthesized})

    functions = stacks.chat.functions()
    assert functions["courier"]["Environment"]["Variables"]["PHP_API_URL"] == given["php_api_url"]
    assert functions["conversation"]["Environment"]["Variables"]["ASSIGNMENT"] == "external"
    assert functions["conversation"]["ReservedConcurrentExecutions"] == 400
    (budget, _) = stacks.operations.only("AWS::Budgets::Budget")["NotificationsWithSubscribers"]
    assert budget["Subscribers"][0]["Address"] == given["budget_email"]
    assert stacks.operations.only("AWS::SNS::Subscription")["Endpoint"] == given["alarm_email"]
    assert stacks.chat.outputs()["WebSocketUrl"] == f"wss://ws.{given['host']}"
    shifts = {each["DeploymentConfigName"] for each in stacks.chat.properties("AWS::CodeDeploy::DeploymentGroup")}
    assert shifts == {"CodeDeployDefault.LambdaAllAtOnce"}
    assert json.loads(stacks.data.outputs()["Given"]) == given
    assert {each.tags["commit"] for each in synthesized} == {"0123abc"}


def test_templates_tell_nothing_of_the_python_that_wrote_them() -> None:
    # The CDK would add AWS::CDK::Metadata, which names the runtime: another template on another Python.
    assert json.loads((PROJECT / "cdk.json").read_text(encoding="utf-8"))["versionReporting"] is False
