"""The sixth step and the seventh: somebody is told what goes wrong, nothing did, and what runs is this commit."""

from __future__ import annotations

import json
from typing import Any

from administration.deployments import Deployment
from administration.verification.resources import Resources
from administration.verification.step import NotAsItShouldBeError, expect, wait_until

ACCESS_LOG = "AccessLog"
LOG_SECONDS = 20
"""How long API Gateway may take to write a line."""
SERVICE = "seller-chat"
PRODUCTION = "production"
RESERVED = "ReservedConcurrentExecutions"


def check(deployment: Deployment, resources: Resources, since: float) -> str | None:
    """Look at alarms and whom they tell, at what was logged since the verification began, and at the account."""
    if "AlarmTopic" not in deployment.outputs:
        raise NotAsItShouldBeError("There is no topic of alarms: the stack Operations is missing.")
    _check_alarms(resources)
    _check_failures(resources, since)
    groups = resources.names("AWS::Logs::LogGroup")
    for group in groups.values():
        _check_retention(resources, group)
    if deployment.endpoint is not None:
        return "An emulator has no access logs, quotas and subscriptions."
    left_out = check_account(deployment, resources)
    for name in (group for logical_id, group in groups.items() if ACCESS_LOG in logical_id):
        _check_access_log(resources, name, since)
    return left_out


def check_account(deployment: Deployment, resources: Resources) -> str | None:
    """What an emulator would not know: whom alarms tell, what functions may do to themselves, how many run at once."""
    _check_recursion(resources)
    _check_concurrency(resources)
    return _check_topic(deployment, resources)


def check_version(deployment: Deployment, resources: Resources, commit: str | None) -> str | None:
    """What runs is `commit`."""
    tags = resources.tags("Chat")
    expect("whose stack it is", (tags.get("service"), tags.get("environment")), (SERVICE, deployment.environment))
    if deployment.endpoint is not None:
        return "The local system runs the files of this folder, not a commit."
    if commit is None:
        return "This folder is no git repository."
    expect("the commit that runs", tags.get("commit"), commit)
    return None


def _check_topic(deployment: Deployment, resources: Resources) -> str | None:
    topic = deployment.outputs["AlarmTopic"]
    found = resources.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    if any(each["SubscriptionArn"].startswith("arn:") for each in found):
        return None
    if found or deployment.environment == PRODUCTION:
        raise NotAsItShouldBeError("Nobody is told of alarms: confirm a subscription to the topic AlarmTopic.")
    return "Nobody is told of alarms."


def _check_alarms(resources: Resources) -> None:
    own = set(resources.names("AWS::CloudWatch::Alarm").values())
    pages = resources.client("cloudwatch").get_paginator("describe_alarms").paginate(StateValue="ALARM")
    ringing = sorted({each["AlarmName"] for page in pages for each in page["MetricAlarms"]} & own)
    expect("which alarms ring", ringing, [])


def _check_failures(resources: Resources, since: float) -> None:
    """No function failed while it was looked at; what it answers wrong requests with is no failure."""
    logs = resources.client("logs")
    for module, function in resources.functions.items():
        group = function["LoggingConfig"]["LogGroup"]
        found = [_as_json(line) or {} for line in _lines(logs, group, since, '{ $.event = "failed" }')]
        failed = [line.get("error", "?") for line in found if line.get("event") == "failed"]
        expect(f"what failed in {module}", failed, [])


def _check_retention(resources: Resources, group: str) -> None:
    (found,) = (
        each
        for each in resources.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        if each["logGroupName"] == group
    )
    expect(f"whether {group} forgets", bool(found.get("retentionInDays")), wanted=True)


def _check_recursion(resources: Resources) -> None:
    """No function calls itself, so none is allowed to."""
    for module, function in resources.functions.items():
        told = resources.client("lambda").get_function_recursion_config(FunctionName=function["FunctionName"])
        expect(f"what {module} may do to itself", told["RecursiveLoop"], "Terminate")


def _check_concurrency(resources: Resources) -> None:
    """The account runs what is reserved and what queues call of other functions; none calls more than is reserved."""
    functions = resources.client("lambda")
    limit = functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    reserved = {
        each["FunctionArn"]: functions.get_function_concurrency(FunctionName=each["FunctionName"]).get(RESERVED)
        for each in resources.functions.values()
    }
    called = 0
    for name, mapping_id in resources.names("AWS::Lambda::EventSourceMapping").items():
        mapping = functions.get_event_source_mapping(UUID=mapping_id)
        at_once, kept_free = (
            mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 0),
            reserved[_unqualified(mapping["FunctionArn"])],
        )
        if kept_free is not None and at_once > kept_free:
            raise NotAsItShouldBeError(f"{name} calls {at_once} functions at once, for which {kept_free} are reserved.")
        called += at_once if kept_free is None else 0
    wanted = sum(filter(None, reserved.values())) + called
    if wanted > limit:
        raise NotAsItShouldBeError(
            f"{wanted} functions at once are reserved or called by queues, and the account runs {limit}."
        )


def _unqualified(arn: str) -> str:
    """A function's ARN without the alias or version that may follow it."""
    return ":".join(arn.split(":")[:7])


def _check_access_log(resources: Resources, group: str, since: float) -> None:
    logs = resources.client("logs")

    def is_one_about_an_error() -> bool:
        lines = [(line, _as_json(line)) for line in _lines(logs, group, since)]
        for line, fields in lines:
            if fields is None:
                raise NotAsItShouldBeError(f"A line of {group} is no JSON: {line[:80]!r}")
        return any(str(fields.get("status", "")).startswith(("4", "5")) for _, fields in lines if fields)

    wait_until(f"a line about an error in {group}", is_one_about_an_error, LOG_SECONDS)


def _lines(logs: Any, group: str, since: float, pattern: str = "") -> list[str]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=int(since * 1000), **({"filterPattern": pattern} if pattern else {})
    )
    return [str(event["message"]) for page in pages for event in page["events"]]


def _as_json(line: str) -> dict[str, Any] | None:
    try:
        return dict(json.loads(line))
    except (ValueError, TypeError):
        return None
