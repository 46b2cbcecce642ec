"""How much AWS lets the account do, against what an environment is made for."""

from __future__ import annotations

from collections.abc import Mapping

import boto3
from botocore.exceptions import ClientError

from administration.errors import AdministrationError
from administration.preflight.values import NONE

REQUESTS_PER_SECOND: Mapping[str, int] = {"dev": 50, "staging": 300, "production": 2000}
"""What each environment lets through of the route that is used most; the account has to let through as much."""
CONNECTIONS_PER_SECOND: Mapping[str, int] = {"dev": 20, "staging": 100, "production": 400}
"""The same of new connections."""
STARTS_PER_SECOND: Mapping[str, int] = {"dev": 10, "staging": 50, "production": 200}
"""The same of new contacts. Each has a schedule, which is put off before it is made, comes due, and is deleted."""
RESERVED: Mapping[str, int] = {"production": 785}
"""How many functions at once each environment reserves where `CONCURRENCY` is given."""
UNRESERVED = 100
"""How many Lambda insists on leaving to functions for which none are reserved."""
QUEUES_AT_ONCE = 10
"""How many functions at once the queues of every environment may call where nothing is reserved."""

NEW_CONNECTIONS = ("apigateway", "L-9ED1E49A")
EVENTS_HANDED_ON = ("events", "L-5540C5E3")
"""Quotas that only AWS's service of quotas knows, by service and code."""
SCHEDULER = "scheduler"
OF_SCHEDULES = (
    "CreateSchedule request rate",
    "UpdateSchedule request rate",
    "DeleteSchedule request rate",
    "Invocations throttle limit",
)
"""Quotas of EventBridge Scheduler, all a second, by how their names begin: AWS's documents have no codes of them.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html
"""


def require_requests(session: boto3.Session, environment: str) -> None:
    """API Gateway lets through what the routes do; a new account may have a fraction of what is usual.

    Raises `AdministrationError`.
    """
    wanted = REQUESTS_PER_SECOND.get(environment, 0)
    limit = session.client("apigateway").get_account().get("throttleSettings", {}).get("rateLimit", wanted)
    if limit < wanted:
        raise AdministrationError(
            f"API Gateway lets {limit:.0f} requests a second through in {session.region_name}, and {environment} "
            f'is made for {wanted} on one route: have its quota "Throttle rate" (L-8A5B8E43) raised first.'
        )


def require_concurrency(
    session: boto3.Session, environment: str, given: Mapping[str, str], *, is_reserved: bool
) -> None:
    """Lambda runs as many functions at once as are to be reserved, or else as many as queues call.

    `is_reserved` says that this environment has reserved its share before. Raises `AdministrationError`.
    """
    limits = session.client("lambda").get_account_settings()["AccountLimit"]
    limit, wanted = limits["ConcurrentExecutions"], given.get("account_concurrency", NONE)
    if wanted == NONE:
        if limit < QUEUES_AT_ONCE:
            raise AdministrationError(
                f"The account runs {limit} functions at once, and queues alone call {QUEUES_AT_ONCE}: have Lambda's "
                'quota "Concurrent executions" raised first.'
            )
        return
    if not wanted.isdecimal() or int(wanted) > limit:
        raise AdministrationError(
            f'The account runs {limit} functions at once, not {wanted}: have Lambda\'s quota "Concurrent executions" '
            f"raised first, or say CONCURRENCY={limit}."
        )
    free, reserves = limits["UnreservedConcurrentExecutions"], RESERVED.get(environment, 0)
    if reserves and not is_reserved and free < reserves + UNRESERVED:
        raise AdministrationError(
            f"Of {limit} functions at once {limit - free} are reserved by others in this account, and {environment} "
            f'reserves {reserves} and leaves {UNRESERVED}: have Lambda\'s quota "Concurrent executions" raised to '
            f"{limit - free + reserves + UNRESERVED} first, or leave out CONCURRENCY."
        )


def quotas_looked_at(session: boto3.Session, environment: str, given: Mapping[str, str]) -> str:
    """What is to be said of quotas that nobody has to be refused for; also that these were not to be seen.

    Raises `AdministrationError` for those that somebody has to.
    """
    try:
        _require_connections(session, environment)
        unknown = _require_schedules(session, environment)
        late = "" if given.get("php_api_url", NONE) == NONE else _lateness(session, environment)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return (
            f" Its quotas of connections, schedules and events were not to be seen ({code}): docs/deploy.md has them."
        )
    return unknown + late


def _require_connections(session: boto3.Session, environment: str) -> None:
    wanted = CONNECTIONS_PER_SECOND.get(environment, 0)
    connections = _quota(session, *NEW_CONNECTIONS)
    if connections is not None and connections < wanted:
        raise AdministrationError(
            f"API Gateway takes {connections:.0f} new connections a second in {session.region_name}, and {environment} "
            f'is made for {wanted}: have its quota "New connections per second" ({NEW_CONNECTIONS[1]}) raised first.'
        )


def _require_schedules(session: boto3.Session, environment: str) -> str:
    """What is to be said where nobody knows."""
    wanted = STARTS_PER_SECOND.get(environment, 0)
    found = _quotas_of(session, SCHEDULER)
    for name in OF_SCHEDULES:
        for quota, value in found.items():
            if quota.startswith(name) and value < wanted:
                raise AdministrationError(
                    f"EventBridge Scheduler's quota {quota!r} is {value:.0f} a second in {session.region_name}, and "
                    f"{environment} is made for {wanted} new chats: have it raised first."
                )
    missing = [name for name in OF_SCHEDULES if not any(quota.startswith(name) for quota in found)]
    return f" Nobody knows its quotas of schedules ({', '.join(missing)}): docs/deploy.md has them." if missing else ""


def _lateness(session: boto3.Session, environment: str) -> str:
    """What happens beyond a quota where nothing fails, and nothing is lost."""
    messages = REQUESTS_PER_SECOND.get(environment, 0)
    handed_on = _quota(session, *EVENTS_HANDED_ON)
    if handed_on is None or handed_on >= messages:
        return ""
    return (
        f" EventBridge hands {handed_on:.0f} events on a second here: of {messages} messages a second the shop hears "
        f'late, unless its quota "Invocations throttle limit" ({EVENTS_HANDED_ON[1]}) is raised.'
    )


def _quota(session: boto3.Session, service: str, code: str) -> float | None:
    """What the account has been given, or else what every account has in this Region; None where nobody knows."""
    quotas = session.client("service-quotas")
    for ask in (quotas.get_service_quota, quotas.get_aws_default_service_quota):
        try:
            return float(ask(ServiceCode=service, QuotaCode=code)["Quota"]["Value"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchResourceException":
                raise
    return None


def _quotas_of(session: boto3.Session, service: str) -> dict[str, float]:
    """All that are known of a service, by name: what every account has, unless this one has been given another."""
    quotas = session.client("service-quotas")
    found: dict[str, float] = {}
    for kind in ("list_aws_default_service_quotas", "list_service_quotas"):
        try:
            for page in quotas.get_paginator(kind).paginate(ServiceCode=service):
                found |= {each["QuotaName"]: float(each["Value"]) for each in page["Quotas"]}
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchResourceException":
                raise
    return found
