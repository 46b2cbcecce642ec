"""What follows from a conversation, and that none of it is lost on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from chat.model.entries import EntryKind
from stacks.context import select_environment
from stacks.environment import Environment
from stacks.environments import DEV, PRODUCTION
from tests.infrastructure.cloud_formation import Json, Stacks, Template, text
from tests.infrastructure.permissions import (
    TAKING_PART,
    grants_beside_logs,
    matches,
    secret_arn,
    table_arn,
    taking_part,
)
from tests.infrastructure.synthesis import synthesize

QUEUE = "AWS::SQS::Queue"
CONSUMING = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
}
SENDING = {"sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"}


def id_of(reference: str) -> str:
    """The logical id in `${LogicalId.Arn}`."""
    found = re.fullmatch(r"\$\{(\w+)(\.Arn)?\}", reference)
    assert found
    return found[1]


def function_id(chat: Template, module: str) -> str:
    (found,) = [
        logical_id
        for logical_id, function in chat.resources("AWS::Lambda::Function").items()
        if function["Properties"]["Handler"] == f"handlers.{module}.handle"
    ]
    return found


def sources_of(chat: Template, module: str) -> list[Json]:
    """The event sources of a function."""
    function, mappings = function_id(chat, module), chat.properties("AWS::Lambda::EventSourceMapping")
    return [each for each in mappings if chat.called(each["FunctionName"]) == function]


def source_of(chat: Template, module: str) -> Json:
    """The one queue that calls a function."""
    (found,) = [each for each in sources_of(chat, module) if "StartingPosition" not in each]
    return found


def stream_of(chat: Template) -> Json:
    """The stream that calls the publisher."""
    (found,) = [each for each in sources_of(chat, "publisher") if "StartingPosition" in each]
    return found


def kept_of(chat: Template) -> Json:
    """What the publisher is called for."""
    (kept,) = stream_of(chat)["FilterCriteria"]["Filters"]
    pattern: Json = json.loads(kept["Pattern"])
    return pattern


def queue_before(chat: Template, module: str) -> Json:
    """The properties of the queue that a function consumes."""
    queue_id = id_of(text(source_of(chat, module)["EventSourceArn"]))
    properties: Json = chat.resources(QUEUE)[queue_id]["Properties"]
    return properties


def rule_to(chat: Template, target: str) -> tuple[Json, Json]:
    """The pattern of the one rule with this target (an ARN as text), and the target."""
    (found,) = [
        (rule["EventPattern"], each)
        for rule in chat.properties("AWS::Events::Rule")
        for each in rule["Targets"]
        if text(each["Arn"]) == target
    ]
    return found


def dead_letters_of(queue: Json) -> str:
    return id_of(text(queue["RedrivePolicy"]["deadLetterTargetArn"]))


class TestBus:
    def test_it_is_ours_alone(self, stacks: Stacks, environment: Environment) -> None:
        assert stacks.chat.only("AWS::Events::EventBus")["Name"] == f"seller-chat-{environment.name}"
        assert id_of(stacks.chat.outputs()["EventBus"]) in stacks.chat.resources("AWS::Events::EventBus")

    def test_every_rule_listens_to_our_events_on_it(self, with_shop: Stacks) -> None:
        (bus,) = with_shop.chat.resources("AWS::Events::EventBus")
        rules = with_shop.chat.properties("AWS::Events::Rule")
        assert len(rules) == 2
        assert {text(rule["EventBusName"]) for rule in rules} == {f"${{{bus}}}"}
        assert [rule["EventPattern"]["source"] for rule in rules] == [["seller-chat"]] * 2


class TestPublisher:
    def test_it_follows_conversations_from_the_first_record_on(self, stacks: Stacks) -> None:
        source = stream_of(stacks.chat)
        assert re.search(r"-Data\.\w*Conversations\w+StreamArn", text(source["EventSourceArn"]))
        assert source["StartingPosition"] == "TRIM_HORIZON"
        assert source["BatchSize"] <= 100

    def test_it_is_called_for_new_entries_only(self, with_shop: Stacks) -> None:
        assert kept_of(with_shop.chat) == {
            "eventName": ["INSERT"],
            "dynamodb": {"NewImage": {"item": {"S": [{"prefix": "entry#"}]}}},
        }

    def test_it_is_called_for_no_message_where_nobody_listens_to_messages(self, stacks: Stacks) -> None:
        image = kept_of(stacks.chat)["dynamodb"]["NewImage"]
        assert image == {"item": {"S": [{"prefix": "entry#"}]}, "kind": {"S": [{"anything-but": [EntryKind.MESSAGE]}]}}

    def test_it_is_called_for_messages_where_the_deployer_has_listeners(self) -> None:
        chat = Stacks.of(synthesize(replace(DEV, has_own_listeners=True))).chat
        assert set(kept_of(chat)["dynamodb"]["NewImage"]) == {"item"}

    def test_a_failure_costs_neither_an_event_nor_the_order(self, stacks: Stacks) -> None:
        source = stream_of(stacks.chat)
        assert source["BisectBatchOnFunctionError"] is True
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert source.get("ParallelizationFactor", 1) == 1
        # -1, the default, is for ever.
        assert source.get("MaximumRetryAttempts", -1) == -1

    def test_what_cannot_be_published_is_reported_while_the_stream_still_has_it(self, stacks: Stacks) -> None:
        source = stream_of(stacks.chat)
        assert 0 < source["MaximumRecordAgeInSeconds"] < 24 * 3600
        dead_letters = id_of(text(source["DestinationConfig"]["OnFailure"]["Destination"]))
        assert dead_letters in stacks.chat.resources(QUEUE)

    def test_it_may_read_the_stream_and_put_events_on_the_bus(self, stacks: Stacks, environment: Environment) -> None:
        assert matches(
            grants_beside_logs(stacks.chat, "publisher"),
            {
                rf"\$\{{SellerChat-{environment.name}-Data\.\w*Conversations\w+StreamArn\w+\}}": {
                    "dynamodb:DescribeStream",
                    "dynamodb:GetRecords",
                    "dynamodb:GetShardIterator",
                    "dynamodb:ListStreams",
                },
                table_arn(environment, "Conversations"): {"dynamodb:BatchGetItem"},
                r"\$\{EventsBus\w+\.Arn\}": {"events:PutEvents"},
                r"\$\{EventsPublisherUnpublishedDeadLetters\w+\.Arn\}": SENDING,
                r"\$\{EventsPublisherUnpublished(?!Dead)\w+\.Arn\}": CONSUMING,
            },
        )

    def test_it_sets_aside_what_can_never_be_published_where_the_streams_failures_are(self, stacks: Stacks) -> None:
        variables = stacks.chat.functions()["publisher"]["Environment"]["Variables"]
        failures = id_of(text(stream_of(stacks.chat)["DestinationConfig"]["OnFailure"]["Destination"]))
        assert id_of(text(variables["DEAD_LETTER_QUEUE_URL"])) == failures
        assert dead_letters_of(queue_before(stacks.chat, "publisher")) == failures


class TestAttendant:
    def test_it_is_told_of_all_after_which_room_may_be_free_or_something_is_due(self, stacks: Stacks) -> None:
        pattern, target = rule_to(stacks.chat, text(source_of(stacks.chat, "attendant")["EventSourceArn"]))
        assert sorted(pattern["detail-type"]) == [
            "contact.assigned",
            "contact.closed",
            "contact.queued",
            "contact.reopened",
            "contact.transferred",
        ]
        assert id_of(text(target["DeadLetterConfig"]["Arn"])) == dead_letters_of(queue_before(stacks.chat, "attendant"))
        assert "DelaySeconds" not in queue_before(stacks.chat, "attendant")

    def test_what_is_due_later_comes_to_its_queue_as_a_schedule_of_the_environments_own_group(
        self, stacks: Stacks, environment: Environment
    ) -> None:
        variables = stacks.chat.functions()["attendant"]["Environment"]["Variables"]
        source = text(source_of(stacks.chat, "attendant")["EventSourceArn"])
        (group,) = stacks.chat.resources("AWS::Scheduler::ScheduleGroup")
        assert text(variables["CHECK_UP_QUEUE_ARN"]) == source
        assert id_of(text(variables["CHECK_UP_QUEUE_URL"])) == id_of(source)
        assert id_of(text(variables["CHECK_UP_GROUP"])) == group
        assert variables["LEASE_SECONDS"] == str(environment.lease_seconds)

    def test_schedules_may_send_to_its_queue_and_do_nothing_else(self, stacks: Stacks) -> None:
        variables = stacks.chat.functions()["attendant"]["Environment"]["Variables"]
        role_id = id_of(text(variables["CHECK_UP_ROLE_ARN"]))
        role = stacks.chat.resources("AWS::IAM::Role")[role_id]["Properties"]
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
        assert matches(stacks.chat.grants(role_id), {r"\$\{EventsAttendantCheckUps(?!Dead)\w+\.Arn\}": SENDING})

    def test_schedules_of_others_may_not_send_by_its_role(self, stacks: Stacks) -> None:
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        variables = stacks.chat.functions()["attendant"]["Environment"]["Variables"]
        role = stacks.chat.resources("AWS::IAM::Role")[id_of(text(variables["CHECK_UP_ROLE_ARN"]))]["Properties"]
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        (group,) = stacks.chat.resources("AWS::Scheduler::ScheduleGroup")
        assert set(trust["Condition"]) == {"StringEquals", "ArnEquals"}
        assert set(trust["Condition"]["StringEquals"]) == {"aws:SourceAccount"}
        source = text(trust["Condition"]["ArnEquals"]["aws:SourceArn"])
        assert ":scheduler:" in source
        assert source.endswith(f":schedule-group/${{{group}}}")

    def test_no_function_sends_to_the_queue_that_it_is_called_by(self, with_shop: Stacks) -> None:
        # AWS ends such a chain after some sixteen hops:
        # https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
        for name in ("attendant", "courier", "publisher"):
            grants = grants_beside_logs(with_shop.chat, name)
            source = text(source_of(with_shop.chat, name)["EventSourceArn"])
            assert "sqs:SendMessage" not in grants[source]
        assert not [each for each in with_shop.chat.properties("AWS::Lambda::Function") if "RecursiveLoop" in each]

    def test_it_may_take_part_in_conversations_and_put_check_ups_off(
        self, stacks: Stacks, environment: Environment
    ) -> None:
        assert matches(
            grants_beside_logs(stacks.chat, "attendant"),
            {
                **taking_part(environment),
                r"\$\{EventsAttendantCheckUps(?!Dead)\w+\.Arn\}": CONSUMING,
                r".*:schedule/\$\{EventsAttendantSchedules\w+\}/\*": {
                    "scheduler:CreateSchedule",
                    "scheduler:UpdateSchedule",
                    "scheduler:DeleteSchedule",
                },
                r"\$\{EventsAttendantRole\w+\.Arn\}": {"iam:PassRole"},
            },
        )

    def test_it_is_told_what_every_other_function_that_takes_part_is_told(self, stacks: Stacks) -> None:
        functions = stacks.chat.functions()
        told = [
            {name: functions[module]["Environment"]["Variables"][name] for name in TAKING_PART}
            for module in ("attendant", "conversation", "rest")
        ]
        assert told[0] == told[1] == told[2]


class TestCourier:
    def test_a_shop_without_a_back_end_needs_none(self, stacks: Stacks) -> None:
        assert "courier" not in stacks.chat.functions()
        assert len(stacks.chat.properties("AWS::Events::Rule")) == 1

    def test_the_shop_hears_of_every_event(self, with_shop: Stacks) -> None:
        pattern, target = rule_to(with_shop.chat, text(source_of(with_shop.chat, "courier")["EventSourceArn"]))
        assert pattern == {"source": ["seller-chat"]}
        assert "Input" not in target
        assert "InputTransformer" not in target

    def test_a_shop_that_is_down_for_a_day_misses_nothing(self, with_shop: Stacks) -> None:
        queue = queue_before(with_shop.chat, "courier")
        patience = queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"]
        assert patience >= 2 * 24 * 3600
        # SQS keeps a message for four days unless told otherwise: it must reach the dead letters before that.
        assert patience < 4 * 24 * 3600
        assert queue["RedrivePolicy"]["maxReceiveCount"] <= 1000

    def test_one_event_that_fails_does_not_repeat_the_others(self, with_shop: Stacks) -> None:
        assert source_of(with_shop.chat, "courier")["FunctionResponseTypes"] == ["ReportBatchItemFailures"]

    def test_a_shop_that_comes_back_is_not_flooded(self, with_shop: Stacks) -> None:
        source = source_of(with_shop.chat, "courier")
        assert source["ScalingConfig"]["MaximumConcurrency"] * source["BatchSize"] <= 25

    def test_it_sets_aside_what_the_shop_will_never_take_with_the_queues_other_dead_letters(
        self, with_shop: Stacks
    ) -> None:
        variables = with_shop.chat.functions()["courier"]["Environment"]["Variables"]
        queue = queue_before(with_shop.chat, "courier")
        assert id_of(text(variables["DEAD_LETTER_QUEUE_URL"])) == dead_letters_of(queue)

    def test_it_may_read_the_shops_key_consume_its_queue_and_send_dead_letters(self, with_shop: Stacks) -> None:
        assert matches(
            grants_beside_logs(with_shop.chat, "courier"),
            {
                secret_arn(PRODUCTION, "PhpApiKey"): {"secretsmanager:GetSecretValue"},
                table_arn(PRODUCTION, "Conversations"): {"dynamodb:BatchGetItem"},
                r"\$\{EventsCourierShopEvents(?!Dead)\w+\.Arn\}": CONSUMING,
                r"\$\{EventsCourierShopEventsDeadLetters\w+\.Arn\}": {"sqs:SendMessage"},
            },
        )

    def test_it_is_told_where_the_shop_is(self, with_shop: Stacks) -> None:
        variables = with_shop.chat.functions()["courier"]["Environment"]["Variables"]
        assert {name for name in variables if name.startswith("PHP_")} == {"PHP_API_URL", "PHP_API_KEY_SECRET"}


def queues(chat: Template) -> Iterator[tuple[str, Json]]:
    for logical_id, queue in chat.resources(QUEUE).items():
        yield logical_id, queue.get("Properties", {})


class TestQueues:
    @pytest.mark.parametrize("module", ["attendant", "courier", "publisher"])
    def test_a_message_is_not_tried_again_while_it_may_still_be_worked_on(self, module: str, with_shop: Stacks) -> None:
        queue, function = queue_before(with_shop.chat, module), with_shop.chat.functions()[module]
        # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
        assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]

    def test_what_no_retry_helps_is_kept_as_long_as_sqs_can(self, with_shop: Stacks) -> None:
        redriven = {dead_letters_of(queue) for _, queue in queues(with_shop.chat) if "RedrivePolicy" in queue}
        others = {
            id_of(text(mapping["DestinationConfig"]["OnFailure"]["Destination"]))
            for kind in ("AWS::Lambda::EventSourceMapping", "AWS::Lambda::EventInvokeConfig")
            for mapping in with_shop.chat.properties(kind)
            if "DestinationConfig" in mapping
        }
        dead = {logical_id for logical_id, queue in queues(with_shop.chat) if "RedrivePolicy" not in queue}
        assert dead == redriven | others
        # SQS moves back only what it can have moved there: API_StartMessageMoveTask.
        assert others <= redriven
        retention = {with_shop.chat.resources(QUEUE)[each]["Properties"]["MessageRetentionPeriod"] for each in dead}
        assert retention == {14 * 24 * 3600}

    def test_operators_are_told_where_each_is_and_where_its_dead_letters_are(self, with_shop: Stacks) -> None:
        outputs = with_shop.chat.outputs()
        told = {
            id_of(outputs[f"{name}Queue"]): id_of(outputs[f"{name}DeadLetters"])
            for name in ("CheckUps", "ShopEvents", "Unpublished")
        }
        assert told == {
            logical_id: dead_letters_of(queue)
            for logical_id, queue in queues(with_shop.chat)
            if "RedrivePolicy" in queue
        }

    def test_what_a_rule_cannot_deliver_is_kept(self, with_shop: Stacks) -> None:
        targets = [target for rule in with_shop.chat.properties("AWS::Events::Rule") for target in rule["Targets"]]
        assert len(targets) == 2
        assert all("DeadLetterConfig" in target for target in targets)

    def test_each_refuses_plain_http_where_there_is_tls(self, stacks: Stacks, environment: Environment) -> None:
        refusing = {
            id_of(text(policy["Queues"][0]))
            for policy in stacks.chat.properties("AWS::SQS::QueuePolicy")
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        }
        assert refusing == (set(stacks.chat.resources(QUEUE)) if environment.target.emulator_url is None else set())

    def test_rules_alone_may_send_from_outside(self, with_shop: Stacks) -> None:
        principals = [
            (statement["Principal"], set(statement["Condition"]["ArnEquals"]))
            for policy in with_shop.chat.properties("AWS::SQS::QueuePolicy")
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Allow"
        ]
        assert principals
        assert all(each == ({"Service": "events.amazonaws.com"}, {"aws:SourceArn"}) for each in principals)


def test_nothing_that_waits_is_forgotten_before_it_has_been_tried_out(with_shop: Stacks) -> None:
    # SQS deletes a message when its time is over, whatever its tries, and makes no dead letter of it.
    for queue in with_shop.chat.properties(QUEUE):
        assert queue["MessageRetentionPeriod"] == 14 * 86_400
        if tries := queue.get("RedrivePolicy", {}).get("maxReceiveCount"):
            assert 2 * tries * queue["VisibilityTimeout"] <= queue["MessageRetentionPeriod"]


def test_what_waits_is_kept_where_data_is_kept(with_shop: Stacks) -> None:
    assert {each["DeletionPolicy"] for each in with_shop.chat.resources(QUEUE).values()} == {"RetainExceptOnCreate"}


@pytest.mark.parametrize(("account", "most"), [(None, 10), ("885", 785), ("1000", 900)])
def test_no_more_functions_are_reserved_and_called_by_queues_than_the_account_runs(
    account: str | None, most: int
) -> None:
    shop = select_environment("production", php_api_url="https://shop.example", account_concurrency=account)
    chat = Stacks.of(synthesize(shop)).chat
    reserved = {
        name: each["Properties"].get("ReservedConcurrentExecutions")
        for name, each in chat.resources("AWS::Lambda::Function").items()
    }
    called = 0
    for mapping in chat.properties("AWS::Lambda::EventSourceMapping"):
        at_once, kept_free = (
            mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 0),
            reserved[chat.called(mapping["FunctionName"]) or ""],
        )
        assert kept_free is None or at_once <= kept_free
        called += at_once if kept_free is None else 0

    # 100 of the account are nobody's to reserve.
    assert sum(filter(None, reserved.values())) + called <= most
