"""A JSON client for one foreign host that may be slow, down, or hostile."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, Protocol
from urllib.parse import SplitResult, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, SSLError

from chat.ports.shop import DirectoryUnavailableError

if TYPE_CHECKING:
    from chat.model.entries import Json


MAX_RESPONSE_BYTES = 64 * 1024
REFUSALS_FOR_GOOD = frozenset({400, 410, 413, 422})
"""What these statuses say is about the request itself, and stays so (RFC 9110, section 15.5).

Not 404, 405 and 415, which a server that is being deployed may answer, or one that `url` does not mean; nor 401, 403
and 409, which a person sets right over there.
"""

_CALLS_AT_ONCE = 4
_RANDOM = secrets.SystemRandom()


class ApiKey(Protocol):
    """Where the API key comes from."""

    def __call__(self, *, fresh: bool) -> str:
        """The key, past any cache if `fresh`. Raises `DirectoryUnavailableError`."""


Proof = Callable[[str, bytes], Mapping[str, str]]
"""Makes of the API key and the bytes that are sent the headers that prove who sends them."""


def bearing(key: str, _content: bytes) -> Mapping[str, str]:
    """Shows the key itself (RFC 6750)."""
    return {"Authorization": f"Bearer {key}"}


@dataclass(frozen=True)
class _Request:
    path: str
    content: bytes
    headers: Mapping[str, str]
    proof: Proof


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds; `total` covers name resolution, every attempt and pause; a pause is at most
    `first_pause`, doubled for each further attempt."""

    connect: float = 0.5
    read: float = 1.5
    total: float = 3.0
    retries: int = 2
    first_pause: float = 0.2


class RefusedForGoodError(DirectoryUnavailableError):
    """The host has read the request and will never take it."""


class _RetryableError(Exception):
    """An attempt failed in a way that may pass."""


class JsonHttpClient:
    """Posts JSON objects to one host and follows no redirect.

    `url` must be https, or http to a loopback address; anything else raises `ValueError`. Every failure of a call
    raises `DirectoryUnavailableError`, one of `REFUSALS_FOR_GOOD` its subclass `RefusedForGoodError`. Time-outs, lost
    connections, 429 and 5xx are tried again; no other 4xx is.
    """

    def __init__(
        self,
        url: str,
        api_key: ApiKey,
        patience: Patience = Patience(),
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = _RANDOM.uniform,
    ) -> None:
        base = _checked(url)
        self._path = base.path.rstrip("/")
        self._pool = urllib3.connection_from_url(
            f"{base.scheme}://{base.netloc}", maxsize=_CALLS_AT_ONCE, retries=False
        )
        self._workers = ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="json-http")
        self._api_key = api_key
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._uniform = uniform

    def post(
        self,
        path: str,
        body: Mapping[str, Json],
        headers: Mapping[str, str] | None = None,
        *,
        proof: Proof = bearing,
    ) -> dict[str, Json]:
        """The JSON object that was answered. The `proof` is made anew for each attempt, of the key as it is then.

        Runs beside the caller, because no socket time-out bounds name resolution or a server that drips its headers.
        """
        deadline = self._clock() + self._patience.total
        # A lone surrogate is valid in a Python string and in no UTF-8.
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        request = _Request(self._path + path, content, headers or {}, proof)
        call = self._workers.submit(self._post, request, deadline)
        try:
            return call.result(timeout=self._patience.total)
        except FutureTimeoutError:
            call.cancel()
            raise _no_answer_in_time() from None

    def _post(self, request: _Request, deadline: float) -> dict[str, Json]:
        failure = _no_answer_in_time()
        for attempt in range(self._patience.retries + 1):
            if attempt and not self._paused(attempt, deadline):
                break
            try:
                return self._attempt(request, deadline)
            except _RetryableError as error:
                failure = DirectoryUnavailableError(str(error))
        raise failure

    def _paused(self, attempt: int, deadline: float) -> bool:
        """Wait with full jitter; False, without waiting, if no time would be left for the attempt."""
        pause = self._uniform(0, self._patience.first_pause * 2 ** (attempt - 1))
        if self._clock() + pause >= deadline:
            return False
        self._sleep(pause)
        return True

    def _attempt(self, request: _Request, deadline: float) -> dict[str, Json]:
        status, answer = self._exchange(request, deadline, fresh_key=False)
        if status == HTTPStatus.UNAUTHORIZED:
            status, answer = self._exchange(request, deadline, fresh_key=True)
        return _accepted(status, answer)

    def _exchange(self, request: _Request, deadline: float, *, fresh_key: bool) -> tuple[int, bytes]:
        key = _sendable(self._api_key(fresh=fresh_key))
        headers = {
            **request.headers,
            **request.proof(key, request.content),
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        try:
            response = self._pool.urlopen(
                "POST",
                request.path,
                body=request.content,
                headers=headers,
                timeout=self._timeout(deadline),
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            return response.status, self._read(response, deadline)
        except SSLError:
            raise DirectoryUnavailableError("no TLS connection: certificate or protocol not accepted") from None
        except HTTPError as error:
            raise _RetryableError(f"no answer: {type(error).__name__}") from error

    def _timeout(self, deadline: float) -> urllib3.Timeout:
        left = self._time_left(deadline)
        return urllib3.Timeout(connect=min(self._patience.connect, left), read=min(self._patience.read, left))

    def _time_left(self, deadline: float) -> float:
        left = deadline - self._clock()
        if left <= 0:
            raise _no_answer_in_time()
        return left

    def _read(self, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        body = bytearray()
        while len(body) <= MAX_RESPONSE_BYTES and self._clock() < deadline:
            chunk = response.read1(MAX_RESPONSE_BYTES)
            if not chunk:
                response.release_conn()
                return bytes(body)
            body += chunk
        response.close()
        if len(body) > MAX_RESPONSE_BYTES:
            raise DirectoryUnavailableError(f"answered more than {MAX_RESPONSE_BYTES} bytes")
        raise _no_answer_in_time()


def _checked(url: str) -> SplitResult:
    base = urlsplit(url)
    if base.username or base.password or base.query or base.fragment or not base.hostname:
        raise ValueError("The address of the shop's back end must be https://host[:port][/path] and nothing more.")
    if base.scheme != "https" and not (base.scheme == "http" and _is_loopback(base.hostname)):
        raise ValueError("The address of the shop's back end must begin with https:// (http:// is for loopback only).")
    return base


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _sendable(key: str) -> str:
    key = key.strip()
    if re.fullmatch(r"[!-~]+", key) is None:
        raise DirectoryUnavailableError("the API key is empty or holds characters that no header can carry")
    return key


def _accepted(status: int, answer: bytes) -> dict[str, Json]:
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise _RetryableError(f"answered {status}")
    if status in REFUSALS_FOR_GOOD:
        raise RefusedForGoodError(f"answered {status}")
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise DirectoryUnavailableError(f"answered {status}")
    try:
        decoded = json.loads(answer)
    except (ValueError, RecursionError):
        raise DirectoryUnavailableError("answered something else than JSON") from None
    if not isinstance(decoded, dict):
        raise DirectoryUnavailableError("answered JSON that is not an object")
    return decoded


def _no_answer_in_time() -> DirectoryUnavailableError:
    return DirectoryUnavailableError("no answer in time")
