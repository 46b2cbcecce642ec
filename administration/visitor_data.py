"""`make export-visitor` and `make erase-visitor`: show or delete all that is kept of a visitor."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

from administration.command_line import answer, deployment_asked_for, parser_for
from administration.deployments import Deployment
from administration.errors import AdministrationError
from chat.adapters.dead_letters import LettersOfVisitors
from chat.adapters.dynamodb.blocks import DynamoDBBlocks
from chat.adapters.dynamodb.connections import DynamoDBConnections
from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.adapters.dynamodb.notes import DynamoDBNotes
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.adapters.dynamodb.visitors import DynamoDBForgotten, DynamoDBVisitorData
from chat.adapters.event_bridge import EventBus, News
from chat.adapters.json_journal import JsonJournal
from chat.adapters.system import Jitter, RandomIds, SystemClock
from chat.adapters.threads import Threads
from chat.adapters.websocket_push import WebSocketPush
from chat.model.errors import ChatError
from chat.model.settings import Settings
from chat.ports.errors import StoreBusyError, StoreUnavailableError
from chat.ports.machine import Runtime
from chat.ports.visitors import NotToldError
from chat.privacy import Privacy, StillWrittenError
from chat.services import Ports, Services

AT_ONCE = 4
FINISHED_SECONDS = 30
"""No function that answers somebody goes on for so long."""

FOR_NOW = (ChatError, NotToldError, StillWrittenError, StoreBusyError, StoreUnavailableError)


def carry_out(task: str, deployment: Deployment, *, contact: str | None, device: str | None) -> str:
    """Export or erase, as `task` says, what is kept of a visitor; the export, or what was erased, as JSON.

    Raises `AdministrationError`, and botocore's errors where AWS cannot be asked.
    """
    privacy = privacy_of(deployment)
    known = device or privacy.device_of(contact or "")
    if known is None:
        raise AdministrationError(
            "Nothing is kept of that contact's visitor; was it erased already, or is it past its retention?"
        )
    try:
        done = privacy.export(known) if task == "export" else asdict(privacy.erase(known, last=contact))
    except FOR_NOW as error:
        raise AdministrationError(
            f"It is not done: {error} Run it once more, with the same CONTACT or DEVICE."
        ) from error
    return json.dumps(done, indent=2, ensure_ascii=False)


def services_of(deployment: Deployment) -> Services:
    """The domain on the tables and the WebSocket API that a deployment's outputs name."""
    session, outputs = deployment.session, deployment.outputs
    dynamodb = session.client("dynamodb", endpoint_url=deployment.endpoint)
    push = WebSocketPush(session.client("apigatewaymanagementapi", endpoint_url=connections_url(deployment)))
    clock, journal, ids = SystemClock(), JsonJournal("WARNING"), RandomIds()
    return Services(
        Ports(
            store=DynamoDBConversations(dynamodb, outputs["ConversationTable"], outputs["SellerTable"]),
            connections=DynamoDBConnections(dynamodb, outputs["ConnectionTable"], clock),
            sellers=DynamoDBSellers(dynamodb, outputs["SellerTable"], journal),
            blocks=DynamoDBBlocks(dynamodb, outputs["ConversationTable"]),
            notes=DynamoDBNotes(dynamodb, outputs["ConversationTable"]),
            push=push,
            settings=Settings(),
            runtime=Runtime(clock=clock, ids=ids, pause=Jitter(), parallel=Threads(AT_ONCE), journal=journal),
        )
    )


def _let_functions_finish() -> None:
    time.sleep(FINISHED_SECONDS)


def privacy_of(deployment: Deployment, let_finish: Callable[[], None] = _let_functions_finish) -> Privacy:
    """The service on a deployment's domain."""
    domain = services_of(deployment)
    session, outputs = deployment.session, deployment.outputs
    dynamodb = session.client("dynamodb", endpoint_url=deployment.endpoint)
    bus = EventBus(session.client("events", endpoint_url=deployment.endpoint), outputs["EventBus"])
    forgotten = DynamoDBForgotten(dynamodb, outputs["ConversationTable"])
    return Privacy(
        services=domain,
        data=DynamoDBVisitorData(dynamodb, outputs["ConversationTable"]),
        news=News(bus, domain.ports.runtime.clock),
        copies=LettersOfVisitors(
            session.client("sqs", endpoint_url=deployment.endpoint),
            [url for name, url in outputs.items() if name.endswith("DeadLetters")],
            forgotten,
        ),
        let_finish=let_finish,
    )


def connections_url(deployment: Deployment) -> str:
    """Where AWS serves open connections: under the API's own name, also where clients use another."""
    url = deployment.outputs["WebSocketUrl"].replace("ws", "http", 1)
    if deployment.endpoint is not None or "execute-api" in url:
        return url
    api, region = deployment.outputs["WebSocketApi"], deployment.session.region_name
    return f"https://{api}.execute-api.{region}.amazonaws.com/{deployment.environment}"


def main() -> int:
    """Print the export, or what was erased, as JSON; return 1 after one line on standard error that says why not."""
    parser = parser_for(__doc__)
    parser.add_argument("task", choices=["export", "erase"])
    visitor = parser.add_mutually_exclusive_group(required=True)
    visitor.add_argument("--contact", help="any contact of the visitor, as the shop knows it")
    visitor.add_argument("--device", help="the visitor's device id")
    arguments = parser.parse_args()
    return answer(
        lambda: carry_out(
            arguments.task, deployment_asked_for(arguments), contact=arguments.contact, device=arguments.device
        )
    )


if __name__ == "__main__":
    sys.exit(main())
