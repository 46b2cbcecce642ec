"""What an app that builds the stacks may say of them as of any stack of the CDK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

import aws_cdk as cdk


class SharedStackProps(TypedDict, total=False):
    """What may be the same for several stacks; see `aws_cdk.Stack`."""

    env: cdk.Environment | None
    synthesizer: cdk.IStackSynthesizer | None
    """In the place of the app's own; an emulator's environment has one that needs no bootstrapping."""

    permissions_boundary: cdk.PermissionsBoundary | None
    termination_protection: bool | None
    """In the place of what the environment says."""

    tags: Mapping[str, str]
    """Beside `service`, `environment` and `commit`."""

    notification_arns: list[str] | None
    analytics_reporting: bool | None
    cross_region_references: bool | None
    suppress_template_indentation: bool | None


class StackProps(SharedStackProps, total=False):
    """And what is one stack's own."""

    stack_name: str | None
    description: str | None
