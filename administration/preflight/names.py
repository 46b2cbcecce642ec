"""The names that an environment answers at: their certificates, and the zone that they are entered in."""

from __future__ import annotations

from collections.abc import Mapping

import boto3
from botocore.exceptions import ClientError

from administration.errors import AdministrationError
from administration.preflight.values import NONE, VARIABLES

CLOUD_FRONTS_REGION = "us-east-1"
"""Where CloudFront looks for certificates."""


def require_names(session: boto3.Session, given: Mapping[str, str]) -> None:
    """The certificates are there for the names, and so is the zone that these are entered in.

    Raises `AdministrationError`.
    """
    given = {name: value for name, value in given.items() if value != NONE}
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
