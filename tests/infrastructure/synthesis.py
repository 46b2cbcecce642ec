"""Builds the CDK app as `cdk synth` does: with the feature flags of cdk.json and without credentials."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from app import add_stacks
from stacks.context import select_environment
from stacks.environment import Environment, TokenIssuer, WarmThroughput

PROJECT = Path(__file__).resolve().parents[2]


def new_app(*, commit: str | None = None, **options: Any) -> cdk.App:
    """An app with cdk.json's flags that leaves the functions unbundled, which no template shows."""
    context = {"commit": commit} if commit else {}
    context |= json.loads((PROJECT / "cdk.json").read_text(encoding="utf-8"))["context"]
    return cdk.App(context={**context, "aws:cdk:bundling-stacks": []}, analytics_reporting=False, **options)


def synthesize(environment: Environment) -> dict[str, Any]:
    """The templates of an environment, by stack name."""
    # Validating costs more time than all the rest; one test and every `cdk synth` do it.
    app = new_app(builtin_cloud_formation_validation=False)
    add_stacks(app, environment)
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


def names(region: str) -> dict[str, str]:
    """What gives an environment in this Region names of its own."""
    return {
        "host": "chat.shop.example",
        "certificate": f"arn:aws:acm:{region}:123456789012:certificate/0a0a0a0a",
        "widget_certificate": "arn:aws:acm:us-east-1:123456789012:certificate/0b0b0b0b",
        "hosted_zone": "Z0123456789",
    }


def with_every_option(name: str) -> Environment:
    """An environment with all that may be chosen about it; an emulator's has no alarms, no costs and no key."""
    on_aws = name != "local"
    environment = select_environment(
        name,
        php_api_url="https://shop.example/chat",
        assignment="external",
        budget_email="owner@shop.example" if on_aws else None,
        alarm_email="oncall@shop.example" if on_aws else None,
        account_concurrency="1000" if name == "production" else None,
        **(names(os.environ.get("CDK_DEFAULT_REGION", "eu-central-1")) if on_aws else {}),
    )
    return replace(
        environment,
        seller_token_issuer=TokenIssuer(
            issuer="https://issuer.example", audience="console", jwks_url="https://issuer.example/jwks.json"
        ),
        visitor_tokens="required",
        shop_name="Café Ana",
        has_own_listeners=True,
        allowed_origins=("https://shop.example", "https://www.shop.example"),
        customer_managed_key=on_aws,
        warm_throughput=WarmThroughput(reads=15_000, writes=5_000) if on_aws else None,
    )
