"""What the CDK's command line says: which environment, and what is different this time (`-c NAME=VALUE`)."""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast, get_args
from urllib.parse import urlsplit

import aws_cdk as cdk

from .environment import Assignment, Environment, TrafficShift
from .environments import ENVIRONMENTS
from .regions import SUPPORTED_REGIONS
from .target import AWS

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class InvalidContextError(Exception):
    """A context value (`-c NAME=VALUE`) is missing or means nothing; the message says what would."""


def environment_of(context: Mapping[str, Any]) -> Environment:
    """The environment that the context names, with all that the context changes of it.

    Raises InvalidContextError where nothing should be synthesized.
    """
    refuse_unknown(context)
    # In cdk.json a value may be a number.
    given = {change: str(context[change]) for change in CHANGES if context.get(change) is not None}
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    name = context.get("env")
    named = ENVIRONMENTS.get(str(name))
    is_local = named is not None and named.target.emulator_url is not None
    if is_local and "emulator_url" not in given and urlsplit(endpoint).hostname in _LOOPBACK:
        given["emulator_url"] = endpoint
    environment = select_environment(name, **given)
    refuse_the_emulators_environment_on_aws(environment)
    refuse_what_the_cdk_takes_too_late(context, environment)
    return environment


def select_environment(name: str | None, **changes: str | None) -> Environment:
    """The environment called `name`, with the `changes` (see `CHANGES`) that are given in place of its own values.

    Raises InvalidContextError for any other name, and for a value that this environment cannot have.
    """
    names = ", ".join(ENVIRONMENTS)
    if name is None:
        raise InvalidContextError(f"no environment given: add -c env=NAME, where NAME is one of {names}")
    if name not in ENVIRONMENTS:
        raise InvalidContextError(
            f"there is no environment {name!r}: {_nearest(name, ENVIRONMENTS)}use -c env=NAME with one of {names}"
        )
    environment = ENVIRONMENTS[name]
    given = {change: value for change in CHANGES if (value := changes.get(change)) is not None}
    for change, value in given.items():
        environment = CHANGES[change](environment, value)
    return replace(environment, given={name: given[name] for name in given if name not in _OF_THIS_TIME})


def _on_emulator(environment: Environment, url: str) -> Environment:
    if environment.target.emulator_url is None:
        raise InvalidContextError(f"{environment.name} runs on AWS itself: leave out -c emulator_url={url}")
    return replace(environment, target=environment.target.at(url))


def _with_shop(environment: Environment, url: str) -> Environment:
    parts = urlsplit(url)
    is_local = environment.target.emulator_url is not None and parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or is_local):
        raise InvalidContextError(
            f"the shop's back end cannot be at {url!r}: use -c php_api_url=https://HOST[/PATH] "
            "(http only for this machine's own address, and only with -c env=local)"
        )
    return replace(environment, php_api_url=url.rstrip("/"))


def _reporting_costs(environment: Environment, email: str) -> Environment:
    if environment.target.emulator_url is not None:
        raise InvalidContextError(f"{environment.name} costs nothing: leave out -c budget_email={email}")
    return replace(environment, budget_email=_address(email, "budget_email"))


def _telling_of_alarms(environment: Environment, email: str) -> Environment:
    if environment.target.emulator_url is not None:
        raise InvalidContextError(f"{environment.name} has no alarms: leave out -c alarm_email={email}")
    return replace(environment, alarm_email=_address(email, "alarm_email"))


def _address(email: str, name: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise InvalidContextError(f"{email!r} is no address: use -c {name}=NAME@HOST")
    return email


_HOST = re.compile(r"(?!-)([a-z0-9-]{1,63}\.)+[a-z]{2,63}")
_CERTIFICATE = re.compile(r"arn:aws:acm:([a-z0-9-]+):[0-9]{12}:certificate/[0-9a-f-]+")
CLOUD_FRONTS_REGION = "us-east-1"


def _at_host(environment: Environment, host: str) -> Environment:
    if environment.target.emulator_url is not None:
        raise InvalidContextError(f"{environment.name} has no names of its own: leave out -c host={host}")
    if not _HOST.fullmatch(host):
        raise InvalidContextError(f"{host!r} is no host: use -c host=chat.shop.example, in small letters")
    changed = replace(environment, host=host)
    if changed.certificate is None or changed.widget_certificate is None:
        raise InvalidContextError(
            f"{host} needs certificates: add -c certificate=ARN for {changed.sockets_host} and {changed.rest_host}, "
            f"and -c widget_certificate=ARN of {CLOUD_FRONTS_REGION} for {host}"
        )
    return changed


def _with_certificate(environment: Environment, arn: str) -> Environment:
    found = _region_of(arn, "certificate")
    region = _known_region() or found
    if found != region:
        raise InvalidContextError(f"{arn} is not of {region}, where the APIs are: use -c certificate=ARN of one there")
    return replace(environment, certificate=arn)


def _with_widget_certificate(environment: Environment, arn: str) -> Environment:
    if _region_of(arn, "widget_certificate") != CLOUD_FRONTS_REGION:
        raise InvalidContextError(
            f"{arn} is not of {CLOUD_FRONTS_REGION}, where CloudFront looks: use -c widget_certificate=ARN of one there"
        )
    return replace(environment, widget_certificate=arn)


def _region_of(arn: str, name: str) -> str:
    found = _CERTIFICATE.fullmatch(arn)
    if not found:
        raise InvalidContextError(f"{arn!r} is no certificate: use -c {name}=arn:aws:acm:REGION:ACCOUNT:certificate/ID")
    return found[1]


def _in_zone(environment: Environment, zone: str) -> Environment:
    if not re.fullmatch(r"Z[A-Z0-9]{1,31}", zone):
        raise InvalidContextError(f"{zone!r} is no hosted zone: use -c hosted_zone=ID, which begins with Z")
    return replace(environment, hosted_zone=zone)


def _reserving_concurrency(environment: Environment, account_concurrency: str) -> Environment:
    if not environment.reserved_concurrency:
        raise InvalidContextError(f"{environment.name} reserves no concurrency: leave out -c account_concurrency")
    needed = environment.needed_concurrency
    if not account_concurrency.isdecimal() or int(account_concurrency) < needed:
        raise InvalidContextError(
            f"{environment.name} reserves concurrency in an account that runs {needed} functions at once or more, not "
            f"{account_concurrency!r}: have Lambda's quota raised, or leave out -c account_concurrency"
        )
    return replace(environment, account_concurrency=int(account_concurrency))


def _assigning(environment: Environment, assignment: str) -> Environment:
    names = get_args(Assignment)
    if assignment not in names:
        raise InvalidContextError(
            f"there is no assignment {assignment!r}: {_nearest(assignment, names)}"
            f"use -c assignment=NAME with one of {', '.join(names)}"
        )
    if assignment == "external" and environment.php_api_url is None:
        raise InvalidContextError(
            "assignment=external asks the shop's back end: add -c php_api_url=https://HOST[/PATH]"
        )
    return replace(environment, assignment=cast("Assignment", assignment))


def _shifting(environment: Environment, shift: str) -> Environment:
    if environment.traffic_shift is None:
        raise InvalidContextError(f"{environment.name} calls new code at once: leave out -c traffic_shift={shift}")
    if shift not in get_args(TrafficShift):
        raise InvalidContextError(
            f"there is no traffic_shift {shift!r}: {_nearest(shift, get_args(TrafficShift))}"
            f"use -c traffic_shift=NAME with one of {', '.join(get_args(TrafficShift))}"
        )
    return replace(environment, traffic_shift=cast("TrafficShift", shift))


CHANGES: Mapping[str, Callable[[Environment, str], Environment]] = {
    "emulator_url": _on_emulator,
    "php_api_url": _with_shop,
    "budget_email": _reporting_costs,
    "alarm_email": _telling_of_alarms,
    "account_concurrency": _reserving_concurrency,
    "hosted_zone": _in_zone,
    "certificate": _with_certificate,
    "widget_certificate": _with_widget_certificate,
    "host": _at_host,
    "assignment": _assigning,
    "traffic_shift": _shifting,
}
"""What the command line may change, in an order in which each finds what it depends on."""

_OF_THIS_TIME = frozenset({"emulator_url", "traffic_shift"})
"""What the next deployment is not asked about."""

_OTHERS = ("env", "commit")
_OF_THE_CLI = frozenset({"acknowledged-issue-numbers", "cli-telemetry"})
"""What `cdk acknowledge` and `cdk cli-telemetry` keep in cdk.context.json, and hand on."""

_QUALIFIER = "@aws-cdk/core:bootstrapQualifier"
_EMULATORS_ACCOUNT = "000000000000"
_CLIS_REGION = "us-east-1"


def refuse_unknown(names: Iterable[str]) -> None:
    """Raise InvalidContextError for a context value that nothing reads, as a misspelt one.

    The CDK's own names hold a colon or begin with `@`.
    """
    known = [*_OTHERS, *CHANGES]
    for name in sorted(names):
        if ":" in name or name.startswith("@") or name in known or name in _OF_THE_CLI:
            continue
        raise InvalidContextError(
            f"there is no context value {name!r}: {_nearest(name, known)}use one of {', '.join(known)}"
        )


def _nearest(name: str, known: Iterable[str]) -> str:
    nearest = get_close_matches(name.lower(), list(known), n=1, cutoff=0.5)
    return f"did you mean {nearest[0]}? If not, " if nearest else ""


def refuse_what_the_cdk_takes_too_late(context: Mapping[str, Any], environment: Environment) -> None:
    """Raise InvalidContextError for what would end in the CDK's own words, or only in the middle of a deployment."""
    qualifier = context.get(_QUALIFIER)
    if qualifier is not None and not re.fullmatch(r"[A-Za-z0-9]{1,10}", str(qualifier)):
        raise InvalidContextError(
            f"{qualifier!r} is no qualifier: use -c {_QUALIFIER}=NAME with one to ten letters and digits, "
            "the one that the account was bootstrapped with"
        )
    needs_a_region = (
        "a key of its own" if environment.customer_managed_key else "a budget" if environment.budget_email else None
    )
    if needs_a_region and _known_region() is None:
        raise InvalidContextError(
            f"{environment.name} has {needs_a_region}, which needs a Region that is known: "
            "set AWS_REGION and the credentials of its account"
        )


def refuse_the_emulators_environment_on_aws(environment: Environment) -> None:
    """Raise InvalidContextError where an environment for an emulator would reach an account of AWS.

    It allows plain HTTP and every origin. Without credentials there is no account, and nothing that could be deployed.
    """
    account = os.environ.get("CDK_DEFAULT_ACCOUNT")
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).hostname
    if environment.target.emulator_url and account not in {None, "", _EMULATORS_ACCOUNT} and endpoint not in _LOOPBACK:
        raise InvalidContextError(
            f"{environment.name} is not for AWS, and these credentials are of its account {account}: "
            "start it on this machine with `make run`, or set AWS_ENDPOINT_URL to the emulator"
        )


def refuse_a_region_that_nobody_said(environment: Environment) -> None:
    """Raise InvalidContextError where the CDK CLI took a Region by itself: neither shell nor AWS profile names one."""
    has_account = bool(os.environ.get("CDK_DEFAULT_ACCOUNT")) and environment.target is AWS
    if has_account and os.environ.get("CDK_DEFAULT_REGION") == _CLIS_REGION and not _region_said():
        raise InvalidContextError(
            f"nobody said which Region {environment.name} is to be in: set AWS_REGION, if need be to {_CLIS_REGION}"
        )


def _known_region() -> str | None:
    """The Region that the CDK CLI found; None where it took its own and knows no account.

    Templates fit any then. With the Region in them, whoever deploys what was synthesized without credentials would
    deploy it there, whatever Region theirs are for.
    """
    account, region = os.environ.get("CDK_DEFAULT_ACCOUNT"), os.environ.get("CDK_DEFAULT_REGION")
    if not account and region == _CLIS_REGION and not _region_said():
        return None
    return region or None


def _region_said() -> bool:
    if any(os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION")):
        return True
    home = Path.home() / ".aws"
    found = configparser.ConfigParser(interpolation=None, strict=False)
    found.read(
        [
            os.environ.get("AWS_CONFIG_FILE", home / "config"),
            os.environ.get("AWS_SHARED_CREDENTIALS_FILE", home / "credentials"),
        ],
        encoding="utf-8",
    )
    profile = os.environ.get("AWS_PROFILE", "default")
    return any(found.has_option(section, "region") for section in (profile, f"profile {profile}"))


def aws_environment(environment: Environment) -> cdk.Environment:
    """The account and Region that the CDK CLI found; both None without credentials, and the templates fit any.

    Raises InvalidContextError for a Region that lacks what the environment needs.
    """
    region = _known_region()
    if environment.target is AWS and region not in {None, *SUPPORTED_REGIONS}:
        raise InvalidContextError(
            f"{environment.name} cannot be in {region}: set AWS_REGION to one of {', '.join(SUPPORTED_REGIONS)}"
        )
    return cdk.Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=region)
