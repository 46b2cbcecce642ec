"""The environments Seller Chat is deployed to. They differ in values, never in code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk.aws_logs import RetentionDays

from .environment import Allowance, Environment, Throttle, Throttles, WebHosting
from .target import EMULATOR

PRODUCTION = Environment(
    name="production",
    removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    deletion_protection=True,
    point_in_time_recovery=True,
    log_retention=RetentionDays.THREE_MONTHS,
    message_retention_days=365,
    idle_close_seconds=1800,
    unknown_sellers="refuse",
    web_hosting=WebHosting(
        price_class=cloudfront.PriceClass.PRICE_CLASS_ALL,
        browser_cache=cdk.Duration.hours(1),
    ),
    throttles=Throttles(
        connect=Throttle(400, burst=500),
        start=Throttle(200, burst=400),
        message=Throttle(2000, burst=3000),
        read=Throttle(2000, burst=3000),
        signal=Throttle(1000, burst=1500),
        manage=Throttle(200, burst=400),
        report=Throttle(10, burst=50),
        ping=Throttle(1000, burst=1500),
        other=Throttle(500, burst=1000),
    ),
    reserved_concurrency={
        "authorizer": 100,
        "connection": 100,
        "conversation": 400,
        "rest": 100,
        "fallback": 10,
        "publisher": 20,
        "attendant": 50,
        "courier": 5,
    },
    watches_objectives=True,
    traffic_shift="canary",
    monthly_budget_dollars=1000,
    memory_mb=1024,
    log_level="INFO",
)

STAGING = replace(
    PRODUCTION,
    name="staging",
    deletion_protection=False,
    log_retention=RetentionDays.ONE_MONTH,
    message_retention_days=30,
    web_hosting=WebHosting(
        price_class=cloudfront.PriceClass.PRICE_CLASS_100,
        browser_cache=cdk.Duration.minutes(5),
    ),
    throttles=Throttles(
        connect=Throttle(100, burst=200),
        start=Throttle(50, burst=100),
        message=Throttle(300, burst=600),
        read=Throttle(300, burst=600),
        signal=Throttle(200, burst=400),
        manage=Throttle(50, burst=100),
        report=Throttle(5, burst=20),
        ping=Throttle(200, burst=400),
        other=Throttle(100, burst=200),
    ),
    reserved_concurrency={},
    monthly_budget_dollars=50,
)
"""Production on a smaller scale, which its owner may delete."""

DEV = Environment(
    name="dev",
    removal_policy=cdk.RemovalPolicy.DESTROY,
    deletion_protection=False,
    point_in_time_recovery=False,
    log_retention=RetentionDays.ONE_WEEK,
    message_retention_days=14,
    idle_close_seconds=900,
    unknown_sellers="accept",
    web_hosting=WebHosting(
        price_class=cloudfront.PriceClass.PRICE_CLASS_100,
        browser_cache=cdk.Duration.minutes(1),
    ),
    throttles=Throttles(
        connect=Throttle(20, burst=50),
        start=Throttle(10, burst=20),
        message=Throttle(50, burst=100),
        read=Throttle(50, burst=100),
        signal=Throttle(50, burst=100),
        manage=Throttle(10, burst=20),
        report=Throttle(5, burst=20),
        ping=Throttle(50, burst=100),
        other=Throttle(20, burst=50),
    ),
    watches_objectives=False,
    traffic_shift=None,
    monthly_budget_dollars=50,
    memory_mb=512,
    log_level="DEBUG",
)

LOCAL = replace(
    DEV,
    name="local",
    log_retention=RetentionDays.ONE_DAY,
    message_retention_days=7,
    lease_seconds=20,
    visitor_rate=Allowance(burst=200, per_second=50),
    seller_rate=Allowance(burst=400, per_second=100),
    shop_retry_seconds=36,
    web_hosting=None,
    throttles=PRODUCTION.throttles,
    target=EMULATOR,
)
"""Dev on an emulator, which has no neighbours to protect, and quick enough for tests to wait for what follows."""

ENVIRONMENTS: Mapping[str, Environment] = {each.name: each for each in (LOCAL, DEV, STAGING, PRODUCTION)}
