"""The CDK app: `cdk synth -c env=NAME` builds the stacks of one environment."""

from __future__ import annotations

import sys

import aws_cdk as cdk

from stacks.chat_stack import ChatStack
from stacks.data_stack import DataStack
from stacks.environments import Environment, UnknownEnvironmentError, aws_environment, select_environment


def add_stacks(app: cdk.App, environment: Environment) -> None:
    """Add every stack of `environment` to `app`."""
    data = DataStack(app, f"SellerChat-{environment.name}-Data", environment=environment, env=aws_environment())
    ChatStack(app, f"SellerChat-{environment.name}-Chat", environment=environment, data=data, env=aws_environment())


def main() -> None:
    """Build the environment named by the context value `env`."""
    app = cdk.App()
    try:
        environment = select_environment(
            app.node.try_get_context("env"), emulator_url=app.node.try_get_context("emulator_url")
        )
    except UnknownEnvironmentError as error:
        sys.exit(f"error: {error}")
    add_stacks(app, environment)
    app.synth()


if __name__ == "__main__":
    main()
