"""What every stack of an environment has in common."""

from __future__ import annotations

from typing import Unpack

import aws_cdk as cdk
from constructs import Construct

from .environment import Environment
from .stack_props import StackProps


class EnvironmentStack(cdk.Stack):
    """A stack that is protected as its environment says, and tagged with what is deployed there.

    Tags are on everything in it, so that costs can be told apart once somebody activates them for billing. Whatever is
    said of the stack takes the place of what it would be.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        purpose: str,
        **props: Unpack[StackProps],
    ) -> None:
        given = dict(props)
        commit = scope.node.try_get_context("commit")
        tags = {"service": "seller-chat", "environment": environment.name, **({"commit": commit} if commit else {})}
        given["tags"] = {**tags, **props.get("tags", {})}
        given.setdefault("description", f"Seller Chat ({environment.name}): {purpose}")
        # All of them, or deleting an environment would end with its tables, when everything else is gone.
        given.setdefault("termination_protection", environment.deletion_protection)
        given.setdefault("synthesizer", environment.target.synthesizer())
        super().__init__(scope, construct_id, **given)  # type: ignore[arg-type]
