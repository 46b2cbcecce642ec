"""What an account needs once, whatever is deployed there."""

from __future__ import annotations

import os

import boto3
from botocore.exceptions import ClientError

from administration.errors import AdministrationError

BOOTSTRAP_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
GITHUB = "token.actions.githubusercontent.com"


def region_said() -> str:
    """The Region to work in. Raises `AdministrationError` if nobody said which, since the CDK would choose one."""
    region = boto3.Session(region_name=os.environ.get("AWS_REGION") or None).region_name
    if not region:
        raise AdministrationError("Say which Region: set AWS_REGION, or a Region in your AWS profile.")
    return str(region)


def require_bootstrap(session: boto3.Session) -> None:
    """The CDK has where to put files, and roles to deploy by. Raises `AdministrationError`."""
    try:
        session.client("ssm").get_parameter(Name=BOOTSTRAP_PARAMETER)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        raise AdministrationError(
            f"The account has not been prepared in {session.region_name}: run make bootstrap once."
        ) from error


def require_log_role(session: boto3.Session) -> None:
    """API Gateway may write logs, which is said once for all of an account's APIs in a Region.

    Raises `AdministrationError`.
    """
    if not session.client("apigateway").get_account().get("cloudwatchRoleArn"):
        raise AdministrationError(
            f"API Gateway may not write logs in {session.region_name}, as it must: run make bootstrap."
        )


def require_trust_in_github(session: boto3.Session) -> None:
    """The account takes GitHub's tokens, which is said once for all of its repositories.

    Raises `AdministrationError`.
    """
    known = session.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    if not any(each["Arn"].endswith(f":oidc-provider/{GITHUB}") for each in known):
        raise AdministrationError(f"The account does not believe {GITHUB}: run make pipeline.")
