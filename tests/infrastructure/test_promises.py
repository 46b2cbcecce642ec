"""What each environment promises: README's table and docs/operations.md in figures, and that it reaches AWS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from stacks.bundling import ARM64_PYTHON_3_14
from stacks.context import select_environment
from stacks.environment import Environment, WarmThroughput
from stacks.environments import ENVIRONMENTS, PRODUCTION
from tests.infrastructure.cloud_formation import Json, Stacks, text
from tests.infrastructure.synthesis import PROJECT, synthesize


class Promise(NamedTuple):
    """What somebody relies on; written here once more, so that a slip of the pen shows."""

    message_days: int
    log_days: int
    idle_minutes: int
    lease_seconds: int
    memory_mb: int
    log_level: str
    is_kept: bool
    can_be_restored: bool
    is_protected: bool
    strangers: str
    widget_minutes: int | None
    places: str | None
    budget: int


PROMISES: Mapping[str, Promise] = {
    "local": Promise(7, 1, 15, 20, 512, "DEBUG", False, False, False, "accept", None, None, 50),
    "dev": Promise(14, 7, 15, 120, 512, "DEBUG", False, False, False, "accept", 1, "PriceClass_100", 50),
    "staging": Promise(30, 30, 30, 120, 1024, "INFO", True, True, False, "refuse", 5, "PriceClass_100", 50),
    "production": Promise(365, 90, 30, 120, 1024, "INFO", True, True, True, "refuse", 60, "PriceClass_All", 1000),
}


@pytest.fixture(scope="module")
def promise(environment: Environment) -> Promise:
    assert environment.name in PROMISES, f"write what {environment.name} promises into PROMISES, in {__file__}"
    return PROMISES[environment.name]


def variables(stacks: Stacks, name: str) -> dict[str, Any]:
    found: dict[str, Any] = stacks.chat.functions()[name]["Environment"]["Variables"]
    return found


def test_readme_names_every_environment() -> None:
    table = (
        (PROJECT / "README.md").read_text(encoding="utf-8").partition("| environment | for |")[2].partition("\n\n")[0]
    )
    named = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert named == list(ENVIRONMENTS), "write into README's table of environments what is in stacks/environments.py"
    assert "a year of messages" in table


@pytest.mark.parametrize("name", ["conversation", "rest", "attendant"])
def test_messages_are_kept_and_contacts_closed_as_promised(name: str, stacks: Stacks, promise: Promise) -> None:
    told = variables(stacks, name)

    assert told["RETENTION_DAYS"] == str(promise.message_days)
    assert told["IDLE_CLOSE_SECONDS"] == str(60 * promise.idle_minutes)
    assert told["REOPEN_CLOSED"] == "true"
    assert told["UNKNOWN_SELLERS"] == promise.strangers
    assert variables(stacks, "attendant")["LEASE_SECONDS"] == str(promise.lease_seconds)


def test_one_person_may_send_what_people_send(stacks: Stacks, environment: Environment) -> None:
    told = variables(stacks, "conversation")
    rates = ("200/50", "400/100") if environment.target.emulator_url else ("20/1", "60/5")

    assert (told["VISITOR_RATE"], told["SELLER_RATE"]) == rates


def test_functions_have_the_memory_the_time_and_the_words_that_are_promised(stacks: Stacks, promise: Promise) -> None:
    for name, function in stacks.chat.functions().items():
        assert function["MemorySize"] == promise.memory_mb, name
        # A cold start, and every retry of DynamoDB; less than the 29 s that API Gateway waits.
        assert 20 <= function["Timeout"] < 29, name
        assert function["Environment"]["Variables"]["LOG_LEVEL"] == promise.log_level, name


def test_what_is_written_down_is_kept_as_long_as_promised(stacks: Stacks, promise: Promise) -> None:
    for name, group in stacks.chat.resources("AWS::Logs::LogGroup").items():
        assert group["Properties"]["RetentionInDays"] == promise.log_days, name
        has_a_name = "LogGroupName" in group["Properties"]
        kept = promise.is_kept and not has_a_name
        assert group["DeletionPolicy"] == ("RetainExceptOnCreate" if kept else "Delete"), name


def test_data_is_kept_restored_and_protected_as_promised(stacks: Stacks, promise: Promise) -> None:
    for name, table in stacks.data.resources("AWS::DynamoDB::GlobalTable").items():
        (replica,) = table["Properties"]["Replicas"]
        restorable = replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        assert table["DeletionPolicy"] == ("RetainExceptOnCreate" if promise.is_kept else "Delete"), name
        assert (restorable, replica["DeletionProtectionEnabled"]) == (promise.can_be_restored, promise.is_protected)


def test_pages_are_hosted_where_promised_and_a_new_widget_is_there_in_time(
    environment: Environment, templates: dict[str, Any], promise: Promise
) -> None:
    web = templates.get(f"SellerChat-{environment.name}-Web")
    if promise.places is None:
        assert web is None
        return
    assert web is not None
    by_type: dict[str, list[Json]] = {}
    for each in web["Resources"].values():
        by_type.setdefault(each["Type"], []).append(each.get("Properties", {}))
    (distribution,) = by_type["AWS::CloudFront::Distribution"]
    cached = {each["SystemMetadata"]["cache-control"] for each in by_type["Custom::CDKBucketDeployment"]}
    (log,) = by_type["AWS::Logs::LogGroup"]
    assert distribution["DistributionConfig"]["PriceClass"] == promise.places
    assert f"max-age={60 * (promise.widget_minutes or 0)}" in cached
    assert log["RetentionInDays"] == promise.log_days


def test_a_budget_is_what_is_promised(environment: Environment, promise: Promise) -> None:
    assert environment.monthly_budget_dollars == promise.budget
    assert 10 <= environment.monthly_budget_dollars <= 10_000, "dollars a month, for the whole account"


def test_what_is_promised_is_of_an_environment_that_there_is() -> None:
    assert set(PROMISES) <= set(ENVIRONMENTS), f"take what is gone out of PROMISES, in {__file__}"


@pytest.mark.parametrize("name", ["connection", "authorizer", "conversation", "rest", "attendant"])
def test_every_function_is_told_the_right_table_by_each_name(name: str, stacks: Stacks) -> None:
    tables = {"CONNECTION_TABLE": "Connections", "CONVERSATION_TABLE": "Conversations", "SELLER_TABLE": "Sellers"}
    told = {key: text(value) for key, value in variables(stacks, name).items() if key in tables}

    assert told
    for key, reference in told.items():
        assert f"Ref{tables[key]}" in reference, f"{name} is told {reference} as {key}"


def sources(stacks: Stacks) -> dict[str, list[Json]]:
    """What calls each function by itself, by the function's name."""
    handlers = {
        logical_id: each["Properties"]["Handler"].split(".")[1]
        for logical_id, each in stacks.chat.resources("AWS::Lambda::Function").items()
    }
    found: dict[str, list[Json]] = {}
    for mapping in stacks.chat.properties("AWS::Lambda::EventSourceMapping"):
        function = stacks.chat.called(mapping["FunctionName"])
        assert function is not None
        found.setdefault(handlers[function], []).append(mapping)
    return found


def test_what_fails_of_a_batch_is_tried_again_and_nothing_else_of_it(with_shop: Stacks) -> None:
    found = sources(with_shop)

    assert set(found) == {"attendant", "publisher", "courier"}
    for name, mappings in found.items():
        for mapping in mappings:
            assert mapping.get("FunctionResponseTypes") == ["ReportBatchItemFailures"], name


def test_what_fails_is_tried_five_times_and_for_the_shop_for_three_days(with_shop: Stacks) -> None:
    # docs/operations.md: "four times more, every 150 seconds", "every five minutes … for three days".
    queues = {
        name: each["Properties"]
        for name, each in with_shop.chat.resources("AWS::SQS::Queue").items()
        if "RedrivePolicy" in each["Properties"]
    }
    tries = {name: (q["VisibilityTimeout"], q["RedrivePolicy"]["maxReceiveCount"]) for name, q in queues.items()}

    assert sorted(tries.values()) == [(150, 5), (150, 5), (300, 864)]


def test_with_concurrency_each_function_has_what_is_written_and_without_none() -> None:
    # docs/operations.md: 785 in all, in an account of 885 or more.
    reserving = Stacks.of(
        synthesize(select_environment("production", account_concurrency="885", php_api_url="https://shop.example"))
    )
    reserved = {name: each.get("ReservedConcurrentExecutions") for name, each in reserving.chat.functions().items()}

    assert reserved == {
        "authorizer": 100,
        "connection": 100,
        "conversation": 400,
        "rest": 100,
        "fallback": 10,
        "publisher": 20,
        "attendant": 50,
        "courier": 5,
    }
    document = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert "785 in all" in document
    assert "less than 885" in document
    assert {each.name: each.reserved_concurrency for each in ENVIRONMENTS.values() if each.reserved_concurrency} == {
        "production": reserved
    }


def test_queues_leave_a_new_account_functions_to_answer_with(with_shop: Stacks) -> None:
    called = [
        mapping["ScalingConfig"]["MaximumConcurrency"]
        for mappings in sources(with_shop).values()
        for mapping in mappings
        if "ScalingConfig" in mapping
    ]

    assert called
    # A new account runs ten functions at once.
    assert max(called) <= 5


def test_warm_throughput_is_of_every_table_and_every_index() -> None:
    warm = replace(PRODUCTION, warm_throughput=WarmThroughput(reads=15_000, writes=5000))
    expected = {"ReadUnitsPerSecond": 15_000, "WriteUnitsPerSecond": 5000}
    for table in Stacks.of(synthesize(warm)).data.properties("AWS::DynamoDB::GlobalTable"):
        assert table["WarmThroughput"] == expected
        assert [index["WarmThroughput"] for index in table["GlobalSecondaryIndexes"]] == [expected]


def test_the_bundle_is_for_what_runs_it(stacks: Stacks, environment: Environment) -> None:
    if environment.target.emulator_url:
        assert environment.target.bundle.platform is None
        return
    assert environment.target.bundle == ARM64_PYTHON_3_14
    for function in stacks.chat.functions().values():
        assert [function["Runtime"]] == [f"python{version}" for version in environment.target.bundle.python_versions]
        assert function["Architectures"] == ["arm64"]
    # uv's name for Linux on 64-bit ARM, as old as Lambda's own may be.
    assert environment.target.bundle.platform == "aarch64-manylinux2014"
