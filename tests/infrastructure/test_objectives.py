"""What is promised of the chat is watched, by metrics that somebody emits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from chat.ledger import LATE_MS
from chat.model.metrics import Metric
from chat.team.queue import AT_ONCE
from stacks.context import select_environment
from stacks.objectives import BURNS, FAST, OBJECTIVES, SLOW, Objective
from tests.infrastructure.cloud_formation import Json, Stacks, text
from tests.infrastructure.synthesis import synthesize

OF_AWS = {
    "AWS/ApiGateway": {"ConnectCount", "IntegrationError", "ExecutionError", "5xx"},
    "AWS/DynamoDB": {"ReadThrottleEvents", "WriteThrottleEvents"},
    "AWS/Events": {"FailedInvocations", "InvocationsFailedToBeSentToDlq"},
    "AWS/Lambda": {"Errors", "IteratorAge", "RecursiveInvocationsDropped", "Throttles"},
    "AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
    "AWS/Scheduler": {"TargetErrorCount", "InvocationDroppedCount"},
}
"""What AWS says that it emits, as far as it is watched here:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html."""


@pytest.fixture(scope="module")
def watched() -> Stacks:
    return Stacks.of(synthesize(select_environment("production")))


def metrics_of_alarms(stacks: Stacks) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Namespace, name and dimensions of everything that an alarm is about."""
    for stack in (stacks.chat, stacks.operations):
        for alarm in stack.properties("AWS::CloudWatch::Alarm"):
            parts = [part["MetricStat"]["Metric"] for part in alarm.get("Metrics", []) if "MetricStat" in part]
            for metric in parts or [alarm]:
                dimensions = (
                    frozenset(each["Name"] for each in metric["Dimensions"]) if "Dimensions" in metric else frozenset()
                )
                yield metric["Namespace"], metric["MetricName"], dimensions


def metrics_of_graphs(stacks: Stacks) -> Iterator[tuple[str, str, frozenset[str]]]:
    """The same of the dashboard; an alarm in it is a metric of its own."""
    body = json.loads(text(stacks.operations.only("AWS::CloudWatch::Dashboard")["DashboardBody"]))
    for widget in body["widgets"]:
        told = widget["properties"].get("metrics", [])
        for namespace, name, *rest in [each for each in told if isinstance(each[0], str)]:
            dimensions = rest[:-1] if rest and isinstance(rest[-1], dict) else rest
            yield namespace, name, frozenset(dimensions[::2])


def counted_in_logs(stacks: Stacks) -> set[tuple[str, str]]:
    filters = stacks.chat.properties("AWS::Logs::MetricFilter")
    told = [transformation for each in filters for transformation in each["MetricTransformations"]]
    return {(each["MetricNamespace"], each["MetricName"]) for each in told}


def is_emitted(namespace: str, name: str, dimensions: frozenset[str], stacks: Stacks) -> bool:
    if namespace == "SellerChat":
        return name in set(Metric) and dimensions == {"environment"}
    return name in OF_AWS.get(namespace, set()) or (namespace, name) in counted_in_logs(stacks)


def test_every_alarm_is_on_a_metric_that_somebody_emits(watched: Stacks) -> None:
    found = set(metrics_of_alarms(watched))

    assert len(found) > 30
    assert [each for each in found if not is_emitted(*each, watched)] == []


def test_every_graph_is_of_a_metric_that_somebody_emits(watched: Stacks) -> None:
    found = list(metrics_of_graphs(watched))

    assert {name for namespace, name, _ in found if namespace == "SellerChat"} == set(Metric) - {"ProtocolErrors"}
    assert [each for each in found if not is_emitted(*each, watched)] == []


@pytest.mark.parametrize(
    "unknown",
    [
        ("SellerChat", "FailedSend", frozenset({"environment"})),
        ("SellerChat", "FailedSends", frozenset({"environment", "code"})),
        ("AWS/Lambda", "Error", frozenset({"FunctionName"})),
        ("SellerChat/production", "SomebodyFailures", frozenset()),
    ],
)
def test_a_metric_that_nobody_emits_would_be_seen(unknown: tuple[str, str, frozenset[str]], watched: Stacks) -> None:
    assert not is_emitted(*unknown, watched)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda each: each.name)
def test_each_promise_calls_somebody_when_it_is_broken_for_long_and_still_is(
    objective: Objective, watched: Stacks
) -> None:
    alarms = {
        logical_id: alarm["Properties"]
        for logical_id, alarm in watched.chat.resources("AWS::CloudWatch::Alarm").items()
        if alarm["Properties"]["AlarmDescription"].startswith(objective.promise) and "Part" not in logical_id
    }
    periods = sorted(
        (alarm["Threshold"], part["MetricStat"]["Period"])
        for alarm in alarms.values()
        for part in alarm["Metrics"]
        if "MetricStat" in part
    )
    expected = {
        (objective.threshold(burn.rate), over.to_seconds()) for burn in BURNS for over in (burn.long, burn.short)
    }
    (composed,) = [
        each
        for each in watched.operations.properties("AWS::CloudWatch::CompositeAlarm")
        if objective.promise in each["AlarmDescription"]
    ]
    rule = re.sub(
        r'ALARM\("[^"]*?Objectives[A-Za-z]+?(Fast|Slow)(5|30|60|360)[0-9A-F]{8}[^"]*"\)',
        r"\1\2",
        text(composed["AlarmRule"]),
    )

    assert set(periods) == expected
    assert len(alarms) == 4
    assert rule == "((Fast60 AND Fast5) OR (Slow360 AND Slow30))"
    assert composed["AlarmActions"] == composed["OKActions"] != []
    assert all("AlarmActions" not in alarm for alarm in alarms.values())


def test_silence_and_a_single_failure_are_no_alarm(watched: Stacks) -> None:
    for alarm in watched.chat.properties("AWS::CloudWatch::Alarm"):
        if "Metrics" not in alarm:
            continue
        (formula,) = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
        assert alarm["TreatMissingData"] == "notBreaching"
        assert re.fullmatch(r"IF\(\((.+)\) > 1, 100 \* \(\1\) / \(.+\), 0\)", formula)


def test_a_month_s_share_is_never_half_gone_before_somebody_is_called() -> None:
    month = 30 * 24 * 60
    used = {burn.name: burn.rate * burn.long.to_minutes() / month for burn in BURNS}

    assert used == {FAST.name: pytest.approx(0.02), SLOW.name: pytest.approx(0.05)}


def test_what_is_late_is_late_for_the_code_as_it_is_promised() -> None:
    promises = {each.name: each.promise for each in OBJECTIVES}

    assert "within a second" in promises["Pushes"]
    assert LATE_MS == 1000
    assert f"within {AT_ONCE.total_seconds():.0f} s" in promises["Assignments"]


def test_the_dashboard_begins_with_what_is_promised(watched: Stacks) -> None:
    body: Json = json.loads(text(watched.operations.only("AWS::CloudWatch::Dashboard")["DashboardBody"]))
    heading, *first = body["widgets"][: 1 + len(OBJECTIVES)]

    assert heading["properties"]["markdown"] == "## What is promised"
    assert [each["properties"]["title"] for each in first] == [each.name for each in OBJECTIVES]
    assert len({each["y"] for each in first}) == 1
    assert [each["properties"]["annotations"]["horizontal"][0]["value"] for each in first] == [
        each.percent for each in OBJECTIVES
    ]


@pytest.mark.parametrize("name", ["local", "dev"])
def test_where_nobody_is_promised_anything_nothing_is_paid_for_it(name: str) -> None:
    stacks = Stacks.of(synthesize(select_environment(name)))

    assert stacks.chat.resources("AWS::CloudWatch::Alarm") == {}
    assert stacks.operations.resources("AWS::CloudWatch::CompositeAlarm") == {}
