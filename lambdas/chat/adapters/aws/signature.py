"""AWS Signature Version 4, as botocore makes it, for requests without a query string.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class Credentials:
    """A role's credentials; a function's are in its environment and stay the same as long as its sandbox."""

    access_key: str
    secret_key: str
    token: str | None = None


@dataclass(frozen=True)
class Scope:
    """What a signature is good for."""

    region: str
    service: str


@dataclass(frozen=True)
class Request:
    """A request to be signed; `path` is percent-encoded, header names are lower case and `host` is among them."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


def signed(request: Request, credentials: Credentials, scope: Scope, now: datetime) -> dict[str, str]:
    """The request's headers with those of the signature."""
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    headers = {**request.headers, "x-amz-date": moment}
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(headers))
    canonical = "\n".join(
        (
            request.method,
            quote(request.path, safe="/~"),
            "",
            *(f"{name}:{headers[name].strip()}" for name in sorted(headers)),
            "",
            names,
            hashlib.sha256(request.body).hexdigest(),
        )
    )
    day = f"{moment[:8]}/{scope.region}/{scope.service}/aws4_request"
    text = "\n".join((ALGORITHM, moment, day, hashlib.sha256(canonical.encode()).hexdigest()))
    key = _key(credentials.secret_key, moment[:8], scope)
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = (
        f"{ALGORITHM} Credential={credentials.access_key}/{day}, SignedHeaders={names}, Signature={signature}"
    )
    return headers


@lru_cache(maxsize=8)
def _key(secret_key: str, day: str, scope: Scope) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (day, scope.region, scope.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
