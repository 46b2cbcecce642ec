"""Names of the environment's own: what they stand for in DNS, and which API answers under them."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_route53 as route53
from constructs import Construct

from .output import output

CLOUD_FRONTS_ZONE = "Z2FDTNDATAQYW2"
"""The zone of every distribution's host (https://docs.aws.amazon.com/general/latest/gr/cf_region.html)."""


@dataclass(frozen=True, kw_only=True)
class Name:
    """A host of the environment's own, and the host of AWS that it stands for."""

    host: str
    target: str
    target_zone: str
    """Route 53's zone of the target, not of the host."""

    kinds: tuple[str, ...] = ("A",)
    """The records: `AAAA` as well, where the target has IPv6."""


def point(scope: Construct, construct_id: str, name: Name, *, zone: str | None) -> None:
    """Enter a name into a hosted zone of Route 53; where there is none, an output tells what to enter by hand."""
    if zone is None:
        output(scope, f"{construct_id}Record", f"{name.host} CNAME {name.target}", "What to enter into DNS by hand.")
        return
    target = route53.CfnRecordSet.AliasTargetProperty(dns_name=name.target, hosted_zone_id=name.target_zone)
    for kind in name.kinds:
        route53.CfnRecordSet(
            scope,
            f"{construct_id}{kind}",
            name=f"{name.host}.",
            type=kind,
            hosted_zone_id=zone,
            alias_target=target,
        )


def answer_at(scope: Construct, host: str | None, *, api: str, stage: str) -> None:
    """Let a stage answer at the root of a host, which the stack of names has made; this goes with its API."""
    if host is not None:
        apigatewayv2.CfnApiMapping(scope, "AtHost", api_id=api, domain_name=host, stage=stage)
