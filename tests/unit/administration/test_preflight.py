"""What is found before anything is changed on AWS, and what an operator is told to do about it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from unittest.mock import Mock

import boto3
import pytest
from botocore.exceptions import ClientError

from administration.errors import AdministrationError
from administration.preflight.__main__ import before_deploying, before_destroying
from administration.preflight.account import GITHUB, region_said, require_trust_in_github
from administration.preflight.quotas import (
    CONNECTIONS_PER_SECOND,
    EVENTS_HANDED_ON,
    NEW_CONNECTIONS,
    OF_SCHEDULES,
    QUEUES_AT_ONCE,
    REQUESTS_PER_SECOND,
    RESERVED,
    STARTS_PER_SECOND,
    UNRESERVED,
)
from administration.preflight.values import VARIABLES
from stacks.context import CHANGES
from stacks.environment import NEW_ACCOUNT_CONCURRENCY, UNRESERVED_CONCURRENCY
from stacks.environments import ENVIRONMENTS
from stacks.target import AWS

REGION = "eu-central-1"


class Account:
    """An account that is ready, as a session shows it; a test spoils what it is about."""

    region_name = REGION

    def __init__(self) -> None:
        self.stacks: dict[str, dict[str, Any]] = {}
        self.is_bootstrapped = True
        self.log_role = "arn:aws:iam::123456789012:role/logs"
        self.concurrency = 1000
        self.reserved_by_others = 0
        self.requests_per_second = 10_000.0
        self.quotas: dict[tuple[str, str], float] = {}
        self.refuses_quotas = False
        self.usual_quotas = {NEW_CONNECTIONS: 500.0, EVENTS_HANDED_ON: 18_750.0}
        self.schedules: dict[str, float] = {}
        self.usual_schedules = dict.fromkeys((f"{name} in transactions per second" for name in OF_SCHEDULES), 250.0)
        self.subscriptions: list[str] = []
        self.believed = ["arn:aws:iam::123456789012:oidc-provider/issuer.example"]
        self.certificates: dict[str, dict[str, Any]] = {}
        self.zones = {"Z1": "shop.example."}

    def client(self, _service: str, **_options: str) -> Account:
        return self

    def describe_certificate(self, *, CertificateArn: str) -> Mapping[str, Any]:  # noqa: N803
        if CertificateArn not in self.certificates:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "DescribeCertificate")
        return {"Certificate": {"Status": "ISSUED", **self.certificates[CertificateArn]}}

    def get_hosted_zone(self, *, Id: str) -> Mapping[str, Any]:  # noqa: N803
        if Id not in self.zones:
            raise ClientError({"Error": {"Code": "NoSuchHostedZone", "Message": Id}}, "GetHostedZone")
        return {"HostedZone": {"Name": self.zones[Id]}}

    def get_parameter(self, *, Name: str) -> Mapping[str, Any]:  # noqa: N803 - as boto3 calls it
        if not self.is_bootstrapped:
            raise ClientError({"Error": {"Code": "ParameterNotFound", "Message": Name}}, "GetParameter")
        return {"Parameter": {"Value": "30"}}

    def get_account(self) -> Mapping[str, Any]:
        found: dict[str, Any] = {"throttleSettings": {"rateLimit": self.requests_per_second, "burstLimit": 5000}}
        return {**found, "cloudwatchRoleArn": self.log_role} if self.log_role else found

    def get_account_settings(self) -> Mapping[str, Any]:
        free = self.concurrency - self.reserved_by_others
        return {"AccountLimit": {"ConcurrentExecutions": self.concurrency, "UnreservedConcurrentExecutions": free}}

    def get_service_quota(self, *, ServiceCode: str, QuotaCode: str) -> Mapping[str, Any]:  # noqa: N803
        if self.refuses_quotas:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "GetServiceQuota")
        return _quota(self.quotas, ServiceCode, QuotaCode)

    def get_aws_default_service_quota(self, *, ServiceCode: str, QuotaCode: str) -> Mapping[str, Any]:  # noqa: N803
        return _quota(self.usual_quotas, ServiceCode, QuotaCode)

    def get_paginator(self, name: str) -> Any:
        quotas = self.schedules if name == "list_service_quotas" else self.usual_schedules

        def pages(*, ServiceCode: str) -> list[Mapping[str, Any]]:  # noqa: N803
            if not quotas:
                raise ClientError({"Error": {"Code": "NoSuchResourceException", "Message": ServiceCode}}, name)
            return [{"Quotas": [{"QuotaName": name, "Value": value}]} for name, value in quotas.items()]

        return Mock(paginate=pages)

    def list_open_id_connect_providers(self) -> Mapping[str, Any]:
        return {"OpenIDConnectProviderList": [{"Arn": each} for each in self.believed]}

    def list_subscriptions_by_topic(self, *, TopicArn: str) -> Mapping[str, Any]:  # noqa: N803
        return {"Subscriptions": [{"Endpoint": each, "TopicArn": TopicArn} for each in self.subscriptions]}

    def describe_stacks(self, *, StackName: str) -> Mapping[str, Any]:  # noqa: N803
        if StackName not in self.stacks:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "does not exist"}}, "DescribeStacks")
        return {"Stacks": [{"StackName": StackName, **self.stacks[StackName]}]}

    def has(self, part: str, *, is_protected: bool = False, **outputs: str) -> None:
        """Deploy a stack of production."""
        self.stacks[f"SellerChat-production-{part}"] = {
            "EnableTerminationProtection": is_protected,
            "Outputs": [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()],
        }


def _quota(quotas: Mapping[tuple[str, str], float], service: str, code: str) -> Mapping[str, Any]:
    if (service, code) not in quotas:
        raise ClientError({"Error": {"Code": "NoSuchResourceException", "Message": ""}}, "GetServiceQuota")
    return {"Quota": {"Value": quotas[service, code]}}


@pytest.fixture
def account() -> Account:
    return Account()


def deploy(account: Account, **given: str) -> str:
    session: Any = account
    return before_deploying(session, "production", {"alarm_email": "oncall@shop.example", **given})


def destroy(account: Account) -> str:
    session: Any = account
    return before_destroying(session, "production")


def test_an_account_that_is_ready_may_be_deployed_to(account: Account) -> None:
    assert deploy(account) == "production in eu-central-1: the account is ready."


@pytest.mark.parametrize("spoil", [{"is_bootstrapped": False}, {"log_role": None}])
def test_an_account_that_is_not_prepared_is_to_be_bootstrapped(account: Account, spoil: dict[str, Any]) -> None:
    vars(account).update(spoil)

    with pytest.raises(AdministrationError, match="run make bootstrap"):
        deploy(account)


def test_an_account_that_believes_github_for_another_repository_needs_no_more_for_this_one(account: Account) -> None:
    session: Any = account

    with pytest.raises(AdministrationError, match=r"does not believe.*: run make pipeline"):
        require_trust_in_github(session)
    account.believed.append(f"arn:aws:iam::123456789012:oidc-provider/{GITHUB}")
    require_trust_in_github(session)


def test_an_account_that_lets_too_little_through_is_refused(account: Account) -> None:
    account.requests_per_second = 1999.0
    said = 'lets 1999 requests a second through.*production is made for 2000.*quota "Throttle rate"'

    with pytest.raises(AdministrationError, match=said):
        deploy(account)
    account.requests_per_second = 2000.0
    assert deploy(account)


def test_what_an_account_must_let_through_is_what_the_environments_do() -> None:
    on_aws = {name: each.throttles for name, each in ENVIRONMENTS.items() if each.target is AWS}
    most = {name: max(each.requests_per_second for each in vars(of).values()) for name, of in on_aws.items()}
    connects = {name: of.connect.requests_per_second for name, of in on_aws.items()}
    starts = {name: of.start.requests_per_second for name, of in on_aws.items()}

    assert dict(REQUESTS_PER_SECOND) == most, f"write {most} into administration/preflight/quotas.py"
    assert dict(CONNECTIONS_PER_SECOND) == connects, f"write {connects} into administration/preflight/quotas.py"
    assert dict(STARTS_PER_SECOND) == starts, f"write {starts} into administration/preflight/quotas.py"


def test_what_an_account_must_run_at_once_is_what_the_environments_reserve() -> None:
    reserved = {name: sum(each.reserved_concurrency.values()) for name, each in ENVIRONMENTS.items()}
    reserving = {name: each for name, each in reserved.items() if each}

    assert dict(RESERVED) == reserving, f"write {reserving} into administration/preflight/quotas.py"
    assert (UNRESERVED, QUEUES_AT_ONCE) == (UNRESERVED_CONCURRENCY, NEW_ACCOUNT_CONCURRENCY)


def test_an_account_that_takes_too_few_connections_is_refused(account: Account) -> None:
    account.quotas[NEW_CONNECTIONS] = 399.0
    said = 'takes 399 new connections a second.*production is made for 400.*quota "New connections per second"'

    with pytest.raises(AdministrationError, match=said):
        deploy(account)
    account.quotas[NEW_CONNECTIONS] = 400.0
    assert deploy(account)


@pytest.mark.parametrize("name", OF_SCHEDULES)
def test_an_account_that_takes_too_few_schedules_is_refused(account: Account, name: str) -> None:
    quota = f"{name} in transactions per second"
    account.schedules[quota] = 199.0
    said = (
        f"EventBridge Scheduler's quota '{quota}' is 199 a second in {REGION}, and production is made for 200 new chats"
    )

    with pytest.raises(AdministrationError, match=f"^{re.escape(said)}: have it raised first.$"):
        deploy(account)
    account.schedules[quota] = 200.0
    assert deploy(account)


def test_a_quota_that_has_been_raised_is_not_taken_for_the_usual_one(account: Account) -> None:
    for name in account.usual_schedules:
        account.usual_schedules[name], account.schedules[name] = 10.0, 250.0

    assert deploy(account)


def test_a_quota_that_nobody_knows_stops_nobody(account: Account) -> None:
    account.usual_quotas.clear()

    assert deploy(account, php_api_url="https://shop.example/chat") == deploy(account)


def test_quotas_of_schedules_that_nobody_knows_are_not_passed_over_in_silence(account: Account) -> None:
    account.usual_schedules = {OF_SCHEDULES[0]: 250.0}

    assert deploy(account).endswith(
        " Nobody knows its quotas of schedules (UpdateSchedule request rate, DeleteSchedule request rate, "
        "Invocations throttle limit): docs/deploy.md has them."
    )
    account.usual_schedules.clear()
    assert "(CreateSchedule request rate, " in deploy(account)


def test_quotas_that_may_not_be_looked_at_stop_nobody_and_are_not_passed_over_in_silence(account: Account) -> None:
    account.refuses_quotas = True

    assert deploy(account).endswith("were not to be seen (AccessDeniedException): docs/deploy.md has them.")


def test_an_account_whose_events_would_be_late_is_told_and_deployed_to(account: Account) -> None:
    account.usual_quotas[EVENTS_HANDED_ON] = 1100.0

    said = deploy(account, php_api_url="https://shop.example/chat")

    assert "hands 1100 events on a second here: of 2000 messages a second the shop hears late" in said
    assert "\n" not in said
    # Without a back end nobody hears of messages.
    assert "late" not in deploy(account) + deploy(account, php_api_url="none")
    account.quotas[EVENTS_HANDED_ON] = 2000.0
    assert "late" not in deploy(account, php_api_url="https://shop.example/chat")


@pytest.mark.parametrize("wanted", ["1001", "many"])
def test_more_than_the_account_runs_at_once_cannot_be_reserved(account: Account, wanted: str) -> None:
    with pytest.raises(AdministrationError, match=r"runs 1000 functions at once.*CONCURRENCY=1000"):
        deploy(account, account_concurrency=wanted)
    assert deploy(account, account_concurrency="1000")


def test_what_others_reserve_in_the_account_is_not_there_to_be_reserved_again(account: Account) -> None:
    account.reserved_by_others = 116
    said = (
        "Of 1000 functions at once 116 are reserved by others in this account, and production reserves 785.* to 1001 "
    )

    with pytest.raises(AdministrationError, match=said):
        deploy(account, account_concurrency="1000")
    assert deploy(account)
    # Then the others are this environment's own functions.
    account.has("Data", Given=json.dumps({"account_concurrency": "1000"}))
    assert deploy(account, account_concurrency="1000")
    account.has("Data")
    account.reserved_by_others = 115
    assert deploy(account, account_concurrency="1000")


def test_an_account_that_runs_fewer_functions_than_the_queues_call_is_refused(account: Account) -> None:
    account.concurrency = 9

    with pytest.raises(AdministrationError, match="runs 9 functions at once, and queues alone call 10"):
        deploy(account)
    account.concurrency = 10
    assert deploy(account)


@pytest.mark.parametrize("name", VARIABLES)
def test_what_was_given_before_is_given_again_or_taken_back(account: Account, name: str) -> None:
    account.has("Data", Given=json.dumps({name: "1000"}))
    given = {} if name == "alarm_email" else {"alarm_email": "oncall@shop.example"}
    session: Any = account

    with pytest.raises(AdministrationError, match=f"deployed with {VARIABLES[name]}=1000.*{VARIABLES[name]}=none"):
        before_deploying(session, "production", given)
    account.subscriptions = ["oncall@shop.example"]
    account.has("Operations", AlarmTopic="arn:aws:sns:eu-central-1:123456789012:alarms")
    assert before_deploying(session, "production", {**given, name: "none"})
    if name != "host":
        assert before_deploying(session, "production", {**given, name: "1000"})


NAMES = {
    "host": "chat.shop.example",
    "certificate": f"arn:aws:acm:{REGION}:123456789012:certificate/a",
    "widget_certificate": "arn:aws:acm:us-east-1:123456789012:certificate/b",
    "hosted_zone": "Z1",
}


@pytest.fixture
def named(account: Account) -> Account:
    """An account with certificates for the names."""
    account.certificates = {
        NAMES["certificate"]: {"DomainName": "*.chat.shop.example"},
        NAMES["widget_certificate"]: {"DomainName": "shop.example", "SubjectAlternativeNames": ["chat.shop.example"]},
    }
    return account


def test_names_with_their_certificates_may_be_deployed(named: Account) -> None:
    assert deploy(named, **NAMES)
    assert deploy(named, **{**NAMES, "hosted_zone": "none"})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"certificate": "none"}, f"need a certificate of ACM in {REGION}: say CERTIFICATE=ARN"),
        ({"widget_certificate": NAMES["certificate"]}, "in us-east-1: say WIDGET_CERTIFICATE=ARN of one there"),
        ({"certificate": f"arn:aws:acm:{REGION}:1:certificate/other"}, "There is no certificate"),
        ({"hosted_zone": "Z2"}, "There is no hosted zone Z2: check HOSTED_ZONE"),
        ({"host": "chat.other.example"}, "is not for ws.chat.other.example: request one that is"),
    ],
)
def test_names_that_cannot_be_served_are_found_before_anything_is_changed(
    named: Account, given: dict[str, str], said: str
) -> None:
    with pytest.raises(AdministrationError, match=re.escape(said)):
        deploy(named, **{**NAMES, **given})


def test_a_certificate_that_waits_is_no_certificate_yet(named: Account) -> None:
    named.certificates[NAMES["certificate"]]["Status"] = "PENDING_VALIDATION"

    with pytest.raises(AdministrationError, match="is PENDING_VALIDATION, not ISSUED"):
        deploy(named, **NAMES)


def test_a_zone_of_somebody_elses_names_is_refused(named: Account) -> None:
    named.zones["Z1"] = "other.example."

    with pytest.raises(AdministrationError, match="is not in the hosted zone Z1, which is other"):
        deploy(named, **NAMES)


def test_everything_that_can_be_given_can_be_forgotten() -> None:
    assert set(VARIABLES) == set(CHANGES) - {"emulator_url", "traffic_shift"}


def test_production_is_not_deployed_while_alarms_reach_nobody(account: Account) -> None:
    account.has("Operations", AlarmTopic="arn:aws:sns:eu-central-1:123456789012:alarms")

    with pytest.raises(AdministrationError, match="ALARM_EMAIL=NAME@HOST"):
        deploy(account, alarm_email="none")
    account.subscriptions = ["oncall@shop.example"]
    assert deploy(account, alarm_email="none")


@pytest.mark.parametrize("part", ["Data", "Chat", "Web", "Operations"])
def test_nothing_is_deleted_while_one_stack_is_protected(account: Account, part: str) -> None:
    for each in ("Data", "Chat", "Web", "Operations"):
        account.has(each, is_protected=each == part)

    with pytest.raises(AdministrationError, match=f"SellerChat-production-{part} is protected, so nothing was deleted"):
        destroy(account)
    account.has(part)
    assert destroy(account) == "No stack of production is protected."


def test_what_is_not_there_cannot_be_deleted(account: Account) -> None:
    with pytest.raises(AdministrationError, match="Nothing of production is in eu-central-1"):
        destroy(account)


def test_a_region_is_said_and_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    boto3.setup_default_session()

    with pytest.raises(AdministrationError, match="set AWS_REGION"):
        region_said()
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert region_said() == "eu-central-1"
