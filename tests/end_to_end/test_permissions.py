"""What each function's role may do on the deployed system, and one thing beyond that it may not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local_aws.deployment import Deployment
from local_aws.emulator import REGION, Emulator, free_port
from tests.end_to_end.deployed_system import DeployedSystem

pytestmark = pytest.mark.xdist_group("deployed_system")

REFUSED = {"AccessDenied", "AccessDeniedException"}
NO_SHOP = "http://127.0.0.1:9"
"""Where no back end listens: the courier has its role all the same."""

GROUP = "its own"


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

    def output(self, name: str) -> str:
        return self.system.outputs[name]


def delete_connection(key: str) -> Callable[[Acting], object]:
    return lambda role: role.client("dynamodb").delete_item(
        TableName=role.output("ConnectionTable"), Key={"connectionId": {"S": key}}
    )


def put_connection(role: Acting) -> object:
    item = {"connectionId": {"S": "of-no-one"}}
    return role.client("dynamodb").put_item(TableName=role.output("ConnectionTable"), Item=item)


def put_ticket(role: Acting) -> object:
    item = {"connectionId": {"S": "ticket#of-no-one"}, "expiresAt": {"N": "1"}}
    return role.client("dynamodb").put_item(TableName=role.output("ConnectionTable"), Item=item)


def find_connections(role: Acting) -> object:
    return role.client("dynamodb").query(
        TableName=role.output("ConnectionTable"),
        IndexName="UserIdIndex",
        KeyConditionExpression="userId = :u",
        ExpressionAttributeValues={":u": {"S": "nobody"}},
    )


def mark_seller(role: Acting) -> object:
    return role.client("dynamodb").update_item(
        TableName=role.output("SellerTable"),
        Key={"seller_id": {"S": "nobody"}},
        UpdateExpression="REMOVE heard_on",
    )


def read_log(role: Acting) -> object:
    return role.client("dynamodb").query(
        TableName=role.output("ConversationTable"),
        KeyConditionExpression="contact_id = :c",
        ExpressionAttributeValues={":c": {"S": "none"}},
    )


def read_everything(role: Acting) -> object:
    return role.client("dynamodb").scan(TableName=role.output("ConversationTable"))


def read_secret(name: str) -> Callable[[Acting], object]:
    return lambda role: role.client("secretsmanager").get_secret_value(SecretId=role.output(name))


def receive(queue: str) -> Callable[[Acting], object]:
    return lambda role: role.client("sqs").receive_message(QueueUrl=role.system.queue_url(queue))


def send_to(queue: str) -> Callable[[Acting], object]:
    return lambda role: role.client("sqs").send_message(QueueUrl=role.system.queue_url(queue), MessageBody="{}")


def put_check_up(group: str) -> Callable[[Acting], object]:
    def put(role: Acting) -> object:
        told = role.system.function("attendant")["Environment"]["Variables"]
        return role.client("scheduler").create_schedule(
            Name="no-contact",
            GroupName=told["CHECK_UP_GROUP"] if group == GROUP else group,
            ScheduleExpression="at(2999-01-01T00:00:00)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": told["CHECK_UP_QUEUE_ARN"], "RoleArn": told["CHECK_UP_ROLE_ARN"]},
        )

    return put


def publish(role: Acting) -> object:
    entry = {"Source": "test", "DetailType": "test", "Detail": "{}", "EventBusName": role.output("EventBus")}
    return role.client("events").put_events(Entries=[entry])


@pytest.fixture(scope="module")
def system_with_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedSystem]:
    """A system of its own, since the courier is there only for a shop with a back end."""
    home = tmp_path_factory.mktemp("local-aws-permissions")
    with Emulator(port=free_port(), home=home) as emulator:
        context = {"php_api_url": NO_SHOP}
        outputs = Deployment(emulator, home=home, report=print, context=context).bring_up_to_date()
        yield DeployedSystem(emulator.endpoint, outputs, emulator.credentials)


@pytest.fixture(scope="module")
def roles(system_with_shop: DeployedSystem) -> dict[str, str]:
    """The role of each function, by its handler's module."""
    functions = system_with_shop.client("lambda").list_functions()["Functions"]
    return {
        each["Handler"].split(".")[1]: each["Role"] for each in functions if each["Handler"].startswith("handlers.")
    }


def acting_as(system: DeployedSystem, role: str) -> Acting:
    answer = system.client("sts").assume_role(RoleArn=role, RoleSessionName="specification")
    return Acting(system, dict(answer["Credentials"]))


def test_every_function_is_looked_at(roles: dict[str, str]) -> None:
    assert set(roles) == {
        "authorizer",
        "connection",
        "conversation",
        "rest",
        "fallback",
        "publisher",
        "attendant",
        "courier",
    }


@pytest.mark.parametrize(
    ("function", "allowed"),
    [
        ("authorizer", delete_connection("ticket#of-no-one")),
        ("authorizer", read_secret("SellerTokenSecret")),
        ("connection", put_connection),
        ("connection", delete_connection("of-no-one")),
        ("connection", find_connections),
        ("connection", mark_seller),
        ("conversation", find_connections),
        ("conversation", read_log),
        ("rest", read_log),
        ("rest", put_ticket),
        ("rest", read_secret("SellerTokenSecret")),
        ("publisher", publish),
        ("attendant", read_log),
        ("attendant", receive("AttendantCheckUps")),
        ("attendant", put_check_up(GROUP)),
        ("courier", receive("CourierShopEvents")),
        ("courier", read_secret("PhpApiSecret")),
    ],
)
def test_a_function_may_do_what_it_is_for(
    system_with_shop: DeployedSystem, roles: dict[str, str], function: str, allowed: Callable[[Acting], object]
) -> None:
    allowed(acting_as(system_with_shop, roles[function]))


@pytest.mark.parametrize(
    ("function", "beyond"),
    [
        ("authorizer", find_connections),
        ("authorizer", put_connection),
        ("authorizer", delete_connection("of-no-one")),
        ("connection", read_log),
        ("connection", read_secret("SellerTokenSecret")),
        ("conversation", read_everything),
        ("conversation", read_secret("SellerTokenSecret")),
        ("rest", read_everything),
        ("rest", publish),
        ("rest", put_connection),
        ("fallback", find_connections),
        ("publisher", read_log),
        ("attendant", read_secret("SellerTokenSecret")),
        ("attendant", send_to("AttendantCheckUps")),
        ("attendant", put_check_up("default")),
        ("courier", read_secret("SellerTokenSecret")),
        ("courier", read_log),
        ("courier", send_to("CourierShopEvents")),
    ],
)
def test_a_function_may_do_nothing_beyond(
    system_with_shop: DeployedSystem, roles: dict[str, str], function: str, beyond: Callable[[Acting], object]
) -> None:
    with pytest.raises(ClientError) as caught:
        beyond(acting_as(system_with_shop, roles[function]))
    assert caught.value.response["Error"]["Code"] in REFUSED
