from __future__ import annotations

import importlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from moto import mock_aws

from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.model.identity import Principal, Role
from chat.ports.conversations import Change, Pointer
from tests.worlds.deployment import DEVICE, Connections, Functions
from tests.worlds.domain import System
from tests.worlds.event_functions import SHOP_KEY, SHOP_KEY_SECRET, Aws, Courier, Office, Published, ShopServer
from tests.worlds.functions import CHECK_UP_GROUP, KEY, SECRET, VARIABLES, forget_callers, load
from tests.worlds.tables import CONVERSATIONS, SELLERS, create_tables

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture(scope="session")
def _posts(aws_environment: pytest.MonkeyPatch) -> Callable[[Connections], None]:
    """Loads the functions as a sandbox does, once; their posts go to whom the test says."""
    for name, value in VARIABLES.items():
        aws_environment.setenv(name, value)
    clients = importlib.import_module("handlers.clients")
    current = [Connections()]
    make = clients.api_gateway_management

    def answer(request: AWSPreparedRequest, **_rest: object) -> Any:
        return current[0].answer(request)

    def recorded() -> ApiGatewayManagementApiClient:
        client: ApiGatewayManagementApiClient = make()
        client.meta.events.register("before-send.apigatewaymanagementapi", answer)
        return client

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clients, "api_gateway_management", recorded)
        importlib.import_module("handlers.conversation")
        importlib.import_module("handlers.rest")
    return lambda connections: current.__setitem__(0, connections)


@pytest.fixture
def functions(_posts: Callable[[Connections], None], dynamodb: DynamoDBClient) -> Functions:
    """A deployment with empty tables."""
    connections = Connections()
    _posts(connections)
    for name in ("conversation", "rest"):
        forget_callers(importlib.import_module(f"handlers.{name}"))
    return Functions(connections, dynamodb)


@pytest.fixture
def dynamodb(dynamodb_client: DynamoDBClient, secrets_client: SecretsManagerClient) -> Iterator[DynamoDBClient]:
    """The tables, empty, and the secrets."""
    with mock_aws():
        create_tables(dynamodb_client)
        secrets_client.create_secret(Name=SECRET, SecretString=KEY)
        # Secrets that were pasted often end in a line break.
        secrets_client.create_secret(Name=SHOP_KEY_SECRET, SecretString=SHOP_KEY + "\n")
        yield dynamodb_client


@pytest.fixture(scope="session")
def publisher_module(aws_environment: pytest.MonkeyPatch) -> Any:
    """handlers.publisher."""
    return load("publisher", aws_environment)


@pytest.fixture
def published(publisher_module: Any, dynamodb: DynamoDBClient) -> Iterator[Published]:
    """A publisher, with a table's items of a contact of 22 entries."""
    system = System()
    visitor = system.connect(Principal(DEVICE, Role.VISITOR), "v")
    contact_id = visitor.send("InitChat", sellerId="123456", userInfo={})["contact_id"]
    for number in range(20):
        visitor.send("sendMessage", contact_id=contact_id, message=f"Message {number}", id=f"m{number}")
    first, second, *others = system.store.entries[contact_id].values()
    store = DynamoDBConversations(dynamodb, CONVERSATIONS, SELLERS)
    store.commit(Change((first, second), system.store.listings[contact_id], Pointer(DEVICE, "123456", contact_id)))
    for entry in others:
        store.commit(Change((entry,)))
    items = dynamodb.scan(TableName=CONVERSATIONS)["Items"]
    bus, dead_letters = Aws(), Aws()
    bus.listen_to(publisher_module._bus._client)
    dead_letters.listen_to(publisher_module._dead_letters.client)
    yield Published(publisher_module, bus, dead_letters, sorted(items, key=lambda item: item["item"]["S"]))
    bus.forget(publisher_module._bus._client)
    dead_letters.forget(publisher_module._dead_letters.client)


@pytest.fixture(scope="session")
def attendant_module(aws_environment: pytest.MonkeyPatch) -> Any:
    """handlers.attendant."""
    return load("attendant", aws_environment)


@pytest.fixture
def office(attendant_module: Any, dynamodb: DynamoDBClient) -> Iterator[Office]:
    """An attendant."""
    queue = Aws()
    queue.listen_to(attendant_module._queue)
    scheduler = boto3.client("scheduler")
    scheduler.create_schedule_group(Name=CHECK_UP_GROUP)
    yield Office(attendant_module, queue, scheduler, dynamodb)
    queue.forget(attendant_module._queue)


@pytest.fixture(scope="session")
def shop_address() -> Iterator[tuple[str, list[ShopServer]]]:
    """Where the shop listens, and who answers there."""
    current = [ShopServer()]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                status, answer = current[0].answer(self.path, headers, content)
            except Exception as error:  # noqa: BLE001 - a signature that is wrong is the shop's 401
                status, answer = 401, {"error": str(error)}
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", current
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def courier_modules() -> dict[str, Any]:
    """handlers.courier, once it was loaded."""
    return {}


@pytest.fixture
def courier(
    aws_environment: pytest.MonkeyPatch,
    dynamodb: DynamoDBClient,
    shop_address: tuple[str, list[ShopServer]],
    courier_modules: dict[str, Any],
) -> Iterator[Courier]:
    """A courier, and a shop that is new."""
    url, current = shop_address
    current[0] = ShopServer()
    if not courier_modules:
        courier_modules["courier"] = load(
            "courier",
            aws_environment,
            PHP_API_URL=url,
            PHP_API_KEY_SECRET=SHOP_KEY_SECRET,
        )
    module, dead_letters = courier_modules["courier"], Aws()
    dead_letters.listen_to(module._dead_letters.client)
    yield Courier(module, current[0], dead_letters)
    dead_letters.forget(module._dead_letters.client)
