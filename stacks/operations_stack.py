"""What tells people that something is wrong: alarms, the topic they go to, and one dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar, Unpack, cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct, IConstruct

from .chat_stack import ChatStack
from .constructs.alarm_panel import PERIOD, AlarmPanel
from .constructs.attendant import Attendant
from .constructs.chat_bus import ChatRule
from .constructs.chat_function import ChatFunction
from .constructs.monthly_budget import MonthlyBudget
from .constructs.output import output
from .constructs.publisher import Publisher
from .constructs.queues import DeadLetterQueue, RetriedQueue
from .constructs.shop_questions import questions
from .data_stack import DataStack
from .environment import Environment
from .environment_stack import EnvironmentStack
from .regions import SUPPORTED_REGIONS
from .stack_props import StackProps

_BEHIND = cdk.Duration.minutes(5)
_FAILURES_BY_CHANCE = 3
"""So many in five minutes may come of a service of AWS that stumbles; a policy that is wrong makes more."""

Part = TypeVar("Part", bound=IConstruct)


class OperationsStack(EnvironmentStack):
    """Watches every function, dead-letter queue, table and API there is, without being told which they are."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        data: DataStack,
        chat: ChatStack,
        alarm_topic: sns.ITopic | None = None,
        **props: Unpack[StackProps],
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, purpose="alarms and dashboard", **props)
        self._environment = environment
        topic = alarm_topic or self._alarm_topic(environment, data.key)
        # Dashboards and budgets are an account's, whatever the Region.
        name = f"seller-chat-{environment.name}-{self.region}"
        self._panel = AlarmPanel(self, "Panel", topic=topic, dashboard_name=name)
        self._watch_objectives(chat)
        self._panel.graphs("What the shop asks", questions(environment.name))
        self._watch_apis(chat)
        self._watch_functions(chat)
        self._watch_events(chat)
        self._watch_tables(data)
        if environment.budget_email is not None:
            self._warn_of_cost(name, environment.monthly_budget_dollars, environment.budget_email)
        output(self, "AlarmTopic", topic.topic_arn, "The topic of all alarms; who subscribes is told.")

    def _warn_of_cost(self, name: str, dollars: int, email: str) -> None:
        if not cdk.Token.is_unresolved(self.region) and self.region not in SUPPORTED_REGIONS:
            raise ValueError(
                f"{self._environment.name} cannot have a budget in {self.region}: leave out budget_email, "
                f"or use one of {', '.join(SUPPORTED_REGIONS)}"
            )
        MonthlyBudget(self, "Budget", name=name, dollars=dollars, email=email)

    def _alarm_topic(self, environment: Environment, key: kms.IKey | None) -> sns.Topic:
        topic = sns.Topic(
            self, "Alarms", display_name=f"Seller Chat {environment.name}", enforce_ssl=True, master_key=key
        )
        if environment.alarm_email is not None:
            topic.add_subscription(subscriptions.EmailSubscription(environment.alarm_email))
        # A policy of one's own, as the one about TLS is, takes the place of that by which alarms may publish.
        own_account = {"StringEquals": {"aws:SourceAccount": self.account}}
        topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com", conditions=own_account))
        return topic

    def _watch_objectives(self, chat: ChatStack) -> None:
        kept = [
            cloudwatch.GraphWidget(
                title=each.objective.name,
                left=[each.kept],
                left_annotations=[cloudwatch.HorizontalAnnotation(value=each.objective.percent)],
                left_y_axis=cloudwatch.YAxisProps(max=100),
                width=24 // len(chat.objectives),
            )
            for each in chat.objectives
        ]
        if kept:
            self._panel.graphs("What is promised", kept, columns=len(kept))
        for each in chat.objectives:
            self._panel.composed(
                f"{each.objective.name}Burn",
                f"A promise is not kept: {each.objective.promise}",
                each.rule,
                section=each.objective.section,
            )

    def _watch_apis(self, chat: ChatStack) -> None:
        web_socket, rest = chat.endpoint.stage, chat.rest_endpoint.stage
        self._panel.section(
            "APIs",
            [
                self._panel.alarm(
                    "WebSocketIntegrationErrors",
                    "Frames were answered by no function: look at the functions' errors.",
                    web_socket.metric("IntegrationError", statistic="Sum", period=PERIOD),
                    section="Frames are not answered",
                ),
                self._panel.alarm(
                    "WebSocketExecutionErrors",
                    "API Gateway itself failed on frames: look at the access log.",
                    web_socket.metric("ExecutionError", statistic="Sum", period=PERIOD),
                    section="The gateway fails",
                ),
                self._panel.alarm(
                    "RestServerErrors",
                    "REST calls ended with 5xx: look at the access log and the function's errors.",
                    rest.metric_server_error(statistic="Sum", period=PERIOD),
                    section="REST calls fail",
                ),
            ],
        )

    def _watch_functions(self, chat: ChatStack) -> None:
        for each in _parts(chat, ChatFunction):
            self._panel.section(f"The {each.name} function", self._of_function(each))

    def _of_function(self, each: ChatFunction) -> list[cloudwatch.Alarm]:
        return [
            self._panel.alarm(
                f"{each.name}Errors",
                f"The {each.name} function raised: its log says what.",
                each.function.metric_errors(period=PERIOD),
                section="A function raises",
            ),
            self._panel.alarm(
                f"{each.name}Failures",
                f"The {each.name} function answered, but could not do what it should: look for `failed` in its log.",
                each.failures,
                section="A function fails quietly",
                above=_FAILURES_BY_CHANCE,
            ),
            self._panel.alarm(
                f"{each.name}Throttles",
                f"The {each.name} function was not started: look at the account's concurrency.",
                each.function.metric_throttles(period=PERIOD),
                section="A function is not started",
            ),
            self._panel.alarm(
                f"{each.name}Dropped",
                f"The {each.name} function was taken for one that calls itself without end: AWS stopped it.",
                each.function.metric("RecursiveInvocationsDropped", statistic="Sum", period=PERIOD),
                section="A function is taken for a loop",
            ),
        ]

    def _watch_events(self, chat: ChatStack) -> None:
        (publisher,) = _parts(chat, Publisher)
        behind = self._panel.alarm(
            "PublisherBehind",
            "Events are published late: look at the publisher's errors before the stream forgets, after a day.",
            publisher.function.metric("IteratorAge", statistic="Maximum", period=PERIOD),
            section="Events are late",
            above=_BEHIND.to_milliseconds(),
            minutes=3,
        )
        waiting = [self._late(queue, _name_of(queue, chat)) for queue in _parts(chat, RetriedQueue)]
        lost = [alarm for rule in _parts(chat, ChatRule) for alarm in self._lost(rule, _name_of(rule, chat))]
        dead = [alarm for queue in _parts(chat, DeadLetterQueue) for alarm in self._dead(queue, _name_of(queue, chat))]
        (attendant,) = _parts(chat, Attendant)
        schedules = [
            self._panel.alarm(
                f"CheckUps{name}",
                f"{what}: look at the role of schedules, and at the policy and the key of the queue of check-ups.",
                cloudwatch.Metric(
                    namespace="AWS/Scheduler",
                    metric_name=metric,
                    dimensions_map={"ScheduleGroup": attendant.group},
                    statistic="Sum",
                    period=PERIOD,
                ),
                section="Check-ups do not arrive",
            )
            for name, metric, what in (
                ("Failed", "TargetErrorCount", "Check-ups do not arrive and are tried again"),
                ("Lost", "InvocationDroppedCount", "Check-ups did not arrive in a day"),
            )
        ]
        self._panel.section("Events", [behind, *waiting, *lost, *schedules])
        self._panel.section("Dead letters", dead)

    def _late(self, queue: RetriedQueue, name: str) -> cloudwatch.Alarm:
        return self._panel.alarm(
            f"{name}Late",
            "Messages wait longer than they should: look at the log of the function that takes them.",
            queue.metric_approximate_age_of_oldest_message(statistic="Maximum", period=PERIOD),
            section="Messages wait",
            above=queue.late.to_seconds(),
        )

    def _lost(self, rule: ChatRule, name: str) -> list[cloudwatch.Alarm]:
        return [
            self._panel.alarm(
                f"{name}Failed",
                "Events did not reach their target: look at the target's policy; dead letters hold what is kept.",
                rule.metric("FailedInvocations"),
                section="Events do not arrive",
            ),
            self._panel.alarm(
                f"{name}Lost",
                "Events reached neither their target nor its dead letters, and are gone: look at both policies.",
                rule.metric("InvocationsFailedToBeSentToDlq"),
                section="Events do not arrive",
            ),
        ]

    def _dead(self, queue: DeadLetterQueue, name: str) -> list[cloudwatch.Alarm]:
        visible = queue.metric_approximate_number_of_messages_visible(statistic="Maximum", period=PERIOD)
        first = self._panel.alarm(
            name,
            "Messages that no retry helped: mend the cause, then bring them back as docs/operations.md says.",
            visible,
            section="Dead letters",
        )
        if not self._environment.target.supports_formulas:
            return [first]
        more = cloudwatch.MathExpression(expression="DIFF(visible)", using_metrics={"visible": visible}, period=PERIOD)
        description = "More messages that no retry helped: it tells of each."
        return [first, self._panel.alarm(f"{name}More", description, more, section="Dead letters")]

    def _watch_tables(self, data: DataStack) -> None:
        for table in _parts(data, dynamodb.TableV2):
            indexes = [None, *(index["indexName"] for index in cdk.Stack.of(table).resolve(_indexes(table)))]
            alarms = [self._throttled(table, index, kind) for index in indexes for kind in ("Read", "Write")]
            self._panel.section(f"The table {table.node.id}", alarms)

    def _throttled(self, table: dynamodb.TableV2, index: str | None, kind: str) -> cloudwatch.Alarm:
        # What a table counts leaves out its indexes, and a full index holds up the writes of its table.
        dimensions = {"TableName": table.table_name} | ({"GlobalSecondaryIndexName": index} if index else {})
        return self._panel.alarm(
            f"{table.node.id}{index or ''}{kind}Throttles",
            f"{index or table.node.id} turned {kind.lower()}s away: look for one hot key.",
            cloudwatch.Metric(
                namespace="AWS/DynamoDB",
                metric_name=f"{kind}ThrottleEvents",
                dimensions_map=dimensions,
                statistic="Sum",
                period=PERIOD,
            ),
            section="A table turns requests away",
        )


def _indexes(table: dynamodb.TableV2) -> Any:
    return cast("dynamodb.CfnGlobalTable", table.node.default_child).global_secondary_indexes


def _parts(stack: cdk.Stack, kind: type[Part]) -> Iterator[Part]:
    return (each for each in stack.node.find_all() if isinstance(each, kind))


def _name_of(part: Construct, stack: cdk.Stack) -> str:
    """Its path within the stack, in one word."""
    return part.node.path.removeprefix(f"{stack.node.path}/").replace("/", "")
