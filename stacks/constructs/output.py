"""What a stack tells the people who deploy it."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct


def output(scope: Construct, name: str, value: str, description: str) -> None:
    """Tell a value by its name, and in a sentence what it is for."""
    cdk.CfnOutput(scope, name, value=value, description=description)
