"""New code is called by a few at first, and by nobody once it does harm; where nobody is promised anything, at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stacks.context import InvalidContextError, environment_of, select_environment
from stacks.environment import Environment
from stacks.environments import PRODUCTION
from stacks.objectives import FAST, OBJECTIVES
from stacks.target import EMULATOR
from tests.infrastructure.cloud_formation import Json, Stacks, Template, as_list, text
from tests.infrastructure.synthesis import PROJECT, synthesize

FUNCTION, ALIAS, VERSION = "AWS::Lambda::Function", "AWS::Lambda::Alias", "AWS::Lambda::Version"
GROUP, ALARM = "AWS::CodeDeploy::DeploymentGroup", "AWS::CloudWatch::Alarm"
SHIFTING = ("staging", "production")
CANARY_PERCENT = 10
MOST_ALARMS = 10
"""Of a deployment group: https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html."""


@pytest.fixture(scope="module")
def chat(with_shop: Stacks) -> Template:
    return with_shop.chat


def group_of(chat: Template, alias: Json) -> Json:
    """The deployment group that an alias is shifted by."""
    update = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    group: Json = chat.resources(GROUP)[update["DeploymentGroupName"]["Ref"]]["Properties"]
    assert update["ApplicationName"] == group["ApplicationName"]
    return group


def alarms_of(chat: Template, group: Json) -> list[Json]:
    """The alarms at which it goes back."""
    return [chat.resources(ALARM)[each["Name"]["Ref"]]["Properties"] for each in group["AlarmConfiguration"]["Alarms"]]


def test_every_function_has_an_alias_that_leads_to_the_version_of_its_newest_code(chat: Template) -> None:
    aliases = chat.properties(ALIAS)
    of_functions = [each["FunctionName"]["Ref"] for each in aliases]

    assert sorted(of_functions) == sorted(chat.resources(FUNCTION))
    assert {each["Name"] for each in aliases} == {"live"}
    for alias in aliases:
        version = chat.resources(VERSION)[alias["FunctionVersion"]["Fn::GetAtt"][0]]
        assert version["Properties"]["FunctionName"] == alias["FunctionName"]


def test_everything_that_calls_a_function_calls_it_by_its_alias(chat: Template) -> None:
    aliases = set(chat.resources(ALIAS))
    calls = {
        "AWS::ApiGatewayV2::Integration": "IntegrationUri",
        "AWS::ApiGatewayV2::Authorizer": "AuthorizerUri",
        "AWS::Lambda::EventSourceMapping": "FunctionName",
        "AWS::Lambda::Permission": "FunctionName",
    }
    for kind, key in calls.items():
        named = [text(each[key]) for each in chat.properties(kind) if each.get(key)]
        assert named
        for each in named:
            assert any(alias in each for alias in aliases), f"{kind} calls {each}"


def test_one_who_may_call_an_alias_is_let_by_each_alias_and_by_no_function(chat: Template) -> None:
    # A permission of a function is none of its aliases.
    allowed = {each["FunctionName"]["Ref"] for each in chat.properties("AWS::Lambda::Permission")}
    called_by_apis = {
        alias
        for alias in chat.resources(ALIAS)
        for kind, key in (("Integration", "IntegrationUri"), ("Authorizer", "AuthorizerUri"))
        for each in chat.properties(f"AWS::ApiGatewayV2::{kind}")
        if alias in text(each.get(key))
    }

    assert allowed == called_by_apis


def test_a_tenth_of_the_calls_goes_to_new_code_for_five_minutes(chat: Template) -> None:
    groups = [group_of(chat, each) for each in chat.resources(ALIAS).values()]

    assert len(groups) == len(chat.resources(GROUP)) == 8
    assert {each["DeploymentConfigName"] for each in groups} == {"CodeDeployDefault.LambdaCanary10Percent5Minutes"}
    assert {
        (each["DeploymentStyle"]["DeploymentType"], each["DeploymentStyle"]["DeploymentOption"]) for each in groups
    } == {("BLUE_GREEN", "WITH_TRAFFIC_CONTROL")}


def test_it_goes_back_by_itself_when_an_alarm_rings_and_when_it_fails(chat: Template) -> None:
    for group in chat.properties(GROUP):
        assert group["AutoRollbackConfiguration"] == {
            "Enabled": True,
            "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"],
        }
        assert group["AlarmConfiguration"]["Enabled"] is True
        assert not group["AlarmConfiguration"].get("IgnorePollAlarmFailure", False)
        assert len(group["AlarmConfiguration"]["Alarms"]) <= MOST_ALARMS


def test_each_promise_is_looked_at_where_new_code_that_breaks_it_would_show(chat: Template) -> None:
    for group in chat.properties(GROUP):
        for promise in OBJECTIVES:
            alarm = watching(promise.promise, chat, group)
            periods = {part["MetricStat"]["Period"] for part in alarm["Metrics"] if "MetricStat" in part}
            # Code that fails with all of its calls makes a tenth of all bad, and less in the minutes before that.
            assert alarm["Threshold"] == min(promise.threshold(FAST.rate), CANARY_PERCENT / 2)
            assert (periods, alarm["EvaluationPeriods"]) == ({5 * 60}, 1)


def watching(promise: str, chat: Template, group: Json) -> Json:
    (alarm,) = [each for each in alarms_of(chat, group) if each["AlarmDescription"].startswith(promise)]
    return alarm


def test_code_that_raises_before_it_counts_anything_is_seen_by_lambdas_own_count_of_its_version(
    chat: Template,
) -> None:
    for alias in chat.resources(ALIAS).values():
        (alarm,) = [each for each in alarms_of(chat, group_of(chat, alias)) if each.get("MetricName") == "Errors"]
        dimensions = {each["Name"]: text(each["Value"]) for each in alarm["Dimensions"]}
        function = text(alias["Properties"]["FunctionName"])
        assert dimensions == {
            "FunctionName": function,
            "Resource": f"{function}:live",
            "ExecutedVersion": text(alias["Properties"]["FunctionVersion"]),
        }
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
        assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == ("Sum", 60, 1)
        assert alarm["TreatMissingData"] == "notBreaching"


def test_alarms_that_are_for_a_release_call_nobody(chat: Template) -> None:
    assert all("AlarmActions" not in alarm for group in chat.properties(GROUP) for alarm in alarms_of(chat, group))


def test_what_is_watched_at_all_times_is_watched_of_all_versions(with_shop: Stacks) -> None:
    # By the function's name alone Lambda counts all versions and aliases:
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
    of_lambda = [each for each in with_shop.operations.properties(ALARM) if each.get("Namespace") == "AWS/Lambda"]

    assert of_lambda
    for alarm in of_lambda:
        assert [each["Name"] for each in alarm["Dimensions"]] == ["FunctionName"]


def test_codedeploy_may_move_these_aliases_and_look_at_alarms_and_do_nothing_else(chat: Template) -> None:
    (role,) = {group["ServiceRoleArn"]["Fn::GetAtt"][0] for group in chat.properties(GROUP)}
    grants = chat.grants(role)
    functions = {f"${{{each}.Arn}}" for each in chat.resources(FUNCTION)}
    trust = chat.resources("AWS::IAM::Role")[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]

    assert grants.pop("*") == {"cloudwatch:DescribeAlarms"}
    assert set(grants) == functions | {f"{each}:live" for each in functions}
    for actions in grants.values():
        assert actions == {"lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"}
    assert [each["Principal"] for each in trust] == [{"Service": "codedeploy.amazonaws.com"}]


def test_no_alias_is_moved_before_codedeploy_may_and_its_alarms_are_there(chat: Template) -> None:
    dependencies = chat.dependencies()
    for alias in chat.resources(ALIAS):
        (group,) = dependencies[alias] & set(chat.resources(GROUP))
        waits_for = dependencies[group]
        assert waits_for & set(chat.resources("AWS::IAM::Policy"))
        assert len(waits_for & set(chat.resources(ALARM))) == len(OBJECTIVES) + 1


def test_a_version_goes_with_the_deployment_that_replaces_it(chat: Template) -> None:
    # CloudFormation deletes what was replaced once all else is done, so one that is called is never deleted.
    for version in chat.resources(VERSION).values():
        assert version.get("DeletionPolicy", "Delete") == version.get("UpdateReplacePolicy", "Delete") == "Delete"


@pytest.fixture(scope="module")
def another() -> Template:
    """Production as it is deployed at once, and with another word for every function."""
    shifted = select_environment("production", php_api_url="https://shop.example/chat", traffic_shift="at_once")
    return Stacks.of(synthesize(replace(shifted, log_level="DEBUG"))).chat


def test_what_functions_are_told_makes_new_versions_as_their_code_does(chat: Template, another: Template) -> None:
    assert len(chat.resources(VERSION)) == len(another.resources(VERSION)) == 8
    assert not set(chat.resources(VERSION)) & set(another.resources(VERSION))


def test_the_same_code_is_the_same_version(chat: Template) -> None:
    again = select_environment("production", php_api_url="https://shop.example/chat", alarm_email="on@shop.example")

    assert set(Stacks.of(synthesize(again)).chat.resources(VERSION)) == set(chat.resources(VERSION))


def test_what_mends_what_is_broken_goes_at_once_and_heeds_no_alarm(another: Template) -> None:
    # CodeDeploy begins nothing while an alarm rings.
    for group in another.properties(GROUP):
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaAllAtOnce"
        assert group["AlarmConfiguration"]["Enabled"] is False
        assert "DEPLOYMENT_STOP_ON_ALARM" not in as_list(group["AutoRollbackConfiguration"]["Events"])


def test_at_once_is_for_this_time() -> None:
    assert select_environment("production", traffic_shift="at_once").given == {}


@pytest.mark.parametrize(
    ("name", "shift", "answer"),
    [
        ("dev", "at_once", "dev calls new code at once: leave out -c traffic_shift=at_once"),
        ("local", "canary", "local calls new code at once: leave out -c traffic_shift=canary"),
        ("production", "at-once", "did you mean at_once?"),
        ("production", "1", "use -c traffic_shift=NAME with one of canary, at_once"),
    ],
)
def test_a_shift_that_there_is_not_is_refused(name: str, shift: str, answer: str) -> None:
    with pytest.raises(InvalidContextError, match=answer):
        environment_of({"env": name, "traffic_shift": shift})


def test_where_nobody_is_promised_anything_what_is_saved_is_called(stacks: Stacks, environment: Environment) -> None:
    shifts = environment.name in SHIFTING

    for kind in (ALIAS, VERSION, GROUP, "AWS::CodeDeploy::Application"):
        assert bool(stacks.chat.resources(kind)) == shifts, kind
    assert shifts == environment.watches_objectives


def test_an_emulator_has_the_aliases_and_nothing_that_it_could_not_shift_them_by() -> None:
    stacks = Stacks.of(synthesize(replace(PRODUCTION, target=EMULATOR, web_hosting=None)))
    chat = stacks.chat

    assert len(chat.resources(ALIAS)) == len(chat.resources(FUNCTION))
    assert not chat.resources(GROUP)
    assert all("UpdatePolicy" not in each for each in chat.resources(ALIAS).values())
    alarms = [*chat.properties("AWS::CloudWatch::Alarm"), *stacks.operations.properties("AWS::CloudWatch::Alarm")]
    assert alarms
    assert not [each["AlarmName"] for each in alarms if "Metrics" in each], "it computes nothing"


def test_the_way_back_of_a_deployment_by_github_heeds_no_alarm() -> None:
    workflow = (PROJECT / ".github" / "workflows" / "deploy.yml").read_text(encoding="utf-8")

    assert "export AT_ONCE=1" in workflow.partition("Prepare the way back")[2].partition("Prepare")[0]
