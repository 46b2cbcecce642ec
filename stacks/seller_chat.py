"""The whole of Seller Chat in somebody's app: its stacks, put together."""

from __future__ import annotations

import re
from typing import Unpack

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from .chat_stack import ChatStack
from .data_stack import DataStack
from .environment import Environment
from .environment_stack import EnvironmentStack
from .hosts_stack import HostsStack
from .operations_stack import OperationsStack
from .stack_props import SharedStackProps
from .web_stack import WebStack

_LONGEST_NAME = 32
_NAME = rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{_LONGEST_NAME - 1}}}"


class NameTakenError(ValueError):
    """Two deployments would have the same names in one account and Region; the message says what to do."""


class SellerChat:
    """The stacks `{construct_id}-Data`, `-Chat` and `-Operations`, and `-Hosts` and `-Web` where there are any.

    `scope` is an app or a stage. What has a name has the environment's name in it: two deployments in one account and
    Region have environments with different names, `dataclasses.replace(PRODUCTION, name="emea")`.
    With a `key`, all that is kept is encrypted with it; its policy is extended where it is made by the same app. With
    an `alarm_topic`, alarms go there, which has to let CloudWatch publish. All else is as for any stack.

    Raises ValueError for a name that not everything can be called by and for a budget where there are none, and
    NameTakenError.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        key: kms.IKey | None = None,
        alarm_topic: sns.ITopic | None = None,
        **props: Unpack[SharedStackProps],
    ) -> None:
        _refuse_a_bad_name(environment.name)
        _refuse_a_taken_name(scope, environment, props.get("env"))
        self.hosts: HostsStack | None = None
        """The names of the APIs, where the environment has a host of its own."""

        if environment.host is not None:
            self.hosts = HostsStack(scope, f"{construct_id}-Hosts", environment=environment, **props)
        self.data = DataStack(scope, f"{construct_id}-Data", environment=environment, key=key, **props)
        """The tables and the keys shared with the shop's back end."""

        self.chat = ChatStack(scope, f"{construct_id}-Chat", environment=environment, data=self.data, **props)
        """The APIs, the functions and the event bus."""

        if self.hosts is not None:
            self.chat.add_stack_dependency(self.hosts, "The names are there before an API answers under them.")
        self.web: WebStack | None = None
        """The widget and the console, where the environment hosts them."""

        if environment.web_hosting is not None:
            self.web = WebStack(
                scope,
                f"{construct_id}-Web",
                environment=environment,
                hosting=environment.web_hosting,
                data=self.data,
                chat=self.chat,
                **props,
            )
        self.operations = OperationsStack(
            scope,
            f"{construct_id}-Operations",
            environment=environment,
            data=self.data,
            chat=self.chat,
            alarm_topic=alarm_topic,
            **props,
        )
        """The alarms and the dashboard."""

        if self.web is not None:
            self.web.add_stack_dependency(self.operations, "An account that CloudFront refuses has all else by then.")

    @property
    def stacks(self) -> list[EnvironmentStack]:
        """All of them, in the order in which they are deployed."""
        found = [self.hosts, self.data, self.chat, self.operations, self.web]
        return [each for each in found if each is not None]


def _refuse_a_bad_name(name: str) -> None:
    if not re.fullmatch(_NAME, name):
        raise ValueError(f"no environment can be called {name!r}: use at most {_LONGEST_NAME} letters, digits, - and _")


def _refuse_a_taken_name(scope: Construct, environment: Environment, account: cdk.Environment | None) -> None:
    where = _place(account.account if account else None, account.region if account else None)
    for each in scope.node.root.node.find_all():
        if not isinstance(each, DataStack) or each.environment_name != environment.name:
            continue
        if _place(each.account, each.region) == where:
            raise NameTakenError(
                f"{each.node.path} is called {environment.name!r} already, in the same account and Region: "
                'give this environment another name, dataclasses.replace(environment, name="…")'
            )


def _place(*account_and_region: str | None) -> list[str | None]:
    """Where something is; None for the account and the Region of the credentials it is deployed with."""
    return [each if each and not cdk.Token.is_unresolved(each) else None for each in account_and_region]
