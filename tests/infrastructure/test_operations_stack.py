"""What raises an alarm, and whom it reaches."""

from __future__ import annotations

import json

import pytest

from stacks.environment import Environment
from tests.infrastructure.cloud_formation import Json, Stacks, text

ALARM = "AWS::CloudWatch::Alarm"


def watched(stacks: Stacks, namespace: str, metric: str) -> list[str]:
    """The values of the first dimension of every alarm on a metric."""
    return [
        text(alarm["Dimensions"][0]["Value"])
        for alarm in stacks.operations.properties(ALARM)
        if (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric)
    ]


def are_all_watched(ids: dict[str, Json], references: list[str]) -> bool:
    """Whether each of the resources, and nothing else, is referred to."""
    return len(references) == len(ids) and all(any(each in reference for reference in references) for each in ids)


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_is_watched(metric: str, with_shop: Stacks) -> None:
    functions = with_shop.chat.resources("AWS::Lambda::Function")
    assert are_all_watched(functions, watched(with_shop, "AWS/Lambda", metric))


def test_a_message_that_no_retry_helped_is_noticed_wherever_it_ends(with_shop: Stacks) -> None:
    dead = {
        logical_id: queue
        for logical_id, queue in with_shop.chat.resources("AWS::SQS::Queue").items()
        if "RedrivePolicy" not in queue["Properties"]
    }
    assert are_all_watched(dead, watched(with_shop, "AWS/SQS", "ApproximateNumberOfMessagesVisible"))


@pytest.mark.parametrize("metric", ["ReadThrottleEvents", "WriteThrottleEvents"])
def test_every_table_is_watched(metric: str, stacks: Stacks) -> None:
    tables = stacks.data.resources("AWS::DynamoDB::GlobalTable")
    assert are_all_watched(tables, watched(stacks, "AWS/DynamoDB", metric))


@pytest.mark.parametrize(
    ("metric", "protocol"), [("IntegrationError", "WebSocket"), ("ExecutionError", "WebSocket"), ("5xx", "Rest")]
)
def test_both_apis_are_watched(metric: str, protocol: str, stacks: Stacks) -> None:
    (api,) = watched(stacks, "AWS/ApiGateway", metric)
    assert f"Ref{protocol}Api" in api


def test_events_that_come_late_are_noticed_long_before_the_stream_forgets_them(stacks: Stacks) -> None:
    (alarm,) = [each for each in stacks.operations.properties(ALARM) if each["MetricName"] == "IteratorAge"]
    assert "Publisher" in text(alarm["Dimensions"][0]["Value"])
    assert alarm["Statistic"] == "Maximum"
    assert alarm["Threshold"] + alarm["EvaluationPeriods"] * alarm["Period"] * 1000 < 3600 * 1000


def test_one_of_anything_that_should_never_happen_is_enough(stacks: Stacks) -> None:
    others = [each for each in stacks.operations.properties(ALARM) if each["MetricName"] != "IteratorAge"]
    assert {(each["Threshold"], each["ComparisonOperator"], each["Statistic"]) for each in others} <= {
        (0, "GreaterThanThreshold", "Sum"),
        (0, "GreaterThanThreshold", "Maximum"),
    }


def test_silence_is_no_alarm(stacks: Stacks) -> None:
    assert {each["TreatMissingData"] for each in stacks.operations.properties(ALARM)} == {"notBreaching"}


def test_every_alarm_says_what_to_look_at_and_when_it_is_over(stacks: Stacks) -> None:
    (topic,) = stacks.operations.resources("AWS::SNS::Topic")
    for alarm in stacks.operations.properties(ALARM):
        assert ":" in alarm["AlarmDescription"]
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]


def test_alarms_of_this_account_may_use_the_topic(stacks: Stacks) -> None:
    statements = stacks.operations.only("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    (allowed,) = [statement for statement in statements if statement["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Action"] == "sns:Publish"
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_two_regions_of_an_account_have_a_dashboard_each(stacks: Stacks, environment: Environment) -> None:
    name = text(stacks.operations.only("AWS::CloudWatch::Dashboard")["DashboardName"])

    assert name == f"seller-chat-{environment.name}-${{AWS::Region}}"


def test_the_dashboard_shows_every_alarm(stacks: Stacks) -> None:
    body = json.dumps(stacks.operations.only("AWS::CloudWatch::Dashboard")["DashboardBody"])
    alarms = stacks.operations.resources(ALARM)
    assert [each for each in alarms if f'["{each}", "Arn"]' not in body] == []


def test_the_topic_to_subscribe_to_is_named(stacks: Stacks) -> None:
    (topic,) = stacks.operations.resources("AWS::SNS::Topic")
    assert stacks.operations.outputs() == {"AlarmTopic": f"${{{topic}}}"}
