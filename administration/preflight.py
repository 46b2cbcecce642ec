"""What `make deploy` and `make destroy` look at before they change anything on AWS.

Each check ends in one line that says what to do. What costs a failed deployment half an hour is found in a second here.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from administration.command_line import answer
from administration.deployments import PARTS, described, outputs_in, stack_of
from administration.errors import AdministrationError

BOOTSTRAP_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
VARIABLES: Mapping[str, str] = {
    "assignment": "ASSIGNMENT",
    "php_api_url": "PHP_API_URL",
    "budget_email": "BUDGET_EMAIL",
    "alarm_email": "ALARM_EMAIL",
    "account_concurrency": "CONCURRENCY",
    "host": "CHAT_HOST",
    "certificate": "CERTIFICATE",
    "widget_certificate": "WIDGET_CERTIFICATE",
    "hosted_zone": "HOSTED_ZONE",
}
"""What can be given on make's command line, by the name of the CDK's context value."""
REQUESTS_PER_SECOND: Mapping[str, int] = {"dev": 50, "staging": 300, "production": 2000}
"""What each environment lets through of the route that is used most; the account has to let through as much."""
CONNECTIONS_PER_SECOND: Mapping[str, int] = {"dev": 20, "staging": 100, "production": 400}
"""The same of new connections."""
NEW_CONNECTIONS = ("apigateway", "L-9ED1E49A")
EVENTS_HANDED_ON = ("events", "L-5540C5E3")
"""Quotas that only AWS's service of quotas knows, by service and code."""
GITHUB = "token.actions.githubusercontent.com"
CLOUD_FRONTS_REGION = "us-east-1"
"""Where CloudFront looks for certificates."""

NONE = "none"
"""What is given to take back what was given before."""


def region_said() -> str:
    """The Region to work in. Raises `AdministrationError` if nobody said which, since the CDK would choose one."""
    region = boto3.Session(region_name=os.environ.get("AWS_REGION") or None).region_name
    if not region:
        raise AdministrationError("Say which Region: set AWS_REGION, or a Region in your AWS profile.")
    return str(region)


def before_deploying(session: boto3.Session, environment: str, given: Mapping[str, str]) -> str:
    """That the account is ready and nothing is forgotten. Raises `AdministrationError`."""
    _is_bootstrapped(session)
    _has_log_role(session)
    _lets_through(session, environment)
    _has_concurrency(session, given.get("account_concurrency", NONE))
    _has_names(session, {name: value for name, value in given.items() if value != NONE})
    deployed = {part: stack for part in PARTS if (stack := described(session, stack_of(environment, part)))}
    _nothing_is_forgotten(environment, deployed.get("Data"), given)
    if environment == "production" and given.get("alarm_email", NONE) == NONE:
        _somebody_is_told(session, deployed.get("Operations"))
    return f"{environment} in {session.region_name}: the account is ready.{_of_quotas(session, environment, given)}"


def before_destroying(session: boto3.Session, environment: str) -> str:
    """That no stack would refuse, so that none is deleted before one refuses. Raises `AdministrationError`."""
    stacks = [stack for part in PARTS if (stack := described(session, stack_of(environment, part)))]
    if not stacks:
        raise AdministrationError(f"Nothing of {environment} is in {session.region_name}: check AWS_REGION and ENV.")
    for stack in stacks:
        if stack.get("EnableTerminationProtection"):
            raise AdministrationError(
                f"{stack['StackName']} is protected, so nothing was deleted. To delete it all the same, first take the "
                f"protection from every stack: aws cloudformation update-termination-protection "
                f"--no-enable-termination-protection --stack-name {stack['StackName']}"
            )
    return f"No stack of {environment} is protected."


def _is_bootstrapped(session: boto3.Session) -> None:
    try:
        session.client("ssm").get_parameter(Name=BOOTSTRAP_PARAMETER)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        raise AdministrationError(
            f"The account has not been prepared in {session.region_name}: run make bootstrap once."
        ) from error


def has_log_role(session: boto3.Session) -> bool:
    """Whether API Gateway may write logs, which is said once for all of an account's APIs in a Region."""
    return bool(session.client("apigateway").get_account().get("cloudwatchRoleArn"))


def _has_log_role(session: boto3.Session) -> None:
    if not has_log_role(session):
        raise AdministrationError(
            f"API Gateway may not write logs in {session.region_name}, as it must: run make bootstrap."
        )


def believes_github(session: boto3.Session) -> bool:
    """Whether the account takes GitHub's tokens, which is said once for all of an account's repositories."""
    known = session.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    return any(each["Arn"].endswith(f":oidc-provider/{GITHUB}") for each in known)


def _lets_through(session: boto3.Session, environment: str) -> None:
    """A new account, and one in a young Region, may have a fraction of what is usual."""
    wanted = REQUESTS_PER_SECOND.get(environment, 0)
    limit = session.client("apigateway").get_account().get("throttleSettings", {}).get("rateLimit", wanted)
    if limit < wanted:
        raise AdministrationError(
            f"API Gateway lets {limit:.0f} requests a second through in {session.region_name}, and {environment} "
            f'is made for {wanted} on one route: have its quota "Throttle rate" (L-8A5B8E43) raised first.'
        )


def _of_quotas(session: boto3.Session, environment: str, given: Mapping[str, str]) -> str:
    """What is to be said of quotas that nobody has to be refused for; also that these could not be looked at."""
    try:
        _takes_connections(session, environment)
        return "" if given.get("php_api_url", NONE) == NONE else _lateness(session, environment)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return f" Its quotas of connections and of events could not be looked at ({code}): docs/deploy.md has them."


def _takes_connections(session: boto3.Session, environment: str) -> None:
    wanted = CONNECTIONS_PER_SECOND.get(environment, 0)
    connections = _quota(session, *NEW_CONNECTIONS)
    if connections is not None and connections < wanted:
        raise AdministrationError(
            f"API Gateway takes {connections:.0f} new connections a second in {session.region_name}, and {environment} "
            f'is made for {wanted}: have its quota "New connections per second" ({NEW_CONNECTIONS[1]}) raised first.'
        )


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


def _has_concurrency(session: boto3.Session, wanted: str) -> None:
    if wanted == NONE:
        return
    limit = session.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if not wanted.isdecimal() or int(wanted) > limit:
        raise AdministrationError(
            f'The account runs {limit} functions at once, not {wanted}: have Lambda\'s quota "Concurrent executions" '
            f"raised first, or say CONCURRENCY={limit}."
        )


def _has_names(session: boto3.Session, given: Mapping[str, str]) -> None:
    """The certificates are there for the names, and so is the zone that these are entered in."""
    host = given.get("host")
    if host is None:
        return
    for name, region, hosts in (
        ("certificate", session.region_name, (f"ws.{host}", f"rest.{host}")),
        ("widget_certificate", CLOUD_FRONTS_REGION, (host,)),
    ):
        arn = given.get(name)
        if arn is None or not arn.startswith(f"arn:aws:acm:{region}:"):
            raise AdministrationError(
                f"{' and '.join(hosts)} need a certificate of ACM in {region}: say {VARIABLES[name]}=ARN of one there."
            )
        _certifies(session, arn, hosts)
    if "hosted_zone" in given:
        _is_in_zone(session, host, given["hosted_zone"])


def _certifies(session: boto3.Session, arn: str, hosts: tuple[str, ...]) -> None:
    acm = session.client("acm", region_name=arn.split(":")[3])
    try:
        certificate = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        raise AdministrationError(f"There is no certificate {arn}: request one for {' and '.join(hosts)}.") from error
    if certificate["Status"] != "ISSUED":
        raise AdministrationError(
            f"{arn} is {certificate['Status']}, not ISSUED: enter the records by which ACM sees whose the names are."
        )
    names = {certificate["DomainName"], *certificate.get("SubjectAlternativeNames", [])}
    for host in hosts:
        if not names & {host, f"*.{host.partition('.')[2]}"}:
            raise AdministrationError(f"{arn} is not for {host}: request one that is.")


def _is_in_zone(session: boto3.Session, host: str, zone: str) -> None:
    try:
        name = session.client("route53").get_hosted_zone(Id=zone)["HostedZone"]["Name"].rstrip(".")
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"NoSuchHostedZone", "InvalidInput"}:
            raise
        raise AdministrationError(
            f"There is no hosted zone {zone}: check HOSTED_ZONE, or leave it out and enter the records by hand."
        ) from error
    if host != name and not host.endswith(f".{name}"):
        raise AdministrationError(
            f"{host} is not in the hosted zone {zone}, which is {name}: say HOSTED_ZONE of its own."
        )


def _nothing_is_forgotten(environment: str, data: Mapping[str, Any] | None, given: Mapping[str, str]) -> None:
    """What was given at the last deployment is given again, or taken back in so many words."""
    for name, value in _given_before(data).items():
        if name in VARIABLES and name not in given:
            variable = VARIABLES[name]
            raise AdministrationError(
                f"{environment} was deployed with {variable}={value}: say it again, or {variable}={NONE} to end it."
            )


def _given_before(data: Mapping[str, Any] | None) -> dict[str, str]:
    before: dict[str, str] = json.loads(outputs_in(data).get("Given", "{}"))
    return before


def _somebody_is_told(session: boto3.Session, operations: Mapping[str, Any] | None) -> None:
    topic = outputs_in(operations).get("AlarmTopic")
    if topic is None or not session.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        raise AdministrationError(
            "Nobody would be told of an alarm in production: say ALARM_EMAIL=NAME@HOST, or subscribe to AlarmTopic."
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("region", "log-role", "github", "deploy", "destroy"))
    parser.add_argument("--env", default="")
    parser.add_argument("--given", action="append", default=[], metavar="NAME=VALUE")
    return parser.parse_args()


def main() -> int:
    """Look; return 0, or 1 after one line on standard error that says what to do."""
    arguments = _arguments()

    def look() -> str:
        session = boto3.Session(region_name=region_said())
        if arguments.what == "region":
            return str(session.region_name)
        if arguments.what == "log-role":
            _has_log_role(session)
            return "API Gateway may write logs."
        if arguments.what == "github":
            if not believes_github(session):
                raise AdministrationError(f"The account does not believe {GITHUB}: run make pipeline.")
            return f"The account believes {GITHUB}."
        if arguments.what == "destroy":
            return before_destroying(session, arguments.env)
        return before_deploying(session, arguments.env, dict(each.split("=", 1) for each in arguments.given))

    return answer(look)


if __name__ == "__main__":
    sys.exit(main())
