"""What raises an alarm, and whom it reaches."""

from __future__ import annotations

import ast
import json

import pytest

from stacks.constructs.failures import FAILURES, NO_FAILURES
from stacks.context import select_environment
from stacks.environment import Environment
from tests.infrastructure.cloud_formation import Json, Stacks, text
from tests.infrastructure.synthesis import PROJECT, synthesize

ALARM = "AWS::CloudWatch::Alarm"
FORMULA = "a formula"


def alarms_on(stacks: Stacks, metric: str) -> list[Json]:
    """Every alarm on a metric; those of a formula count as alarms on it."""
    return [each for each in stacks.operations.properties(ALARM) if (each.get("MetricName") or FORMULA) == metric]


def watched(stacks: Stacks, metric: str) -> list[str]:
    """The dimensions of every alarm on a metric, in one text."""
    return [" ".join(text(each["Value"]) for each in alarm["Dimensions"]) for alarm in alarms_on(stacks, metric)]


def are_all_watched(ids: dict[str, Json], references: list[str]) -> bool:
    """Whether each of the resources, and nothing else, is referred to."""
    return len(references) == len(ids) and all(any(each in reference for reference in references) for each in ids)


@pytest.mark.parametrize("metric", ["Errors", "Throttles", "RecursiveInvocationsDropped"])
def test_every_function_is_watched(metric: str, with_shop: Stacks) -> None:
    functions = with_shop.chat.resources("AWS::Lambda::Function")
    assert are_all_watched(functions, watched(with_shop, metric))


def test_a_message_that_no_retry_helped_is_noticed_wherever_it_ends(with_shop: Stacks) -> None:
    dead = {
        logical_id: queue
        for logical_id, queue in with_shop.chat.resources("AWS::SQS::Queue").items()
        if "RedrivePolicy" not in queue["Properties"]
    }
    assert are_all_watched(dead, watched(with_shop, "ApproximateNumberOfMessagesVisible"))


@pytest.mark.parametrize("metric", ["ReadThrottleEvents", "WriteThrottleEvents"])
def test_every_table_is_watched_and_every_index(metric: str, stacks: Stacks) -> None:
    # A table's metrics leave out its indexes:
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
    tables = stacks.data.resources("AWS::DynamoDB::GlobalTable")
    indexes = [
        (logical_id, index["IndexName"])
        for logical_id, table in tables.items()
        for index in table["Properties"]["GlobalSecondaryIndexes"]
    ]
    on_table = [each for each in watched(stacks, metric) if "Index" not in each]
    on_index = [each for each in watched(stacks, metric) if "Index" in each]

    assert are_all_watched(tables, on_table)
    assert len(on_index) == len(indexes) == 3
    assert all(any(table in each and index in each for each in on_index) for table, index in indexes)


def test_what_a_function_swallows_is_counted_and_calls_somebody(with_shop: Stacks) -> None:
    groups = {function["LoggingConfig"]["LogGroup"]["Ref"] for function in with_shop.chat.functions().values()}
    filters = with_shop.chat.properties("AWS::Logs::MetricFilter")
    counted = {each["MetricTransformations"][0]["MetricName"] for each in filters}

    assert {each["LogGroupName"]["Ref"] for each in filters} == groups
    assert all(f'?"\\"event\\":\\"{name}\\""' in each["FilterPattern"] for each in filters for name in FAILURES)
    assert counted == {f"{name.capitalize()}Failures" for name in with_shop.chat.functions()}
    assert all(len(alarms_on(with_shop, name)) == 1 for name in counted)


def test_every_line_that_functions_write_is_known_to_mean_a_failure_or_none() -> None:
    calls = (
        node
        for path in (PROJECT / "lambdas").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"note", "failed"}
    )
    written = {argument.value for call in calls for argument in call.args[:1] if isinstance(argument, ast.Constant)}

    assert written == {*FAILURES, *NO_FAILURES}
    assert not set(FAILURES) & set(NO_FAILURES)


def test_functions_write_the_lines_that_are_counted(environment: Environment) -> None:
    assert environment.log_level in {"DEBUG", "INFO"}


def test_what_waits_too_long_is_noticed_in_every_queue_that_a_function_takes_from(with_shop: Stacks) -> None:
    # A batch of which some failed is no failed invocation: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    taken = {
        logical_id: queue["Properties"]
        for logical_id, queue in with_shop.chat.resources("AWS::SQS::Queue").items()
        if "RedrivePolicy" in queue["Properties"]
    }
    thresholds = {
        logical_id: alarm["Threshold"]
        for logical_id in taken
        for alarm in alarms_on(with_shop, "ApproximateAgeOfOldestMessage")
        if f"{logical_id}QueueName" in text(alarm["Dimensions"][0]["Value"])
    }

    assert thresholds == {logical_id: 4 * queue["VisibilityTimeout"] for logical_id, queue in taken.items()}


@pytest.mark.parametrize("metric", ["FailedInvocations", "InvocationsFailedToBeSentToDlq"])
def test_an_event_that_does_not_arrive_is_noticed_whichever_rule_it_is_of(metric: str, with_shop: Stacks) -> None:
    rules = with_shop.chat.resources("AWS::Events::Rule")

    assert are_all_watched(rules, watched(with_shop, metric))
    assert [sorted(d["Name"] for d in alarm["Dimensions"]) for alarm in alarms_on(with_shop, metric)] == [
        ["EventBusName", "RuleName"]
    ] * len(rules)


@pytest.mark.parametrize("metric", ["TargetErrorCount", "InvocationDroppedCount"])
def test_a_check_up_that_does_not_arrive_is_noticed(metric: str, stacks: Stacks) -> None:
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
    (alarm,) = alarms_on(stacks, metric)

    assert alarm["Namespace"] == "AWS/Scheduler"
    assert [each["Name"] for each in alarm["Dimensions"]] == ["ScheduleGroup"]


def test_each_further_dead_letter_is_told_of_while_the_first_still_lies_there(with_shop: Stacks) -> None:
    dead = [each for each in with_shop.chat.properties("AWS::SQS::Queue") if "RedrivePolicy" not in each]
    formulas = [alarm["Metrics"] for alarm in alarms_on(with_shop, FORMULA)]

    assert len(formulas) == len(dead)
    assert {part["Expression"] for parts in formulas for part in parts if "Expression" in part} == {"DIFF(visible)"}


def test_somebody_is_told_of_alarms_once_an_address_is_given() -> None:
    told = Stacks.of(synthesize(select_environment("production", alarm_email="oncall@shop.example")))

    assert told.operations.only("AWS::SNS::Subscription")["Endpoint"] == "oncall@shop.example"


@pytest.mark.parametrize(
    ("metric", "protocol"), [("IntegrationError", "WebSocket"), ("ExecutionError", "WebSocket"), ("5xx", "Rest")]
)
def test_both_apis_are_watched(metric: str, protocol: str, stacks: Stacks) -> None:
    (api,) = watched(stacks, metric)
    assert f"Ref{protocol}Api" in api


def test_events_that_come_late_are_noticed_long_before_the_stream_forgets_them(stacks: Stacks) -> None:
    (alarm,) = [each for each in stacks.operations.properties(ALARM) if each.get("MetricName") == "IteratorAge"]
    assert "Publisher" in text(alarm["Dimensions"][0]["Value"])
    assert alarm["Statistic"] == "Maximum"
    assert alarm["Threshold"] + alarm["EvaluationPeriods"] * alarm["Period"] * 1000 < 3600 * 1000


def test_one_of_anything_that_should_never_happen_is_enough(stacks: Stacks) -> None:
    by_degree = {"IteratorAge", "ApproximateAgeOfOldestMessage"}
    others = [
        each
        for each in stacks.operations.properties(ALARM)
        if each.get("MetricName") not in by_degree and not each.get("MetricName", "").endswith("Failures")
    ]
    assert {(each["Threshold"], each["ComparisonOperator"]) for each in others} == {(0, "GreaterThanThreshold")}
    assert {each["Statistic"] for each in others if "Statistic" in each} <= {"Sum", "Maximum"}


def test_silence_is_no_alarm(stacks: Stacks) -> None:
    assert {each["TreatMissingData"] for each in stacks.operations.properties(ALARM)} == {"notBreaching"}


def test_every_alarm_says_what_to_look_at_and_when_it_is_over(stacks: Stacks) -> None:
    (topic,) = stacks.operations.resources("AWS::SNS::Topic")
    for alarm in stacks.operations.properties(ALARM):
        assert ":" in alarm["AlarmDescription"]
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]


def test_alarms_of_this_account_may_use_the_topic(stacks: Stacks) -> None:
    statements = stacks.operations.only("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    (denied,) = [statement for statement in statements if statement["Effect"] == "Deny"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
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
