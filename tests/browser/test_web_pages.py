"""The server of the demo shop and the console gives out its own files and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest

from local_aws.emulator import free_port
from local_aws.errors import LocalSystemError
from local_aws.web_pages import WebPages

OUTPUTS = {"WebSocketUrl": "ws://127.0.0.1:4566/chat/local", "RestUrl": "http://127.0.0.1:4566/rest/"}


@pytest.fixture
def served() -> Iterator[WebPages]:
    """The pages of a system that is not there; they do not ask."""
    with WebPages(port=free_port(), outputs=OUTPUTS) as pages:
        yield pages


def get(pages: WebPages, path: str, **headers: str) -> tuple[HTTPResponse, str]:
    """An answer and its body. The path goes out as it is, as no browser would send it."""
    connection = HTTPConnection("127.0.0.1", pages.port, timeout=5)
    connection.putrequest("GET", path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response, body


def test_the_start_page_is_the_demo_shop(served: WebPages) -> None:
    response, body = get(served, "/?seller=1")
    assert response.status == 200
    assert "Kiln" in body


def test_the_pages_learn_where_the_apis_are(served: WebPages) -> None:
    _, body = get(served, "/config.json")
    assert json.loads(body) == {"webSocketUrl": OUTPUTS["WebSocketUrl"], "restUrl": OUTPUTS["RestUrl"].rstrip("/")}


@pytest.mark.parametrize(
    "path",
    [
        "/nothing.js",
        "/%00",
        "/../package.json",
        "/..%2fpackage.json",
        "/%2e%2e/src/index.ts",
        "//etc/passwd",
        "/strings",
    ],
)
def test_nothing_else_is_served(served: WebPages, path: str) -> None:
    response, body = get(served, path)
    assert (response.status, body) == (404, "Not found")


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Host": ""}])
def test_pages_of_other_origins_are_refused(served: WebPages, headers: dict[str, str]) -> None:
    response, body = get(served, "/config.json", **headers)
    assert response.status == 403
    assert OUTPUTS["WebSocketUrl"] not in body


def test_a_script_is_served_to_the_page_of_any_shop_but_under_no_foreign_name(served: WebPages) -> None:
    assert get(served, "/widget.js", Origin="https://shop.example")[0].status == 200
    assert get(served, "/widget.js", Host="evil.example")[0].status == 403


def test_its_own_pages_are_served_under_both_names(served: WebPages) -> None:
    for host in (f"127.0.0.1:{served.port}", f"localhost:{served.port}"):
        assert get(served, "/config.json", Host=host, Origin=f"http://{host}")[0].status == 200


def test_a_port_that_is_taken_is_named(served: WebPages) -> None:
    with pytest.raises(LocalSystemError, match=str(served.port)), WebPages(port=served.port, outputs=OUTPUTS):
        pass
