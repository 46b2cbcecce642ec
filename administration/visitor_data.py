"""`make export-visitor` and `make erase-visitor`: show or delete all that is kept of a visitor."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

import boto3

from chat.adapters.dynamodb_connections import DynamoDBConnections
from chat.adapters.dynamodb_conversations import DynamoDBConversations
from chat.adapters.dynamodb_privacy import DynamoDBVisitorData
from chat.adapters.dynamodb_sellers import DynamoDBSellers
from chat.adapters.json_journal import JsonJournal
from chat.adapters.system import Jitter, RandomIds, SystemClock
from chat.adapters.threads import Threads
from chat.adapters.websocket_push import WebSocketPush
from chat.privacy import Privacy
from chat.settings import Settings
from handlers.composition import services
from local_aws.emulator import REGION
from local_aws.errors import LocalSystemError
from local_aws.home import running_outputs

AT_ONCE = 4


def main() -> int:
    """Print the export, or what was erased, as JSON; return 1 after one line on standard error that says why not."""
    arguments = _arguments()
    try:
        privacy = privacy_of(*_deployed(arguments.env))
    except LocalSystemError as error:
        return _fail(str(error))
    device = arguments.device or privacy.device_of(arguments.contact)
    if device is None:
        return _fail("Nothing is kept of that contact's visitor; was it erased already, or is it past its retention?")
    done = privacy.export(device) if arguments.task == "export" else asdict(privacy.erase(device))
    sys.stdout.write(json.dumps(done, indent=2, ensure_ascii=False) + "\n")
    return 0


def privacy_of(session: boto3.Session, endpoint: str | None, outputs: dict[str, str]) -> Privacy:
    """The service on the tables and the WebSocket API that a deployment's outputs name."""
    dynamodb = session.client("dynamodb", endpoint_url=endpoint)
    callback = outputs["WebSocketUrl"].replace("ws", "http", 1)
    push = WebSocketPush(session.client("apigatewaymanagementapi", endpoint_url=callback))
    clock, journal, ids = SystemClock(), JsonJournal("WARNING"), RandomIds()
    store = DynamoDBConversations(dynamodb, outputs["ConversationTable"], outputs["SellerTable"])
    connections = DynamoDBConnections(dynamodb, outputs["ConnectionTable"], clock)
    domain = services(
        store=store,
        connections=connections,
        sellers=DynamoDBSellers(dynamodb, outputs["SellerTable"], journal),
        push=push,
        clock=clock,
        ids=ids,
        pause=Jitter(),
        parallel=Threads(AT_ONCE),
        journal=journal,
        settings=Settings(),
    )
    return Privacy(
        data=DynamoDBVisitorData(dynamodb, outputs["ConversationTable"]),
        store=store,
        connections=connections,
        delivery=domain.sessions.delivery,
        lifecycle=domain.lifecycle,
    )


def _deployed(environment: str) -> tuple[boto3.Session, str | None, dict[str, str]]:
    """The credentials to use, the endpoint of an emulator, and the outputs of all of an environment's stacks."""
    if environment == "local":
        outputs = running_outputs()
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106
        return session, outputs["Endpoint"], outputs
    session = boto3.Session()
    formation = session.client("cloudformation")
    names = [f"SellerChat-{environment}-{part}" for part in ("Data", "Chat")]
    stacks: list[Any] = [formation.describe_stacks(StackName=name)["Stacks"][0] for name in names]
    return session, None, {each["OutputKey"]: each["OutputValue"] for stack in stacks for each in stack["Outputs"]}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["export", "erase"])
    parser.add_argument("--env", default="local", help="the environment; your AWS credentials must reach its account")
    visitor = parser.add_mutually_exclusive_group(required=True)
    visitor.add_argument("--contact", help="any contact of the visitor, as the shop knows it")
    visitor.add_argument("--device", help="the visitor's device id")
    return parser.parse_args()


def _fail(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
