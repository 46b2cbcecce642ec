"""What a web page, or another account of this machine, can do to the local AWS: chat, where it is let in."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SigningKey
from botocore.exceptions import ClientError
from websockets.client import ClientProtocol
from websockets.typing import Origin
from websockets.uri import parse_uri

from local_aws.credentials import Credentials
from local_aws.emulator import REGION
from tests.conftest import SHOPS
from tests.end_to_end.deployed_system import DeployedSystem

FOREIGN = "https://evil.example"
LIST_FUNCTIONS = "/2015-03-31/functions"

Ask = Callable[..., urllib3.BaseHTTPResponse]


@pytest.fixture
def ask(deployed_system: DeployedSystem) -> Ask:
    """One request to the local address, with a signature unless it is said how else."""

    def send(
        method: str, path: str, *, key: Credentials | None = deployed_system.credentials, **headers: str
    ) -> urllib3.BaseHTTPResponse:
        url = deployed_system.endpoint + path
        request = AWSRequest(method, url, headers={name.replace("_", "-"): value for name, value in headers.items()})
        if key:
            SigV4Auth(SigningKey(key.access_key_id, key.secret_access_key), "lambda", REGION).add_auth(request)
        return urllib3.request(method, url, headers=dict(request.headers.items()), retries=False, timeout=20)

    return send


def path_of(url: str) -> str:
    """The path of an API, as a page of its own would call it."""
    return urlsplit(url).path.rstrip("/")


def upgrade(system: DeployedSystem, *, origin: Origin | None = None, host: str | None = None) -> int:
    """What is answered to a page that opens a WebSocket."""
    address = urlsplit(system.web_socket_url)
    request = ClientProtocol(parse_uri(f"{system.web_socket_url}?userId={uuid.uuid4()}"), origin=origin).connect()
    if host:
        del request.headers["Host"]
        request.headers["Host"] = host
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=20) as connection:
        connection.sendall(request.serialize())
        status_line, _, _ = connection.recv(1000).partition(b"\r\n")
    return int(status_line.split()[1])


def test_the_runs_key_opens_it(ask: Ask) -> None:
    assert ask("GET", LIST_FUNCTIONS).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:4566"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "192.0.2.1"},
        {"Origin": FOREIGN},
        {"Origin": "null"},
        {"Origin": SHOPS[0]},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", [LIST_FUNCTIONS, "/", "/_ministack/health", "/some-bucket/some-key"])
def test_a_page_is_refused_also_with_the_right_key(ask: Ask, path: str, headers: dict[str, str]) -> None:
    assert ask("GET", path, **headers).status == 403


@pytest.mark.parametrize("path", [LIST_FUNCTIONS, "/", "/anything"])
@pytest.mark.parametrize("origin", [FOREIGN, SHOPS[0]])
def test_no_foreign_preflight_is_answered(ask: Ask, path: str, origin: str) -> None:
    answer = ask("OPTIONS", path, key=None, Origin=origin, Access_Control_Request_Method="PUT")
    assert answer.status == 403
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize(
    "key", [None, Credentials("test", "test"), Credentials("000000000000", "test"), Credentials("AKIAUNKNOWN", "test")]
)
def test_what_the_documentation_of_the_emulator_says_is_not_enough(ask: Ask, key: Credentials | None) -> None:
    assert ask("GET", LIST_FUNCTIONS, key=key).status == 403


def test_nor_is_the_key_without_its_secret(ask: Ask, deployed_system: DeployedSystem) -> None:
    known = deployed_system.credentials.access_key_id
    assert ask("GET", LIST_FUNCTIONS, key=Credentials(known, "guessed")).status == 403


def test_nor_in_a_query(ask: Ask, deployed_system: DeployedSystem) -> None:
    known = deployed_system.credentials.access_key_id
    query = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={known}/20261128/{REGION}/lambda/aws4_request"
    assert ask("GET", f"{LIST_FUNCTIONS}?{query}&X-Amz-Signature=00", key=None).status == 403


@pytest.mark.parametrize("key", [None, "own"])
def test_nobody_resets_it(ask: Ask, deployed_system: DeployedSystem, key: str | None) -> None:
    assert ask("POST", "/_ministack/reset", key=deployed_system.credentials if key else None).status == 403
    assert deployed_system.client("dynamodb").list_tables()["TableNames"]


def test_no_function_comes_of_any_of_it(deployed_system: DeployedSystem) -> None:
    client = Credentials("test", "test").session(REGION).client("lambda", endpoint_url=deployed_system.endpoint)
    before = deployed_system.client("lambda").list_functions()["Functions"]
    with pytest.raises(ClientError):
        client.create_function(FunctionName="evil", Role="arn:aws:iam::000000000000:role/x", Code={"ZipFile": b"x"})
    assert deployed_system.client("lambda").list_functions()["Functions"] == before


def test_posting_to_connections_is_no_door(ask: Ask, deployed_system: DeployedSystem) -> None:
    path = f"{path_of(deployed_system.web_socket_url)}/@connections/of-somebody"
    assert ask("POST", path, key=None).status == 403
    assert ask("POST", path.replace("@", "%40"), key=None).status == 403
    assert ask("POST", path, Origin=SHOPS[0]).status == 403


@pytest.mark.parametrize(("origin", "allowed"), [(FOREIGN, False), ("null", False), *((shop, True) for shop in SHOPS)])
def test_the_chats_own_doors_are_open_to_the_pages_that_were_named(
    ask: Ask, deployed_system: DeployedSystem, origin: str, allowed: bool
) -> None:
    rest = path_of(deployed_system.outputs["RestUrl"])
    preflight = ask("OPTIONS", f"{rest}/sendmessage", key=None, Origin=origin, Access_Control_Request_Method="POST")
    assert preflight.status == (204 if allowed else 403)
    assert ask("GET", f"{rest}/chats/none/entries", key=None, Origin=origin).status == (401 if allowed else 403)

    assert upgrade(deployed_system, origin=Origin(origin)) == (101 if allowed else 403)


def test_a_page_whose_name_was_made_to_lead_here_cannot_chat(ask: Ask, deployed_system: DeployedSystem) -> None:
    rest = path_of(deployed_system.outputs["RestUrl"])
    assert ask("GET", f"{rest}/chats/none/entries", key=None, Host="evil.example").status == 403
    assert upgrade(deployed_system, host="evil.example") == 403
