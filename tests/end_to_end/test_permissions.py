"""What each function's role may do on the deployed system, and one thing beyond that it may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local_aws.emulator import REGION
from tests.end_to_end.deployed_system import DeployedSystem

REFUSED = {"AccessDenied", "AccessDeniedException"}


@dataclass
class Acting:
    """AWS as a function's role sees it."""

    system: DeployedSystem
    credentials: dict[str, str]
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.system.endpoint,
            region_name=REGION,
            aws_access_key_id=self.credentials["AccessKeyId"],
            aws_secret_access_key=self.credentials["SecretAccessKey"],
            aws_session_token=self.credentials["SessionToken"],
        )

    def table(self, name: str) -> str:
        return self.system.outputs[name]


def delete_connection(key: str) -> Callable[[Acting], object]:
    return lambda role: role.client("dynamodb").delete_item(
        TableName=role.table("ConnectionTable"), Key={"connectionId": {"S": key}}
    )


def put_connection(role: Acting) -> object:
    item = {"connectionId": {"S": "of-no-one"}}
    return role.client("dynamodb").put_item(TableName=role.table("ConnectionTable"), Item=item)


def put_ticket(role: Acting) -> object:
    item = {"connectionId": {"S": "ticket#of-no-one"}, "expiresAt": {"N": "1"}}
    return role.client("dynamodb").put_item(TableName=role.table("ConnectionTable"), Item=item)


def find_connections(role: Acting) -> object:
    return role.client("dynamodb").query(
        TableName=role.table("ConnectionTable"),
        IndexName="UserIdIndex",
        KeyConditionExpression="userId = :u",
        ExpressionAttributeValues={":u": {"S": "nobody"}},
    )


def read_log(role: Acting) -> object:
    return role.client("dynamodb").query(
        TableName=role.table("ConversationTable"),
        KeyConditionExpression="contact_id = :c",
        ExpressionAttributeValues={":c": {"S": "none"}},
    )


def read_everything(role: Acting) -> object:
    return role.client("dynamodb").scan(TableName=role.table("ConversationTable"))


def read_secret(role: Acting) -> object:
    return role.client("secretsmanager").get_secret_value(SecretId=role.table("SellerTokenSecret"))


def publish(role: Acting) -> object:
    entry = {"Source": "test", "DetailType": "test", "Detail": "{}", "EventBusName": role.table("EventBus")}
    return role.client("events").put_events(Entries=[entry])


@pytest.fixture(scope="module")
def roles(deployed_system: DeployedSystem) -> dict[str, str]:
    """The role of each function, by its handler's module."""
    functions = boto3.client(
        "lambda",
        endpoint_url=deployed_system.endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    ).list_functions()["Functions"]
    return {
        each["Handler"].split(".")[1]: each["Role"] for each in functions if each["Handler"].startswith("handlers.")
    }


def acting_as(system: DeployedSystem, role: str) -> Acting:
    tokens = boto3.client(
        "sts",
        endpoint_url=system.endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    answer = tokens.assume_role(RoleArn=role, RoleSessionName="specification")
    return Acting(system, dict(answer["Credentials"]))


def test_every_function_is_looked_at(roles: dict[str, str]) -> None:
    assert set(roles) == {"authorizer", "connection", "conversation", "rest", "fallback", "publisher", "attendant"}


@pytest.mark.parametrize(
    ("function", "allowed"),
    [
        ("authorizer", delete_connection("ticket#of-no-one")),
        ("authorizer", read_secret),
        ("connection", put_connection),
        ("connection", delete_connection("of-no-one")),
        ("conversation", find_connections),
        ("conversation", read_log),
        ("rest", read_log),
        ("rest", put_ticket),
        ("rest", read_secret),
        ("publisher", publish),
        ("attendant", read_log),
    ],
)
def test_a_function_may_do_what_it_is_for(
    deployed_system: DeployedSystem, roles: dict[str, str], function: str, allowed: Callable[[Acting], object]
) -> None:
    allowed(acting_as(deployed_system, roles[function]))


@pytest.mark.parametrize(
    ("function", "beyond"),
    [
        ("authorizer", find_connections),
        ("authorizer", put_connection),
        ("connection", find_connections),
        ("connection", read_secret),
        ("conversation", read_everything),
        ("conversation", read_secret),
        ("rest", read_everything),
        ("rest", publish),
        ("fallback", find_connections),
        ("publisher", read_log),
        ("attendant", read_secret),
    ],
)
def test_a_function_may_do_nothing_beyond(
    deployed_system: DeployedSystem, roles: dict[str, str], function: str, beyond: Callable[[Acting], object]
) -> None:
    with pytest.raises(ClientError) as caught:
        beyond(acting_as(deployed_system, roles[function]))
    assert caught.value.response["Error"]["Code"] in REFUSED
