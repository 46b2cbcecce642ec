"""`make deploy` and `make destroy`: looks, and prints one line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import Any

import boto3

from administration.command_line import answer
from administration.deployments import PARTS, described, outputs_in, stack_of
from administration.errors import AdministrationError
from administration.preflight.account import (
    GITHUB,
    region_said,
    require_bootstrap,
    require_log_role,
    require_trust_in_github,
)
from administration.preflight.names import require_names
from administration.preflight.quotas import quotas_looked_at, require_concurrency, require_requests
from administration.preflight.values import NONE, given_before, require_all_that_was_given

PRODUCTION = "production"


def before_deploying(session: boto3.Session, environment: str, given: Mapping[str, str]) -> str:
    """That the account is ready and nothing is forgotten. Raises `AdministrationError`."""
    require_bootstrap(session)
    require_log_role(session)
    require_requests(session, environment)
    deployed = {part: stack for part in PARTS if (stack := described(session, stack_of(environment, part)))}
    before = given_before(deployed.get("Data"))
    require_concurrency(session, environment, given, is_reserved="account_concurrency" in before)
    require_names(session, given)
    require_all_that_was_given(environment, before, given)
    if environment == PRODUCTION and given.get("alarm_email", NONE) == NONE:
        _somebody_is_told(session, deployed.get("Operations"))
    said = quotas_looked_at(session, environment, given)
    return f"{environment} in {session.region_name}: the account is ready.{said}"


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


def _somebody_is_told(session: boto3.Session, operations: Mapping[str, Any] | None) -> None:
    topic = outputs_in(operations).get("AlarmTopic")
    if topic is None or not session.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        raise AdministrationError(
            "Nobody would be told of an alarm in production: say ALARM_EMAIL=NAME@HOST, or subscribe to AlarmTopic."
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=sys.modules["administration.preflight"].__doc__)
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
            require_log_role(session)
            return "API Gateway may write logs."
        if arguments.what == "github":
            require_trust_in_github(session)
            return f"The account believes {GITHUB}."
        if arguments.what == "destroy":
            return before_destroying(session, arguments.env)
        return before_deploying(session, arguments.env, dict(each.split("=", 1) for each in arguments.given))

    return answer(look)


if __name__ == "__main__":
    sys.exit(main())
