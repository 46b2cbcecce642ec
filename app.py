"""The CDK app: `cdk synth -c env=NAME` builds the stacks of one environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import aws_cdk as cdk

from stacks import assembly, widget_build
from stacks.bundling import BundlingError
from stacks.context import (
    InvalidContextError,
    aws_environment,
    environment_of,
    refuse_a_region_that_nobody_said,
)
from stacks.environment import Environment
from stacks.seller_chat import SellerChat


def add_stacks(app: cdk.App, environment: Environment) -> None:
    """Add every stack of `environment` to `app`."""
    SellerChat(app, environment.stack_prefix, environment=environment, env=aws_environment(environment))


def main(app: cdk.App | None = None) -> None:
    """Build the environment named by the context value `env`, with what other context values change of it."""
    app = app or cdk.App()
    assembly.leave_no_trace_of_this_run(app)
    try:
        environment = environment_of(app.node.get_all_context())
        refuse_a_region_that_nobody_said(environment)
        widget_build.bring_up_to_date()
        assembly.begin(Path(app.outdir))
        add_stacks(app, environment)
        app.synth()
    except (InvalidContextError, BundlingError, widget_build.WidgetNotBuiltError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted: nothing can be deployed until all is synthesized again\n")
        # Ctrl-C has ended jsii's own process, too, and saying goodbye to that would fail in a traceback.
        os._exit(130)


if __name__ == "__main__":
    main()
