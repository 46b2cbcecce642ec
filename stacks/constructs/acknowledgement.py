"""Exceptions from cdk-nag's AwsSolutions rules, each with the reason for it."""

from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str, *, finding: str | None = None) -> None:
    """Let `construct` break the rule `AwsSolutions-{rule}`; with a `finding` (`Action::s3:List*`) in that alone."""
    detail = f"[{finding}]" if finding else ""
    # `Validations.acknowledge` writes the same with a stack trace, which differs from run to run.
    construct.node.add_metadata(
        cdk.Validations.ACKNOWLEDGED_RULES_METADATA_KEY, {f"AwsSolutions::AwsSolutions-{rule}{detail}": reason}
    )


def reported(stack: cdk.Stack, value: Any) -> str:
    """A value of `stack` as cdk-nag writes it in a finding: what is unknown until the deployment in angle brackets."""
    return _written(stack.resolve(value))


def _written(value: Any) -> str:
    match value:
        case {"Ref": logical_id}:
            return f"<{logical_id}>"
        case {"Fn::GetAtt": [logical_id, attribute]}:
            return f"<{logical_id}.{attribute}>"
        case {"Fn::Sub": str(pattern)}:
            return re.sub(r"\$\{([^}]*)\}", r"<\1>", pattern)
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_written(part) for part in parts)
    return str(value)
