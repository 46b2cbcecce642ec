"""What tells people that something is wrong: alarms, the topic they go to, and one dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct, IConstruct

from stacks.chat_stack import ChatStack
from stacks.constructs.alarm_panel import PERIOD, AlarmPanel
from stacks.constructs.chat_function import ChatFunction
from stacks.constructs.monthly_budget import MonthlyBudget
from stacks.constructs.publisher import Publisher
from stacks.constructs.queues import DeadLetterQueue
from stacks.data_stack import DataStack
from stacks.environment import Environment

_BEHIND = cdk.Duration.minutes(5)

Part = TypeVar("Part", bound=IConstruct)


class OperationsStack(cdk.Stack):
    """Watches every function, dead-letter queue, table and API there is, without being told which they are."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        data: DataStack,
        chat: ChatStack,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Seller Chat ({environment.name}): alarms and dashboard",
            synthesizer=environment.target.synthesizer(),
            **kwargs,
        )
        topic = self._alarm_topic(environment, data.key)
        # Dashboards and budgets are an account's, whatever the Region.
        name = f"seller-chat-{environment.name}-{self.region}"
        self._panel = AlarmPanel(self, "Panel", topic=topic, dashboard_name=name)
        self._watch_apis(chat)
        self._watch_functions(chat)
        self._watch_events(chat)
        self._watch_tables(data)
        if environment.budget_email is not None:
            MonthlyBudget(
                self,
                "Budget",
                name=name,
                dollars=environment.monthly_budget_dollars,
                email=environment.budget_email,
            )
        cdk.CfnOutput(self, "AlarmTopic", value=topic.topic_arn)

    def _alarm_topic(self, environment: Environment, key: kms.IKey | None) -> sns.Topic:
        topic = sns.Topic(
            self, "Alarms", display_name=f"Seller Chat {environment.name}", enforce_ssl=True, master_key=key
        )
        # A policy of one's own, as the one about TLS is, takes the place of that by which alarms may publish.
        own_account = {"StringEquals": {"aws:SourceAccount": self.account}}
        topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com", conditions=own_account))
        return topic

    def _watch_apis(self, chat: ChatStack) -> None:
        web_socket, rest = chat.endpoint.stage, chat.rest_endpoint.stage
        self._panel.section(
            "APIs",
            [
                self._panel.alarm(
                    "WebSocketIntegrationErrors",
                    "Frames were answered by no function: look at the functions' errors.",
                    web_socket.metric("IntegrationError", statistic="Sum", period=PERIOD),
                ),
                self._panel.alarm(
                    "WebSocketExecutionErrors",
                    "API Gateway itself failed on frames: look at the access log.",
                    web_socket.metric("ExecutionError", statistic="Sum", period=PERIOD),
                ),
                self._panel.alarm(
                    "RestServerErrors",
                    "REST calls ended with 5xx: look at the access log and the function's errors.",
                    rest.metric_server_error(statistic="Sum", period=PERIOD),
                ),
            ],
        )

    def _watch_functions(self, chat: ChatStack) -> None:
        alarms = []
        for each in _parts(chat, ChatFunction):
            alarms += [
                self._panel.alarm(
                    f"{each.name}Errors",
                    f"The {each.name} function raised: its log says what.",
                    each.function.metric_errors(period=PERIOD),
                ),
                self._panel.alarm(
                    f"{each.name}Throttles",
                    f"The {each.name} function was not started: look at the account's concurrency.",
                    each.function.metric_throttles(period=PERIOD),
                ),
            ]
        self._panel.section("Functions", alarms)

    def _watch_events(self, chat: ChatStack) -> None:
        (publisher,) = _parts(chat, Publisher)
        behind = self._panel.alarm(
            "PublisherBehind",
            "Events are published late: look at the publisher's errors before the stream forgets, after a day.",
            publisher.function.metric("IteratorAge", statistic="Maximum", period=PERIOD),
            above=_BEHIND.to_milliseconds(),
            minutes=3,
        )
        waiting = [
            self._panel.alarm(
                _name_of(queue, chat),
                "Messages that no retry helped: mend the cause, then send them back with SQS's redrive.",
                queue.metric_approximate_number_of_messages_visible(statistic="Maximum", period=PERIOD),
            )
            for queue in _parts(chat, DeadLetterQueue)
        ]
        self._panel.section("Events", [behind, *waiting])

    def _watch_tables(self, data: DataStack) -> None:
        self._panel.section(
            "Tables",
            [
                self._panel.alarm(
                    f"{table.node.id}{kind}Throttles",
                    f"{table.node.id} turned {kind.lower()}s away: look for one hot key.",
                    table.metric(f"{kind}ThrottleEvents", statistic="Sum", period=PERIOD),
                )
                for table in _parts(data, dynamodb.TableV2)
                for kind in ("Read", "Write")
            ],
        )


def _parts(stack: cdk.Stack, kind: type[Part]) -> Iterator[Part]:
    return (each for each in stack.node.find_all() if isinstance(each, kind))


def _name_of(part: Construct, stack: cdk.Stack) -> str:
    """Its path within the stack, in one word."""
    return part.node.path.removeprefix(f"{stack.node.path}/").replace("/", "")
