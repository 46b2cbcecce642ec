"""The guard in front of the emulator, and what must hold of whatever it lets in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from ministack.app import _parse_execute_api_url

from local_aws.credentials import Credentials
from local_aws.guard import HEALTH, Request, Rules, may_pass
from tests.fuzz.surface import BrokenPromiseError

HOSTS = ("127.0.0.1:4566", "localhost:4566")
OWN_PAGE = "http://127.0.0.1:4567"
RULES = Rules(HOSTS, (OWN_PAGE,), "000000000000", Credentials("AKIAOFTHISRUN", "a-secret"))
DOOR = "/_aws/execute-api/abcdef12/$default"
PARTS = (
    "/", "/_aws/execute-api/", DOOR, "/@connections/", "@connections", "/_ministack/health", "/_ministack/reset",
    "/2015-03-31/functions", "/restapis/abcdef12/x/_user_request_/", "..", "%2e", "%2F", "\n", "?", "//", "x",
)  # fmt: skip
NAMES = (
    "host", "Host", "origin", "Origin", "sec-fetch-site", "authorization", "x-amz-target", "x-amz-security-token",
    "x-amz-credential", "cookie",
)  # fmt: skip
VALUES = (
    *HOSTS, "evil.example", "127.0.0.1", "", "null", OWN_PAGE, "https://evil.example", "cross-site", "none", "test",
    "AWS4-HMAC-SHA256 Credential=AKIAOFTHISRUN/20261128/eu-central-1/lambda/aws4_request, Signature=0",
    "AWS4-HMAC-SHA256 Credential=test/20261128/eu-central-1/lambda/aws4_request, Signature=0",
    "DynamoDB_20120810.DeleteTable",
)  # fmt: skip
QUERIES = ("", "X-Amz-Credential=test%2F20261128", "X-Amz-Credential=AKIAOFTHISRUN%2F20261128", "Action=CreateRole")


def check(method: str, path: str, query: str, headers: Sequence[tuple[str, str]]) -> None:
    """Raise `BrokenPromiseError` if the guard lets in what it must not."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode("utf-8", "replace"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers],
    }
    if not may_pass(Request.of(cast("Any", scope)), RULES):
        return
    if (problem := _harm(method, path, query, headers)) is not None:
        raise BrokenPromiseError(f"{problem}: {method} {path!r} {query!r} {headers!r}")


def _harm(method: str, path: str, query: str, headers: Sequence[tuple[str, str]]) -> str | None:
    """What is wrong with letting it in, said without a look at how the guard decides."""
    said = [(name.lower(), value) for name, value in headers]
    hosts = [value for name, value in said if name == "host"]
    origins = [value for name, value in said if name == "origin"]
    if len(hosts) != 1 or hosts[0] not in HOSTS:
        return "a host that is none of ours"
    if [each for each in origins if each != OWN_PAGE]:
        return "a foreign page"
    if (method, path) == ("GET", HEALTH) and not origins:
        return None
    # How the emulator itself reads the path: what it takes for no call of an API goes to AWS's services.
    called = _parse_execute_api_url(hosts[0], path)
    if called is not None and not called[2].startswith("/@connections"):
        return None
    if origins:
        return "a page at AWS's own services"
    knows = RULES.credentials.access_key_id in query + "".join(value for _, value in said)
    return None if knows else "AWS's own services without the key of this run"
