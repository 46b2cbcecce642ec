"""What every stack of an environment has in common."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from .environment import Environment


class EnvironmentStack(cdk.Stack):
    """A stack that is protected as its environment says, and tagged with what is deployed there.

    Tags are on everything in it, so that costs can be told apart once somebody activates them for billing.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, purpose: str, **kwargs: Any
    ) -> None:
        tags = {"service": "seller-chat", "environment": environment.name}
        commit = scope.node.try_get_context("commit")
        super().__init__(
            scope,
            construct_id,
            description=f"Seller Chat ({environment.name}): {purpose}",
            synthesizer=environment.target.synthesizer(),
            # All of them, or deleting an environment would end with its tables, when everything else is gone.
            termination_protection=environment.deletion_protection,
            tags={**tags, "commit": commit} if commit else tags,
            **kwargs,
        )
