"""The CDK app: `cdk synth -c env=NAME` builds the stacks of one environment."""

from __future__ import annotations

import sys
from pathlib import Path

import aws_cdk as cdk

from stacks import assembly, widget_build
from stacks.bundling import BundlingError
from stacks.chat_stack import ChatStack
from stacks.context import InvalidContextError, aws_environment, environment_of
from stacks.data_stack import DataStack
from stacks.environment import Environment
from stacks.hosts_stack import HostsStack
from stacks.operations_stack import OperationsStack
from stacks.web_stack import WebStack


def add_stacks(app: cdk.App, environment: Environment) -> None:
    """Add every stack of `environment` to `app`."""
    prefix, account = environment.stack_prefix, aws_environment(environment)
    hosts = HostsStack(app, f"{prefix}-Hosts", environment=environment, env=account) if environment.host else None
    data = DataStack(app, f"{prefix}-Data", environment=environment, env=account)
    chat = ChatStack(app, f"{prefix}-Chat", environment=environment, data=data, env=account)
    if hosts:
        chat.add_stack_dependency(hosts, "The names are there before an API answers under them.")
    if environment.web_hosting:
        hosting = environment.web_hosting
        WebStack(app, f"{prefix}-Web", environment=environment, hosting=hosting, data=data, chat=chat, env=account)
    OperationsStack(app, f"{prefix}-Operations", environment=environment, data=data, chat=chat, env=account)


def main(app: cdk.App | None = None) -> None:
    """Build the environment named by the context value `env`, with what other context values change of it."""
    app = app or cdk.App()
    try:
        environment = environment_of(app.node.get_all_context())
        widget_build.bring_up_to_date()
        assembly.begin(Path(app.outdir))
        add_stacks(app, environment)
    except (InvalidContextError, BundlingError, widget_build.WidgetNotBuiltError) as error:
        sys.exit(f"error: {error}")
    app.synth()


if __name__ == "__main__":
    main()
