"""The first step: the widget's files are there, and lead to this deployment's APIs."""

from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import urljoin, urlsplit

import urllib3

from administration.deployments import Deployment
from administration.verification.step import ANSWER_SECONDS, NotAsItShouldBeError, expect

FILES = ("widget.js", "console.html", "console.js")
HASHED = re.compile(r"chat/[\w-]+\.js")
"""What the widget loads when it is wanted."""
PIN = "pinned.json"
"""Which version of the widget pages pin, and the hash that they hold it to."""
HEADERS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


def check(deployment: Deployment) -> str | None:
    """Look at the files that pages embed, and at the addresses that they are told."""
    base = console_of(deployment)
    if base is None:
        return "The shop hosts the pages itself."
    compressed = deployment.endpoint is None
    for file in FILES:
        _check_file(urljoin(base, file), compressed=compressed)
    loaded = HASHED.search(_get(urljoin(base, "widget.js")).data.decode())
    if loaded is None:
        raise NotAsItShouldBeError("widget.js names nothing that it loads.")
    _check_file(urljoin(base, loaded[0]), compressed=compressed)
    _check_pinned(base, compressed=compressed)
    _check_addresses(_get(urljoin(base, "config.json")), deployment)
    if deployment.endpoint is None:
        plain = urllib3.request("HEAD", base.replace("https:", "http:"), redirect=False, timeout=ANSWER_SECONDS)
        expect("whether plain HTTP is sent to HTTPS", plain.status in {301, 307, 308}, wanted=True)
    return None


def console_of(deployment: Deployment) -> str | None:
    """Where the console is; None where the shop hosts it."""
    return deployment.outputs.get("ConsoleUrl") or deployment.outputs.get("ShopUrl")


def _get(url: str) -> urllib3.BaseHTTPResponse:
    response = urllib3.request("GET", url, headers={"Accept-Encoding": "gzip"}, timeout=ANSWER_SECONDS)
    expect(f"the status of {urlsplit(url).path}", response.status, 200)
    return response


def _check_file(url: str, *, compressed: bool) -> None:
    response = _get(url)
    path = urlsplit(url).path
    for name, wanted in HEADERS.items():
        expect(f"{name} of {path}", response.headers.get(name), wanted)
    if compressed and "Content-Encoding" not in response.headers:
        raise NotAsItShouldBeError(f"{path} is not compressed.")


def _check_pinned(base: str, *, compressed: bool) -> None:
    pin = _get(urljoin(base, PIN)).json()
    url = urljoin(base, pin["path"])
    _check_file(url, compressed=compressed)
    digest = hashlib.sha384(_get(url).data).digest()
    expect(f"the integrity of {pin['path']}", f"sha384-{base64.b64encode(digest).decode()}", pin["integrity"])


def _check_addresses(config: urllib3.BaseHTTPResponse, deployment: Deployment) -> None:
    told = config.json()
    expect("webSocketUrl in config.json", told.get("webSocketUrl"), deployment.outputs["WebSocketUrl"])
    expect("restUrl in config.json", told.get("restUrl", "").rstrip("/"), deployment.outputs["RestUrl"].rstrip("/"))
    policy = config.headers.get("content-security-policy", "")
    for output in ("WebSocketUrl", "RestUrl"):
        address = urlsplit(deployment.outputs[output])
        if f"{address.scheme}://{address.netloc}" not in policy:
            raise NotAsItShouldBeError(f"The pages' Content-Security-Policy keeps them from {output}.")
